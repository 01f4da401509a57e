"""Somebody sits beside a resident, or types for them: only the resident can say that it is what they said."""

import threading

import pytest
from sqlalchemy import event, select

from deal.assessment.models import Answer, Assessment, FirstTalkWait, ReadBack
from deal.auth.models import Helper, SignIn
from deal.clock import now, today
from deal.db import db
from deal.drafts.models import Draft
from deal.goals.models import Goal, Wording
from deal.invitations.models import Consent, Invitation
from tests.people import PIN, begin_about_me, finish_about_me, invite, keep, make_answer, make_goal, make_talk

TYPE_IN = "Type in About me"


def answers(resident) -> list[Answer]:
    """The answers that hold, by the order in which they were given."""
    query = select(Answer).where(Answer.resident_id == resident.id, Answer.superseded_at.is_(None))
    return list(db.session.scalars(query.order_by(Answer.id)))


@pytest.fixture
def about_me(nia) -> Assessment:
    """Nia has said what nobody beside her may read."""
    begun = begin_about_me(nia)
    make_answer(begun, "proud", "i left him", given_at=now())
    make_answer(begun, "hands", choices=["cooking"])
    make_answer(begun, "hope-most", "a quiet street")
    return begun


def with_a_friend(visit, nia):
    """Nia's phone, with a friend beside her."""
    phone = visit(nia)
    phone.click("Someone is helping me", on=f"/residents/{nia.id}/about-me")
    phone.press("Go on together", helper="friend")
    return phone


# -- with a helper


def test_only_the_question_on_screen_shows_while_somebody_helps(visit, nia, about_me):
    make_goal(nia, "my own front door")
    phone = with_a_friend(visit, nia)
    home = f"/residents/{nia.id}"
    for closed in ("", "/about-me", "/goals", "/words", "/print", "/looks", "/asks", "/timeline", "/read-back",
                   f"/about-me/{about_me.id}/check", f"/about-me/{about_me.id}/proud"):  # fmt: skip
        page = phone.get(home + closed)
        assert page.path == f"{home}/helped", closed
        assert "i left him" not in page.html and "my own front door" not in page.html
    assert phone.send("GET", f"{home}/summary.pdf").status_code == 303
    page = phone.get(f"{home}/about-me/{about_me.id}/how-sure")
    assert "a quiet street" not in page.html, "the answer that this question shows was said alone"
    assert not page.soup.find("a", string="Goals"), "the menu leads to pages that are closed"


def test_who_helped_is_kept_and_they_look_at_it_alone_later(visit, nia, about_me):
    phone = with_a_friend(visit, nia)
    assert "A friend or family" in phone.page
    phone.press("Save and go on", on=f"/residents/{nia.id}/about-me/{about_me.id}/asked-for", words="bikes, she says")
    phone.get(f"/residents/{nia.id}/about-me/{about_me.id}/asked-for")
    assert phone.page.value("words") == "bikes, she says", "what they wrote together can be put right together"
    phone.press("Save and come back later", words="bikes, we say")
    given = answers(nia)[-1]
    assert (given.words, given.helper, given.read_back_at) == ("bikes, we say", Helper.FRIEND, None)

    phone.press("Sign out")
    phone.press("Sign in", on="/sign-in", name=nia.sign_in_name, pin=PIN)
    assert "Is this what you said?" in phone.page
    phone.click("Look at them")
    assert phone.page.words == ["bikes, we say"] and "with help from a friend or family" in phone.page
    phone.press("Yes, all of this is what I said")
    given = answers(nia)[-1]
    assert (given.read_back_how, given.helper) == (ReadBack.OWN, Helper.FRIEND)
    assert "Is this what you said?" not in phone.get(f"/residents/{nia.id}")


def test_changing_it_alone_makes_it_their_own(visit, nia, about_me):
    make_answer(about_me, "asked-for", "what they wanted me to say", helper=Helper.OTHER)
    phone = visit(nia)
    phone.get(f"/residents/{nia.id}/read-back")
    phone.get(f"/residents/{nia.id}/about-me/{about_me.id}/asked-for?change=1")
    phone.press("Save and go on", words="what i want to say")
    assert answers(nia)[-1].helper is None
    assert "There is nothing to look at." in phone.get(f"/residents/{nia.id}/read-back")


