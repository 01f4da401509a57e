"""One person on one page: what Sam needs to know and do about Nia now, and all that she said behind it."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from deal.assessment.models import Answer
from deal.clock import now
from deal.contact.models import ContactPreferences, reach_of
from deal.db import db
from deal.goals.models import State
from tests.people import (
    finish_about_me,
    make_blocker,
    make_check_in,
    make_full_story,
    make_goal,
    make_promise,
    make_step,
    make_talk,
)

NUMBER = "07700 900 118"


def page_of(person) -> str:
    return f"/residents/{person.id}"


def order(page, *sentences: str) -> bool:
    """Whether these are read one after the other."""
    places = [page.text.index(one) for one in sentences]
    return places == sorted(places)


def sections(page) -> dict[str, str]:
    """The folded parts by what their summary says, each with what is in it."""
    return {" ".join(one.summary.get_text().split()): one.get_text() for one in page.soup.select("main details")}


def test_the_fullest_page_has_each_thing_on_it_in_the_order_of_need(visit, sam, nia):
    goal = make_full_story(nia, sam)
    make_step(goal, "ring the bike shop")
    page = visit(sam).get(page_of(nia))
    assert order(page, "We talked", "How to reach Nia", "Do not leave a message.", "Would rather not be asked about")
    assert order(page, "How to reach Nia", "Next chat", "What we promised", "Goals", "Last talk", "in Nia's way")
    assert order(page, "in Nia's way", "About me, in their own words")
    hers = {"a text first", "after tea", "the café at Oak Court", "find out who has the key", "a bike of my own"}
    assert hers <= set(page.words)
    assert {"ask at the bike shop", "we had a cup of tea", "one oven is enough"} <= set(page.words)
    links = {link["href"].partition("?")[0].removeprefix(page_of(nia)) for link in page.soup.select("main a[href]")}
    assert {"/conversations/new", "/timeline", "/deal", "/change", "/about-me/type-in", "/read-back"} <= links
    assert {"/print"} <= links or {"/summary"} <= links
    assert "Write it for the managers" in page and "Make a goal of this" in page and "Add a translation" in page
    assert "Reported on" in page and "ask if they want it reported" in page
    assert {"A text to bring them back", "Write down a telephone number", "What I am good at"} <= sections(page).keys()


def test_about_me_is_folded_by_section_and_says_where_something_is_new(visit, sam, nia):
    about_me = finish_about_me(nia, words="my bread")
    coach = visit(sam)
    coach.get(page_of(nia))
    with time_machine.travel(now() + timedelta(minutes=40)):
        answers = db.session.scalars(select(Answer).filter_by(assessment_id=about_me.id).order_by(Answer.id)).all()
        answers[0].given_at = now()
        db.session.commit()
        parts = sections(coach.get(page_of(nia)))
    new = [title for title in parts if title.endswith("new")]
    assert len(new) == 1 and answers[0].question.section.title["en"] in new[0]
    assert "my bread" in parts[new[0]] and not [one for one in coach.page.soup.select("main details[open]")]


def test_a_goal_says_its_state_and_the_next_step_alone(visit, sam, nia):
    goal = make_goal(nia, "w" * 300)
    make_step(goal, "the first step", done=True)
    make_step(goal, "the second step")
    make_step(goal, "the third step")
    for number in range(5):
        make_goal(nia, f"goal {number}")
    gone = make_goal(nia, "an old one")
    gone.state = State.REACHED
    db.session.commit()
    page = visit(sam).get(page_of(nia))
    assert "Doing it now" in page and "3 more goals" in page
    assert "the third step" not in page and "the first step" not in page and "w" * 300 not in page


def test_the_last_talk_leads_to_where_it_stands_whole(visit, sam, nia):
    make_talk(nia, sam, "an old talk", talked_on=now().date() - timedelta(days=9))
    talk = make_talk(nia, sam, "word " * 90)
    page = visit(sam).get(page_of(nia))
    assert "an old talk" not in page and "word " * 90 not in page.words
    links = [link["href"] for link in page.soup.select("main a") if "those before" in link.get_text()]
    assert links[0].endswith(f"#talk-{talk.id}")


def test_promises_without_an_answer_say_how_long_ago(visit, sam, nia):
    promise = make_promise(nia, by=sam)
    make_promise(nia, "my own promise")
    promise.current_wording.due_on -= timedelta(days=54)
    db.session.commit()
    page = visit(sam).get(page_of(nia))
    assert "find out who has the key" in page.words and "54 days ago" in page and "my own promise" not in page


def test_what_got_in_the_way_is_one_line_each(visit, sam, nia):
    goal = make_goal(nia)
    make_blocker(nia, None, check_in_id=make_check_in(goal, in_the_way="the rain").id)
    make_blocker(nia, "x" * 200)
    page = visit(sam).get(page_of(nia))
    assert "the rain" in page.words and "x" * 200 not in page
    assert page.text.count("Write it for the managers") == 2


# -- her telephone number


@pytest.mark.on_both
def test_a_number_is_kept_with_her_yes_alone(visit, sam, nia):
    coach = visit(sam)
    page = coach.post(page_of(nia) + "/phone", 422, on=page_of(nia), phone=NUMBER)
    assert "Ask them first." in page.errors and page.value("phone") == NUMBER and reach_of(nia) is None
    page = coach.press("Save the number", yes="y")
    assert "The telephone number is saved." in page
    link = page.soup.select_one("main a[href^='tel:']")
    assert (link["href"], link.get_text()) == ("tel:07700900118", NUMBER)
    assert "Not said if a message is safe: better not leave one." in link.parent.get_text(), "beside the number"
    kept = reach_of(nia)
    assert (kept.phone, kept.phone_by_id) == (NUMBER, sam.id) and kept.phone_at
    assert "Sam wrote it down on" in page and "and Nia said yes." in page

    page = visit(nia).get(page_of(nia) + "/reach")
    assert page.value("phone") == NUMBER and "Sam wrote down your telephone number on" in page


def test_she_writes_it_herself_and_takes_it_away(visit, sam, nia):
    phone, coach = visit(nia), visit(sam)
    phone.post(page_of(nia) + "/reach", phone="+44 (0)7700 900118", message="yes")
    page = coach.get(page_of(nia))
    assert page.soup.select_one("main a[href='tel:+447700900118']") and "A message is safe." in page
    assert "Nia wrote it down on" in page
    phone.post(page_of(nia) + "/reach", phone="", way="knock")
    assert reach_of(nia).phone is None and reach_of(nia).phone_by_id is None
    assert not coach.get(page_of(nia)).soup.select("main a[href^='tel:']")


def test_what_can_be_no_number_is_refused_in_a_sentence(visit, sam, nia):
    for wrong in ("ring mum", "12", "07700", "0" * 30):
        page = visit(nia).post(page_of(nia) + "/reach", 422, phone=wrong)
        assert "That cannot be a telephone number." in page.errors and page.value("phone") == wrong
        visit(sam).post(page_of(nia) + "/phone", 422, on=page_of(nia), phone=wrong, yes="y")
    assert db.session.scalars(select(ContactPreferences)).all() == []
    for right in ("116 123", "(01632) 960 123", "01632-960123", "+353 1 234 5678"):
        visit(nia).post(page_of(nia) + "/reach", phone=right)
        assert reach_of(nia).phone == right


def test_her_other_words_stay_when_sam_changes_the_number(visit, sam, nia):
    visit(nia).post(page_of(nia) + "/reach", way="a text first", phone=NUMBER)
    coach = visit(sam)
    coach.get(page_of(nia))
    visit(nia).post(page_of(nia) + "/reach", phone="01632 960 555")
    page = coach.press("Save the number", 409, phone="01632 960 777", yes="y")
    assert "It says now:" in page and reach_of(nia).phone == "01632 960 555"
    coach.press("Save the number", phone="01632 960 777", yes="y")
    assert (reach_of(nia).phone, reach_of(nia).way) == ("01632 960 777", "a text first")
    coach.press("Save the number", phone="")
    assert reach_of(nia).phone is None and reach_of(nia).way == "a text first"
