"""Nia and Sam promise each other things, Nia says whether the landlord kept them, and both agree the deal."""

from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, inspect, select

from deal.audit import AccessLog
from deal.caseload.desk import lists_for
from deal.clock import now, today
from deal.db import db
from deal.deals.models import (
    Agreement,
    Deal,
    DealPart,
    Kept,
    KeptAnswer,
    Promise,
    PromiseNote,
    PromiseWording,
    answer_if_kept,
    promise_to_ask,
    promises_due,
    promises_of,
    promises_waiting,
)
from deal.goals.models import Goal, State, Wording
from deal.people import Assignment, StaffExclusion
from tests.people import finish_about_me, keep, make_deal, make_goal, make_promise, make_resident
from tests.test_my_words import mark, tables_with, take_back

ODD = "  ring about the 🔑\n\n  أمشي ŵ <b>&  "
FOUR = ["Yes", "Partly", "No", "Not yet"]


def at(resident, *rest) -> str:
    return "/".join(["/residents", str(resident.id), *map(str, rest)])


def version(resident, number: int) -> str:
    return f"{at(resident, 'deal')}?version={number}"


def count(table) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def set_day(promise, days: int) -> None:
    """The landlord's day is so many days from today."""
    promise.current_wording.due_on = today() + timedelta(days=days)
    db.session.commit()


def has_a_goal(resident) -> None:
    """Nothing of their own is to be begun or finished: what we promised comes next on their page."""
    finish_about_me(resident)
    make_goal(resident)


def asked_on(page) -> list[str]:
    """The buttons with which a page asks whether a promise was kept."""
    return [one.get_text(strip=True) for one in page.soup.select("button[name=kept]")]


# -- promises


@pytest.mark.on_both
def test_the_landlord_promises_first_with_words_a_name_and_a_day(visit, nia, sam):
    coach = visit(sam)
    page = coach.get(at(nia))
    page = coach.click("Our deal")
    assert "This is not a contract. Nothing happens to you if plans change." in page
    assert "We go first: something small, within seven days." in page
    assert "Write down what we promise" in page
    assert page.value("who") == "Sam" and page.value("due_on") == str(today() + timedelta(days=7))
    page = coach.press("Save our promise", status=422, words=" \n ", who="", due_on="")
    for sentence in ("Write the promise in a few words.", "Write the name of the person", "Choose a day."):
        assert sentence in page.errors
    yesterday = str(today() - timedelta(days=1))
    page = coach.press("Save our promise", status=422, words=ODD, who="Dave, repairs", due_on=yesterday)
    assert "That day has passed." in page.errors and page.value("words") == ODD
    page = coach.press("Save our promise", due_on=str(today() + timedelta(days=3)))
    assert "The promise is written down." in page and ODD in page.words
    assert "Dave, repairs, by " in page and "Typed by Sam" in page

    page = visit(nia).get(at(nia, "deal"))
    assert ODD in page.words and "Dave, repairs, by " in page
    assert set(db.session.execute(select(AccessLog.page)).scalars()) >= {"deals.index", "deals.add_promise"}


def test_a_residents_promise_needs_words_alone_and_is_marked_where_the_coach_typed_it(visit, nia, sam):
    path = at(nia, "promises/new/resident")
    phone, coach = visit(nia), visit(sam)
    form = phone.get(at(nia, "deal")).form_to(path)
    assert not form.select("[name=who], [name=due_on]")
    page = phone.post(path, status=422, on=at(nia, "deal"), words="")
    assert "Write the promise in a few words." in page.errors and page.form_to(path).find_parent("details", open=True)
    phone.post(path, on=at(nia, "deal"), words=ODD)
    assert "Said and typed by Nia" in phone.page and ODD in phone.page.words
    assert "word for word" in coach.get(at(nia, "deal"))
    coach.post(path, on=at(nia, "deal"), words="i'll ring our Gwen")
    assert "Said by Nia, typed by Sam" in coach.page and "Said by Nia, typed by Sam" in phone.get(at(nia, "deal"))


def test_nia_writes_down_what_sam_promised(visit, nia, sam):
    phone = visit(nia)
    page = phone.get(at(nia, "deal"))
    assert page.value("who") == "Sam"
    page = phone.press("Save our promise", words="he will ring the college")
    assert "Typed by Nia" in page and "he will ring the college" in page.words
    assert "Typed by Nia" in visit(sam).get(at(nia, "deal"))


