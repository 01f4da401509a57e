"""Passing residents on to another coach, cover for some days, and what a resident reads about both."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, and_, delete, exists, func, insert, select, update
from sqlalchemy.orm import aliased, joinedload

from deal.clock import now, start_of
from deal.db import db
from deal.pagination import Page, page_of
from deal.people import (
    Assignment,
    FirstTalkWait,
    Person,
    Role,
    StaffExclusion,
    active_at,
    assigned_now,
    theirs_now,
    without_a_coach,
)

MOST = 5000  # people moved at one press
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
ends_at = func.coalesce(Assignment.until, NEVER)
NEW_FOR = timedelta(days=14)  # how long a coach is told that somebody was passed on to them


def coaches_for(resident: Person | None, *but: Person | None) -> Sequence[Person]:
    """Whoever can be chosen, by name: coaches who can sign in, and whom the resident does not shut out."""
    here = Person.role == Role.COACH, Person.secret_hash.is_not(None), Person.closes_at.is_(None)
    others = select(Person).where(*here, Person.id.not_in([one.id for one in but if one]))
    if resident:
        named = select(StaffExclusion.staff_id).where(StaffExclusion.resident_id == resident.id)
        others = others.where(Person.id.not_in(named))
    return db.session.scalars(others.order_by(Person.name_key, Person.id).limit(MOST)).all()


def people_of(coach: Person | None) -> Select:
    """The numbers of a coach's own people, or of those who have no coach."""
    if coach is None:
        return without_a_coach()
    own = Assignment.coach_id == coach.id, Assignment.until.is_(None), ~Assignment.cover
    return select(Person.id).where(
        Person.id.in_(select(Assignment.resident_id).where(*own)), Person.closes_at.is_(None)
    )


def people_page(coach: Person, after: str | None, size: int) -> Page:
    """Whom a coach coaches or covers for now, by name."""
    return page_of(theirs_now(coach), Person.name_key, Person.id, after=after, size=size)


def count_of(people: Select) -> int:
    return db.session.scalar(select(func.count()).select_from(people.subquery())) or 0


def who_may_go(people: Select, to: Person, most: int | None = None) -> Sequence[int]:
    """Those of them who do not shut this coach out; whoever has no cover comes first."""
    named = select(StaffExclusion.resident_id).where(StaffExclusion.staff_id == to.id)
    covered = exists().where(Assignment.resident_id == Person.id, Assignment.cover, active_at(Assignment, now()))
    order = db.case((covered, 1), else_=0), Person.id
    return db.session.scalars(people.where(Person.id.not_in(named)).order_by(*order).limit(most or MOST)).all()


def pass_on(residents: Sequence[int], what: dict[str, Any]) -> None:
    """From now on that coach is theirs; whoever coached or covered for them sees them no longer. Commits."""
    at, theirs = now(), Assignment.resident_id.in_(residents)
    db.session.execute(delete(Assignment).where(theirs, Assignment.since > at))
    db.session.execute(update(Assignment).where(theirs, active_at(Assignment, at)).values(until=at))
    _arrange(residents, what | {"since": at, "until": None, "cover": False})


def cover(residents: Sequence[int], what: dict[str, Any], first: date, last: date | None) -> None:
    """That coach stands in on those days, or until somebody says; what was said before about them goes. Commits."""
    since, until = max(start_of(first), now()), start_of(last + timedelta(days=1)) if last else None
    ends, by_them = until or NEVER, (Assignment.coach_id == what["coach_id"], Assignment.cover)
    longer = Assignment.resident_id.in_(residents), *by_them, Assignment.since <= since, ends_at >= ends
    covered = set(db.session.scalars(select(Assignment.resident_id).where(*longer)))  # there is nothing to add
    others = [number for number in residents if number not in covered]
    if not others:
        return
    same = Assignment.resident_id.in_(others), *by_them
    begins_within = *same, Assignment.since >= since, Assignment.since < ends
    db.session.execute(delete(Assignment).where(*begins_within, ends_at <= ends))
    db.session.execute(update(Assignment).where(*begins_within).values(since=ends))  # it goes on after these days
    db.session.execute(update(Assignment).where(*same, ends_at > since, Assignment.since < since).values(until=since))
    _arrange(others, what | {"since": since, "until": until, "cover": True})


def end_cover(*which: Any) -> int:
    """This cover ends, and none of it begins later; how many rows of it lasted. The caller commits."""
    at = now()
    db.session.execute(delete(Assignment).where(*which, Assignment.cover, Assignment.since > at))
    ended = update(Assignment).where(*which, Assignment.cover, active_at(Assignment, at)).values(until=at)
    return db.session.execute(ended).rowcount  # type: ignore[attr-defined]


def _arrange(residents: Sequence[int], what: dict[str, Any]) -> None:
    db.session.execute(insert(Assignment), [{**what, "resident_id": one} for one in residents])
    db.session.commit()


@dataclass(frozen=True)
class Cover:
    """Who covers, or for whom: from when until when, and how many people."""

    coach: Person | None
    since: datetime
    until: datetime | None
    people: int

    last_day = Assignment.last_day


