"""Undo: one press taken back whole, by whoever pressed, for ten minutes, unless something was built on it."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from deal.access import EVERYONE, audience_of
from deal.assessment.models import Answer, FirstTalkWait
from deal.blockers.models import Blocker
from deal.clock import now, start_of, today
from deal.conversations.models import Conversation
from deal.db import db
from deal.drafts.models import Draft
from deal.goals.models import Goal, GoalState, State, Step
from deal.idempotency import Submission
from deal.people import coach_of
from deal.undo import forget_old_journals, why_not
from tests.people import (
    begin_about_me,
    end_sign_ins_of,
    finish_about_me,
    make_blocker,
    make_goal,
    make_heading,
    make_promise,
    make_resident,
    make_talk,
    pass_on,
)
from tests.urls import method_of


def everything() -> dict[str, list]:
    """Every row of every table but those of looking, of undoing and of what is not saved."""
    beside = ("draft", "access_log", "last_viewed", "undo", "sign_in")
    kept = [table for table in db.metadata.sorted_tables if table.name not in beside]
    rows = {table.name: db.session.execute(select(table).order_by(*table.primary_key)).all() for table in kept}
    db.session.rollback()
    return {name: [row._asdict() for row in found] for name, found in rows.items()}


def undo(browser, status: int = 303):
    return browser.press("Undo", status=status)


# what each of them presses: the page, its button, and what is typed
NIAS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a goal": ("goals/new", "Save this goal", {"words": "a bike", "step": "look at bikes"}),
    "other words": ("goals/{goal}", "Save these words", {"words": "a tandem"}),
    "a step": ("goals/{goal}", "Add this step", {"words": "ring the shop"}),
    "a check-in": ("goals/{goal}", "Save", {"number": "7", "in_the_way": "rain"}),
    "a rest": ("goals/{goal}", "Resting", {"reason": "it rains"}),
    "a changed goal": ("goals/{goal}", "Changed into this one", {"words": "a boat"}),
    "a shared goal": ("goals/{goal}", "Save this answer", {"choice": "named"}),
    "a promise": ("deal", "Save this promise", {"words": "go to choir"}),
    "an ask": ("asks", "Send", {"kind": "something_wrong", "words": "the lift"}),
    "what got in the way": ("timeline", "Keep it", {"words": "no bus", "whose": "service"}),
    "not now": ("not-now", "I don't need this now", {}),
    "who never sees": ("never", "Save", {"staff": ["{joe}"]}),
}
SAMS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a goal": ("goals/new", "Save this goal", {"words": "a bike"}),
    "a talk": ("conversations/new", "We talked", {"words": "we walked", "feels": "yes"}),
    "a promise": ("deal", "Save our promise", {"words": "a key", "who": "Dave"}),
    "a hand-over": ("change", "Pass them on", {"to": "{joe}", "told": "y"}),
    "cover": ("change", "Set cover", {"to": "{joe}", "first": "{today}", "last": "{today}"}),
    "moved away": ("change", "Save", {"standing": "moved"}),
    "died": ("change", "Save", {"standing": "died"}),
}
MORGANS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "settings": ("/settings", "Save names and numbers", {"phone": "01632 960999"}),
    "times": ("/settings", "Save times and limits", {"contact_days": "5"}),
    "places": ("/settings", "Save the places", {"places": "12"}),
    "a pause": ("/settings", "Pause invitations", {}),
    "what we learned": ("/changes", "Keep the words", {"learned": "ring first"}),
    "a heading's owner": ("/blockers/headings/{heading}", "Save", {"owner": "{sam}"}),
    "a change": ("/blockers/headings/{heading}", "Tell everybody", {"done": "yes", "words": "one page now"}),
    "gathering": ("/asks", "Put them under the heading", {"words": "Buses", "blocker": ["{blocker}"]}),
    "the week": ("/numbers", "Save", {"hurts": "no", "words": ""}),
    "suspending": ("/staff/{sam}/people", "Suspend", {"plan": "move", "to": "{joe}"}),
    "moving people": ("/staff/{sam}/people", "Move them", {"to": "{joe}"}),
}


@pytest.fixture
def story(nia, sam, joe, morgan) -> dict[str, Any]:
    """Nia's goal, a promise, a blocker that was passed on; the numbers for addresses and fields."""
    goal = make_goal(nia)
    make_promise(nia)
    finish_about_me(nia)
    blocker = pass_on(make_blocker(nia)) or db.session.scalars(select(Blocker)).one()
    heading = make_heading(morgan)
    return {
        "goal": goal.id,
        "blocker": blocker.mark,
        "heading": heading.id,
        "joe": joe.id,
        "sam": sam.id,
        "nia": nia.id,
        "today": today(),
    }


