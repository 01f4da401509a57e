"""What managers answer each week, and the figures of four weeks as they were published."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from deal.clock import now
from deal.db import db, values_of


class Hurts(enum.Enum):
    """Is it hurting the business?"""

    NO = "no"
    NOT_SURE = "not-sure"
    YES = "yes"


class BusinessAnswer(db.Model):
    """A manager's answer for a week; the newest of a week holds."""

    week: Mapped[date] = mapped_column(index=True)  # a Monday
    hurts: Mapped[Hurts] = mapped_column(values_of(Hurts))
    words: Mapped[str] = mapped_column(String(200))  # one sentence, or none
    language: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=now)


class FrozenBlock(db.Model):
    """The figures of four weeks as they were published, with the definitions and the threshold in force then.

    Nothing in it is ever changed. A block that was frozen by mistake is frozen again: its newest edition holds, the
    earlier ones are its history.
    """

    block: Mapped[date]  # its first Monday
    edition: Mapped[int] = mapped_column(default=1)
    frozen_by: Mapped[str | None] = mapped_column(String(200))  # who froze it again; nobody: the daily work
    why: Mapped[str | None] = mapped_column(String(1000))
    frozen_at: Mapped[datetime] = mapped_column(default=now)
    figures: Mapped[dict[str, Any]]  # of what people said or felt only tenths
    definitions: Mapped[dict[str, Any]]  # by language, then by figure: what it is, what it cannot tell
    least_people: Mapped[int]

    __table_args__ = (UniqueConstraint("block", "edition"),)
