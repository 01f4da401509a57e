"""What once went wrong, each as a short story."""

import re
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select

from deal.assessment.models import Answer, Assessment
from deal.auth.models import OneTimeCode
from deal.clock import now
from deal.config import key_file
from deal.db import db
from deal.goals.models import CheckIn, Goal, GoalState, Step, Wording
from tests.live import DEAL
from tests.people import (
    PIN,
    begin_about_me,
    count,
    finish_about_me,
    make_answer,
    make_blocker,
    make_check_in,
    make_goal,
    make_promise,
    make_step,
    story_of,
)


def test_what_was_said_before_cannot_be_quoted(visit, sam, nia):
    earlier = make_answer(begin_about_me(nia), "proud", "i take that back", superseded_at=now())
    assert visit(sam).get(f"/residents/{nia.id}/goals/new?quote={earlier.id}").value("words") == ""


def test_doing_about_me_again_hides_nothing_from_the_coach(visit, sam, nia):
    finish_about_me(nia, words="do not ask about my brother")
    phone = visit(nia)
    phone.press("Do About me again", on=f"/residents/{nia.id}/about-me")
    page = visit(sam).get(f"/residents/{nia.id}")
    assert "Would rather not be asked about" in page and "do not ask about my brother" in page.words
    assert "do not ask about my brother" in story_of(nia).get_text()
    again = db.session.scalars(select(Assessment).filter_by(finished_at=None)).one()
    make_answer(again, "not-ask", "nor about my sister")
    page = visit(sam).get(f"/residents/{nia.id}")
    assert "nor about my sister" in page.words, "newer words lie over the older ones"
    phone.get(f"/residents/{nia.id}/about-me")
    first = db.session.scalars(select(Assessment).where(Assessment.finished_at.is_not(None))).one()
    assert phone.page.soup.find("a", href=f"/residents/{nia.id}/about-me/{first.id}/check")


def test_a_second_number_for_a_new_pin_ends_the_first_and_the_old_pin(visit, sam, nia):
    coach, numbers = visit(sam), []
    for _ in range(2):
        page = coach.post(f"/residents/{nia.id}/new-pin", status=200, on=f"/residents/{nia.id}/change")
        numbers.append(re.sub(r"\D", "", page.soup.select_one(".deal-code").get_text()))
    fields = {"name": nia.sign_in_name, "pin": "640217"}
    assert "do not go together" in visit().post("/new-pin", status=422, number=numbers[0], **fields).errors
    assert "do not go together" in visit().post("/sign-in", status=422, name=nia.sign_in_name, pin=PIN).errors
    visit().post("/new-pin", number=numbers[1], **fields)
    first, second = db.session.scalars(select(OneTimeCode).order_by(OneTimeCode.id))
    assert (first.used_at, first.is_alive) == (None, False) and second.used_at


def test_a_stale_page_about_a_goals_state_can_be_sent_again(visit, nia):
    goal = make_goal(nia)
    phone, tablet = visit(nia), visit(nia)
    phone.get(f"/residents/{nia.id}/goals/{goal.id}")
    tablet.post(f"/residents/{nia.id}/goals/{goal.id}/words", words="in other words")
    assert "was changed while your page was open" in phone.press("Resting", status=409).errors
    assert "Resting" in phone.press("Resting")


def test_new_words_beside_another_state_are_not_lost(visit, nia):
    goal = make_goal(nia)
    phone = visit(nia)
    where = f"/residents/{nia.id}/goals/{goal.id}/state"
    page = phone.post(where, status=422, state="reached", words="a bus pass")
    assert "You wrote new words." in page.errors and page.value("words", where) == "a bus pass"
    assert count(GoalState) == 1


def test_skip_keeps_what_was_typed_and_later_leaves_the_question_open(visit, nia):
    phone = visit(nia)
    phone.press("Start", on=f"/residents/{nia.id}/about-me")
    phone.press("Skip this question", words="i can plaster")
    assert db.session.scalars(select(Answer)).one().words == "i can plaster"
    phone.press("Save and come back later")
    assert count(Answer) == 1
    phone.click("Carry on")
    assert "Question 2 of 14" in phone.page


def test_a_double_press_of_new_words_or_a_new_state_is_one(visit, nia):
    goal = make_goal(nia)
    for model, button, fields in ((Wording, "Save these words", {"words": "two wheels"}), (GoalState, "Resting", {})):
        phone = visit(nia)
        phone.get(f"/residents/{nia.id}/goals/{goal.id}")
        page = phone.page
        for _ in range(2):
            phone.page = page
            phone.press(button, **fields)
        assert count(model, goal_id=goal.id) == 2


def test_a_check_in_that_is_not_what_nia_said(visit, nia, sam):
    goal = make_goal(nia)
    make_check_in(goal, 3, typed_by=sam, in_the_way="Client disengaged")
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}/goals/{goal.id}")
    button = next(one for one in phone.page.soup("button") if "That's not what I said" in one.get_text())
    phone.press(" ".join(button.get_text().split()))
    assert "You can tell it in your own words here." in phone.page and phone.page.button("Save")
    assert db.session.scalars(select(CheckIn)).one().not_agreed_at
    assert "not agreed" in visit(sam).get(f"/residents/{nia.id}/goals/{goal.id}")


