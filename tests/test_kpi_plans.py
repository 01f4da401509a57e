"""How the databases find the figures: no table that grows with residents is read through, but for index-only counts."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, insert, text

from deal.assessment.models import Assessment, Feels, FirstTalkWait, Pulse
from deal.blockers.models import Blocker, Whose
from deal.clock import now, start_of, today, week_of
from deal.contact.models import Ending, Standing
from deal.conversations.models import Conversation, How
from deal.db import db
from deal.deals.models import Kept, KeptAnswer, Promise, PromiseWording, Side
from deal.goals.models import Goal, GoalState, State
from deal.invitations.models import Invitation
from deal.kpis.sentiment import Felt
from deal.kpis.snapshots import NUMBERS, published, running
from deal.people import Person, Role
from deal.questions.models import current_question_set
from deal.tenths import least_people
from tests.people import make_coach

# they grow with the landlord and the weeks, not with residents
SMALL = {"weekly_places", "setting", "heading", "change", "business_answer", "coach_hours", "frozen_block", "worker"}
RESIDENTS = 100_000
DAYS = 800  # over which their rows are spread

END = start_of(week_of(today()) + timedelta(days=7))
SPAN = END - timedelta(days=28), END
RUNNING: dict[str, Callable[[], Any]] = {
    **{name: partial(one.count, *SPAN) for name, one in NUMBERS.items() if not issubclass(one, Felt)},
    "published": published,
}
FELT: dict[str, Callable[[], Any]] = {
    name: partial(one.count, *SPAN) for name, one in NUMBERS.items() if issubclass(one, Felt)
}


@contextmanager
def heard() -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent, with their values."""
    statements: list[tuple[str, Any]] = []

    def hear(_connection, _cursor, statement, values, _context, _many):
        statements.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)


def statement_of(function: Callable[[], Any]) -> tuple[str, Any]:
    """The one statement of a figure; the threshold is read once a request and stands apart."""
    least_people()
    with heard() as statements:
        function()
    (one,) = statements
    return one


def read_through(statement: str, values: Any) -> set[str]:
    """The growing tables that the database would read row by row."""
    tables = {table.name for table in db.metadata.sorted_tables} - SMALL
    if db.engine.dialect.name == "sqlite":
        return _scanned_by_sqlite(statement, values, tables)
    with db.engine.connect() as connection:
        found = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar()
    plan = json.loads(found) if isinstance(found, str) else found
    return {node["Relation Name"] for node in _nodes(plan[0]["Plan"]) if _reads_all(node)} & tables


def _scanned_by_sqlite(statement: str, values: Any, tables: set[str]) -> set[str]:
    with db.engine.connect() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
    scans = [re.sub(r"_\d+$", "", line.split()[1]) for line in plan if _is_scan(line)]
    return {name for name in scans if name in tables}


def _is_scan(line: str) -> bool:
    return line.startswith("SCAN ") and "USING COVERING INDEX" not in line


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for one in plan.get("Plans", []):
        yield from _nodes(one)


def _reads_all(node: dict[str, Any]) -> bool:
    """A sequential scan, or an index walked from end to end with the table beside it."""
    return node["Node Type"] == "Seq Scan" or (node["Node Type"] == "Index Scan" and "Index Cond" not in node)


@pytest.mark.parametrize("name", RUNNING | FELT)
def test_a_figure_is_one_statement_that_reads_no_growing_table_through(sqlite, name):
    """An empty PostgreSQL reads its tables through, and rightly: the slow test has many rows."""
    with sqlite.app_context():
        assert read_through(*statement_of((RUNNING | FELT)[name])) == set()


def test_a_scan_would_be_seen(sqlite):
    with sqlite.app_context():
        assert read_through("SELECT count(*) FROM goal WHERE version > 3", ()) == {"goal"}


def test_the_running_block_takes_six_statements(app):
    with heard() as statements:
        running()
    assert len(statements) == 6


