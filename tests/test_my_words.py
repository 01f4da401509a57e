"""Nia reads all that she said, letter for letter, and takes some of it back: then no word of it is left anywhere."""

import io
from contextlib import closing
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from deal.assessment.models import Answer, Suggestion
from deal.clock import now, today
from deal.conversations.models import Note
from deal.db import db, empty_the_journal
from deal.drafts.models import Draft
from deal.goals.models import CheckIn, Goal, GoalState, State, Step, Wording
from deal.kpis.operational import OwnWords
from deal.manager_requests.models import ManagerRequest, RequestKind
from tests.browser import Browser
from tests.people import (
    begin_about_me,
    finish_about_me,
    keep,
    make_answer,
    make_check_in,
    make_coach,
    make_full_story,
    make_goal,
    make_resident,
    make_step,
    make_talk,
    make_wording,
    story_of,
)

SECRET = "  cwtsh 🦊 ynof i\n\nŵ  "


def at(resident, *rest) -> str:
    return "/".join(["/residents", str(resident.id), *map(str, rest)])


def mark() -> str:
    """What stands where words were taken back today."""
    return f"taken back, {today().day} {today():%B}"


def texts_in(value) -> list[str]:
    """Every text in a value, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    return [text for one in value for text in texts_in(one)] if isinstance(value, list) else [str(value)]


def tables_with(words: str) -> set[str]:
    """The tables in which these words stand in any column of any row."""
    db.session.rollback()
    found = set()
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            if any(words in one for one in texts_in(list(row))):
                found.add(table.name)
    return found


def in_its_files(app, words: str) -> bool:
    """Whether SQLite's file, or its journal, still has the bytes."""
    path = Path(app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))
    there = [one for one in (path, path.with_name(f"{path.name}-wal")) if one.exists()]
    return any(words.encode() in one.read_bytes() for one in there)


def take_back(phone, resident, kind: str, row, where: str = "words") -> None:
    """From the page of all words, or another one, through the page that asks."""
    phone.get(at(resident, where))
    address = at(resident, "words", kind, row.id, "take-back")
    assert phone.page.soup.select_one(f'a[href="{address}"]'), f"no way to {address}"
    page = phone.get(address)
    assert "nobody can bring" in page and f"Here will stand: {mark()}." in page
    page = phone.press("Take it back")
    assert "That is taken back" in page and mark() in page


@pytest.mark.on_both
def test_all_that_somebody_said_stands_there_as_they_said_it(visit, nia, sam):
    goal = make_full_story(nia, sam)
    about_me = begin_about_me(nia)
    make_answer(about_me, "hope-most", SECRET)
    current_wording = db.session.scalars(select(Wording).filter_by(goal_id=goal.id, superseded_at=None)).one()
    current_wording.why = "why  it\nmatters"
    db.session.commit()
    hers = {one.words for one in db.session.scalars(select(Answer)) if one.words}
    hers |= {one.words for one in db.session.scalars(select(Wording))} | {"why  it\nmatters", "it was two cups"}
    hers |= {"my sister", "the rain", "I rang them!", "changed my mind", "what makes you laugh?"}
    hers |= {one.words for one in db.session.scalars(select(Step))}

    page = visit(nia).get(at(nia, "words"))

    assert hers <= set(page.words)
    assert "we had a cup of tea" not in page, "a note that staff typed belongs to the talk"
    assert "typed by Sam" in page and "in English" in page
    assert page.html.index("my garden") < page.html.index("a bike of my own") < page.html.index("it was two cups")
    assert page.html.count("About me of") == 2, "every way through"
    assert "what I said first" in page.soup.select_one("details").get_text()


def test_a_page_with_nothing(visit, nia):
    page = visit(nia).get(at(nia, "words"))
    assert "Nothing here yet." in page and "Write a goal" in page


def test_the_way_there(visit, nia):
    phone = visit(nia)
    phone.get(at(nia))
    phone.click("More")
    assert phone.click("My words").path == at(nia, "words")


