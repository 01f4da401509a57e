"""The operational figures of four weeks, each in one statement."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import Any, Self

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext, pgettext
from sqlalchemy import func, select

from deal.assessment.models import Assessment
from deal.blockers.models import PASSED, Blocker, Heading, Whose
from deal.caseload.models import CoachHours
from deal.clock import day_of, start_of, today
from deal.contact.models import died
from deal.db import db
from deal.goals.models import Goal, GoalState, State
from deal.invitations.models import Invitation
from deal.kpis.models import BusinessAnswer
from deal.kpis.number import LEAST_COACHES, KpiView, Number, weeks_in, within
from deal.people import FirstTalkWait as WaitRow
from deal.settings import places_of
from deal.tenths import in_words

FEW_HOURS = 5


@dataclass(frozen=True)
class Reach(Number):
    title = _l("Reach")
    definition = _l(
        "People invited for the first time in these weeks, over the places of these weeks. "
        "Week by week: the same of each week. A new letter for somebody invited before counts nobody new. Opened, "
        "finished, no thanks: how many different people opened a letter, finished About me or said no thanks in these "
        "weeks, whenever they were invited."
    )
    cannot_tell = _l("It cannot tell whom nobody thought of inviting, nor why a letter stayed shut.")

    invited: int
    places: int
    opened: int
    finished: int
    no_thanks: int
    weeks: list[tuple[int, int]] = field(default_factory=list)  # invited, places

    @classmethod
    def count(cls, start: datetime, end: datetime) -> Self:
        def people(at: Any, *where: Any) -> Any:
            return select(func.count(at.class_.resident_id.distinct())).where(*where or within(at, start, end))

        def invited(since: datetime, until: datetime) -> Any:
            return people(Invitation.made_at, *within(Invitation.made_at, since, until), ~Invitation.renewal)

        weeks = weeks_in(start, end)
        each = [invited(start_of(week), start_of(week + timedelta(days=7))) for week in weeks]
        them = people(Invitation.opened_at), people(Assessment.finished_at), people(Invitation.no_thanks_at)
        counts = [one.scalar_subquery() for one in (invited(start, end), *them, *each)]
        new, opened, finished, no_thanks, *told = db.session.execute(select(*counts, *map(places_of, weeks))).one()
        places = told[len(weeks) :]
        return cls(new, sum(places), opened, finished, no_thanks, list(zip(told, places, strict=False)))

    def told(self) -> KpiView:
        """Places are a ceiling and no quota: the tile says so."""
        weeks = [_("%(people)s of %(places)s", people=people, places=places) for people, places in self.weeks]
        names = _("Opened their letter"), _("Finished About me"), _("Said no thanks")
        parts: list[Any] = [(_("Invited"), self.invited), (_("Places"), self.places)]
        parts += [(_("Week by week"), ", ".join(weeks))] if weeks else []
        parts += zip(names, (self.opened, self.finished, self.no_thanks), strict=True)
        figure = _("%(people)s of %(places)s", people=self.invited, places=self.places)
        room = _("%(people)s invited, room for %(places)s", people=self.invited, places=self.places)
        return KpiView(figure, parts, beside=2, value=self.invited, whole=self.places, tile=room)


@dataclass(frozen=True)
class Wait(Number):
    stands = True
    title = _l("Wait")
    definition = _l(
        "Calendar days from finishing About me, or asking for a call, to the first conversation in these weeks. "
        "The figure is the median: half of them waited longer, half shorter. Whoever talked with a coach before "
        'that never waited. Whoever said "I don\'t need this now", moved away or died waits no longer; coming back '
        "begins a new wait. Beside it: how many were waiting at the end of these weeks, or wait now while the weeks "
        "run, and the longest of those waits."
    )
    cannot_tell = _l("It cannot tell whether the talk was a good one, nor how often somebody tried to ring.")

    talks: int
    median: float | None
    waiting: int
    longest: int | None  # days

    @classmethod
    def count(cls, start: datetime, end: datetime) -> Self:
        over = ((day.is_(None) | (day >= day_of(end))) for day in (WaitRow.talked_on, WaitRow.stopped_on))
        waiting = select(func.count().label("people"), func.min(WaitRow.since).label("oldest")).select_from(WaitRow)
        then = waiting.where(WaitRow.since < end, *over).subquery()
        days = within(WaitRow.talked_on, day_of(start), day_of(end))
        query = select(then.c.people, then.c.oldest, WaitRow.since, WaitRow.talked_on)
        rows = db.session.execute(query.outerjoin_from(then, WaitRow, db.and_(WaitRow.since.is_not(None), *days))).all()
        waited = [(row.talked_on - day_of(row.since)).days for row in rows if row.since]
        waited = [days for days in waited if days >= 0]
        half = float(median(waited)) if waited else None
        return cls(len(waited), half, rows[0].people, longest=_days_until(end, rows[0].oldest))

    def told(self) -> KpiView:
        """The tile says how long the longest waits and how many wait: what somebody can do something about."""
        days = self.median if self.median is None or self.median % 1 else int(self.median)
        names = _("Days, median"), _("First conversations"), _("Waiting"), _("Longest wait, in days")
        parts = list(zip(names, (days, self.talks, self.waiting, self.longest), strict=True))
        figure = _("No talks") if days is None else ngettext("%(days)s day", "%(days)s days", ceil(days), days=days)
        longest = self.longest or 0
        now_waiting = ngettext(
            "Waiting: %(people)s. Longest: %(num)s day",
            "Waiting: %(people)s. Longest: %(num)s days",
            longest,
            people=self.waiting,
        )
        tile = now_waiting if self.waiting else _("Nobody waits")
        return KpiView(figure, parts, beside=1, value=days, tile=tile, tile_value=longest)

    def change_from(self, before: float, value: float) -> str:
        days = round(abs(value - before))
        if days and value > before:
            return ngettext("%(days)s day longer than before", "%(days)s days longer than before", days, days=days)
        shorter = ngettext("%(days)s day shorter than before", "%(days)s days shorter than before", days, days=days)
        return shorter if days else _("as before")


def _days_until(end: datetime, since: datetime | None) -> int | None:
    """Calendar days up to the last day before `end`, or to today while that is to come."""
    last = min(day_of(end) - timedelta(days=1), today())
    return (last - day_of(since)).days if since else None


@dataclass(frozen=True)
class OwnWords(Number):
    stands = True
    title = _l("Own words")
    definition = _l(
        "Of the goals that residents are doing now, those in their own words. "
        "The words were typed by the resident, or typed for them and read back. Counted as they stand on the day of "
        "counting, without those of residents who have died."
    )
    cannot_tell = _l("It cannot tell whose idea a goal was, nor how much it matters to somebody.")

    own: int
    live: int

    @classmethod
    def count(cls, start: datetime, end: datetime) -> Self:
        """As they stand now, whatever the weeks."""
        query = select(func.count().filter(Goal.own_words), func.count()).where(Goal.state == State.LIVE)
        return cls(*db.session.execute(query.where(Goal.resident_id.not_in(died()))).one())

    def told(self) -> KpiView:
        figure = _("%(own)s of %(live)s", own=self.own, live=self.live)
        parts = [(_("In own words"), self.own), (_("Live goals"), self.live)]
        return KpiView(figure, parts, beside=2, value=self.own, whole=self.live)


# the earlier of the two removed it; a removal that is older than the passing on counts from the passing on
_gone = db.case((Heading.removed_at < Blocker.gone_at, Heading.removed_at), else_=Blocker.gone_at)
_gone = func.coalesce(_gone, Heading.removed_at)
_removed = db.case((_gone < Blocker.passed_on, Blocker.passed_on), else_=_gone)


@dataclass(frozen=True)
class Blockers(Number):
    """A yes taken back counts nowhere. So it is that open at the end = open at the start + opened - removed."""

    stands = True
    title = _l("Blockers")
    definition = _l(
        "What got in residents' way, is ours to change and was passed on with their yes. "
        "Opened: passed on in these weeks. Removed: in these weeks we changed it, or it went away as residents say. "
        "Open: still in the way at the end of these weeks, or now while they run, also where we said why we cannot "
        "change it. What residents said who have died is left out. The age of the oldest is in calendar days "
        "since it was passed on."
    )
    cannot_tell = _l(
        "Most of what gets in the way is never passed on. More of them can mean more trust, not more trouble."
    )

    opened: int
    removed: int
    open: int
    oldest: int | None  # days

    @classmethod
    def count(cls, start: datetime, end: datetime) -> Self:
        stood = _removed.is_(None) | (_removed >= end)
        query = select(
            func.count().filter(Blocker.passed_on >= start),
            func.count().filter(_removed >= start, _removed < end),
            func.count().filter(stood),
            func.min(Blocker.passed_on).filter(stood),
        )
        passed = Blocker.whose == Whose.LANDLORD, PASSED, Blocker.passed_on < end
        query = query.select_from(Blocker).outerjoin(Blocker.heading).where(*passed)
        opened, removed, still_open, oldest = db.session.execute(query).one()
        return cls(opened, removed, still_open, _days_until(end, oldest))

    def told(self) -> KpiView:
        names = _("Open at the end"), _("Opened"), _("Removed"), _("Age of the oldest, in days")
        parts = list(zip(names, (self.open, self.opened, self.removed, self.oldest), strict=True))
        return KpiView(ngettext("%(num)s open", "%(num)s open", self.open), parts, beside=1, value=self.open)


@dataclass(frozen=True)
class Hurting(Number):
    stands = True
    title = _l("Is it hurting the business?")
    definition = _l(
        "What a manager answered each week to: Is it hurting the business? "
        "Beside it, about how many hours a week Deal took all coaches together, as they say: all the hours they told, "
        "over the weeks for which they did. Only of weeks for which at least 3 coaches told, and never less than "
        '"fewer than 5", so that no answer shows where all say none.'
    )
    cannot_tell = _l(
        "It is an opinion and a guess. It cannot tell what the same hours would have gone to without Deal, and leaves "
        "out coaches who told nothing."
    )

    weeks: list[tuple[str | None, str]]  # "no", "not-sure", "yes" or None, with its sentence
    hours: int | None  # a week, of all coaches who told, 4 for fewer than 5; None for too few

    def __post_init__(self) -> None:
        """No hours of all coaches would be none of each."""
        object.__setattr__(self, "hours", None if self.hours is None else max(self.hours, FEW_HOURS - 1))

    @classmethod
    def count(cls, start: datetime, end: datetime) -> Self:
        days = day_of(start), day_of(end)
        told = select(func.sum(CoachHours.hours).label("hours")).where(*within(CoachHours.week, *days))
        # a coach has one row a week
        enough = told.group_by(CoachHours.week).having(func.count() >= LEAST_COACHES).subquery()
        all_told = select(func.sum(enough.c.hours).label("hours"), func.count().label("weeks")).subquery()
        query = select(all_told.c.hours, all_told.c.weeks, BusinessAnswer)
        query = query.outerjoin_from(all_told, BusinessAnswer, db.and_(*within(BusinessAnswer.week, *days)))
        rows = db.session.execute(query.order_by(BusinessAnswer.id)).all()
        # the newest holds
        said = {one.week: (one.hurts.value, one.words) for _hours, _weeks, one in rows if one}
        hours, weeks = rows[0][:2]
        hours = int(int(hours) / weeks + 0.5) if weeks else None
        return cls([said.get(week, (None, "")) for week in weeks_in(start, end)], hours)

    def told(self) -> KpiView:
        """The tile says in how many of the weeks it hurt."""
        answers = {"not-sure": _("not sure"), None: _("not answered")}
        answers |= {"no": pgettext("is it hurting?", "no"), "yes": pgettext("is it hurting?", "yes")}
        weeks, count = ", ".join(answers[answer] for answer, _sentence in self.weeks), len(self.weeks)
        few = self.hours is not None and self.hours < FEW_HOURS
        hours = _("fewer than %(hours)s", hours=FEW_HOURS) if few else self.hours or in_words(None)
        yes = sum(answer == "yes" for answer, _sentence in self.weeks)
        hurt = _("Yes in %(yes)s of %(weeks)s weeks", yes=yes, weeks=count)
        return KpiView(
            weeks or answers[None],
            [(_("Week by week"), weeks), (_("Hours a week, all coaches together"), hours)],
            beside=1,
            value=yes,
            whole=count or None,
            short=ngettext("yes in %(num)s week", "yes in %(num)s weeks", yes),
            sentences=[sentence for _answer, sentence in self.weeks if sentence],
            tile=hurt if any(answer for answer, _sentence in self.weeks) else _("Not answered"),
        )


@dataclass(frozen=True)
class Goals(Number):
    """It stands plainly beside the eight."""

    title = _l("Goals")
    definition = _l(
        "Goals written down in these weeks, and goals that came to be done, changed, resting or set aside in them. "
        "A goal that rests, goes on and rests again counts twice."
    )
    cannot_tell = _l("More is not better. Resting and setting aside are good answers too.")

    set: int
    done: int
    changed: int
    resting: int
    set_aside: int

    @classmethod
    def count(cls, start: datetime, end: datetime) -> Self:
        made = select(func.count()).select_from(Goal).where(*within(Goal.made_at, start, end))
        turned = select(func.count()).select_from(GoalState).where(*within(GoalState.at, start, end))
        became = (State.REACHED, State.CHANGED, State.RESTING, State.SET_ASIDE)
        counts = made, *(turned.where(GoalState.state == state) for state in became)
        return cls(*db.session.execute(select(*(count.scalar_subquery() for count in counts))).one())

    def told(self) -> KpiView:
        names = _("Set"), _("Done"), _("Changed"), _("Resting"), _("Set aside")
        return KpiView("", list(zip(names, vars(self).values(), strict=True)))