def test_pressing_twice_promises_once(visit, nia):
    phone = visit(nia)
    phone.get(at(nia, "deal"))
    page = phone.page
    for _ in range(2):
        phone.page = page
        phone.press("Save this promise", words="go to choir")
    assert (count(Promise), count(PromiseWording)) == (1, 1)


@pytest.mark.parametrize("words", ["w" * 10_001, "a \0 b"])
def test_words_that_cannot_be_kept_stay_in_the_box(visit, nia, words):
    page = visit(nia).post(at(nia, "promises/new/resident"), status=422, on=at(nia, "deal"), words=words)
    assert page.errors and count(Promise) == 0


def test_a_day_years_away_or_no_day_at_all(visit, nia):
    phone, path = visit(nia), at(nia, "promises/new/landlord")
    for day, sentence in (("2099-01-01", "more than a year away"), ("soon", "Write the day, the month and the year.")):
        page = phone.post(path, status=422, on=at(nia, "deal"), words="w", due_on=day)
        assert sentence in page.errors


@pytest.mark.on_both
def test_other_words_stand_beside_the_old_ones(visit, nia, sam):
    promise = make_promise(nia, "sing", by=None)
    ours = make_promise(nia, "ask for the key", by=sam)
    phone, coach = visit(nia), visit(sam)
    phone.get(at(nia, "promises", promise.id))
    assert phone.page.value("words") == "sing"
    page = phone.press("Save", words="sing on Tuesdays")
    assert page.words == ["sing on Tuesdays", "sing on Tuesdays", "sing"]
    coach.get(at(nia, "promises", ours.id))
    page = coach.press("Save", words="fetch the key", who="Dave", due_on=str(today() + timedelta(days=2)))
    assert "Dave, by" in page and "Sam, by" in page
    assert [one.current_wording.words for one in promises_of(nia)] == ["sing on Tuesdays", "fetch the key"]


def test_other_words_come_too_late_where_it_was_answered_or_let_go_meanwhile(visit, nia, sam):
    ours, hers = make_promise(nia, by=sam), make_promise(nia, "sing")
    coach, phone = visit(sam), visit(nia)
    coach.get(at(nia, "promises", ours.id))
    keep(KeptAnswer(promise_id=ours.id, kept=Kept.NO))
    page = coach.press("Save", status=422, words="something easier")
    assert (
        "The words of this promise stay as they are now." in page.errors
        and page.value("words", at(nia, "promises", ours.id, "words")) == "something easier"
    )
    phone.get(at(nia, "promises", hers.id))
    second = visit(nia)
    second.get(at(nia, "promises", hers.id))
    second.press("Let this promise go")
    assert "stay as they are now" in phone.press("Save", status=422, words="hum").errors
    assert count(PromiseWording) == 2
    assert "Say it in other words" not in coach.get(at(nia, "promises", ours.id))


def test_each_side_lets_its_own_promises_go(visit, nia, sam):
    ours, hers = make_promise(nia, by=sam), make_promise(nia, "sing")
    phone, coach = visit(nia), visit(sam)
    for browser, not_theirs in ((phone, ours), (coach, hers)):
        assert "Let this promise go" not in browser.get(at(nia, "promises", not_theirs.id))
        path = at(nia, "promises", not_theirs.id, "let-go")
        assert browser.send("POST", path, {"csrf_token": browser.token(), "once": "a"}).status_code == 404
    phone.get(at(nia, "promises", hers.id))
    page, first = phone.press("Let this promise go"), hers.let_go_at
    assert "That promise is let go. That is all right." in page
    assert f"let go, {today().day} {today():%B}" in page
    token = {"csrf_token": phone.token(), "once": "a"}
    assert phone.send("POST", at(nia, "promises", hers.id, "let-go"), token).status_code == 303
    assert db.session.get(Promise, hers.id).let_go_at == first, "pressing twice does it once"
    assert (hers.let_go_by_id, ours.let_go_at) == (nia.id, None)
    assert "sing" not in coach.get(at(nia, "deal")).words
    assert "sing" in coach.click("Every promise so far").words
    coach.get(at(nia, "promises", ours.id))
    coach.press("Let this promise go")
    assert ours.let_go_by_id == sam.id


# -- did we keep it?


