"""What bad input gets: a clear page, the right status, nothing stored twice, nothing lost, and never a 500."""

# tables of odd input read better without folds
# ruff: noqa: E501

import base64
import json
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select, text

from deal.assessment.models import Answer
from deal.clock import start_of, today
from deal.config import box_for
from deal.db import db
from deal.forms import MOST_CHARACTERS
from deal.goals.models import CheckIn, Goal, State, Step, Wording
from deal.people import Person
from tests.browser import Browser
from tests.people import (
    begin_about_me,
    count,
    invite,
    make_blocker,
    make_full_story,
    make_goal,
    make_resident,
    make_talk,
)
from tests.urls import Places

HUGE = "99999999999999999999"
GARBAGE = {
    "no bytes": b"",
    "not utf-8": b"words=caf\xe9&name=\xff\xfe&pin=\x80",
    "undecodable escapes": b"words=%ff%fe&name=%c3%28&number=%80&pin=%f0%28",
    "NUL": b"words=a%00b&name=%00&pin=%00&code=%00&number=%00&email=%00&password=%00&how=%00",
    "a lone surrogate": b"words=%ED%A0%80&name=%ED%B0%80&code=%ED%A0%80",
    "empty fields": b"words=&name=&pin=&again=&number=&choices=&state=&version=&quoted=&week=&places=&talked_on=",
    "fields twice": b"words=a&words=b&number=1&number=2&pin=1&pin=2&state=live&state=resting&choices=a&choices=b",
    "huge numbers": f"number={HUGE}&version={HUGE}&quoted={HUGE}&sure={HUGE}&places={HUGE}&contact_days={HUGE}".encode(),
    "endless numbers": f"number={'9' * 5000}&version={'9' * 5000}&quoted={'9' * 5000}&places={'9' * 5000}".encode(),
    "numbers of elsewhere": "number=٣&version=٣&quoted=٣&pin=١٢٣٤٥٦&again=١٢٣٤٥٦&places=³&week=²".encode(),
    "negative numbers": b"number=-1&version=-1&quoted=-1&places=-5&week=-1-1-1",
    "strange days": b"talked_on=31+2+2026&next_on=0000-00-00&week=9999-12-31&talked_on=99999-1-1",
    "a scale of 11": b"number=11&sure=11",
    "not offered": b"choices=nothing-like-it&state=failed&how=telepathy&shows=everything&role=resident&own_phone=maybe",
    "short secrets": b"pin=1&again=2&password=a&name=a&number=1&own_phone=no",
    "an object": b'{"words": ["a"]}',
    "brackets": b"words[]=a&words[x]=b&__proto__=c",
    "no equals": b"words&words&=&&&=a&%",
}  # fmt: skip


def count_all() -> dict[str, int]:
    """Rows of every table but tries, looks and sign-ins."""
    tables = [
        table for table in db.metadata.sorted_tables if table.name not in ("login_throttle", "access_log", "sign_in")
    ]
    return {table.name: count(table) for table in tables}


def send_raw(browser: Browser, path: str, body: bytes, kind: str = "application/x-www-form-urlencoded"):
    """A body that no browser would send, with a token that any browser has."""
    token = f"csrf_token={quote(browser.token())}&once=abc&".encode()
    return browser.send("POST", path, token + body, content_type=kind)


# what broke most: the fast tests try these, as Nia
WORST = ["not utf-8", "NUL", "endless numbers", "strange days", "not offered"]


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("who", "names"),
    [
        pytest.param("nia", WORST, id="nia"),
        pytest.param("nia", sorted(GARBAGE.keys() - WORST), id="nia, all other garbage", marks=pytest.mark.slow),
        *(pytest.param(one, list(GARBAGE), id=one, marks=pytest.mark.slow) for one in ("sam", "morgan", "nobody")),
    ],
)
def test_no_garbage_in_any_form_is_more_than_we_can_answer(app, visit, nia, sam, morgan, who, names):
    make_full_story(nia, sam)
    places = Places(app, nia, sam)
    person = {"nobody": None, "nia": nia, "sam": sam, "morgan": morgan}[who]
    failed = []
    for endpoint, path in places.pages("POST"):
        browser = visit(person)
        for name in names if endpoint != "auth.sign_out" else ():
            answer = send_raw(browser, path, GARBAGE[name])
            if answer.status_code >= 500:
                failed.append(f"{endpoint}: {name}")
    assert not failed, "\n".join(failed)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=x", "multipart/form-data", "text/plain", "application/json"]
)
def test_a_body_of_another_kind_is_refused(visit, nia, kind):
    answer = send_raw(visit(nia), f"/residents/{nia.id}/goals/new", b"--x\r\nwords\r\n\0\xff", kind)
    assert answer.status_code == 400
    assert count_all()["goal"] == 0


