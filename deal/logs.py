"""What is logged: each line with its request's number, and never a word, a name, a code or an address of anybody's."""

import logging
import secrets
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import time
from typing import Any

import psycopg
from flask import g, has_request_context
from sqlalchemy.exc import DBAPIError

LAYOUT = "%(asctime)s %(levelname)s [%(request)s] %(name)s: %(message)s"
OURS = str(Path(__file__).parent)  # the code whose sentences hold numbers and names of pages alone
SCHEMA = "42"  # PostgreSQL's class of errors whose message names tables and columns only
# of what a driver says where it reaches no server
NO_ANSWER = ("Connection refused", "timeout", "authentication failed", "does not exist", "too many", "closed")
LOST = ("no answer", "57P", "08")

_plain_record = logging.getLogRecordFactory()


def init_app() -> None:
    """The number of its request on every line of the log, whoever writes it."""
    logging.setLogRecordFactory(_record)
    logging.basicConfig(format=LAYOUT, level=logging.WARNING)  # to stderr, where nobody else has chosen


def request_number() -> str:
    """Eight digits, easy to say on the telephone; a dash outside of any request."""
    return g.setdefault("request_number", f"{secrets.randbelow(10**8):08}") if has_request_context() else "-"


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    """Every record of this process, made safe before any handler sees it."""
    record = _plain_record(*args, **kwargs)
    record.request = request_number()
    if record.exc_info and record.exc_info[1]:
        record.exc_text, record.exc_info = "".join(_told(record.exc_info[1])), None
    if not record.pathname.startswith(OURS):
        if isinstance(record.args, Mapping):
            record.args = {name: _number_of(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(map(_number_of, record.args))
        else:
            record.msg = str(record.msg).partition("/")[0]  # a whole sentence of others' may hold an address
    return record


def _number_of(value: Any) -> Any:
    return value if isinstance(value, int | float) else "…"


def _told(error: BaseException) -> Iterator[str]:
    """A traceback as Python writes it, but for the messages: those of a database, and of much else, quote people."""
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and earlier is not error:
        yield from _told(earlier)
        yield "then:\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__module__}.{type(error).__qualname__} {' '.join(facts(error))}".rstrip() + "\n"


def facts(error: BaseException) -> list[str]:
    """What may be told of an error: names of errors, tables, columns and constraints, and the system's own words."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    diag, sqlite, state = (getattr(cause, name, None) for name in ("diag", "sqlite_errorname", "sqlstate"))
    told = [sqlite, state, sqlite and str(cause)]  # SQLite's sentence names the schema only
    told += [getattr(diag, name, None) for name in ("table_name", "column_name", "constraint_name")]
    if str(state).startswith(SCHEMA):
        told.append(getattr(diag, "message_primary", None))
    if (
        isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError) and not state
    ):  # no server has said anything
        told.append(next((why for why in NO_ANSWER if why.lower() in str(cause).lower()), LOST[0]))
    if isinstance(cause, OSError):
        told.append(cause.strerror)
    return [str(one) for one in told if one]


class OneLineAMinute(logging.Filter):
    """For a worker, which asks again and again: that its database does not answer is one line a minute."""

    def __init__(self) -> None:
        super().__init__()
        self.next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line is written."""
        said = (record.exc_text or "").rstrip().rpartition("\n")[2]
        name, _space, why = said.partition(" ")
        if not (name.startswith(("psycopg.", "sqlalchemy.")) and why.startswith((*NO_ANSWER, *LOST))):
            return True
        record.msg, record.args, record.exc_text = f"the database does not answer: {said}", (), None
        due = time() >= self.next
        self.next = time() + 60 if due else self.next
        return due
