"""Today: everybody once, in the first list that fits; what is new is marked; endings take people off the lists."""

import io
from datetime import time, timedelta

import pytest
import time_machine
from pypdf import PdfReader
from sqlalchemy import select, update

from deal.assessment.models import FirstTalkWait
from deal.audit import AccessLog, LastViewed
from deal.auth.models import SignIn
from deal.caseload.assignments import count_of, people_of
from deal.caseload.desk import lists_for
from deal.clock import now, today
from deal.contact.models import Ending, Standing
from deal.conversations.models import How, plan_chat
from deal.db import db
from deal.invitations.models import Invitation
from deal.manager_requests.models import ManagerRequest, RequestKind
from deal.people import Assignment
from tests.browser import as_data, filled_in
from tests.people import (
    PIN,
    finish_about_me,
    in_one_commit,
    invite,
    keep,
    make_check_in,
    make_goal,
    make_promise,
    make_resident,
    make_step,
    make_talk,
    set_settings,
)


def names(coach) -> dict[str, list[str]]:
    """Who stands in which list."""
    return {one.key: [line.name for line, _also in one.lines] for one in lists_for(coach)}


def week_ends():
    return today() + timedelta(days=6 - today().weekday())


@pytest.mark.on_both
def test_everybody_stands_once_in_the_first_list_that_fits(app, visit, sam, joe):
    long_ago = now() - timedelta(weeks=9)
    with time_machine.travel(long_ago):
        quiet, promised, chats = (make_resident(name, sam) for name in ("Quiet", "Promised", "Chats"))
        make_talk(quiet, sam, next_on=None)
        make_talk(promised, sam, next_on=None)
    make_promise(promised, by=sam)
    make_talk(chats, sam, next_on=week_ends())
    make_promise(chats, by=sam)
    waits = make_resident("Waits", sam)
    finish_about_me(waits)
    tells = make_resident("Tells", sam)
    with time_machine.travel(now() - timedelta(hours=2)):
        make_talk(tells, sam, next_on=None)
    visit(sam).get(f"/residents/{tells.id}")
    make_check_in(make_goal(tells), helped="the sun")
    make_resident("New", sam)
    finish_about_me(make_resident("Amina", joe))
    assert names(sam) == {
        "cannot": [],
        "waiting": ["Waits"],
        "chats": ["Chats"],
        "promises": ["Promised"],
        "news": ["Tells"],
        "quiet": ["Quiet"],
    }
    page = visit(sam).get("/today")
    row = page.soup.select_one("#chats + .deal-list .deal-list__what").get_text()
    assert "We promised:" in row and "also: not spoken lately" in page, "a promise shows its words on every list"
    for count in ("Waiting for a first conversation 1", "Chats in the next seven days 1", "Promises of ours 1"):
        assert count in page
    assert "New" not in [link.get_text() for link in page.soup.select("main .deal-list__what > a")]
    assert [row.a.get_text() for row in page.soup.select(".deal-list__row--next")] == ["Waits"], "who is next"


def test_what_came_since_the_last_look_is_marked_and_reading_it_takes_it_off_the_list(visit, sam):
    with time_machine.travel(now() - timedelta(days=2)):
        nia = make_resident("Nia", sam)
        finish_about_me(nia)
        make_talk(nia, sam, next_on=None)
        visit(sam).get(f"/residents/{nia.id}")
    assert names(sam)["news"] == []
    goal = make_goal(nia, "a bike of my own")
    make_check_in(goal, helped="the sun")
    assert names(sam)["news"] == ["Nia"]
    page = visit(sam).get(f"/residents/{nia.id}")
    assert [mark.parent["class"] for mark in page.soup.select(".deal-new")] == [["deal-meta"]], "the new goal alone"
    assert names(sam)["news"] == []
    assert visit(sam).get(f"/residents/{nia.id}").soup.select(".deal-new"), "the same sitting"
    with time_machine.travel(now() + timedelta(hours=1)):
        assert not visit(sam).get(f"/residents/{nia.id}").soup.select(".deal-new")
    assert len(db.session.scalars(select(LastViewed)).all()) == 1 and db.session.scalars(select(AccessLog)).all()


