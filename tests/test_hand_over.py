"""Sam passes Nia on to Joe; Nia is told, says "All right", or asks for somebody else."""

import pytest
from sqlalchemy import func, select

from deal.db import db
from deal.people import Assignment, Person, StaffExclusion
from tests.browser import Browser, value_of
from tests.people import invite, keep, make_coach, make_goal, make_resident


def rows_of(resident: Person) -> list[tuple[int, bool, bool]]:
    """(coach, whether it still lasts, whether it is cover), oldest first."""
    rows = db.session.scalars(select(Assignment).filter_by(resident_id=resident.id).order_by(Assignment.id))
    return [(row.coach_id, not row.is_over, row.cover) for row in rows]


def passed_on(browser: Browser, resident: Person, status: int = 303, **fields):
    """What comes after pressing "Pass them on", with that typed."""
    at = f"/residents/{resident.id}"
    return browser.post(f"{at}/hand-over", status=status, on=f"{at}/change", **{"told": "y"} | fields)


def test_nia_is_passed_on_with_a_note_and_says_all_right(visit, nia, sam, joe):
    make_goal(nia, "a bike of my own")
    old, new, phone = visit(sam), visit(joe), visit(nia)
    new.get(f"/residents/{nia.id}", status=404)
    old.get(f"/residents/{nia.id}")
    old.click("Change something")
    page = old.press("Pass them on", to=joe.id, words="she loves her 🚲,\n ask about it", told="y")
    assert page.path == "/today" and "They are with Joe now." in page and "Nia" not in page
    for path in ("", "/goals", "/timeline", "/change"):
        old.get(f"/residents/{nia.id}{path}", status=404)

    page = new.get(f"/residents/{nia.id}")
    assert "passed on to you on" in page and "Sam wrote:" in page
    assert "she loves her 🚲,\n ask about it" in page.words and "a bike of my own" in page
    assert "passed on to you on" in new.get("/people")

    page = phone.get(f"/residents/{nia.id}")
    assert "Sam has passed you on to Joe." in page and "Joe can read your words now. Sam cannot any more." in page
    assert "she loves her 🚲,\n ask about it" in page.words and "01632 960123" in page
    for _ in range(2):
        phone.page = page
        assert "passed you on" not in phone.press("All right")
    page = phone.get(f"/residents/{nia.id}/timeline?kind=coaches")
    assert "Joe since" in page and "arranged by Sam" in page and "Sam on" in page
    assert "she loves her 🚲,\n ask about it" in page.words


def test_nia_declines_and_gets_somebody_else(visit, nia, sam, joe, morgan):
    make_coach("Zahra")
    passed_on(visit(sam), nia, to=joe.id)
    phone, manager = visit(nia), visit(morgan)
    phone.get(f"/residents/{nia.id}")
    page = phone.click("I would like somebody else")
    assert page.soup.select_one('input[value="other_coach"]').has_attr("checked")
    phone.press("Send", words="i do not know him")

    manager.get("/asks")
    manager.click("Read and answer Nia")
    page = manager.page
    offered = [option.get_text() for option in page.soup.select("option")]
    assert offered == ["Choose a coach", "Sam · English", "Zahra · English"]
    assert "Choose a coach from the list." in manager.press("Give them this coach", status=422, to="").errors
    assert manager.page.soup.select_one("details:has(> #coach)").has_attr("open")
    page = manager.press("Give them this coach", to=db.session.scalar(select(Person.id).filter_by(name="Zahra")))
    assert "Nia has another coach now." in page

    assert "Zahra is your coach now." in phone.get(f"/residents/{nia.id}")
    assert "passed you on to Joe" not in phone.page, "what is over needs no All right"
    visit(joe).get(f"/residents/{nia.id}", status=404)
    visit(sam).get(f"/residents/{nia.id}", status=404)
    assert [active_at for _coach, active_at, _cover in rows_of(nia)] == [False, False, True]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"to": ""}, "Choose a coach from the list."),
        ({"to": "joe", "told": None}, "Tell them first, then tick the box."),
        *(({"to": who}, "That is not one of the choices.") for who in ("sam", "morgan", "newcomer", "amina", "20266")),
        ({"to": "joe", "words": "w" * 10_001}, "That is 10,001 characters."),
    ],
)
def test_a_hand_over_that_cannot_be(visit, nia, amina, sam, joe, morgan, fields, sentence):
    """To oneself, to a manager, to somebody who never joined, to a resident: one sentence, and the note still there."""
    newcomer = make_coach("Newcomer")
    newcomer.secret_hash = None
    db.session.commit()
    people = {"sam": sam, "joe": joe, "morgan": morgan, "amina": amina, "newcomer": newcomer}
    to = people[fields["to"]].id if fields["to"] in people else fields["to"]
    page = passed_on(visit(sam), nia, status=422, **{"words": "dear\n  Joe"} | fields | {"to": to})
    assert sentence in page.errors
    section = page.soup.select_one("details#hand-over")
    assert section.has_attr("open") and not page.soup.select_one("details#cover").has_attr("open")
    assert value_of(section.find("textarea")) == fields.get("words", "dear\n  Joe")
    assert rows_of(nia) == [(sam.id, True, False)]