@pytest.mark.on_both
def test_an_answer_that_is_taken_back_is_nowhere_any_more(visit, nia, sam):
    about_me = finish_about_me(nia)
    holds = db.session.scalars(select(Answer).join(Answer.question).where(Answer.words.is_not(None))).all()
    answer = next(one for one in holds if one.question.key == "hope-most")
    answer.words, key = SECRET, answer.question.key
    earlier = make_answer(about_me, key, f"before {SECRET}", superseded_at=now())
    keep(Draft(author_id=nia.id, place=at(nia, "about-me", about_me.id, key), fields={"words": SECRET + "!"}))
    make_goal(nia, "my goal, quoting", quoted_answer_id=earlier.id)
    assert SECRET in visit(sam).get(at(nia))

    phone = visit(nia)
    take_back(phone, nia, "answer", answer)

    assert tables_with(SECRET) == set()
    assert not answer.has_content and not answer.superseded_at and answer.taken_back_at
    assert "my goal, quoting" in phone.page
    assert "cwtsh" not in visit(sam).get(at(nia))
    pdf = visit(sam).send("GET", at(nia, "summary.pdf"))
    assert pdf.status_code == 200
    assert "cwtsh" not in " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.data)).pages)
    assert phone.get(at(nia, "goals", f"new?quote={answer.id}")).value("words") == ""
    assert mark() in phone.get(at(nia, "about-me", about_me.id, "check"))
    assert mark() in phone.get(at(nia, "about-me"))


def test_a_question_is_answered_anew_after_taking_back(visit, nia):
    about_me = begin_about_me(nia)
    answer = make_answer(about_me, "proud", SECRET)
    phone = visit(nia)
    take_back(phone, nia, "answer", answer)
    where = at(nia, "about-me", about_me.id, "proud")
    phone.get(where)
    assert phone.page.value("words") == ""
    phone.press("Save and go on", words="")
    assert mark() in phone.get(at(nia, "words")), "nothing new was said"
    phone.post(where, words="new words")
    assert "new words" in phone.get(at(nia, "words")) and mark() in phone.page
    # the page that asked was still open in another tab
    phone.send("POST", at(nia, "words/answer", answer.id, "take-back"), {"csrf_token": phone.token(), "once": "a"})
    assert "new words" in phone.get(at(nia, "words")), "what was said since then stays"
    fresh = db.session.scalars(select(Answer).filter_by(superseded_at=None)).one()
    take_back(phone, nia, "answer", fresh)
    assert tables_with("new words") == set()


def test_ticks_and_numbers_are_taken_back_too(visit, nia):
    about_me = finish_about_me(nia)
    rows = db.session.scalars(select(Answer).filter_by(assessment_id=about_me.id)).all()
    phone = visit(nia)
    for row in (next(one for one in rows if one.choices), next(one for one in rows if one.number == 7)):
        take_back(phone, nia, "answer", row)
        assert (row.words, row.choices, row.number) == (None, [], None)


@pytest.mark.on_both
def test_the_words_of_a_goal_are_taken_back_with_every_version(visit, nia, sam):
    goal = make_goal(nia, f"earlier {SECRET}")
    phone = visit(nia)
    phone.post(at(nia, "goals", goal.id, "words"), words=SECRET, why=f"why {SECRET}", sure="4")
    current_wording = db.session.scalars(select(Wording).filter_by(superseded_at=None)).one()
    keep(Draft(author_id=sam.id, place=at(nia, "goals", goal.id, "words"), fields={"words": SECRET}))
    make_check_in(goal, helped="my sister")
    assert OwnWords.count(now(), now()) == OwnWords(1, live=1)
    coach = visit(sam)
    coach.get(at(nia, "goals", goal.id))

    take_back(phone, nia, "goal", current_wording)

    assert tables_with("cwtsh") == set()
    assert OwnWords.count(now(), now()) == OwnWords(0, live=1)
    for browser in (phone, visit(sam)):
        for path in (at(nia), at(nia, "goals"), at(nia, "goals", goal.id)):
            assert mark() in browser.get(path) and "cwtsh" not in browser.page.html
    assert "cwtsh" not in story_of(nia).get_text()
    assert "my sister" in phone.get(at(nia, "words"))
    assert visit(sam).send("GET", at(nia, "summary.pdf")).status_code == 200
    coach.get(at(nia, "goals", goal.id))
    coach.press("Save these words", words="what she says now")
    assert "what she says now" in phone.get(at(nia, "words")) and mark() in phone.page