def test_what_a_coach_typed_is_no_news_to_that_coach(visit, sam, nia):
    make_check_in(make_goal(nia), 4, typed_by=sam)
    assert names(sam)["news"] == []


def test_a_list_of_a_thousand_is_paged_with_its_count(app, visit, sam):
    with in_one_commit():
        for number in range(23):
            finish_about_me(make_resident(f"Person {number:02}", sam))
    coach = visit(sam)
    page = coach.get("/today?waiting=3")
    assert "Waiting for a first conversation 23" in page and "Person 22" in page and "Person 19" not in page
    assert coach.get("/today?waiting=9").status == 200
    for bad in ("x", "-1", "0x1", "9999999"):
        coach.get(f"/today?waiting={bad}", status=404)


def test_nothing_to_do_says_something_human(visit, sam):
    make_resident("New", sam)
    page = visit(sam).get("/today")
    assert "Nobody is waiting for you. A good day to ring somebody" in page
    assert not page.soup.select("main h2"), "no empty list is shown"


# -- endings


def test_i_dont_need_this_now_and_back_again(visit, sam, nia):
    with time_machine.travel(now() - timedelta(weeks=9)):
        finish_about_me(nia)
        make_talk(nia, sam, next_on=None)
    make_step(make_goal(nia, "a bike of my own"), "ask at the shop", done=True)
    assert names(sam)["quiet"] == [] and names(sam)["news"] == ["Nia"]
    phone = visit(nia)
    phone.click("I don't need this now", on="/more")
    page = phone.press("I don't need this now", reason="  got the job!! ")
    assert page.path == f"/residents/{nia.id}" and "Good for you." in page
    did = PdfReader(io.BytesIO(phone.send("GET", f"/residents/{nia.id}/what-i-did.pdf").data)).pages[0].extract_text()
    assert "a bike of my own" in did and "ask at the shop" in did
    ending = db.session.scalars(select(Ending)).one()
    assert (ending.standing, ending.reason) == (Standing.NOT_NOW, "  got the job!! ")
    assert "No need to ring." in visit(sam).get(f"/residents/{nia.id}")
    assert not any(names(sam).values())
    assert "Resting" in visit(sam).get("/people")

    phone.click("I would like to come back", on=f"/residents/{nia.id}")
    assert "Welcome back." in phone.press("I would like to come back")
    assert names(sam)["quiet"] == ["Nia"]


def test_pressing_twice_does_not_bring_somebody_back_at_once(visit, nia):
    finish_about_me(nia)
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}/not-now")
    page = phone.page
    with phone.before_the_answer():
        phone.press("I don't need this now")
        phone.page = page
    assert "Good for you." in phone.press("I don't need this now")
    assert [one.standing for one in db.session.scalars(select(Ending))] == [Standing.NOT_NOW]


def test_why_somebody_stopped_is_theirs_to_read_and_to_take_back(visit, sam, nia):
    phone = visit(nia)
    phone.press("I don't need this now", on=f"/residents/{nia.id}/not-now", reason="got the job, cwtsh!")
    assert "got the job, cwtsh!" in visit(sam).get(f"/residents/{nia.id}").words
    assert "got the job, cwtsh!" in phone.get(f"/residents/{nia.id}/words").words
    ending = db.session.scalars(select(Ending)).one()
    assert "taken back" in phone.press("Take it back", on=f"/residents/{nia.id}/words/ending/{ending.id}/take-back")
    assert (ending.reason, ending.standing) == (None, Standing.NOT_NOW)


def test_a_goal_that_is_done_gets_a_warm_word_and_a_page_to_keep(visit, nia):
    goal = make_goal(nia, "a bike of my own")
    page = visit(nia).press("Done it", on=f"/residents/{nia.id}/goals/{goal.id}", reason="it is red!")
    assert "something to be proud of" in page and "Done it" in page


