"""The next chat: Sam plans it, Nia has it in her phone's calendar, and says in one press that she can't make it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from sqlalchemy import select

from deal.caseload.desk import lists_for
from deal.caseload.lines import everybody_of
from deal.clock import today
from deal.conversations.models import Chat, Conversation, How, next_chat, plan_chat
from deal.dates import TimeField
from deal.db import db
from deal.forms import Form
from tests.people import count, make_coach, make_resident, make_talk

DAY = today() + timedelta(days=6)
PLAN = {"next_on": DAY.isoformat(), "next_time": "2pm", "next_how": "cafe", "next_place": "the café at Oak Court"}


def at(person, *rest: str) -> str:
    return "/".join(["/residents", str(person.id), *rest])


def plan(visit, coach, resident, status: int = 303, **fields):
    """Sam plans it on Nia's page."""
    return visit(coach).post(at(resident, "chat"), status, on=at(resident), **PLAN | fields)


def cannot_make_it(coach) -> list[int]:
    """The chats that somebody said it of, as Today reads them."""
    return [one.chat.id for one in everybody_of(coach, DAY) if one.cannot_at]


def chats_of(coach) -> list[tuple]:
    """Those on Today."""
    chats = next(one for one in lists_for(coach) if one.key == "chats")
    return [(line.name, line.chat.time) for line, _also in chats.lines]


def event_of(phone, resident):
    """What Nia's calendar reads."""
    answer = phone.send("GET", at(resident, "chat.ics"))
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    return Calendar.from_ical(answer.data).events[0]


@pytest.mark.on_both
def test_sam_plans_a_chat_and_nia_cannot_make_it(visit, sam, nia):
    page = plan(visit, sam, nia)
    assert "The next chat is written down." in page
    chat = next_chat(nia)
    assert (chat.day, chat.time, chat.how, chat.place) == (DAY, time(14), How.CAFE, "the café at Oak Court")
    assert "at 14:00 · In a café" in page and "the café at Oak Court" in page.words

    phone = visit(nia)
    page = phone.get(at(nia))
    assert "at 14:00" in page and "You meet Sam in a café." in page and "the café at Oak Court" in page.words
    page = phone.press("I can't make it")
    assert "We tell Sam that you can't make it" in page and "Sam will find another day with you." in page
    assert next_chat(nia) is None and cannot_make_it(sam) == [chat.id]
    assert "Nia can't make it" in visit(sam).get(at(nia))

    phone.press("Undo", on=at(nia))
    assert next_chat(nia).id == chat.id and cannot_make_it(sam) == []


@pytest.mark.on_both
def test_a_new_day_takes_the_place_of_the_old_one_and_nothing_is_edited(visit, sam, nia):
    plan(visit, sam, nia)
    visit(nia).press("I can't make it", on=at(nia))
    later = DAY + timedelta(days=1)
    plan(visit, sam, nia, next_on=later.isoformat(), next_time="", next_place="")
    assert next_chat(nia).day == later and cannot_make_it(sam) == []
    assert [(one.day, bool(one.cannot_at)) for one in db.session.scalars(select(Chat).order_by(Chat.id))] == [
        (DAY, True),
        (later, False),
    ]
    coach = visit(sam)
    assert "No chat is planned now." in coach.press("Call this chat off", on=at(nia))
    assert next_chat(nia) is None and count(Chat) == 2, "called off, and nothing is lost"
    coach.press("Undo")
    assert next_chat(nia).day == later


def test_the_same_chat_saved_again_is_no_other_one(visit, sam, nia):
    plan(visit, sam, nia)
    visit(sam).press("Save the chat", on=at(nia))
    assert count(Chat) == 1


def test_a_talk_that_is_written_down_plans_the_next_chat_too(visit, sam, nia):
    coach = visit(sam)
    page = coach.post(at(nia, "conversations/new"), words="tea", **PLAN)
    assert "The talk with Nia" in page and next_chat(nia).time == time(14)
    page = coach.get(at(nia, "conversations/new"))
    seen = {name: page.value(name) for name in ("next_on", "next_time", "next_place")}
    assert seen == {"next_on": DAY.isoformat(), "next_time": "14:00", "next_place": "the café at Oak Court"}
    coach.press("We talked", 422, words="more tea", next_on="", next_time="", next_place="")
    coach.press("We talked", again="y")
    assert next_chat(nia) is None and count(Conversation) == 2


def test_a_talk_does_not_bring_back_what_she_cannot_make(visit, sam, nia):
    plan(visit, sam, nia)
    coach, phone = visit(sam), visit(nia)
    coach.get(at(nia, "conversations/new"))
    phone.press("I can't make it", on=at(nia))
    page = coach.press("We talked", 409, words="on the phone")
    assert "Look at it, then press Save again." in page.errors and page.value("words") == "on the phone"
    assert "The next chat that was planned does not take place." in page and count(Conversation) == 0
    coach.press("We talked", next_on="", next_time="", next_place="")
    assert count(Conversation) == 1 and next_chat(nia) is None and cannot_make_it(sam) == []