def press_and_undo(browser, path: str, button: str, fields: dict[str, Any], story: dict[str, Any]) -> None:
    filled = {
        name: [one.format(**story) for one in value] if isinstance(value, list) else value.format(**story)
        for name, value in fields.items()
    }
    browser.get(path.format(**story))
    before = everything()
    browser.press(button, **filled)
    assert everything() != before, "the press wrote nothing"
    undo(browser)
    assert "That is undone." in browser.page
    after = everything()
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
    assert db.session.scalars(select(Submission)).all() == []


@pytest.mark.on_both
@pytest.mark.parametrize("press", NIAS)
def test_what_nia_presses_can_be_undone(app, visit, nia, story, press):
    path, button, fields = NIAS[press]
    press_and_undo(visit(nia), f"/residents/{nia.id}/{path}", button, fields, story)


@pytest.mark.parametrize("press", SAMS)
def test_what_her_coach_presses_can_be_undone(app, visit, nia, sam, story, press):
    path, button, fields = SAMS[press]
    press_and_undo(visit(sam), f"/residents/{nia.id}/{path}", button, fields, story)


@pytest.mark.parametrize("press", MORGANS)
def test_what_the_manager_presses_can_be_undone(app, visit, morgan, story, press):
    path, button, fields = MORGANS[press]
    press_and_undo(visit(morgan), path, button, fields, story)


def test_about_me_and_the_booklet_can_be_undone(visit, nia, sam):
    about_me, phone = begin_about_me(nia), visit(nia)
    path = f"/residents/{nia.id}/about-me/{about_me.id}/proud"
    phone.get(path)
    phone.press("Save and go on", words="my garden")
    undo(phone)
    assert db.session.scalars(select(Answer)).all() == []
    phone.get(path)
    phone.press("Save and go on", words="my garden")
    phone.get(path)
    phone.press("Save and go on", words="my own garden")
    undo(phone)
    held = db.session.scalars(select(Answer)).one()
    assert (held.words, held.superseded_at) == ("my garden", None)
    coach = visit(sam)
    coach.get(f"/residents/{nia.id}/about-me/type-in")
    before = everything()
    coach.press("Save", **{"hands-words": "bread", "finished": "y"})
    undo(coach)
    assert everything() == before


@pytest.mark.on_both
def test_the_wrong_persons_talk_is_taken_back_and_their_wait_with_it(app, visit, nia, sam):
    finish_about_me(nia)
    coach = visit(sam)
    assert "Waiting for a first conversation 1" in coach.get("/today")
    coach.get(f"/residents/{nia.id}/conversations/new")
    coach.press("We talked", words="we had tea")
    assert db.session.scalars(select(FirstTalkWait)).one().talked_on == today()
    assert "The talk with Nia (Oak Court) is saved." in coach.page
    undo(coach)
    assert "Waiting for a first conversation 1" in coach.get("/today")
    assert db.session.scalars(select(FirstTalkWait)).one().talked_on is None
    assert db.session.scalars(select(Conversation)).all() == []


def test_the_button_stays_on_the_page_for_ten_minutes_and_no_longer(visit, nia):
    phone = visit(nia)
    with time_machine.travel(now(), tick=False) as clock:
        phone.post(f"/residents/{nia.id}/goals/new", words="a bike")
        where, form = phone.page.path, phone.page.button("Undo").find_parent("form")
        assert "Undo" not in phone.get("/help").text and phone.get(where).button("Undo")
        clock.shift(timedelta(minutes=9, seconds=59))
        assert phone.get(where).button("Undo")
        late = phone.page
        clock.shift(timedelta(seconds=2))
        assert "Undo" not in phone.get(where).text
        phone.page = late
        assert "more than ten minutes have passed" in undo(phone, 409)
        assert form and db.session.scalars(select(Goal)).one()
        forget_old_journals()
        db.session.commit()
        press = db.session.scalars(select(Submission)).one()
        left = press.journal, press.form_page, press.sent, press.sign_in_id, press.made_at
        assert left == (None, None, None, None, start_of(today()))


