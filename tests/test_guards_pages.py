"""Every page: checked in the browser, each sentence translatable, as few statements for many as for a few."""

# ruff: noqa: E501

import re
from collections.abc import Iterator
from datetime import date
from secrets import token_hex

import pytest
from babel.dates import get_day_names, get_month_names
from babel.support import NullTranslations
from flask_babel import Domain
from sqlalchemy import insert, select

from deal.assessment.models import Answer, Assessment, FirstTalkWait, Suggestion, Translation
from deal.audit import AccessLog
from deal.auth.tokens import ALPHABET
from deal.blockers.models import Blocker, Heading
from deal.clock import now
from deal.contact.models import Ending
from deal.conversations.models import Conversation, How, Note
from deal.conversations.prompts import prompts
from deal.db import db
from deal.deals.models import Agreement, Deal, DealPart, Kept, KeptAnswer, Promise, PromiseNote, PromiseWording, Side
from deal.goals.models import CheckIn, Goal, GoalState, State, Step, Wording
from deal.invitations.models import Invitation
from deal.manager_requests.models import ManagerRequest, RequestKind
from deal.names import name_key
from deal.people import Assignment, Person, Role
from deal.questions.models import Question, QuestionSet, Section
from deal.settings import PROMISE, Setting
from tests.browser import SERVICE, Browser, Page, check_labels, visible_texts
from tests.people import hashed, keep, make_full_story, make_goal, make_resident
from tests.urls import Places


def walk(app, places: Places, *people: Person | None) -> Iterator[tuple[Browser, str]]:
    """Every page that somebody can open, in the browser of whoever opens it first, and checked by it."""
    for endpoint, path in places.pages():
        opened = False
        for person in people:
            browser = Browser(app, person)
            answer = browser.send("GET", path)
            if answer.status_code == 200:
                browser.open_answer(answer, path, 200)
                opened = True
                yield browser, endpoint
        assert opened or endpoint == "home.index", f"nobody could open {path}"


def test_every_page_passes_the_checks(app, nia, sam, morgan):
    make_full_story(nia, sam)
    assert len(list(walk(app, Places(app, nia, sam), None, nia, sam, morgan))) > 40


@pytest.mark.on_both
def test_every_page_passes_while_there_is_nothing_to_show(app, visit, nia, sam, morgan):
    resident = f"/residents/{nia.id}"
    for path in ("/", resident, f"{resident}/about-me", f"{resident}/goals", f"{resident}/goals/new", f"{resident}/print",
                 f"{resident}/deal", f"{resident}/timeline",
                 f"{resident}/looks", f"{resident}/words", f"{resident}/card",
                 f"{resident}/reach", f"{resident}/never"):  # fmt: skip
        visit(nia).get(path)
    for path in (
        "/",
        resident,
        f"{resident}/goals",
        f"{resident}/print",
        f"{resident}/change",
        "/prints",
        f"{resident}/deal",
        f"{resident}/timeline",
        "/invitations",
    ):
        visit(sam).get(path)
    for path in ("/", "/numbers", "/staff", "/settings"):
        visit(morgan).get(path)


# -- translatable


class Marked(NullTranslations):
    """A language in which every sentence stands in brackets."""

    def ugettext(self, message):
        return f"⟦{message}⟧"

    def ungettext(self, singular, plural, number):
        return f"⟦{singular if number == 1 else plural}⟧"

    def upgettext(self, context, message):
        return self.ugettext(message)

    gettext, ngettext = ugettext, ungettext


@pytest.fixture
def in_brackets(monkeypatch):
    monkeypatch.setattr(Domain, "get_translations", lambda self: Marked())


def said_by_people_and_settings() -> set[str]:
    """What may stand on a page as it is in the database: names, the questions, what the landlord set, days."""
    known = set(get_month_names("wide", locale="en").values()) | set(get_day_names("wide", locale="en").values())
    known |= set(get_month_names("abbreviated", locale="en").values()) | {SERVICE}
    known |= set(get_day_names("abbreviated", locale="en").values())
    for person in db.session.scalars(select(Person)):
        known |= {person.name, person.label, person.email, person.phone, person.languages, person.about}
    texts = [row.value for row in db.session.scalars(select(Setting))]
    texts += [row.title for row in db.session.scalars(select(Section))]
    for row in db.session.scalars(select(QuestionSet)):
        texts += [row.title, row.why, row.designed_by]
    for row in db.session.scalars(select(Question)):
        texts += [row.prompt, row.hint, row.low, row.high, *row.choices]
    texts += [text for moment in prompts()[0] for text in (moment.title, *moment.prompts)]
    for one in texts:
        known |= set(one.values()) if isinstance(one, dict) else {str(one)}
    said = (
        Answer.words,
        Wording.words,
        Step.words,
        GoalState.reason,
        Suggestion.words,
        ManagerRequest.words,
        PromiseWording.words,
    )
    said += (Ending.reason, Heading.words, Blocker.words, Blocker.passed_words, CheckIn.in_the_way)
    known |= {words for column in said for words in db.session.scalars(select(column))}
    return known - {None, "", *PROMISE}