def test_saving_it_again_as_it_stands_is_a_yes(visit, nia, about_me):
    given = make_answer(about_me, "asked-for", "bikes", helper=Helper.COACH)
    visit(nia).press("Save and go on", on=f"/residents/{nia.id}/about-me/{about_me.id}/asked-for")
    assert answers(nia)[-1].id == given.id and answers(nia)[-1].read_back_how is ReadBack.OWN


def test_one_of_several_can_be_confirmed_by_itself(visit, nia, about_me):
    first = make_answer(about_me, "asked-for", "bikes", helper=Helper.FRIEND)
    make_answer(about_me, "good-day", "rain on the roof", helper=Helper.FRIEND)
    phone = visit(nia)
    phone.press("Yes, that is what I said 1", on=f"/residents/{nia.id}/read-back")
    assert [one.id for one in answers(nia) if one.read_back_at] == [first.id]
    assert phone.page.words == ["rain on the roof"]


def test_what_was_begun_alone_is_not_shown_to_the_helper_nor_lost(visit, nia, about_me):
    alone = visit(nia)
    place = f"/residents/{nia.id}/about-me/{about_me.id}/good-day"
    alone.keep_draft(place, words="when he is out")
    phone = with_a_friend(visit, nia)
    assert phone.get(place).value("words") == ""
    phone.keep_draft(place, words="when the sun shines")
    assert phone.get(place).value("words") == "when the sun shines"
    assert visit(nia).get(place).value("words") == "when he is out"
    assert len(db.session.scalars(select(Draft)).all()) == 2


def test_another_tab_cannot_change_what_is_closed(visit, nia, about_me):
    phone = with_a_friend(visit, nia)
    path = f"/residents/{nia.id}/about-me/{about_me.id}/proud"
    answer = phone.send("POST", path, {"csrf_token": phone.token(), "words": "nothing happened"})
    assert answer.status_code == 409
    goal = phone.send("POST", f"/residents/{nia.id}/goals/new", {"csrf_token": phone.token(), "words": "his words"})
    assert goal.status_code == 409 and "his words" in goal.text
    assert "i left him" in {one.words for one in answers(nia)} and not db.session.scalars(select(Goal)).all()


def test_they_can_finish_together_without_seeing_earlier_answers(visit, nia, about_me):
    for question in about_me.question_set.questions():
        if question.core and question.key not in ("hands", "hope-most", "not-ask"):
            make_answer(about_me, question.key, skipped=True)
    phone = with_a_friend(visit, nia)
    phone.click("Carry on")
    phone.press("Skip this question")
    assert "That was the last question." in phone.page
    phone.press("I have finished")
    assert "About me is finished" in phone.page and "a quiet street" not in phone.page.html
    assert db.session.scalars(select(Assessment)).one().finished_at


def test_who_helps_has_to_be_said(visit, nia):
    phone = visit(nia)
    phone.press("Go on together", on=f"/residents/{nia.id}/helped", status=422)
    assert "Choose who is helping you." in phone.page.errors
    assert not db.session.scalars(select(SignIn).where(SignIn.helper.is_not(None))).all()


# -- the coach types


def typing(visit, sam, resident):
    coach = visit(sam)
    coach.get(f"/residents/{resident.id}")
    coach.click(TYPE_IN)
    return coach


@pytest.mark.on_both
def test_a_booklet_is_typed_in_word_for_word_and_read_back(visit, sam, nia):
    coach = typing(visit, sam, nia)
    said = "  me nan's\nWelsh cakes 🥞"
    boxes = {"proud-words": said, "hands-choices": ["cooking", "fixing"], "how-sure-number": "7"}
    coach.press("Save", **boxes, **{"good-day-unreadable": "y", "good-day-words": "the sea and [smudge]"}, finished="y")
    by_key = {one.question.key: one for one in answers(nia)}
    assert by_key["proud"].words == said and by_key["hands"].choices == ["cooking", "fixing"]
    assert by_key["how-sure"].number == 7 and by_key["good-day"].unreadable
    assert set(by_key) == {"proud", "hands", "how-sure", "good-day"}, "an empty box says nothing"
    assert {one.typed_by_id for one in by_key.values()} == {sam.id}
    assert db.session.scalars(select(FirstTalkWait)).one().resident_id == nia.id, "from now on Nia waits for a talk"
    assert "some of it could not be read" in coach.page

    phone = visit(nia)
    assert "Is this what you said?" in phone.get(f"/residents/{nia.id}")
    phone.click("Look at them")
    assert said in phone.page.words and "typed by Sam" in phone.page
    phone.press("Yes, all of this is what I said")
    assert {one.read_back_how for one in answers(nia)} == {ReadBack.OWN}


