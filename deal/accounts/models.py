"""Invitations, consent, sign-ins, one-time codes and wrong tries."""

import enum
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import abort
from flask_babel import force_locale
from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Select,
    String,
    Text,
    UniqueConstraint,
    case,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship

from deal.accounts.codes import hash_of
from deal.db import db, index_where, now, start_of, values_of
from deal.idempotency import insert_once
from deal.people import Coaching, Person
from deal.settings import promise_in_words

CODE_LIVES = timedelta(days=28)
NO_SECRET = "none"  # the hash of no PIN: whoever came in before, and has to choose a new one


class Helper(enum.Enum):
    """Who sits beside a resident and helps."""

    FRIEND = "friend"
    COACH = "coach"
    OTHER = "other"


class Invitation(db.Model):
    """A letter with a code that lets one resident in, until it is used, shut, renewed or 28 days old."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)
    renewal: Mapped[bool] = mapped_column(default=False)  # a new letter for somebody invited before
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    opened_at: Mapped[datetime | None]  # "yes, it is me"
    agreed_at: Mapped[datetime | None]
    no_thanks_at: Mapped[datetime | None]
    not_me_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]  # a PIN was chosen
    withdrawn_at: Mapped[datetime | None]  # renewed or taken back
    shut_at: Mapped[datetime | None]  # words were typed in for them: what lies in a letter box may not open those
    by_hand: Mapped[bool] = mapped_column(default=False)  # handed over or read out, never posted
    resident: Mapped[Person] = relationship(foreign_keys=resident_id)
    made_by: Mapped[Person] = relationship(foreign_keys=made_by_id)

    __table_args__ = (
        index_where("withdrawn_at IS NULL", "uq_invitation_one_at_a_time", "resident_id", unique=True),
        index_where("opened_at IS NOT NULL", "ix_invitation_opened_at", "opened_at", "resident_id"),
        index_where("no_thanks_at IS NOT NULL", "ix_invitation_no_thanks_at", "no_thanks_at", "resident_id"),
    )

    @property
    def runs_out_at(self) -> datetime:
        """When the code of a letter that nobody used dies."""
        return self.made_at + CODE_LIVES

    @property
    def state(self) -> str:
        """One word for where it stands: the last thing that happened."""
        if self.said_no_thanks and not self.used_at:
            return "no_thanks"
        for word in ("used", "not_me", "withdrawn", "shut"):
            if getattr(self, f"{word}_at"):
                return word
        if self.runs_out_at < now():
            return "run_out"
        return "opened" if self.opened_at else "waiting"

    @classmethod
    def state_word(cls) -> Any:
        """The same word in a query."""
        said_no = cls.no_thanks_at.is_not(None) & (cls.agreed_at.is_(None) | (cls.agreed_at < cls.no_thanks_at))
        ended = [(getattr(cls, f"{word}_at").is_not(None), word) for word in ("used", "not_me", "withdrawn", "shut")]
        open_still = [(cls.made_at < now() - CODE_LIVES, "run_out"), (cls.opened_at.is_not(None), "opened")]
        return case((said_no & cls.used_at.is_(None), "no_thanks"), *ended, *open_still, else_="waiting")

    @property
    def said_no_thanks(self) -> bool:
        """Whether no thanks is the last that was said; somebody may agree later."""
        return self.no_thanks_at is not None and (self.agreed_at is None or self.agreed_at < self.no_thanks_at)

    @property
    def is_alive(self) -> bool:
        """Whether the code still lets somebody in; one who said no thanks may change their mind."""
        ended = self.used_at or self.not_me_at or self.withdrawn_at or self.shut_at
        return not ended and self.runs_out_at > now()

    @classmethod
    def alive(cls) -> tuple[ColumnElement[bool], ...]:
        """The conditions that say the same to the database."""
        ends = cls.used_at, cls.not_me_at, cls.withdrawn_at, cls.shut_at
        return *(end.is_(None) for end in ends), cls.made_at > now() - CODE_LIVES


def shut_letter(resident: Person) -> None:
    """Words are typed in for somebody who has never signed in: a letter in a box may not open them. The caller commits.

    From then on a code is handed over in person or read out.
    """
    if resident.secret_hash is None:
        posted = Invitation.resident_id == resident.id, Invitation.shut_at.is_(None), ~Invitation.by_hand
        db.session.execute(update(Invitation).where(*posted).values(shut_at=now()))


def goes_by_hand(resident: Person) -> bool:
    """Whether a new code for this resident is never posted."""
    typed_in = Invitation.shut_at.is_not(None) | Invitation.by_hand  # words of theirs, while it was their letter
    return bool(db.session.scalar(select(exists().where(Invitation.resident_id == resident.id, typed_in))))


def newest_letter() -> ColumnElement[bool]:
    """The condition that an invitation is its resident's newest, used, taken back or not."""
    later = aliased(Invitation)
    return ~exists().where(later.resident_id == Invitation.resident_id, later.id > Invitation.id)


