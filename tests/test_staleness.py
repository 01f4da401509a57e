"""Two people at the same thing: nobody's words replace another's unseen, and what was typed stays in the box."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from deal.blockers.models import Change
from deal.clock import today
from deal.contact.models import ContactPreferences
from deal.db import db
from deal.deals.models import PromiseWording
from deal.manager_requests.models import ManagerRequest, RequestKind
from deal.people import coach_of
from deal.settings import Setting, WeeklyPlaces
from tests.people import keep, make_coach, make_heading, make_manager, make_promise

MEANWHILE = "Somebody changed this while your page was open."


@pytest.fixture
def two(visit, morgan):
    """Two managers, each with a browser of their own."""
    return visit(morgan), visit(make_manager("Mair"))


def setting(key: str):
    query = select(Setting.value).filter_by(key=key).order_by(Setting.id.desc()).limit(1)
    return db.session.scalar(query)


@pytest.mark.on_both
def test_the_settings_of_the_first_manager_are_not_turned_back(app, two):
    one, other = two
    one.get("/settings"), other.get("/settings")
    one.press("Save names and numbers", phone="01632 960999")
    third = other.page
    other.press("Save names and numbers", complaints="Ring Ann.")
    other.page = third
    other.press("Save times and limits", contact_days="5")
    assert setting("phone") == "01632 960999", "the second manager never touched it"
    assert setting("contact_days") == 5 and setting("complaints")["en"] == "Ring Ann."
    keys = db.session.scalars(select(Setting.key).where(Setting.set_by_id.is_not(None)).order_by(Setting.key)).all()
    assert keys == ["complaints", "contact_days", "phone"], "a section is saved by itself"


@pytest.mark.on_both
def test_where_both_changed_the_same_setting_both_are_shown(app, two):
    one, other = two
    one.get("/settings"), other.get("/settings")
    one.press("Save names and numbers", phone="01632 960999", complaints="Ring Ann.")
    page = other.press("Save names and numbers", status=409, phone="01632 960111", repairs_phone="01632 960222")
    assert MEANWHILE in page.errors and page.value("phone") == "01632 960111"
    assert "It says now: 01632 960999" in page.soup.find(id="phone-hint").get_text(" ", strip=True)
    assert page.value("repairs_phone") == "01632 960222" and page.value("complaints") == "Ring Ann.", (
        "theirs came along"
    )
    assert setting("phone") == "01632 960999"
    other.press("Save names and numbers")
    assert setting("phone") == "01632 960111" and setting("complaints")["en"] == "Ring Ann."


def test_the_same_value_twice_is_no_quarrel(two):
    one, other = two
    one.get("/settings"), other.get("/settings")
    for manager in two:
        manager.press("Save names and numbers", phone="01632 960999")
    assert setting("phone") == "01632 960999"


def test_weekly_places_that_somebody_set_meanwhile_are_shown_first(two):
    one, other = two
    one.get("/settings"), other.get("/settings")
    one.press("Save the places", places="15")
    page = other.press("Save the places", status=409, places="20")
    assert MEANWHILE in page.errors and "15 places a week" in page and page.value("places") == "20"
    other.press("Save the places")
    assert db.session.scalars(select(WeeklyPlaces.places).order_by(WeeklyPlaces.id.desc())).first() == 20


def test_a_heading_keeps_what_each_of_two_managers_changed(two, morgan, sam):
    heading = make_heading(morgan)
    path, (one, other) = f"/blockers/headings/{heading.id}", two
    one.get(path), other.get(path)
    one.press("Save", due_on=today() + timedelta(days=3))
    other.press("Save", owner=sam.id)
    assert (heading.due_on, heading.owner_id) == (today() + timedelta(days=3), sam.id)
    one.get(path), other.get(path)
    one.press("Save", title="Shorter forms")
    page = other.press("Save", status=409, title="Long, long forms")
    assert MEANWHILE in page.errors and page.value("title") == "Long, long forms" and "Shorter forms" in page.words
    assert heading.words == "Shorter forms"


def test_two_answers_to_one_heading_see_each_other(two, morgan):
    path, (one, other) = f"/blockers/headings/{make_heading(morgan).id}", two
    one.get(path), other.get(path)
    one.press("Tell everybody", done="yes", words="It is one page now.")
    page = other.press("Tell everybody", status=409, done="no", words="We cannot.")
    assert MEANWHILE in page.errors and "It is one page now." in page.words and page.value("words") == "We cannot."
    other.press("Tell everybody")
    assert len(db.session.scalars(select(Change)).all()) == 2


def test_other_words_for_a_promise_that_somebody_changed_meanwhile(visit, nia, sam):
    promise = make_promise(nia, "sing")
    path, phone, coach = f"/residents/{nia.id}/promises/{promise.id}", visit(nia), visit(sam)
    phone.get(path), coach.get(path)
    phone.press("Save", words="sing on Tuesdays")
    page = coach.press("Save", status=409, words="sing on Mondays")
    assert MEANWHILE in page.errors and "sing on Tuesdays" in page.words and page.value("words") == "sing on Mondays"
    coach.press("Save")
    assert len(db.session.scalars(select(PromiseWording)).all()) == 3


@pytest.mark.on_both
def test_two_phones_that_say_how_to_reach_me(app, visit, nia):
    path, phone, laptop = f"/residents/{nia.id}/reach", visit(nia), visit(nia)
    phone.get(path), laptop.get(path)
    phone.press("Save", way="ring me")
    laptop.press("Save", times="after tea")
    kept = db.session.scalars(select(ContactPreferences)).one()
    assert (kept.way, kept.times) == ("ring me", "after tea")
    phone.get(path), laptop.get(path)
    phone.press("Save", way="a text")
    page = laptop.press("Save", status=409, way="knock")
    assert MEANWHILE in page.errors and "a text" in page.words and page.value("way") == "knock"
    laptop.press("Save")
    db.session.refresh(kept)
    assert kept.way == "knock"


def test_a_coach_who_was_changed_meanwhile_is_not_changed_again_unseen(visit, nia, sam, joe, two, morgan):
    """Nia asked for somebody else; two managers give her two coaches at one moment."""
    lou = make_coach("Lou")
    ask = keep(ManagerRequest(resident_id=nia.id, kind=RequestKind.OTHER_COACH, language="en"))
    path, (one, other) = f"/asks/{ask.id}", two
    one.get(path), other.get(path)
    one.press("Give them this coach", to=joe.id)
    page = other.press("Give them this coach", status=409, to=lou.id, words="hello")
    assert "They have another coach since you opened this page." in page.errors and page.value("words") == "hello"
    assert coach_of(nia).id == joe.id
    other.press("Give them this coach")
    assert coach_of(nia).id == lou.id