def test_a_page_for_changing_a_goal_that_was_open_meanwhile_hears_of_it(visit, nia, sam):
    goal = make_goal(nia, SECRET)
    coach = visit(sam)
    coach.get(at(nia, "goals", goal.id))
    take_back(visit(nia), nia, "goal", db.session.scalars(select(Wording)).one())
    assert mark() in coach.press("Save these words", status=409)
    assert tables_with("cwtsh") == set()


def test_words_that_staff_typed_for_her_are_hers_to_take_back(visit, nia, sam):
    goal = make_goal(nia, SECRET, typed_by=sam)
    current_wording = db.session.scalars(select(Wording)).one()
    phone = visit(nia)
    take_back(phone, nia, "goal", current_wording)
    page = phone.get(at(nia, "goals", goal.id))
    assert "Is it what you said?" not in page and "read back" not in page
    mine = at(nia, "goals", goal.id, "words", current_wording.id, "mine")
    assert phone.send("POST", mine, {"csrf_token": phone.token(), "once": "a"}).status_code == 404
    assert not db.session.scalars(select(Goal)).one().own_words


def test_one_earlier_wording_is_taken_back_alone(visit, nia, sam):
    goal = make_goal(nia, "what it says now")
    older, other = (make_wording(nia, words, superseded_at=now()) for words in (SECRET, "another old one"))
    older.goal_id = other.goal_id = goal.id
    keep(older)
    keep(other)
    phone = visit(nia)
    take_back(phone, nia, "wording", older)
    assert tables_with("cwtsh") == set()
    assert {"what it says now", "another old one"} <= set(phone.page.words)
    assert mark() in visit(sam).get(at(nia, "goals", goal.id))
    assert db.session.get(Goal, goal.id).own_words
    current_wording = db.session.scalars(select(Wording).filter_by(superseded_at=None)).one()
    phone.get(at(nia, "words/wording", current_wording.id, "take-back"), status=404)


def test_a_check_in_and_a_note_are_taken_back(visit, nia, sam):
    goal = make_goal(nia)
    words = {"helped": SECRET, "in_the_way": f"x {SECRET}", "celebrate": f"y {SECRET}"}
    check_in = make_check_in(goal, 3, typed_by=sam, **words)
    make_check_in(goal, 8)
    talk = make_talk(nia, sam, words=None)
    note = keep(Note(conversation_id=talk.id, words=SECRET, typed_by_id=nia.id, language="en"))
    phone = visit(nia)
    phone.post(at(nia, "summary"), on=at(nia, "print"), shows=["chart", "in_the_way"])
    assert SECRET in visit(sam).get(at(nia))
    take_back(phone, nia, "check-in", check_in)
    take_back(phone, nia, "note", note)
    assert tables_with("cwtsh") == set()
    assert db.session.get(CheckIn, check_in.id).number is None
    for browser in (phone, visit(sam)):
        for path in (at(nia, "goals", goal.id), at(nia, "timeline")):
            assert mark() in browser.get(path)
        assert "cwtsh" not in browser.get(at(nia)).html
    assert "cwtsh" not in story_of(nia).get_text()
    assert visit(sam).send("GET", at(nia, "summary.pdf")).status_code == 200


def test_a_step_is_taken_back_with_who_does_it(visit, nia, sam):
    goal = make_goal(nia)
    phone, coach = visit(nia), visit(sam)
    phone.post(at(nia, "goals", goal.id, "steps"), on=at(nia, "goals", goal.id), words=SECRET, who="cwtsh and Co")
    step = db.session.scalars(select(Step)).one()
    make_step(goal, "ring them", done=True)
    assert "1 of 2 steps done" in coach.get(at(nia, "goals")) and SECRET in story_of(nia).get_text()
    ticked = at(nia, "goals", goal.id, "steps", step.id)
    take_back(phone, nia, "step", step)
    assert tables_with("cwtsh") == set()
    for browser in (phone, coach):
        page = browser.get(at(nia, "goals", goal.id))
        assert mark() in page and "cwtsh" not in page.html and "ring them" in page.html
        assert not page.soup.select(f'form[action="{ticked}"]'), "nothing is left to tick"
        sent = {"csrf_token": browser.token(), "once": "a", "done": "yes"}
        assert browser.send("POST", ticked, sent).status_code == 404
        assert "1 of 1 steps done" in browser.get(at(nia, "goals"))
    story = story_of(nia)
    assert "ring them" in story.get_text() and "taken back" not in story.get_text() and not story.find("li", string="")
    pdf = coach.send("GET", at(nia, "summary.pdf"))
    assert "cwtsh" not in " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.data)).pages)


