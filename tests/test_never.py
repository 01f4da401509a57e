"""Nia names coaches who must never read her words, and nobody but her sees whom."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from deal.clock import now
from deal.db import db
from deal.manager_requests.models import ManagerRequest, RequestKind
from deal.people import Assignment, StaffExclusion
from tests.people import count, finish_about_me, keep

SAVED = "This is saved."


def named(resident) -> set[int]:
    db.session.expire_all()
    return set(db.session.scalars(select(StaffExclusion.staff_id).filter_by(resident_id=resident.id)))


def assigned_now() -> list[tuple[int, bool]]:
    db.session.expire_all()
    return [(one.coach_id, one.cover) for one in db.session.scalars(select(Assignment).filter_by(until=None))]


def ticked(page) -> set[str]:
    return {box["value"] for box in page.soup.select("input[name=staff]") if box.has_attr("checked")}


def test_every_coach_stands_there_by_name_and_no_manager(visit, nia, sam, joe, morgan):
    page = visit(nia).click("Who must never see my words", on="/more")
    labels = [" ".join(one.get_text().split()) for one in page.soup.select("main .govuk-checkboxes__label")]
    assert labels == ["Joe", "Sam"] and ticked(page) == set()
    hint = page.soup.find(string=re.compile("Your coach now")).find_parent("div", class_="govuk-checkboxes__item")
    assert hint.input["value"] == str(sam.id) and page.text.count("Your coach now") == 1
    assert "If you tick your own coach, they cannot open your pages from then on" in page


@pytest.mark.on_both
def test_a_named_coach_opens_nothing_though_somebody_gives_them_cover(visit, nia, sam, joe, morgan):
    phone = visit(nia)
    page = phone.post(f"/residents/{nia.id}/never", staff=[joe.id])
    assert SAVED in page and ticked(page) == {str(joe.id)} and named(nia) == {joe.id}
    assert assigned_now() == [(sam.id, False)] and count(ManagerRequest) == 0, "Sam is her coach as before"
    keep(Assignment(resident_id=nia.id, coach_id=joe.id, cover=True))
    visit(joe).get(f"/residents/{nia.id}", status=404)
    visit(sam).get(f"/residents/{nia.id}")

    page = phone.post(f"/residents/{nia.id}/never", staff=None)
    assert SAVED in page and named(nia) == set()
    visit(joe).get(f"/residents/{nia.id}")


@pytest.mark.on_both
def test_naming_her_own_coach_ends_the_coaching_and_asks_for_another(visit, nia, sam, joe, morgan):
    finish_about_me(nia)
    phone, coach = visit(nia), visit(sam)
    assert "Nia" in coach.get("/today")
    keep(Assignment(resident_id=nia.id, coach_id=joe.id, cover=True, until=now() + timedelta(days=9)))
    page = phone.post(f"/residents/{nia.id}/never", staff=[sam.id])
    assert "Sam cannot open your pages any more. We have asked the managers to find you another coach." in page
    assert named(nia) == {sam.id} and "Your coach now" not in page
    coach.get(f"/residents/{nia.id}", status=404)
    assert "Nia" not in coach.get("/today") and "Nia" not in coach.get("/invitations")
    visit(joe).get(f"/residents/{nia.id}")
    assert "My coach" not in phone.get(f"/residents/{nia.id}")
    ask = db.session.scalars(select(ManagerRequest)).one()
    assert (ask.resident_id, ask.kind, ask.words) == (nia.id, RequestKind.OTHER_COACH, None)

    manager = visit(morgan)
    assert "Nia: I would like a different coach" in manager.get("/asks") and "Sam" not in manager.page
    manager.click("Read and answer Nia")
    assert "Sam" not in manager.page and "1 person has no coach." in manager.get("/numbers")
    assert "I would like a different coach" in phone.get(f"/residents/{nia.id}/asks")


def test_a_tick_taken_away_gives_nothing_back(visit, nia, sam):
    phone = visit(nia)
    phone.post(f"/residents/{nia.id}/never", staff=[sam.id])
    page = phone.post(f"/residents/{nia.id}/never", staff=None)
    assert SAVED in page and named(nia) == set() and assigned_now() == [] and count(ManagerRequest) == 1
    visit(sam).get(f"/residents/{nia.id}", status=404)


def test_cover_ends_too_and_needs_no_other_coach(visit, nia, sam, joe):
    keep(Assignment(resident_id=nia.id, coach_id=joe.id, cover=True, until=now() + timedelta(days=9)))
    visit(joe).get(f"/residents/{nia.id}")
    assert SAVED in visit(nia).post(f"/residents/{nia.id}/never", staff=[joe.id])
    visit(joe).get(f"/residents/{nia.id}", status=404)
    assert db.session.scalars(select(Assignment).filter_by(cover=True)).one().until <= now()
    assert count(ManagerRequest) == 0 and assigned_now() == [(sam.id, False)]


def test_pressing_twice_asks_once(visit, nia, sam):
    phone = visit(nia)
    page = phone.get(f"/residents/{nia.id}/never")
    with phone.before_the_answer():
        phone.press("Save", staff=[sam.id])
    phone.page = page
    phone.press("Save", staff=[sam.id])
    assert count(ManagerRequest) == 1 and named(nia) == {sam.id}


def test_another_residents_coaching_stays(visit, nia, amina, sam, joe):
    visit(nia).post(f"/residents/{nia.id}/never", staff=[sam.id, joe.id])
    assert assigned_now() == [(joe.id, False)] and named(nia) == {sam.id, joe.id} and named(amina) == set()
    visit(joe).get(f"/residents/{amina.id}")


def test_only_coaches_can_be_named_and_only_by_her(visit, nia, sam, morgan, amina):
    phone, path = visit(nia), f"/residents/{nia.id}/never"
    for number in (morgan.id, amina.id, "x", "9" * 30):
        answer = phone.send("POST", path, {"csrf_token": phone.token(), "once": "a", "staff": number})
        assert "not one of the choices" in phone.open_answer(answer, path, 422).errors
    for person in (sam, morgan, amina):
        browser = visit(person)
        browser.get(path, status=404)
        data = {"csrf_token": browser.token(), "once": "a", "staff": sam.id}
        assert browser.send("POST", path, data).status_code == 404
    assert named(nia) == set() and assigned_now()