def say_gone(visit, sam, nia, standing: str):
    coach = visit(sam)
    coach.get(f"/residents/{nia.id}/change")
    return coach.press("Save", standing=standing)


def test_moved_away_leaves_the_lists_and_can_sign_in_for_a_year(visit, sam, nia, morgan):
    set_settings(morgan, moved_months=12)
    finish_about_me(nia)
    assert "on no list any more" in say_gone(visit, sam, nia, "moved")
    assert (
        not any(names(sam).values())
        and not db.session.scalars(select(FirstTalkWait).where(FirstTalkWait.of(nia.id))).all()
    )
    phone = visit()
    assert "You have moved away" in phone.press("Sign in", on="/sign-in", name=nia.sign_in_name, pin=PIN)
    with time_machine.travel(now() + timedelta(days=367)):
        phone = visit()
        page = phone.press("Sign in", on="/sign-in", status=422, name=nia.sign_in_name, pin=PIN)
        assert "do not go together" in page.errors


@pytest.mark.on_both
def test_has_died_is_one_quiet_press_and_everything_stops(app, visit, sam, joe, nia, morgan):
    finish_about_me(nia)
    make_talk(nia, sam, next_on=week_ends())
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}")
    page = say_gone(visit, sam, nia, "died")
    assert "Congratulations" not in page and not any(names(sam).values())
    for staff in (sam, joe, morgan):
        assert visit(staff).send("GET", f"/residents/{nia.id}").status_code == 404
    assert phone.send("GET", f"/residents/{nia.id}").status_code == 303
    assert db.session.scalars(select(SignIn).where(SignIn.ended_at.is_(None), SignIn.person_id == nia.id)).all() == []
    assert not db.session.scalars(select(Assignment).where(Assignment.until.is_(None))).all()
    assert "has no coach" not in visit(morgan).get("/numbers"), "nobody is asked to find a coach"


def test_the_letter_of_somebody_who_has_gone_is_dead(visit, sam):
    mo, code = invite("Mo", sam)
    say_gone(visit, sam, mo, "died")
    visit().get(f"/i/{code}", status=410)
    assert db.session.scalars(select(Invitation)).one().shut_at


def test_pressing_that_somebody_died_twice_is_one_quiet_press(visit, sam, nia):
    coach = visit(sam)
    coach.get(f"/residents/{nia.id}/change")
    page = coach.page
    coach.press("Save", standing="died")
    coach.page = page
    assert coach.press("Save", standing="died").path == "/today"
    assert len(db.session.scalars(select(Ending)).all()) == 1


def test_an_old_ask_opens_nobody_who_has_died(visit, sam, joe, nia, morgan):
    ask = keep(ManagerRequest(resident_id=nia.id, kind=RequestKind.OTHER_COACH, words="somebody else", language="en"))
    say_gone(visit, sam, nia, "died")
    manager = visit(morgan)
    assert "Nia" not in manager.get("/asks") and "asks you for something" not in manager.get("/numbers")
    manager.get(f"/asks/{ask.id}", status=404)


def test_somebody_who_moved_is_in_no_move_by_number_and_gets_no_letter(visit, sam, nia, morgan):
    make_talk(nia, sam, words=None)
    mo, _code = invite("Mo", sam)
    for one in (nia, mo):
        say_gone(visit, sam, one, "moved")
    assert count_of(people_of(sam)) == 0
    page = visit(sam).get("/today")
    assert "Nia" not in page.text
    coach = visit(sam)
    page = coach.get(f"/residents/{mo.id}/change")
    assert not page.soup.select_one("details#letter")
    data = {"csrf_token": coach.token(), "once": "a"}
    assert coach.send("POST", f"/residents/{mo.id}/invitation", data).status_code == 409


def test_what_happened_has_to_be_chosen(visit, sam, nia):
    coach = visit(sam)
    coach.press("Save", on=f"/residents/{nia.id}/change", status=422)
    assert "Choose what happened." in coach.page.errors and not db.session.scalars(select(Ending)).all()


