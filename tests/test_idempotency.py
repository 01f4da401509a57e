"""A form that is sent twice is kept once, however the two presses meet; one that was refused can be sent again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from deal.auth.tokens import code_hash_of
from deal.clock import now
from deal.db import db
from deal.goals.models import Goal
from deal.idempotency import Submission, forget_old_submissions
from deal.invitations.models import Invitation
from deal.printing.models import Card
from deal.settings import landlord
from tests.people import count, invite, make_card, make_promise, make_talk, set_settings


def sent(browser, **fields: str) -> dict[str, str]:
    return {"csrf_token": browser.token(), "once": "one page", **fields}


@pytest.mark.on_both
def test_many_presses_at_one_moment_are_one_goal(app, visit, nia):
    path = f"/residents/{nia.id}/goals/new"
    phones = [visit(nia) for _ in range(6)]
    fields = sent(phones[0], words="a bike")
    for phone in phones:
        phone.client._cookies = dict(phones[0].client._cookies)

    def press(phone) -> tuple[int, str]:
        with app.app_context():
            answer = phone.client.post(path, data=fields)
            return answer.status_code, answer.location

    with ThreadPoolExecutor(len(phones)) as pool:
        answers = set(pool.map(press, phones))
    goal = db.session.scalars(select(Goal)).one()
    assert answers == {(303, f"/residents/{nia.id}/goals/{goal.id}")} and count(Submission) == 1


def test_a_press_whose_answer_was_never_made_is_kept_once(visit, nia):
    """The machine died between keeping the goal and answering."""
    phone, path = visit(nia), f"/residents/{nia.id}/goals/new"
    fields = sent(phone, words="a bike")
    phone.send("POST", path, fields)
    press = db.session.scalars(select(Submission)).one()
    press.next_page, press.told, press.made_at = None, None, now() - timedelta(minutes=1)
    db.session.commit()
    again = phone.send("POST", path, fields)
    assert again.location == path and "This is saved already." in phone.get(path) and count(Goal) == 1


def test_what_was_refused_after_all_can_be_sent_again(visit, nia, sam, joe):
    clerk, number = visit(joe), make_card(nia, make_talk(nia, sam), None)
    card, fields = db.session.scalars(select(Card)).one(), sent(clerk, number=number, feels="yes")
    card.number_hash = code_hash_of("not yet")
    db.session.commit()
    assert clerk.send("POST", "/cards", fields).status_code == 422
    assert count(Submission) == 0, "counting the wrong try was committed, and the press was not"
    card.number_hash = code_hash_of(number)
    db.session.commit()
    assert clerk.send("POST", "/cards", fields).status_code == 303


def test_the_same_page_and_words_of_two_people_are_two(visit, nia, sam):
    path = f"/residents/{nia.id}/goals/new"
    for person in (nia, sam):
        browser = visit(person)
        assert browser.send("POST", path, sent(browser, words="a bike")).status_code == 303
    assert count(Goal) == 2


def test_pressing_again_after_it_is_not_theirs_any_more_is_told_the_same(visit, nia, sam, joe):
    promise = make_promise(nia, "mend the gate", by=sam)
    phone, path = visit(nia), f"/residents/{nia.id}/promises/{promise.id}/kept"
    first = phone.send("POST", path, sent(phone, kept="yes"))
    promise.let_go_at = now()
    db.session.commit()
    second = phone.send("POST", path, sent(phone, kept="yes"))
    assert first.location == second.location and "Thank you. We saved your answer." in phone.get(second.location)


def test_a_press_is_known_for_as_long_as_its_page_can_be_sent(visit, nia):
    phone = visit(nia)
    phone.send("POST", f"/residents/{nia.id}/goals/new", sent(phone, words="a bike"))
    for days, left in ((29, 1), (32, 0)):
        with time_machine.travel(now() + timedelta(days=days)):
            forget_old_submissions()
            db.session.commit()
        assert count(Submission) == left


def test_signing_out_is_done_each_time_that_it_is_pressed(visit, nia):
    phone = visit(nia)
    for _ in range(2):
        assert phone.send("POST", "/sign-out", sent(phone)).status_code == 303
        assert phone.get("/").path == "/", "nobody is signed in"
        phone.sign_in(nia)


def test_the_other_sign_ins_end_each_time_that_it_is_pressed(visit, nia):
    phone = visit(nia)
    phone.get("/account")
    for _ in range(2):
        other = visit(nia)
        assert other.get("/").path != "/"
        phone.send("POST", "/account/sign-ins/end", sent(phone))
        assert other.get("/").path == "/", "signed out there"


def test_a_letter_that_was_made_since_is_taken_back_too(visit, sam):
    mo, _code = invite("Mo", sam)
    coach, path = visit(sam), f"/residents/{mo.id}/invitation"
    for _ in range(2):
        coach.send("POST", f"{path}/take-back", sent(coach))
        letters = db.session.scalars(select(Invitation).filter_by(resident_id=mo.id)).all()
        assert letters and all(one.withdrawn_at for one in letters)
        coach.send("POST", path, sent(coach) | {"once": "another"})


def test_a_pause_that_was_ended_since_begins_again(visit, morgan):
    manager = visit(morgan)
    for _ in range(2):
        manager.send("POST", "/settings/pause", sent(manager, paused="yes"))
        assert landlord().paused
        set_settings(paused=False)