def _ahead(query: Select, who: Any) -> list[Cover]:
    """Of these rows the cover, now and later, the next one first."""
    query = query.add_columns(Assignment.since, Assignment.until, func.count())
    query = query.where(Assignment.cover, active_at(Assignment, now())).group_by(
        who.id, Assignment.since, Assignment.until
    )
    return [Cover(*row) for row in db.session.execute(query.order_by(Assignment.since, who.id).limit(50))]


class Workload(NamedTuple):
    """How many people a coach has, how many of them wait for a first talk, and since when the first of these."""

    people: int = 0
    waiting: int = 0
    since: datetime | None = None


def workloads(*coaches: int) -> dict[int, Workload]:
    """By the number of a coach; nothing of those who have nobody. No name of a resident."""
    waits = (
        FirstTalkWait.of(Assignment.resident_id),
        FirstTalkWait.since.is_not(None),
        FirstTalkWait.talked_on.is_(None),
    )
    query = select(Assignment.coach_id, func.count(), func.count(FirstTalkWait.since), func.min(FirstTalkWait.since))
    query = query.join(Person, Person.id == Assignment.resident_id).outerjoin(FirstTalkWait, and_(*waits))
    own = Assignment.coach_id.in_(coaches), Assignment.until.is_(None), ~Assignment.cover, Person.closes_at.is_(None)
    rows = db.session.execute(query.where(*own).group_by(Assignment.coach_id))
    return {one: Workload(people, waiting, since) for one, people, waiting, since in rows}


def covers_now(*coaches: int) -> Sequence[Row]:
    """All cover at this moment in which these coaches have a part: whose people `by` covers for, and how many."""
    own, whose, at = aliased(Assignment), aliased(Person), now()
    names = whose.id.label("whose_id"), whose.name.label("whose"), Person.id.label("by_id"), Person.name.label("by")
    query = select(*names, func.count().label("people")).select_from(Assignment)
    query = query.join(own, (own.resident_id == Assignment.resident_id) & own.until.is_(None) & ~own.cover)
    query = query.join(whose, whose.id == own.coach_id).join(Person, Person.id == Assignment.coach_id)
    part = own.coach_id.in_(coaches) | Assignment.coach_id.in_(coaches)
    query = query.where(Assignment.cover, Assignment.since <= at, active_at(Assignment, at), part)
    query = query.group_by(whose.id, Person.id).order_by(whose.name_key, Person.name_key)
    return db.session.execute(query.limit(200)).all()


def covers_of(coach: Person) -> list[Cover]:
    """Who stands in for this coach's people."""
    theirs = Assignment.resident_id.in_(people_of(coach))
    return _ahead(select(Person).join(Assignment, Assignment.coach_id == Person.id).where(theirs), Person)


def _in_place_of(query: Select, instead: Any) -> Select:
    """Beside each row the resident's own coach."""
    own = aliased(Assignment)
    query = query.outerjoin(own, (own.resident_id == Assignment.resident_id) & own.until.is_(None) & ~own.cover)
    return query.outerjoin(instead, instead.id == own.coach_id)


def covering_for(coach: Person) -> list[Cover]:
    """For whom this coach stands in: whose people, and how many; nobody's, where nobody has them."""
    instead = aliased(Person)
    query = _in_place_of(select(instead).select_from(Assignment), instead)
    return _ahead(query.where(Assignment.coach_id == coach.id), instead)


def is_news(row: Assignment) -> bool:
    """Whether it wants a word that this coach has them: cover, or passed on not long ago."""
    return row.cover or (row.by_id is not None and row.since > now() - NEW_FOR)


def assignment_reason(coach: Person, residents: Iterable[int]) -> dict[int, tuple[Assignment, str | None]]:
    """Why these are this coach's, where that is news, and the name of whom they follow or stand in for."""
    instead = aliased(Person)
    query = _in_place_of(select(Assignment, instead.name), instead).options(joinedload(Assignment.by))
    query = query.where(*assigned_now(coach), Assignment.resident_id.in_(list(residents)))
    return {row.resident_id: (row, name) for row, name in db.session.execute(query) if is_news(row)}


@dataclass(frozen=True)
class AssignmentPeriod:
    """One coach of a resident, and whom they follow or stand in for."""

    row: Assignment
    other: Person | None

    @property
    def wants_a_look(self) -> bool:
        """Whether somebody arranged it and the resident has not said "All right" yet."""
        return self.row.by_id is not None and self.row.seen_at is None and not self.row.is_over


def assignment_periods(resident: Person) -> list[AssignmentPeriod]:
    """Every coach that a resident had, has, or will have as cover, the newest first."""
    query = select(Assignment).where(Assignment.resident_id == resident.id)
    query = query.where(Assignment.until.is_(None) | (Assignment.until > Assignment.since))
    query = (
        query.options(joinedload(Assignment.coach), joinedload(Assignment.by)).order_by(Assignment.id.desc()).limit(100)
    )
    turns, own = list[AssignmentPeriod](), None
    for row in reversed(db.session.scalars(query).all()):
        turns.append(AssignmentPeriod(row, own))
        own = own if row.cover else row.coach
    return turns[::-1]
