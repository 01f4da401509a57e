"""Assessments and answers, who waits for a first conversation, how it felt, and better questions."""

import enum
import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, exists, func, literal, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from deal.auth.models import Helper
from deal.clock import now
from deal.db import Version, db, index_where, insert_into, supersede, values_of
from deal.people import FirstTalkWait, Person, Typed
from deal.questions.models import Question, QuestionSet, Section


class ReadBack(enum.Enum):
    """How a resident confirmed what somebody typed for them, or what they said while somebody helped."""

    OWN = "own"  # signed in by themselves
    PIN = "pin"  # their PIN, typed on the coach's device
    PAPER = "paper"  # their initials on paper


class Report(enum.Enum):
    """What became of an answer that may be about a repair or a complaint."""

    REPORTED = "reported"
    NOT_WANTED = "not_wanted"  # asked, and they did not want it reported


class Assessment(db.Model):
    """A resident's way through About me, on one version of the questions; it can be done again."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    question_set_id: Mapped[int] = mapped_column(ForeignKey("question_set.id"))
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]  # the short way through is done
    question_set: Mapped[QuestionSet] = relationship()

    __table_args__ = (
        Index("ix_assessment_resident_id_id", "resident_id", "id"),
        index_where("finished_at IS NULL", "uq_assessment_one_under_way", "resident_id", unique=True),
        index_where("finished_at IS NOT NULL", "ix_assessment_finished_at", "finished_at", "resident_id"),
    )


class Answer(Version, db.Model):
    """What a resident said to one question; a changed answer keeps the earlier one. Skipped is an answer too."""

    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id"))
    skipped: Mapped[bool] = mapped_column(default=False)
    words: Mapped[str | None] = mapped_column(Text)  # as typed; in ticks: "something else"
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)  # keys of the question's choices
    number: Mapped[int | None]  # 0 to 10
    unreadable: Mapped[bool] = mapped_column(default=False)  # on paper, and some of it could not be read
    language: Mapped[str] = mapped_column(String(10))  # of the page on which it was given
    typed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    helper: Mapped[Helper | None] = mapped_column(values_of(Helper))  # who sat beside the resident
    read_back_at: Mapped[datetime | None]  # the resident confirmed it
    read_back_how: Mapped[ReadBack | None] = mapped_column(values_of(ReadBack))
    report: Mapped[Report | None] = mapped_column(values_of(Report))  # the coach asked: shall it be reported?
    report_at: Mapped[datetime | None]
    report_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    given_at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]  # by the resident: nothing of it is left
    question: Mapped[Question] = relationship()
    typed_by: Mapped[Person] = relationship(foreign_keys=typed_by_id)
    report_by: Mapped[Person | None] = relationship(foreign_keys=report_by_id)
    translations: Mapped[list["Translation"]] = relationship(order_by="Translation.id", passive_deletes=True)

    __table_args__ = (
        index_where("superseded_at IS NULL", "uq_answer_one_holds", "assessment_id", "question_id", unique=True),
    )

    @property
    def typed_by_staff(self) -> bool:
        """Whether somebody else typed it."""
        return self.typed_by_id != self.resident_id

    @property
    def awaits_read_back(self) -> bool:
        """Whether the resident has still to say that this is what they said."""
        by_themselves = self.typed_by_id == self.resident_id and self.helper is None
        return not (by_themselves or self.read_back_at or self.skipped or self.superseded_at or self.taken_back_at)

    @property
    def labels(self) -> list[str]:
        """What was ticked or chosen, in the page's language and the question's order."""
        return [label for key, label in self.question.options().items() if key in self.choices]

    @property
    def has_content(self) -> bool:
        return bool(self.words or self.choices or self.number is not None)

    def says_the_same_as(self, other: "Answer | None") -> bool:
        """Whether pressing Save changed nothing."""
        said = ("skipped", "words", "choices", "number", "unreadable")
        return other is not None and all(getattr(self, one) == getattr(other, one) for one in said)


class Translation(Typed, db.Model):
    """An answer's words in another language, and who put them into it."""

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(200))  # as they are known: a name, "her daughter", a program


def newest_number(resident: Person) -> Any:
    """A subquery: the number of the resident's newest way through."""
    return select(func.max(Assessment.id)).where(Assessment.resident_id == resident.id).scalar_subquery()


def newest_assessment(resident: Person) -> Assessment | None:
    """The resident's newest way through, with the questions of its version."""
    return assessment_of(resident, newest_number(resident))


def assessment_of(resident: Person, number: Any) -> Assessment | None:
    """The resident's way through of that number, with the questions of its version, in one statement."""
    questions = joinedload(Assessment.question_set).joinedload(QuestionSet.sections).joinedload(Section.questions)
    query = select(Assessment).where(Assessment.id == number, Assessment.resident_id == resident.id)
    return db.session.scalars(query.options(questions)).unique().one_or_none()


