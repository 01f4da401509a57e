"""Invitations, consent, sign-ins, one-time codes and tries: each a dated row."""

import enum
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, Select, String, Text, exists, func, select, update
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship

from deal.accounts.codes import hash_of
from deal.db import Once, add_once, db, index_where, now, pressed_before, start_of, values_of
from deal.people import Coaching, Person

CODE_LIVES = timedelta(days=28)


class Helper(enum.Enum):
    """Who sits beside a resident and helps."""

    FRIEND = "friend"
    COACH = "coach"
    OTHER = "other"


class Invitation(Once, db.Model):
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

    @property
    def said_no_thanks(self) -> bool:
        """Whether no thanks is the last that was said; somebody may agree later."""
        return self.no_thanks_at is not None and (self.agreed_at is None or self.agreed_at < self.no_thanks_at)

    @property
    def is_alive(self) -> bool:
        """Whether the code still lets somebody in; one who said no thanks may change their mind."""
        ended = self.used_at or self.not_me_at or self.withdrawn_at or self.shut_at
        return not ended and self.runs_out_at > now()


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


class Consent(Once, db.Model):
    """A resident agreed to the promise, in the wording that was shown: on screen, or on paper that staff saw."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    agreed_at: Mapped[datetime] = mapped_column(default=now)
    wording: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    on_paper: Mapped[date | None]  # the day beside their name
    seen_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # who saw that paper
    seen_by: Mapped[Person | None] = relationship(foreign_keys=seen_by_id)


def consent_of(resident: Person) -> Consent | None:
    """The last time that they agreed, on screen or on paper."""
    query = select(Consent).where(Consent.resident_id == resident.id).options(joinedload(Consent.seen_by))
    return db.session.scalar(query.order_by(Consent.id.desc()).limit(1))


class SignIn(Once, db.Model):
    """Somebody is signed in on one device, until the hours are over or it is ended."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    began_at: Mapped[datetime] = mapped_column(default=now)
    runs_out_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    helper: Mapped[Helper | None] = mapped_column(values_of(Helper))  # somebody helps, until this sign-in ends
    helped_since: Mapped[datetime | None]
    person: Mapped[Person] = relationship()


def end_sign_ins(person: Person) -> None:
    """End every sign-in of a person; the caller commits."""
    open_ones = update(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
    db.session.execute(open_ones.values(ended_at=now()))


class OneTimeKind(enum.Enum):
    """What a one-time code is for, and how long it is good."""

    NEW_PIN = "new_pin"
    JOIN = "join"

    @property
    def lives(self) -> timedelta:
        return timedelta(hours=1) if self is OneTimeKind.NEW_PIN else timedelta(hours=48)


class OneTimeCode(Once, db.Model):
    """A number read out to a resident, or a link for new staff: good once, and not for long."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[OneTimeKind] = mapped_column(values_of(OneTimeKind))
    code_hash: Mapped[str] = mapped_column(String(64), index=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    runs_out_at: Mapped[datetime]
    used_at: Mapped[datetime | None]  # used, or replaced by a newer one
    person: Mapped[Person] = relationship(foreign_keys=person_id)
    made_by: Mapped[Person | None] = relationship(foreign_keys=made_by_id)


def make_one_time_code(
    person: Person, kind: OneTimeKind, code: str, once_key: str | None, by: Person | None
) -> OneTimeCode:
    """A one-time code for somebody, new or not: their earlier ones die, and every sign-in ends. Commits.

    A second press of the same form gives what the first one made.
    """
    stored = pressed_before(OneTimeCode, once_key)
    if stored is None:
        if person.id:
            end_sign_ins(person)
            earlier = update(OneTimeCode).where(OneTimeCode.person_id == person.id, OneTimeCode.used_at.is_(None))
            db.session.execute(earlier.values(used_at=now()))
        row = OneTimeCode(person=person, kind=kind, code_hash=hash_of(code), once_key=once_key)
        row.made_by_id, row.runs_out_at = by and by.id, now() + kind.lives
        stored = add_once(row)
    db.session.commit()
    return stored


def live_one_time_code(kind: OneTimeKind, code: str) -> OneTimeCode | None:
    """The code, unless it was used or replaced, or has run out."""
    same = OneTimeCode.kind == kind, OneTimeCode.code_hash == hash_of(code)
    alive = OneTimeCode.used_at.is_(None), OneTimeCode.runs_out_at > now()
    return db.session.scalar(select(OneTimeCode).where(*same, *alive))


def newest_pin_reset(resident: Person) -> OneTimeCode | None:
    """The last time, in these 30 days, that a coach made a number for a new PIN: the resident's own page shows it."""
    hers = OneTimeCode.person_id == resident.id, OneTimeCode.kind == OneTimeKind.NEW_PIN
    lately = select(OneTimeCode).where(OneTimeCode.made_at > now() - timedelta(days=30), *hers)
    newest = lately.options(joinedload(OneTimeCode.made_by)).order_by(OneTimeCode.id.desc())
    return db.session.scalar(newest.limit(1))


class Try(db.Model):
    """Somebody tried a name, e-mail address or code; only a keyed hash of what they typed is kept."""

    subject: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now)
    right: Mapped[bool] = mapped_column(default=False)

    __table_args__ = (Index("ix_try_subject_at", "subject", "at"), Index("ix_try_address_at", "address", "at"))
