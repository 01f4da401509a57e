"""How many hours Deal took a coach in a week."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from deal.clock import now
from deal.db import db


class CoachHours(db.Model):
    """About how many hours Deal took a coach in a week. Nobody else sees it, managers only a figure of all coaches."""

    coach_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    week: Mapped[date] = mapped_column(index=True)  # a Monday
    hours: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("coach_id", "week"),)
