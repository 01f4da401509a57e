"""The figures of a block in words: the same on the page, on the sheet and in what is exported."""

from dataclasses import dataclass, field
from math import ceil

from flask_babel import get_locale, ngettext, pgettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from deal.kpis.definitions import CANNOT_TELL, DEFINITIONS
from deal.kpis.figures import FEW_HOURS, Felt, Figures
from deal.tenths import LEAST, MOST, in_words

Parts = list[tuple[str, int | float | str | None]]  # what, and the figure
TITLES = {
    "reach": _l("Reach"),
    "wait": _l("Wait"),
    "residents": _l("Feels right to residents"),
    "coaches": _l("Feels right to coaches"),
    "own_words": _l("Own words"),
    "promises": _l("Promises kept"),
    "blockers": _l("Blockers"),
    "hurting": _l("Is it hurting the business?"),
    "goals": _l("Goals"),
}


@dataclass(frozen=True)
class About:
    """What a number is called, what it is, and what it cannot tell."""

    title: str
    definition: str
    cannot_tell: str


def about(block: Figures | None) -> dict[str, About]:
    """Each number's, as it was when the block was published; as they are now, where there is none."""
    frozen = block.definitions if block else {}
    said = frozen.get(str(get_locale())) or frozen.get("en") or {}
    now = {name: (str(what), str(CANNOT_TELL[name])) for name, what in DEFINITIONS.items()}
    return {name: About(str(title), *said.get(name, now[name])) for name, title in TITLES.items()}


@dataclass(frozen=True)
class Told:
    """One number: large, what it is made of, and its bar. `parts` from `beside` on are not in the large figure."""

    figure: str
    parts: Parts
    beside: int = 0
    value: float | None = None  # how high its bar is
    whole: float | None = None  # of what it is a part
    mark: str = ""  # what stands on the bar, where that is not its value
    short: str = ""  # under the bars, where the large figure is a sentence
    sentences: list[str] = field(default_factory=list)  # that managers wrote


def told(block: Figures) -> dict[str, Told]:
    """Each of the eight that can be told yet, in their order, by its name in Figures."""
    reach, wait, own, hers = block.reach, block.wait, block.own_words, block.blockers
    median = int(wait.median) if wait.median is not None and wait.median == int(wait.median) else wait.median
    weeks = [_("%(people)s of %(places)s", people=people, places=places) for people, places in reach.weeks]
    numbers = {
        "reach": Told(
            _("%(people)s of %(places)s", people=reach.invited, places=reach.places),
            [
                (_("Invited"), reach.invited),
                (_("Places"), reach.places),
                *([(_("Week by week"), ", ".join(weeks))] if weeks else []),
                (_("Opened their letter"), reach.opened),
                (_("Finished About me"), reach.finished),
                (_("Said no thanks"), reach.no_thanks),
            ],
            beside=2,
            value=reach.invited,
            whole=reach.places,
        ),
        "wait": Told(
            _("No talks") if median is None else ngettext("%(days)s day", "%(days)s days", ceil(median), days=median),
            [
                (_("Days, median"), median),
                (_("First conversations"), wait.talks),
                (_("Waiting"), wait.waiting),
                (_("Longest wait, in days"), wait.longest),
            ],
            beside=1,
            value=median,
        ),
        "residents": _felt(block.residents),
        "coaches": _felt(block.coaches),
        "own_words": Told(
            _("%(own)s of %(live)s", own=own.own, live=own.live),
            [(_("In own words"), own.own), (_("Live goals"), own.live)],
            beside=2,
            value=own.own,
            whole=own.live,
        ),
        "promises": _felt(block.promises),
        "blockers": Told(
            ngettext("%(num)s open", "%(num)s open", hers.open),
            [
                (_("Open at the end"), hers.open),
                (_("Opened"), hers.opened),
                (_("Removed"), hers.removed),
                (_("Age of the oldest, in days"), hers.oldest),
            ],
            beside=1,
            value=hers.open,
        ),
        "hurting": _hurting(block),
    }
    return {name: number for name, number in numbers.items() if number}


def _felt(felt: Felt | None) -> Told | None:
    if felt is None:
        return None
    said = in_words(felt.yes)
    parts: Parts = [(_("Yes, of those who answered"), said), (_("Answered, of those asked"), in_words(felt.answered))]
    if felt.yes is None:
        return Told(said, parts, beside=2, short=_("too few answered"))
    mark = {LEAST: f"0–{LEAST}", MOST: f"{MOST}+"}.get(felt.yes, "")
    return Told(said, parts, beside=1, value=felt.yes, whole=10, mark=mark)


def _hurting(block: Figures) -> Told:
    answers = {"not-sure": _("not sure"), None: _("not answered")}
    answers |= {"no": pgettext("is it hurting?", "no"), "yes": pgettext("is it hurting?", "yes")}
    weeks = [answers[answer] for answer, _sentence in block.hurting.weeks]
    hours: int | str | None = block.hurting.hours
    if block.hurting.hours is None:
        hours = in_words(None)
    elif block.hurting.hours < FEW_HOURS:
        hours = _("fewer than %(hours)s", hours=FEW_HOURS)
    return Told(
        ", ".join(weeks) or answers[None],
        [(_("Week by week"), ", ".join(weeks)), (_("Hours a week, all coaches together"), hours)],
        beside=1,
        value=(yes := sum(answer == "yes" for answer, _sentence in block.hurting.weeks)),
        whole=len(weeks) or None,
        short=ngettext("yes in %(num)s week", "yes in %(num)s weeks", yes),
        sentences=[sentence for _answer, sentence in block.hurting.weeks if sentence],
    )


def goals_told(block: Figures) -> Parts:
    """What stands plainly beside the eight."""
    goals = block.goals
    return [
        (_("Set"), goals.set),
        (_("Done"), goals.done),
        (_("Changed"), goals.changed),
        (_("Resting"), goals.resting),
        (_("Set aside"), goals.set_aside),
    ]
