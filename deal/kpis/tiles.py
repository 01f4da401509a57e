"""The manager's screen: the two answers in words, and a small tile for each of the eight numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _

from deal.charts import Bar, sparkline
from deal.clock import day_of, today, week_of
from deal.kpis.forms import HURTS
from deal.kpis.models import FrozenBlock, Hurts
from deal.kpis.number import Number, Parts
from deal.kpis.snapshots import NUMBERS, About, Figures, about, figures_of, last_day
from deal.tenths import in_words

BARS, ANSWERS = 6, 3  # blocks that are drawn, and that stand beside an answer


@dataclass(frozen=True)
class Tile:
    """One number in short; `parts` are what it was made of in the newest published block."""

    name: str
    about: About
    figure: str
    day: str  # of which it is
    change: str
    bars: Sequence[Bar]
    in_words: str  # the same as the bars
    parts: Parts
    sentences: Sequence[str]


@dataclass(frozen=True)
class Answer:
    """An answer in words, and the last blocks, the newest first."""

    answer: str
    said: str
    blocks: Sequence[str]


def tiles(history: Sequence[FrozenBlock], running: Figures) -> list[Tile]:
    """Those of the eight that have a figure: what stands, as it is now; what happened, as it was published last."""
    figures = [figures_of(one) for one in history]
    eight = [name for name in NUMBERS if name != "goals"]
    every = (_tile(name, history, [one[name] for one in figures], running) for name in eight)
    return [one for one in every if one]


def _tile(name: str, history: Sequence[FrozenBlock], published: list[Number], running: Figures) -> Tile | None:
    stands = NUMBERS[name].stands
    # what is counted as it stands on the day of counting is of that day
    days = [day_of(one.frozen_at) if name == "own_words" else last_day(one) for one in history]
    days, numbers = ([*days, today()], [*published, running[name]]) if stands else (days, published)
    if not numbers:
        return None
    told = [one.told() for one in numbers[-BARS:]]
    said = [(short_day(day), one.tile or one.figure) for day, one in zip(days[-BARS:], told, strict=True)]
    heights: list[Any] = [one.value if one.tile_value is None else one.tile_value for one in told]
    changed = len(heights) > 1 and None not in heights[-2:]  # from the last but one, where both have a figure
    day, figure = said[-1]
    return Tile(
        name=name,
        about=about(None if stands else history[-1])[name],
        figure=figure,
        day=_("on %(day)s", day=day) if stands else _("to %(day)s", day=day),
        change=numbers[-1].change_from(*heights[-2:]) if changed else "",
        bars=sparkline([(height, one.whole) for height, one in zip(heights, told, strict=True)]),
        in_words="; ".join(_("%(day)s: %(figure)s", day=day, figure=figure) for day, figure in said),
        parts=published[-1].told().parts if published else (),
        sentences=told[-1].sentences,
    )


def short_day(day: date) -> str:
    """A day in few letters: 3 May."""
    return format_date(day, "d MMM")


def feels_right(history: Sequence[FrozenBlock]) -> Answer:
    """Does it feel right to residents? As they said in the newest published block."""
    shares = [(short_day(last_day(one)), figures_of(one)["residents"].yes) for one in history[-ANSWERS:][::-1]]
    yes = shares[0][1] if shares else None
    if not shares:
        answer = _("Nobody knows yet")
    elif yes is None:
        answer = _("Too few answered")
    else:
        answer = _("Mostly yes") if yes > 6 else _("Mostly not") if yes < 4 else _("To some")
    told = [(day, _("too few answered") if one is None else in_words(one)) for day, one in shares]
    return Answer(answer, "", [_("to %(day)s: %(figure)s", day=day, figure=figure) for day, figure in told])


def is_hurting(history: Sequence[FrozenBlock], running: Figures) -> Answer:
    """Is it hurting the business? As a manager said this week, or in the last of four that has an answer."""
    this_week = week_of(today())
    blocks = [(short_day(last_day(one)), int(figures_of(one)["hurting"].told().value)) for one in history[-ANSWERS:]]
    told = [
        ngettext("to %(day)s: yes in %(num)s week", "to %(day)s: yes in %(num)s weeks", yes, day=day)
        for day, yes in blocks[::-1]
    ]
    for back, (answer, _sentence) in enumerate(reversed(running["hurting"].weeks)):
        if answer:
            day = short_day(this_week - timedelta(days=7 * back))
            week = _("in the week from %(day)s", day=day) if back else _("this week")
            return Answer(str(HURTS[Hurts(answer)]), week, told)
    return Answer(_("Nobody has said"), "", told)