def test_pressing_twice_stores_it_once(visit, sam, nia):
    coach = typing(visit, sam, nia)
    with coach.before_the_answer():
        page = coach.page
        coach.press("Save", **{"proud-words": "twins"})
        coach.page = page
    coach.press("Save", **{"proud-words": "twins"})
    assert [one.words for one in db.session.scalars(select(Answer))] == ["twins"]
    assert len(db.session.scalars(select(Assessment)).all()) == 1


def test_what_the_resident_typed_is_theirs_to_change(visit, sam, nia, about_me):
    coach = typing(visit, sam, nia)
    assert "i left him" in coach.page.words and not coach.page.soup.find(attrs={"name": "proud-words"})
    data = {"csrf_token": coach.token(), "once": "x", "proud-words": "never mind"}
    coach.send("POST", f"/residents/{nia.id}/about-me/type-in", data)
    assert "i left him" in {one.words for one in answers(nia)}


def test_a_slip_is_put_right_as_another_version(visit, sam, nia):
    coach = typing(visit, sam, nia)
    coach.press("Save", **{"proud-words": "two gals"})
    coach.click("Change the answers")
    assert coach.page.value("proud-words") == "two gals"
    coach.press("Save", **{"proud-words": "two gulls"})
    versions = db.session.scalars(select(Answer).order_by(Answer.id)).all()
    assert [(one.words, one.superseded_at is None) for one in versions] == [("two gals", False), ("two gulls", True)]


def test_ten_thousand_and_one_characters_are_told_and_kept_in_the_box(visit, sam, nia):
    coach = typing(visit, sam, nia)
    coach.press("Save", status=422, **{"proud-words": "a" * 10_001, "asked-for-words": "bikes"})
    assert "10,001 characters" in coach.page.errors
    assert coach.page.soup.select_one(".govuk-error-summary a")["href"] == "#proud-words"
    assert len(coach.page.value("proud-words")) == 10_001 and coach.page.value("asked-for-words") == "bikes"
    assert coach.page.soup.title.string.startswith("Error: ") and not answers(nia)


def test_what_the_coach_types_is_kept_as_they_go_for_their_eyes_alone(visit, sam, nia):
    coach = typing(visit, sam, nia)
    path = f"/residents/{nia.id}/about-me/type-in"
    sent = {"proud-words": "half a\r\nword", "hands-choices": ["cooking"]}
    assert "Kept at" in coach.keep_draft(path, **sent).json["sentence"]
    page = coach.get(path)
    assert page.value("proud-words") == "half a\nword" and "have not saved" in page
    assert page.soup.find("input", attrs={"name": "hands-choices", "value": "cooking"}).has_attr("checked")
    assert not answers(nia)
    coach.press("Save")
    assert not db.session.scalars(select(Draft).filter_by(submission_id=None)).all() and len(answers(nia)) == 2


# -- the read-back


def read_back(visit, sam, nia):
    coach = visit(sam)
    coach.get(f"/residents/{nia.id}/read-back")
    return coach


def test_their_pin_on_the_coachs_device_confirms_it(visit, sam, nia, about_me):
    make_answer(about_me, "asked-for", "bikes", typed_by_id=sam.id)
    make_goal(nia, "fix bikes", typed_by=sam)
    coach = read_back(visit, sam, nia)
    assert coach.page.words == ["bikes", "fix bikes"], "what she typed herself needs no reading back"
    coach.press("They say: yes, that is it", status=422, how="pin", pin="999999")
    assert "That is not the PIN of Nia (Oak Court)." in coach.page.errors and not answers(nia)[-1].read_back_at
    coach.press("They say: yes, that is it", how="pin", pin=PIN)
    wording = db.session.scalars(select(Wording)).one()
    assert (answers(nia)[-1].read_back_how, wording.read_back_how) == (ReadBack.PIN, ReadBack.PIN)
    assert db.session.scalars(select(Goal)).one().own_words
    assert "read back, with their PIN" in coach.get(f"/residents/{nia.id}")