@pytest.mark.parametrize("name", ["undecodable escapes", "NUL", "a lone surrogate"])
def test_what_did_not_arrive_as_letters_is_shown_and_not_stored(visit, nia, name):
    body = GARBAGE[name] + b"&why=my+own+garden"
    browser = visit(nia)
    answer = send_raw(browser, f"/residents/{nia.id}/goals/new", body)
    page = browser.open_answer(answer, f"/residents/{nia.id}/goals/new", 422)
    assert "Some letters did not reach us as you typed them" in page.errors
    assert page.value("why") == "my own garden"
    assert count_all()["goal"] == 0


def test_bytes_that_no_browser_sends_are_refused(visit, nia):
    browser, path = visit(nia), f"/residents/{nia.id}/goals/new"
    browser.open_answer(send_raw(browser, path, GARBAGE["not utf-8"]), path, 400)
    assert count_all()["goal"] == 0


def test_ten_thousand_and_one_characters_stay_in_the_box(visit, nia):
    about_me = begin_about_me(nia)
    browser, path = visit(nia), f"/residents/{nia.id}/about-me/{about_me.id}/proud"
    long = "w\r\n" * 3000 + "é" * (MOST_CHARACTERS - 6000)  # a line break counts as one
    page = browser.post(path, status=422, words=long + "!")
    assert "10,001" in page.errors and "10,000" in page.errors
    assert page.value("words") == long.replace("\r\n", "\n") + "!"
    assert count_all()["answer"] == 0
    browser.post(path, words=long)
    assert db.session.scalars(select(Answer)).one().words == long.replace("\r\n", "\n")


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("how-sure", b"number=11"),
        ("how-sure", b"number=-1"),
        ("how-sure", b"number=1.5"),
        ("how-sure", b"number=many"),
        ("hands", b"choices=flying"),
        ("hands", b"choices=cooking&choices=flying"),
        ("meet-people", b"choices=perhaps"),
    ],
)
def test_a_choice_that_is_not_offered_is_told_so(visit, nia, key, body):
    about_me, browser = begin_about_me(nia), visit(nia)
    path = f"/residents/{nia.id}/about-me/{about_me.id}/{key}"
    page = browser.open_answer(send_raw(browser, path, body), path, 422)
    assert "not one of the choices" in page.errors
    assert count_all()["answer"] == 0


@pytest.mark.parametrize("body", [b"state=failed", b"state=", b"state=live", b"state=changed"])
def test_a_goal_stands_only_where_a_goal_can_stand(visit, nia, body):
    goal, browser = make_goal(nia), visit(nia)
    path = f"/residents/{nia.id}/goals/{goal.id}/state"
    page = browser.open_answer(send_raw(browser, path, body), path, 422)
    assert page.errors
    assert db.session.get(Goal, goal.id).state is State.LIVE


def test_a_question_of_another_version_is_not_there(visit, nia, amina):
    about_me, hers = begin_about_me(nia), begin_about_me(amina)
    browser = visit(nia)
    for number, key in ((about_me.id, "of-version-2"), (hers.id, "proud"), (HUGE, "proud"), (0, "proud")):
        path = f"/residents/{nia.id}/about-me/{number}/{key}"
        browser.get(path, status=404)
        assert send_raw(browser, path, b"words=a").status_code == 404
    assert count_all()["answer"] == 0


