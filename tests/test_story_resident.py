"""Nia tells about herself, and what becomes of it."""

from datetime import timedelta

import time_machine
from sqlalchemy import select

from deal.assessment.models import Answer, Assessment, FirstTalkWait
from deal.clock import now
from deal.db import db
from deal.goals.models import CheckIn, Goal, GoalState, State, Step, Wording
from deal.privacy.views import OPENED, PAGES_OF_WORDS
from tests.people import count, finish_about_me, make_goal, make_talk, make_wording, story_of


def at(resident, *rest) -> str:
    return "/".join(["/residents", str(resident.id), *map(str, rest)])


def test_about_me_from_start_to_finish(visit, nia, sam):
    phone = visit(nia)
    phone.press("Start", on=at(nia))
    assert "Question 1 of 14" in phone.page
    phone.press("Save and go on", choices=["cooking", "hair"], words="  cwtches\n\nŵ  ")
    assert "Question 2 of 14" in phone.page
    phone.press("Skip this question")
    assert "Question 3 of 14" in phone.page
    phone.press("Save and come back later", choices=["family"])
    assert phone.page.path == at(nia)
    phone.click("Carry on")
    assert "Question 4 of 14" in phone.page

    while "I have finished" not in phone.page:
        box = "number" if phone.page.soup.find("input", {"name": "number"}) else "words"
        phone.press("Save and go on", **{box: "7" if box == "number" else f"my own words {phone.page.path}"})
    first = db.session.scalars(select(Answer).order_by(Answer.id)).first()
    assert first.words == "  cwtches\n\nŵ  " and first.choices == ["cooking", "hair"]
    assert "  cwtches\n\nŵ  " in phone.page.words

    phone.get(phone.page.soup.select_one('a[href*="/hands?"]')["href"])
    phone.press("Save and go on", choices=["cooking"], words="cooking for everyone")
    assert "I have finished" in phone.page
    assert count(Answer, question_id=first.question_id) == 2, "the earlier answer is kept"

    page = phone.press("I have finished")
    assert "What you told us you are good at" in page and "cooking for everyone" in page
    assert "Sam will be in touch by" in page and "01632 960123" in page
    phone.click("Answer 9 more questions")
    assert "Question 1 of 9" in phone.page
    assert "Nia" in visit(sam).get("/today")
    assert count(FirstTalkWait) == 1


def test_a_question_that_shows_an_answer_is_not_asked_without_one(visit, nia):
    phone = visit(nia)
    phone.press("Start", on=at(nia, "about-me"))
    while "Of all the things you hope for" not in phone.page:
        phone.press("Skip this question")
    phone.press("Skip this question")
    assert "What would help you" in phone.page
    assert "Question 10 of 13" in phone.page


def test_empty_is_an_answer(visit, nia):
    phone = visit(nia)
    phone.press("Start", on=at(nia, "about-me"))
    phone.press("Save and go on", words="   ")
    assert db.session.scalars(select(Answer)).one().skipped


def test_saving_the_same_again_makes_no_version(visit, nia):
    phone = visit(nia)
    phone.press("Start", on=at(nia, "about-me"))
    where = phone.page.path
    for _ in range(2):
        phone.post(where, words="knitting")
    phone.post(where, words="knitting and crochet")
    assert [a.words for a in db.session.scalars(select(Answer).order_by(Answer.id))] == [
        "knitting",
        "knitting and crochet",
    ]
    assert "knitting" in phone.get(where).words, "what was said before, for the resident alone"


def test_about_me_can_be_done_again(visit, nia):
    finish_about_me(nia, words="the old days")
    phone = visit(nia)
    phone.press("Do About me again", on=at(nia, "about-me"))
    assert "Question 1 of 14" in phone.page
    assert count(Assessment) == 2 and count(Answer) == 23
    assert count(FirstTalkWait) == 1


def test_earlier_answers_are_the_residents_alone(visit, nia, sam):
    about_me = finish_about_me(nia, words="what i said last")
    held = db.session.scalars(
        select(Answer).filter_by(assessment_id=about_me.id).where(Answer.words.is_not(None))
    ).first()
    held.superseded_at = now()
    db.session.add(
        Answer(
            assessment_id=about_me.id,
            resident_id=nia.id,
            question_id=held.question_id,
            words="what i say now",
            language="en",
            typed_by_id=nia.id,
        )
    )
    held.words = "what i said first"
    db.session.commit()
    page = visit(sam).get(at(nia))
    assert "what i say now" in page and "what i said first" not in page


