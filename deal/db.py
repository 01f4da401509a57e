"""The database: engine options, constraint names, column types, turns to write."""

import enum
import sqlite3
from datetime import UTC, datetime
from threading import BoundedSemaphore
from typing import Any, TypeVar

from flask import g, has_request_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Enum, Index, MetaData, String, Table, event, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, OperationalError, TimeoutError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.types import TypeDecorator

from deal.clock import now
from deal.config import THREADS, WAITS

BUSY_MS = WAITS * 1000
READS = ("SELECT", "WITH", "PRAGMA", "SET", "SHOW")
SHORT_WAIT = 0.25  # seconds for a turn to write: longer than a crowd of short saves takes, too short to hold up readers
Row = TypeVar("Row")
_writers = BoundedSemaphore(THREADS - 8)


class Instant(TypeDecorator):
    """A moment in UTC with its zone, on SQLite (which drops zones) and PostgreSQL alike."""

    impl = DateTime(timezone=True)
    cache_ok = True
    python_type = datetime

    def process_bind_param(self, value, dialect):
        """Refuse a moment without a zone; SQLite stores it in UTC, naive."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value, dialect):
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class SortKey(TypeDecorator):
    """Text that sorts by code point on every database, whatever its locale."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect):
        """PostgreSQL needs telling; SQLite compares bytes by itself."""
        return dialect.type_descriptor(String(collation="C") if dialect.name == "postgresql" else String())


def values_of(kind: type[enum.Enum]) -> Enum:
    """A column of an enum's values (not its Python names), checked when written."""
    values = {"values_callable": lambda members: [member.value for member in members]}
    return Enum(kind, native_enum=False, length=20, validate_strings=True, **values)


class Base(DeclarativeBase):
    """What every table shares: a number for each row, names for its constraints and the types of its columns."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    registry = registry(
        metadata=metadata,
        type_annotation_map={datetime: Instant, dict[str, Any]: JSON, dict[str, str]: JSON, list[str]: JSON},
    )

    id: Mapped[int] = mapped_column(primary_key=True)


@event.listens_for(Table, "after_parent_attach")
def never_give_a_number_twice(table, parent):
    """Numbers stand in addresses: SQLite may not give a deleted row's to somebody else."""
    if parent is Base.metadata:
        table.dialect_kwargs["sqlite_autoincrement"] = True


def index_where(condition: str, name: str, *columns: str, unique: bool = False) -> Index:
    """An index of only the rows for which the condition holds, on both databases."""
    where = text(condition)
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


class Version:
    """One of several things said in turn: the current one is the one that no later one superseded."""

    superseded_at: Mapped[datetime | None]


def supersede(table: type[Base], **whose: Any) -> None:
    """None of these versions is the current one any more. The caller adds the one that is, and commits."""
    current = update(table).filter_by(superseded_at=None, **whose)
    db.session.execute(current.values(superseded_at=now()))


# what was read stays read after a commit: a request is short, and each statement counts
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})


@event.listens_for(Engine, "connect")
def set_up_sqlite(connection, _record):
    """Foreign keys, durability and deletion that really deletes, on every SQLite connection."""
    if isinstance(connection, sqlite3.Connection):
        safe = "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"
        for pragma in ("foreign_keys=ON", f"busy_timeout={BUSY_MS}", *safe):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "before_cursor_execute")
def take_a_turn_to_write(_connection, _cursor, statement, *_):
    """A request's first write: where too many wait already it is told at once, so that readers find a thread."""
    if has_request_context() and "writes" not in g and not statement.lstrip().upper().startswith(READS):
        if not _writers.acquire(timeout=SHORT_WAIT):
            raise TimeoutError("too many requests wait to write")
        g.writes = True


def end_the_turn(_error: BaseException | None) -> None:
    """After the request: somebody else may write."""
    if g.pop("writes", False):
        _writers.release()


def empty_the_journal() -> bool:
    """On SQLite: whether its -wal file is empty now, so that words which were taken back stand nowhere in it.

    A reader who is in the middle of something hinders it: the worker tries again each minute.
    """
    if db.engine.dialect.name != "sqlite":
        return True
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=200")
        try:
            return not connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
        except OperationalError:  # somebody else is at it
            return False
        finally:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={BUSY_MS}")


def insert_into(table: type[Base]) -> Any:
    """An INSERT that knows ON CONFLICT, on both databases."""
    return (postgresql if db.engine.dialect.name == "postgresql" else sqlite).insert(table)


def lock(table: type[Base], *numbers: Any) -> None:
    """Hold these rows until the commit, on both databases: what is read afterwards is the newest there is.

    SQLite knows no FOR UPDATE. An UPDATE that changes nothing holds the whole file there, and the row elsewhere.
    """
    for number in sorted(numbers) if len(numbers) > 1 else numbers:  # in one order, so that two never wait crosswise
        same = update(table).where(table.id == number).values(id=table.id)
        db.session.execute(same, execution_options={"synchronize_session": False})


def number_sent(sent: str | None) -> int:
    """A row's number out of an address or a hidden field; 0, which nothing has, where it is none."""
    return int(sent) if sent and sent.isdecimal() and len(sent) < 10 else 0


def commit_first() -> bool:
    """Commit; of two presses at once the first one counts, and the other is told that it was not."""
    try:
        db.session.commit()
    except (IntegrityError, StaleDataError):
        db.session.rollback()
        return False
    return True