@pytest.mark.sqlite_only
@pytest.mark.parametrize("token", [None, "", "abc", "ImFiYyI.aaaa.bbbb"])
def test_a_missing_token_costs_nobody_their_words(visit, nia, token):
    browser, path = visit(nia), f"/residents/{nia.id}/goals/new"
    answer = browser.send(
        "POST",
        path,
        {"csrf_token": token or "", "words": " a bike\r\n"} if token is not None else {"words": " a bike\r\n"},
    )
    page = browser.open_answer(answer, path, 400)
    assert " a bike\n" in page.words or " a bike\r\n" in page.words
    assert count_all()["goal"] == 0


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "path",
    [f"/residents/{HUGE}", "/residents/0", "/residents/-1", "/residents/1e3", f"/residents/{HUGE}/goals/new", "/nowhere",
     "/residents/%00", "/%ED%A0%80", "/i/%00", "/i/" + "A" * 3000, f"/i/{HUGE}", "/static/nothing.css", "/static/../app.py"],
)  # fmt: skip
@pytest.mark.parametrize("who", ["nobody", "nia", "sam"])
def test_addresses_that_lead_nowhere(visit, nia, sam, who, path):
    browser = visit({"nobody": None, "nia": nia, "sam": sam}[who])
    answer = browser.send("GET", path)
    if answer.status_code in (302, 303):
        assert "sign-in?next=" in answer.location
    else:
        browser.open_answer(answer, path, 404)


@pytest.mark.parametrize("number", [HUGE, "0", str(2**31), str(2**63), str(2**64), "9" * 4000])
def test_huge_numbers_anywhere_in_an_address(app, visit, nia, sam, number):
    goal = make_goal(nia, typed_by=sam)
    about_me = begin_about_me(nia)
    mine = f"/residents/{nia.id}"
    for person in (nia, sam):
        browser = visit(person)
        for path in (f"/goals/{number}", f"/words/wording/{number}/not-mine",
                     f"/about-me/{number}/check", f"/about-me/{number}/proud", f"/conversations/{number}/notes",
                     f"/words/note/{number}/not-mine", f"/words/check-in/{number}/not-mine"):  # fmt: skip
            browser.get(mine + path, status=404)
        for path in (
            f"/goals/{number}/steps",
            f"/goals/{number}/words",
            f"/goals/{goal.id}/steps/{number}",
            f"/about-me/{number}/finish",
        ):
            assert send_raw(browser, mine + path, b"words=a&done=yes").status_code == 404
        browser.get(f"{mine}/goals/new?quote={number}")
        send = send_raw(browser, f"{mine}/goals/new", f"words=a&quoted={number}".encode())
        assert send.status_code in (303, 422)
    assert about_me.finished_at is None


@pytest.mark.sqlite_only
@pytest.mark.parametrize("who", ["nobody", "nia", "morgan"])
def test_the_wrong_method_gets_a_page_that_says_so(visit, nia, morgan, who):
    browser = visit({"nobody": None, "nia": nia, "morgan": morgan}[who])
    for method, path in (("PUT", "/code"), ("DELETE", f"/residents/{nia.id}"), ("GET", "/forget-name"), ("PATCH", "/")):
        data = {"csrf_token": browser.token()}
        browser.open_answer(browser.send(method, path, data if method != "GET" else None), path, 405)


@pytest.mark.sqlite_only
def test_five_megabytes_are_too_much(visit, nia):
    browser, path = visit(nia), f"/residents/{nia.id}/goals/new"
    page = browser.open_answer(send_raw(browser, path, b"words=" + b"w" * 5_000_000), path, 413)
    assert "10,000" in page
    assert count_all()["goal"] == 0


@pytest.mark.sqlite_only
def test_what_is_too_much_is_given_back_to_whoever_is_signed_in(visit, nia):
    path, body = f"/residents/{nia.id}/goals/new", b"words=a+blue+kite&why=" + b"w" * 5_000_000
    for browser, given_back in ((visit(nia), True), (visit(), False)):
        page = browser.open_answer(send_raw(browser, path, body), path, 413)
        assert ("a blue kite" in page.words) == given_back
    assert "a blue kite" not in browser.open_answer(send_raw(visit(nia), path, body * 4), path, 413)


