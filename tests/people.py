"""Rows for the tests: plain functions with sensible defaults, each of which commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from functools import cache
from itertools import count
from secrets import token_hex
from typing import Any

from argon2 import PasswordHasher
from bs4 import BeautifulSoup
from flask import current_app
from sqlalchemy import func, select

from deal.assessment.models import Answer, Assessment, Feels, Pulse, Report, Suggestion, Translation, finish
from deal.audit import AccessLog, LastViewed
from deal.auth.models import OneTimeCode, OneTimeKind, SignIn, end_sign_ins
from deal.auth.tokens import code_hash_of, derive_code
from deal.blockers.models import Blocker, Change, Heading, Whose
from deal.clock import now, start_of, today
from deal.contact.models import ContactPreferences, Ending, Standing
from deal.conversations.models import Conversation, How, Note, end_wait, plan_chat
from deal.db import db
from deal.deals.models import Agreement, Deal, DealPart, Kept, KeptAnswer, Promise, PromiseNote, PromiseWording, Side
from deal.drafts.models import Draft
from deal.goals.models import CheckIn, Goal, GoalState, SharedGoal, State, Step, Wording
from deal.idempotency import Submission
from deal.invitations.models import Consent, Invitation
from deal.invitations.onboarding import new_sign_in_name
from deal.manager_requests.models import ManagerRequest, RequestKind
from deal.people import Assignment, Person, Role, StaffExclusion
from deal.printing.forms import EXTRAS
from deal.printing.models import Card, LetterPicture, PrintFile, PrintJob, Summary, SummaryChoice
from deal.printing.summary_layout import summary_html
from deal.questions.editing import next_version
from deal.questions.models import MAY_BRING_UP_REPAIRS, Kind, Question, QuestionDraft, current_question_set
from deal.questions.serialization import table_of
from deal.settings import PROMISE, change_settings

PIN = "271904"
PASSWORD = "three plain words"

_numbers = count(1)


@cache
def hashed(secret: str) -> str:
    """The hash of a PIN or a password, of a kind that is quick to check: the application's own is slow on purpose."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(secret)


def story_of(resident: Person) -> BeautifulSoup:
    """What their story says on paper in large print, where nothing is cut."""
    with current_app.test_request_context():
        return BeautifulSoup(summary_html(Summary(resident), layout="large"), "html.parser")


_unfinished: list[bool] = []


@contextmanager
def in_one_commit() -> Iterator[None]:
    """What is kept meanwhile is committed together: after each commit every row is read again."""
    _unfinished.append(True)
    try:
        yield
    finally:
        _unfinished.pop()
    if not _unfinished:
        db.session.commit()


def keep(row: Any) -> Any:
    """Store a row and what hangs on it."""
    db.session.add(row)
    if _unfinished:
        db.session.flush()
    else:
        db.session.commit()
    return row


def make_manager(name: str = "Morgan") -> Person:
    return _make_staff(Role.MANAGER, name)


def make_coach(name: str = "Sam") -> Person:
    return _make_staff(Role.COACH, name)


def _make_staff(role: Role, name: str) -> Person:
    email = f"{name.casefold()}@bryn.example"
    about = {"phone": "01632 960123", "languages": "English", "about": f"{name} likes walking."}
    return keep(Person(role=role, name=name, email=email, secret_hash=hashed(PASSWORD), **about))


@in_one_commit()
def make_resident(name: str, coach: Person, label: str = "") -> Person:
    """Somebody who came in by a letter: invited, agreed, with a PIN and a sign-in name."""
    resident, _code = invite(name, coach, label)
    letter = db.session.scalars(select(Invitation).filter_by(resident_id=resident.id)).one()
    letter.opened_at = letter.agreed_at = letter.used_at = now()
    resident.secret_hash, resident.sign_in_name = hashed(PIN), new_sign_in_name()
    keep(Consent(resident_id=resident.id, wording="\n".join(PROMISE), language="en"))
    return resident


@in_one_commit()
def invite(name: str, coach: Person, label: str = "") -> tuple[Person, str]:
    """Somebody with a letter that nobody has opened, and the code in it."""
    code = derive_code(f"letter {next(_numbers)}", "invitation")
    resident = keep(Person(role=Role.RESIDENT, name=name, label=label))
    keep(Assignment(resident_id=resident.id, coach_id=coach.id))
    keep(Invitation(resident_id=resident.id, made_by_id=coach.id, code_hash=code_hash_of(code)))
    return resident, code


