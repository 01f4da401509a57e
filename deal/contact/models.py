"""How a resident is reached; endings, coming back, and that somebody has died."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, exists, func, literal, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deal.clock import now
from deal.db import db, values_of
from deal.people import Person


class Standing(enum.Enum):
    """How it stands between a resident and Deal."""

    HERE = "here"
    NOT_NOW = "not_now"  # "I don't need this now"
    MOVED = "moved"
    DIED = "died"


class Ending(db.Model):
    """From this moment on it stands so; coming back is a row too. The newest holds, none is here."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    standing: Mapped[Standing] = mapped_column(values_of(Standing))
    reason: Mapped[str | None] = mapped_column(Text)  # in the resident's words
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]  # the reason, by the resident; that it ended stands

    __table_args__ = (
        Index("ix_ending_resident_id_id", "resident_id", "id"),
        Index("ix_ending_standing", "standing", "resident_id"),
    )


def newest_standing(resident_id: Any) -> Any:
    """A subquery: how it stands with the resident of that number; nothing where nothing ever ended."""
    query = select(Ending.standing).where(Ending.resident_id == resident_id).order_by(Ending.id.desc())
    return query.limit(1).correlate(Person).scalar_subquery()


def is_here(resident_id: Any) -> Any:
    """The condition that nothing ended with the resident of that number, or that they came back."""
    return func.coalesce(newest_standing(resident_id), literal(Standing.HERE, Ending.standing.type)) == Standing.HERE


def died() -> Any:
    """A subquery: the numbers of the residents who have died."""
    return select(Ending.resident_id).where(Ending.standing == Standing.DIED)


def died_of(resident_id: Any) -> Any:
    """The condition that the resident of that number has died; looks at their rows alone."""
    return exists().where(Ending.resident_id == resident_id, Ending.standing == Standing.DIED)


def newest_ending(resident_id: Any) -> Any:
    """A subquery: the number of the newest row of the resident of that number."""
    return select(func.max(Ending.id)).where(Ending.resident_id == resident_id).correlate(Person).scalar_subquery()


def standing_of(resident: Person) -> Standing:
    """How it stands with a resident now."""
    return db.session.scalar(select(newest_standing(resident.id))) or Standing.HERE


class ContactPreferences(db.Model):
    """The best way to reach a resident, as they say it now; what they clear is gone."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    way: Mapped[str | None] = mapped_column(Text)
    times: Mapped[str | None] = mapped_column(Text)  # good times
    message_is_safe: Mapped[bool | None]  # to leave one, where others may hear or read it
    phone: Mapped[str | None] = mapped_column(String(40))  # kept with their yes
    # who wrote it down: themselves, or staff to whom they said yes
    phone_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    phone_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(String(10))
    changed_at: Mapped[datetime] = mapped_column(default=now)
    phone_by: Mapped[Person | None] = relationship(foreign_keys=phone_by_id)


def reach_of(resident: Person) -> ContactPreferences | None:
    return db.session.scalar(select(ContactPreferences).filter_by(resident_id=resident.id))
