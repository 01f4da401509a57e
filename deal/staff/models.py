"""When somebody of the staff could not sign in."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from deal.clock import now
from deal.db import db, index_where


class Suspension(db.Model):
    """Somebody of the staff could not sign in, from when until when, and who said so; `closes_at` tells it of now."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (index_where("ended_at IS NULL", "uq_suspension_one_at_a_time", "person_id", unique=True),)
