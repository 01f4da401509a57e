"""The database: engine options, constraint names, column types, the clock, one keyset page_of()."""

import enum
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from threading import BoundedSemaphore
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet, InvalidToken
from flask import abort, g, has_request_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, Enum, Index, MetaData, Select, String, Table, event, text, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError, OperationalError, TimeoutError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator

from deal.config import THREADS, WAITS, box_for

BUSY_MS = WAITS * 1000
LANDLORDS_ZONE = ZoneInfo("Europe/London")
READS = ("SELECT", "WITH", "PRAGMA", "SET", "SHOW")
SHORT_WAIT = 0.25  # seconds for a turn to write: longer than a crowd of short saves takes, too short to hold up readers
Row = TypeVar("Row")
_writers = BoundedSemaphore(THREADS - 8)


def now() -> datetime:
    """The one clock: this instant, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The landlord's day."""
    return day_of(now())


def day_of(instant: datetime) -> date:
    """The landlord's day in which an instant lies."""
    return instant.astimezone(LANDLORDS_ZONE).date()


def week_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def block_of(day: date) -> date:
    """The Monday on which the day's block of four weeks begins; blocks are counted from 6 January 2020."""
    return day - timedelta(days=(day - date(2020, 1, 6)).days % 28)


def start_of(day: date) -> datetime:
    """The instant at which the landlord's day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=LANDLORDS_ZONE)


class Instant(TypeDecorator):
    """A moment in UTC with its zone, on SQLite (which drops zones) and PostgreSQL alike."""

    impl = DateTime(timezone=True)
    cache_ok = True

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
    return Enum(
        kind,
        native_enum=False,
        length=20,
        validate_strings=True,
        values_callable=lambda members: [member.value for member in members],
    )


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
        for pragma in (
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "secure_delete=ON",
        ):
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


@dataclass(frozen=True)
class Page:
    """A stretch of a long list, and where the next one begins (None at the end)."""

    rows: Sequence[Any]
    after: str | None


def page_of(query: Select, *keys: Any, after: str | None = None, size: int = 25) -> Page:
    """One page by keyset: rows ordered by the keys, from just behind the place that `after` names.

    The keys are columns, all ascending or all .desc(), the last of them unique. `after` is sealed, because rows have
    numbers that not every reader may learn; one that is damaged, or another list's, is a 404.
    """
    down = getattr(keys[0], "modifier", None) is operators.desc_op
    columns = [key.element if down else key for key in keys]
    query = query.add_columns(*(column.label(f"key_{n}") for n, column in enumerate(columns))).order_by(*keys)
    box = box_for("place behind " + ", ".join(map(str, columns)))
    if after:
        place = tuple_(*_place(after, columns, box))
        query = query.where(tuple_(*columns) < place if down else tuple_(*columns) > place)
    rows = db.session.execute(query.limit(size + 1)).unique().all()
    width = len(columns)
    last = list(rows[size - 1][-width:]) if len(rows) > size else None
    shown = [row[0] if len(row) == width + 1 else row[:-width] for row in rows[:size]]
    return Page(shown, box.encrypt(json.dumps(last, default=str).encode()).decode() if last else None)


def page_of_rows(rows: Iterable[Row], key: Callable[[Row], list[Any]], name: str, after: str | None, size: int) -> Page:
    """The same of rows that were read already: by a key that JSON can hold, of the list of that name."""
    box, ordered = box_for(f"place behind {name}"), sorted(rows, key=key)
    if after:
        place = _opened(after, box)
        ordered = [one for one in ordered if key(one) > place]
    last = key(ordered[size - 1]) if len(ordered) > size else None
    return Page(ordered[:size], box.encrypt(json.dumps(last).encode()).decode() if last else None)


def _opened(after: str, box: Fernet) -> list[Any]:
    try:
        return json.loads(box.decrypt(after.encode()))
    except (InvalidToken, UnicodeEncodeError):
        abort(404)


def _place(after: str, columns: list[Any], box: Fernet) -> list[Any]:
    values = _opened(after, box)
    moments = [isinstance(column.type, Instant) for column in columns]
    return [datetime.fromisoformat(one) if moment else one for one, moment in zip(values, moments, strict=True)]
