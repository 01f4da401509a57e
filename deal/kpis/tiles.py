"""The manager's screen: the two answers in words, and a small tile for each of the eight numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from deal.clock import day_of, today, week_of
from deal.kpis.blocks import BLOCK, NUMBERS, Figures, about
from deal.kpis.number import Number, Parts
from deal.kpis.weekly import HURTS, Hurts
from deal.tenths import in_words

BARS, ANSWERS = 6, 3  # blocks that are drawn, and that stand beside an answer
WIDTH, HEIGHT, GAP = 20, 32, 4  # of a bar


@dataclass(frozen=True)
class Bar:
    """One bar of a sparkline, in the units of its picture."""

    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Tile:
    """One number in short; `parts` are what it was made of in the newest published block."""

    name: str
    title: str
    figure: str
    day: str  # of which it is
    change: str
    bars: Sequence[Bar]
    in_words: str  # the same as the bars
    definition: str
    cannot_tell: str
    parts: Parts
    sentences: Sequence[str]


@dataclass(frozen=True)
class Answer:
    """An answer in words, and the last blocks, the newest first."""

    answer: str
    said: str
    blocks: Sequence[str]


def tiles(history: list[Figures], running: Figures) -> list[Tile]:
    """Those of the eight that have a figure: what stands, as it is now; what happened, as it was published last."""
    eight = [name for name in NUMBERS if name != "goals"]
    every = (_tile(name, [(one, getattr(one, name)) for one in history], running) for name in eight)
    return [one for one in every if one]


def _tile(name: str, published: list[tuple[Figures, Any]], running: Figures) -> Tile | None:
    kind, blocks = NUMBERS[name], [(_day_of(name, block), one) for block, one in published if one]
    points = [*blocks, (today(), getattr(running, name))] if kind.stands else blocks
    if not points:
        return None
    points, newest = points[-BARS:], published[-1] if published else None
    day, one = points[-1]
    known = about(None if kind.stands else newest and newest[0])[name]
    last = newest[1].told() if newest else None
    return Tile(
        name=name,
        title=known.title,
        figure=one.tile().figure,
        day=_("on %(day)s", day=short(day)) if kind.stands else _("to %(day)s", day=short(day)),
        change=_change([one for _day, one in points]),
        bars=bars([(one.tile().value, one.tile().whole) for _day, one in points]),
        in_words="; ".join(_("%(day)s: %(figure)s", day=short(day), figure=one.tile().figure) for day, one in points),
        definition=known.definition,
        cannot_tell=known.cannot_tell,
        parts=last.parts if last else (),
        sentences=one.told().sentences,
    )


def _day_of(name: str, block: Figures) -> date:
    """The last day of a block; what is counted as it stands on the day of counting is of that day."""
    counted = name == "own_words" and block.frozen_at
    return day_of(counted) if counted else last_day(block)


def last_day(block: Figures) -> date:
    return block.block + BLOCK - timedelta(days=1)


def short(day: date) -> str:
    """A day in few letters: 3 May."""
    return format_date(day, "d MMM")


def _change(points: list[Number]) -> str:
    """From the last but one to the last, where both have a figure."""
    before, value = [one.tile().value for one in [*points[:1], *points][-2:]]
    return "" if len(points) < 2 or before is None or value is None else points[-1].change_from(before, value)


def bars(values: list[tuple[float | None, float | None]]) -> list[Bar]:
    """A bar for each value beside the whole it is part of; none where there is no figure, a line where it is 0."""
    top = max((most or 0 for pair in values for most in pair), default=0) or 1
    drawn = []
    for number, (value, _whole) in enumerate(values):
        if value is not None:
            height = round(max(HEIGHT * value / top, 1), 1)
            drawn.append(Bar(number * (WIDTH + GAP), round(HEIGHT - height, 1), height))
    return drawn


def feels_right(history: list[Figures]) -> Answer:
    """Does it feel right to residents? As they said in the newest published block."""
    shares = [(last_day(one), one.residents.yes if one.residents else None) for one in history[-ANSWERS:][::-1]]
    yes = shares[0][1] if shares else None
    if not shares:
        answer = _("Nobody knows yet")
    elif yes is None:
        answer = _("Too few answered")
    else:
        answer = _("Mostly yes") if yes > 6 else _("Mostly not") if yes < 4 else _("To some")
    told = [(short(day), _("too few answered") if one is None else in_words(one)) for day, one in shares]
    return Answer(answer, "", [_("to %(day)s: %(figure)s", day=day, figure=figure) for day, figure in told])


def is_hurting(history: list[Figures], running: Figures) -> Answer:
    """Is it hurting the business? As a manager said this week, or in the last of four that has an answer."""
    weeks = [week_of(today()) - timedelta(days=7 * back) for back in range(len(running.hurting.weeks))][::-1]
    said = [(week, one[0]) for week, one in zip(weeks, running.hurting.weeks, strict=True) if one[0]]
    blocks = [(short(last_day(one)), int(one.hurting.tile().value or 0)) for one in history[-ANSWERS:][::-1]]
    told = [
        ngettext("to %(day)s: yes in %(num)s week", "to %(day)s: yes in %(num)s weeks", yes, day=day)
        for day, yes in blocks
    ]
    if not said:
        return Answer(_("Nobody has said"), "", told)
    week, answer = said[-1]
    this = _("this week") if week == week_of(today()) else _("in the week from %(day)s", day=short(week))
    return Answer(str(HURTS[Hurts(answer)]), this, told)
