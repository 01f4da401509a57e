"""People change their own PIN or password, see where they are signed in, and sign out there."""

import pytest
from sqlalchemy import func, select

from deal.auth.models import OneTimeKind, SignIn
from deal.auth.throttling import FREE_TRIES
from deal.db import db
from deal.people import Person
from deal.settings import change_settings
from tests.people import PASSWORD, PIN, make_coach, make_one_time_code

OTHER_PIN, OTHER_PASSWORD = "640217", "kettle bicycle moorland"
CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Mobile Safari/537.36"
EASY = "That password is easy to guess"


def is_signed_in(browser) -> bool:
    return browser.send("GET", "/account").status_code == 200


@pytest.mark.on_both
def test_a_resident_changes_the_pin_and_every_other_sign_in_ends(app, visit, nia):
    phone, tablet = visit(nia), visit(nia)
    page = phone.click("PIN and phones", on="/more")
    assert nia.sign_in_name in page
    page = phone.press("Keep this PIN", present=PIN, pin=OTHER_PIN)
    assert page.path == "/account" and "Your PIN is changed. Everywhere else you are signed out." in page
    assert is_signed_in(phone) and not is_signed_in(tablet)
    assert visit().post("/sign-in", status=422, name=nia.sign_in_name, pin=PIN).errors
    assert visit().post("/sign-in", name=nia.sign_in_name, pin=OTHER_PIN)


def test_staff_change_the_password(visit, sam):
    laptop, phone = visit(sam), visit(sam)
    laptop.click("More", on="/today")
    page = laptop.click("How you sign in")
    assert sam.email in page
    page = laptop.press("Keep this password", present=PASSWORD, password=OTHER_PASSWORD)
    assert "Your password is changed." in page
    assert is_signed_in(laptop) and not is_signed_in(phone)
    assert visit().post("/staff/sign-in", email=sam.email, password=OTHER_PASSWORD).path == "/today"


def test_whoever_does_not_know_the_present_one_has_to_wait(visit, nia):
    """A phone that lies about, signed in, is no way to take over somebody's page."""
    phone = visit(nia)
    before = nia.secret_hash
    for _ in range(FREE_TRIES):
        page = phone.post("/account", status=422, present="135791", pin=OTHER_PIN)
        assert "That is not the PIN that you have now." in page.errors
    assert "too many wrong tries" in phone.post("/account", status=422, present=PIN, pin=OTHER_PIN).errors
    assert db.session.get(Person, nia.id).secret_hash == before


def test_the_one_that_they_have_already_is_no_change(visit, nia, sam):
    for person, field, present in ((nia, "pin", PIN), (sam, "password", PASSWORD)):
        before, browser, other = person.secret_hash, visit(person), visit(person)
        page = browser.post("/account", status=422, present=present, **{field: present})
        assert "that you have already" in page.errors
        assert db.session.get(Person, person.id).secret_hash == before and is_signed_in(other)


@pytest.mark.parametrize("who", ["nia", "sam"])
def test_a_change_that_was_sent_while_signed_out_is_asked_for_again(visit, nia, sam, who):
    """Secrets are not kept on the way through signing in, so there is nothing to send again."""
    person = {"nia": nia, "sam": sam}[who]
    fields = {"present": PIN, "pin": OTHER_PIN} if who == "nia" else {"present": PASSWORD, "password": OTHER_PASSWORD}
    button = "Keep this PIN" if who == "nia" else "Keep this password"
    mine = {"name": nia.sign_in_name, "pin": PIN} if who == "nia" else {"email": sam.email, "password": PASSWORD}
    browser = visit(person)
    browser.get("/account")
    browser.client.delete_cookie("deal")
    page = browser.press(button, status=401, **fields)
    assert "You are signed out, so please sign in again." in page and "We kept" not in page
    page = browser.press("Sign in", status=422, **mine | {"pin" if who == "nia" else "password": "000111"})
    assert "We kept" not in page
    page = browser.press("Sign in", **mine)
    assert page.path == "/account" and "Please do it again." in page
    assert f"Your {'PIN' if who == 'nia' else 'password'} is changed." in browser.press(button, **fields)


def test_a_change_from_a_page_of_an_earlier_sign_in_is_asked_for_again(visit, nia):
    phone = visit(nia)
    phone.get("/account")
    phone.client.delete_cookie("deal")
    phone.sign_in(nia)
    page = phone.press("Keep this PIN", present=PIN, pin=OTHER_PIN)
    assert page.path == "/account" and "Please do it again." in page


def test_a_second_press_finds_it_done(visit, nia):
    phone = visit(nia)
    form = phone.get("/account")
    for _ in range(2):
        phone.page = form
        assert "Your PIN is changed." in phone.press("Keep this PIN", present=PIN, pin=OTHER_PIN)


