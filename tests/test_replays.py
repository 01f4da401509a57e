"""A press that was answered once is no key: sent again it signs nobody in, changes nothing, and says so."""

from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select, update
from werkzeug.exceptions import Conflict

from deal.auth.models import OneTimeKind, SignIn
from deal.auth.sessions import start_session
from deal.clock import now
from deal.db import db
from deal.invitations.models import Invitation
from deal.people import Person
from tests.browser import Browser
from tests.people import PASSWORD, PIN, count, hashed, invite, make_one_time_code

DONE = "This was done already. Sign in."
OTHER_PIN, OTHER_PASSWORD = "640217", "kettle bicycle moorland"


@pytest.fixture
def presses(sam, nia) -> dict[str, tuple[Person, str, dict[str, str]]]:
    """Each press that lets somebody in by a code: who comes in, where, and what is sent."""
    mo, letter = invite("Mo", sam)
    db.session.scalars(select(Invitation).filter_by(resident_id=mo.id)).one().agreed_at = now()
    db.session.commit()
    number, link = make_one_time_code(nia, OneTimeKind.NEW_PIN), make_one_time_code(sam, OneTimeKind.JOIN)
    new_pin = {"name": nia.sign_in_name, "number": number, "pin": OTHER_PIN}
    return {
        "a first PIN": (mo, f"/i/{letter}/pin", {"pin": OTHER_PIN}),
        "a new PIN": (nia, "/new-pin", new_pin),
        "a password": (sam, f"/join/{link}", {"password": OTHER_PASSWORD}),
    }


def send(browser: Browser, path: str, fields: dict[str, str]):
    again = {"again": fields.get("pin") or fields.get("password")}
    return browser.send("POST", path, {"csrf_token": browser.token(), "once": "one and the same", **fields, **again})


def signed_in(browser: Browser) -> bool:
    """Whether there is more than the ways in."""
    return browser.send("GET", "/").status_code == 303


def secrets_and_sign_ins() -> tuple:
    people = db.session.execute(select(Person.id, Person.secret_hash, Person.sign_in_name).order_by(Person.id)).all()
    return people, db.session.execute(select(SignIn.id, SignIn.ended_at).order_by(SignIn.id)).all()


@pytest.mark.on_both
@pytest.mark.parametrize("name", ["a first PIN", "a new PIN", "a password"])
@pytest.mark.parametrize("changed", [False, True], ids=["at once", "after it was changed"])
def test_a_used_press_from_another_browser_signs_nobody_in(app, visit, presses, name, changed):
    person, path, fields = presses[name]
    assert send(visit(), path, fields).status_code == 303
    if changed:
        person.secret_hash = hashed(PIN)
        db.session.commit()
    before, stranger = secrets_and_sign_ins(), visit()
    answer = send(stranger, path, fields)
    page = stranger.open_answer(answer, path, 410)
    assert DONE in page and not signed_in(stranger)
    assert secrets_and_sign_ins() == before
    there = "/staff/sign-in" if name == "a password" else "/sign-in"
    assert page.soup.main.find("a", class_="govuk-button")["href"] == there
    if name == "a first PIN":
        name_in_halves = db.session.get(Person, person.id).sign_in_name[:4]
        assert name_in_halves not in page, "nor does it tell the sign-in name"


def test_the_same_browser_that_presses_twice_is_told_the_sign_in_name(visit, presses):
    """The second press goes out before the first is answered: a browser then shows the second answer alone."""
    mo, path, _fields = presses["a first PIN"]
    phone = visit()
    phone.get(path)
    form = phone.page
    with phone.before_the_answer():
        phone.press("Keep this PIN", pin=OTHER_PIN, own_phone="y")
    phone.page = form
    page = phone.press("Keep this PIN", status=410, pin=OTHER_PIN, own_phone="y")
    name = db.session.get(Person, mo.id).sign_in_name
    assert DONE in page and name[:4] in page and name[4:] in page
    assert not signed_in(phone)
    phone.click("Sign in")
    assert "Hello, Mo" in phone.press("Sign in", name=name, pin=OTHER_PIN)


@pytest.mark.parametrize("name", ["a first PIN", "a password"])
def test_the_page_of_before_sent_again_later_says_that_it_was_done(visit, presses, name):
    """Back shows the old page: its token went with the session in which it was opened."""
    _person, path, fields = presses[name]
    phone, button = visit(), "Keep this PIN" if name == "a first PIN" else "Keep this password"
    form = phone.get(path)
    phone.press(button, **fields)
    phone.client.delete_cookie("deal")
    phone.sign_in(_person)
    before = secrets_and_sign_ins()
    phone.page = form
    answer = phone.send("POST", path, {"csrf_token": "of before", "once": "a", **fields})
    assert answer.status_code == 303
    assert DONE in phone.get(answer.location, 410)
    assert secrets_and_sign_ins() == before


def test_a_code_that_nobody_used_says_nothing_of_being_done(visit, presses):
    _person, path, fields = presses["a first PIN"]
    phone = visit()
    answer = phone.send("POST", path, {"csrf_token": "of before", "once": "a", **fields})
    assert DONE not in phone.open_answer(answer, path, 400)