def not_in_brackets(browser: Browser) -> str:
    """The letters of a page that stand in no sentence, one after another, and its attributes that are read aloud."""
    page, outside, depth = browser.page, [], 0
    attributes = (
        tag[name] for name in ("aria-label", "alt", "placeholder", "title") for tag in page.soup.select(f"[{name}]")
    )
    for text in [*visible_texts(page.soup), *(f" {one} " for one in attributes)]:
        for letter in text:
            depth += (letter == "⟦") - (letter == "⟧")
            if depth == 0 and letter != "⟧":
                outside.append(letter)
        outside.append(" ")
    assert depth == 0, f"{page.path} tears a sentence apart"
    return "".join(outside)


@pytest.mark.sqlite_only
@pytest.mark.usefixtures("in_brackets")
def test_every_sentence_goes_through_gettext(app, nia, sam, morgan):
    """What stands on a page outside a translated sentence is a name, a number, a day, or a person's words."""
    make_full_story(nia, sam)
    places = Places(app, nia, sam)
    known = sorted(said_by_people_and_settings(), key=len, reverse=True)
    known_words = re.compile("|".join(rf"\b{re.escape(one)}(?:\b|(?<=\W))" for one in known))
    plain = {}
    for browser, endpoint in walk(app, places, None, nia, sam, morgan):
        left = known_words.sub(" ", not_in_brackets(browser))
        left = re.sub(rf"https?://\S+|\S+@\S+|\b[{ALPHABET}]+\b", " ", left)  # addresses, codes, sign-in names
        words = [word for word in re.findall(r"[^\W\d_]+", left) if word not in ("PM", "AM")]
        if words:
            plain[f"{browser.page.path} ({endpoint})"] = " ".join(words)
    assert plain == {}


@pytest.mark.slow
@pytest.mark.sqlite_only
@pytest.mark.usefixtures("in_brackets")
def test_mistakes_and_errors_go_through_gettext(app, visit, nia, sam, morgan):
    """Every sentence of a form that was left empty, or filled in badly; and what a page names is on it."""
    make_full_story(nia, sam)
    places = Places(app, nia, sam)
    bad = {"number": "11", "sure": "x", "choices": "x", "state": "x", "how": "x", "talked_on": "x", "next_on": "x", "next_time": "x", "week": "x", "phone": "x",
           "places": "x", "contact_days": "x", "quiet_weeks": "999", "email": "x", "pin": "1", "present": "2", "password": "p", "code": "O", "role": "x",
           "words": "w" * 10_001, "why": "w" * 10_001, "name": "n" * 300, "label": "l" * 300, "version": "x", "me": "x"}  # fmt: skip
    untold, lost = {}, set()
    for endpoint, path in places.pages("POST"):
        for person in (None, nia, sam, morgan):
            browser = Browser(app, person)
            for fields in ({}, bad):
                answer = browser.send("POST", path, {"csrf_token": browser.token(), "once": "a", **fields})
                if answer.status_code != 422:
                    continue
                lost.update(check_labels(Page(answer, endpoint)))
                said = browser_errors(answer.text)
                if outside := [one for one in said if not one.startswith("⟦")]:
                    untold[endpoint] = outside
    assert (untold, lost) == ({}, set())


def browser_errors(html: str) -> list[str]:
    from bs4 import BeautifulSoup

    box = BeautifulSoup(html, "html.parser").select(".govuk-error-summary__list li")
    return [" ".join(one.get_text().split()) for one in box]


# -- statements


def fill(many: int, coach: Person) -> None:
    """So many more residents of this coach, at every place of the way, in bulk."""
    at, names = now(), [f"Resident {number}" for number in range(many)]
    people = [{"role": Role.RESIDENT, "name": name, "name_key": name_key(name), "secret_hash": hashed("x"), "label": "", "label_key": "",
               "phone": "", "languages": "", "about": "", "made_at": at} for name in names]  # fmt: skip
    numbers = db.session.scalars(insert(Person).returning(Person.id), people).all()
    rows = {
        Assignment: [{"resident_id": number, "coach_id": coach.id, "since": at, "cover": False} for number in numbers],
        Invitation: [{"resident_id": number, "made_by_id": coach.id, "made_at": at, "renewal": False,
                      "code_hash": f"hash {number}"} for number in numbers],
        FirstTalkWait: [{"resident_id": number, "since": at, "talked_on": date(2026, 1, 1) if number % 3 else None}
               for number in numbers if number % 2],
        Goal: [{"resident_id": number, "state": State.LIVE, "own_words": True, "version": 1, "made_at": at, "changed_at": at}
               for number in numbers],
    }  # fmt: skip
    for table, values in rows.items():
        db.session.execute(insert(table), values)
    db.session.commit()


