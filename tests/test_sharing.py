"""Nia lets the managers show a goal of hers, and takes it back; one such goal stands for a week."""

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from sqlalchemy import event, select, text

from deal.clock import now, start_of, today, week_of
from deal.contact.models import is_here
from deal.db import db
from deal.goals.models import SharedGoal, State, goal_of_the_week
from deal.people import Person
from tests.people import count, keep, make_goal, make_resident, share_goal

BIKE = "i want a bike of me own 🚲"


@pytest.fixture
def goal(nia):
    return make_goal(nia, BIKE)


def address(goal) -> str:
    return f"/residents/{goal.resident_id}/goals/{goal.id}"


def rows() -> list[SharedGoal]:
    return list(db.session.scalars(select(SharedGoal).order_by(SharedGoal.id)))


def shown(app) -> tuple[str, str | None] | None:
    """The words and the name that managers would read."""
    db.session.expire_all()
    found = goal_of_the_week(is_here(Person.id))
    return (found.wording.words, found.name) if found else None


@pytest.mark.on_both
def test_nia_shows_a_goal_and_takes_it_back(app, visit, nia, goal):
    phone = visit(nia)
    phone.get(address(goal))
    assert "May we show this goal to the managers and on their one page?" in phone.page
    page = phone.page
    assert "The managers, on their page." in page and "on the sheet they print" in page
    assert "a sheet that is printed cannot be called back" in page
    assert "Choose yes or no." in phone.press("Save this answer", status=422).errors
    assert shown(app) is None

    page = phone.press("Save this answer", choice="named")
    assert "the managers may show this goal, with my name" in page
    assert shown(app) == (BIKE, "Nia")

    assert "Who sees it?" in page
    assert phone.page.soup.find("input", value="named").has_attr("checked")
    assert "without my name" in phone.press("Save this answer", choice="unnamed")
    assert shown(app) == (BIKE, None)

    page = phone.press("Do not show it any more")
    assert "May we show this goal to the managers" in page and "You said: the managers" not in page
    assert shown(app) is None
    assert [bool(row.taken_back_at) for row in rows()] == [True, True]


@pytest.mark.on_both
def test_pressing_twice_says_it_once(app, visit, nia, goal):
    phone = visit(nia)
    page = phone.get(address(goal))
    for _ in range(2):
        phone.page = page
        phone.press("Save this answer", choice="unnamed")
    assert [(row.named, row.taken_back_at) for row in rows()] == [(False, None)]
    page = phone.page
    for _ in range(2):
        phone.page = page
        phone.press("Do not show it any more")
    assert shown(app) is None and len(rows()) == 1


@pytest.mark.on_both
def test_two_tabs_leave_one_answer(app, visit, nia, goal):
    one, other = visit(nia), visit(nia)
    one.get(address(goal))
    other.get(address(goal))
    one.press("Save this answer", choice="named")
    other.press("Save this answer", choice="unnamed")
    assert [row.named for row in rows() if not row.taken_back_at] == [False]


def test_a_yes_is_to_the_words_that_were_read(app, visit, nia, sam, goal):
    phone = visit(nia)
    phone.get(address(goal))
    visit(nia).post(f"{address(goal)}/words", words="i want two bikes")
    page = phone.press("Save this answer", status=409, choice="named")
    assert "The words changed while your page was open." in page.errors and "i want two bikes" in page.words
    assert not rows()
    phone.press("Save this answer", choice="named")
    assert shown(app) == ("i want two bikes", "Nia")


def test_new_words_are_not_shown_until_nia_is_asked_again(app, visit, nia, sam, goal):
    share_goal(goal, named=True)
    assert shown(app) == (BIKE, "Nia")
    visit(sam).post(f"{address(goal)}/words", words="Nia wants transport")
    assert shown(app) is None
    phone = visit(nia)
    page = phone.get(address(goal))
    assert "show" not in page.soup.main.get_text(), "words that Sam typed are not Nia's yet"
    page = phone.press("Yes, that is what I said")
    assert "This goal has new words, so the managers do not see it now." in page
    assert shown(app) is None
    assert "May we show these words to the managers?" in page
    phone.press("Save this answer", choice="unnamed")
    assert shown(app) == ("Nia wants transport", None)


def test_it_is_gone_with_her_words(app, visit, nia, goal):
    share_goal(goal)
    phone = visit(nia)
    phone.post(f"/residents/{nia.id}/words/goal/{goal.current_wording.id}/take-back")
    assert shown(app) is None
    assert "show" not in phone.get(address(goal)).soup.main.get_text()


@pytest.mark.parametrize("state", [State.SET_ASIDE, State.CHANGED])
def test_what_she_wants_no_more_is_not_shown(app, visit, nia, goal, state):
    share_goal(goal)
    phone = visit(nia)
    phone.get(address(goal))
    goal.state = state
    keep(goal)
    assert shown(app) is None
    assert "This goal cannot be shown now." in phone.press("Save this answer", status=409, choice="named").errors
    assert [row.named for row in rows()] == [False]
    phone.press("Do not show it any more", on=address(goal))
    assert rows()[0].taken_back_at