def place(*values) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode()


def sealed(*values, key: str = "another key", purpose: str = "place behind look.id") -> str:
    app = Flask("another")
    app.config["SECRET_KEY"] = key
    with app.app_context():
        return box_for(purpose).encrypt(json.dumps(list(values)).encode()).decode()


DAMAGED = [
    "x", "é", "%00", "====", "bnVsbA==", "gAAAAA==", "A" * 5000, place(), place(1), place(1, 2), place("a", 1),
    place("2026-01-01T00:00:00", 1), base64.urlsafe_b64encode(b"[" * 2000).decode(), sealed(1), sealed("a", 1),
]  # fmt: skip


@pytest.mark.on_both
def test_a_damaged_place_in_a_list_is_not_there(app, visit, nia, sam, morgan):
    lists = [
        (morgan, "/staff?after="),
        (sam, "/invitations?after="),
        (sam, "/today?waiting="),
        (sam, "/people?after="),
        (nia, f"/residents/{nia.id}/looks?after="),
        (nia, f"/residents/{nia.id}/timeline?after="),
    ]
    failed = []
    for person, address in lists:
        browser = visit(person)
        for after in DAMAGED:
            answer = browser.send("GET", address + quote(after, safe="%"))
            if answer.status_code != 404:
                failed.append(f"{address}{after[:60]}: {answer.status_code}")
    assert not failed, "\n".join(failed)


def test_a_place_in_a_list_tells_no_number_and_opens_no_other_list(visit, nia, sam, morgan):
    """The next page of what residents passed on began at a row's number, and a manager could read it."""
    for number in range(60):
        make_blocker(nia, passed_on=start_of(today()), passed_words=f"thing {number}")
        make_resident(f"R{number}", sam)
    places = {}
    for person, path in ((morgan, "/asks"), (sam, "/invitations"), (sam, "/people")):
        link = visit(person).get(path).soup.select_one(".deal-pager a")["href"]
        places[path] = parse_qs(urlsplit(link).query)["after"][0]
        with pytest.raises(UnicodeDecodeError):
            base64.urlsafe_b64decode(places[path]).decode()
        assert len(places[path]) < 250
        assert visit(person).get(f"{path}?after={places[path]}")
    visit(morgan).get(f"/asks?after={places['/invitations']}", status=404)
    visit(sam).get(f"/invitations?after={places['/asks']}", status=404)


@pytest.mark.parametrize(
    "body", [b"words=a&words=b", b"words=a&words=", b"once=x&once=y&words=a", b"words=a&why=b&sure=3&sure=9"]
)
def test_fields_that_come_twice_are_one(visit, nia, body):
    answer = send_raw(visit(nia), f"/residents/{nia.id}/goals/new", body)
    assert answer.status_code == 303
    assert db.session.scalars(select(Wording.words)).all() == ["a"]


def test_missing_fields_are_asked_for(visit, nia, sam):
    nia_, sam_ = visit(nia), visit(sam)
    for browser, path, sentence in (
        (nia_, f"/residents/{nia.id}/goals/new", "Write the goal in a few words."),
        (sam_, "/invitations/new", "Write the name they like to be called."),
        (sam_, f"/residents/{nia.id}/conversations/new", "Choose the day you talked."),
        (nia_, f"/residents/{nia.id}/goals/{make_goal(nia).id}/check-in", "There is nothing to save yet."),
    ):
        page = browser.open_answer(send_raw(browser, path, b""), path, 422)
        assert sentence in page.errors


def test_a_second_tab_that_is_stale_loses_nothing(visit, nia, sam):
    goal = make_goal(nia, "a bike")
    path = f"/residents/{nia.id}/goals/{goal.id}"
    nias, sams = visit(nia), visit(sam)
    nias.get(path)
    sams.get(path)
    nias.press("Save these words", words="a red bike")
    page = sams.press("Save these words", status=409, words="a bike, red")
    assert page.value("words", f"{path}/words") == "a bike, red"
    assert "a red bike" in page.words
    assert _face(goal) == "a red bike"
    sams.press("Save these words", words="a bike, bright red")
    assert _face(goal) == "a bike, bright red"
    assert count(Wording) == 3


