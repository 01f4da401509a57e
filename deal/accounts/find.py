"""A coach is asked before somebody is invited who may be one of their people already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from deal.accounts.invitation_models import Invitation
from deal.db import db
from deal.names import name_key
from deal.pagination import Page, page_of
from deal.people import Coaching, Person, coaching_now, squeezed


def people_page(coach: Person, after: str | None, size: int) -> Page:
    """The coach's people by name."""
    return page_of(_of(coach), Person.name_key, Person.id, after=after, size=size)


def _of(coach: Person) -> Select:
    """The coach's people, those they cover for too; who moved is one of them until they are closed."""
    return select(Person).join(Coaching, Coaching.resident_id == Person.id).where(*coaching_now(coach))


Key = tuple[str, str]


def key_of(name: str, label: str) -> Key:
    """What is compared of a name and a label, each in one piece."""
    return name_key(name).replace(" ", ""), name_key(label).replace(" ", "")


def may_be_one(one: Key, other: Key) -> bool:
    """Whether the two may mean one person: of the same name, and no labels that tell them apart."""
    return one[0] == other[0] and (one[1] == other[1] or not (one[1] and other[1]))


@dataclass(frozen=True)
class Double:
    """Somebody whom the coach has and who may be the one to be invited; and when they said no thanks, if they did."""

    person: Person
    said_no_at: datetime | None


def doubles(coach: Person, people: Sequence[tuple[str, str]]) -> list[Double | None]:
    """For each name and label the newest of the coach's people who may be the same person, or None."""
    keys = [key_of(*one) for one in people]
    no_more = Invitation.agreed_at.is_(None) | (Invitation.agreed_at < Invitation.no_thanks_at)
    said = select(func.max(Invitation.no_thanks_at)).where(Invitation.resident_id == Person.id, no_more)
    mine = _of(coach).add_columns(said.where(Person.secret_hash.is_(None)).scalar_subquery())
    mine = mine.where(squeezed(Person.name_key).in_({name for name, _label in keys})).order_by(Person.id.desc())
    found = [(key_of(person.name, person.label), Double(person, at)) for person, at in db.session.execute(mine)]
    return [next((double for known, double in found if may_be_one(known, key)), None) for key in keys]
