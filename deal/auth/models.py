"""Sign-ins, one-time codes for a new PIN or password, and wrong tries."""

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import abort
from sqlalchemy import ColumnElement, ForeignKey, String, UniqueConstraint, func, select, update
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deal.auth.tokens import code_hash_of
from deal.clock import now
from deal.db import db, values_of
from deal.idempotency import insert_once
from deal.people import Person

NO_SECRET = "none"  # the hash of no PIN: whoever came in before, and has to choose a new one


class Helper(enum.Enum):
    """Who sits beside a resident and helps."""

    FRIEND = "friend"
    COACH = "coach"
    OTHER = "other"


class SignIn(db.Model):
    """Somebody is signed in on one device, until the hours are over or it is ended."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime] = mapped_column(default=now)
    runs_out_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    browser: Mapped[str | None] = mapped_column(String(20))  # a name such as Firefox, so that people know their own
    system: Mapped[str | None] = mapped_column(String(20))  # such as Android
    helper: Mapped[Helper | None] = mapped_column(values_of(Helper))  # somebody helps, until this sign-in ends
    helped_since: Mapped[datetime | None]
    person: Mapped[Person] = relationship()


def open_sign_ins(person: Person) -> tuple[ColumnElement[bool], ...]:
    """The conditions that a sign-in is this person's, and good now."""
    return SignIn.person_id == person.id, SignIn.ended_at.is_(None), SignIn.runs_out_at > now()


def end_sign_ins(person: Person, *which: ColumnElement[bool]) -> None:
    """End the sign-ins of a person, all of them unless `which` says; the caller commits."""
    db.session.execute(update(SignIn).where(*open_sign_ins(person), *which).values(ended_at=now()))


def sign_ins_of(person: Person, most: int = 20) -> Sequence[SignIn]:
    """Where they are signed in, the newest first; the page that shows them has a button that ends all."""
    newest = select(SignIn).where(*open_sign_ins(person)).order_by(SignIn.id.desc())
    return db.session.scalars(newest.limit(most)).all()


class OneTimeKind(enum.Enum):
    """What a one-time code is for, and how long it is good."""

    NEW_PIN = "new_pin"
    JOIN = "join"

    @property
    def lives(self) -> timedelta:
        return timedelta(hours=1 if self is OneTimeKind.NEW_PIN else 48)


class OneTimeCode(db.Model):
    """A number read out to a resident, or a link for new staff: good once, and not for long."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    kind: Mapped[OneTimeKind] = mapped_column(values_of(OneTimeKind))
    code_hash: Mapped[str] = mapped_column(String(64), index=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    runs_out_at: Mapped[datetime]  # this moment, where a newer one takes its place
    used_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    made_by: Mapped[Person | None] = relationship(foreign_keys=made_by_id)

    __table_args__ = (UniqueConstraint("person_id", "code_hash"),)

    @property
    def is_alive(self) -> bool:
        return self.used_at is None and self.runs_out_at > now()

    @classmethod
    def alive(cls) -> tuple[ColumnElement[bool], ...]:
        """The conditions that say the same to the database."""
        return cls.used_at.is_(None), cls.runs_out_at > now()


def end_all_access(person: Person) -> None:
    """Every sign-in of theirs ends, and no earlier number or link is good any more; the caller commits."""
    end_sign_ins(person)
    theirs = update(OneTimeCode).where(OneTimeCode.person_id == person.id, *OneTimeCode.alive())
    db.session.execute(theirs.values(runs_out_at=now()))


def make_one_time_code(person: Person, kind: OneTimeKind, code: str, by: Person | None) -> OneTimeCode:
    """A one-time code for somebody, new or not: their PIN or password, earlier codes and sign-ins end. Commits.

    A second press of the same form gives what the first one made; 409 where that was used, or replaced, since.
    """
    same = {"kind": kind, "code_hash": code_hash_of(code)} | ({"person_id": person.id} if person.id else {})
    stored = db.session.scalar(select(OneTimeCode).filter_by(**same))
    if stored is None:
        if person.id:
            # a resident without any has never come in; staff without any have a password to choose
            person.secret_hash = NO_SECRET if person.is_resident else None
            end_all_access(person)
        row = OneTimeCode(person=person, kind=kind, code_hash=code_hash_of(code))
        row.made_by_id, row.runs_out_at = by and by.id, now() + kind.lives
        stored = insert_once(row, **same)
    db.session.commit()
    return stored if stored.is_alive else abort(409)


def one_time_code(kind: OneTimeKind, code: str, *whose: ColumnElement[bool]) -> OneTimeCode | None:
    """The code, used or not; none that was replaced, or has run out."""
    same = OneTimeCode.kind == kind, OneTimeCode.code_hash == code_hash_of(code), OneTimeCode.runs_out_at > now()
    unused_first = OneTimeCode.used_at.is_not(None), OneTimeCode.id.desc()
    return db.session.scalar(select(OneTimeCode).where(*same, *whose).order_by(*unused_first).limit(1))


def use_up(code: Any) -> bool:
    """Mark a letter, number or link as used in one statement: of many presses at once one gets True.

    The caller commits.
    """
    table = type(code)
    first = update(table).where(table.id == code.id, *table.alive()).values(used_at=now())
    return bool(db.session.execute(first).rowcount)  # type: ignore[attr-defined]


def newest_pin_reset(resident_id: Any) -> Any:
    """A subquery: the last time, in these 30 days, that a coach made the resident of that number one for a new PIN."""
    theirs = OneTimeCode.person_id == resident_id, OneTimeCode.kind == OneTimeKind.NEW_PIN
    lately = select(func.max(OneTimeCode.id)).where(OneTimeCode.made_at > now() - timedelta(days=30), *theirs)
    return lately.correlate(Person).scalar_subquery()


class LoginThrottle(db.Model):
    """How many wrong tries in a row were made for one account, and until when a further one is refused.

    The account is a keyed hash of what was typed, whether anybody has it or not; no address is kept.
    """

    subject: Mapped[str] = mapped_column(String(64), unique=True)
    wrong: Mapped[int]
    tried_at: Mapped[datetime] = mapped_column(index=True)
    closed_until: Mapped[datetime]
