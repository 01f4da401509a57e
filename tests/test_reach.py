"""How Nia is best reached: hers to write and to clear, Sam's to read."""

import pytest
from sqlalchemy import select

from deal.contact.models import ContactPreferences
from deal.db import db

BETTER_NOT = "Not said if a message is safe: better not leave one."
DO_NOT = "Do not leave a message."


def kept() -> list[tuple]:
    db.session.expire_all()
    return [(one.way, one.times, one.message_is_safe) for one in db.session.scalars(select(ContactPreferences))]


@pytest.mark.on_both
def test_nia_says_how_and_sam_reads_it_in_her_words(visit, nia, sam):
    phone, coach = visit(nia), visit(sam)
    assert BETTER_NOT in coach.get(f"/residents/{nia.id}")
    assert "is gone" in phone.click("How to reach me", on="/more")
    page = phone.press("Save", way="  a text,\nnever the bell 🔔 ", times="after tea", message="no")
    assert "This is saved." in page and page.value("way") == "  a text,\nnever the bell 🔔 "
    assert page.soup.select_one("input[name=message][value=no]").has_attr("checked")

    page = coach.get(f"/residents/{nia.id}")
    assert {"  a text,\nnever the bell 🔔 ", "after tea"} <= set(page.words)
    assert "How to reach Nia" in page and page.soup.find("strong", string=DO_NOT) and BETTER_NOT not in page
    assert page.text.index("How to reach Nia") < page.text.index("Next chat") < page.text.index("Goals")


def test_what_she_changes_leaves_nothing_behind(visit, nia, sam):
    phone, coach = visit(nia), visit(sam)
    path = f"/residents/{nia.id}/reach"
    phone.post(path, way="ring mum", times="mornings", message="yes")
    assert "A message is safe." in coach.get(f"/residents/{nia.id}")
    phone.post(path, way="ring me", times=" ", message="not-said")
    assert kept() == [("ring me", None, None)]
    page = coach.get(f"/residents/{nia.id}")
    assert BETTER_NOT in page and "ring mum" not in page and "Good times" not in page
    phone.post(path, way="", times="", message="not-said")
    assert kept() == [], "nothing said, nothing kept"


def test_another_choice_made_in_another_tab_is_shown_beside_hers(visit, nia):
    path = f"/residents/{nia.id}/reach"
    tab, other = visit(nia), visit(nia)
    tab.get(path)
    other.post(path, way="ring me", message="no")
    page = tab.press("Save", status=409, way="ring me", message="yes")
    assert "It says now:" in page and "No" in page.words and kept() == [("ring me", None, False)]
    tab.press("Save", message="yes")
    assert kept() == [("ring me", None, True)]


def test_clear_all_of_this(visit, nia, sam):
    phone = visit(nia)
    path = f"/residents/{nia.id}/reach"
    assert "Clear all of this" not in phone.get(path)
    stale = phone.post(path, way="a secret way", message="no")
    for _ in range(2):
        phone.page = stale
        page = phone.press("Clear all of this")
        assert "All of this is cleared." in page and page.value("way") == "" and kept() == []
    assert BETTER_NOT in visit(sam).get(f"/residents/{nia.id}")


def test_pressing_twice_and_too_much(visit, nia):
    phone = visit(nia)
    path = f"/residents/{nia.id}/reach"
    stale = phone.get(path)
    for _ in range(2):
        phone.page = stale
        phone.press("Save", way="a text")
    assert kept() == [("a text", None, None)]
    page = phone.post(path, status=422, way="w" * 10_001, times="at noon")
    assert "10,001" in page.errors and page.value("times") == "at noon" and kept() == [("a text", None, None)]
    answer = phone.send("POST", path, {"csrf_token": phone.token(), "once": "a", "way": "x", "message": "maybe"})
    assert "not one of the choices" in phone.open_answer(answer, path, 422).errors
    answer = phone.send("POST", path, {"csrf_token": phone.token(), "once": "a", "way": "a\0b"})
    assert "Some letters did not reach us" in phone.open_answer(answer, path, 422).errors


def test_nobody_writes_it_for_her(visit, nia, sam, amina, morgan):
    visit(nia).post(f"/residents/{nia.id}/reach", way="a text")
    for person in (sam, amina, morgan):
        browser = visit(person)
        for path in (f"/residents/{nia.id}/reach", f"/residents/{nia.id}/reach/clear"):
            data = {"csrf_token": browser.token(), "once": "a", "way": "the bell"}
            assert browser.send("POST", path, data).status_code == 404
        browser.get(f"/residents/{nia.id}/reach", status=404)
    assert kept() == [("a text", None, None)]