def current_answers(resident: Person) -> tuple[Assessment | None, dict[str, Answer]]:
    """What a resident said, by the question's key: the newest finished way through, and newer words laid over it."""
    shown = assessment_of(resident, _shown(resident))
    return (shown, answers_held(resident, shown.id)) if shown else (None, {})


def _shown(resident: Person) -> Any:
    """A subquery: the number of the newest finished way through, or of the one under way."""
    mine = select(func.max(Assessment.id)).where(Assessment.resident_id == resident.id)
    finished = mine.where(Assessment.finished_at.is_not(None)).scalar_subquery()
    return func.coalesce(finished, mine.scalar_subquery())


def answers_held(resident: Person, shown: int | None = None) -> dict[str, Answer]:
    """The answers that a coach reads, by the question's key, where this way through is shown; one statement."""
    number = _shown(resident) if shown is None else literal(shown)
    query = select(Answer, number).where(Answer.resident_id == resident.id, Answer.superseded_at.is_(None))
    query = query.where(Answer.assessment_id >= number).order_by(Answer.assessment_id, Answer.id).limit(500)
    with_question = joinedload(Answer.question), joinedload(Answer.typed_by), joinedload(Answer.report_by)
    held: dict[str, Answer] = {}
    for row, first in db.session.execute(query.options(*with_question, joinedload(Answer.translations))).unique():
        earlier = held.get(row.question.key)
        unsure = row.typed_by_staff and row.awaits_read_back
        if (row.has_content or row.assessment_id == first) and not (unsure and earlier and earlier.has_content):
            held[row.question.key] = row
    return held


def answers_in(assessment: Assessment) -> dict[str, Answer]:
    """The answers that hold, by the question's key."""
    query = select(Answer).where(Answer.assessment_id == assessment.id, Answer.superseded_at.is_(None))
    query = query.options(joinedload(Answer.report_by), joinedload(Answer.translations)).order_by(Answer.id)
    return {row.question.key: row for row in db.session.scalars(query.limit(500)).unique()}


def confirm(said: Any, how: ReadBack) -> None:
    """The resident says that this is what they said; said before, it stays. The caller commits."""
    if said.read_back_at is None:
        said.read_back_at, said.read_back_how = now(), how


def save_answer(answer: Answer, before: Answer | None) -> None:
    """Store an answer beside the one it follows. A second tab loses nothing: each save is a row.

    The caller commits.
    """
    if before and answer.says_the_same_as(before):
        if before.awaits_read_back and not answer.awaits_read_back:
            confirm(before, ReadBack.OWN)  # saved again as it stands, by themselves
        return
    supersede(Answer, assessment_id=answer.assessment_id, question_id=answer.question_id)
    db.session.add(answer)


def finish(assessment: Assessment) -> None:
    """The short way through is done: from here the resident waits, unless they have talked already.

    The caller commits.
    """
    if assessment.finished_at is None:
        assessment.finished_at = now()
        waited = exists().where(FirstTalkWait.resident_id == Person.id)
        here = select(Person.id).where(Person.id == assessment.resident_id, Person.closes_at.is_(None), ~waited)
        if db.session.scalar(here):  # who moved away is rung no more
            wait = insert_into(FirstTalkWait).values(resident_id=assessment.resident_id, since=assessment.finished_at)
            db.session.execute(wait.on_conflict_do_nothing())


class Feels(enum.Enum):
    """Did this feel right?"""

    YES = "yes"
    NO = "no"
    NOT_SURE = "not-sure"


class Pulse(db.Model):
    """How About me felt to a resident, or a talk to one of the two: theirs alone, managers see a figure of many."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"), unique=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    feels: Mapped[Feels] = mapped_column(values_of(Feels))
    at: Mapped[datetime] = mapped_column(default=now, index=True)

    __table_args__ = (UniqueConstraint("conversation_id", "by_id"),)


def keep_pulse(resident_id: int, feels: Feels, by_id: int | None = None, **about: int | None) -> bool:
    """Once for About me, and for each of the two after a talk; False where they said so before: that stands.

    The caller commits.
    """
    pulse = {"resident_id": resident_id, "by_id": by_id or resident_id, "feels": feels, **about}
    first = insert_into(Pulse).values(pulse).on_conflict_do_nothing().returning(Pulse.id)
    return db.session.scalar(first) is not None


class Suggestion(db.Model):
    """A better question that a resident or a coach thought of. Managers read it without the name and the day."""

    # a coach's is nobody's: no name is kept with it
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    question_set_id: Mapped[int] = mapped_column(ForeignKey("question_set.id"))
    words: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]  # by the resident: no word of it is left

    @property
    def mark(self) -> str:
        """What stands for it in an address, and in which order: its number would tell when it came."""
        return hashlib.sha256(self.words.encode()).hexdigest()
