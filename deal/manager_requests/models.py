"""What residents ask the managers, and when it was answered."""

import enum
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deal.clock import now
from deal.db import db, index_where, values_of
from deal.people import Person


class RequestKind(enum.Enum):
    OTHER_COACH = "other_coach"
    SOMETHING_WRONG = "something_wrong"


class ManagerRequest(db.Model):
    """What a resident asked the managers, and when it was answered. Managers see the name and this, nothing else."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[RequestKind] = mapped_column(values_of(RequestKind))
    words: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]  # by the resident: no word of it is left
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    resident: Mapped[Person] = relationship(foreign_keys=resident_id)
    answered_by: Mapped[Person | None] = relationship(foreign_keys=answered_by_id)

    __table_args__ = (index_where("answered_at IS NULL", "ix_manager_request_open", "answered_at", "resident_id"),)
