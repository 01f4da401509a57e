"""What fails is told apart, is true on the page, and stands in the log under the number that the page says."""

import logging
import re
import sqlite3
from io import StringIO
from unittest.mock import Mock

import psycopg
import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from deal.access import open_to, open_to_everyone
from deal.auth.tokens import code_hash_of
from deal.db import db
from deal.logs import LAYOUT, OneLineAMinute, facts
from deal.people import Person, Role
from tests.people import make_goal, set_settings

CANARY = "canary-zwxq"
ADDING = "goals.add"
SAVED, UNKNOWN = "Nothing of this press was saved.", "We do not know whether your last press was saved."


def same_address():
    db.session.add_all(Person(role=Role.MANAGER, name=CANARY, email=f"{CANARY}@deal.test") for _ in range(2))
    db.session.commit()


def no_name():
    db.session.add(Person(role=Role.MANAGER, name=None, email=f"{CANARY}@deal.test"))
    db.session.commit()


def missing_column():
    db.session.execute(text("SELECT no_such_column FROM person WHERE name = :name"), {"name": CANARY})


def stale():
    raise StaleDataError(CANARY)


def a_bug():
    {}[CANARY]


def a_bug_in_a_bug():
    try:
        same_address()
    except Exception:
        int(CANARY)


def locked():
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("PRAGMA busy_timeout = 0"))
        other = sqlite3.connect(db.engine.url.database)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = db.engine.connect()
        other.execute(text("SELECT id FROM person FOR UPDATE"))
        db.session.execute(text("SET LOCAL lock_timeout = 50"))
    try:
        db.session.execute(text("UPDATE person SET name = :name"), {"name": CANARY})
    finally:
        other.close()


def lost():
    if db.engine.dialect.name == "sqlite":
        pytest.skip("there is no connection to lose")
    db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid()), :name"), {"name": CANARY})


def written_before_it_was_lost():
    db.session.execute(text("UPDATE person SET name = 'Nina' WHERE name = 'Nia'"))
    db.session.commit()
    a_bug()


FAILURES = [
    (same_address, 409, "Something changed in between", SAVED),
    (no_name, 500, "Something went wrong on our side", SAVED),
    (missing_column, 500, "Something went wrong on our side", SAVED),
    (stale, 409, "Something changed in between", SAVED),
    (a_bug, 500, "Something went wrong on our side", SAVED),
    (a_bug_in_a_bug, 500, "Something went wrong on our side", SAVED),
    (locked, 503, "We are busy for a moment", SAVED),
    (lost, 503, "We cannot reach what we keep just now", UNKNOWN),
    (written_before_it_was_lost, 500, "Something went wrong on our side", UNKNOWN),
]


@pytest.mark.on_both
@pytest.mark.parametrize(("fail", "status", "title", "saved"), FAILURES, ids=lambda one: getattr(one, "__name__", ""))
def test_a_failure_is_true_on_the_page_and_numbered_in_the_log(
    app, visit, nia, caplog, monkeypatch, fail, status, title, saved
):
    phone = visit(nia)
    monkeypatch.setitem(app.view_functions, ADDING, open_to(Role.RESIDENT)(lambda resident_id: fail()))
    path, sent = f"/residents/{nia.id}/goals/new", {"csrf_token": phone.token(), "words": CANARY}
    answer = phone.send("POST", path, sent)
    page = phone.open_answer(answer, path, status)
    assert title in page and saved in page and CANARY in page.words
    (number,) = re.findall(r"If you ring us, say this number: (\d{8})\.", str(page.soup.get_text()))
    assert number == answer.headers["X-Request-ID"]
    written = [logging.Formatter(LAYOUT).format(record) for record in caplog.records]
    assert any(number in line and ADDING in line and fail.__name__ in line for line in written), written
    assert CANARY not in "".join(written) + caplog.text


