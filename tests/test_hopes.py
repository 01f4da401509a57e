"""From what somebody hopes for to a goal, with one press and every letter of it."""

from itertools import count

import pytest
from sqlalchemy import select

from deal.assessment.models import ReadBack, answers_in
from deal.clock import now
from deal.db import db
from deal.goals.models import Goal, State, goals_of, hope_to_offer
from tests.people import begin_about_me, keep, make_answer, make_goal

PRESSES = count(1)


def quoting(coach, answer):
    """The form of a new goal, with the words of that answer."""
    return coach.get(f"/residents/{answer.resident_id}/goals/new?quote={answer.id}")


def test_a_goal_quotes_an_answer_letter_for_letter(visit, sam, nia):
    answer = make_answer(begin_about_me(nia), "love-to-do", "  play the\nharp again 🎶")
    coach = visit(sam)
    assert quoting(coach, answer).value("words") == "  play the\nharp again 🎶"
    coach.press("Save this goal")
    goal = db.session.scalars(select(Goal)).one()
    assert (
        goal.current_wording.words == "  play the\nharp again 🎶" and goal.current_wording.quoted_answer_id == answer.id
    )
    assert (goal.current_wording.said_by_id, goal.current_wording.typed_by_id) == (nia.id, nia.id)
    assert goal.own_words, "every letter of it is Nia's"
    assert "not read back yet" not in coach.page and "Read it back" not in coach.page


def test_a_coach_who_changes_a_letter_reads_it_back(visit, sam, nia):
    about_me = begin_about_me(nia)
    answer = make_answer(about_me, "hope-most", "my own van")
    make_answer(about_me, "how-sure", number=6)
    coach = visit(sam)
    for number, fields in enumerate(({"words": "my own  van"}, {"why": "so she can work"}, {"sure": "9"}), 1):
        quoting(coach, answer)
        coach.press("Save this goal", **fields)
        goal = db.session.get(Goal, number)
        assert goal.current_wording.typed_by_id == sam.id and not goal.own_words, fields
        assert "not read back yet" in coach.page


def test_an_answer_becomes_a_goal_with_one_press(visit, sam, nia):
    about_me = begin_about_me(nia)
    answer = make_answer(about_me, "hope-most", "Baking  with Tyler", language="cy")
    make_answer(about_me, "how-sure", number=6)
    make_answer(about_me, "why-that-number", "it's the asking\nthat makes me shy")
    coach = visit(sam)
    press_make_a_goal(coach, answer)
    goal = db.session.scalars(select(Goal)).one()
    current_wording = goal.current_wording
    assert (current_wording.words, current_wording.why, current_wording.sure) == (
        "Baking  with Tyler",
        "it's the asking\nthat makes me shy",
        6,
    )
    assert goal.own_words and current_wording.typed_by_id == nia.id and current_wording.language == "cy"
    assert goal.states[0].by_id == sam.id, "who pressed is kept"
    assert "Baking  with Tyler" in coach.page.words
    assert press_make_a_goal(coach, answer).path == f"/residents/{nia.id}/goals/{goal.id}"
    assert len(db.session.scalars(select(Goal)).all()) == 1, "it is a goal already"
    coach.get(f"/residents/{nia.id}/goals/{goal.id}")


def press_make_a_goal(browser, answer):
    path = f"/residents/{answer.resident_id}/goals/from/{answer.id}"
    sent = browser.send("POST", path, {"csrf_token": browser.token(), "once": f"press {next(PRESSES)}"})
    assert sent.status_code == 303
    return browser.get(sent.location)


def test_what_was_typed_for_her_and_not_read_back_is_a_goal_to_read_back(visit, sam, nia):
    about_me = begin_about_me(nia)
    answer = make_answer(about_me, "hope-most", "a van", typed_by_id=sam.id)
    make_answer(about_me, "how-sure", number=6)  # her own: no part of what is read back
    page = press_make_a_goal(visit(sam), answer)
    goal = db.session.scalars(select(Goal)).one()
    assert not goal.own_words and goal.current_wording.sure is None and "Read it back to Nia" in page
    other = make_answer(about_me, "year-from-now", "an allotment", typed_by_id=sam.id)
    press_make_a_goal(visit(nia), other)
    made = db.session.get(Goal, goal.id + 1)
    assert made.own_words and made.current_wording.read_back_how is ReadBack.OWN, (
        "she pressed it herself, on her own page"
    )


def test_an_answer_that_changed_meanwhile_makes_no_goal(visit, nia, amina):
    about_me = begin_about_me(nia)
    before = make_answer(about_me, "hope-most", "a van", superseded_at=now())
    page = press_make_a_goal(visit(nia), before)
    assert "That answer has changed" in page and not db.session.scalars(select(Goal)).all()
    hers = make_answer(begin_about_me(amina), "hope-most", "a boat")
    visit(nia).send("POST", f"/residents/{nia.id}/goals/from/{hers.id}", {})
    assert not db.session.scalars(select(Goal)).all()


def test_somebody_elses_answer_cannot_be_quoted(visit, sam, nia, amina):
    answer = make_answer(begin_about_me(amina), "love-to-do", "a secret")
    assert visit(sam).get(f"/residents/{nia.id}/goals/new?quote={answer.id}").value("words") == ""
    visit(sam).post(f"/residents/{nia.id}/goals/new", words="hers", quoted=answer.id)
    assert db.session.scalars(select(Goal)).one().current_wording.quoted_answer_id is None


@pytest.mark.on_both
def test_which_hope_is_offered_next(app, nia):
    about_me = begin_about_me(nia)

    def offered():
        return hope_to_offer(answers_in(about_me), goals_of(nia))

    assert offered() is None
    learn = make_answer(about_me, "love-to-do", "to swim")
    assert offered() == learn
    most = make_answer(about_me, "hope-most", "a van")
    make_answer(about_me, "year-from-now", skipped=True)
    assert offered() == most, "what matters most comes first"
    goal = make_goal(nia, "a van", quoted_answer_id=most.id)
    assert offered() is None, "one thing at a time"
    goal.state = State.REACHED
    keep(goal)
    assert offered() == learn, "the next one, when it is done"
