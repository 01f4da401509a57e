"""Signing in: one sentence for every mistake, waits that grow, sign-ins that end, words that are carried along."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, select

from deal.auth.models import LoginThrottle, OneTimeKind, SignIn
from deal.auth.throttling import FREE_TRIES
from deal.clock import now
from deal.db import db
from deal.goals.models import Wording
from deal.invitations.models import Invitation
from tests.browser import Browser
from tests.people import PASSWORD, PIN, count, end_sign_ins_of, invite, make_one_time_code, set_settings

WRONG = "That sign-in name and PIN do not go together. Check both and try again."


def try_to_sign_in(browser: Browser, name: str, pin: str, status: int = 422):
    return browser.post("/sign-in", status=status, name=name, pin=pin)


def test_a_wrong_name_and_a_wrong_secret_get_the_same_sentence(visit, nia, sam):
    browser = visit()
    wrong_pin = try_to_sign_in(browser, nia.sign_in_name, "135791").errors
    assert WRONG in wrong_pin and wrong_pin == try_to_sign_in(browser, "ACDEFHJK", PIN).errors
    wrong_password = browser.post("/staff/sign-in", status=422, email=sam.email, password="not this one").errors
    wrong_address = browser.post("/staff/sign-in", status=422, email="nobody@bryn.example", password=PASSWORD).errors
    assert wrong_password == wrong_address != ""


def test_the_right_name_lets_in_however_it_is_typed(visit, nia, sam):
    typed = f" {nia.sign_in_name[:4].lower()}-{nia.sign_in_name[4:]} "
    assert visit().post("/sign-in", name=typed, pin=PIN).path == f"/residents/{nia.id}"
    assert visit().post("/staff/sign-in", email=sam.email.upper(), password=PASSWORD).path == "/today"


@pytest.mark.on_both
def test_waits_grow_and_end(app, visit, nia):
    browser = visit()
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(FREE_TRIES):
            assert WRONG in try_to_sign_in(browser, nia.sign_in_name, "135791")
        waits = []
        for _ in range(4):
            page = try_to_sign_in(browser, nia.sign_in_name, PIN)
            assert "too many wrong tries" in page, "the right PIN too has to wait"
            waits.append(int(next(word for word in page.errors.split() if word.isdigit())))
            clock.shift(timedelta(minutes=waits[-1]))
            assert WRONG in try_to_sign_in(browser, nia.sign_in_name, "135791")
        assert waits == sorted(set(waits)), "each wait is longer"
        clock.shift(timedelta(minutes=31))
        assert try_to_sign_in(browser, nia.sign_in_name, PIN, status=303).path == f"/residents/{nia.id}"


@pytest.mark.parametrize("path", ["/sign-in", "/staff/sign-in", "/new-pin", "/code"])
def test_somebody_who_cannot_sign_in_can_tap_the_number_to_ring(visit, sam, path):
    set_settings(sam, phone="01632 960000")
    (link,) = visit().get(path).soup.select("main a[href^='tel:']")
    assert (link["href"], link.get_text()) == ("tel:01632960000", "01632 960000")
    kept_together = "deal-ring" in link.parent["class"]
    assert kept_together or not str(link.next_sibling).startswith("."), "no line begins with the full stop"


def test_a_name_that_nobody_has_waits_just_the_same(visit):
    browser = visit()
    for _ in range(FREE_TRIES):
        assert WRONG in try_to_sign_in(browser, "ACDEFHJK", PIN)
    assert "too many wrong tries" in try_to_sign_in(browser, "ACDEFHJK", PIN)


def test_many_at_one_address_do_not_shut_each_other_out(visit, nia):
    """The Wi-Fi of a community centre: others' mistakes cost Nia nothing."""
    for number in range(20):
        try_to_sign_in(visit(), f"{nia.sign_in_name[:6]}{'ACDEFHJKLMNPQRTVWXY34'[number]}A", "135791")
    assert try_to_sign_in(visit(), nia.sign_in_name, PIN, status=303).path == f"/residents/{nia.id}"


def test_tries_keep_neither_names_nor_addresses(visit, nia):
    try_to_sign_in(visit(), nia.sign_in_name, "135791")
    kept = str(db.session.execute(select(LoginThrottle.__table__)).one())
    assert nia.sign_in_name not in kept and "127.0.0.1" not in kept


def test_guessing_codes_gets_one_sentence_and_letters_that_are_over_say_so(visit, sam):
    _mo, code = invite("Mo", sam)
    browser = visit()
    assert "That code did not work" in browser.post("/code", status=422, code="ACD-EFH-JKL-MNP-QRT").errors
    assert "Is this for you" in browser.post("/code", code=code.lower())
    db.session.scalars(select(Invitation)).one().made_at = now() - timedelta(days=29)
    db.session.commit()
    visit().get(f"/i/{code}", status=410)


def test_opening_a_letter_changes_nothing(visit, sam):
    _mo, code = invite("Mo", sam)
    visit().get(f"/i/{code}")
    visit().get(f"/i/{code}/promise")
    letter = db.session.scalars(select(Invitation)).one()
    assert (letter.opened_at, letter.agreed_at, letter.used_at, letter.state) == (None, None, None, "waiting")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("pin", ["123456", "111111", "12345", "1234567", "abcdef", "", "٣٤٥٦٧٨", "135 79"])
