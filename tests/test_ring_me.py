"""Nia would rather talk than read questions: she asks for a call, and Sam sees that she waits."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, select

from deal.assessment.models import FirstTalkWait, finish
from deal.clock import now, today
from deal.contact.models import Ending, Standing
from deal.conversations.models import end_wait
from deal.db import db
from tests.people import begin_about_me, finish_about_me, keep, make_talk

BUTTON = "I would rather talk. Please ring me."


def waits() -> list[FirstTalkWait]:
    return list(db.session.scalars(select(FirstTalkWait)))


@pytest.mark.on_both
def test_nia_asks_for_a_call_and_sam_sees_it(visit, nia, sam):
    phone = visit(nia)
    page = phone.get(f"/residents/{nia.id}")
    assert "Start" in page
    page = phone.press(BUTTON)
    assert "Good. We will ring you." in page and "You asked us to ring you on" in page
    assert "Sam will be in touch by" in page and "Sam · 01632 960123" in page
    assert BUTTON not in page and "Tell us about you" in page
    wait = waits()[0]
    assert wait.since == wait.asked_at and wait.talked_on is None

    coach = visit(sam)
    page = coach.get("/today")
    assert "Waiting for a first conversation 1" in page and "Asked for a call on" in page
    assert "Finished About me" not in page
    assert "Asked for a call on" in coach.get(f"/residents/{nia.id}")

    finish_about_me(nia)
    assert [one.since for one in waits()] == [wait.since], "from the day she asked"
    assert "Asked for a call on" in coach.get("/today")
    make_talk(nia, sam)
    assert "Asked for a call on" not in coach.get("/today")
    assert "You asked us to ring you" not in phone.get(f"/residents/{nia.id}")
    assert waits()[0].talked_on == today()


@pytest.mark.on_both
def test_pressing_twice_and_in_two_tabs_asks_once(visit, nia):
    one, other = visit(nia), visit(nia)
    page = one.get(f"/residents/{nia.id}")
    other.get(f"/residents/{nia.id}")
    one.press(BUTTON)
    since = waits()[0].since
    with time_machine.travel(now() + timedelta(minutes=9)):
        one.page = page
        one.press(BUTTON)
        other.press(BUTTON)
    assert [row.since for row in waits()] == [since]


def test_also_while_about_me_is_under_way(visit, nia):
    begin_about_me(nia)
    phone = visit(nia)
    assert "About me: 0 of 14" in phone.get(f"/residents/{nia.id}")
    assert "About me: 0 of 14" in phone.press(BUTTON)


def test_not_for_somebody_who_finished_or_talked(visit, nia, amina, sam, joe):
    finish_about_me(nia)
    make_talk(amina, joe)
    for person in (nia, amina):
        assert BUTTON not in visit(person).get(f"/residents/{person.id}")


def test_a_page_left_open_while_they_talked(visit, nia, sam):
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}")
    make_talk(nia, sam)
    assert "You have talked already." in phone.press(BUTTON)
    assert [(row.since, row.asked_at) for row in waits()] == [(None, None)]


def test_finishing_in_another_tab_leaves_the_wait_as_it_was(visit, nia):
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}")
    about_me = begin_about_me(nia)
    finish(about_me)
    db.session.commit()
    phone.press(BUTTON)
    assert [(row.since, row.asked_at) for row in waits()] == [(about_me.finished_at, None)]


@pytest.mark.parametrize("standing", [Standing.NOT_NOW, Standing.MOVED])
def test_whoever_stopped_or_moved_comes_back_first(visit, nia, standing):
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}")
    keep(Ending(resident_id=nia.id, standing=standing, by_id=nia.id))
    nia.closes_at = now() + timedelta(days=90)
    keep(nia)
    page = phone.press(BUTTON)
    assert "You can come back, or ring us." in page and BUTTON not in page
    assert not waits()


def test_after_the_day_is_over_no_day_is_promised_again(visit, nia):
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}")
    phone.press(BUTTON)
    db.session.execute(delete(FirstTalkWait))
    keep(FirstTalkWait(resident_id=nia.id, since=now() - timedelta(days=9), asked_at=now() - timedelta(days=9)))
    page = phone.get(f"/residents/{nia.id}")
    assert "You asked us to ring you on" in page and "Sam · 01632 960123" in page
    assert "will be in touch by" not in page


def test_with_somebody_beside_her(visit, nia):
    phone = visit(nia)
    phone.post(f"/residents/{nia.id}/helped", helper="friend")
    page = phone.press(BUTTON)
    assert "Good. We will ring you." in page and "You are doing this together" in page and BUTTON not in page
    assert len(waits()) == 1


def test_only_she_can_ask(visit, nia, sam, amina):
    for person in (sam, amina):
        browser = visit(person)
        data = {"csrf_token": browser.token()}
        assert browser.send("POST", f"/residents/{nia.id}/ring-me", data).status_code == 404
    assert not waits()


@pytest.mark.on_both
def test_the_first_talk_stays_the_first(app, nia):
    for days in (3, 1):
        end_wait(nia, today() - timedelta(days=days))
        db.session.commit()
    assert [row.talked_on for row in waits()] == [today() - timedelta(days=3)]