def test_what_cannot_be_the_new_one_says_so_and_changes_nothing(visit, nia):
    phone = visit(nia)
    page = phone.post("/account", status=422, present="", pin="12345")
    assert "Type the PIN that you have now." in page.errors and "You typed 5." in page.errors
    assert "easy to guess" in phone.post("/account", status=422, present=PIN, pin="111111").errors


@pytest.mark.on_both
def test_people_see_their_sign_ins_and_end_them(app, visit, nia, amina):
    phone, tablet, library = visit(), visit(nia), visit(nia)
    fields = {"csrf_token": phone.token(), "once": "a", "name": nia.sign_in_name, "pin": PIN}
    phone.send("POST", "/sign-in", fields, headers={"User-Agent": CHROME})
    page = phone.get("/account")
    listed = [" ".join(one.get_text().split()) for one in page.soup.select(".deal-list__row")]
    assert len(listed) == 3 and "Chrome on Android · this one" in listed[0] and "A phone or computer" in listed[1]
    assert "Sign out there" not in listed[0]
    hers = db.session.scalars(select(SignIn.id).filter_by(person_id=nia.id).order_by(SignIn.id)).all()

    stranger = visit(amina)
    address = f"/account/sign-ins/{hers[0]}/end"
    assert stranger.send("POST", address, {"csrf_token": stranger.token(), "once": "a"}).status_code == 404
    assert "You are signed out there." in phone.post(address, on="/account")
    assert not is_signed_in(tablet) and is_signed_in(library)
    assert "You are signed out there." in phone.press("Sign out everywhere else")
    assert not is_signed_in(library) and is_signed_in(phone) and is_signed_in(stranger)
    assert "Sign out everywhere else" not in phone.page
    assert db.session.scalar(select(func.count()).where(SignIn.ended_at.is_not(None))) == 2


def test_it_is_closed_while_somebody_helps(visit, nia):
    phone = visit(nia)
    phone.click("Someone is helping me", on=f"/residents/{nia.id}/about-me")
    phone.press("Go on together", helper="friend")
    assert phone.send("GET", "/account").status_code == 303
    data = {"csrf_token": phone.token(), "once": "a", "present": PIN, "pin": OTHER_PIN}
    assert phone.send("POST", "/account", data).status_code == 409
    assert phone.send("POST", "/account/sign-ins/end", data).status_code == 409


GUESSED = [
    "password1234", "Password1234!", "larkfield2026", "Larkfield 2026", "letmeinletmein", "qwertyuiop12",
    "aaaaaaaaaaaa", "abcabcabcabc", "sam jones 1980", "SamJones2026", "samjones@bryn", "jonessamjones",
    "larkfieldhomes1", "deal deal deal", "iloveyou1234", "0123456789012",
    "larkfield larkfield", "jones sam 1999", "letmein letmein", "password password", "deal larkfield 2026",
    "larkfield homes larkfield", "sam jones sam", "sam-jones-2026", "l a r k f i e l d", "l.e.t.m.e.i.n.1.2",
    "Sam_Jones_1980_SJ", "letmein!letmein?", "p-a-s-s-w-o-r-d",
]  # fmt: skip
GOOD = [
    "purple bicycle ferry", "tea kettle bus", "correct horse battery staple", "pum ci mewn cae", "ଆମର ଘର ପାଖରେ ନଈ ଅଛି",
    "a8f7-kk2m-0dz1-qqpp", "xK9#mPq2$vLw7@nR" * 12, "Sam is not my only word",
    "marmalade lantern pebble", "plum kettle window", "5{#]2(C=_%5C&@dY],P[", "39410-58827-66103-24",
    "7f3a90c1e8824b06d951",
]  # fmt: skip


@pytest.fixture
def sam_jones():
    change_settings({"organisation": "Larkfield Homes"}, by=None)
    return make_coach("Sam Jones")


@pytest.mark.sqlite_only
@pytest.mark.parametrize("password", GUESSED)
def test_a_password_that_others_would_guess_is_refused(app, visit, sam_jones, password):
    link = make_one_time_code(sam_jones, OneTimeKind.JOIN)
    assert EASY in visit().press("Keep this password", on=f"/join/{link}", status=422, password=password).errors
    assert EASY in visit(sam_jones).post("/account", status=422, present=PASSWORD, password=password).errors


@pytest.mark.sqlite_only
@pytest.mark.parametrize("password", GOOD)
def test_three_words_and_what_a_password_manager_makes_are_good(app, visit, sam_jones, password):
    browser = visit()
    browser.get(f"/join/{make_one_time_code(sam_jones, OneTimeKind.JOIN)}")
    assert browser.press("Keep this password", password=password).path == "/today"
    assert visit().post("/staff/sign-in", email=sam_jones.email, password=password).path == "/today"
