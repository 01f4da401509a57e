"""The operational figures of a block, from an instant up to another: a function and a statement each."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import func, select

from deal.accounts.models import Invitation
from deal.assessment.models import Assessment, Wait
from deal.conversations.endings import died
from deal.db import day_of, db, start_of, today
from deal.goals.models import Goal, GoalState, State
from deal.kpis.figures import Blockers, Goals, Hurting, OwnWords, Reach
from deal.kpis.figures import Wait as Waits
from deal.kpis.weekly import BusinessAnswer, CoachHours
from deal.learning.models import PASSED, Blocker, Heading, Whose
from deal.settings import places_of

LEAST_COACHES = 3


def weeks_in(start: datetime, end: datetime) -> list[date]:
    """The Mondays from one instant up to another."""
    return [day_of(start) + timedelta(days=days) for days in range(0, (day_of(end) - day_of(start)).days, 7)]


def within(column: Any, start: Any, end: Any) -> tuple[Any, Any]:
    """The conditions that a column lies from `start` up to `end`."""
    return column >= start, column < end


def reach(start: datetime, end: datetime) -> Reach:
    """People invited for the first time in these weeks, over the places of these weeks.

    Week by week: the same of each week. A new letter for somebody invited before counts nobody new. Opened,
    finished, no thanks: how many different people opened a letter, finished About me or said no thanks in these
    weeks, whenever they were invited.
    """

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
    return Reach(new, sum(places), opened, finished, no_thanks, list(zip(told, places, strict=False)))


def wait(start: datetime, end: datetime) -> Waits:
    """Calendar days from finishing About me, or asking for a call, to the first conversation in these weeks.

    The figure is the median: half of them waited longer, half shorter. Whoever talked with a coach before
    that never waited. Whoever said "I don't need this now", moved away or died waits no longer; coming back begins
    a new wait. Beside it: how many were waiting at the end of these weeks, or wait now while the weeks run,
    and the longest of those waits.
    """
    over = ((day.is_(None) | (day >= day_of(end))) for day in (Wait.talked_on, Wait.stopped_on))
    waiting = select(func.count().label("people"), func.min(Wait.since).label("oldest")).select_from(Wait)
    then = waiting.where(Wait.since < end, *over).subquery()
    days = within(Wait.talked_on, day_of(start), day_of(end))
    query = select(then.c.people, then.c.oldest, Wait.since, Wait.talked_on)
    rows = db.session.execute(query.outerjoin_from(then, Wait, db.and_(Wait.since.is_not(None), *days))).all()
    waited = [(row.talked_on - day_of(row.since)).days for row in rows if row.since]
    waited = [days for days in waited if days >= 0]
    return Waits(
        talks=len(waited),
        median=float(median(waited)) if waited else None,
        waiting=rows[0].people,
        longest=_days_until(end, rows[0].oldest),
    )


def _days_until(end: datetime, since: datetime | None) -> int | None:
    """Calendar days up to the last day before `end`, or to today while that is to come."""
    last = min(day_of(end) - timedelta(days=1), today())
    return (last - day_of(since)).days if since else None


def own_words() -> OwnWords:
    """Of the goals that residents are doing now, those in their own words.

    The words were typed by the resident, or typed for them and read back. Counted as they stand on the day of
    counting, without those of residents who have died.
    """
    query = select(func.count().filter(Goal.own_words), func.count()).where(Goal.state == State.LIVE)
    return OwnWords(*db.session.execute(query.where(Goal.resident_id.not_in(died()))).one())


@dataclass(frozen=True)
class Own:
    """The landlord's own that were opened and removed, how many stood in the way at the end, and since when."""

    opened: int
    removed: int
    open: int
    oldest: datetime | None  # the day on which the oldest of them was passed on


# the earlier of the two removed it; a removal that is older than the passing on counts from the passing on
_gone = db.case((Heading.removed_at < Blocker.gone_at, Heading.removed_at), else_=Blocker.gone_at)
_gone = func.coalesce(_gone, Heading.removed_at)
_removed = db.case((_gone < Blocker.passed_on, Blocker.passed_on), else_=_gone)


def own_blockers(start: datetime, end: datetime) -> Own:
    """Counted from `start` up to `end`. What we said we cannot change stays open.

    A yes taken back counts nowhere, nor does what somebody said who has died.

    So it is that open at the end = open at the start + opened - removed.
    """
    stood = _removed.is_(None) | (_removed >= end)
    query = select(
        func.count().filter(Blocker.passed_on >= start),
        func.count().filter(_removed >= start, _removed < end),
        func.count().filter(stood),
        func.min(Blocker.passed_on).filter(stood),
    )
    passed = Blocker.whose == Whose.LANDLORD, PASSED, Blocker.passed_on < end
    return Own(*db.session.execute(query.select_from(Blocker).outerjoin(Blocker.heading).where(*passed)).one())


def blockers(start: datetime, end: datetime) -> Blockers:
    """What got in residents' way, is ours to change and was passed on with their yes.

    Opened: passed on in these weeks. Removed: in these weeks we changed it, or it went away as residents say.
    Open: still in the way at the end of these weeks, or now while they run, also where we said why we cannot
    change it. What residents said who have died is left out. The age of the oldest is in calendar days
    since it was passed on.
    """
    own = own_blockers(start, end)
    return Blockers(own.opened, own.removed, own.open, oldest=_days_until(end, own.oldest))


def hurting(start: datetime, end: datetime) -> Hurting:
    """What a manager answered each week to: Is it hurting the business?

    Beside it, about how many hours a week Deal took all coaches together, as they say: all the hours they told,
    over the weeks for which they did. Only of weeks for which at least 3 coaches told, and never less than
    "fewer than 5", so that no answer shows where all say none.
    """
    days = day_of(start), day_of(end)
    told = select(func.sum(CoachHours.hours).label("hours")).where(*within(CoachHours.week, *days))
    # a coach has one row a week
    enough = told.group_by(CoachHours.week).having(func.count() >= LEAST_COACHES).subquery()
    all_told = select(func.sum(enough.c.hours).label("hours"), func.count().label("weeks")).subquery()
    query = select(all_told.c.hours, all_told.c.weeks, BusinessAnswer)
    query = query.outerjoin_from(all_told, BusinessAnswer, db.and_(*within(BusinessAnswer.week, *days)))
    rows = db.session.execute(query.order_by(BusinessAnswer.id)).all()
    answers = {row.BusinessAnswer.week: row.BusinessAnswer for row in rows if row.BusinessAnswer}  # the newest holds
    hours, weeks = rows[0][:2]
    return Hurting(
        weeks=[(one.hurts.value, one.words) if one else (None, "") for one in map(answers.get, weeks_in(start, end))],
        hours=int(int(hours) / weeks + 0.5) if weeks else None,
    )


def goals(start: datetime, end: datetime) -> Goals:
    """Goals written down in these weeks, and goals that came to be done, changed, resting or set aside in them.

    A goal that rests, goes on and rests again counts twice.
    """
    made = select(func.count()).select_from(Goal).where(*within(Goal.made_at, start, end))
    turned = [
        select(func.count()).select_from(GoalState).where(GoalState.state == state, *within(GoalState.at, start, end))
        for state in (State.REACHED, State.CHANGED, State.RESTING, State.SET_ASIDE)
    ]
    return Goals(*db.session.execute(select(*(count.scalar_subquery() for count in (made, *turned)))).one())
