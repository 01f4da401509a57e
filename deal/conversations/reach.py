"""How a resident is best reached: theirs to write and to clear."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from deal.db import db, now


class Reach(db.Model):
    """The best way to reach a resident, as they say it now; what they clear is gone."""

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    way: Mapped[str | None] = mapped_column(Text)
    times: Mapped[str | None] = mapped_column(Text)  # good times
    message_is_safe: Mapped[bool | None]  # to leave one, where others may hear or read it
    language: Mapped[str] = mapped_column(String(10))
    changed_at: Mapped[datetime] = mapped_column(default=now)
