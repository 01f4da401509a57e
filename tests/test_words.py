"""A person's words come back letter for letter: out of the database, off the page, and out of the box."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from deal.assessment.models import Answer
from deal.conversations.models import Note
from deal.db import db
from deal.goals.models import CheckIn, Step, Wording
from tests.people import PIN, begin_about_me, end_sign_ins_of, make_goal, make_resident, make_talk

# a browser sends every line break as CRLF, so a lone CR never arrives; PostgreSQL cannot keep a NUL
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
pieces = st.sampled_from(
    ["\n", "\n\n", "  ", "\t", "<b>", "&amp;", "'", '"', "{{ 7*7 }}", "%s", "\u202e", "\u200f", "\u200d", "\ufeff",
     "👩🏽‍🌾", "Łódź", "ŵŷ", "مرحبا", "e\u0301", "\u2028", "\x1f", "</textarea>", "</blockquote>",
     "None", "\\n", "\uffff"]
)  # fmt: skip
words = st.lists(st.one_of(pieces, st.text(letters, max_size=8)), min_size=1, max_size=8).map("".join)
some_words = words.filter(lambda text: text.strip())

ODD = [
    "\n\n  i want me own front door \n",
    ' <b>\'Tis</b> "mine" & yours &amp; &#39; </textarea></blockquote>',
    "\ufeffأريد أن أتعلم\u200f 👩🏽‍🌾\u2028e\u0301 \u202eback\u202c",
    "x" * 9_998 + "\n😀",
]


def odd(test):
    """Always among the examples."""
    for text in ODD:
        test = example(said=text)(test)
    return settings(max_examples=min(settings.default.max_examples // 2, 15))(test)


def newest(model, column):
    """What was stored last."""
    return db.session.scalars(select(getattr(model, column)).order_by(model.id.desc()).limit(1)).one()


@pytest.mark.on_both
@odd
@given(said=some_words)
def test_an_answer(app, visit, nia, said):
    about_me = begin_about_me(nia)
    path = f"/residents/{nia.id}/about-me/{about_me.id}/proud"
    browser = visit(nia)
    browser.post(path, words=said)
    assert newest(Answer, "words") == said
    assert browser.get(path).value("words") == said
    browser.post(path, words=said)
    assert (
        db.session.scalars(select(Answer).filter_by(assessment_id=about_me.id, superseded_at=None)).one().words == said
    )
    assert said in browser.get(f"/residents/{nia.id}/about-me/{about_me.id}/check").words


@pytest.mark.on_both
@odd
@given(said=some_words)
def test_a_goal_its_reason_and_its_step(app, visit, nia, sam, said):
    browser = visit(nia)
    page = browser.post(f"/residents/{nia.id}/goals/new", words=said, why=said, step=said)
    assert (newest(Wording, "words"), newest(Wording, "why"), newest(Step, "words")) == (said, said, said)
    assert page.words.count(said) == 3
    assert said in visit(sam).get(page.path).words
    again, where = browser.get(page.path), f"{page.path}/words"
    assert (again.value("words", where), again.value("why", where)) == (said, said)


@odd
@given(said=some_words)
def test_a_check_in(app, visit, nia, said):
    goal = make_goal(nia)
    page = visit(nia).post(
        f"/residents/{nia.id}/goals/{goal.id}/check-in", helped=said, in_the_way=said, celebrate=said
    )
    kept = db.session.scalars(select(CheckIn).filter_by(goal_id=goal.id)).one()
    assert (kept.helped, kept.in_the_way, kept.celebrate) == (said, said, said)
    assert page.words.count(said) == 3


@odd
@given(said=some_words)
def test_a_note_and_the_answer_to_it(app, visit, sam, said):
    nia = make_resident("Nia", sam)  # another one each time: a second talk of one day is asked about
    visit(sam).post(f"/residents/{nia.id}/conversations/new", words=said)
    assert newest(Note, "words") == said
    browser = visit(nia)
    assert said in browser.get(f"/residents/{nia.id}/timeline").words
    browser.get(browser.page.soup.select_one("a[href$=not-mine]")["href"])
    page = browser.press("Mark as not agreed", words=said[::-1])
    assert newest(Note, "words") == said[::-1]
    assert said[::-1] in page.words


@odd
@given(said=some_words)
def test_words_that_are_sent_back_to_be_put_right(app, visit, nia, said):
    """A mistake elsewhere on the page costs nobody a letter."""
    browser = visit(nia)
    page = browser.post(f"/residents/{nia.id}/goals/new", status=422, words=" ", why=said)
    assert page.value("why") == said
    page = browser.press("Save this goal", status=422, words="w" * 10_001)
    assert (page.value("words"), page.value("why")) == ("w" * 10_001, said)


@odd
@given(said=some_words)
def test_words_whose_sign_in_ran_out(app, visit, nia, said):
    """They are carried through signing in, and saved with one press."""
    browser = visit(nia)
    browser.get(f"/residents/{nia.id}/goals/new")
    end_sign_ins_of(nia)
    browser.press("Save this goal", status=401, words=said)
    assert said in browser.press("Sign in", status=200, name=nia.sign_in_name, pin=PIN).words
    page = browser.press("Save")
    assert newest(Wording, "words") == said
    assert said in page.words


def test_only_a_line_break_changes_its_form(app, visit, nia):
    """A lone CR that some machine sends stays, CRLF becomes LF."""
    goal, browser = make_goal(nia), visit(nia)
    data = {"csrf_token": browser.token(), "once": "a", "words": "one\r\ntwo\rthree\n"}
    assert browser.send("POST", f"/residents/{nia.id}/goals/{goal.id}/steps", data).status_code == 303
    assert newest(Step, "words") == "one\ntwo\rthree\n"


def test_a_note_added_later_stands_beside_the_first(visit, nia, sam):
    talk = make_talk(nia, sam, words="first")
    page = visit(sam).post(f"/residents/{nia.id}/conversations/{talk.id}/notes", words=" second\n")
    assert [quote for quote in page.words if re.search("first|second", quote)] == ["first", " second\n"]