def test_guessing_the_pin_on_the_coachs_device_has_an_end(visit, sam, nia, about_me):
    make_answer(about_me, "asked-for", "bikes", typed_by_id=sam.id)
    coach = read_back(visit, sam, nia)
    for guess in range(5):
        coach.press("They say: yes, that is it", status=422, how="pin", pin=f"11220{guess}")
    coach.press("They say: yes, that is it", status=422, how="pin", pin=PIN)
    assert "too many wrong tries" in coach.page.errors and not answers(nia)[-1].read_back_at


def test_initials_on_paper_confirm_it_too(visit, sam, nia, about_me):
    make_answer(about_me, "asked-for", "bikes", typed_by_id=sam.id)
    coach = read_back(visit, sam, nia)
    coach.press("They say: yes, that is it", status=422)
    assert "Choose how they say yes." in coach.page.errors
    coach.press("They say: yes, that is it", how="paper")
    assert answers(nia)[-1].read_back_how is ReadBack.PAPER
    assert "read back, initials on paper" in visit(nia).get(f"/residents/{nia.id}/words")


def test_what_was_typed_after_the_page_was_opened_is_not_confirmed_with_it(visit, sam, nia, about_me):
    make_answer(about_me, "asked-for", "bikes", typed_by_id=sam.id)
    coach = read_back(visit, sam, nia)
    make_goal(nia, "not read out", typed_by=sam)
    coach.press("They say: yes, that is it", how="paper")
    assert not db.session.scalars(select(Wording)).one().read_back_at


def test_nobody_confirms_for_somebody_else(visit, sam, nia, amina, about_me):
    given = make_answer(about_me, "asked-for", "bikes", typed_by_id=sam.id)
    phone = visit(amina)
    phone.get(f"/residents/{amina.id}/read-back")
    phone.send("POST", f"/residents/{amina.id}/read-back", {"csrf_token": phone.token(), "shown": f"answer-{given.id}"})
    assert not answers(nia)[-1].read_back_at


# -- consent on paper, and the first code


def test_nothing_is_typed_in_before_they_agreed(visit, sam):
    mo, _code = invite("Mo", sam)
    coach = typing(visit, sam, mo)
    assert coach.page.path == f"/residents/{mo.id}/about-me/type-in" and "has not agreed yet" in coach.page
    coach.press("Save, and type in", status=422, seen=None)
    assert "Tick the box if you saw the paper yourself." in coach.page.errors
    coach.press("Save, and type in", status=422, on_paper="2099-01-01", seen="y")
    assert "That day is still to come." in coach.page.errors
    coach.press("Save, and type in", on_paper=today().isoformat(), seen="y")
    assert coach.page.path == f"/residents/{mo.id}/about-me/type-in"
    agreed = db.session.scalars(select(Consent).filter_by(resident_id=mo.id)).one()
    assert (agreed.on_paper, agreed.seen_by_id) == (today(), sam.id) and "We never use your words" in agreed.wording
    assert "seen by Sam" in coach.page


def test_once_words_exist_the_letter_is_shut_and_a_code_goes_by_hand(visit, sam):
    mo, code = invite("Mo", sam)
    keep(Consent(resident_id=mo.id, wording="we promise", language="en"))
    assert visit().get(f"/i/{code}").status == 200
    typing(visit, sam, mo).press("Save", **{"proud-words": "my lad"})
    page = visit().get(f"/i/{code}", status=410)
    assert "You get it in person." in page and "my lad" not in page.html

    coach = visit(sam)
    page = coach.press("Make a new letter or code", on=f"/residents/{mo.id}/change", status=200)
    assert "Never post it" in page and "Dear Mo" not in page
    by_hand = page.soup.select_one(".deal-code").get_text().split()
    assert visit().get(f"/i/{''.join(by_hand)}").status == 200
    newest = db.session.scalars(select(Invitation).order_by(Invitation.id.desc())).first()
    assert newest.by_hand and not newest.shut_at
    coach.press("Save this goal", on=f"/residents/{mo.id}/goals/new", words="a job near home")
    assert visit().get(f"/i/{''.join(by_hand)}").status == 200, "what was handed over is not shut by more words"