@pytest.mark.on_both
def test_when_the_day_comes_nia_is_asked_without_sam(visit, nia, sam):
    has_a_goal(nia)
    ours = make_promise(nia, "ask who has the key", by=sam)
    phone, coach = visit(nia), visit(sam)
    set_day(ours, 1)
    assert asked_on(phone.get(at(nia))) == []
    set_day(ours, 0)
    for path in (at(nia), at(nia, "promises", ours.id)):
        assert asked_on(coach.get(path)) == []
    assert "Nia has not said yet. We ask them here, not you." in coach.page
    page = phone.get(at(nia))
    assert "Did we keep this promise?" in page and asked_on(page) == FOUR and "ask who has the key" in page.words
    page = phone.press("Partly")
    assert page.path == at(nia) and "We saved your answer." in page
    assert "You said: Partly" in phone.get(at(nia, "promises", ours.id))
    assert asked_on(phone.get(at(nia))) == []
    assert "Nia said: Partly" in coach.get(at(nia, "promises", ours.id))
    assert "Nia said: Partly" in coach.get(at(nia, "deal"))


def test_an_answer_is_changed_later_and_the_earlier_one_is_kept(visit, nia, sam):
    ours = make_promise(nia, by=sam)
    phone = visit(nia)
    phone.get(at(nia, "promises", ours.id))
    phone.press("No")
    page = phone.press("Yes")
    assert "You said: Yes" in page and "Earlier answers" in page and ": No" in page
    assert [one.kept for one in db.session.scalars(select(KeptAnswer).order_by(KeptAnswer.id))] == [Kept.NO, Kept.YES]
    assert promises_of(nia) == [], "what is kept is done"
    assert "You said: Yes" in phone.get(at(nia, "timeline?kind=promises"))


def test_not_yet_asks_again_after_a_week(visit, nia, sam):
    has_a_goal(nia)
    ours = make_promise(nia, by=sam)
    phone = visit(nia)
    phone.get(at(nia))
    phone.press("Not yet")
    assert asked_on(phone.get(at(nia))) == []
    answer = db.session.scalars(select(KeptAnswer)).one()
    for days, asked in ((6.9, []), (7.1, FOUR)):
        answer.at = now() - timedelta(days=days)
        db.session.commit()
        assert asked_on(phone.get(at(nia))) == asked
    phone.press("Yes")
    assert promise_to_ask(nia) is None and ours.answer.kept is Kept.YES


def test_one_promise_is_asked_at_a_time_the_oldest_day_first(visit, nia, sam):
    has_a_goal(nia)
    newer, older, gone = (make_promise(nia, words, by=sam) for words in ("newer", "older", "gone"))
    for promise, days in ((newer, -1), (older, -3), (gone, -9)):
        set_day(promise, days)
    gone.let_go_at = now()
    db.session.commit()
    phone = visit(nia)
    assert [one for one in phone.get(at(nia)).words if one in ("newer", "older", "gone")] == ["older"]
    phone.press("Yes")
    assert "newer" in phone.get(at(nia)).words


def test_pressing_twice_answers_once(visit, nia, sam):
    has_a_goal(nia)
    make_promise(nia, by=sam)
    phone = visit(nia)
    page = phone.get(at(nia))
    for _ in range(2):
        phone.page = page
        phone.press("Yes")
    assert count(KeptAnswer) == 1


def test_staff_say_something_beside_the_answer_and_never_over_it(visit, nia, sam):
    ours = make_promise(nia, by=sam)
    coach, phone, path = visit(sam), visit(nia), at(nia, "promises", ours.id)
    sent = {"csrf_token": coach.token(), "once": "a", "words": "it was the weather"}
    assert coach.send("POST", f"{path}/notes", sent).status_code == 404, "there is no answer to speak of yet"
    phone.get(path)
    phone.press("No")
    coach.get(path)
    assert "Write a few words." in coach.press("Save these words", status=422, words=" ").errors
    page = coach.press("Save these words", words=ODD)
    assert ODD in page.words and "Nia said: No" in page
    assert ODD in phone.get(path).words and "You said: No" in phone.page
    for what in ("kept", "answers"):
        assert coach.send("POST", f"{path}/{what}", sent | {"kept": "yes"}).status_code == 404
    assert (ours.answer.kept, count(PromiseNote)) == (Kept.NO, 1)