def test_a_goal_is_kept_word_for_word(visit, nia, sam):
    phone = visit(nia)
    page = phone.post(
        at(nia, "goals/new"), words="i want me own front door", why="quiet", step="ring the council", sure="6"
    )
    assert "i want me own front door" in page.words and "ring the council" in page
    assert "How sure to make a start: 6 out of 10" in page
    goal = db.session.scalars(select(Goal)).one()
    assert goal.own_words and goal.state is State.LIVE
    assert "i want me own front door" in visit(sam).get(at(nia)).words
    assert count(GoalState, state=State.LIVE) == 1


def test_a_new_wording_never_erases_an_old_one(visit, nia, sam):
    goal = make_goal(nia, "a bike")
    visit(nia).post(at(nia, "goals", goal.id, "words"), words="a red bike")
    for person in (nia, sam):
        page = visit(person).get(at(nia, "goals", goal.id))
        assert page.words[0] == "a red bike" and "a bike" in page.words


def test_that_is_not_what_i_said(visit, nia, sam):
    goal = make_goal(nia, "To secure employment", typed_by=sam)
    assert not goal.own_words
    phone = visit(nia)
    phone.click("That's not what I said", on=at(nia, "goals", goal.id))
    assert "Write it in your own words." in phone.press("Save my words", status=422).errors
    page = phone.press("Save my words", words="a job with horses")
    assert page.words[0] == "a job with horses"
    assert "not agreed" in page
    db.session.refresh(goal)
    assert goal.own_words and goal.current_wording.words == "a job with horses"
    assert "To secure employment" not in story_of(nia).get_text()
    assert "not agreed" in visit(sam).get(at(nia, "goals", goal.id))


def test_yes_that_is_what_i_said(visit, nia, sam):
    goal = make_goal(nia, "a job with horses", typed_by=sam)
    page = visit(nia).press("Yes, that is what I said", on=at(nia, "goals", goal.id))
    assert "read back" in page and "not read back yet" not in page
    assert db.session.get(Goal, goal.id, populate_existing=True).own_words


def test_not_agreeing_with_an_older_wording_too(visit, nia, sam):
    goal = make_goal(nia, "horses")
    older = make_wording(nia, "To be employed", typed_by=sam, superseded_at=now())
    older.goal_id = goal.id
    db.session.add(older)
    db.session.commit()
    page = visit(nia).post(at(nia, "words", "wording", older.id, "not-mine"), words="to muck out stables")
    assert page.words[0] == "to muck out stables"
    assert count(Wording, goal_id=goal.id) == 3


def test_somebody_else_was_quicker(visit, nia, sam):
    goal = make_goal(nia, "a bike")
    coach, phone = visit(sam), visit(nia)
    coach.get(at(nia, "goals", goal.id))
    phone.post(at(nia, "goals", goal.id, "words"), words="a trike")
    page = coach.press("Save these words", status=409, words="a tandem")
    assert "a trike" in page.words and page.value("words", at(nia, "goals", goal.id, "words")) == "a tandem"
    assert page.soup.find(id="words").find_parent("details").has_attr("open")
    assert count(Wording) == 2
    page = coach.press("Save these words", words="a tandem")
    assert page.words[0] == "a tandem" and "a trike" in page.words


def test_steps_are_added_and_ticked(visit, nia, sam):
    goal = make_goal(nia)
    phone = visit(nia)
    page = phone.post(at(nia, "goals", goal.id, "steps"), on=at(nia, "goals", goal.id), words="  ring Dai\nthen Mair ")
    assert "  ring Dai\nthen Mair " in page.words
    step = db.session.scalars(select(Step)).one()
    for _twice in range(2):
        phone.send(
            "POST",
            at(nia, "goals", goal.id, "steps", step.id),
            {"csrf_token": phone.token(), "once": "1", "done": "yes"},
        )
    first = db.session.get(Step, step.id, populate_existing=True).done_at
    assert first
    phone.press("Done: ring Dai then Mair", on=at(nia, "goals", goal.id))
    assert db.session.get(Step, step.id, populate_existing=True).done_at is None, "not done after all"


def test_a_step_without_words(visit, nia):
    goal = make_goal(nia)
    page = visit(nia).post(at(nia, "goals", goal.id, "steps"), 422, on=at(nia, "goals", goal.id), words=" ", who="Mair")
    assert "Write the step in a few words." in page.errors
    assert page.value("who") == "Mair"


