"""My page: the one thing that comes next, and what else stands there."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from deal.assessment.models import FirstTalkWait
from deal.blockers.models import Whose
from deal.clock import now, today
from deal.contact.models import Ending, Standing
from deal.db import db
from deal.deals.models import KeptAnswer
from deal.goals.models import CheckIn, Goal, Step
from deal.invitations.models import Consent
from deal.people import Assignment
from deal.residents.my_page import Next, next_of
from deal.settings import PROMISE
from tests.people import (
    begin_about_me,
    count,
    finish_about_me,
    keep,
    make_answer,
    make_blocker,
    make_cover,
    make_full_story,
    make_goal,
    make_promise,
    make_step,
    make_talk,
)

# the whole order; where something ended, what follows it is asked no more
ORDER = ["promise", "coach", "talk", "read_back", "about_me", "hope", "kept", "pass_on", "ended", "goal"]
ORDER += ["chat", "check_in"]
GOING_ON = [one for one in ORDER if one != "ended"]


@pytest.mark.parametrize(
    ("waits", "comes"),
    [
        ("", None),
        *((" ".join(GOING_ON[place:]), one) for place, one in enumerate(GOING_ON)),
        ("about_me check_in", "about_me"),
        ("check_in chat goal", "goal"),
        ("ended", "ended"),
        ("ended about_me hope goal chat check_in", "ended"),
        ("ended about_me kept", "kept"),
        ("ended read_back", "read_back"),
        ("ended promise talk", "promise"),
    ],
)
def test_which_comes_next(waits, comes):
    there = {one: one.value in waits.split() for one in Next}
    assert next_of(there) == (Next(comes) if comes else None)


def test_the_order_is_the_one_that_is_told():
    assert [one.value for one in Next] == ORDER


def top(page) -> str:
    """The heading of the card on top."""
    (card,) = page.soup.select(".deal-card--next")
    return " ".join(card.h2.get_text().split())


def mine(visit, nia):
    return visit(nia).get(f"/residents/{nia.id}")


def test_one_thing_after_another(visit, nia, sam, joe):
    assert top(mine(visit, nia)) == "Tell us about you"
    about_me = begin_about_me(nia)
    for key in ("hands", "head", "heart", "asked-for", "good-day", "who-matters", "love-to-do"):
        make_answer(about_me, key, "the sea")
    page = mine(visit, nia)
    assert top(page) == "About me: 7 of 14" and "The next question is:" in page

    make_answer(about_me, "hope-most", "a van", typed_by_id=sam.id)
    assert top(mine(visit, nia)) == "Is this what you said?"
    make_talk(nia, sam, "a walk by the canal")
    page = mine(visit, nia)
    assert top(page) == f"You talked with Sam on {today().day} {today():%B}. Did this feel right?"
    assert "a walk by the canal" in page.words, "the notes stand there to be read"
    make_cover(nia, joe, sam)
    assert top(mine(visit, nia)) == "Joe is here for you while Sam is away."

    phone = visit(nia)
    assert top(phone.press("All right", on=f"/residents/{nia.id}")).startswith("You talked with Sam")
    assert top(phone.press("Yes")) == "Is this what you said?"


def test_a_hope_becomes_a_goal_in_one_tap(visit, nia):
    about_me = finish_about_me(nia, words="Baking with Tyler")
    phone = visit(nia)
    page = phone.get(f"/residents/{nia.id}")
    assert top(page) == "You said this. Make it a goal?" and "Baking with Tyler" in page.words
    page = phone.get(f"/residents/{nia.id}/about-me/{about_me.id}/done")
    assert top(page) == "You said this. Make it a goal?"
    assert "You have finished About me." in page and "Sam will be in touch by" in page
    phone.press("Make it a goal Baking with Tyler")
    goal = db.session.scalars(select(Goal)).one()
    assert (
        goal.own_words and goal.current_wording.words == "Baking with Tyler" and goal.current_wording.quoted_answer_id
    )
    assert "Baking with Tyler" in mine(visit, nia).words


def test_what_thank_you_promised_stays_until_it_happened(visit, nia, sam):
    finish_about_me(nia)
    page = mine(visit, nia)
    assert "Sam will be in touch by" in page and "01632 960123" in page
    with time_machine.travel(now() + timedelta(days=5)):
        assert "We are late: please ring." in mine(visit, nia)
    wait = db.session.scalars(select(FirstTalkWait)).one()
    wait.talked_on = today()
    db.session.commit()
    page = mine(visit, nia)
    assert "in touch by" not in page and "We are late" not in page


def test_a_promise_to_judge_then_the_chat_then_how_it_goes(visit, nia, sam):
    finish_about_me(nia)
    goal = make_goal(nia, "a bike")
    promise = make_promise(nia, "ring the council", by=sam)
    phone = visit(nia)
    with time_machine.travel(now() + timedelta(days=30)):
        phone.sign_in(nia)
        assert top(phone.get(f"/residents/{nia.id}")) == "Did we keep this promise?"
        page = phone.press("Yes")
        assert page.path == f"/residents/{nia.id}" and "We saved your answer." in page, "what is next comes at once"
        assert db.session.scalars(select(KeptAnswer)).one().promise_id == promise.id
        assert top(page) == "How is it going?" and goal.current_wording.words in page.words
        make_talk(nia, sam, words=None)
        assert top(phone.press("Yes", on=f"/residents/{nia.id}")) == "Your next chat"


def test_a_check_in_and_a_step_without_leaving_the_page(visit, nia):
    finish_about_me(nia)
    bike, swim = make_goal(nia, "a bike"), make_goal(nia, "swim a mile")
    make_step(bike, "ask at the shop")
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}")
    assert phone.page.soup.select_one(".deal-card--next details").has_attr("open"), "the first one is open"
    page = phone.press("7")
    assert page.path == f"/residents/{nia.id}" and "We saved how it is going." in page
    assert db.session.scalars(select(CheckIn)).one().goal_id == swim.id
    page = phone.press("Done: ask at the shop")
    assert page.path == f"/residents/{nia.id}" and "Well done!" in page
    assert db.session.scalars(select(Step)).one().done_at


def test_a_promise_with_new_words_is_agreed_to_anew(visit, nia, morgan):
    finish_about_me(nia)
    agreed = db.session.scalars(select(Consent).filter_by(resident_id=nia.id)).one()
    agreed.wording = "We never use your words to decide about your home."
    db.session.commit()
    phone = visit(nia)
    page = phone.get(f"/residents/{nia.id}")
    assert top(page) == "Our promise to you has new words"
    assert PROMISE[1] in page and "What you agreed to before" in page
    form = phone.page
    page = phone.press("I agree")
    assert "We wrote down that you agree." in page and "Our promise to you" not in page
    phone.page = form
    phone.press("I agree")
    rows = db.session.scalars(select(Consent).filter_by(resident_id=nia.id).order_by(Consent.id)).all()
    assert [row.wording for row in rows] == [agreed.wording, "\n".join(PROMISE)], "pressed twice, kept once"


def test_who_agreed_in_welsh_to_the_same_promise_is_not_asked_again(visit, nia):
    agreed = db.session.scalars(select(Consent).filter_by(resident_id=nia.id)).one()
    phone = visit(nia)
    phone.client.set_cookie("deal_language", "cy")
    agreed.wording = "Something else"
    db.session.commit()
    phone.press("I agree", on=f"/residents/{nia.id}")
    newest = db.session.scalars(select(Consent).order_by(Consent.id.desc())).first()
    newest.language = "cy"
    db.session.commit()
    assert not newest.says_what_we_promise, "these are the English sentences"
    newest.language = "en"
    db.session.commit()
    assert top(mine(visit, nia)) == "Tell us about you"


def test_what_waits_longest_is_a_link_away_while_about_me_is_on_top(visit, nia, sam):
    make_promise(nia, "ring the council", by=sam)
    make_blocker(nia, whose=Whose.LANDLORD, passed_words="A form is too long.", passed_language="en")
    phone = visit(nia)
    assert top(phone.get(f"/residents/{nia.id}")) == "Tell us about you"
    assert "ring the council" in phone.click("Did we keep a promise?").words
    assert phone.click("May we pass something on?", on=f"/residents/{nia.id}").value("words") == "A form is too long."


def test_may_we_pass_it_on_comes_after_a_promise(visit, nia, sam):
    finish_about_me(nia)
    make_goal(nia)
    make_blocker(nia, passed_words="A form is too long.", passed_language="en")
    assert top(mine(visit, nia)) == "May we pass this on, without your name?"


def test_who_needs_it_no_more_is_asked_for_nothing_new(visit, nia):
    finish_about_me(nia)
    make_goal(nia, "a bike")
    keep(Ending(resident_id=nia.id, standing=Standing.NOT_NOW, by_id=nia.id))
    page = mine(visit, nia)
    assert top(page) == "You said: I don't need this now" and "a bike" in page.words
    assert "I would like to come back" in page


def test_the_fullest_page_shows_one_card_and_few_links(visit, nia, sam):
    make_full_story(nia, sam)
    for number in range(6):
        make_goal(nia, f"goal number {number}.")
    page = mine(visit, nia)
    assert len(page.soup.select(".deal-card--next")) == 1
    assert len(page.soup.select(".deal-goal")) == 4 and "All my goals" in page


def test_a_coach_who_is_away_and_who_is_there_instead(visit, nia, sam, joe):
    finish_about_me(nia)
    sam.closes_at = now()
    db.session.commit()
    assert "Sam is away at the moment." in mine(visit, nia)
    cover = make_cover(nia, joe, sam)
    cover.seen_at = now()
    db.session.commit()
    page = mine(visit, nia)
    assert "Joe is here for you while Sam is away." in page and "Joe will be in touch by" in page
    assert count(Assignment) == 2