def make_one_time_code(person: Person, kind: OneTimeKind, by: Person | None = None) -> str:
    """The number for a new PIN, or the code in a link for staff."""
    code = derive_code(f"one time {next(_numbers)}", kind.value, length=8, alphabet="0123456789")
    row = OneTimeCode(
        person_id=person.id, kind=kind.value, code_hash=code_hash_of(code), runs_out_at=now() + kind.lives
    )
    row.made_by_id = by and by.id
    keep(row)
    return code


def make_sign_in(person: Person) -> SignIn:
    return keep(SignIn(person_id=person.id, runs_out_at=now() + timedelta(hours=12)))


def begin_about_me(resident: Person) -> Assessment:
    under_way = db.session.scalars(select(Assessment).filter_by(resident_id=resident.id, finished_at=None)).first()
    return under_way or keep(Assessment(resident_id=resident.id, question_set_id=current_question_set().id))


def make_answer(about_me: Assessment, key: str, words: str | None = None, **said: Any) -> Answer:
    """An answer to the question with that key; `choices=[...]`, `number=7`, `superseded_at=now()` as wanted."""
    question = next(one for one in about_me.question_set.questions() if one.key == key)
    given = {"words": words, "typed_by_id": about_me.resident_id, "language": "en"} | said
    answer = Answer(assessment_id=about_me.id, resident_id=about_me.resident_id, question_id=question.id, **given)
    return keep(answer)


@in_one_commit()
def finish_about_me(resident: Person, words: str = "my garden") -> Assessment:
    """About me with every question answered in some way."""
    about_me = begin_about_me(resident)
    for question in about_me.question_set.questions():
        make_answer(about_me, question.key, **_something_to(question, words))
    finish(about_me)
    db.session.commit()
    return about_me


def _something_to(question: Question, words: str) -> dict[str, Any]:
    if question.kind is Kind.SCALE:
        return {"number": 7}
    if question.kind is Kind.WORDS:
        return {"words": words}
    return {"choices": [next(iter(question.options()))]}


def make_goal(resident: Person, words: str = "a bike of my own", typed_by: Person | None = None, **more: Any) -> Goal:
    """A live goal in these words, typed by the resident unless `typed_by` says otherwise."""
    wording = make_wording(resident, words, typed_by, **more)
    goal = Goal(resident_id=resident.id, wordings=[wording], own_words=wording.own_words)
    goal.states = [GoalState(state=State.LIVE, by_id=wording.typed_by_id)]
    return keep(goal)


def share_goal(goal: Goal, named: bool = False, days_ago: int = 0) -> SharedGoal:
    """As if the resident had said yes so many days ago to showing what the goal says now."""
    said = {"wording_id": goal.current_wording.id, "named": named, "at": now() - timedelta(days=days_ago)}
    return keep(SharedGoal(goal_id=goal.id, resident_id=goal.resident_id, **said))


def make_wording(resident: Person, words: str, typed_by: Person | None = None, **more: Any) -> Wording:
    """A wording that still wants a goal; not stored yet."""
    typed = (typed_by or resident).id
    return Wording(words=words, said_by_id=resident.id, typed_by_id=typed, language="en", **more)


def make_step(goal: Goal, words: str = "ask at the bike shop", done: bool = False) -> Step:
    at = now() if done else None
    return keep(Step(goal_id=goal.id, words=words, added_by_id=goal.resident_id, language="en", done_at=at))


def make_check_in(goal: Goal, number: int | None = 6, typed_by: Person | None = None, **words: str) -> CheckIn:
    """How it is going; `helped=`, `in_the_way=`, `celebrate=` take words."""
    typed = typed_by.id if typed_by else goal.resident_id
    said = {"said_by_id": goal.resident_id, "typed_by_id": typed, "language": "en"}
    return keep(CheckIn(goal_id=goal.id, number=number, **said, **words))


def make_talk(resident: Person, coach: Person, words: str | None = "we had a cup of tea", **more: Any) -> Conversation:
    """A talk of today; `next_on` and `talked_on` as wanted."""
    next_on = more.pop("next_on", today() + timedelta(days=14))
    notes = [Note(words=words, typed_by_id=coach.id, language="en")] if words else []
    row = {"talked_on": today(), "how": How.PHONE, "notes": notes} | more
    talk = keep(Conversation(resident_id=resident.id, coach_id=coach.id, **row))
    plan_chat(resident, coach, {"day": next_on, "how": How.PHONE, "time": None, "place": None} if next_on else None)
    end_wait(resident, talk.talked_on)
    db.session.commit()
    return talk


def make_promise(resident: Person, words: str = "find out who has the key", by: Person | None = None) -> Promise:
    """The resident's promise; with `by`, the landlord's, whom it names, by today."""
    typed = (by or resident).id
    ours = {"who": by.name, "due_on": today()} if by else {}
    wording = PromiseWording(words=words, typed_by_id=typed, language="en", **ours)
    return keep(Promise(resident_id=resident.id, side=Side.LANDLORD if by else Side.RESIDENT, wordings=[wording]))


