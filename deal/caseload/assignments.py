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
from deal.people import Coaching, NeverSees, Person, Role, Wait, coaching_now, lasts, theirs_now, without_a_coach

MOST = 5000  # people moved at one press
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
ends_at = func.coalesce(Coaching.until, NEVER)
NEW_FOR = timedelta(days=14)  # how long a coach is told that somebody was passed on to them


def coaches_for(resident: Person | None, *but: Person | None) -> Sequence[Person]:
    """Whoever can be chosen, by name: coaches who can sign in, and whom the resident does not shut out."""
    here = Person.role == Role.COACH, Person.secret_hash.is_not(None), Person.closes_at.is_(None)
    others = select(Person).where(*here, Person.id.not_in([one.id for one in but if one]))
    if resident:
        named = select(NeverSees.staff_id).where(NeverSees.resident_id == resident.id)
        others = others.where(Person.id.not_in(named))
    return db.session.scalars(others.order_by(Person.name_key, Person.id).limit(MOST)).all()


def people_of(coach: Person | None) -> Select:
    """The numbers of a coach's own people, or of those who have no coach."""
    if coach is None:
        return without_a_coach()
    own = Coaching.coach_id == coach.id, Coaching.until.is_(None), ~Coaching.cover
    return select(Person.id).where(Person.id.in_(select(Coaching.resident_id).where(*own)), Person.closes_at.is_(None))


def people_page(coach: Person, after: str | None, size: int) -> Page:
    """Whom a coach coaches or covers for now, by name."""
    return page_of(theirs_now(coach), Person.name_key, Person.id, after=after, size=size)


def count_of(people: Select) -> int:
    return db.session.scalar(select(func.count()).select_from(people.subquery())) or 0


def who_may_go(people: Select, to: Person, most: int | None = None) -> Sequence[int]:
    """Those of them who do not shut this coach out; whoever has no cover comes first."""
    named = select(NeverSees.resident_id).where(NeverSees.staff_id == to.id)
    covered = exists().where(Coaching.resident_id == Person.id, Coaching.cover, lasts(Coaching, now()))
    order = db.case((covered, 1), else_=0), Person.id
    return db.session.scalars(people.where(Person.id.not_in(named)).order_by(*order).limit(most or MOST)).all()


def pass_on(residents: Sequence[int], what: dict[str, Any]) -> None:
    """From now on that coach is theirs; whoever coached or covered for them sees them no longer. Commits."""
    at, theirs = now(), Coaching.resident_id.in_(residents)
    db.session.execute(delete(Coaching).where(theirs, Coaching.since > at))
    db.session.execute(update(Coaching).where(theirs, lasts(Coaching, at)).values(until=at))
    _arrange(residents, what | {"since": at, "until": None, "cover": False})


def cover(residents: Sequence[int], what: dict[str, Any], first: date, last: date | None) -> None:
    """That coach stands in on those days, or until somebody says; what was said before about them goes. Commits."""
    since, until = max(start_of(first), now()), start_of(last + timedelta(days=1)) if last else None
    ends, by_them = until or NEVER, (Coaching.coach_id == what["coach_id"], Coaching.cover)
    longer = Coaching.resident_id.in_(residents), *by_them, Coaching.since <= since, ends_at >= ends
    covered = set(db.session.scalars(select(Coaching.resident_id).where(*longer)))  # there is nothing to add
    others = [number for number in residents if number not in covered]
    if not others:
        return
    same = Coaching.resident_id.in_(others), *by_them
    begins_within = *same, Coaching.since >= since, Coaching.since < ends
    db.session.execute(delete(Coaching).where(*begins_within, ends_at <= ends))
    db.session.execute(update(Coaching).where(*begins_within).values(since=ends))  # it goes on after these days
    db.session.execute(update(Coaching).where(*same, ends_at > since, Coaching.since < since).values(until=since))
    _arrange(others, what | {"since": since, "until": until, "cover": True})


def end_cover(*which: Any) -> int:
    """This cover ends, and none of it begins later; how many rows of it lasted. The caller commits."""
    at = now()
    db.session.execute(delete(Coaching).where(*which, Coaching.cover, Coaching.since > at))
    ended = update(Coaching).where(*which, Coaching.cover, lasts(Coaching, at)).values(until=at)
    return db.session.execute(ended).rowcount  # type: ignore[attr-defined]


def _arrange(residents: Sequence[int], what: dict[str, Any]) -> None:
    db.session.execute(insert(Coaching), [{**what, "resident_id": one} for one in residents])
    db.session.commit()


@dataclass(frozen=True)
class Cover:
    """Who covers, or for whom: from when until when, and how many people."""

    coach: Person | None
    since: datetime
    until: datetime | None
    people: int

    last_day = Coaching.last_day


