"""Letters with a code, and consent to the promise."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask_babel import force_locale
from sqlalchemy import ColumnElement, ForeignKey, Select, String, Text, case, exists, func, select, update
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship

from deal.auth.tokens import code_hash_of
from deal.clock import now, start_of
from deal.db import db, index_where
from deal.names import name_key
from deal.people import Assignment, Person, squeezed, theirs_now
from deal.settings import promise_in_words

CODE_LIVES = timedelta(days=28)


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


def goes_by_hand(resident_id: Any) -> ColumnElement[bool]:
    """The condition that a new code for that resident is never posted: words of theirs are here already."""
    earlier = aliased(Invitation)
    return exists().where(earlier.resident_id == resident_id, earlier.shut_at.is_not(None) | earlier.by_hand)


def newest_letter() -> ColumnElement[bool]:
    """The condition that an invitation is its resident's newest, used, taken back or not."""
    later = aliased(Invitation)
    return ~exists().where(later.resident_id == Invitation.resident_id, later.id > Invitation.id)


def counts_of_letters(*whose: ColumnElement[bool]) -> dict[str, int]:
    """How many of the letters to residents whose coaching is so stand where."""
    letters = select(Invitation.state_word().label("word")).join(
        Assignment, Assignment.resident_id == Invitation.resident_id
    )
    words = letters.where(*whose).subquery()
    rows = db.session.execute(select(words.c.word, func.count()).group_by(words.c.word))
    return {word: many for word, many in rows}


def letters_to(*whose: ColumnElement[bool]) -> Select:
    """The letters to residents whose coaching is so, with the residents."""
    query = select(Invitation).join(Assignment, Assignment.resident_id == Invitation.resident_id)
    return query.where(*whose).options(joinedload(Invitation.resident))


def invitation_by_code(code: str) -> Invitation | None:
    """The invitation that a typed code belongs to, alive or not."""
    return db.session.scalar(select(Invitation).where(Invitation.code_hash == code_hash_of(code)))


def invited_in_week(monday: date) -> Any:
    """An expression: how many were invited in the landlord's week from that Monday; a renewed letter is nobody new."""
    invited = (Invitation.made_at >= start_of(monday), Invitation.made_at < start_of(monday + timedelta(days=7)))
    return select(func.count()).select_from(Invitation).where(*invited, ~Invitation.renewal).scalar_subquery()


Key = tuple[str, str]


def key_of(name: str, label: str) -> Key:
    """What is compared of a name and a label, each in one piece."""
    return name_key(name).replace(" ", ""), name_key(label).replace(" ", "")


def may_be_one(one: Key, other: Key) -> bool:
    """Whether the two may mean one person: of the same name, and no labels that tell them apart."""
    return one[0] == other[0] and (one[1] == other[1] or not (one[1] and other[1]))


class PossibleDuplicate(NamedTuple):
    """Somebody whom the coach has and who may be the one to be invited; and when they said no thanks, if they did."""

    person: Person
    said_no_at: datetime | None


def possible_duplicates(coach: Person, people: Sequence[tuple[str, str]]) -> list[PossibleDuplicate | None]:
    """For each name and label the newest of the coach's people who may be the same person, or None."""
    keys = [key_of(*one) for one in people]
    no_more = Invitation.agreed_at.is_(None) | (Invitation.agreed_at < Invitation.no_thanks_at)
    said = select(func.max(Invitation.no_thanks_at)).where(Invitation.resident_id == Person.id, no_more)
    mine = theirs_now(coach).add_columns(said.where(Person.secret_hash.is_(None)).scalar_subquery())
    mine = mine.where(squeezed(Person.name_key).in_({name for name, _label in keys})).order_by(Person.id.desc())
    found = [
        (key_of(person.name, person.label), PossibleDuplicate(person, at)) for person, at in db.session.execute(mine)
    ]
    return [next((double for known, double in found if may_be_one(known, key)), None) for key in keys]


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
