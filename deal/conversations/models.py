"""Conversations and their notes, which the resident can read; who waits for one."""

import enum
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload

from deal.accounts.models import Invitation, has_words_of_theirs, newest_letter
from deal.assessment.models import Assessment, Wait
from deal.db import Once, Page, db, now, page_of, today, values_of
from deal.people import Coaching, Person


class How(enum.Enum):
    """Where or how they talked."""

    PHONE = "phone"
    HOME = "home"
    TEXT = "text"
    CAFE = "cafe"
    WALK = "walk"
    FRIEND = "friend"
    ELSEWHERE = "elsewhere"


class Conversation(Once, db.Model):
    """A talk between a resident and a coach."""

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    coach_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    talked_on: Mapped[date]
    how: Mapped[How] = mapped_column(values_of(How))
    next_on: Mapped[date | None]  # the next chat
    written_at: Mapped[datetime] = mapped_column(default=now)
    coach: Mapped[Person] = relationship(foreign_keys=coach_id)
    notes: Mapped[list["Note"]] = relationship(order_by="Note.id", passive_deletes=True)

    __table_args__ = (Index("ix_conversation_resident_id_talked_on", "resident_id", "talked_on"),)


class Note(Once, db.Model):
    """Words about a conversation: the coach's, or the resident's own beside them."""

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    typed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    at: Mapped[datetime] = mapped_column(default=now)
    not_agreed_at: Mapped[datetime | None]  # the resident: "that's not what I said"
    taken_back_at: Mapped[datetime | None]  # by the resident, where they typed it: no word of it is left
    typed_by: Mapped[Person] = relationship()


def conversations_of(resident: Person, most: int = 10) -> Sequence[Conversation]:
    """The newest talks with a resident, with their notes."""
    return db.session.scalars(
        select(Conversation)
        .where(Conversation.resident_id == resident.id)
        .options(selectinload(Conversation.notes))
        .order_by(Conversation.talked_on.desc(), Conversation.id.desc())
        .limit(most)
    ).all()


def conversation_page(resident: Person, after: str | None) -> Page:
    """All talks with a resident, newest first, a page at a time."""
    query = (
        select(Conversation)
        .where(Conversation.resident_id == resident.id)
        .options(selectinload(Conversation.notes).joinedload(Note.typed_by), selectinload(Conversation.coach))
    )
    return page_of(query, Conversation.id.desc(), after=after, size=10)


def next_chat(resident: Person) -> date | None:
    """The day of the next chat, as the newest conversation set it, unless it has passed."""
    newest = (
        select(Conversation.next_on).where(Conversation.resident_id == resident.id).order_by(Conversation.id.desc())
    )
    day = db.session.scalar(newest.limit(1))
    return day if day and day >= today() else None


def end_wait(resident: Person, talked_on: date) -> None:
    """The first conversation ends the wait; where they talked before About me, there never is one."""
    wait = db.session.scalar(select(Wait).filter_by(resident_id=resident.id))
    if wait is None:
        db.session.add(Wait(resident_id=resident.id, talked_on=talked_on))
    elif wait.talked_on is None:
        wait.talked_on = talked_on


def waiting_for(coach: Person, after: str | None) -> Page:
    """The coach's residents who wait for a first conversation, longest first: (person, since)."""
    query = (
        select(Person, Wait.since)
        .join(Coaching, Coaching.resident_id == Person.id)
        .join(Wait, Wait.resident_id == Person.id)
        .where(Coaching.coach_id == coach.id, Coaching.until.is_(None), Wait.talked_on.is_(None))
    )
    return page_of(query, Wait.since, Person.id, after=after, size=10)


def astray_letters(coach: Person) -> Sequence[Invitation]:
    """Letters that reached somebody else, newest first: each wants a new one."""
    return db.session.scalars(
        select(Invitation)
        .join(Coaching, Coaching.resident_id == Invitation.resident_id)
        .where(Coaching.coach_id == coach.id, Coaching.until.is_(None))
        .where(Invitation.not_me_at.is_not(None), Invitation.withdrawn_at.is_(None))
        .options(joinedload(Invitation.resident))
        .order_by(Invitation.id.desc())
        .limit(10)
    ).all()


def everyone_else(coach: Person, after: str | None) -> Page:
    """The coach's other residents by name: (person, invitation, last talk, About me begun, next chat)."""
    talked = select(func.max(Conversation.talked_on)).where(Conversation.resident_id == Person.id).scalar_subquery()
    begun = select(func.max(Assessment.started_at)).where(Assessment.resident_id == Person.id).scalar_subquery()
    next_on = select(func.max(Conversation.next_on)).where(Conversation.resident_id == Person.id).scalar_subquery()
    query = (
        select(Person, Invitation, talked, begun, next_on)
        .join(Coaching, Coaching.resident_id == Person.id)
        .join(Invitation, (Invitation.resident_id == Person.id) & newest_letter())
        .outerjoin(Wait, Wait.resident_id == Person.id)
        .where(Coaching.coach_id == coach.id, Coaching.until.is_(None))
        .where(Wait.id.is_(None) | Wait.talked_on.is_not(None))
        .where(Invitation.no_thanks_at.is_(None) | (Invitation.agreed_at > Invitation.no_thanks_at))
        .where(Invitation.not_me_at.is_(None))
        # whose letter was taken back is here no more, unless there are words of theirs
        .where(Invitation.withdrawn_at.is_(None) | Person.secret_hash.is_not(None) | has_words_of_theirs())
    )
    return page_of(query, Person.name_key, Person.id, after=after, size=25)
