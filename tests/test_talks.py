"""A talk: in two taps, written down on one page, read by the resident; how it felt to both of them."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from deal.assessment.models import Feels, Pulse
from deal.clock import now, today
from deal.conversations.models import Conversation, How, Note, next_chat, words_to_come
from deal.db import db
from deal.drafts.models import Draft
from deal.people import Assignment, StaffExclusion
from tests.people import count, finish_about_me, keep, make_resident, make_talk

HERS = "  i can ask\nfor a chair 🪑 'diolch'  "


def at(resident, *rest) -> str:
    return "/".join(["/residents", str(resident.id), "conversations", *map(str, rest)])


def line(resident) -> str:
    return f"/residents/{resident.id}/timeline?kind=talks"


def newest(model):
    return db.session.scalars(select(model).order_by(model.id.desc())).first()


def cover(resident, coach) -> None:
    keep(Assignment(resident_id=resident.id, coach_id=coach.id, cover=True, until=now() + timedelta(days=7)))


# -- two taps, and words to come


@pytest.mark.on_both
def test_two_taps_and_the_words_wait(visit, sam, nia):
    finish_about_me(nia)
    coach = visit(sam)
    coach.click("We talked Nia (Oak Court)", on="/today")
    coach.press("We talked")
    talk = newest(Conversation)
    assert (talk.talked_on, talk.how, talk.coach_id, talk.notes) == (today(), How.PHONE, sam.id, [])
    assert words_to_come(sam).rows == [(talk, nia)]
    coach.post(at(nia, talk.id, "notes"), words="we planned the dinner")
    assert words_to_come(sam).rows == []


def test_the_way_they_talked_last_is_chosen_already(visit, sam, joe, nia):
    cover(nia, joe)
    make_talk(nia, sam, talked_on=today() - timedelta(days=9), next_on=None).how = How.WALK
    db.session.commit()
    make_talk(nia, joe, talked_on=today() - timedelta(days=1), next_on=None)
    assert "On a walk · change" in visit(sam).get(at(nia, "new")), "their own way, not that of whoever covers"
    visit(sam).post(at(nia, "new"))
    assert newest(Conversation).how is How.WALK


def test_a_talk_that_needs_no_words(visit, sam, joe, nia):
    talk = make_talk(nia, sam, words=None)
    coach = visit(sam)
    assert "This talk needs no words." in coach.press("This talk needs no words", on=at(nia, talk.id, "notes"))
    assert words_to_come(sam).rows == []
    assert "This talk needs no words" not in coach.get(at(nia, talk.id, "notes"))
    coach.post(at(nia, talk.id, "notes"), words="there was something after all")
    assert "there was something after all" in visit(nia).get(line(nia))


@pytest.mark.on_both
def test_whose_words_are_to_come(sam, joe, nia, amina):
    moira, gone = make_resident("Moira", sam), make_resident("Gone", sam)
    never, later = make_resident("Never", sam), make_resident("Later", sam)
    first = make_talk(moira, sam, words=None, talked_on=today() - timedelta(days=400))
    for resident, coach in ((gone, sam), (never, sam), (amina, joe), (nia, joe)):
        make_talk(resident, coach, words=None)
    make_talk(nia, sam)
    only_hers = make_talk(nia, sam, words=None)
    keep(Note(conversation_id=only_hers.id, words=HERS, taking_away=True, typed_by_id=sam.id, language="en"))
    last = make_talk(later, sam, words=None)
    keep(StaffExclusion(resident_id=never.id, staff_id=sam.id))
    db.session.scalars(select(Assignment).filter_by(resident_id=gone.id)).one().until = now()
    db.session.commit()
    assert words_to_come(sam).rows == [(first, moira), (last, later)]
    for number in range(12):
        make_talk(make_resident(f"Person {number}", sam), sam, words=None)
    page = words_to_come(sam)
    assert len(page.rows) == 10 and len(words_to_come(sam, page.after).rows) == 4


# -- one page


@pytest.mark.on_both
def test_what_she_takes_away_is_hers_letter_for_letter(visit, sam, nia):
    visit(sam).post(at(nia, "new"), words="we laid the table", taking_away=HERS, how="home")
    hers = db.session.scalars(select(Note).filter_by(taking_away=True)).one()
    assert (hers.words, hers.typed_by_id) == (HERS, sam.id)
    for browser in (visit(nia), visit(sam)):
        page = browser.get(line(nia))
        assert HERS in page.words and "Taking away from this talk" in page
        assert "Said by Nia, typed by Sam" in page
    assert HERS in visit(sam).get(f"/residents/{nia.id}").words

    phone = visit(nia)
    phone.get(f"/residents/{nia.id}/words/note/{hers.id}/not-mine")
    assert "Sam typed that you are taking this away:" in phone.page
    phone.press("Mark as not agreed", words="i dont need a chair, i have one")
    assert "not agreed" in phone.page and "i dont need a chair, i have one" in phone.page.words
    assert newest(Note).taking_away, "her own words are what she takes away"


@pytest.mark.on_both
def test_what_she_takes_away_stands_in_her_words_and_can_be_taken_back(visit, sam, nia):
    visit(sam).post(at(nia, "new"), words="we laid the table", taking_away=HERS)
    hers = db.session.scalars(select(Note).filter_by(taking_away=True)).one()
    phone = visit(nia)
    page = phone.get(f"/residents/{nia.id}/words")
    assert HERS in page.words and "we laid the table" not in page and "typed by Sam" in page
    phone.post(f"/residents/{nia.id}/words/note/{hers.id}/take-back")
    assert hers.words == "" and hers.taken_back_at
    for browser in (visit(sam), phone):
        page = browser.get(line(nia))
        assert "diolch" not in page.html and "taken back" in page and "we laid the table" in page
    phone.get(f"/residents/{nia.id}/words/note/{hers.id}/not-mine", status=404)


def test_words_that_come_later_can_be_both(visit, sam, nia):
    talk = make_talk(nia, sam, words=None)
    coach = visit(sam)
    assert "Write what was said." in coach.post(at(nia, talk.id, "notes"), status=422, words=" \n").errors
    coach.press("Save", words="", taking_away=HERS)
    assert [(note.words, note.taking_away) for note in talk.notes] == [(HERS, True)]
    coach.post(at(nia, talk.id, "notes"), words="tea", taking_away="and cake")
    db.session.refresh(talk)
    assert [(note.words, note.taking_away) for note in talk.notes[1:]] == [("tea", False), ("and cake", True)]


def test_too_long_and_everything_typed_is_still_there(visit, sam, nia):
    page = visit(sam).post(at(nia, "new"), status=422, taking_away="w" * 10_001, words="kept", feels="no", how="cafe")
    assert "10,001" in page.errors
    assert page.value("words") == "kept" and len(page.value("taking_away")) == 10_001
    assert page.soup.find("input", {"name": "feels", "value": "no"}).has_attr("checked")
    assert "In a café · change" in page and count(Conversation) == 0


def test_the_next_chat_is_seen_before_it_changes(visit, sam, joe, nia):
    cover(nia, joe)
    make_talk(nia, sam, talked_on=today() - timedelta(days=1), next_on=today() + timedelta(days=5))
    coach = visit(joe)
    assert coach.get(at(nia, "new")).value("next_on") == (today() + timedelta(days=5)).isoformat()
    coach.press("We talked")
    assert next_chat(nia).day == today() + timedelta(days=5), "a talk in between does not lose it"
    make_talk(nia, sam, next_on=today())
    assert coach.get(at(nia, "new")).value("next_on") == "", "a chat of today is this one"


# -- how it felt


@pytest.mark.on_both
def test_how_it_felt_to_the_coach_is_for_nobody_else(visit, sam, morgan, nia):
    visit(sam).post(at(nia, "new"), words="tea", feels="no")
    pulse = db.session.scalars(select(Pulse)).one()
    assert (pulse.by_id, pulse.feels) == (sam.id, Feels.NO)
    talk = newest(Conversation)
    assert "Did this feel right to you?" not in visit(sam).get(at(nia, talk.id, "notes")), "asked once"
    assert "feel right" not in visit(nia).get(f"/residents/{nia.id}/words")
    page = visit(nia).get(line(nia))
    assert "Did this feel right?" in page, "she is asked for herself"
    assert "said: No" not in page and not page.soup.select("[aria-pressed], [checked][name=feels]")
    assert "Sam" not in visit(morgan).get("/numbers")


def test_how_it_felt_can_come_with_the_words(visit, sam, joe, nia):
    talk = make_talk(nia, sam, words=None)
    visit(sam).post(at(nia, talk.id, "notes"), words="tea", feels="not-sure")
    assert db.session.scalars(select(Pulse.feels).filter_by(by_id=sam.id)).all() == [Feels.NOT_SURE]


@pytest.mark.on_both
def test_nia_is_asked_without_the_coach(visit, sam, nia):
    make_talk(nia, sam, talked_on=today() - timedelta(days=20))
    talk = make_talk(nia, sam, talked_on=today() - timedelta(days=3))
    make_talk(nia, sam, talked_on=today() - timedelta(days=8))  # written down later
    phone = visit(nia)
    page = phone.get(f"/residents/{nia.id}")
    day = today() - timedelta(days=3)
    assert f"You talked with Sam on {day.day} {day:%B}. Did this feel right?" in page
    page = phone.press("No")
    assert "Thank you for telling us." in page and "you can ask the managers" in page
    assert "Did this feel right?" not in page, "older talks are not asked about"
    pulse = db.session.scalars(select(Pulse)).one()
    assert (pulse.conversation_id, pulse.by_id, pulse.feels) == (talk.id, nia.id, Feels.NO)
    phone.send("POST", at(nia, talk.id, "pulse"), {"csrf_token": phone.token(), "once": "a", "feels": "yes"})
    assert db.session.scalars(select(Pulse.feels)).all() == [Feels.NO], "what was said first stands"


def test_nobody_is_asked_about_a_talk_of_long_ago_or_while_a_helper_is_on(visit, sam, nia):
    talk = make_talk(nia, sam, talked_on=today() - timedelta(days=30))
    phone = visit(nia)
    assert "Did this feel right?" in phone.get(f"/residents/{nia.id}")
    with time_machine.travel(now() + timedelta(days=1)):
        assert "Did this feel right?" not in visit(nia).get(f"/residents/{nia.id}")
    phone.post(f"/residents/{nia.id}/helped", helper="friend")
    assert "Did this feel right?" not in phone.get(f"/residents/{nia.id}")
    data = {"csrf_token": phone.token(), "once": "a", "feels": "yes"}
    assert phone.send("POST", at(nia, talk.id, "pulse"), data).status_code == 409
    assert count(Pulse) == 0


def test_a_pulse_for_somebody_elses_talk_or_of_no_kind(visit, sam, joe, nia, amina):
    talk, hers = make_talk(nia, sam), make_talk(amina, joe)
    for person, path, feels, status in (
        (nia, at(nia, hers.id, "pulse"), "yes", 404),
        (amina, at(nia, talk.id, "pulse"), "yes", 404),
        (sam, at(nia, talk.id, "pulse"), "yes", 404),
        (nia, at(nia, talk.id, "pulse"), "wonderful", 400),
        (nia, at(nia, talk.id, "pulse"), "", 400),
    ):
        browser = visit(person)
        data = {"csrf_token": browser.token(), "once": "a", "feels": feels}
        assert browser.send("POST", path, data).status_code == status
    assert count(Pulse) == 0


# -- drafts


@pytest.mark.on_both
def test_what_was_typed_about_a_talk_comes_back_and_goes_with_saving(visit, sam, nia):
    where, day = at(nia, "new"), (today() - timedelta(days=2)).isoformat()
    typed = {
        "words": "\n half a sent",
        "taking_away": HERS,
        "how": "cafe",
        "feels": "no",
        "talked_on": day,
        "next_on": "",
    }
    assert visit(sam).keep_draft(where, **typed).json["sentence"].startswith("Kept at ")
    coach = visit(sam)
    page = coach.get(where)
    assert "and have not saved." in page and "In a café · change" in page
    assert {name: page.value(name) for name in ("words", "taking_away", "talked_on", "next_on")} == {
        name: typed[name] for name in ("words", "taking_away", "talked_on", "next_on")
    }
    assert page.soup.find("input", {"name": "feels", "value": "no"}).has_attr("checked")
    coach.press("We talked")
    assert count(Draft, submission_id=None) == 0 and newest(Conversation).how is How.CAFE
    assert "and have not saved." not in coach.get(where)
    talk = newest(Conversation)
    coach.keep_draft(at(nia, talk.id, "notes"), words="more")
    assert coach.get(at(nia, talk.id, "notes")).value("words") == "more"
    coach.press("Save")
    assert count(Draft, submission_id=None) == 0


def test_a_draft_shows_on_no_other_page_and_to_nobody_else(visit, sam, joe, nia):
    moira = make_resident("Moira", sam)
    cover(nia, joe)
    talk, hers = make_talk(nia, sam), make_talk(moira, sam)
    visit(sam).keep_draft(at(nia, "new"), words="a word about Nia")
    visit(sam).keep_draft(at(nia, talk.id, "notes"), words="a word about Nia")
    for person, path in (
        (sam, at(moira, "new")), (sam, at(moira, hers.id, "notes")), (joe, at(nia, "new")),
        (joe, at(nia, talk.id, "notes")), (nia, line(nia)),
    ):  # fmt: skip
        assert "a word about Nia" not in visit(person).get(path).html


# -- two at once


@pytest.mark.on_both
def test_two_coaches_write_down_the_same_talk(visit, sam, joe, nia):
    cover(nia, joe)
    sams, joes = visit(sam), visit(joe)
    for browser in (sams, joes):
        browser.get(at(nia, "new"))
    sams.press("We talked", words="she baked", how="home")
    page = joes.press("We talked", status=409, words="bread and butter", how="home")
    assert "Another talk was written down while your page was open" in page
    assert "she baked" in page.words and "with Sam" in page
    assert page.value("words") == "bread and butter" and count(Conversation) == 1
    joes.press("We talked", again="y")
    assert count(Conversation) == 2, "another one: both are kept"


def test_two_write_about_one_talk(visit, sam, joe, nia):
    cover(nia, joe)
    talk = make_talk(nia, sam, words=None)
    sams, joes = visit(sam), visit(joe)
    for browser in (sams, joes):
        browser.get(at(nia, talk.id, "notes"))
    sams.press("Save", words="she baked")
    page = joes.press("Save", status=409, words="bread and butter")
    assert "Somebody wrote about this talk while your page was open." in page
    assert "she baked" in page.words and page.value("words") == "bread and butter"
    joes.press("Save")
    assert {"she baked", "bread and butter"} <= set(visit(nia).get(line(nia)).words)


@pytest.mark.on_both
def test_a_talk_that_is_sent_twice_is_one(visit, sam, nia):
    """As when the signal goes between the press and the answer, and the page is sent again."""
    coach = visit(sam)
    coach.get(at(nia, "new"))
    fields = {name: coach.page.value(name) for name in ("csrf_token", "once", "version", "talked_on")}
    fields |= {"how": "home", "words": "tea", "taking_away": "cake", "feels": "yes", "next_on": ""}
    for _ in range(2):
        assert coach.send("POST", at(nia, "new"), fields).status_code == 303
    assert (count(Conversation), count(Note), count(Pulse)) == (1, 2, 1)
    talk = newest(Conversation)
    coach.get(at(nia, talk.id, "notes"))
    fields = {name: coach.page.value(name) for name in ("csrf_token", "once", "version")}
    for _ in range(2):
        assert (
            coach.send("POST", at(nia, talk.id, "notes"), fields | {"words": "a", "taking_away": "b"}).status_code
            == 303
        )
    assert count(Note) == 4
