"""From a manager's first day to a resident's first page."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from deal.auth.models import OneTimeCode
from deal.clock import now, week_of
from deal.db import db
from deal.invitations.models import Consent, Invitation
from deal.people import Person, Role
from deal.settings import ConfirmedSentence, Setting, WeeklyPlaces, landlord
from tests.people import PASSWORD, PIN, count, invite, set_settings


def code_on(letter) -> str:
    """The code as the letter prints it."""
    return letter.soup.select_one(".deal-letter .deal-code").get_text().strip()


def test_no_invitation_before_the_promise_is_confirmed(visit, sam, morgan):
    coach = visit(sam)
    coach.get("/invitations/new")
    db.session.query(ConfirmedSentence).delete()
    db.session.commit()
    page = coach.press("Make the letter", status=409, name="Nia", adult="y")
    assert "a manager has to confirm the promise" in page
    assert page.value("name") == "Nia"
    assert count(Invitation) == 0

    manager = visit(morgan)
    for _ in range(3):
        manager.get("/settings")
        manager.press(
            next(" ".join(b.get_text().split()) for b in manager.page.soup("button") if "Confirm" in b.get_text())
        )
    assert count(ConfirmedSentence, confirmed_by_id=morgan.id) == 3
    assert "Morgan" in manager.page
    assert "The letter for Nia" in visit(sam).post("/invitations/new", status=200, name="Nia", adult="y")


def test_settings_are_dated_and_signed(visit, morgan):
    assert "Saved." in visit(morgan).post("/settings/names", organisation="Bryn and Dale Homes", on="/settings")
    row = db.session.scalars(select(Setting).order_by(Setting.id.desc())).first()
    assert (row.key, row.value, row.set_by_id) == ("organisation", {"en": "Bryn and Dale Homes"}, morgan.id)
    assert "Bryn and Dale Homes" in visit().send("GET", "/").text


def test_settings_that_cannot_be(visit, morgan, monkeypatch):
    manager = visit(morgan)
    page = manager.post("/settings/names", status=422, on="/settings", phone="", repairs_phone="ask Ann")
    assert "Write the number that residents can ring." in page.errors
    assert "That cannot be a telephone number." in page.errors and page.value("repairs_phone") == "ask Ann"
    assert page.soup.select_one("details:has(> #section-names)").has_attr("open")
    assert not page.soup.select_one("details:has(> #section-limits)").has_attr("open")
    page = manager.post("/settings/limits", status=422, on="/settings", contact_days="soon")
    assert "Write a whole number from 1 to 28." in page.errors and page.value("contact_days") == "soon"
    for phone in ("01632 960999", "+44 (0)1632 960-999", "116 123"):
        manager.post("/settings/names", on="/settings", phone=phone)
    went_to, get = [], manager.get
    monkeypatch.setattr(manager, "get", lambda path, *rest: went_to.append(path) or get(path, *rest))
    assert "Saved." in manager.post("/settings/names", on="/settings", phone="116 124")
    assert went_to[-1] == "/settings?section=names", "without an anchor: the page begins at its top, where Saved is"


def test_welsh_is_asked_for_where_it_is_wanted(visit, morgan):
    """Switched off, it is kept for the day it is switched on again."""
    manager = visit(morgan)
    assert "organisation_cy" not in manager.get("/settings").html
    manager.post("/settings/welsh", on="/settings", welsh_checked_by="Eleri")
    manager.post("/settings/names", on="/settings", organisation_cy="Cartrefi Bryn")
    manager.post("/settings/welsh", on="/settings", welsh_checked_by="")
    manager.post("/settings/names", on="/settings", organisation="Bryn")
    assert landlord().organisation == {"en": "Bryn", "cy": "Cartrefi Bryn"}


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("2020-01-06", "That week is over."),
        ("20266-01-01", "Write the year with four numbers"),
        ("May 27 2026", "Write the month as a number from 1 to 12."),
        ("2099-01-01", "more than two years away"),
    ],
)
def test_weekly_places_from_an_impossible_week(visit, morgan, day, sentence):
    page = visit(morgan).post("/settings/places", status=422, on="/settings", week=day, places="18")
    assert sentence in page.errors
    assert page.value("week") == "-".join(day.split()[::-1])


def test_weekly_places_hold_from_a_week_on(visit, morgan, sam):
    visit(morgan).post("/settings/places", on="/settings", places="2")
    assert db.session.scalars(select(WeeklyPlaces).order_by(WeeklyPlaces.id.desc())).first().set_by_id == morgan.id
    late, coach = visit(sam), visit(sam)
    late.get("/invitations/new")
    for name in ("Ann", "Ben"):
        coach.post("/invitations/new", status=200, name=name, adult="y")
    page = late.press("Make the letter", status=409, name="Cai", adult="y")
    assert "All 2 places of this week are taken" in page
    next_monday = week_of(now().date()) + timedelta(days=7, hours=0)
    with time_machine.travel(f"{next_monday}T10:00:00+00:00", tick=False):
        assert "2 places are left this week." in visit(sam).get("/invitations/new")


def test_a_manager_adds_a_coach_by_a_link_that_works_once(visit, morgan):
    manager = visit(morgan)
    fields = {"name": "Sam", "email": "Sam@Bryn.example", "phone": "01632 960123", "languages": "English, Cymraeg"}
    page = manager.post("/staff/new", status=200, on="/staff", role="coach", about="I was a baker.", **fields)
    link = page.soup.select_one(".deal-link").get_text().strip()
    assert link.startswith("http://deal.test/join/")
    assert "/join/" not in manager.get("/staff").html

    coach = visit()
    coach.get(link.removeprefix("http://deal.test"))
    assert "sam@bryn.example" in coach.page
    page = coach.press("Keep this password", status=422, password="short")
    assert "Use 12 characters or more." in page.errors
    page = coach.press("Keep this password", password=PASSWORD)
    assert page.path == "/today"
    assert "This was done already. Sign in." in visit().get(link.removeprefix("http://deal.test"), status=410)


def test_a_link_dies_after_48_hours_and_a_new_one_ends_the_old(visit, morgan):
    manager = visit(morgan)
    first = manager.post(
        "/staff/new", status=200, on="/staff", role="coach", name="Sam", email="s@b.example", phone="1"
    ).soup
    first = first.select_one(".deal-link").get_text().strip().removeprefix("http://deal.test")
    sam = db.session.scalars(select(Person).filter_by(role=Role.COACH)).one()
    second = manager.post(f"/staff/{sam.id}/link", status=200, on=f"/staff/{sam.id}/people").soup
    second = second.select_one(".deal-link").get_text().strip().removeprefix("http://deal.test")
    visit().get(first, status=410)
    with time_machine.travel(now() + timedelta(hours=49)):
        visit().get(second, status=410)
    assert "Welcome, Sam" in visit().get(second)


def test_one_address_is_one_member_of_staff(visit, morgan, sam):
    page = visit(morgan).post(
        "/staff/new", status=422, on="/staff", role="coach", name="Sam", email=sam.email, phone="1"
    )
    assert "Somebody with this e-mail address is here already." in page.errors
    assert page.value("name") == "Sam"


def test_nia_comes_in(visit, sam):
    letter = visit(sam).post("/invitations/new", status=200, name="Nia", label="Oak Court", adult="y")
    code = code_on(letter)
    assert "This is not about rent. It is not about anything you have done wrong." in letter
    assert letter.soup.select_one(".deal-letter svg"), "no QR code"
    assert code.replace("-", "") not in str(db.session.execute(select(Invitation.__table__)).all())

    nia = visit()
    nia.post("/code", code=f" {code.lower().replace('-', ' ')} ")
    assert "Is this for you, Nia?" in nia.page
    assert "We never use your words to decide about your home" in nia.page
    assert "your coach Sam" in nia.page
    nia.press("Yes, that is me, and I agree")
    page = nia.press("Keep this PIN", status=422, pin="123456", own_phone="y")
    assert "That number is easy to guess." in page.errors
    page = nia.press("Keep this PIN", pin=PIN, own_phone="y")

    resident = db.session.scalars(select(Person).filter_by(role=Role.RESIDENT)).one()
    assert page.path == f"/residents/{resident.id}/card?first=1"
    assert resident.sign_in_name[:4] in page and resident.sign_in_name[4:] in page
    consent = db.session.scalars(select(Consent)).one()
    assert consent.resident_id == resident.id and "somebody may be badly hurt" in consent.wording
    assert PIN not in str(db.session.execute(select(Person.__table__)).all())

    assert "Question 1 of 14" in nia.press("Start"), "no page in between"
    nia.press("Sign out", on=f"/residents/{resident.id}")
    nia.get("/sign-in")
    assert nia.page.value("name") == resident.sign_in_name, "this phone is only hers: it remembers the name"
    assert "Hello, Nia" in nia.press("Sign in", pin=PIN)
    assert "This was done already. Sign in." in visit().get(f"/i/{code}", status=410)


def test_no_it_is_not_me_shuts_the_code_and_tells_the_coach(visit, sam):
    _resident, code = invite("Nia", sam)
    somebody = visit()
    somebody.get(f"/i/{code}")
    assert "Thank you for telling us" in somebody.press("It isn't me")
    visit().get(f"/i/{code}", status=410)
    coach = visit(sam)
    assert "The letter reached somebody else." in coach.get("/invitations")
    assert "Letters to make again" in coach.get("/today")
    coach.press("New letter for Nia", status=200)
    assert "Letters to make again" not in coach.get("/today")


def test_no_thanks_is_fine_and_may_be_taken_back(visit, sam):
    _resident, code = invite("Nia", sam)
    nia = visit()
    nia.get(f"/i/{code}")
    assert "Nothing changes for you" in nia.press("No thanks")
    assert "Said no thanks" in visit(sam).get("/invitations")
    assert "Nia" not in visit(sam).get("/today")
    nia.press("Yes, that is me, and I agree", on=f"/i/{code}/promise")
    assert nia.page.path.endswith("/pin")
    letter = db.session.scalars(select(Invitation)).one()
    assert letter.no_thanks_at < letter.agreed_at and letter.state == "opened", "it keeps its day"


def test_no_pin_without_agreeing(visit, sam):
    _resident, code = invite("Nia", sam)
    assert visit().get(f"/i/{code}/pin").path == f"/i/{code}"


def test_a_code_dies_after_28_days_or_when_renewed(visit, sam):
    resident, code = invite("Nia", sam)
    with time_machine.travel(now() + timedelta(days=29)):
        assert "Ask Sam for a new letter." in visit().get(f"/i/{code}", status=410)
    letter = visit(sam).post(f"/residents/{resident.id}/invitation", status=200, on="/invitations")
    visit().get(f"/i/{code}", status=410)
    assert "Is this for you, Nia?" in visit().get(f"/i/{code_on(letter)}")
    assert count(Invitation, renewal=True) == 1


def test_letters_renewed_from_one_page_have_codes_of_their_own(visit, sam):
    nia, _ = invite("Nia", sam)
    ola, _ = invite("Ola", sam)
    coach = visit(sam)
    coach.get("/invitations")
    page = coach.page
    codes = []
    for resident in (nia, ola):
        coach.page = page
        codes.append(code_on(coach._send_form(page.form_to(f"/residents/{resident.id}/invitation"), None, 200, {})))
    assert codes[0] != codes[1]


def test_addresses_come_from_the_settings_not_from_the_request(visit, sam):
    coach = visit(sam)
    token = coach.token()
    data = {"csrf_token": token, "once": "x" * 20, "name": "Nia", "adult": "y"}
    cookie = coach.client.get_cookie("deal")
    coach.client.set_cookie("deal", cookie.value, domain="evil.example")
    letter = coach.send("POST", "/invitations/new", data, headers={"Host": "evil.example"})
    assert "http://deal.test/code" in letter.text and "evil.example" not in letter.text


def test_a_forgotten_pin(visit, sam, nia):
    phone, coach = visit(nia), visit(sam)
    page = coach.post(f"/residents/{nia.id}/new-pin", status=200, on=f"/residents/{nia.id}/change")
    number = re.sub(r"\D", "", page.soup.select_one(".deal-code").get_text())
    assert len(number) == 8
    assert phone.get(f"/residents/{nia.id}").path.startswith("/sign-in"), "every sign-in has ended"

    nia_again = visit()
    fields = {"name": nia.sign_in_name, "pin": "640217"}
    for wrong in ({"number": "00000000"}, {"number": number, "name": "ACDEFHJK"}):
        page = nia_again.post("/new-pin", status=422, **fields | wrong)
        assert "That name and number do not go together." in page.errors
    page = nia_again.post("/new-pin", number=number, **fields)
    assert "Sam made a number for a new PIN for you" in page
    page = visit().post("/new-pin", status=410, number=number, **fields)
    assert "This was done already. Sign in." in page, "the number is good once"
    assert "Hello, Nia" in visit().post("/sign-in", name=nia.sign_in_name.lower(), pin="640217")


def test_a_number_for_a_new_pin_is_good_for_an_hour(visit, sam, nia):
    page = visit(sam).post(f"/residents/{nia.id}/new-pin", status=200, on=f"/residents/{nia.id}/change")
    number = re.sub(r"\D", "", page.soup.select_one(".deal-code").get_text())
    with time_machine.travel(now() + timedelta(minutes=61)):
        page = visit().post("/new-pin", status=422, name=nia.sign_in_name, number=number, pin="640217")
    assert "Ask your coach for a new number." in page.errors
    assert count(OneTimeCode, used_at=None) == 1


def test_whom_to_ring_in_both_languages(visit, morgan):
    set_settings(welsh_checked_by="Eleri Pugh")
    manager = visit(morgan)
    lines = "Money advice: 0808 157 0001, free\n\n  Night line <24 hours>: +44 1632 960333  \nOr 12 High Street, by 5pm"
    complaints = {"complaints": "Ring 01632 960222.", "complaints_cy": "Ffoniwch 01632 960222."}
    manager.post("/settings/names", on="/settings", repairs_phone="01632 960111", **complaints)
    page = manager.post("/settings/help", on="/settings", help_lines=lines, help_lines_cy="Nos: 116 123")
    assert page.value("help_lines") == lines and page.value("complaints_cy") == "Ffoniwch 01632 960222."
    for name in ("Telephone number for repairs", "How to complain", "Who else helps"):
        assert name in page.text.partition("Last changes")[2]
    rows = {row.key: row.value for row in db.session.scalars(select(Setting).filter_by(set_by_id=morgan.id))}
    assert rows["complaints"] == {"en": "Ring 01632 960222.", "cy": "Ffoniwch 01632 960222."}
    assert (rows["repairs_phone"], rows["help_lines"]) == ("01632 960111", {"en": lines, "cy": "Nos: 116 123"})

    page = visit().get("/help")
    listed = [" ".join(one.get_text().split()) for one in page.soup.select("main li")]
    assert listed[-3:] == ["Money advice: 0808 157 0001, free", "Night line <24 hours>: +44 1632 960333",
                           "Or 12 High Street, by 5pm"]  # fmt: skip
    links = [one["href"] for one in page.soup.select("main li a")]
    assert links == ["tel:116123", "tel:01632960000", "tel:08081570001", "tel:+441632960333"]

    manager.post("/settings/help", on="/settings", help_lines="", help_lines_cy="")
    assert len(visit().get("/help").soup.select("main li")) == 2