def test_nobody_marks_a_residents_promise(visit, nia, sam):
    hers = make_promise(nia, "sing")
    for person in (nia, sam):
        browser, path = visit(person), at(nia, "promises", hers.id)
        page = browser.get(path)
        assert asked_on(page) == [] and "keep this promise" not in page
        sent = {"csrf_token": browser.token(), "once": "a", "kept": "yes", "words": "w"}
        for what in ("kept", "notes"):
            assert browser.send("POST", f"{path}/{what}", sent).status_code == 404
    assert count(KeptAnswer) == 0


def test_an_answer_that_is_none_of_the_four(visit, nia, sam):
    ours = make_promise(nia, by=sam)
    phone = visit(nia)
    for said in ("", "failed", "YES"):
        sent = {"csrf_token": phone.token(), "once": "a", "kept": said}
        assert phone.send("POST", at(nia, "promises", ours.id, "kept"), sent).status_code == 400
    assert count(KeptAnswer) == 0


@pytest.mark.on_both
def test_which_promises_are_due_for_a_coach(nia, amina, sam, joe):
    soon, later, kept, gone, partly = (make_promise(nia, words, by=sam) for words in "abcde")
    make_promise(nia, "hers")
    for promise, days in ((soon, 2), (later, 9), (kept, 1), (gone, 1), (partly, -3)):
        set_day(promise, days)
    for promise, said in ((kept, Kept.YES), (partly, Kept.YES), (partly, Kept.PARTLY)):
        answer_if_kept(promise, said)
    gone.let_go_at = now()
    db.session.commit()
    until = today() + timedelta(days=7)
    assert [(one.due_on, one.words) for one in promises_due(sam, until)[nia.id]] == [(today() + timedelta(days=2), "a")]
    assert promises_due(sam, today() + timedelta(days=1)) == {}, "no and partly are answers too"
    assert promises_due(joe, until) == {}
    covers = keep(Assignment(resident_id=nia.id, coach_id=joe.id, cover=True, until=now() + timedelta(days=1)))
    assert len(promises_due(joe, until)) == 1
    covers.until = now()
    db.session.commit()
    assert promises_due(joe, until) == {}
    keep(StaffExclusion(resident_id=nia.id, staff_id=sam.id))
    assert promises_due(sam, until) == {}


def test_what_is_due_now_stands_before_fifty_old_promises(visit, sam):
    """Old ones that nobody answered filled the list, and today's was not on it at all."""
    for number in range(60):
        make_promise(make_resident(f"Old {number:02}", sam), by=sam).current_wording.due_on = today() - timedelta(
            days=100 - number
        )
    now_due = make_resident("Now", sam)
    make_promise(now_due, by=sam)
    set_day(make_promise(now_due, by=sam), -200)
    (due,) = [one for one in lists_for(sam) if one.key == "promises"]
    assert [line.name for line, _also in due.lines[:3]] == ["Now", "Old 00", "Old 01"] and len(due.lines) == 61
    assert due.lines[0][0].promise_due_on == today(), "not the one of long ago"
    page = visit(sam).get("/today")
    assert "Promises of ours 61" in page and "100 days ago" in page
    row = page.soup.select_one(".deal-list__row--next")
    assert "Now" in row.get_text() and "today" in row.get_text() and "200 days ago" in row.get_text()
    assert [words.get_text() for words in row.select(".deal-said-words")] == ["find out who has the key"] * 2


@pytest.mark.parametrize(
    ("said", "due"), [(Kept.YES, False), (Kept.PARTLY, False), (Kept.NO, False), (Kept.NOT_YET, True)]
)
def test_an_answered_promise_is_due_nowhere(visit, nia, sam, said, due):
    promise = make_promise(nia, by=sam)
    set_day(promise, -9)
    keep(KeptAnswer(promise_id=promise.id, kept=said, at=now() - timedelta(days=8)))
    assert bool(promises_due(sam, today())) is due
    assert bool(promises_waiting(nia)) is due, "on a card to send back"
    assert bool(promise_to_ask(nia)) is due
    assert ("We promised:" in visit(sam).get("/today")) is due


# -- agreeing


def agreed_days() -> list:
    return list(db.session.scalars(select(Deal.agreed_on).order_by(Deal.id)))