def _face(goal: Goal) -> str:
    return db.session.scalars(select(Wording.words).filter_by(goal_id=goal.id, superseded_at=None)).one()


def test_a_stale_tab_changes_no_state(visit, nia):
    goal = make_goal(nia)
    path = f"/residents/{nia.id}/goals/{goal.id}"
    first, second = visit(nia), visit(nia)
    first.get(path)
    second.get(path)
    first.press("Resting", reason="it rains")
    page = second.press("Done it", status=409, reason="I have it!")
    assert "changed while your page was open" in page.errors
    assert page.value("reason") == "I have it!"
    assert db.session.get(Goal, goal.id).state is State.RESTING


def creating_forms(nia: Person, sam: Person, morgan: Person) -> dict:
    """Each form that makes rows: who fills it in, where, and with what."""
    goal, talk, about_me = make_goal(nia, typed_by=sam), make_talk(nia, sam), begin_about_me(nia)
    _mo, code = invite("Mo", sam)
    resident, wording = f"/residents/{nia.id}", goal.wordings[0].id
    return {
        "an invitation": (sam, "/invitations/new", {"name": "Bo", "adult": "y"}),
        "a new letter": (sam, f"/residents/{_mo.id}/invitation", {}),
        "a number for a new PIN": (sam, f"{resident}/new-pin", {}),
        "a member of staff": (morgan, "/staff/new", {"role": "coach", "name": "Ann", "email": "a@bryn.example", "phone": "1"}),
        "a link": (morgan, f"/staff/{sam.id}/link", {}),
        "places": (morgan, "/settings/places", {"week": today().isoformat(), "places": "12"}),
        "settings": (morgan, "/settings/names", {"service_name": "A", "organisation": "B", "phone": "01632 960001"}),
        "the way through": (make_resident("Jo", sam), None, {}),
        "an answer": (nia, f"{resident}/about-me/{about_me.id}/proud", {"words": "my garden"}),
        "a skipped answer": (nia, f"{resident}/about-me/{about_me.id}/asked-for", {"do": "skip"}),
        "the end of About me": (nia, f"{resident}/about-me/{about_me.id}/finish", {}),
        "a goal": (nia, f"{resident}/goals/new", {"words": "a bike", "step": "look at one"}),
        "a goal by a coach": (sam, f"{resident}/goals/new", {"words": "a bike"}),
        "a wording": (nia, f"{resident}/goals/{goal.id}/words", {"words": "a red bike", "version": "1"}),
        "not what I said": (nia, f"{resident}/words/wording/{wording}/not-mine", {"words": "a bicycle"}),
        "a state": (nia, f"{resident}/goals/{goal.id}/state", {"state": "changed", "words": "a car", "version": "1"}),
        "a step": (nia, f"{resident}/goals/{goal.id}/steps", {"words": "look at one"}),
        "a tick": (nia, f"{resident}/goals/{goal.id}/steps/{goal.id}", {"done": "yes"}),
        "a check-in": (nia, f"{resident}/goals/{goal.id}/check-in", {"number": "7", "helped": "my sister"}),
        "a talk": (sam, f"{resident}/conversations/new", {"talked_on": str(today()), "how": "walk", "words": "tea", "again": "y"}),
        "a note": (sam, f"{resident}/conversations/{talk.id}/notes", {"words": "and cake"}),
        "not what was said": (nia, f"{resident}/words/note/{talk.notes[0].id}/not-mine", {"words": "no cake"}),
        "how a talk felt": (nia, f"{resident}/conversations/{talk.id}/pulse", {"feels": "no"}),
        "no words for a talk": (sam, f"{resident}/conversations/{make_talk(nia, sam, words=None).id}/no-words", {}),
        "a choice for the summary": (nia, f"{resident}/summary", {"shows": "chart"}),
        "agreeing": (None, f"/i/{code}", {"answer": "agree"}),
    }  # fmt: skip


