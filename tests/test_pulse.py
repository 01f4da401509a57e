"""At the end of About me Nia says whether it felt right, and what she would rather have been asked."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from deal.assessment.models import Feels, Pulse, Suggestion
from deal.clock import block_of, now, start_of, today
from deal.db import db
from tests.people import begin_about_me, finish_about_me, keep

BETTER = "  what makes\nyou laugh? 🦊 "


def done(resident, about_me) -> str:
    return f"/residents/{resident.id}/about-me/{about_me.id}/done"


def pulses() -> list[Feels]:
    return [one.feels for one in db.session.scalars(select(Pulse).order_by(Pulse.id))]


def suggestions() -> list[str]:
    return [one.words for one in db.session.scalars(select(Suggestion).order_by(Suggestion.id))]


@pytest.mark.on_both
def test_it_felt_right_and_here_is_a_better_question(visit, nia, sam):
    about_me = finish_about_me(nia)
    phone = visit(nia)
    page = phone.get(done(nia, about_me))
    assert page.html.index("What you told us you are good at") < page.html.index("Did this feel right?")
    assert "They will not know it is you. Leave out names." in page
    page = phone.press("Send", feels="not-sure", words=BETTER.replace("\n", "\r\n"))
    assert "Thank you. You said: I am not sure." in page and "Did this feel right?" not in page
    assert "when these four weeks are over, without your name." in page
    assert page.value("words") == ""
    assert (pulses(), suggestions()) == ([Feels.NOT_SURE], [BETTER])
    row = db.session.scalars(select(Suggestion)).one()
    assert (row.question_set_id, row.language) == (about_me.question_set_id, "en")

    coach = visit(sam)
    for path in ("/today", f"/residents/{nia.id}"):
        page = coach.get(path)
        assert "laugh" not in page.html and "feel right" not in page.html and "not sure" not in page.html
    coach.get(done(nia, about_me), status=404)


def test_each_of_the_two_can_be_left_empty(visit, nia):
    phone, where = visit(nia), done(nia, finish_about_me(nia))
    phone.get(where)
    assert "Thank you. You said: Yes." in phone.press("Send", feels="yes")
    assert suggestions() == []
    phone.press("Send", words="and my sister?")
    phone.press("Send", words="and my cat?")
    assert (pulses(), suggestions()) == ([Feels.YES], ["and my sister?", "and my cat?"])


def test_nothing_at_all_is_no_mistake_but_nothing_to_send(visit, nia):
    phone, where = visit(nia), done(nia, finish_about_me(nia))
    phone.get(where)
    assert "There is nothing here to send yet." in phone.press("Send", status=422, words=" \n ").errors
    assert "up to 10,000" in phone.press("Send", status=422, feels="no", words="x" * 10_001).errors
    assert phone.page.value("words") == "x" * 10_001 and phone.page.soup.select_one('input[value="no"][checked]')
    answer = phone.send("POST", where.replace("done", "pulse"), {"csrf_token": phone.token(), "feels": "maybe"})
    assert answer.status_code == 422 and "not one of the choices" in answer.text
    answer = phone.send(
        "POST", where.replace("done", "pulse"), {"csrf_token": phone.token(), "words": b"a\xed\xa0\x80"}
    )
    assert answer.status_code == 422 and "Some letters did not reach us" in answer.text
    assert (pulses(), suggestions()) == ([], [])


@pytest.mark.on_both
def test_pressing_twice_says_it_once_and_what_was_said_first_stands(visit, nia):
    phone, where = visit(nia), done(nia, finish_about_me(nia))
    page = phone.get(where)
    for feels, words in (("yes", BETTER), ("yes", BETTER), ("no", "x")):  # twice, and once more from an old page
        phone.page = page
        phone.press("Send", feels=feels, words=words)
    assert (pulses(), suggestions()) == ([Feels.YES], [BETTER, "x"])
    assert "Thank you. You said: Yes." in phone.page


def test_it_is_asked_once_each_way_through_and_only_at_the_end(visit, nia, amina):
    first = finish_about_me(nia)
    phone = visit(nia)
    phone.get(done(nia, first))
    phone.press("Send", feels="no")
    second = begin_about_me(nia)
    assert "Did this feel right?" not in phone.get(done(nia, second)), "not finished"
    early = done(nia, second).replace("done", "pulse")
    assert phone.send("POST", early, {"csrf_token": phone.token(), "feels": "yes"}).status_code == 404
    finish_about_me(amina)
    hers = done(amina, first).replace("done", "pulse")
    other = visit(amina)
    assert other.send("POST", hers, {"csrf_token": other.token(), "feels": "yes"}).status_code == 404
    assert pulses() == [Feels.NO]
    phone.post(f"/residents/{nia.id}/about-me/{second.id}/finish", on=f"/residents/{nia.id}/about-me/{second.id}/check")
    phone.press("Send", feels="yes")
    assert pulses() == [Feels.NO, Feels.YES]
    assert "You said: No." in phone.get(done(nia, first))


def test_managers_read_better_questions_when_the_block_is_over_without_name_or_day(visit, nia, amina, morgan, sam):
    about_me = finish_about_me(nia)
    better = {"question_set_id": about_me.question_set_id, "language": "en"}
    keep(Suggestion(resident_id=nia.id, words="what makes you laugh?", **better))
    keep(Suggestion(resident_id=amina.id, words="taken back", taken_back_at=now(), **better))
    manager = visit(morgan)
    assert manager.get("/questions").words == [], "whoever was here this week is easily guessed"
    begins = start_of(block_of(today()) + timedelta(days=28))
    with time_machine.travel(begins - timedelta(minutes=5)):
        assert visit(morgan).get("/questions").words == []
    with time_machine.travel(begins + timedelta(minutes=5)):
        manager = visit(morgan)
        page = manager.get("/questions")
        assert page.words == ["what makes you laugh?"]
        assert "Nia" not in page.html and "20" not in page.soup.select_one("#suggestions").get_text()