def test_own_check_ins_cannot_be_disowned(visit, nia):
    goal = make_goal(nia)
    mine = make_check_in(goal)
    phone = visit(nia)
    data = {"csrf_token": phone.token(), "once": "1"}
    path = f"/residents/{nia.id}/words/check-in/{mine.id}/not-mine"
    assert phone.send("POST", path, data).status_code == 404


def test_every_goal_and_check_in_can_be_reached(visit, nia):
    for number in range(32):
        goal = make_goal(nia, f"goal number {number}.")
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}/goals")
    assert "goal number 0." not in phone.page
    assert "goal number 0." in phone.click("Show the next ones")
    for number in range(14):
        make_check_in(goal, helped=f"help number {number}.")
    assert "help number 0." in phone.click("Show earlier ones", on=f"/residents/{nia.id}/goals/{goal.id}")


def test_no_more_than_fifty_steps(visit, nia):
    goal = make_goal(nia)
    for number in range(50):
        make_step(goal, f"step {number}")
    where = f"/residents/{nia.id}/goals/{goal.id}"
    assert "There are 50 steps" in visit(nia).post(f"{where}/steps", status=422, on=where, words="one more").errors
    assert count(Step) == 50


def test_one_way_through_at_a_time(visit, nia):
    phone, tablet = visit(nia), visit(nia)
    for browser in (phone, tablet):
        browser.get(f"/residents/{nia.id}/about-me")
    for browser in (phone, tablet):
        browser.press("Start")
    assert count(Assessment) == 1


def test_all_live_goals_stand_in_the_story(nia):
    for number in range(5):
        make_goal(nia, f"goal number {number}.")
    words = story_of(nia).get_text()
    assert all(f"goal number {number}." in words for number in range(5))
    assert count(Goal) == 5


def test_an_empty_key_file_is_no_key(tmp_path: Path):
    tmp_path.joinpath("key.txt").write_text("")
    with pytest.raises(OSError, match="empty or damaged"):
        key_file(tmp_path / "key.txt", "nobody can sign in")


@pytest.mark.parametrize(
    ("arguments", "environment", "sentence"),
    [
        (["summary", "999", "--out", "x.pdf"], {"DEAL_DATABASE_URL": "nonsense"}, "Deal cannot start"),
        # each is a process of its own; test_command_line.py tries all else in its own
        pytest.param(["frobnicate"], {}, "No such command", marks=pytest.mark.slow),
        pytest.param(["demo", "--residents", "many"], {}, "not a valid integer", marks=pytest.mark.slow),
        pytest.param(["start"], {"PORT": "many"}, "PORT is a number", marks=pytest.mark.slow),
    ],
)
def test_the_command_line_says_one_sentence_and_2(tmp_path, arguments, environment, sentence):
    settings = {"DEAL_INSTANCE": str(tmp_path), "DEAL_DEMO": "no", "PATH": "/usr/bin:/bin"} | environment
    done = subprocess.run([DEAL, *arguments], env=settings, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2 and sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_demonstration_refuses_real_people(app, nia):
    said = app.test_cli_runner().invoke(args=["demo"])
    assert said.exit_code != 0 and "real people" in said.output


def test_starting_about_me_says_nothing_of_saving(visit, nia):
    """Nothing was said yet: there is nothing to save and nothing to undo on the first question."""
    page = visit(nia).press("Start", on=f"/residents/{nia.id}")
    assert "Question 1 of 14" in page
    assert "Saved." not in page and not page.soup.select(".deal-undo")


def test_a_deal_without_promises_offers_no_paper_that_is_not_there(visit, nia, sam):
    phone = visit(nia)
    assert "Print our deal" not in phone.get(f"/residents/{nia.id}/deal")
    make_promise(nia, by=sam)
    assert "Print our deal" in phone.get(f"/residents/{nia.id}/deal")


def test_how_to_talk_and_what_we_could_do_are_no_goals(visit, nia):
    about_me = begin_about_me(nia)
    for key in ("how-talk", "landlord-do", "hope-most"):
        make_answer(about_me, key, f"words of {key}")
    page = visit(nia).get(f"/residents/{nia.id}/about-me/{about_me.id}/check")
    offered = [one.get_text(" ", strip=True) for one in page.soup.select("a[href*='quote=']")]
    assert offered == ["Make a goal of this words of hope-most"]


def test_whose_something_is_to_change_says_what_it_is_about(visit, nia):
    make_blocker(nia, "the key")
    assert (
        "Whose is it to change?"
        in visit(nia).get(f"/residents/{nia.id}/timeline?kind=blockers").soup.select_one(".deal-event").text
    )
    assert visit(nia).get(f"/residents/{nia.id}/helped").soup.h1.text == "Someone is helping me", (
        "as the way there says"
    )