@pytest.mark.on_both
def test_both_agree_and_every_agreed_version_opens_as_it_was(visit, nia, sam):
    goal = make_goal(nia, "a bike of my own")
    phone, coach = visit(nia), visit(sam)
    assert "Do we both agree?" not in phone.get(at(nia, "deal")), "there is no promise of the landlord's yet"
    ours, hers = make_promise(nia, "ask at the bike shop", by=sam), make_promise(nia, "save a fiver")
    page = coach.get(at(nia, "deal"))
    assert page.words == ["a bike of my own", "ask at the bike shop", "save a fiver"]
    page = coach.press("We agree")
    assert "It is a deal when both have agreed." in page and "You agreed on" in page and "Now Nia looks at it." in page
    assert agreed_days() == [None]
    page = phone.get(at(nia, "deal"))
    assert "Sam agreed on" in page and "As we agreed it" not in page
    page = phone.press("I agree")
    assert "That is our deal." in page and "We both agreed on" in page and "Do we both agree?" not in page
    assert agreed_days() == [today()]

    # a new promise, other words and another goal make a new version
    phone.post(at(nia, "promises", hers.id, "words"), words="save a tenner")
    phone.post(at(nia, "goals", goal.id, "words"), words="a red bike")
    assert "Something is new here since" in phone.get(at(nia, "deal"))
    phone.press("I agree")
    coach.get(at(nia, "deal"))
    coach.press("We agree")
    assert agreed_days() == [today(), today()]
    first, second = db.session.scalars(select(Deal.id).order_by(Deal.id))
    for browser in (phone, coach):
        page = browser.get(version(nia, first))
        assert page.words == ["a bike of my own", "ask at the bike shop", "save a fiver"]
        assert "This is not a contract." in page and "Nia agreed on" in page and "Sam agreed on" in page
        assert browser.get(version(nia, second)).words == ["a red bike", "ask at the bike shop", "save a tenner"]
    # letting go, reaching and keeping need nobody's agreement, and change no version
    keep(KeptAnswer(promise_id=ours.id, kept=Kept.YES))
    hers.let_go_at, db.session.get(Goal, goal.id).state = now(), State.REACHED
    db.session.commit()
    page = phone.get(at(nia, "deal"))
    assert page.words == [] and "Do we both agree?" not in page
    assert phone.get(version(nia, second)).words == ["a red bike", "ask at the bike shop", "save a tenner"]


def test_a_proposal_that_changes_is_agreed_anew(visit, nia, sam):
    ours = make_promise(nia, "ask about the key", by=sam)
    coach, phone = visit(sam), visit(nia)
    coach.get(at(nia, "deal"))
    coach.press("We agree")
    phone.get(at(nia, "deal"))
    make_promise(nia, "sing")
    page = phone.press("I agree", status=409)
    assert "Something changed while your page was open." in page.errors and "sing" in page.words
    assert "Sam agreed on" not in page, "Sam agreed to something else"
    page = phone.press("I agree")
    assert "It is a deal when both have agreed." in page and agreed_days() == [None, None]
    coach.get(at(nia, "deal"))
    coach.press("We agree")
    assert agreed_days() == [None, today()]
    words = coach.get(version(nia, db.session.scalars(select(func.max(Deal.id))).one())).words
    assert words == ["ask about the key", "sing"]
    coach.get(version(nia, db.session.scalars(select(func.min(Deal.id))).one()), status=404)
    assert ours.current_wording.words == "ask about the key"


def test_pressing_i_agree_twice(visit, nia, sam):
    make_promise(nia, by=sam)
    phone, coach = visit(nia), visit(sam)
    for browser, text in ((phone, "I agree"), (coach, "We agree")):
        page = browser.get(at(nia, "deal"))
        for _ in range(2):
            browser.page = page
            browser.press(text)
    assert (count(Deal), count(Agreement), count(DealPart), agreed_days()) == (1, 2, 1, [today()])


def test_another_coach_reads_who_agreed_for_us(visit, nia, sam, joe):
    make_promise(nia, by=sam)
    coach = visit(sam)
    coach.get(at(nia, "deal"))
    assert "You agreed on" in coach.press("We agree")
    keep(Assignment(resident_id=nia.id, coach_id=joe.id, cover=True))
    assert "Sam agreed on" in visit(joe).get(at(nia, "deal"))