def test_nothing_is_offered_to_whoever_is_signed_out_meanwhile(visit, nia):
    phone, path = visit(nia), f"/residents/{nia.id}/goals/new"
    sent = {"csrf_token": phone.token(), "once": "a", "words": "a bike"}
    assert phone.send("POST", path, sent).status_code == 303
    end_sign_ins_of(nia)
    assert "Undo" not in phone.get("/sign-in").text


def test_undoing_twice_does_it_once_and_says_so(visit, nia):
    phone = visit(nia)
    phone.post(f"/residents/{nia.id}/goals/new", words="a bike")
    page = phone.page
    undo(phone)
    phone.page = page
    assert "it was undone already" in undo(phone, 409)


@pytest.mark.on_both
def test_what_something_was_built_on_stays(app, visit, nia, sam):
    phone, coach = visit(nia), visit(sam)
    phone.post(f"/residents/{nia.id}/goals/new", words="a bike", step="look at bikes")
    made, path = phone.page, phone.page.path
    coach.get(path)
    coach.press("Add this step", words="ring the shop")
    phone.page = made
    assert "Something was added to this since." in undo(phone, 409)
    assert db.session.scalars(select(Goal)).one() and len(db.session.scalars(select(Step)).all()) == 2
    coach.page = coach.get(path)
    undo(coach)
    assert len(db.session.scalars(select(Step)).all()) == 1
    phone.page = made
    undo(phone)
    assert db.session.scalars(select(Goal)).all() == []


def test_what_was_changed_since_stays(visit, nia, sam):
    goal = make_goal(nia)
    phone, coach, path = visit(nia), visit(sam), f"/residents/{nia.id}/goals/{goal.id}"
    phone.get(path)
    phone.press("Resting")
    rested = phone.page
    coach.get(path)
    coach.press("Set aside")
    phone.page = rested
    undo(phone, 409)
    assert goal.state is State.SET_ASIDE and len(db.session.scalars(select(GoalState)).all()) == 3


def test_nobody_undoes_what_somebody_else_pressed(visit, nia, amina, sam):
    phone = visit(nia)
    phone.post(f"/residents/{nia.id}/goals/new", words="a bike")
    number = db.session.scalars(select(Submission.id)).one()
    for browser in (visit(amina), visit(sam), visit(nia)):  # her other phone is another sign-in
        data = {"csrf_token": browser.token(), "once": "a"}
        assert browser.send("POST", f"/undo/{number}", data).status_code == 409
    assert db.session.scalars(select(Goal)).one()


def test_a_helper_undoes_nothing_from_before_they_came(visit, nia):
    phone, about_me = visit(nia), begin_about_me(nia)
    phone.post(f"/residents/{nia.id}/goals/new", words="a bike")
    number = db.session.scalars(select(Submission.id)).one()
    phone.post(f"/residents/{nia.id}/helped", helper="friend")
    assert "Undo" not in phone.page.text
    data = {"csrf_token": phone.token(), "once": "a"}
    assert phone.send("POST", f"/undo/{number}", data).status_code == 409
    phone.get(f"/residents/{nia.id}/about-me/{about_me.id}/proud")
    phone.press("Save and go on", words="my garden")
    undo(phone)
    assert db.session.scalars(select(Answer)).all() == [] and db.session.scalars(select(Goal)).one()


def test_the_journal_holds_no_word_of_anybody(visit, nia, sam):
    goal = make_goal(nia, "a bike of my own")
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}/goals/{goal.id}")
    phone.press("Save these words", words="a purple tandem", why="for the two of us")
    journal = str(db.session.scalars(select(Submission)).one().journal)
    assert not any(word in journal for word in ("bike", "purple", "tandem", "two of us"))


def test_save_back_and_save_again_is_one_goal(visit, nia):
    phone, path = visit(nia), f"/residents/{nia.id}/goals/new"
    for _ in range(2):
        phone.get(path)  # Back loads the page anew: it may not be kept
        phone.press("Save this goal", words="a bike", step="look at bikes")
    assert "This is saved already." in phone.page and phone.page.path.startswith(f"/residents/{nia.id}/goals/")
    assert len(db.session.scalars(select(Goal)).all()) == 1
    phone.post(path, words="a bike", step="ask Ann")
    assert len(db.session.scalars(select(Goal)).all()) == 2, "what differs is another one"