def test_a_failed_constraint_is_named(app, visit, nia, caplog, monkeypatch):
    phone = visit(nia)
    monkeypatch.setitem(app.view_functions, ADDING, open_to(Role.RESIDENT)(lambda resident_id: missing_column()))
    phone.send("POST", f"/residents/{nia.id}/goals/new", {"csrf_token": phone.token()})
    assert re.search(r"SQLITE_ERROR no such column: no_such_column|42703 column .no_such_column", caplog.text)


@pytest.mark.parametrize("address", ["/i/{}", "/join/{}"])
def test_no_address_with_a_code_is_logged(app, visit, caplog, monkeypatch, address):
    """Not where the page fails, nor where even the page that says so does, nor by what others log."""
    code = "ACDEFHJKLMNPQRT"
    path = address.format(code)
    visit().send("GET", path)
    with app.test_request_context(path) as context:
        endpoint = context.request.endpoint
        logging.getLogger("another").error("cannot serve %s, again %d times: %s", path, 3, path)
        logging.getLogger("another").error(f"Exception while serving {path}")
    monkeypatch.setitem(app.view_functions, endpoint, open_to_everyone(lambda **_: 1 / 0))
    visit().send("GET", path)
    monkeypatch.setattr("deal.errors.render_template", lambda *_, **__: 1 / 0)
    assert visit().send("GET", path).status_code == 500
    assert "again 3 times" in caplog.text and endpoint in caplog.text
    assert code not in caplog.text and code_hash_of(code) not in caplog.text


def test_what_is_refused_on_purpose_has_no_number_and_no_line(visit, nia, caplog):
    goal = make_goal(nia)
    page = visit(nia).get(f"/residents/{nia.id}/goals/{goal.id + 1}", status=404)
    assert "say this number" not in page and not caplog.records


def test_where_the_database_is_away_there_are_still_numbers_to_ring(app, visit, nia, monkeypatch):
    """In the landlord's words as they were last read, whether somebody is signed in or not."""
    set_settings(help_lines={"en": "Bryn Homes at night: 01632 960111"})
    browsers = [visit(), visit(nia)]
    browsers[0].get("/help")
    for browser in browsers:
        with monkeypatch.context() as away:
            gone = OperationalError("SELECT 1", {}, psycopg.OperationalError("connection refused"))
            away.setattr(db.engine.pool, "connect", Mock(side_effect=gone))
            page = browser.get("/help")
            assert "999" in page and "116 123" in page and "01632 960111" in page and "01632 960000" in page
            page = browser.get("/privacy", status=503)
            assert "We cannot reach what we keep just now" in page and "01632 960000" in page
        assert "01632 960111" in browser.get("/help")


@pytest.mark.parametrize("reason", ["Connection refused", "timeout expired", "password authentication failed"])
def test_why_a_database_does_not_answer_is_logged_in_a_fixed_word(reason):
    error = psycopg.OperationalError(f'connection failed: {reason} for user "{CANARY}"')
    for one in (error, OperationalError("SELECT 1", {}, error)):
        (said,) = facts(one)
        assert said in reason and CANARY not in said
    assert facts(psycopg.OperationalError(CANARY)) == ["no answer"]


def test_a_worker_without_a_database_logs_one_line_a_minute(sqlite_app):
    log, out = logging.getLogger("worker.of.a.test"), StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(OneLineAMinute())
    log.addHandler(handler)
    for minute in range(2):
        with time_machine.travel(minute * 61.0, tick=False):
            for _ in range(5):
                try:
                    raise psycopg.OperationalError("Connection refused")
                except psycopg.OperationalError:
                    log.exception("Error reading from queue")
    log.error("a bug", exc_info=psycopg.errors.UndefinedTable())
    log.removeHandler(handler)
    lines = out.getvalue()
    assert "a bug" in lines and "UndefinedTable" in lines
    said = "the database does not answer: psycopg.OperationalError Connection refused\n"
    assert lines.partition("a bug")[0] == said * 2
