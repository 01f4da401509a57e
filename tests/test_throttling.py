"""Wrong tries make the next one wait: for that account, as many at once as one by one, and for nobody beside it."""

from datetime import timedelta

import pytest
import time_machine

from deal.auth.models import OneTimeKind
from deal.auth.throttling import FREE_TRIES
from deal.clock import now
from tests.browser import Browser
from tests.people import PASSWORD, PIN, make_coach, make_one_time_code
from tests.test_replays import at_once

WRONG, WAIT = "do not go together", "too many wrong tries"


def try_pin(browser: Browser, name: str, pin: str = "135791", status: int = 422):
    return browser.post("/sign-in", status=status, name=name, pin=pin)


def use_up_the_tries(browser: Browser, name: str) -> None:
    for _ in range(FREE_TRIES):
        assert WRONG in try_pin(browser, name)
    assert WAIT in try_pin(browser, name)


@pytest.mark.on_both
def test_twenty_wrong_tries_at_once_are_five(app, nia):
    name = nia.sign_in_name

    def press(browser: Browser, number: int) -> str:
        fields = {"csrf_token": browser.token(), "once": str(number), "name": name, "pin": f"13579{number % 10}"}
        return browser.send("POST", "/sign-in", fields).text

    answers = at_once(app, 20, press)
    assert sum(WRONG in one for one in answers) == FREE_TRIES
    assert sum(WAIT in one for one in answers) == 20 - FREE_TRIES


@pytest.mark.on_both
def test_a_clock_that_is_a_second_behind_uses_up_no_tries(app, visit, nia):
    """Of two tries at once the later may be counted first, and two machines never have quite one time."""
    with time_machine.travel(now(), tick=False) as clock:
        assert WRONG in try_pin(visit(), nia.sign_in_name)
        clock.shift(timedelta(seconds=-1))
        assert WRONG in try_pin(visit(), nia.sign_in_name)
        assert try_pin(visit(), nia.sign_in_name, PIN, status=303).path == f"/residents/{nia.id}"


def test_no_wait_is_ever_longer_than_half_an_hour(app, visit, nia):
    """Two days of wrong tries, each as soon as it may be made."""
    stranger = visit()
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(FREE_TRIES + 6):
            assert WRONG in try_pin(stranger, nia.sign_in_name)
            clock.shift(timedelta(minutes=30))
        for _ in range(50):
            fields = {"csrf_token": stranger.token(), "name": nia.sign_in_name, "pin": "135791", "once": "a"}
            assert stranger.send("POST", "/sign-in", fields).status_code == 422
            clock.shift(timedelta(minutes=30))
        assert try_pin(stranger, nia.sign_in_name, PIN, status=303).path == f"/residents/{nia.id}"
        use_up_the_tries(visit(), nia.sign_in_name)
        clock.shift(timedelta(hours=24, seconds=1))
        for _ in range(FREE_TRIES):
            assert WRONG in try_pin(visit(), nia.sign_in_name), "a day later all tries are free again"


def test_three_hundred_mistakes_at_one_address_shut_nobody_out(visit, nia, sam):
    """A library's computers, or everybody behind a proxy that was set up wrong."""
    stranger = visit()
    for number in range(310):
        code = f"ACDEFHJKLMNP{'ACDEFHJKLM'[number // 100]}{'ACDEFHJKLM'[number // 10 % 10]}{'ACDEFHJKLM'[number % 10]}"
        fields = {"csrf_token": stranger.token(), "once": "a", "code": code}
        assert "That code did not work." in stranger.send("POST", "/code", fields).text
    assert try_pin(visit(), nia.sign_in_name, PIN, status=303).path == f"/residents/{nia.id}"
    assert visit().post("/staff/sign-in", email=sam.email, password=PASSWORD).path == "/today"


def test_a_dot_makes_another_account(visit, sam):
    """Tries for jo.ann@ are not tries for joann@."""
    joann = make_coach("Joann")
    for _ in range(FREE_TRIES + 1):
        visit().post("/staff/sign-in", status=422, email="jo.ann@bryn.example", password="not this one")
    assert visit().post("/staff/sign-in", email=joann.email, password=PASSWORD).path == "/today"


@pytest.mark.on_both
def test_a_phone_that_signed_in_before_has_tries_of_its_own(app, visit, nia, amina):
    phone = visit()
    try_pin(phone, nia.sign_in_name, PIN, status=303)
    phone.press("Sign out")
    mark = phone.client.get_cookie("deal_device")
    assert mark.http_only and mark.same_site == "Lax" and nia.sign_in_name not in mark.value
    use_up_the_tries(visit(), nia.sign_in_name)
    use_up_the_tries(visit(), amina.sign_in_name)
    assert WAIT in try_pin(visit(), nia.sign_in_name, PIN), "a stranger has to wait"
    assert WAIT in try_pin(phone, amina.sign_in_name, PIN), "and the phone for somebody else"
    assert try_pin(phone, nia.sign_in_name, PIN, status=303).path == f"/residents/{nia.id}"
    phone.press("Sign out")
    use_up_the_tries(phone, nia.sign_in_name)


def test_a_laptop_that_signed_in_before_has_tries_of_its_own(visit, sam, nia):
    laptop = visit()
    laptop.post("/staff/sign-in", email=sam.email, password=PASSWORD)
    laptop.press("Sign out")
    try_pin(laptop, nia.sign_in_name, PIN, status=303)  # two who share it
    laptop.press("Sign out")
    for _ in range(FREE_TRIES + 1):
        page = visit().post("/staff/sign-in", status=422, email=sam.email, password="not this one")
    use_up_the_tries(visit(), nia.sign_in_name)
    assert WAIT in page
    assert laptop.post("/staff/sign-in", email=sam.email.upper(), password=PASSWORD).path == "/today"
    laptop.press("Sign out")
    assert try_pin(laptop, nia.sign_in_name, PIN, status=303)


def test_a_stranger_cannot_keep_somebody_from_a_new_pin(visit, sam, nia):
    phone = visit()
    try_pin(phone, nia.sign_in_name, PIN, status=303)
    phone.press("Sign out")
    number = make_one_time_code(nia, OneTimeKind.NEW_PIN, by=sam)
    fields = {"name": nia.sign_in_name, "pin": "640217"}
    for _ in range(FREE_TRIES + 1):
        page = visit().post("/new-pin", status=422, number="12345678", **fields)
    assert WAIT in page
    assert phone.post("/new-pin", number=number, **fields).path == f"/residents/{nia.id}"


@pytest.mark.sqlite_only
@pytest.mark.parametrize("mark", ["x", "a" * 96, ".".join(["é" * 20] * 10), "0" * 32, "%00", "a.b.c"])
def test_a_mark_that_nobody_gave_is_no_mark(visit, nia, mark):
    stranger = visit()
    stranger.client.set_cookie("deal_device", mark)
    use_up_the_tries(stranger, nia.sign_in_name)
    assert WAIT in try_pin(visit(), nia.sign_in_name)