def test_two_plan_at_once_and_the_second_sees_the_first(visit, sam, nia):
    slow = visit(sam)
    slow.get(at(nia))
    plan(visit, sam, nia)
    page = slow.press("Save the chat", 409, next_on=(DAY + timedelta(days=2)).isoformat())
    assert "at 14:00 · In a café" in page and next_chat(nia).day == DAY
    slow.press("Save the chat")
    assert next_chat(nia).day == DAY + timedelta(days=2)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"next_on": ""}, "Write the day of the next chat too."),
        ({"next_time": "tea time"}, "Write the time such as 14:00 or 2pm."),
        ({"next_time": "2:30"}, "Is that in the morning or in the afternoon?"),
        ({"next_on": "30 February 2027"}, "There is no 30 February in 2027."),
        ({"next_on": "1 1 2020"}, "The next chat has to be today or in the coming year."),
        ({"next_how": "fax"}, "That is not one of the choices."),
        ({"next_place": "p" * 101}, "Please use at most 100 characters."),
    ],
)
def test_what_is_wrong_is_said_on_her_page_with_the_words_still_there(visit, sam, nia, fields, sentence):
    page = plan(visit, sam, nia, 422, **fields)
    assert sentence in page.errors and count(Chat) == 0
    assert page.value("next_place") == (PLAN | fields)["next_place"]
    assert "Plan the next chat" in page and page.soup.select_one("#next_place").find_parent("details").has_attr("open")
    assert page.soup.find("h1").get_text().startswith("Nia"), "it is her page"


def test_what_was_typed_and_not_saved_comes_back(visit, sam, nia):
    coach = visit(sam)
    coach.keep_draft(at(nia, "chat"), on=at(nia), **PLAN)
    page = coach.get(at(nia))
    assert page.value("next_place") == PLAN["next_place"] and page.value("next_on") == DAY.isoformat()
    assert page.soup.select_one("#next_place").find_parent("details").has_attr("open")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        *(("14:00", time(14)), ("2pm", time(14)), ("2.30 p.m.", time(14, 30)), ("12am", time(0)), ("12 pm", time(12))),
        *(("9", time(9)), ("09:05", time(9, 5)), ("1430", time(14, 30)), ("10 yb", time(10)), ("2yp", time(14))),
        *((" ", None), ("02:00", time(2))),
    ],
)
def test_a_time_is_read_as_people_write_it(app, typed, read):
    class Asked(Form):
        at = TimeField("When?")

    with app.test_request_context(method="POST", data={"at": typed}):
        form = Asked(meta={"csrf": False})
        assert not form.at.process_errors and form.at.data == read


def test_her_calendar_has_it_and_moves_it(visit, sam, nia):
    plan(visit, sam, nia)
    phone = visit(nia)
    assert "Put it in my phone's calendar" in phone.get(at(nia))
    event = event_of(phone, nia)
    begins = datetime.combine(DAY, time(14), ZoneInfo("Europe/London"))
    assert event.start == begins and event.end == begins + timedelta(hours=1)
    assert (str(event["summary"]), str(event["location"])) == ("Chat with Sam", "the café at Oak Court")
    said = phone.send("GET", at(nia, "chat.ics")).text
    assert "TZID" in said and "BEGIN:VTIMEZONE" in said, "every phone knows when that is"
    assert not {"Deal", "Bryn Homes", "coach", "Nia"} & set(said.replace(":", " ").split()), "others may read it"

    plan(visit, sam, nia, next_on=(DAY + timedelta(days=1)).isoformat(), next_time="", next_place="")
    moved = event_of(phone, nia)
    assert moved["uid"] == event["uid"], "the same chat, so that the phone moves it"
    assert (event["sequence"], moved["sequence"]) == (0, 1) and "location" not in moved
    assert moved.start == DAY + timedelta(days=1) and moved.end == DAY + timedelta(days=2), "all day long"

    make_talk(nia, sam, next_on=None)
    assert phone.send("GET", at(nia, "chat.ics")).status_code == 404
    plan(visit, sam, nia)
    assert event_of(phone, nia)["uid"] != event["uid"], "another chat"


def test_her_calendar_is_hers_alone(visit, sam, nia, amina):
    plan(visit, sam, nia)
    for other in (sam, amina):
        assert visit(other).send("GET", at(nia, "chat.ics")).status_code == 404


def test_a_press_about_another_chat_changes_nothing(visit, sam, nia):
    plan(visit, sam, nia)
    phone = visit(nia)
    phone.get(at(nia))
    plan(visit, sam, nia, next_on=(DAY + timedelta(days=1)).isoformat())
    page = phone.press("I can't make it")
    assert "This chat was changed while your page was open." in page and next_chat(nia).day == DAY + timedelta(days=1)


@pytest.mark.on_both
def test_a_coachs_chats_are_those_of_their_own_people_by_day_and_time(app, sam, nia):
    soon, other = make_resident("Amina", sam), make_resident("Bo", make_coach("Lou"))
    today_at = {"day": today(), "how": How.PHONE, "place": None}
    plan_chat(nia, sam, today_at | {"time": time(15)})
    plan_chat(soon, sam, today_at | {"time": time(9)})
    plan_chat(other, sam, today_at | {"time": None})
    db.session.commit()
    assert chats_of(sam) == [("Amina", time(9)), ("Nia", time(15))]


@pytest.mark.parametrize("standing", ["moved", "died"])
def test_nobody_waits_for_a_chat_with_somebody_who_is_gone(visit, sam, nia, standing):
    plan(visit, sam, nia)
    coach = visit(sam)
    coach.get(at(nia))
    data = {"csrf_token": coach.token(), "once": "gone", "standing": standing}
    assert coach.send("POST", at(nia, "gone"), data).status_code == 303
    assert chats_of(sam) == [] and next_chat(nia) is None
