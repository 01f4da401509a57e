"""Question sets: numbered versions of the questions, never changed once they are answered."""

import enum
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import JSON, ForeignKey, Select, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from deal.auth.tokens import derive_code, grouped
from deal.clock import now
from deal.db import db, values_of
from deal.people import Person
from deal.settings import localized


class Kind(enum.Enum):
    """How a question is answered."""

    WORDS = "words"
    TICKS = "ticks"  # any of the choices, plus "something else" in words
    SCALE = "scale"  # 0 to 10
    CHOICE = "choice"  # yes, no, not sure


MAY_BRING_UP_REPAIRS = ("would-help", "landlord-do")


class QuestionSet(db.Model):
    """A numbered version of the questions, with who designed it and why it changed."""

    version: Mapped[int] = mapped_column(unique=True)
    title: Mapped[dict[str, str]]
    designed_by: Mapped[dict[str, str]]
    why: Mapped[dict[str, str]]
    published_at: Mapped[datetime] = mapped_column(default=now)
    sections: Mapped[list["Section"]] = relationship(
        order_by="Section.position", back_populates="question_set", cascade="all, delete-orphan"
    )

    @property
    def begins_later(self) -> bool:
        """Whether its day is still to come: nobody has seen it, and it can be taken back."""
        return self.published_at > now()

    def questions(self) -> list["Question"]:
        """All questions in the order of the sections."""
        return [question for section in self.sections for question in section.questions]


class Section(db.Model):
    """Questions that belong together, under one title."""

    question_set_id: Mapped[int] = mapped_column(ForeignKey("question_set.id"), index=True)
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(40))
    title: Mapped[dict[str, str]]
    question_set: Mapped[QuestionSet] = relationship(back_populates="sections")
    questions: Mapped[list["Question"]] = relationship(
        order_by="Question.position", back_populates="section", cascade="all, delete-orphan"
    )


class Question(db.Model):
    """One question of one version."""

    section_id: Mapped[int] = mapped_column(ForeignKey("section.id"), index=True)
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(40))
    kind: Mapped[Kind] = mapped_column(values_of(Kind))
    core: Mapped[bool]  # in the short way through
    shows: Mapped[str | None] = mapped_column(String(40))  # the question whose answer stands above; else not asked
    prompt: Mapped[dict[str, str]]
    hint: Mapped[dict[str, str]]
    low: Mapped[dict[str, str]]
    high: Mapped[dict[str, str]]
    choices: Mapped[list[Any]] = mapped_column(JSON)  # [{"key": "cooking", "en": "Cooking"}, ...]
    section: Mapped[Section] = relationship(back_populates="questions")

    @property
    def may_bring_up_repairs(self) -> bool:
        """Whether somebody may answer it with a repair or a complaint, which About me does not report."""
        return self.key in MAY_BRING_UP_REPAIRS

    def options(self) -> dict[str, str]:
        """The label of each choice by its key, in the page's language."""
        if self.kind is Kind.CHOICE:
            return {"yes": gettext("Yes"), "no": gettext("No"), "not-sure": gettext("I am not sure")}
        return {choice["key"]: localized(choice) for choice in self.choices}

    __table_args__ = (UniqueConstraint("section_id", "key"),)


class QuestionDraft(db.Model):
    """The next version while managers write it, one at a time."""

    only: Mapped[bool] = mapped_column(default=True, unique=True)  # there is never a second one
    table: Mapped[dict[str, Any]]  # as a file holds it
    version: Mapped[int] = mapped_column()  # counts changes, against two editors
    changed_at: Mapped[datetime] = mapped_column(default=now)
    changed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    changed_by: Mapped[Person] = relationship()

    __mapper_args__ = {"version_id_col": version}


def question_draft() -> QuestionDraft | None:
    """The draft, where there is one."""
    return db.session.scalar(select(QuestionDraft).options(joinedload(QuestionDraft.changed_by)))


def _sets() -> Select:
    """Versions with all their questions, in one statement."""
    sections = joinedload(QuestionSet.sections, innerjoin=True)
    return select(QuestionSet).options(sections.joinedload(Section.questions, innerjoin=True))


def published_sets() -> list[QuestionSet]:
    """All versions with their questions, the oldest first; also one that is set for a later day."""
    return list(db.session.scalars(_sets().order_by(QuestionSet.version)).unique())


def version_of_questions(version: int | str) -> QuestionSet | None:
    """That published version with its questions, also before its day."""
    return next((one for one in published_sets() if str(one.version) == str(version)), None)


def _newest() -> Any:
    return select(func.max(QuestionSet.version)).where(QuestionSet.published_at <= now()).scalar_subquery()


def current_question_set() -> QuestionSet:
    """The newest published version, with all its questions."""
    return db.session.scalars(_sets().where(QuestionSet.version == _newest())).unique().one()


def count_of_core_questions() -> int:
    query = select(func.count()).select_from(Question).join(Question.section).join(Section.question_set)
    return db.session.scalar(query.where(QuestionSet.version == _newest(), Question.core)) or 0


def booklet_reference(questions: QuestionSet, resident: Person | None) -> str:
    """Whose paper a sheet is, and of which version of the questions: no name can be told from it."""
    whose = grouped(derive_code(str(resident.id), "booklet", 6)) + "-" if resident else ""
    return f"{whose}{questions.version}"
