"""Rows of a block of four weeks for the tests of figures: added and flushed, so that a test may roll them back."""

from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from deal.assessment.models import Assessment, Feels, FirstTalkWait, Pulse
from deal.blockers.models import Blocker, Heading, Whose
from deal.clock import now, start_of
from deal.conversations.models import Conversation, How
from deal.db import db
from deal.deals.models import Kept, KeptAnswer, Promise, PromiseWording, Side
from deal.goals.models import Goal, GoalState, State
from deal.invitations.models import Invitation
from deal.people import Person, Role
from deal.questions.models import current_question_set

BLOCK = date(2025, 10, 6)  # the clocks go back in it, on 26 October
END = BLOCK + timedelta(days=28)
SPAN = start_of(BLOCK), start_of(END)

_numbers = count(1)


def at(days: int, hours: float = 12) -> datetime:
    """So many days after the block's first Monday, at that hour of the landlord's clock."""
    return start_of(BLOCK + timedelta(days=days)) + timedelta(hours=hours)


def on(days: int) -> date:
    return BLOCK + timedelta(days=days)


def add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def people(role: Role, number: int) -> list[Person]:
    return [add(Person(role=role, name=f"{role.value} {one}")) for one in range(number)]


def invited(who: Person, by: Person, made_at: datetime, **more: Any) -> Invitation:
    more = {"withdrawn_at": made_at} | more  # so that somebody may have more than one
    return add(
        Invitation(resident_id=who.id, made_by_id=by.id, made_at=made_at, code_hash=f"code {next(_numbers)}", **more)
    )


def finished(who: Person, finished_at: datetime) -> Assessment:
    return add(Assessment(resident_id=who.id, question_set_id=current_question_set().id, finished_at=finished_at))


def waits(
    who: Person, since: datetime | None, talked_on: date | None = None, stopped_on: date | None = None
) -> FirstTalkWait:
    return add(FirstTalkWait(resident_id=who.id, since=since, talked_on=talked_on, stopped_on=stopped_on))


def felt(who: Person, feels: Feels, said_at: datetime, done_at: datetime | None = None) -> Pulse:
    """After About me, finished at that moment unless another is given."""
    way = finished(who, done_at or said_at)
    return add(Pulse(resident_id=who.id, by_id=who.id, assessment_id=way.id, feels=feels, at=said_at))


def talked(who: Person, coach: Person, day: date, written_at: datetime | None = None) -> Conversation:
    row = {"talked_on": day, "written_at": written_at or start_of(day), "how": How.WALK}
    return add(Conversation(resident_id=who.id, coach_id=coach.id, **row))


def felt_talk(talk: Conversation, by: Person, feels: Feels, said_at: datetime) -> Pulse:
    return add(Pulse(resident_id=talk.resident_id, conversation_id=talk.id, by_id=by.id, feels=feels, at=said_at))


def promised(who: Person, by: Person, due_on: date | None, *kept: Kept, **more: Any) -> Promise:
    """The landlord's, with the resident's answers, the newest last."""
    row = {"side": Side.LANDLORD} | more
    wording = PromiseWording(words="a key", who="Sam", due_on=due_on, typed_by_id=by.id, language="en")
    ended = [now()] * (len(kept) - 1) + [None]
    answers = [KeptAnswer(kept=one, superseded_at=at) for one, at in zip(kept, ended, strict=False)]
    return add(Promise(resident_id=who.id, wordings=[wording], answers=answers, **row))


def goal(who: Person, made_at: datetime, own_words: bool, *states: tuple[State, datetime]) -> Goal:
    """With the states that it came to be in later."""
    turns = [GoalState(state=state, at=turned_at, by_id=who.id) for state, turned_at in states]
    state = states[-1][0] if states else State.LIVE
    return add(Goal(resident_id=who.id, made_at=made_at, own_words=own_words, state=state, states=turns))


def heading(by: Person, removed_at: datetime | None) -> Heading:
    return add(Heading(words="Long forms", language="en", made_by_id=by.id, removed_at=removed_at))


def blocker(who: Person, passed_on: datetime | None, under: Heading | None = None, **more: Any) -> Blocker:
    row = {"whose": Whose.LANDLORD, "by_id": who.id, "language": "en", "words": "the form is long"} | more
    return add(Blocker(resident_id=who.id, passed_on=passed_on, heading=under, **row))
