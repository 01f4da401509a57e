"""A translation may stand beside an answer, marked with who made it; the answer itself is never translated over."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deal.db import Once, db, now
from deal.people import Person


class Translation(Once, db.Model):
    """An answer's words in another language, and who put them into it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(200))  # as they are known: a name, "her daughter", a program
    typed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    at: Mapped[datetime] = mapped_column(default=now)
    typed_by: Mapped[Person] = relationship()