def add_to(resident: Person, coach: Person) -> None:
    """Thirty goals and two hundred of each thing that can be many."""
    about_me = db.session.scalars(select(Assessment).filter_by(resident_id=resident.id)).first()
    goal = db.session.scalars(select(Goal).filter_by(resident_id=resident.id)).first()
    question = db.session.scalars(select(Question).filter_by(key="proud")).one()
    said = db.session.scalars(
        select(Answer).filter_by(resident_id=resident.id).where(Answer.words.is_not(None))
    ).first()
    who, at = {"typed_by_id": resident.id, "language": "en"}, now()
    for number in range(30):
        make_goal(resident, f"goal {number}", typed_by=coach if number % 2 else None)
        keep(Wording(goal_id=goal.id, words="w", said_by_id=resident.id, superseded_at=now(), **who))
    for number in range(200):
        db.session.add_all([
            Answer(assessment_id=about_me.id, resident_id=resident.id, question_id=question.id, words="w", superseded_at=at, **who),
            Step(goal_id=goal.id, words="w", added_by_id=resident.id, language="en"),
            ManagerRequest(resident_id=resident.id, kind=RequestKind.SOMETHING_WRONG, words="w", language="en"),
            Suggestion(resident_id=resident.id, question_set_id=about_me.question_set_id, words="w", language="en"),
            Translation(answer_id=said.id, language="cy" if number % 2 else "en", words="w", made_by="m", typed_by_id=coach.id),
            CheckIn(goal_id=goal.id, number=number % 11, said_by_id=resident.id, **who),
            GoalState(goal_id=goal.id, state=State.LIVE, reason="w", by_id=coach.id if number % 2 else resident.id),
            AccessLog(resident_id=resident.id, staff_id=coach.id, page=f"page {number}", hour=at),
            Promise(resident_id=resident.id, side=Side.LANDLORD, answers=[KeptAnswer(kept=Kept.NO, superseded_at=one) for one in (at, at, None)],
                    wordings=[PromiseWording(words="w", who="Sam", due_on=at.date(), superseded_at=one, **who) for one in (at, at, None)],
                    notes=[PromiseNote(words="w", **who), PromiseNote(words="w", **who | {"typed_by_id": coach.id})]),
            Promise(resident_id=resident.id, side=Side.RESIDENT, wordings=[PromiseWording(words="w", **who)]),
            Deal(resident_id=resident.id, fingerprint=token_hex(), agreed_on=at.date(),
                 parts=[DealPart(wording_id=goal.current_wording.id)],
                 agreements=[Agreement(side=side, by_id=coach.id, agreed_on=at.date(), seen_by="") for side in Side]),
            Conversation(resident_id=resident.id, coach_id=coach.id, how=How.PHONE, talked_on=at.date(),
                         notes=[Note(words="w", **who), Note(words="w", typed_by_id=coach.id, language="en")]),
        ])  # fmt: skip
    db.session.commit()


def statements(app, places: Places, *people: Person | None) -> dict[str, int]:
    """How many statements each page issues; the browser itself refuses more than twelve."""
    counted = {}
    for browser, endpoint in walk(app, places, *people):
        browser.send("GET", browser.page.path)  # again: the first time leaves a look
        counted[f"{endpoint} {browser.resident}"] = len(browser.statements)
    return counted


# what is asked only then: how many names wait, where no place is left; who agreed to the newest deal
ONCE_MORE = {"invitations.invite False": 1, "deals.index False": 1, "deals.index True": 1}


@pytest.mark.slow
@pytest.mark.sqlite_only
def test_a_page_for_a_thousand_residents_asks_no_more_than_for_ten(app, nia, sam, morgan):
    make_full_story(nia, sam)
    make_goal(nia, "typed for me", typed_by=sam)
    keep(make_resident("Moira", sam))
    fill(8, sam)
    places = Places(app, nia, sam)
    few = statements(app, places, None, nia, sam, morgan)
    fill(990, sam)
    add_to(nia, sam)
    many = statements(app, places, None, nia, sam, morgan)
    more = {page: (few.get(page), count) for page, count in many.items() if count > few.get(page, 0)}
    assert {page: counts for page, counts in more.items() if counts[1] - counts[0] > ONCE_MORE.get(page, 0)} == {}
