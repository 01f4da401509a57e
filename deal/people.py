"""Person, Role, and assignment: who coaches whom, from when until when."""

import enum
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from flask_babel import get_locale
from flask_login import UserMixin, current_user
from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    Text,
    UniqueConstraint,
    and_,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, aliased, declared_attr, mapped_column, relationship, validates

from deal.clock import day_of, now
from deal.db import SortKey, db, index_where, values_of
from deal.names import name_key


class Role(enum.Enum):
    """What a person is to Deal; one each."""

    RESIDENT = "resident"
    COACH = "coach"
    MANAGER = "manager"


def squeezed(key: Any) -> Any:
    """A column of such keys in one piece: O Brien is also typed as one word, and Mary-Jane too."""
    return func.replace(key, " ", "")


class Person(UserMixin, db.Model):
    """A resident, a coach or a manager."""

    __allow_unmapped__ = True  # what is known of this request's sign-in is no column

    role: Mapped[Role] = mapped_column(values_of(Role), index=True)
    name: Mapped[str] = mapped_column(String(200))  # what they like to be called
    name_key: Mapped[str] = mapped_column(SortKey)
    label: Mapped[str] = mapped_column(String(40), default="")  # residents only: tells two of one name apart
    label_key: Mapped[str] = mapped_column(SortKey, default="")
    sign_in_name: Mapped[str | None] = mapped_column(String(8), unique=True)  # residents only
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # staff only
    phone: Mapped[str] = mapped_column(String(40), default="")  # staff only, as are the next two
    languages: Mapped[str] = mapped_column(String(200), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    secret_hash: Mapped[str | None] = mapped_column(String(200))  # argon2 of the PIN or the password
    made_at: Mapped[datetime] = mapped_column(default=now)
    closes_at: Mapped[datetime | None]  # from then on they cannot sign in: moved away long ago, died, or suspended

    # the few who cannot sign in, and which of them are staff
    __table_args__ = (index_where("closes_at IS NOT NULL", "ix_person_closed", "role", "id", "closes_at"),)

    sign_in_id: Any = None  # the sign-in of this request, set when it is loaded
    helper: Any = None  # who sits beside them during it
    helped_since: Any = None

    @validates("name", "label")
    def _keep_the_key(self, field: str, typed: str) -> str:
        setattr(self, f"{field}_key", name_key(typed))
        return typed

    # Flask-Login would call everybody who is not signed in the same person
    __eq__ = object.__eq__
    __ne__ = object.__ne__
    __hash__ = object.__hash__

    def get_id(self) -> str:
        """What the cookie holds: the sign-in, not the person, so that it can be ended."""
        return str(self.sign_in_id)

    @property
    def full_name(self) -> str:
        """The name, and the label where there is one: what tells two of one name apart."""
        return f"{self.name} ({self.label})" if self.label else self.name

    @property
    def squeezed_key(self) -> str:
        return self.name_key.replace(" ", "")

    @property
    def is_closed(self) -> bool:
        return self.closes_at is not None and self.closes_at <= now()

    @property
    def is_resident(self) -> bool:
        return self.role is Role.RESIDENT

    @property
    def is_coach(self) -> bool:
        return self.role is Role.COACH


def names_apart(people: Iterable[Person], by: str) -> dict[int, str]:
    """By number each one's name, with what else is known of them ("email", "phone") where two have one name."""
    everybody = list({one.id: one for one in people}.values())
    many = Counter(one.squeezed_key for one in everybody)
    more = {one.id: getattr(one, by) for one in everybody if many[one.squeezed_key] > 1}
    return {one.id: f"{one.name} ({more[one.id]})" if more.get(one.id) else one.name for one in everybody}


class Assignment(db.Model):
    """Who coaches a resident, from when until when; cover stands beside it for a while.

    What somebody arranged later (a hand-over, cover) says who did, and the resident is told until they have seen it.
    """

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    coach_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    since: Mapped[datetime] = mapped_column(default=now)
    until: Mapped[datetime | None]
    cover: Mapped[bool] = mapped_column(default=False)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))  # nobody: whoever invited them
    words: Mapped[str | None] = mapped_column(Text)  # from whoever arranged it; the resident reads them
    language: Mapped[str | None] = mapped_column(String(10))
    seen_at: Mapped[datetime | None]  # the resident: "All right"
    coach: Mapped[Person] = relationship(foreign_keys=coach_id)
    by: Mapped[Person | None] = relationship(foreign_keys=by_id)

    __table_args__ = (
        index_where("until IS NULL AND NOT cover", "uq_assignment_one_at_a_time", "resident_id", unique=True),
        index_where("until IS NULL", "ix_assignment_now", "coach_id", "cover", "resident_id"),
        index_where("until IS NOT NULL", "ix_assignment_ended", "resident_id", "cover", "until"),
        Index("ix_assignment_resident_id", "resident_id"),
        Index("ix_assignment_coach_id_until", "coach_id", "until"),
    )

    @property
    def last_day(self) -> date | None:
        return day_of(self.until - timedelta(microseconds=1)) if self.until else None

    @property
    def is_over(self) -> bool:
        return self.until is not None and self.until <= now()


