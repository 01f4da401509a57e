"""Sam's day."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from deal.assessment.models import FirstTalkWait
from deal.clock import now, today
from deal.conversations.models import Conversation, Note
from deal.db import db
from deal.people import Assignment
from tests.people import count, finish_about_me, make_goal, make_resident, make_talk


def test_today_lists_who_has_waited_longest(visit, sam, joe):
    for days, name in ((9, "Ola"), (2, "Ann"), (5, "Emyr")):
        with time_machine.travel(now() - timedelta(days=days)):
            finish_about_me(make_resident(name, sam))
    finish_about_me(make_resident("Amina", joe))
    make_resident("Zoe", sam)
    page = visit(sam).get("/today")
    assert page.text.index("Ola") < page.text.index("Emyr") < page.text.index("Ann")
    assert "Waiting 9 days, we said 3" in page and "Zoe" not in page and "Amina" not in page
    assert [row.a.get_text() for row in page.soup.select(".deal-list__row--next")] == ["Ola"]


def test_today_is_paged(visit, sam):
    for number in range(30):
        finish_about_me(make_resident(f"Person {number:02}", sam))
    coach = visit(sam)
    page = coach.get("/today")
    assert "Waiting for a first conversation 30" in page and "Person 09" in page and "Person 10" not in page
    page = coach.click("Show who else is waiting")
    assert "Person 10" in page and "Person 19" in page and "Person 09" not in page
    assert "Person 29" in coach.click("Show who else is waiting")


def test_today_says_who_was_quiet_for_long(visit, sam, nia):
    with time_machine.travel(now() - timedelta(weeks=8, days=1)):
        make_talk(nia, sam)
    page = visit(sam).get("/today")
    assert "Not spoken lately 1" in page and "8 weeks ago" in page


def test_we_talked_ends_the_wait(visit, sam, nia):
    finish_about_me(nia)
    coach = visit(sam)
    coach.click("We talked Nia (Oak Court)", on="/today")
    page = coach.press("We talked")
    assert "The talk with Nia (Oak Court) is saved." in page
    wait = db.session.scalars(select(FirstTalkWait)).one()
    assert wait.talked_on == today()
    assert count(Note) == 0 and count(Conversation) == 1
    page = coach.get("/today")
    assert "Waiting for a first conversation" not in page and "Talks to write down Nia Oak Court You talked on" in page
    assert "Nia" not in page.text.partition("Talks to write down")[0]


def test_who_talked_first_never_waits(visit, sam, nia):
    visit(sam).post(f"/residents/{nia.id}/conversations/new")
    finish_about_me(nia)
    assert "Waiting for a first conversation" not in visit(sam).get("/today")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"talked_on": (today() + timedelta(days=1)).isoformat()}, "That day is still to come."),
        ({"talked_on": ""}, "Choose the day you talked."),
        ({"talked_on": "20266-05-03"}, "Write the year with four numbers"),
        (
            {"next_on": (today() - timedelta(days=1)).isoformat()},
            "The next chat has to be today or in the coming year.",
        ),
    ],
)
def test_a_talk_on_an_impossible_day(visit, sam, nia, fields, sentence):
    page = visit(sam).post(f"/residents/{nia.id}/conversations/new", status=422, words="we had tea", **fields)
    assert sentence in page.errors
    assert page.value("words") == "we had tea"
    assert count(Conversation) == 0


def test_words_can_come_later_and_nia_reads_them(visit, sam, nia):
    talk = make_talk(nia, sam, words=None)
    coach = visit(sam)
    coach.post(f"/residents/{nia.id}/conversations/{talk.id}/notes", words="she wants to teach me\nto bake")
    phone = visit(nia)
    page = phone.get(f"/residents/{nia.id}/timeline?kind=talks")
    assert "she wants to teach me\nto bake" in page.words
    phone.click("That's not what I said she wants to teach me to bake")
    page = phone.press("Mark as not agreed", words="i said i could show you bread")
    assert "not agreed" in page and "i said i could show you bread" in page.words
    assert "not agreed" in coach.get(f"/residents/{nia.id}/timeline?kind=talks")


def test_the_coach_reads_what_not_to_ask_first(visit, sam, nia):
    finish_about_me(nia, words="something else")
    page = visit(sam).get(f"/residents/{nia.id}")
    assert page.text.index("Would rather not be asked about") < page.text.index("in their own words")


def test_the_old_coach_no_longer_sees(visit, sam, joe, nia):
    coaching = db.session.scalars(select(Assignment).filter_by(resident_id=nia.id)).one()
    coaching.until = now()
    db.session.add(Assignment(resident_id=nia.id, coach_id=joe.id))
    db.session.commit()
    visit(sam).get(f"/residents/{nia.id}", status=404)
    visit(joe).get(f"/residents/{nia.id}")


def test_cover_opens_for_its_days_only(visit, sam, joe, nia):
    until = now() + timedelta(days=2)
    db.session.add(Assignment(resident_id=nia.id, coach_id=joe.id, cover=True, until=until))
    db.session.commit()
    visit(joe).get(f"/residents/{nia.id}")
    with time_machine.travel(until + timedelta(minutes=1)):
        visit(joe).get(f"/residents/{nia.id}", status=404)


def test_a_manager_sees_no_name_beside_words(visit, morgan, nia):
    goal = make_goal(nia)
    for path in ("", "/goals", f"/goals/{goal.id}", "/timeline", "/print", "/summary.pdf", "/looks"):
        visit(morgan).get(f"/residents/{nia.id}{path}", status=404)


def test_another_coach_and_another_resident_find_no_such_page(visit, nia, amina, joe):
    for person in (amina, joe):
        for path in ("", "/goals", "/timeline", "/print", "/summary.pdf"):
            visit(person).get(f"/residents/{nia.id}{path}", status=404)