FORMS = [
    "an invitation", "a new letter", "a number for a new PIN", "a member of staff", "a link", "places", "settings",
    "the way through", "an answer", "a skipped answer", "the end of About me", "a goal", "a goal by a coach", "a wording",
    "not what I said", "a state", "a step", "a tick", "a check-in", "a talk", "a note", "not what was said",
    "how a talk felt", "no words for a talk", "a choice for the summary", "agreeing",
]  # fmt: skip


def count_with_sign_ins() -> dict[str, int]:
    return count_all() | {"sign_in": db.session.scalar(text("SELECT count(*) FROM sign_in")) or 0}


def as_answered(answer) -> tuple:
    """What a person sees: the status, where they go, the codes on the page."""
    from bs4 import BeautifulSoup

    main = BeautifulSoup(answer.text, "html.parser").main
    return answer.status_code, answer.location, " ".join(main.get_text().split()) if main else ""


def kept_rows() -> dict[str, int]:
    """All but the presses themselves: one that only says what is so leaves a row each time."""
    return {name: many for name, many in count_with_sign_ins().items() if name != "submission"}


@pytest.mark.parametrize("name", FORMS)
def test_pressing_twice_counts_once(app, visit, nia, sam, morgan, name):
    """The second press leaves before the first is answered, with the cookies of then, and gets the same answer."""
    forms = creating_forms(nia, sam, morgan)
    assert list(forms) == FORMS
    person, path, fields = forms[name]
    if name == "a tick":
        step = db.session.scalars(select(Step.id)).first() or _new_step()
        path = path.rpartition("/")[0] + f"/{step}"
    browser = visit(person)
    data = {"csrf_token": browser.token(), "once": "one and the same token", **fields}
    before = kept_rows()
    with browser.before_the_answer():
        first = browser.send("POST", path or f"/residents/{person.id}/about-me", data)
    once = kept_rows()
    second = browser.send("POST", path or f"/residents/{person.id}/about-me", data)
    assert first.status_code in (200, 303), first.text
    assert as_answered(second) == as_answered(first)
    assert kept_rows() == once
    assert once != before or name in ("a tick", "agreeing", "the end of About me", "no words for a talk")


def _new_step() -> int:
    from tests.people import make_step

    return make_step(db.session.scalars(select(Goal)).first()).id


@pytest.mark.on_both
def test_other_words_from_the_same_page_are_kept_too(app, visit, nia):
    """Going back and changing the words is no double press."""
    goal, browser = make_goal(nia), visit(nia)
    for words in ("look at bikes", "look at bikes", "ask the price"):
        data = {"csrf_token": browser.token(), "once": "t", "words": words}
        assert browser.send("POST", f"/residents/{nia.id}/goals/{goal.id}/steps", data).status_code == 303
    assert db.session.scalars(select(Step.words).order_by(Step.id)).all() == ["look at bikes", "ask the price"]


def test_a_check_in_of_white_space_is_nothing_to_keep(visit, nia):
    goal = make_goal(nia)
    visit(nia).post(f"/residents/{nia.id}/goals/{goal.id}/check-in", status=422, helped=" \n ")
    assert db.session.scalars(select(CheckIn)).all() == []


def test_an_error_page_asks_the_database_nothing(visit, nia):
    """Even when there is none: a page that says so, not one that fails again."""
    browser = visit()
    with db.engine.begin() as connection:
        connection.execute(text("ALTER TABLE setting RENAME TO lost"))
    answer = browser.send("GET", "/code")
    assert answer.status_code in (500, 503)
    assert "<h1" in answer.text
    assert "Wait a minute" in answer.text


def test_days_out_of_this_world_are_put_right(visit, nia, sam):
    browser, path = visit(sam), f"/residents/{nia.id}/conversations/new"
    for day in (
        "31 2 2026",
        "0000-00-00",
        "99999-01-01",
        "1850-01-01",
        "soon",
        (today() + timedelta(days=1)).isoformat(),
    ):
        page = browser.open_answer(
            send_raw(browser, path, f"talked_on={quote(day)}&how=walk&words=tea".encode()), path, 422
        )
        assert page.errors and page.value("words") == "tea"
    assert count_all()["conversation"] == 0