def test_somebody_who_moved_is_not_asked_to_come_back(visit, sam, nia):
    say_gone(visit, sam, nia, "moved")
    visit(nia).get(f"/residents/{nia.id}/not-now", status=404)


def test_a_quiet_time_is_the_landlords_to_set(visit, sam, nia, morgan):
    with time_machine.travel(now() - timedelta(weeks=4)):
        make_talk(nia, sam, next_on=None)
    db.session.execute(update(Assignment).values(since=now() - timedelta(weeks=8)))
    db.session.commit()
    assert names(sam)["quiet"] == []
    set_settings(morgan, quiet_weeks=3)
    assert "Not spoken lately 1" in visit(sam).get("/today")


def test_an_ending_is_kept_whole_or_not_at_all(visit, sam, nia, morgan):
    """A fault in the middle leaves nothing that a second press would take for done."""
    finish_about_me(nia)
    coach = visit(sam)
    coach.get(f"/residents/{nia.id}/change")
    page = coach.page
    set_settings(morgan, moved_months=10**9)  # no calendar reaches so far
    sent = as_data(filled_in(page.form_to(f"/residents/{nia.id}/gone"), None, {"standing": "moved"}))
    assert coach.send("POST", f"/residents/{nia.id}/gone", sent).status_code == 500
    assert not db.session.scalars(select(Ending)).all()
    set_settings(morgan, moved_months=12)
    coach.page = page
    coach.press("Save", standing="moved")
    assert len(db.session.scalars(select(Ending)).all()) == 1 and not any(names(sam).values())


def test_two_people_are_never_taken_for_one(nia, sam):
    assert nia != sam and nia == nia and [nia, sam].index(sam) == 1


# -- what the rows say


@pytest.mark.on_both
def test_the_first_words_of_what_is_new_stand_there_and_leave_a_look(app, visit, sam, nia):
    make_talk(nia, sam, next_on=None)
    make_check_in(make_goal(nia), helped="i got up at six " * 20)
    coach = visit(sam)
    page = coach.get("/today")
    (said,) = page.words
    assert said.startswith("i got up at six i got") and said.endswith(" at …") and len(said) < 150
    assert "New from Nia on" in page
    looks = select(AccessLog.page).where(AccessLog.resident_id == nia.id)
    assert db.session.scalars(looks).all() == ["caseload.today"]
    coach.get("/today")
    assert len(db.session.scalars(looks).all()) == 1, "once an hour"
    assert "the first words of something new" in visit(nia).get(f"/residents/{nia.id}/looks")


def test_no_words_no_look(visit, sam, nia):
    make_talk(nia, sam, next_on=None)
    make_check_in(make_goal(nia), 4)
    page = visit(sam).get("/today")
    assert "New from Nia on" in page and not page.words and not db.session.scalars(select(AccessLog)).all()


def test_cannot_make_it_comes_first(visit, sam, nia):
    finish_about_me(make_resident("Waits", sam))
    make_talk(nia, sam, next_on=today() + timedelta(days=2))
    visit(nia).press("I can't make it", on=f"/residents/{nia.id}")
    page = visit(sam).get("/today")
    assert [row.a.get_text() for row in page.soup.select(".deal-list__row--next")] == ["Nia"]
    assert "Can't make it:" in page and names(sam)["chats"] == []


def test_chats_stand_with_their_time_in_the_next_seven_days(visit, sam):
    for name, days, at in (("Ann", 6, None), ("Bo", 1, time(14)), ("Cai", 1, time(9, 30)), ("Dee", 7, None)):
        one = make_resident(name, sam)
        plan_chat(one, sam, {"day": today() + timedelta(days=days), "time": at, "how": How.CAFE, "place": "Oak Café"})
    db.session.commit()
    assert names(sam)["chats"] == ["Cai", "Bo", "Ann"]
    page = visit(sam).get("/today")
    assert "at 09:30 · In a café" in page and "Oak Café" in page.words
