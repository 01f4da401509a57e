"""Who has looked: staff leave a line for each page of a resident's words that they open; nobody can change it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from flask_login import current_user
from sqlalchemy import Connection, ForeignKey, Index, String, UniqueConstraint, case, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deal.clock import now
from deal.db import db, insert_into
from deal.people import Person

# Audit: who looked, and when they looked last.


class AccessLog(db.Model):
    """Staff opened a resident's words: who, which page, in which hour. The resident reads it."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page: Mapped[str] = mapped_column(String(60))  # the endpoint
    hour: Mapped[datetime]  # its first instant
    staff: Mapped[Person] = relationship(foreign_keys=staff_id)

    __table_args__ = (
        UniqueConstraint("resident_id", "staff_id", "page", "hour"),
        Index("ix_access_log_resident_id_id", "resident_id", "id"),
    )


class LastViewed(db.Model):
    """When staff last opened a resident's own page, and the time before that: what came since is marked as new."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    before: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("resident_id", "staff_id"),)


SITTING = timedelta(minutes=30)  # opening the page again within it is the same look


def last_viewed(resident: Person) -> datetime | None:
    """When the reader last looked before this sitting; this look is kept. Commits."""
    at = now()
    again = {"at": at, "before": case((LastViewed.at >= at - SITTING, LastViewed.before), else_=LastViewed.at)}
    insert = insert_into(LastViewed).values(resident_id=resident.id, staff_id=current_user.id, at=at)
    seen = insert.on_conflict_do_update(index_elements=["resident_id", "staff_id"], set_=again)
    last = db.session.scalar(seen.returning(LastViewed.before))
    db.session.commit()
    return last


# looks are never changed, and go only with the resident whose they are
TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER IF NOT EXISTS access_log_is_never_changed BEFORE UPDATE ON access_log "
        "BEGIN SELECT RAISE(ABORT, 'the access log is never changed'); END",
        "CREATE TRIGGER IF NOT EXISTS access_log_goes_with_its_resident BEFORE DELETE ON access_log "
        "WHEN EXISTS (SELECT 1 FROM person WHERE id = OLD.resident_id) "
        "BEGIN SELECT RAISE(ABORT, 'the access log goes only with its resident'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION access_log_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'UPDATE' OR EXISTS (SELECT 1 FROM person WHERE id = OLD.resident_id) THEN "
        "RAISE EXCEPTION 'the access log is never changed, but goes with its resident'; END IF; RETURN OLD; END $$",
        "CREATE OR REPLACE TRIGGER access_log_is_kept BEFORE UPDATE OR DELETE ON access_log "
        "FOR EACH ROW EXECUTE FUNCTION access_log_is_kept()",
    ),
}


def drop_triggers(connection: Connection) -> None:
    """Take SQLite's triggers away while a migration remakes tables."""
    if connection.dialect.name == "sqlite":
        for name in ("access_log_is_never_changed", "access_log_goes_with_its_resident"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))


def make_triggers(connection: Connection) -> None:
    """Make the triggers again where a migration dropped them; safe to repeat."""
    for statement in TRIGGERS[connection.dialect.name]:
        connection.execute(text(statement))


def log_access(page: str | None, residents: Iterable[int]) -> None:
    """The reader opened words of theirs on that page; one statement for all of them. Commits."""
    hour = now().replace(minute=0, second=0, microsecond=0)
    looks = [{"resident_id": one, "staff_id": current_user.id, "page": page, "hour": hour} for one in residents]
    if looks:
        db.session.execute(insert_into(AccessLog).values(looks).on_conflict_do_nothing())
        db.session.commit()