def _ahead(query: Select, who: Any) -> list[Cover]:
    """Of these rows the cover, now and later, the next one first."""
    query = query.add_columns(Coaching.since, Coaching.until, func.count())
    query = query.where(Coaching.cover, lasts(Coaching, now())).group_by(who.id, Coaching.since, Coaching.until)
    return [Cover(*row) for row in db.session.execute(query.order_by(Coaching.since, who.id).limit(50))]


class Workload(NamedTuple):
    """How many people a coach has, how many of them wait for a first talk, and since when the first of these."""

    people: int = 0
    waiting: int = 0
    since: datetime | None = None


def workloads(*coaches: int) -> dict[int, Workload]:
    """By the number of a coach; nothing of those who have nobody. No name of a resident."""
    waits = Wait.of(Coaching.resident_id), Wait.since.is_not(None), Wait.talked_on.is_(None)
    query = select(Coaching.coach_id, func.count(), func.count(Wait.since), func.min(Wait.since))
    query = query.join(Person, Person.id == Coaching.resident_id).outerjoin(Wait, and_(*waits))
    own = Coaching.coach_id.in_(coaches), Coaching.until.is_(None), ~Coaching.cover, Person.closes_at.is_(None)
    rows = db.session.execute(query.where(*own).group_by(Coaching.coach_id))
    return {one: Workload(people, waiting, since) for one, people, waiting, since in rows}


def covers_now(*coaches: int) -> Sequence[Row]:
    """All cover at this moment in which these coaches have a part: whose people `by` covers for, and how many."""
    own, whose, at = aliased(Coaching), aliased(Person), now()
    names = whose.id.label("whose_id"), whose.name.label("whose"), Person.id.label("by_id"), Person.name.label("by")
    query = select(*names, func.count().label("people")).select_from(Coaching)
    query = query.join(own, (own.resident_id == Coaching.resident_id) & own.until.is_(None) & ~own.cover)
    query = query.join(whose, whose.id == own.coach_id).join(Person, Person.id == Coaching.coach_id)
    part = own.coach_id.in_(coaches) | Coaching.coach_id.in_(coaches)
    query = query.where(Coaching.cover, Coaching.since <= at, lasts(Coaching, at), part)
    query = query.group_by(whose.id, Person.id).order_by(whose.name_key, Person.name_key)
    return db.session.execute(query.limit(200)).all()


def covers_of(coach: Person) -> list[Cover]:
    """Who stands in for this coach's people."""
    theirs = Coaching.resident_id.in_(people_of(coach))
    return _ahead(select(Person).join(Coaching, Coaching.coach_id == Person.id).where(theirs), Person)


def _in_place_of(query: Select, instead: Any) -> Select:
    """Beside each row the resident's own coach."""
    own = aliased(Coaching)
    query = query.outerjoin(own, (own.resident_id == Coaching.resident_id) & own.until.is_(None) & ~own.cover)
    return query.outerjoin(instead, instead.id == own.coach_id)


def covering_for(coach: Person) -> list[Cover]:
    """For whom this coach stands in: whose people, and how many; nobody's, where nobody has them."""
    instead = aliased(Person)
    query = _in_place_of(select(instead).select_from(Coaching), instead)
    return _ahead(query.where(Coaching.coach_id == coach.id), instead)


def is_news(row: Coaching) -> bool:
    """Whether it wants a word that this coach has them: cover, or passed on not long ago."""
    return row.cover or (row.by_id is not None and row.since > now() - NEW_FOR)


def how_theirs(coach: Person, residents: Iterable[int]) -> dict[int, tuple[Coaching, str | None]]:
    """Why these are this coach's, where that is news, and the name of whom they follow or stand in for."""
    instead = aliased(Person)
    query = _in_place_of(select(Coaching, instead.name), instead).options(joinedload(Coaching.by))
    query = query.where(*coaching_now(coach), Coaching.resident_id.in_(list(residents)))
    return {row.resident_id: (row, name) for row, name in db.session.execute(query) if is_news(row)}


@dataclass(frozen=True)
class Turn:
    """One coach of a resident, and whom they follow or stand in for."""

    row: Coaching
    other: Person | None

    @property
    def wants_a_look(self) -> bool:
        """Whether somebody arranged it and the resident has not said "All right" yet."""
        return self.row.by_id is not None and self.row.seen_at is None and not self.row.is_over


def turns_of(resident: Person) -> list[Turn]:
    """Every coach that a resident had, has, or will have as cover, the newest first."""
    query = select(Coaching).where(Coaching.resident_id == resident.id)
    query = query.where(Coaching.until.is_(None) | (Coaching.until > Coaching.since))
    query = query.options(joinedload(Coaching.coach), joinedload(Coaching.by)).order_by(Coaching.id.desc()).limit(100)
    turns, own = list[Turn](), None
    for row in reversed(db.session.scalars(query).all()):
        turns.append(Turn(row, own))
        own = own if row.cover else row.coach
    return turns[::-1]