def test_the_page_of_before_for_a_new_pin_says_what_to_do(visit, presses):
    _nia, path, fields = presses["a new PIN"]
    phone = visit()
    phone.press("Keep this PIN", on=path, **fields)
    before = secrets_and_sign_ins()
    answer = phone.send("POST", path, {"csrf_token": "of before", "once": "a", **fields})
    page = phone.open_answer(answer, path, 400)
    assert "If you have a new PIN already, sign in with it." in page.errors
    assert page.value("pin") == page.value("number") == "" and secrets_and_sign_ins() == before


def test_where_the_first_answer_came_too_the_way_leads_home(visit, presses):
    """Its cookies stay, as the second answer sets none."""
    _mo, path, _fields = presses["a first PIN"]
    phone = visit()
    phone.get(path)
    form = phone.page
    with phone.before_the_answer():
        phone.press("Keep this PIN", pin=OTHER_PIN, own_phone="y")
        after_the_answer = dict(phone.client._cookies or {})
    phone.page = form
    page = phone.press("Keep this PIN", status=410, pin=OTHER_PIN, own_phone="y")
    assert "Set-Cookie" not in page.answer.headers
    phone.client._cookies = after_the_answer
    assert "Hello, Mo" in phone.click("Sign in")


def test_each_browser_has_a_sign_in_of_its_own(visit, nia, sam):
    for path, fields in (
        ("/sign-in", {"name": nia.sign_in_name, "pin": PIN}),
        ("/staff/sign-in", {"email": sam.email, "password": PASSWORD}),
    ):
        assert send(visit(), path, fields).status_code == 303
        first = db.session.scalar(select(func.max(SignIn.id)))
        assert send(visit(), path, fields).status_code == 303
        assert db.session.scalar(select(func.max(SignIn.id))) != first, "the first one is not opened again"


@pytest.mark.parametrize("what", ["a number", "a link", "a letter"])
def test_staff_who_press_twice_see_no_code_that_is_dead(visit, presses, nia, sam, morgan, what):
    """The second press shows what the first one made, as long as that is good for anything."""
    mo = presses["a first PIN"][0]
    by, path = {
        "a number": (sam, f"/residents/{nia.id}/new-pin"),
        "a link": (morgan, f"/staff/{sam.id}/link"),
        "a letter": (sam, f"/residents/{mo.id}/invitation"),
    }[what]
    if by is sam:
        sam.secret_hash = hashed(PASSWORD)
    browser = visit(by)
    first = browser.send("POST", path, {"csrf_token": browser.token(), "once": "a"})
    second = browser.send("POST", path, {"csrf_token": browser.token(), "once": "a"})
    assert first.status_code == second.status_code == 200
    assert browser.send("POST", path, {"csrf_token": browser.token(), "once": "b"}).status_code == 200
    assert browser.send("POST", path, {"csrf_token": browser.token(), "once": "a"}).status_code == 409


@pytest.mark.on_both
@pytest.mark.parametrize("name", ["a first PIN", "a new PIN", "a password"])
def test_of_ten_presses_at_once_one_is_let_in(app, presses, name):
    person, path, fields = presses[name]
    answers = at_once(app, 10, lambda browser, number: send(browser, path, fields).status_code)
    # of a name that is tried ten times at once, some are told to wait
    assert answers.count(303) == 1 and set(answers) <= {303, 410, 422}, answers
    db.session.expire_all()
    open_ones = select(func.count()).select_from(SignIn).where(SignIn.person_id == person.id, SignIn.ended_at.is_(None))
    assert db.session.scalar(open_ones) == 1


def at_once(app, many: int, press) -> list:
    """What so many browsers are answered that press in the same moment."""
    db.session.commit()
    ready, answers = Barrier(many), []

    def run(number: int) -> None:
        with app.app_context():
            browser = Browser(app)
            ready.wait()
            answers.append(press(browser, number))
            db.session.remove()

    threads = [Thread(target=run, args=[number]) for number in range(many)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return answers


@pytest.mark.on_both
def test_a_new_link_for_staff_ends_the_password_and_every_sign_in(app, visit, sam, morgan):
    laptop = visit(sam)
    assert signed_in(laptop)
    page = visit(morgan).post(f"/staff/{sam.id}/link", status=200, on=f"/staff/{sam.id}/people")
    link = page.soup.select_one(".deal-link").get_text().strip().removeprefix("http://deal.test")
    assert not signed_in(laptop)
    stranger = visit()
    assert "do not go together" in stranger.post("/staff/sign-in", status=422, email=sam.email, password=PASSWORD)
    assert visit().press("Keep this password", on=link, password=OTHER_PASSWORD).path == "/today"


def test_a_password_that_is_chosen_ends_every_other_sign_in(visit, sam):
    laptop = visit(sam)
    link = make_one_time_code(sam, OneTimeKind.JOIN)
    phone = visit()
    phone.press("Keep this password", on=f"/join/{link}", password=OTHER_PASSWORD)
    assert signed_in(phone) and not signed_in(laptop)


@pytest.mark.on_both
def test_a_password_that_was_changed_while_it_was_looked_at_lets_nobody_in(app, sam):
    """Checking takes a moment, in which a manager may end everything."""
    with app.test_request_context(), app.app_context():
        looked_at = db.session.get(Person, sam.id)
        db.session.commit()
        with db.engine.begin() as elsewhere:
            elsewhere.execute(update(Person).where(Person.id == sam.id).values(secret_hash=None))
        with pytest.raises(Conflict):
            start_session(looked_at)
        db.session.rollback()
    assert count(SignIn) == 0