def make_deal(resident: Person, coach: Person, goal: Goal, *promises: Promise) -> Deal:
    """A deal about that goal, agreed by both today."""
    parts = [
        DealPart(wording_id=goal.current_wording.id),
        *(DealPart(promise_wording_id=one.current_wording.id) for one in promises),
    ]
    who = {Side.RESIDENT: resident, Side.LANDLORD: coach}
    agreed = [Agreement(side=side, by_id=one.id, agreed_on=today(), seen_by="") for side, one in who.items()]
    said = {"parts": parts, "agreements": agreed, "agreed_on": today(), "fingerprint": token_hex()}
    return keep(Deal(resident_id=resident.id, **said))


def make_card(resident: Person, talk: Conversation | None, promise: Promise | None, **more: Any) -> str:
    """A card that somebody may send back; gives the number on it."""
    number = derive_code(f"card {next(_numbers)}", "card", 8)
    asks = {"conversation_id": talk and talk.id, "promise_id": promise and promise.id}
    keep(Card(resident_id=resident.id, number_hash=code_hash_of(number), language="en", **asks, **more))
    return number


def _coach(name: str) -> Person:
    """Another coach: Pat, whom residents may not want; Lou, who covers."""
    return db.session.scalars(select(Person).filter_by(name=name)).first() or make_coach(name)


def _about_the_home(about_me: Assessment) -> list[Answer]:
    """The answers that may bring up repairs."""
    theirs = select(Answer).filter_by(assessment_id=about_me.id).join(Answer.question)
    about = theirs.where(Question.key.in_(MAY_BRING_UP_REPAIRS)).order_by(Question.key)
    return list(db.session.scalars(about))


def make_blocker(resident: Person, words: str | None = "the form is long", **more: Any) -> Blocker:
    """What got in the way, written by the resident; the landlord's own unless `whose` says otherwise."""
    what = {"whose": Whose.LANDLORD, "by_id": resident.id, "language": "en"} | more
    return keep(Blocker(resident_id=resident.id, words=words, **what))


def pass_on(blocker: Blocker, words: str = "A form is too long.", days_ago: int = 0) -> Blocker:
    """As if the resident had said yes to these words, so many days ago."""
    blocker.passed_words, blocker.passed_language = words, "en"
    blocker.passed_on = start_of(today() - timedelta(days=days_ago))
    return keep(blocker)


def make_heading(by: Person, words: str = "Long forms", change: str | None = None, done: bool = True) -> Heading:
    """A heading; with an answer, where `change` has words."""
    said = {"language": "en", "words": change, "by_id": by.id, "done": done}
    row = Heading(words=words, language="en", made_by_id=by.id, changes=[Change(**said)] if change else [])
    row.answered_at = now() if change else None
    row.removed_at = row.answered_at if done else None
    return keep(row)


def _board() -> Heading:
    """The managers' heading under which everybody's blockers stand here."""
    manager = select(Person).where(Person.email == "board@bryn.example")
    by = db.session.scalars(manager).first() or make_manager("Board")
    if db.session.scalar(select(QuestionDraft.id)) is None:
        make_question_draft(by)
        keep(LetterPicture(place="rent", png=b"a picture", set_by_id=by.id))
    return db.session.scalars(select(Heading)).first() or make_heading(by, change="Two pages, not nine.")


def make_question_draft(by: Person) -> QuestionDraft:
    """The next questions, as they begin."""
    return keep(QuestionDraft(table=next_version(table_of(current_question_set())), changed_by_id=by.id))


