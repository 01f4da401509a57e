"""A journal of what one press writes: rows made, changed and taken away, with no word of anybody's in it."""

import hmac
import json
import re
from datetime import date, datetime, time
from typing import Any

from flask import current_app, g, has_request_context
from sqlalchemy import JSON, Enum, LargeBinary, String, Table, Text, UniqueConstraint, and_, event, inspect, or_, select

from deal.db import db

# written beside what was pressed: what somebody types, who looked, who may come in by trying
NOT_JOURNALED = {"draft", "login_throttle", "access_log", "last_viewed", "submission"}
SHORT = 20  # characters: longer columns hold somebody's words or names
MOST_ROWS = 500  # a press that writes to more, such as moving all of a coach's people, is asked about before
Rows = dict[str, dict[str, Any]]  # by table, by number
_WORDS = "words that are not kept here"


class Journal:
    """What is written in one request, as it comes."""

    def __init__(self) -> None:
        self.new: list[Any] = []
        self.before: dict[Table, dict[int, dict[str, Any]]] = {}
        self.perhaps_new: dict[Table, list[Any]] = {}  # conditions of rows that an INSERT made, or found there already
        self.is_full = False

    def watch(self, table: Table, condition: Any) -> None:
        """Remember the rows for which the condition holds now, before they are written to."""
        if table.name in NOT_JOURNALED or self.is_full:
            return
        query = select(table) if condition is None else select(table).where(condition)
        known = self.before.setdefault(table, {})
        for row in db.session.connection().execute(query.limit(MOST_ROWS + 1)).mappings():
            known.setdefault(row["id"], dict(row))
        self.is_full = len(known) > MOST_ROWS

    def watch_insert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        """An INSERT that may find its row there already."""
        self.is_full |= len(rows) > MOST_ROWS
        if not self.is_full and table.name not in NOT_JOURNALED:
            same = or_(*(_same_key(table, row) for row in rows))
            self.watch(table, same)
            self.perhaps_new.setdefault(table, []).append(same)

    @property
    def has_new_words(self) -> bool:
        """Whether a row was made that holds somebody's words."""
        columns = [(row, one) for row in self.new for one in inspect(row).mapper.columns]
        return any(isinstance(one.type, Text) and getattr(row, one.key, None) for row, one in columns)

    def written(self) -> dict[str, Any] | None:
        """The journal, as it is stored; None where nothing was written, or too much, or where words would be lost."""
        if self.is_full or len(self.new) > MOST_ROWS:
            return None
        made: Rows = {}
        changed: Rows = {}
        gone: dict[str, list[dict[str, Any]]] = {}
        for row in self.new:
            table = inspect(row).mapper.local_table
            values = {one.name: getattr(row, one.key) for one in table.columns}
            made.setdefault(table.name, {})[str(row.id)] = stamp(table, values)
        for table, known in self.before.items():
            written = select(table).where(or_(table.c.id.in_(list(known)), *self.perhaps_new.get(table, ())))
            after = {row["id"]: dict(row) for row in db.session.execute(written).mappings()}
            for number, values in after.items():
                if number not in known:
                    made.setdefault(table.name, {}).setdefault(str(number), stamp(table, values))
                elif str(number) not in made.get(table.name, {}) and known[number] != values:
                    changed.setdefault(table.name, {})[str(number)] = _difference(table, known[number], values)
            if lost := [_encoded(table, row) for number, row in known.items() if number not in after]:
                gone[table.name] = lost
        journal = {"made": made, "changed": changed, "gone": gone}
        return journal if any(journal.values()) and _WORDS not in json.dumps([changed, gone]) else None


def _same_key(table: Table, row: dict[str, Any]) -> Any:
    """The condition that a row is the one that such an INSERT makes or finds."""
    sent = {name: value for name, value in row.items() if name in table.c and value is not None}
    rules: list[Any] = [*table.indexes, *table.constraints]
    unique = [set(one.columns.keys()) for one in rules if getattr(one, "unique", isinstance(one, UniqueConstraint))]
    keys = [names for names in unique if names <= sent.keys()] or [set(sent)]
    return or_(*(and_(*(table.c[name] == sent[name] for name in names)) for names in keys))


def plain(value: Any) -> Any:
    """As JSON has it."""
    return value.isoformat() if isinstance(value, date | datetime | time) else getattr(value, "value", value)


def mark(value: Any) -> str:
    """Stands for words: tells whether they changed, and nothing else."""
    key = current_app.config["SECRET_KEY"].encode()
    return hmac.digest(key, repr(value).encode("utf-8", "replace"), "sha256").hex()[:24]


def stamp(table: Table, row: dict[str, Any]) -> str:
    """A whole row in short: another one, where anything in it changed since."""
    return mark([plain(row[one.name]) for one in table.columns])


def _encoded(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {
        one.name: _WORDS if row[one.name] and _is_words(one.type) else plain(row[one.name]) for one in table.columns
    }


def _is_words(kind: Any) -> bool:
    long = isinstance(kind, String) and not isinstance(kind, Enum) and (kind.length or 999) > SHORT
    return long or isinstance(kind, Text | LargeBinary | JSON)


def _difference(table: Table, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The values before, and a mark of those after, of each column that changed."""
    old = _encoded(table, before)
    return {name: [old[name], mark(plain(after[name]))] for name in before if before[name] != after[name]}


def _journal() -> Journal | None:
    return g.get("journal") if has_request_context() else None


@event.listens_for(db.session, "before_flush")
def _before_flush(db_session: Any, _context: Any, _instances: Any) -> None:
    journal = _journal()
    if journal is None:
        return
    journal.new += [one for one in db_session.new if one.__tablename__ not in NOT_JOURNALED]
    for one in (*db_session.dirty, *db_session.deleted):
        if one in db_session.deleted or db_session.is_modified(one):
            table = inspect(one).mapper.local_table
            journal.watch(table, table.c.id == one.id)


@event.listens_for(db.session, "do_orm_execute")
def _before_statement(state: Any) -> None:
    journal = _journal()
    if journal is None or not (state.is_insert or state.is_update or state.is_delete):
        return
    if state.execution_options.get("synchronize_session", "") is False:
        return  # a lock, which changes nothing
    table = db.metadata.tables[state.statement.table.name]
    if not state.is_insert:
        journal.watch(table, state.statement.whereclause)
    else:
        many = isinstance(state.parameters, list)
        journal.watch_insert(table, state.parameters if many else _rows_sent(state.statement))


def _rows_sent(statement: Any) -> list[dict[str, Any]]:
    """The rows of an INSERT; where it has several, SQLAlchemy names their values `column_m0`, `column_m1`."""
    rows: dict[str, dict[str, Any]] = {}
    for name, value in statement.compile(dialect=db.engine.dialect).params.items():
        several = re.fullmatch(r"(.+)_m(\d+)", name)
        rows.setdefault(several[2] if several else "", {})[several[1] if several else name] = value
    return [row for row in rows.values() if row.keys() & statement.table.c.keys()]


@event.listens_for(db.session, "after_soft_rollback")
def _forget(_session: Any, _previous: Any) -> None:
    """What was rolled back was not written."""
    if _journal() is not None:
        g.journal = Journal()