def test_agreed_on_paper(visit, nia, sam):
    make_promise(nia, "ask about the key", by=sam)
    make_promise(nia, "sing")
    coach, phone = visit(sam), visit(nia)
    assert "We agreed on paper" not in phone.get(at(nia, "deal"))
    page = coach.get(at(nia, "deal"))
    assert "We agreed on paper" in page and page.words == ["ask about the key", "sing"]
    page = coach.press("Both agreed", status=422, agreed_on=str(today() + timedelta(days=1)), seen_by=" ")
    assert "today, or a day in the past year" in page.errors and "Write the name of somebody who saw it." in page.errors
    before = today() - timedelta(days=2)
    coach.press("Both agreed", agreed_on=str(before), seen_by="Glenys next door")
    assert agreed_days() == [before] and count(Agreement) == 2
    page = phone.get(version(nia, db.session.scalars(select(Deal.id)).one()))
    assert page.text.count("Glenys next door saw it, Sam wrote it down here.") == 1


@pytest.mark.on_both
def test_what_nobody_read_back_is_no_part_of_a_deal_until_it_is(visit, nia, sam):
    make_promise(nia, "ask about the key", by=sam)
    waits = make_goal(nia, "Obtain a bicycle", typed_by=sam)
    coach = visit(sam)
    assert coach.get(at(nia, "deal")).words == ["ask about the key"]
    coach.press("Both agreed", seen_by="Glenys")
    assert db.session.scalars(select(DealPart.wording_id)).all() == [None]
    page = visit(nia).get(at(nia, "deal"))
    assert "Obtain" not in page and "1 more waits to be read back." in page and "Do we both agree?" not in page
    waits.current_wording.read_back_at = now()
    db.session.commit()
    page = visit(nia).get(at(nia, "deal"))
    assert "Obtain a bicycle" in page.words and "Do we both agree?" in page and "waits to be" not in page


def test_paper_that_says_something_else_by_now(visit, nia, sam):
    make_promise(nia, by=sam)
    coach = visit(sam)
    coach.get(at(nia, "deal"))
    make_promise(nia, "sing")
    page = coach.press("Both agreed", status=422, seen_by="Glenys")
    assert "Something changed" in page.errors and page.value("seen_by") == "Glenys" and "sing" in page.words
    assert count(Deal) == 0
    coach.press("Both agreed")
    assert agreed_days() == [today()]


def test_nothing_is_agreed_to_from_another_page(visit, nia, amina, sam, joe):
    """What another resident's page showed counts for nothing here."""
    make_promise(nia, by=sam)
    make_promise(amina, by=joe)
    coach, other = visit(sam), visit(joe)
    shown = coach.get(at(nia, "deal")).value("shown")
    sent = {"csrf_token": other.token(), "once": "a", "shown": shown}
    assert other.send("POST", at(amina, "deal/agree"), sent).status_code == 409
    coach.press("We agree")
    assert other.send("POST", at(amina, "deal/agree"), sent).status_code == 409
    assert count(Agreement) == 1