def counts_of_letters(*whose: ColumnElement[bool]) -> dict[str, int]:
    """How many of the letters to residents whose coaching is so stand where."""
    letters = select(Invitation.state_word().label("word")).join(
        Coaching, Coaching.resident_id == Invitation.resident_id
    )
    words = letters.where(*whose).subquery()
    rows = db.session.execute(select(words.c.word, func.count()).group_by(words.c.word))
    return {word: many for word, many in rows}


def letters_to(*whose: ColumnElement[bool]) -> Select:
    """The letters to residents whose coaching is so, with the residents."""
    query = select(Invitation).join(Coaching, Coaching.resident_id == Invitation.resident_id)
    return query.where(*whose).options(joinedload(Invitation.resident))


def invitation_by_code(code: str) -> Invitation | None:
    """The invitation that a typed code belongs to, alive or not."""
    return db.session.scalar(select(Invitation).where(Invitation.code_hash == hash_of(code)))


def invited_in_week(monday: date) -> Any:
    """An expression: how many were invited in the landlord's week from that Monday; a renewed letter is nobody new."""
    invited = (Invitation.made_at >= start_of(monday), Invitation.made_at < start_of(monday + timedelta(days=7)))
    return select(func.count()).select_from(Invitation).where(*invited, ~Invitation.renewal).scalar_subquery()


class Consent(db.Model):
    """A resident agreed to the promise, in the wording that was shown: on screen, or on paper that staff saw."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    agreed_at: Mapped[datetime] = mapped_column(default=now)
    wording: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    on_paper: Mapped[date | None]  # the day beside their name
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who saw that paper
    seen_by: Mapped[Person | None] = relationship(foreign_keys=seen_by_id)

    @property
    def says_what_we_promise(self) -> bool:
        """Whether these are the sentences of today, in the language in which they agreed."""
        with force_locale(self.language):
            return self.wording == promise_in_words()


def newest_consent(resident_id: Any) -> Any:
    """A subquery: the number of the last time that the resident of that number agreed."""
    return select(func.max(Consent.id)).where(Consent.resident_id == resident_id).correlate(Person).scalar_subquery()


def consent_of(resident: Person) -> Consent | None:
    """The last time that they agreed, on screen or on paper."""
    query = select(Consent).where(Consent.resident_id == resident.id).options(joinedload(Consent.seen_by))
    return db.session.scalar(query.order_by(Consent.id.desc()).limit(1))


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


def sign_ins_of(person: Person, most: int = 20) -> Sequence[SignIn]:
    """Where they are signed in, the newest first; the page that shows them has a button that ends all."""
    newest = select(SignIn).where(*open_sign_ins(person)).order_by(SignIn.id.desc())
    return db.session.scalars(newest.limit(most)).all()


def end_sign_ins(person: Person, *which: ColumnElement[bool]) -> None:
    """End the sign-ins of a person, all of them unless `which` says; the caller commits."""
    db.session.execute(update(SignIn).where(*open_sign_ins(person), *which).values(ended_at=now()))


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
        """Whether it can still be used."""
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
    same = {"kind": kind, "code_hash": hash_of(code)} | ({"person_id": person.id} if person.id else {})
    stored = db.session.scalar(select(OneTimeCode).filter_by(**same))
    if stored is None:
        if person.id:
            # a resident without any has never come in; staff without any have a password to choose
            person.secret_hash = NO_SECRET if person.is_resident else None
            end_all_access(person)
        row = OneTimeCode(person=person, kind=kind, code_hash=hash_of(code))
        row.made_by_id, row.runs_out_at = by and by.id, now() + kind.lives
        stored = insert_once(row, **same)
    db.session.commit()
    return stored if stored.is_alive else abort(409)


def one_time_code(kind: OneTimeKind, code: str, *whose: ColumnElement[bool]) -> OneTimeCode | None:
    """The code, used or not; none that was replaced, or has run out."""
    same = OneTimeCode.kind == kind, OneTimeCode.code_hash == hash_of(code), OneTimeCode.runs_out_at > now()
    unused_first = OneTimeCode.used_at.is_not(None), OneTimeCode.id.desc()
    return db.session.scalar(select(OneTimeCode).where(*same, *whose).order_by(*unused_first).limit(1))


def use_up(code: Invitation | OneTimeCode) -> bool:
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


class Suspension(db.Model):
    """Somebody of the staff could not sign in, from when until when, and who said so; `closes_at` tells it of now."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (index_where("ended_at IS NULL", "uq_suspension_one_at_a_time", "person_id", unique=True),)


class LoginThrottle(db.Model):
    """How many wrong tries in a row were made for one account, and until when a further one is refused.

    The account is a keyed hash of what was typed, whether anybody has it or not; no address is kept.
    """

    subject: Mapped[str] = mapped_column(String(64), unique=True)
    wrong: Mapped[int]
    tried_at: Mapped[datetime] = mapped_column(index=True)
    closed_until: Mapped[datetime]