def test_whatever_was_pressed_in_between_the_same_words_are_kept_once(visit, nia):
    phone, path = visit(nia), f"/residents/{nia.id}/goals/new"
    phone.post(path, words="a bike")
    goal = phone.page.path
    phone.press("Add this step", words="look at bikes")
    phone.post(path, words="a bike")
    assert "This is saved already." in phone.page and phone.page.path == goal
    assert len(db.session.scalars(select(Goal)).all()) == 1


def test_the_same_words_count_again_where_the_first_press_does_not_hold_any_more(visit, nia):
    goal, phone = make_goal(nia), visit(nia)
    path = f"/residents/{nia.id}/goals/{goal.id}"
    phone.get(path)
    phone.press("Resting", reason="it rains")
    phone.get(path)
    phone.press("Doing it now")
    phone.get(path)
    phone.press("Resting", reason="it rains")
    assert goal.state is State.RESTING and "This is saved already." not in phone.page
    undo(phone)
    phone.press("Resting", reason="it rains")
    assert goal.state is State.RESTING, "undone, and pressed again"


def test_each_press_has_an_undoing_of_its_own(visit, nia):
    other, phone, computer = make_goal(nia), visit(nia), visit(nia)
    phone.post(f"/residents/{nia.id}/goals/new", words="a bike")
    goal = phone.page
    phone.get(f"/residents/{nia.id}/goals/{other.id}")  # from another tab
    phone.press("Add this step", words="ring the shop")
    step = phone.page
    computer.post(f"/residents/{nia.id}/goals/new", words="a boat")
    phone.page = goal
    undo(phone)
    assert phone.get(step.path).button("Undo"), "what stands on another page is offered there still"
    undo(phone)
    assert {one.current_wording.words for one in db.session.scalars(select(Goal))} == {
        other.current_wording.words,
        "a boat",
    }
    assert db.session.scalars(select(Step)).all() == []


def test_what_was_pressed_elsewhere_says_so(visit, nia):
    phone, other, elsewhere = visit(nia), visit(nia), "This was pressed on another phone or computer"
    phone.post(f"/residents/{nia.id}/goals/new", words="a bike")
    number, goal = db.session.scalars(select(Submission.id)).one(), phone.page
    sent = {"csrf_token": other.token(), "once": "a"}
    assert elsewhere in other.send("POST", f"/undo/{number}", sent).text
    phone.post(f"/residents/{nia.id}/helped", helper="friend")
    phone.page = goal
    assert "or before you came to help" in undo(phone, 409)
    assert db.session.scalars(select(Goal)).one()


def test_only_presses_of_the_last_ten_minutes_are_kept(visit, nia):
    goal, phone = make_goal(nia), visit(nia)
    with time_machine.travel(now(), tick=False) as clock:
        for words in ("one", "two", "three"):
            phone.get(f"/residents/{nia.id}/goals/{goal.id}")
            phone.press("Add this step", words=words)
            clock.shift(timedelta(minutes=6))
    assert len(db.session.scalars(select(Submission).where(Submission.journal.is_not(None))).all()) == 2
    assert {one.fields["words"][0] for one in db.session.scalars(select(Draft))} == {"two", "three"}


@pytest.mark.on_both
def test_undoing_comes_back_to_the_form_with_what_was_typed(app, visit, nia, sam):
    phone, path = visit(nia), f"/residents/{nia.id}/goals/new"
    phone.post(path, words="a bike", step="look at bikes")
    assert phone.get(path).value("words") == "", "what is saved is no draft"
    page = visit(sam).get(path)
    assert page.value("words") == ""
    phone.get(f"/residents/{nia.id}/goals/{db.session.scalars(select(Goal)).one().id}")
    undo(phone)
    assert phone.page.path == path and "That is undone." in phone.page and "have not saved" in phone.page
    assert (phone.page.value("words"), phone.page.value("step")) == ("a bike", "look at bikes")
    assert visit(sam).get(path).value("words") == "", "for whoever typed it alone"
    phone.press("Save this goal", words="a red bike")
    assert db.session.scalars(select(Goal)).one().current_wording.words == "a red bike"
    assert phone.get(path).value("words") == ""