@pytest.mark.parametrize("words", ["a goal", "a talk"])
def test_a_goal_or_a_talk_shuts_the_letter_too(visit, sam, words):
    mo, code = invite("Mo", sam)
    coach = visit(sam)
    if words == "a goal":
        coach.press("Save this goal", on=f"/residents/{mo.id}/goals/new", words="a job near home")
    else:
        coach.press("We talked", on=f"/residents/{mo.id}/conversations/new", words="he showed me his pigeons")
    visit().get(f"/i/{code}", status=410)
    assert "Mo" in visit(sam).get("/people"), "shutting the letter loses nobody"


def test_a_letter_that_let_somebody_in_is_left_alone(visit, sam, nia):
    make_talk(nia, sam)
    visit(sam).press("Save this goal", on=f"/residents/{nia.id}/goals/new", words="a job near home")
    assert db.session.scalars(select(Invitation).filter_by(resident_id=nia.id)).one().shut_at is None


def test_the_pin_of_somebody_without_one_is_never_right(visit, sam):
    mo, _code = invite("Mo", sam)
    keep(Consent(resident_id=mo.id, wording="we promise", language="en"))
    coach = typing(visit, sam, mo)
    coach.press("Save", **{"proud-words": "my lad"})
    assert not coach.page.soup.find(attrs={"name": "pin"})
    path = f"/residents/{mo.id}/read-back"
    sent = {"csrf_token": coach.token(), "how": "pin", "pin": "", "shown": f"answer-{answers(mo)[0].id}"}
    assert coach.send("POST", path, sent).status_code == 422
    assert not answers(mo)[0].read_back_at


# -- what is typed in never stands before what the resident said


def test_typing_in_fills_gaps_and_hides_nothing_that_she_said(visit, sam, nia):
    finish_about_me(nia, words="my own words")
    coach = typing(visit, sam, nia)
    assert "my own words" in coach.page.words and not coach.page.soup.find(attrs={"name": "proud-words"})
    coach.press("Save", finished="y")
    assert len(db.session.scalars(select(Assessment)).all()) == 1
    assert "my own words" in visit(sam).get(f"/residents/{nia.id}").words


def test_words_that_wait_for_a_yes_do_not_stand_before_her_own(visit, sam, nia):
    finish_about_me(nia, words="my own words")
    again = begin_about_me(nia)
    make_answer(again, "proud", "Client is proud of little.", typed_by_id=sam.id)
    page = visit(sam).get(f"/residents/{nia.id}")
    assert "Client is proud of little." not in page.words and "my own words" in page.words


def test_an_empty_page_begins_nothing(visit, sam, nia):
    coach = typing(visit, sam, nia)
    coach.press("Save", status=422, finished="y")
    assert "There is nothing here to keep yet." in coach.page.errors
    assert not db.session.scalars(select(Assessment)).all()


def test_what_she_answered_meanwhile_is_shown_and_what_was_typed_is_not_lost(visit, sam, nia, about_me):
    coach = typing(visit, sam, nia)
    make_answer(about_me, "asked-for", "bikes, i said")
    page = coach.press("Save", status=409, **{"asked-for-words": "Repairs bicycles", "good-day-words": "the sea"})
    assert "Answers were changed while your page was open." in page.errors
    assert (
        "bikes, i said" in page.words and "Repairs bicycles" in page.words and page.value("good-day-words") == "the sea"
    )
    coach.press("Save")
    assert {one.words for one in answers(nia)} >= {"bikes, i said", "the sea"}
    assert "Repairs bicycles" not in {one.words for one in answers(nia)}


def test_what_she_took_back_does_not_come_back_by_an_open_page_or_its_draft(visit, sam, nia):
    coach = typing(visit, sam, nia)
    coach.press("Save", **{"proud-words": "a secret", "good-day-words": "the sea"})
    path = f"/residents/{nia.id}/about-me/type-in"
    coach.keep_draft(path, **{"proud-words": "a secret"})
    told = next(one for one in answers(nia) if one.words == "a secret")
    visit(nia).press("Take it back", on=f"/residents/{nia.id}/words/answer/{told.id}/take-back")
    page = coach.press("Save", status=409)
    assert "a secret" not in page.html and "taken back" in page
    assert "a secret" not in coach.get(path).html
    assert "a secret" not in {one.words for one in db.session.scalars(select(Answer))}