def test_how_it_is_going(visit, nia):
    goal = make_goal(nia)
    phone = visit(nia)
    assert "nothing to save yet" in phone.post(at(nia, "goals", goal.id, "check-in"), status=422).errors
    phone.post(at(nia, "goals", goal.id, "check-in"), number="4", in_the_way="the bus")
    page = phone.post(at(nia, "goals", goal.id, "check-in"), number="8", helped="my nan", celebrate="🎉 done")
    assert "🎉 done" in page.words and "the bus" in page.words
    assert page.soup.select_one("svg[role=img] title")
    assert ": 4, 8" in page, "the chart's figures stand in words too"
    assert count(CheckIn) == 2


def test_every_state_of_a_goal(visit, nia):
    goal = make_goal(nia, "a bike")
    phone = visit(nia)
    where = at(nia, "goals", goal.id, "state")
    assert "Choose one." in phone.post(where, status=422).errors
    phone.post(where, state="resting", reason="the winter")
    phone.post(where, state="live")
    phone.post(where, state="reached")
    phone.post(where, state="live")
    phone.post(where, state="set_aside")
    phone.post(where, state="live")
    assert "Write what you want now." in phone.post(where, status=422, state="changed").errors
    page = phone.post(where, state="changed", words="a bus pass")
    assert page.words[0] == "a bus pass"
    page = phone.get(at(nia, "goals", goal.id))
    phone.click("See what it became")
    states = [
        row.state.value
        for row in db.session.scalars(select(GoalState).filter_by(goal_id=goal.id).order_by(GoalState.id))
    ]
    assert states == ["live", "resting", "live", "reached", "live", "set_aside", "live", "changed"]
    assert "the winter" in page.words


def test_a_state_that_does_not_follow(visit, nia):
    goal = make_goal(nia)
    phone = visit(nia)
    data = {"csrf_token": phone.token(), "once": "1", "state": "live", "version": goal.version}
    answer = phone.send("POST", at(nia, "goals", goal.id, "state"), data)
    assert answer.status_code == 422
    assert count(GoalState) == 1


def test_the_summary_shows_only_what_was_ticked(visit, nia, sam):
    finish_about_me(nia, words="my gran")
    goal = make_goal(nia, "learn to swim")
    for number in (3, 5):
        db.session.add(
            CheckIn(
                goal_id=goal.id,
                number=number,
                in_the_way="the cold",
                language="en",
                said_by_id=nia.id,
                typed_by_id=nia.id,
            )
        )
    db.session.commit()
    make_talk(nia, sam)
    phone = visit(nia)
    story = story_of(nia)
    assert "learn to swim" in story.get_text() and "Next chat:" in story.get_text()
    assert "the cold" not in story.get_text() and not story.select_one("svg[role=img]")
    assert "Who or what matters most to me" not in story.get_text()
    phone.click("Large print", on=at(nia, "print"))
    page = phone.press("Save", shows=["chart", "in_the_way", "who_matters"])
    assert page.path.endswith("layout=large") and "Your story is printed that way from now on." in page
    story = story_of(nia)
    assert "the cold" in story.get_text() and story.select_one("svg[role=img]")
    assert "Who or what matters most to me" in story.get_text()
    phone.press("Save", shows=[])
    assert "the cold" not in story_of(nia).get_text()
    assert "Choose what my story shows" not in visit(sam).get(at(nia, "print")), "that is for her to say"


def test_who_has_looked(visit, nia, sam, joe):
    assert "Nobody has looked yet." in visit(nia).get(at(nia, "looks"))
    coach = visit(sam)
    for path in ("", "", "goals", "goals/new"):
        coach.get(at(nia, path).rstrip("/"))
    with time_machine.travel(now() + timedelta(days=1)):
        visit(sam).get(at(nia))
        page = visit(nia).get(at(nia, "looks"))
        days = [one.get_text(" ", strip=True) for one in page.soup.select(".deal-looks")]
    assert len(days) == 2, "the newest day first"
    assert page.text.count("Sam read your page and your goals.") == 1
    assert "Sam opened a page to write a goal with you." in days[1] and "Sam read your page." in days[0]
    hours = page.soup.select(".deal-looks details li")
    assert len(hours) == 4 and all("or soon after" in one.get_text() for one in hours), "the hour is behind a press"


def test_looks_name_only_pages_that_are_there(app):
    assert {*PAGES_OF_WORDS, *OPENED} <= set(app.view_functions)


def test_hide_this_page_and_help_on_every_resident_page(visit, nia):
    for path in ("", "about-me", "goals", "goals/new", "timeline", "print", "looks", "card", "words"):
        page = visit(nia).get(at(nia, path).rstrip("/"))
        assert "Hide this page" in page and "Need help now?" in page