def test_a_goal_whose_only_step_is_taken_back(visit, nia):
    step = make_step(make_goal(nia), SECRET)
    phone = visit(nia)
    take_back(phone, nia, "step", step)
    assert "steps done" not in phone.get(at(nia)) and mark() in phone.get(at(nia, "goals", step.goal_id))


@pytest.mark.on_both
def test_why_a_goal_changed_is_taken_back_and_where_it_stands_stays(visit, nia, sam):
    goal = make_goal(nia)
    phone = visit(nia)
    phone.post(at(nia, "goals", goal.id, "state"), state="resting", reason=SECRET)
    row = db.session.scalars(select(GoalState).filter_by(state=State.RESTING)).one()
    begun = db.session.scalars(select(GoalState).filter_by(state=State.LIVE)).one()
    told = keep(GoalState(goal_id=goal.id, state=State.RESTING, reason="said Sam", by_id=sam.id))
    assert "Where your goal stands stays as it is." in phone.get(at(nia, "words/reason", row.id, "take-back"))
    take_back(phone, nia, "reason", row)
    assert tables_with("cwtsh") == set()
    assert (row.state, row.reason) == (State.RESTING, None) and db.session.get(Goal, goal.id).state is State.RESTING
    for browser in (phone, visit(sam)):
        page = browser.get(at(nia, "goals", goal.id))
        assert mark() in page and "said Sam" in page.words and "Resting" in page
    for other in (begun, told):  # one without words, and one that is Sam's
        phone.get(at(nia, "words/reason", other.id, "take-back"), status=404)


@pytest.mark.on_both
def test_what_she_asked_the_managers_is_taken_back_and_that_she_asked_stays(visit, nia, morgan):
    phone, manager = visit(nia), visit(morgan)
    phone.post(at(nia, "asks"), kind="something_wrong", words=SECRET)
    phone.post(at(nia, "asks"), kind="other_coach")
    ask, empty = db.session.scalars(select(ManagerRequest).order_by(ManagerRequest.id)).all()
    manager.post(f"/asks/{ask.id}", on=f"/asks/{ask.id}", answer="Joe rings you.")
    phone.get(at(nia, "words"))
    assert phone.click("What I asked the managers").path == at(nia, "asks")
    take_back(phone, nia, "ask", ask, where="asks")
    assert phone.page.path == at(nia, "asks")
    assert tables_with("cwtsh") == set()
    assert {"Joe rings you."} == set(phone.page.words) and "Something is wrong" in phone.page
    page = manager.get(f"/asks/{ask.id}")
    assert mark() in page and "Something is wrong" in page and page.value("answer") == "Joe rings you."
    assert (ask.kind, ask.words) == (RequestKind.SOMETHING_WRONG, None)
    phone.get(at(nia, "words/ask", empty.id, "take-back"), status=404)
    assert phone.get(at(nia, "words/ask", ask.id, "take-back")).path == at(nia, "asks")
    assert visit(morgan).send("GET", at(nia, "words/ask", ask.id, "take-back")).status_code == 404


@pytest.mark.on_both
def test_a_better_question_is_taken_back(visit, nia):
    about_me = finish_about_me(nia)
    phone = visit(nia)
    phone.get(at(nia, "about-me", about_me.id, "done"))
    phone.press("Send", feels="no", words=SECRET)
    take_back(phone, nia, "suggestion", db.session.scalars(select(Suggestion)).one())
    assert tables_with("cwtsh") == set()
    assert "Better questions that I thought of" in phone.page and not [one for one in phone.page.words if one == ""]


