""" "Did this feel right?", asked of the resident without the coach; and what they would rather have been asked."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from deal.db import Once, db, now, values_of


class Feels(enum.Enum):
    """Did this feel right?"""

    YES = "yes"
    NO = "no"
    NOT_SURE = "not-sure"


class Pulse(Once, db.Model):
    """How About me felt to a resident. Managers see it only as a figure of many; coaches never."""

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    feels: Mapped[Feels] = mapped_column(values_of(Feels))
    at: Mapped[datetime] = mapped_column(default=now, index=True)

    __table_args__ = (UniqueConstraint("assessment_id"),)


class Suggestion(Once, db.Model):
    """A better question that a resident thought of. Managers read it without the name and the day."""

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    question_set_id: Mapped[int] = mapped_column(ForeignKey("question_set.id"))
    words: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]  # by the resident: no word of it is left
