"""Who waits for a first conversation, and when that ends without one: not now, moved away, died; and coming back."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from time_machine import travel

from deal.assessment.models import FirstTalkWait
from deal.clock import block_of, day_of, now, today
from deal.conversations.models import end_wait
from deal.db import db
from deal.kpis.operational import Wait
from deal.kpis.snapshots import running
from tests.figures import END, SPAN, at
from tests.people import finish_about_me, make_talk

NOT_NOW, COME_BACK = "I don't need this now", "I would like to come back"


def waits() -> list[FirstTalkWait]:
    db.session.expire_all()
    return list(db.session.scalars(select(FirstTalkWait).order_by(FirstTalkWait.id)))


def press(visit, nia, button: str) -> None:
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}/not-now")
    phone.press(button)


def ends_it(visit, sam, nia, how: str) -> None:
    if how == "not_now":
        press(visit, nia, NOT_NOW)
    else:
        visit(sam).press("Save", on=f"/residents/{nia.id}/change", standing=how)


@pytest.mark.on_both
@pytest.mark.parametrize("how", ["not_now", "moved", "died"])
def test_whoever_stops_waits_no_longer_and_did_until_then(visit, sam, morgan, nia, how):
    with travel(now() - timedelta(days=20)):
        finish_about_me(nia)
    assert running()["wait"].longest == 20
    assert "waited 20 days" in visit(morgan).get("/numbers")
    ends_it(visit, sam, nia, how)
    assert (running()["wait"].waiting, running()["wait"].longest) == (0, None)
    assert "waited 20 days" not in visit(morgan).get("/numbers")
    assert "Finished About me on" not in visit(sam).get("/today")
    (wait,) = waits()
    assert (wait.stopped_on, wait.talked_on) == (today(), None)


def test_at_the_end_of_a_block_it_stands_as_it_stood(visit, sam, nia):
    with travel(at(7), tick=False):
        finish_about_me(nia)
    with travel(at(29), tick=False):
        press(visit, nia, NOT_NOW)
        assert (Wait.count(*SPAN).waiting, Wait.count(*SPAN).longest) == (1, 20)
    with travel(at(31), tick=False):
        press(visit, nia, COME_BACK)
        assert (Wait.count(*SPAN).waiting, Wait.count(*SPAN).longest) == (1, 20)
        assert (block_of(today()), running()["wait"].longest) == (END, 0)


@pytest.mark.on_both
def test_coming_back_begins_a_new_wait(visit, sam, nia):
    with travel(now() - timedelta(days=20)):
        finish_about_me(nia)
    with travel(now() - timedelta(days=9)):
        press(visit, nia, NOT_NOW)
    finish_about_me(nia)  # done again meanwhile: it asks for nobody
    assert len(waits()) == 1
    with travel(now() - timedelta(days=4)):
        press(visit, nia, COME_BACK)
    assert (running()["wait"].waiting, running()["wait"].longest) == (1, 4)
    page = visit(sam).get("/today")
    assert "Came back on" in page and "Finished About me on" not in page
    make_talk(nia, sam)
    assert (running()["wait"].talks, running()["wait"].median, running()["wait"].waiting) == (1, 4.0, 0)
    assert "Came back on" not in visit(sam).get("/today")
    press(visit, nia, NOT_NOW)
    press(visit, nia, COME_BACK)
    assert [bool(one.talked_on) for one in waits()] == [False, True], "whoever has talked waits no more"


def test_a_talk_from_before_they_stopped_that_is_written_down_later(visit, sam, nia):
    with travel(now() - timedelta(days=9)):
        finish_about_me(nia)
    with travel(now() - timedelta(days=3)):
        press(visit, nia, NOT_NOW)
    press(visit, nia, COME_BACK)
    make_talk(nia, sam, talked_on=today() - timedelta(days=5))
    (wait,) = waits()
    assert (day_of(wait.since), wait.stopped_on) == (today() - timedelta(days=9), None)
    assert wait.talked_on == today() - timedelta(days=5)


def test_a_talk_after_they_stopped_is_no_wait_of_theirs(visit, sam, nia):
    with travel(now() - timedelta(days=9)):
        finish_about_me(nia)
    with travel(now() - timedelta(days=3)):
        press(visit, nia, NOT_NOW)
    make_talk(nia, sam)
    assert (running()["wait"].talks, running()["wait"].waiting) == (0, 0)
    press(visit, nia, COME_BACK)
    assert running()["wait"].waiting == 0


@pytest.mark.on_both
def test_the_first_talk_is_the_first_one_held_whoever_wrote_theirs_down_later(app, nia):
    """Sam and Joe talked with her; Joe wrote his down first, and Sam's was two days earlier."""
    for days in (1, 3, 2):
        end_wait(nia, today() - timedelta(days=days))
        db.session.commit()
    assert [one.talked_on for one in waits()] == [today() - timedelta(days=3)]