def test_a_pin_that_will_not_do_is_refused_in_words(visit, sam, pin):
    mo, code = invite("Mo", sam)
    browser = visit()
    letter = db.session.scalars(select(Invitation)).one()
    letter.agreed_at = now()
    db.session.commit()
    assert browser.post(f"/i/{code}/pin", status=422, pin=pin).errors
    assert mo.secret_hash is None


def test_a_sign_in_can_be_ended(visit, nia):
    browser = visit(nia)
    browser.get(f"/residents/{nia.id}")
    end_sign_ins_of(nia)
    assert browser.get(f"/residents/{nia.id}/goals").path.startswith("/sign-in?next=")
    assert browser.press("Sign in", name=nia.sign_in_name, pin=PIN).path == f"/residents/{nia.id}/goals"


def test_a_sign_in_runs_out_by_the_hour_and_when_nothing_is_done(app, visit, nia):
    with time_machine.travel(now(), tick=False) as clock:
        busy, idle = visit(nia), visit(nia)
        clock.shift(timedelta(minutes=app.config["IDLE_MINUTES"] + 1))
        assert idle.get("/").path == "/"
        for _ in range(app.config["SIGN_IN_HOURS"] * 2 + 1):
            busy.sign_in(nia) if _ == 0 else busy.get(f"/residents/{nia.id}")
            clock.shift(timedelta(minutes=29))
        clock.shift(timedelta(minutes=29))
        assert busy.get("/").path == "/"


def test_signing_out_ends_the_sign_in_for_good(visit, nia):
    browser = visit(nia)
    browser.get("/")
    with browser.before_the_answer():
        assert "You are signed out." in browser.press("Sign out")
    assert browser.get(f"/residents/{nia.id}").path.startswith("/sign-in"), "the old cookie opens nothing"


ELSEWHERE = [
    "//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
    "javascript:alert(1)", " //evil.example", "/\r\nX: y", "/ x",
]  # fmt: skip


@pytest.mark.sqlite_only
@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_in_leads_to_pages_of_ours_only(visit, nia, address):
    browser = visit()
    data = {"csrf_token": browser.token(), "name": nia.sign_in_name, "pin": PIN, "next": address, "once": "a"}
    answer = browser.send("POST", "/sign-in", data)
    assert (answer.status_code, answer.location) == (303, "/")


def test_words_sent_after_the_sign_in_ran_out_are_carried_through_signing_in(visit, nia):
    browser = visit(nia)
    browser.get(f"/residents/{nia.id}/goals/new")
    end_sign_ins_of(nia)
    page = browser.press("Save this goal", status=401, words="a bike\n\n  of my own", why="to see my sister")
    assert "a bike" not in page.html, "nobody who comes by reads them"
    assert count(Wording) == 0
    page = browser.press("Sign in", status=200, name=nia.sign_in_name, pin=PIN)
    assert "a bike\n\n  of my own" in page.words
    assert "Your" not in page.errors and count(Wording) == 0
    page = browser.press("Save")
    assert {"a bike\n\n  of my own", "to see my sister"} <= set(page.words)
    assert count(Wording) == 1


def test_words_are_carried_for_nobody_else(visit, nia, amina):
    browser = visit(nia)
    browser.get(f"/residents/{nia.id}/goals/new")
    end_sign_ins_of(nia)
    browser.press("Save this goal", status=401, words="a bike of my own")
    page = browser.press("Sign in", name=amina.sign_in_name, pin=PIN)
    assert page.path == f"/residents/{amina.id}"
    assert "a bike" not in page.html and count(Wording) == 0


def test_words_of_staff_are_carried_too(visit, nia, sam):
    browser = visit(sam)
    browser.get(f"/residents/{nia.id}/goals/new")
    end_sign_ins_of(sam)
    assert browser.press("Save this goal", status=401, words="a bike").value("email") == ""
    assert "a bike" in browser.press("Sign in", status=200, email=sam.email, password=PASSWORD).words
    browser.press("Save")
    wording = db.session.scalars(select(Wording)).one()
    assert (wording.words, wording.typed_by_id) == ("a bike", sam.id)


def test_a_person_who_is_gone_is_signed_out(visit, nia):
    browser = visit(nia)
    db.session.execute(delete(SignIn))
    db.session.commit()
    assert browser.get(f"/residents/{nia.id}").path.startswith("/sign-in")
    answer = browser.send("POST", f"/residents/{nia.id}/goals/new", {"csrf_token": browser.token(), "words": "a"})
    assert answer.status_code == 401


def test_a_link_for_staff_works_once(visit, sam):
    link = make_one_time_code(sam, OneTimeKind.JOIN)
    words = {"password": "four quite plain words"}
    assert visit().post(f"/join/{link}", **words).path == "/today"
    visit().get(f"/join/{link}", status=410)
    assert visit().post("/staff/sign-in", status=422, email=sam.email, password=PASSWORD).errors
