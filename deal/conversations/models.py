"""Conversations and their notes, chats to come, who waits for one."""

import enum
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, case, delete, exists, func, select, text, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship, selectinload

from deal.assessment.models import FirstTalkWait, Pulse
from deal.clock import now, today
from deal.db import db, insert_into, values_of
from deal.pagination import Page, page_of
from deal.people import Assignment, Person, Typed, assigned_now


class How(enum.Enum):
    PHONE = "phone"
    HOME = "home"
    TEXT = "text"
    CAFE = "cafe"
    WALK = "walk"
    FRIEND = "friend"
    ELSEWHERE = "elsewhere"


class Conversation(db.Model):
    """A talk between a resident and a coach."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    coach_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    talked_on: Mapped[date] = mapped_column(index=True)
    how: Mapped[How] = mapped_column(values_of(How))
    written_at: Mapped[datetime] = mapped_column(default=now, index=True)
    no_words_at: Mapped[datetime | None]  # the coach: there is nothing to write about it
    coach: Mapped[Person] = relationship(foreign_keys=coach_id)
    notes: Mapped[list["Note"]] = relationship(order_by="Note.id", passive_deletes=True)

    __table_args__ = (Index("ix_conversation_resident_id_talked_on", "resident_id", "talked_on"),)


class Note(Typed, db.Model):
    """Words about a conversation: the coach's, or the resident's own beside them."""

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Text)
    taking_away: Mapped[bool] = mapped_column(default=False)  # the resident's own words: what they take away from it
    not_agreed_at: Mapped[datetime | None]  # the resident: "that's not what I said"
    taken_back_at: Mapped[datetime | None]  # by the resident, where they typed it: no word of it is left


class Chat(db.Model):
    """A chat that is planned. The newest row of a resident counts: none is edited, a new one takes its place."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    coach_id: Mapped[int] = mapped_column(ForeignKey("person.id"))  # who planned it
    day: Mapped[date]
    time: Mapped[time_of_day | None]  # the landlord's clock
    how: Mapped[How] = mapped_column(values_of(How))
    place: Mapped[str | None] = mapped_column(Text)  # in the coach's words
    made_at: Mapped[datetime] = mapped_column(default=now)
    cannot_at: Mapped[datetime | None]  # the resident: "I can't make it"
    ended_at: Mapped[datetime | None]  # they talked, or it was called off
    coach: Mapped[Person] = relationship(foreign_keys=coach_id)

    __table_args__ = (Index("ix_chat_resident_id_id", "resident_id", "id"),)

    @property
    def is_ahead(self) -> bool:
        """Whether its day has not passed, and nobody called it off; the resident may have said that they can't."""
        return self.ended_at is None and self.day >= today()

    @property
    def takes_place(self) -> bool:
        return self.is_ahead and self.cannot_at is None


def newest_chat(resident_id: Any) -> Any:
    """A subquery: the number of the row that counts, of the resident of that number."""
    return select(func.max(Chat.id)).where(Chat.resident_id == resident_id).correlate(Person).scalar_subquery()


def planned_chat(resident: Person) -> Chat | None:
    """The chat that is planned; also one whose day has passed, or for which the resident said "I can't make it"."""
    query = select(Chat).where(Chat.id == newest_chat(resident.id), Chat.ended_at.is_(None))
    return db.session.scalar(query.options(joinedload(Chat.coach)))


def next_chat(resident: Person) -> Chat | None:
    """The chat of today or later that is going to take place."""
    chat = planned_chat(resident)
    return chat if chat and chat.takes_place else None


def plan_chat(resident: Person, coach: Person, said: dict[str, Any] | None) -> None:
    """Plan the next chat; with nothing said, call off the one that is planned. The caller commits."""
    planned = planned_chat(resident)
    if said and planned and planned.takes_place and all(getattr(planned, key) == said[key] for key in said):
        return
    if said:
        db.session.add(Chat(resident_id=resident.id, coach_id=coach.id, **said))
    elif planned:
        planned.ended_at = now()


def last_talk(resident_id: Any) -> Any:
    """A subquery: the number of the newest talk with the resident of that number."""
    query = select(Conversation.id).where(Conversation.resident_id == resident_id).correlate(Person)
    return query.order_by(Conversation.talked_on.desc(), Conversation.id.desc()).limit(1).scalar_subquery()