@pytest.mark.slow
@pytest.mark.on_both
def test_a_hundred_thousand_residents_are_not_read_through(app):
    fill()
    for name, function in RUNNING.items():
        assert read_through(*statement_of(function)) == set(), name
    told = running()
    assert 0 < told["reach"].finished < RESIDENTS / 10
    assert told["own_words"].live > RESIDENTS / 3 and told["wait"].talks > 0 and told["blockers"].open > 0


def fill() -> None:
    """A plain story for each resident, spread over 800 days, as the application would have written it."""
    coach, questions = make_coach().id, current_question_set().id
    for first in range(1, RESIDENTS + 1, 5_000):
        rows: dict[Any, list[dict[str, Any]]] = {}
        for number in range(first, first + 5_000):
            for table, values in _story(number, coach, questions):
                rows.setdefault(table, []).append({"id": number} | values)
        for table, values in rows.items():
            db.session.execute(insert(table.__table__), values)
        db.session.commit()
    db.session.remove()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if db.engine.dialect.name == "sqlite":
            connection.execute(text("ANALYZE"))
            return
        # what autovacuum does by itself, and may be doing at this moment; without it no index can be read alone
        unseen = text("SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relpages > 9 AND relallvisible < relpages")
        for _ in range(60):
            connection.execute(text("VACUUM ANALYZE"))
            if not connection.scalar(unseen):
                break
            time.sleep(1)


def _story(number: int, coach: int, questions: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    days = timedelta(days=DAYS * number / RESIDENTS)
    begun = now() - timedelta(days=DAYS) + days
    on, who = begun.date(), number + 1_000
    name = {"name": f"Resident {number}", "name_key": f"resident {number}", "label": "", "label_key": ""}
    blank = {"phone": "", "languages": "", "about": "", "made_at": begun}
    yield Person, {"id": who, "role": Role.RESIDENT, **name, **blank}
    his = {"resident_id": who}
    letter = {"made_by_id": coach, "made_at": begun, "renewal": False, "by_hand": False, "code_hash": f"{number:064}"}
    no_thanks = begun if number % 9 == 0 else None
    yield Invitation, {**his, **letter, "opened_at": begun, "no_thanks_at": no_thanks}
    yield Assessment, {**his, "question_set_id": questions, "started_at": begun, "finished_at": begun}
    yield FirstTalkWait, {**his, "since": begun, "talked_on": on + timedelta(days=3) if number % 50 else None}
    standing = Standing.DIED if number % 40 == 0 else Standing.HERE
    yield Ending, {**his, "standing": standing, "by_id": coach, "at": begun}
    yield Conversation, {**his, "coach_id": coach, "talked_on": on, "how": How.WALK, "written_at": begun}
    pulse = {**his, "by_id": who, "feels": Feels.YES, "at": begun}
    yield Pulse, {**pulse, "assessment_id": number, "conversation_id": None}
    yield Pulse, {**pulse, "id": RESIDENTS + number, "assessment_id": None, "conversation_id": number}
    state = State.LIVE if number % 3 else State.REACHED
    row = {"made_at": begun, "changed_at": begun, "own_words": number % 5 > 0, "version": 1, "state": state}
    yield Goal, {**his, **row}
    yield GoalState, {"goal_id": number, "state": state, "by_id": who, "at": begun}
    passed = {"passed_on": begun if number % 2 else None, "gone_at": begun if number % 7 else None}
    said = {"whose": Whose.LANDLORD, "words": "the form is long", "language": "en", "by_id": who, "opened_at": begun}
    yield Blocker, {**his, **said, **passed}
    yield Promise, {**his, "side": Side.LANDLORD, "made_at": begun}
    wording = {"words": "a key", "who": "Sam", "language": "en", "typed_by_id": coach, "at": begun}
    yield PromiseWording, {**wording, "promise_id": number, "due_on": on}
    yield KeptAnswer, {"promise_id": number, "kept": Kept.YES, "at": begun}