@in_one_commit()
def make_full_story(resident: Person, coach: Person) -> Goal:
    """At least one row of everything that can be a resident's; gives their first goal."""
    about_me = finish_about_me(resident)
    repair, wish = _about_the_home(about_me)
    repair.report, repair.report_at, repair.report_by_id = Report.REPORTED, now(), coach.id
    wish.words = "a lamp by the door"  # the coach has not asked yet
    proud = make_answer(about_me, "proud", "what I said first", superseded_at=now())
    quoted = db.session.scalars(select(Answer).filter_by(assessment_id=about_me.id).where(Answer.words.is_not(None)))
    goal = make_goal(resident, typed_by=coach, quoted_answer_id=quoted.first().id)
    earlier = make_wording(resident, "a bicycle", typed_by=resident, superseded_at=now())
    earlier.goal_id = goal.id
    keep(earlier)
    make_step(goal)
    make_step(goal, "look at bikes in the window", done=True)
    rain = make_check_in(goal, helped="my sister", in_the_way="the rain", celebrate="I rang them!")
    make_check_in(goal, 8, typed_by=coach)
    old = make_goal(resident, "a scooter")
    old.state, old.became_id = State.CHANGED, goal.id
    keep(GoalState(goal_id=old.id, state=State.CHANGED, reason="changed my mind", by_id=resident.id))
    share_goal(old)
    talk = make_talk(resident, coach)
    plan_chat(resident, coach, {"day": today(), "time": time(14), "how": How.CAFE, "place": "the café at Oak Court"})
    keep(Note(conversation_id=talk.id, words="it was two cups", typed_by_id=resident.id, language="en"))
    row = {"conversation_id": talk.id, "typed_by_id": coach.id, "language": "en"}
    keep(Note(words="one oven is enough", taking_away=True, **row))
    keep(Pulse(resident_id=resident.id, conversation_id=talk.id, by_id=coach.id, feels=Feels.YES))
    keep(SummaryChoice(resident_id=resident.id, shows=list(EXTRAS)))
    ours, hers = make_promise(resident, by=coach), make_promise(resident, "ask two friends")
    keep(KeptAnswer(promise_id=ours.id, kept=Kept.NOT_YET))
    make_card(resident, talk, ours, typed_by_id=_coach("Lou").id, typed_at=now())
    keep(PromiseNote(promise_id=ours.id, words="the key is at Mill Lane", typed_by_id=coach.id, language="en"))
    make_deal(resident, coach, goal, ours, hers)
    make_one_time_code(resident, OneTimeKind.NEW_PIN, by=coach)
    make_sign_in(resident)
    keep(Draft(author_id=resident.id, place=f"about-me/{about_me.id}/proud", fields={"words": "half a sent"}))
    keep(ManagerRequest(resident_id=resident.id, kind=RequestKind.OTHER_COACH, words="somebody else", language="en"))
    keep(StaffExclusion(resident_id=resident.id, staff_id=_coach("Pat").id))
    make_cover(resident, _coach("Lou"), by=coach)
    keep(
        ContactPreferences(
            resident_id=resident.id, way="a text first", times="after tea", message_is_safe=False, language="en"
        )
    )
    keep(Pulse(resident_id=resident.id, by_id=resident.id, assessment_id=about_me.id, feels=Feels.YES))
    better = {"question_set_id": about_me.question_set_id, "words": "what makes you laugh?", "language": "en"}
    keep(Suggestion(resident_id=resident.id, **better))
    translated = {"language": "cy", "words": "fy ngardd", "made_by": "her daughter", "typed_by_id": coach.id}
    keep(Translation(answer_id=proud.id, **translated))
    keep(Ending(resident_id=resident.id, standing=Standing.HERE, reason="i missed it", by_id=resident.id))
    keep(LastViewed(resident_id=resident.id, staff_id=coach.id))
    pass_on(make_blocker(resident, None, check_in_id=rain.id, heading_id=_board().id, gathered_at=now()))
    make_blocker(resident, by_id=coach.id, conversation_id=talk.id, passed_words="A form is long.")
    keep(AccessLog(resident_id=resident.id, staff_id=coach.id, page="residents.resident", hour=now()))
    nothing = {"journal": {"made": {}, "changed": {}, "gone": {}}, "form_page": "/", "next_page": "/"}
    keep(Submission(key=token_hex(), person_id=coach.id, resident_id=resident.id, sign_in_id=1, **nothing))
    keep(PrintFile(job_id=make_print(resident, [resident], done=1).id, part=0, data=b"%PDF-", people=[resident.id]))
    return goal


def make_print(by: Person, of: list[Person], layout: str = "normal", language: str = "en", **more: Any) -> PrintJob:
    """What this person asked to be printed, of these residents."""
    options = {"people": [one.id for one in of], "layout": layout, "language": language}
    return keep(PrintJob(asked_by_id=by.id, kind="story", options=options, **more))


def make_cover(resident: Person, coach: Person, by: Person, days: int = 7) -> Assignment:
    """This coach stands in from now on."""
    row = {"cover": True, "by_id": by.id, "until": now() + timedelta(days=days), "words": "back soon", "language": "en"}
    return keep(Assignment(resident_id=resident.id, coach_id=coach.id, **row))


def set_settings(by: Person | None = None, **settings: Any) -> None:
    """The landlord's settings become these."""
    change_settings(settings, by)
    db.session.commit()


def count(table: Any, **which: Any) -> int:
    """How many rows a table has, or how many with these values."""
    return db.session.scalar(select(func.count()).select_from(table).filter_by(**which)) or 0


def end_sign_ins_of(person: Person) -> None:
    """As when the hours are over, or somebody ended them."""
    end_sign_ins(person)
    db.session.commit()