def test_a_helper_cannot_find_an_answer_by_guessing_at_its_draft(visit, nia, about_me):
    make_answer(about_me, "how-sure", number=7)
    place = f"/residents/{nia.id}/about-me/{about_me.id}/how-sure"
    alone = visit(nia).get(place).form_to(place)
    phone = with_a_friend(visit, nia)
    token = {"csrf_token": phone.token()}
    sentences = {phone.send_draft(alone, number=guess, **token).json["sentence"][:7] for guess in ("7", "8")}
    assert sentences == {"Kept at"}


@pytest.mark.on_both
def test_the_whole_booklet_in_emoji_is_kept_in_one_transaction(app, visit, sam, nia):
    coach = typing(visit, sam, nia)
    boxes = [box["name"] for box in coach.page.soup.find_all("textarea")]
    commits: list[int] = []

    def count_commits(_session):
        commits.append(1)

    event.listen(db.session, "after_commit", count_commits)
    try:
        answer = coach.send("POST", coach.page.path, type_in_data(coach) | dict.fromkeys(boxes, "🥞" * 10_000))
    finally:
        event.remove(db.session, "after_commit", count_commits)
    assert answer.status_code == 303 and len(boxes) > 10
    assert {one.words for one in answers(nia)} == {"🥞" * 10_000} and len(answers(nia)) == len(boxes)
    assert len(commits) == 3, "the look at the page, all that was typed, and how it is undone"


@pytest.mark.on_both
def test_a_booklet_is_kept_whole_or_not_at_all(app, visit, sam, nia):
    coach = typing(visit, sam, nia)
    coach.send_draft(coach.page.form_to(coach.page.path), **{"proud-words": "twi"})

    def fail_at_the_last(_connection, _cursor, statement, *_):
        if statement.startswith("INSERT INTO first_talk_wait"):
            raise OSError("the disk is full")

    data = type_in_data(coach) | {"proud-words": "twins", "hands-words": "bread", "finished": "y"}
    event.listen(db.engine, "before_cursor_execute", fail_at_the_last)
    try:
        assert coach.send("POST", coach.page.path, data).status_code == 500
    finally:
        event.remove(db.engine, "before_cursor_execute", fail_at_the_last)
    left = [db.session.scalars(select(table)).all() for table in (Answer, Assessment, FirstTalkWait)]
    assert left == [[], [], []] and db.session.scalars(select(Draft)).one()
    assert coach.send("POST", coach.page.path, data).status_code == 303
    assert {one.words for one in answers(nia)} == {"twins", "bread"}
    assert not db.session.scalars(select(Draft).filter_by(submission_id=None)).all()


@pytest.mark.on_both
def test_what_the_resident_saves_at_that_moment_is_not_replaced(app, visit, sam, nia, about_me):
    coach, phone = typing(visit, sam, nia), visit(nia)
    where = f"/residents/{nia.id}/about-me/{about_me.id}/asked-for"
    hers = {"csrf_token": phone.token(), "once": "a", "words": "my own words", "do": "save"}
    saved: list[int] = []

    def save_first(_connection, _cursor, statement, *_):
        if statement.startswith("UPDATE") and not saved and threading.current_thread() is threading.main_thread():
            saved.append(0)
            other = threading.Thread(target=lambda: saved.append(phone.client.post(where, data=hers).status_code))
            other.start()
            other.join(timeout=20)

    data = type_in_data(coach) | {"asked-for-words": "what the coach heard"}
    event.listen(db.engine, "before_cursor_execute", save_first)
    try:
        answer = coach.send("POST", coach.page.path, data)
    finally:
        event.remove(db.engine, "before_cursor_execute", save_first)
    assert saved == [0, 303] and answer.status_code == 409
    assert "what the coach heard" in answer.text
    held = [one.words for one in answers(nia) if one.superseded_at is None and one.question.key == "asked-for"]
    assert held == ["my own words"]


def type_in_data(coach) -> dict[str, str]:
    """What the page itself sends."""
    hidden = {name: coach.page.value(name) for name in ("once", "version", "draft")}
    return hidden | {"csrf_token": coach.token()}