class StaffExclusion(db.Model):
    """Staff whom a resident named: they never see that resident's words, whoever hands over or asks for cover."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("resident_id", "staff_id"),)


class FirstTalkWait(db.Model):
    """A resident waits for a first conversation: from finishing About me, or asking for a call, until they talked.

    Somebody may stop before, and come back: that is a new wait, and the earlier one stays as it was.
    """

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    since: Mapped[datetime | None]  # empty where they talked before About me was finished
    asked_at: Mapped[datetime | None]  # "Please ring me": then they wait since that moment
    talked_on: Mapped[date | None]  # the day of the first conversation
    stopped_on: Mapped[date | None]  # from this day on they no longer waited, without a conversation

    __table_args__ = (
        Index("ix_first_talk_wait_talked_on", "talked_on", "since", "stopped_on"),
        index_where("stopped_on IS NULL", "uq_first_talk_wait_one_holds", "resident_id", unique=True),
    )

    @classmethod
    def of(cls, resident_id: Any) -> Any:
        """The condition that it is the wait of that resident that holds: they wait, or have talked."""
        return and_(cls.resident_id == resident_id, cls.stopped_on.is_(None))


class Typed:
    """Words that somebody typed, for themselves or for whoever said them, and in which language the page was."""

    language: Mapped[str] = mapped_column(String(10))
    typed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    at: Mapped[datetime] = mapped_column(default=now)

    @declared_attr
    def typed_by(cls) -> Mapped[Person]:
        return relationship(foreign_keys=[cls.typed_by_id])  # type: ignore[list-item]


def typed_now() -> dict[str, Any]:
    """What is kept of somebody's words beside them: who types them now, and the language of the page."""
    return {"typed_by_id": current_user.id, "language": str(get_locale())}


def active_at(row: Any, at: datetime) -> ColumnElement[bool]:
    """The condition that a row of Coaching has not ended then; it may not have begun."""
    return row.until.is_(None) | (row.until > at)


def coach_of(resident: Person) -> Person | None:
    """The resident's own coach now, not one who covers; also one who is suspended."""
    return db.session.scalar(
        select(Person)
        .join(Assignment, Assignment.coach_id == Person.id)
        .where(Assignment.resident_id == resident.id, Assignment.until.is_(None), ~Assignment.cover)
    )


def current_contact(resident: Person) -> Person | None:
    """Whom they can turn to now: their own coach, or whoever covers; nobody who is suspended."""
    at = now()
    theirs = (
        Assignment.resident_id == resident.id,
        Assignment.since <= at,
        active_at(Assignment, at),
        Person.closes_at.is_(None),
    )
    query = select(Person).join(Assignment, Assignment.coach_id == Person.id).where(*theirs)
    return db.session.scalar(query.order_by(Assignment.cover, Assignment.id).limit(1))


def assigned_now(coach: Person) -> tuple[Any, ...]:
    """What a row of Coaching must be to open its resident to this coach at this moment, as their own or as cover.

    Nobody whom the resident named is let in, and nobody any more where they died, or moved away so long ago that
    they cannot sign in either. A resident has one such row for a coach at most.
    """
    at = now()
    named = exists().where(StaffExclusion.resident_id == Assignment.resident_id, StaffExclusion.staff_id == coach.id)
    return (
        Assignment.coach_id == coach.id,
        Assignment.since <= at,
        active_at(Assignment, at),
        ~named,
        is_open(Assignment, at),
    )


def theirs_now(coach: Person) -> Select:
    """Whom this coach coaches or covers for at this moment, and whose words they may see."""
    return select(Person).join(Assignment, Assignment.resident_id == Person.id).where(*assigned_now(coach))


def is_open(row: Any, at: datetime) -> ColumnElement[bool]:
    """The condition that nobody closed the pages of the resident of a row: nothing of theirs stands on a list then."""
    gone = aliased(Person)
    closed = gone.role == Role.RESIDENT, gone.closes_at.is_not(None), gone.closes_at <= at
    return row.resident_id.not_in(select(gone.id).where(*closed))


def coached_by(coach: Person, resident_id: int) -> Person | None:
    """The resident, where this coach coaches or covers for them at this moment and may see their words."""
    return db.session.scalar(theirs_now(coach).where(Person.id == resident_id).limit(1))


def suspended_staff() -> Select:
    """The numbers of staff who cannot sign in now."""
    staff = aliased(Person)
    return select(staff.id).where(staff.role != Role.RESIDENT, staff.closes_at.is_not(None))


def without_a_coach() -> Select:
    """The numbers of residents whom nobody coaches now; not of those who have gone.

    Whose coach is suspended has one while somebody covers who is not. A coach invited each resident, so that only
    coaching which ended and that of suspended coaches is looked through.
    """
    at, instead, away = now(), aliased(Assignment), suspended_staff()
    covers = instead.cover, instead.since <= at, active_at(instead, at), instead.coach_id.not_in(away)
    covered = exists().where(instead.resident_id == Assignment.resident_id, *covers)
    own = select(Assignment.resident_id).where(~Assignment.cover)
    suspended = own.where(Assignment.until.is_(None), Assignment.coach_id.in_(away))
    lost = own.where(Assignment.until.is_not(None)).union(suspended)
    mine = own.where(Assignment.resident_id == Person.id, Assignment.until.is_(None))
    coached = mine.where(Assignment.coach_id.not_in(away) | covered).exists()
    here = Person.role == Role.RESIDENT, Person.closes_at.is_(None)
    return select(Person.id).where(Person.id.in_(lost), *here, ~coached)