def test_it_is_gone_when_she_is(app, nia, goal):
    share_goal(goal, named=True)
    nia.closes_at = now() + timedelta(days=9)  # moved, and can still take it back
    keep(nia)
    assert shown(app) == (BIKE, "Nia")
    nia.closes_at = now()
    keep(nia)
    assert shown(app) is None


@pytest.mark.on_both
def test_it_is_not_shown_while_she_does_not_need_this_now(app, visit, nia, goal):
    share_goal(goal, named=True)
    phone = visit(nia)
    for button, then in (("I don't need this now", None), ("I would like to come back", (BIKE, "Nia"))):
        phone.get(f"/residents/{nia.id}/not-now")
        phone.press(button)
        assert shown(app) == then


def test_it_is_not_shown_when_she_has_moved_away(app, visit, morgan, sam, nia, goal):
    share_goal(goal, named=True)
    assert BIKE in visit(morgan).get("/numbers").words
    visit(sam).press("Save", on=f"/residents/{nia.id}/change", standing="moved")
    assert shown(app) is None and BIKE not in visit(morgan).get("/numbers").words


def test_it_is_nias_alone(app, visit, nia, amina, sam, goal):
    hers = make_goal(amina, "my own shop")
    for person, path in ((amina, address(goal)), (sam, address(goal)), (nia, f"/residents/{nia.id}/goals/{hers.id}")):
        browser = visit(person)
        answer = browser.send("POST", f"{path}/share", {"csrf_token": browser.token(), "choice": "named"})
        assert answer.status_code == 404
    assert "show this goal" not in visit(sam).get(address(goal)).soup.main.get_text()
    assert not rows()


def test_closed_while_somebody_sits_beside_her(visit, nia, goal):
    phone = visit(nia)
    phone.get(address(goal))
    page = phone.page
    phone.post(f"/residents/{nia.id}/helped", helper="friend")
    phone.page = page
    assert phone.press("Save this answer", status=409, choice="named")
    assert "You are doing this together" in phone.get(address(goal))
    assert not rows()


def test_words_that_are_not_hers_are_refused_with_the_reason(visit, nia, sam, goal):
    phone = visit(nia)
    phone.get(address(goal))
    visit(sam).post(f"{address(goal)}/words", words="Nia wants transport")
    assert "The words changed while your page was open." in phone.press("Save this answer", 409, choice="named").errors
    assert "We only show goals in your own words." in phone.page and not rows()


# -- the goal of the week


@pytest.mark.on_both
def test_one_a_week_the_same_all_week_and_each_has_its_turn(app, sam):
    monday = week_of(today())
    for number in range(5):
        share_goal(make_goal(make_resident(f"R{number}", sam), f"goal {number}"), days_ago=30)
    turns = []
    for week in range(20):
        found = set()
        for day in (0, 3, 6):
            with time_machine.travel(start_of(monday + timedelta(days=7 * week + day)) + timedelta(hours=9)):
                found.add(shown(app))
        assert len(found) == 1, "the same from Monday to Sunday"
        turns += found
    assert {words for words, _name in turns} == {f"goal {number}" for number in range(5)}
    assert all(one != then for one, then in pairwise(turns)), "another one every week"
    assert max(turns.count(one) for one in turns) <= 7


@pytest.mark.on_both
def test_nobody_elses_coming_or_going_changes_whose_week_it_is(app, sam):
    goals = [make_goal(make_resident(f"R{number}", sam), f"goal {number}") for number in range(4)]
    first = share_goal(goals[0])
    assert shown(app) == ("goal 0", None), "the first one need not wait for Monday"
    share_goal(goals[1])
    assert shown(app) == ("goal 0", None)
    first.at = now() - timedelta(days=14)
    keep(first)
    old = [share_goal(one, days_ago=14) for one in goals[2:]]
    words, _name = shown(app)
    share_goal(make_goal(make_resident("Late", sam), "late"))
    assert shown(app) == (words, None)
    other = next(one for one in (first, *old) if one.wording.words != words)
    other.taken_back_at = now()
    keep(other)
    assert shown(app) == (words, None)


@pytest.mark.on_both
def test_it_takes_one_statement_and_only_reads_what_is_shared(app, nia, goal):
    share_goal(goal, named=True)
    db.session.expunge_all()
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2:4]))
    found = goal_of_the_week(is_here(Person.id))
    assert (found.wording.words, found.name) == (BIKE, "Nia")
    assert len(statements) == 1
    if db.engine.dialect.name == "sqlite":
        plan = db.session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + statements[0][0], statements[0][1])
        scans = [row[3] for row in plan if row[3].startswith("SCAN")]
        assert scans == ["SCAN shared_goal USING INDEX uq_shared_goal_one_holds"], scans


def test_her_rows_go_with_her(nia, goal):
    share_goal(goal)
    db.session.execute(text("DELETE FROM person WHERE id = :id"), {"id": nia.id})
    assert count(SharedGoal) == 0


def test_the_macro_names_only_who_said_so(app, nia, goal):
    macro = app.jinja_env.get_template("macros/goal.html").module.shared_goal
    with app.test_request_context():
        assert "Nia" in macro(share_goal(goal, named=True))
        rows()[0].named = False
        assert "Nia" not in macro(rows()[0]) and BIKE in macro(rows()[0])