def test_what_is_not_hers_to_take_back(visit, nia, amina, sam, joe, morgan):
    goal = make_full_story(nia, sam)
    told = db.session.scalars(select(Note).filter_by(typed_by_id=sam.id, taking_away=False)).one()
    typed = keep(Step(goal_id=goal.id, words="typed by Sam", added_by_id=sam.id, language="en"))
    phone = visit(nia)
    assert "typed by Sam" not in phone.get(at(nia, "words")).words
    for path in (f"step/{typed.id}", f"note/{told.id}", "song/1", "answer/999999", f"note/{goal.id + 999}"):
        phone.get(at(nia, "words", path, "take-back"), status=404)
    for table, kind in ((Step, "step"), (ManagerRequest, "ask"), (Suggestion, "suggestion")):
        row = db.session.scalars(select(table)).first()
        visit(amina).get(at(amina, "words", kind, row.id, "take-back"), status=404)
    answer = db.session.scalars(select(Answer)).first()
    address = at(nia, "words/answer", answer.id, "take-back")
    for person in (amina, sam, joe, morgan):
        browser = visit(person)
        browser.get(at(nia, "words"), status=404)
        browser.get(address, status=404)
        assert browser.send("POST", address, {"csrf_token": browser.token(), "once": "a"}).status_code == 404
    hers = at(amina, "words/answer", answer.id, "take-back")
    browser = visit(amina)
    assert browser.send("POST", hers, {"csrf_token": browser.token(), "once": "a"}).status_code == 404
    assert db.session.scalars(select(Answer).where(Answer.taken_back_at.is_not(None))).all() == []


def test_pressing_twice_takes_back_once(visit, nia):
    current_wording = db.session.scalars(select(Wording).filter_by(goal_id=make_goal(nia).id)).one()
    phone = visit(nia)
    take_back(phone, nia, "goal", current_wording)
    first = current_wording.taken_back_at
    address = at(nia, "words/goal", current_wording.id, "take-back")
    assert phone.send("POST", address, {"csrf_token": phone.token(), "once": "a"}).status_code == 303
    assert db.session.get(Wording, current_wording.id).taken_back_at == first
    assert phone.get(address).path == at(nia, "words"), "there is nothing to ask any more"
    assert phone.send("POST", address, {"once": "a"}).status_code == 400


def test_a_long_history_comes_a_page_at_a_time(visit, nia):
    about_me = begin_about_me(nia)
    make_answer(about_me, "proud", "the newest")
    for number in range(120):
        row = {"assessment_id": about_me.id, "resident_id": nia.id, "typed_by_id": nia.id, "language": "en"}
        question = db.session.scalars(select(Answer)).first().question_id
        db.session.add(Answer(question_id=question, words=f"old {number}.", superseded_at=now(), **row))
    db.session.commit()
    phone = visit(nia)
    seen = list(phone.get(at(nia, "words")).words)
    phone.click("Show the next ones")
    assert "My goals" not in phone.page, "the further pages of a part show that part alone"
    seen += phone.page.words
    assert seen == ["the newest", *(f"old {number}." for number in reversed(range(120)))]
    phone.get(at(nia, "words?answers=broken"), status=404)


CANARY = "canary-quartz-vixen"


def test_no_byte_of_what_was_taken_back_is_left_in_the_files(sqlite):
    with sqlite.app_context():
        nia = make_resident("Nia", make_coach("Sam"))
        goal = make_goal(nia, CANARY)
        phone = Browser(sqlite, nia)
        assert in_its_files(sqlite, CANARY)
        take_back(phone, nia, "goal", goal.wordings[0])
        db.session.rollback()
        assert not in_its_files(sqlite, CANARY)


def test_where_a_reader_hinders_it_the_journal_is_emptied_later(sqlite):
    with sqlite.app_context():
        nia = make_resident("Nia", make_coach("Sam"))
        note = make_goal(nia, CANARY).wordings[0]
        phone = Browser(sqlite, nia)
        with closing(db.engine.connect()) as reader:
            reader.exec_driver_sql("BEGIN")  # as the driver itself begins one only to write
            reader.execute(select(Goal)).all()
            take_back(phone, nia, "goal", note)
            db.session.rollback()
            assert in_its_files(sqlite, CANARY) and not empty_the_journal()
        db.session.rollback()
        assert empty_the_journal()  # as the worker does each minute
        assert not in_its_files(sqlite, CANARY)