def test_undoing_comes_back_to_the_page_on_which_a_small_form_stood(visit, nia, morgan):
    goal, phone, manager = make_goal(nia), visit(nia), visit(morgan)
    phone.get(f"/residents/{nia.id}/goals/{goal.id}")
    phone.press("Add this step", words="ring the shop")
    undo(phone)
    assert phone.page.path == f"/residents/{nia.id}/goals/{goal.id}" and phone.page.value("words") == "ring the shop"
    manager.get("/settings")
    manager.press("Pause invitations")
    undo(manager)
    assert manager.page.path == "/settings?section=pause", "open where the button is"


def test_undoing_comes_to_the_first_page_where_the_form_is_gone(visit, nia):
    phone = visit(nia)
    phone.post(f"/residents/{nia.id}/goals/new", words="a bike")
    db.session.scalars(select(Submission)).one().form_page = f"/residents/{nia.id}/goals/999"
    db.session.commit()
    undo(phone)
    assert phone.page.path.startswith(f"/residents/{nia.id}") and "999" not in phone.page.path
    assert "That is undone." in phone.page


def test_words_that_are_taken_back_do_not_wait_to_come_back(visit, nia):
    phone, path = visit(nia), f"/residents/{nia.id}/goals/new"
    phone.post(path, words="a bike")
    current_wording = db.session.scalars(select(Goal)).one().current_wording
    assert db.session.scalars(select(Draft)).one().fields["words"] == ["a bike"]
    phone.post(f"/residents/{nia.id}/words/goal/{current_wording.id}/take-back")
    assert not [one for one in db.session.scalars(select(Draft)) if one.fields]
    phone.post(path, words="a bike")
    assert "This is saved already." not in phone.page


def test_a_second_talk_on_the_same_day_asks_first(visit, nia, sam):
    make_talk(nia, sam)
    coach, path = visit(sam), f"/residents/{nia.id}/conversations/new"
    page = coach.post(path, 422, words="and again at four")
    assert "You wrote down a talk on this day already. Is this another one?" in page.errors
    assert page.value("words") == "and again at four"
    coach.press("We talked", again="y")
    assert len(db.session.scalars(select(Conversation)).all()) == 2
    coach.post(path, words="the day before", talked_on=today() - timedelta(days=1))


# what a press wrote can be undone by default; these views say why theirs cannot
STAYS = {
    "staff.add_staff", "auth.change_secret", "auth.end_other_sign_ins", "auth.end_sign_in", "auth.keep_draft",
    "auth.leave_page", "invitations.make_invitation", "invitations.make_invitations", "auth.make_new_pin",
    "invitations.renew_invitation", "invitations.renew_invitations", "staff.reactivate", "staff.renew_link",
    "invitations.agree_again", "auth.throw_draft_away", "auth.use_draft", "assessment.begin_help",
    "contact.clear_reach", "contact.keep_reach", "printing.cancel_print", "printing.print_papers",
    "organisation.keep_picture", "organisation.take_picture_away", "question_editor.add_question",
    "question_editor.change_draft", "question_editor.change_question", "question_editor.import_questions",
    "question_editor.keep_about_draft", "question_editor.keep_languages", "question_editor.publish",
    "blockers.take_back", "question_editor.take_back_version", "privacy.taken_back", "printing.letters", "undo.undo",
}  # fmt: skip


def test_every_press_can_be_undone_or_says_why_not(app):
    posts = [one for one in app.view_functions if one != "static" and method_of(app, one) == "POST"]
    signed_in = {one for one in posts if audience_of(one) is not EVERYONE}
    assert {one for one in signed_in if why_not(one)} == STAYS


def test_a_press_on_very_many_rows_is_done_and_cannot_be_undone(visit, morgan, sam, joe, monkeypatch):
    people = [make_resident(name, sam) for name in ("Nia", "Amina", "Bo", "Cai")]
    monkeypatch.setattr("deal.journal.MOST_ROWS", 3)
    manager = visit(morgan)
    manager.get(f"/staff/{sam.id}/people")
    manager.press("Move them", to=str(joe.id))
    assert {coach_of(one) for one in people} == {joe} and not db.session.scalars(select(Submission)).one().journal
    assert not [one for one in manager.page.soup("button") if one.get_text(strip=True) == "Undo"]