@pytest.mark.on_both
def test_both_press_at_one_moment(app, visit, nia, sam):
    """Neither may miss that the other has agreed."""
    path, sent = at(nia, "deal/agree"), []
    for number in range(5):
        make_promise(nia, f"promise {number}", by=sam)
        for browser in (visit(nia), visit(sam)):
            shown = browser.get(at(nia, "deal")).value("shown")
            sent.append((browser, {"csrf_token": browser.token(), "once": f"{number}", "shown": shown}))
        db.session.rollback()
        threads = [Thread(target=press, args=(app, browser, path, data)) for browser, data in sent[-2:]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        db.session.rollback()
        assert agreed_days() == [today()] * (number + 1) and count(Agreement) == 2 * (number + 1)


def press(app, browser, path: str, data: dict) -> None:
    with app.app_context():
        browser.send("POST", path, data)


# -- taken back


@pytest.mark.on_both
def test_what_nia_takes_back_is_gone_from_old_deals_too(visit, nia, sam):
    goal = make_goal(nia, "cwtsh one")
    ours, hers = make_promise(nia, "ask about the key", by=sam), make_promise(nia, "cwtsh two")
    first = make_deal(nia, sam, goal, ours, hers)
    phone = visit(nia)
    phone.post(at(nia, "promises", hers.id, "words"), words="cwtsh three")
    phone.post(at(nia, "goals", goal.id, "words"), words="cwtsh four")
    second = make_deal(nia, sam, goal, ours, hers)
    page = phone.get(at(nia, "words"))
    assert {"cwtsh two", "cwtsh three"} <= set(page.words) and "ask about the key" not in page

    take_back(phone, nia, "promise", hers.current_wording)
    take_back(phone, nia, "goal", db.session.scalars(select(Wording).filter_by(superseded_at=None)).one())

    assert tables_with("cwtsh") == set()
    for browser in (phone, visit(sam)):
        for deal in (first, second):
            page = browser.get(version(nia, deal.id))
            assert page.words == ["ask about the key"] and page.text.count(mark()) == 2
        page = browser.get(at(nia, "deal"))
        assert page.words == ["ask about the key"] and "Do we both agree?" not in page
        assert mark() in browser.get(at(nia, "timeline")) and mark() in browser.get(at(nia, "promises", hers.id))


def test_the_landlords_promises_are_not_hers_to_take_back(visit, nia, sam):
    ours = make_promise(nia, by=sam)
    visit(nia).get(at(nia, "words/promise", ours.current_wording.id, "take-back"), status=404)


# -- whose it is, and what it cannot say


def test_a_promise_of_somebody_else_is_not_there(visit, nia, amina, sam, joe):
    moira = make_resident("Moira", sam)
    ours = make_promise(moira, by=sam)
    for person in (nia, amina, sam, joe):
        browser = visit(person)
        browser.get(at(nia, "promises", ours.id), status=404)
        for path in ("/kept", "/notes", "/let-go", "/words"):
            sent = {"csrf_token": browser.token(), "once": "a", "kept": "yes", "words": "w"}
            assert browser.send("POST", at(nia, "promises", f"{ours.id}{path}"), sent).status_code == 404
    sent = {"csrf_token": visit(nia).token(), "once": "a", "words": "w"}
    assert visit(nia).send("POST", at(nia, "promises/new/somebody"), sent).status_code == 404


def test_no_field_ties_a_goal_or_a_promise_to_a_home(app):
    """They hang on people and on each other; there is no place for an address, a rent or a tenancy."""
    tables = {
        one.__tablename__ for one in (Promise, PromiseWording, KeptAnswer, PromiseNote, Deal, DealPart, Agreement)
    }
    for name in (*tables, "goal", "wording"):
        to = {one["referred_table"] for one in inspect(db.engine).get_foreign_keys(name)}
        assert to <= tables | {"person", "goal", "wording", "answer"}, name
    resident_side = {column.name for table in (Promise, PromiseWording) for column in table.__table__.columns}
    assert resident_side == {
        "id", "resident_id", "side", "made_at", "let_go_at", "let_go_by_id",
        "promise_id", "words", "who", "due_on", "language", "typed_by_id", "at", "taken_back_at", "superseded_at",
    }  # fmt: skip


def test_a_long_history_comes_a_page_at_a_time(visit, nia, sam):
    goal = make_goal(nia)
    ours = make_promise(nia, by=sam)
    for _ in range(12):
        make_deal(nia, sam, goal, ours)
    for number in range(40):
        make_promise(nia, f"promise {number}")
    phone = visit(nia)
    deals = db.session.scalars(select(Deal.id).order_by(Deal.id.desc())).all()
    page = phone.get(version(nia, deals[0]))
    assert len(page.soup.select('main li a[href*="version="]')) == 9, "and the one that is open"
    assert len(phone.click("Show earlier ones").soup.select('main li a[href*="version="]')) == 2
    seen = [phone.get(at(nia, "timeline?kind=promises"))]
    while "Show earlier ones" in phone.page:
        seen.append(phone.click("Show earlier ones"))
    assert len(seen) == 3 and sum(len(page.words) for page in seen) == 41
    phone.get(f"{version(nia, deals[0])}&after=broken", status=404)
    for number in ("0", "x", "9" * 30, "-1"):
        phone.get(version(nia, number), status=404)


def test_the_way_there(visit, nia):
    phone = visit(nia)
    phone.get(at(nia))
    assert phone.click("Our deal: what we promise each other").path == at(nia, "deal")
    assert phone.click("See all goals").path == at(nia, "goals")


def test_a_page_left_open_does_not_bring_back_a_promise_that_was_taken_back(visit, nia, sam):
    hers = make_promise(nia, "cwtsh the dog every day")
    coach, phone = visit(sam), visit(nia)
    coach.get(f"/residents/{nia.id}/promises/{hers.id}")
    take_back(phone, nia, "promise", hers.current_wording)
    coach.press("Save", status=422)
    assert tables_with("cwtsh") == set()