def talk_of(resident_id: int, number: int) -> Conversation | None:
    """A talk with this resident by its number, with its notes."""
    found = select(Conversation).where(Conversation.id == number, Conversation.resident_id == resident_id)
    return db.session.scalar(found.options(selectinload(Conversation.notes).joinedload(Note.typed_by)))


def newest_talk(resident: Person) -> Conversation | None:
    """The talk that was written down last, whoever wrote it."""
    query = select(Conversation).where(Conversation.resident_id == resident.id).options(joinedload(Conversation.coach))
    return db.session.scalar(query.order_by(Conversation.id.desc()).limit(1))


def has_talk_on(resident: Person, day: date) -> bool:
    """Whether a talk of that day is written down."""
    that_day = Conversation.resident_id == resident.id, Conversation.talked_on == day
    return bool(db.session.scalar(select(exists().where(*that_day))))


def last_way(resident: Person, coach: Person) -> How | None:
    """How these two talked the last time."""
    query = select(Conversation.how).where(Conversation.resident_id == resident.id, Conversation.coach_id == coach.id)
    return db.session.scalar(query.order_by(Conversation.id.desc()).limit(1))


def words_to_come(coach: Person, after: str | None = None) -> Page:
    """The coach's talks about which nothing is written yet, the first one first: (talk, person)."""
    theirs = exists().where(Assignment.resident_id == Conversation.resident_id, *assigned_now(coach))
    query = select(Conversation, Person).join(Person, Person.id == Conversation.resident_id)
    query = query.where(Conversation.coach_id == coach.id, Conversation.no_words_at.is_(None), theirs)
    query = query.where(~exists().where(Note.conversation_id == Conversation.id), Person.closes_at.is_(None))
    return page_of(query, Conversation.id, after=after, size=10)


ASKED_FOR = timedelta(days=30)


def has_said_how_it_felt(talk: Conversation, by: Person) -> bool:
    """Whether there is no need to ask."""
    return bool(db.session.scalar(select(Pulse.id).filter_by(conversation_id=talk.id, by_id=by.id)))


def talk_to_ask_about(resident: Person) -> Conversation | None:
    """The newest talk, where it was not long ago and the resident has not said how it felt."""
    said = exists().where(Pulse.conversation_id == Conversation.id, Pulse.by_id == resident.id)
    query = select(Conversation).where(Conversation.id == last_talk(resident.id), ~said)
    query = query.where(Conversation.talked_on >= today() - ASKED_FOR)
    return db.session.scalar(query.options(joinedload(Conversation.coach)))


def end_wait(resident: Person, talked_on: date) -> None:
    """The first conversation ends the wait; where they talked before About me, there never is one."""
    theirs = FirstTalkWait.resident_id == resident.id
    before = (
        select(FirstTalkWait).where(theirs, FirstTalkWait.stopped_on >= talked_on).order_by(FirstTalkWait.id).limit(1)
    )
    if stopped := db.session.scalar(before):  # written down after they had stopped: what came later was no wait
        db.session.execute(delete(FirstTalkWait).where(theirs, FirstTalkWait.id > stopped.id))
        stopped.stopped_on = None
        db.session.flush()
    wait = insert_into(FirstTalkWait).values(resident_id=resident.id, talked_on=talked_on)
    new = wait.excluded.talked_on
    first = {
        "talked_on": case((FirstTalkWait.talked_on < new, FirstTalkWait.talked_on), else_=new)
    }  # the first held, not written down
    one = {"index_elements": ["resident_id"], "index_where": text("stopped_on IS NULL")}
    db.session.execute(wait.on_conflict_do_update(**one, set_=first))


def stop_waiting(resident: Person) -> None:
    """They no longer wait, without having talked; the caller commits."""
    still = FirstTalkWait.of(resident.id), FirstTalkWait.talked_on.is_(None)
    db.session.execute(update(FirstTalkWait).where(*still).values(stopped_on=today()))


def wait_again(resident: Person) -> None:
    """Who stopped waiting came back: unless they have talked, they wait from now on. The caller commits."""
    if db.session.scalar(select(FirstTalkWait.id).filter_by(resident_id=resident.id).limit(1)):
        db.session.execute(
            insert_into(FirstTalkWait).values(resident_id=resident.id, since=now()).on_conflict_do_nothing()
        )
