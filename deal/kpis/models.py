"""One named function per number. They count people; they never name them, and never by coach."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from deal.accounts.models import invited_in_week
from deal.assessment.models import Assessment, Wait
from deal.conversations.asks import Ask
from deal.db import day_of, db, now, start_of, today, week_of
from deal.goals.models import Goal, State
from deal.people import Person, without_a_coach
from deal.settings import places_in


@dataclass(frozen=True)
class Invited:
    """People invited in a week, and the places of that week."""

    people: int
    places: int


def invited_this_week() -> Invited:
    """People first invited since Monday; a renewed letter is nobody new."""
    monday = week_of(today())
    return Invited(invited_in_week(monday), places_in(monday))


def finished_this_week() -> int:
    """People who finished the short way through About me since Monday."""
    since = start_of(week_of(today()))
    return _count(select(func.count(Assessment.resident_id.distinct())).where(Assessment.finished_at >= since))


@dataclass(frozen=True)
class Waiting:
    """How many people wait, and for how many calendar days: the median of them and the longest."""

    people: int
    median: float | None
    longest: int | None


def waiting_now() -> Waiting:
    """People who finished About me and have not talked with their coach yet; days counted in the landlord's zone."""
    waits = (Wait.talked_on.is_(None), Wait.since.is_not(None))
    people, oldest = db.session.execute(select(func.count(), func.min(Wait.since)).where(*waits)).one()
    if not people:
        return Waiting(0, None, None)
    middle = select(Wait.since).where(*waits).order_by(Wait.since).offset((people - 1) // 2).limit(2 - people % 2)
    days = [_days_since(since) for since in db.session.scalars(middle)]
    return Waiting(people, sum(days) / len(days), _days_since(oldest))


def _days_since(instant: Any) -> int:
    return (today() - day_of(instant)).days


def people_without_a_coach() -> int:
    """Residents who have signed in once and whom nobody coaches now."""
    return _count(select(func.count()).select_from(without_a_coach().subquery()))


@dataclass(frozen=True)
class Goals:
    """Goals ever set, goals reached, live goals, and how many of the live ones are in own words."""

    made: int
    reached: int
    live: int
    own_words: int


def goals() -> Goals:
    """Own words: the face was typed by the resident, or typed for them and read back."""
    rows = db.session.execute(
        select(Goal.state, Goal.own_words, func.count()).group_by(Goal.state, Goal.own_words)
    ).all()
    live = [(own, count) for state, own, count in rows if state is State.LIVE]
    return Goals(
        made=sum(count for _state, _own, count in rows),
        reached=sum(count for state, _own, count in rows if state is State.REACHED),
        live=sum(count for _own, count in live),
        own_words=sum(count for own, count in live if own),
    )


def open_asks() -> int:
    """What residents asked the managers and nobody has answered."""
    here = Person.closes_at.is_(None) | (Person.closes_at > now())
    return _count(select(func.count()).select_from(Ask).join(Ask.resident).where(Ask.answered_at.is_(None), here))


def _count(query) -> int:
    return db.session.scalar(query) or 0