def test_letters_that_did_not_arrive_pass_nobody_on(visit, nia, sam, joe):
    coach = visit(sam)
    data = {"csrf_token": coach.token(), "to": str(joe.id), "told": "y", "once": "a", "words": b"\xed\xa0\x80"}
    answer = coach.send("POST", f"/residents/{nia.id}/hand-over", data)
    assert answer.status_code == 422 and "did not reach us" in answer.text
    assert rows_of(nia) == [(sam.id, True, False)]


def test_pressing_twice_passes_on_once(visit, nia, sam, joe):
    coach = visit(sam)
    page = coach.get(f"/residents/{nia.id}/change")
    for _ in range(2):
        coach.page = page
        assert "They are with Joe now." in coach.press("Pass them on", to=joe.id, told="y")
    assert rows_of(nia) == [(sam.id, False, False), (joe.id, True, False)]


def test_a_page_from_before_passes_nobody_on(visit, nia, sam, joe):
    """Morgan was quicker: Nia is Zahra's, and Sam's open page is not there any more."""
    zahra = make_coach("Zahra")
    coach = visit(sam)
    coach.get(f"/residents/{nia.id}/change")
    visit(joe)
    db.session.scalars(select(Assignment).filter_by(resident_id=nia.id)).one().coach_id = zahra.id
    db.session.commit()
    coach.press("Pass them on", status=404, to=joe.id, told="y")
    assert rows_of(nia) == [(zahra.id, True, False)]


def test_whom_nia_named_cannot_be_chosen_and_nobody_is_told(visit, nia, sam, joe):
    keep(StaffExclusion(resident_id=nia.id, staff_id=joe.id))
    make_coach("Zahra")
    coach, moira = visit(sam), make_resident("Moira", sam)
    page = coach.get(f"/residents/{nia.id}/change")
    assert page.text.count("Zahra") == 2 and "Joe" not in page, "for cover, and to be passed on to"
    assert coach.get(f"/residents/{moira.id}/change").text.count("Joe") == 2
    data = {"csrf_token": coach.token(), "to": str(joe.id), "told": "y", "once": "a"}
    answer = coach.send("POST", f"/residents/{nia.id}/hand-over", data)
    assert answer.status_code == 422 and "not one of the choices" in answer.text
    visit(joe).get(f"/residents/{nia.id}", status=404)


def test_all_right_is_nias_alone(visit, nia, amina, sam, joe):
    passed_on(visit(sam), nia, to=joe.id)
    newest = db.session.scalar(select(func.max(Assignment.id)))
    for person in (amina, joe, sam):
        browser = visit(person)
        for resident in (nia, amina):
            path = f"/residents/{resident.id}/coaches/{newest}/seen"
            assert browser.send("POST", path, {"csrf_token": browser.token()}).status_code == 404
    assert db.session.get(Assignment, newest).seen_at is None


def test_what_is_typed_in_one_part_of_the_page_waits_there(visit, nia, sam, joe):
    """Two forms have a box of the same name; each keeps its own words, and is open where it has some."""
    coach, on = visit(sam), f"/residents/{nia.id}/change"
    assert not coach.get(on).soup.select("details[open]")
    coach.keep_draft(f"/residents/{nia.id}/cover", on=on, words="back on Monday")
    page = coach.get(on)
    (cover,) = page.soup.select("details[open]")
    assert cover["id"] == "cover" and value_of(cover.find("textarea")) == "back on Monday"
    assert value_of(page.soup.select_one("#hand-over textarea")) == ""
    page = coach.press("Pass them on", status=422, to=joe.id, words="a note")
    assert [one["id"] for one in page.soup.select("details[open]")] == ["cover", "hand-over"]
    assert value_of(page.soup.select_one("#cover textarea")) == "back on Monday"
    coach.press("Pass them on", to=joe.id, told="y")
    assert rows_of(nia) == [(sam.id, False, False), (joe.id, True, False)]


def test_a_letter_is_taken_back_where_it_is_made_anew(visit, sam):
    mo, code = invite("Mo", sam)
    coach = visit(sam)
    page = coach.get(f"/residents/{mo.id}/change")
    assert "A new one shuts it." in page and not page.soup.select_one("details#pin")
    assert "is taken back" in coach.press("Take back this letter")
    visit().get(f"/i/{code}", status=410)
    page = coach.get(f"/residents/{mo.id}/change")
    assert "They have no letter that works." in page
    assert "The letter for Mo" in coach.press("Make a new letter or code", status=200)
