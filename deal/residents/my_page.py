"""My page: of all that waits for a resident the one thing that comes next, and what stands below it."""

import enum
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import joinedload

from deal.assessment.flow import how_far
from deal.assessment.forms import FEELS
from deal.assessment.models import Answer, FirstTalkWait, answers_in, newest_assessment
from deal.assessment.pulse import in_touch_by
from deal.auth.models import OneTimeCode, newest_pin_reset
from deal.blockers.models import blockers_in_short
from deal.caseload.assignments import AssignmentPeriod, assignment_periods
from deal.clock import now, today
from deal.contact.models import Ending, Standing, newest_ending
from deal.conversations.models import Chat, newest_chat, talk_to_ask_about
from deal.db import db
from deal.deals.forms import KEPT
from deal.deals.models import promise_to_ask
from deal.goals.forms import number_form
from deal.goals.models import Goal, State, Wording, goals_of, hope_to_offer
from deal.invitations.models import Consent, newest_consent
from deal.people import Person
from deal.settings import PROMISE, promise_is_confirmed

MOST_GOALS = 4  # on the page; the others are a press away


class Next(enum.Enum):
    """What may wait, in the order in which it is asked."""

    PROMISE = "promise"  # our promise says something else than what they agreed to
    COACH = "coach"  # somebody else can read their words
    TALK = "talk"  # what was written about a talk: did it feel right?
    READ_BACK = "read_back"  # typed for them, or with somebody beside them
    ABOUT_ME = "about_me"  # to begin or to finish
    HOPE = "hope"  # to make a goal of
    KEPT = "kept"  # did we keep this promise?
    PASS_ON = "pass_on"  # may managers read what got in the way?
    ENDED = "ended"  # they need it no more, or moved away
    GOAL = "goal"  # to write one
    CHAT = "chat"
    CHECK_IN = "check_in"


# what somebody who leaves the card on top as it is can still answer
ALSO = (Next.KEPT, Next.PASS_ON)
NOT_AFTER_THE_END = {Next.ABOUT_ME, Next.HOPE, Next.GOAL, Next.CHAT, Next.CHECK_IN}


def next_of(waits: Mapping[Next, Any]) -> Next | None:
    """The first that there is: once something ended, nothing new is begun."""
    ended = waits.get(Next.ENDED)
    return next((one for one in Next if waits.get(one) and not (ended and one in NOT_AFTER_THE_END)), None)


def my_page(person: Person) -> dict[str, Any]:
    """All that the page shows, in at most twelve statements."""
    begun = newest_assessment(person)
    answers = answers_in(begun) if begun else {}
    goals, blockers, turns = goals_of(person), blockers_in_short(person), assignment_periods(person)
    live = [goal for goal in goals if goal.state in (State.LIVE, State.RESTING)]
    query = how_it_stands(Consent, OneTimeCode, promise_is_confirmed())
    query = query.outerjoin(Consent, Consent.id == newest_consent(Person.id))
    query = query.outerjoin(OneTimeCode, OneTimeCode.id == newest_pin_reset(Person.id))
    query = query.options(joinedload(OneTimeCode.made_by)).where(Person.id == person.id)
    chat, ending, wait, consent, pin_reset, confirmed = db.session.execute(query).one()
    since = (wait.asked_at or wait.since) if wait and not wait.talked_on else None
    finished = begun and begun.finished_at
    waits = {
        Next.PROMISE: consent if consent and confirmed and not consent.says_what_we_promise else None,
        Next.COACH: next((turn for turn in turns if turn.wants_a_look), None),
        Next.TALK: talk_to_ask_about(person),
        Next.READ_BACK: to_read_back(answers, goals),
        Next.ABOUT_ME: not finished,
        Next.HOPE: hope_to_offer(answers, goals) if finished else None,
        Next.KEPT: promise_to_ask(person),
        Next.PASS_ON: next((one for one in blockers if one.waits_for_a_yes), None),
        Next.ENDED: ending is not None and ending.standing is not Standing.HERE,
        Next.GOAL: not live,
        Next.CHAT: chat if chat and chat.takes_place else None,
        Next.CHECK_IN: next(iter(live), None),
    }
    comes = next_of(waits)
    below = live[1:] if comes is Next.CHECK_IN else live
    return dict(
        **_coach(turns),
        **how_far(begun, answers),
        resident=person,
        next_chat=chat if chat and chat.is_ahead else None,
        standing=ending.standing if ending else Standing.HERE,
        by=in_touch_by(since) if since else None,
        wait=wait,
        pin_reset=pin_reset,
        waits=waits,
        next=comes,
        it=waits[comes] if comes else None,
        later=[one for one in ALSO if waits[one] and one is not comes],
        goals=below[:MOST_GOALS],
        more_goals=len(below) > MOST_GOALS,
        news=[one for one in blockers if one.answered_lately],
        number_form=number_form,
        feels=FEELS,
        kept=KEPT,
        promise=PROMISE,
        today=today(),
    )


def how_it_stands(*more: Any) -> Select:
    """The chat that is planned, how it ended, and if they wait, of a person; and more that is joined to it."""
    query = select(Chat, Ending, FirstTalkWait, *more).select_from(Person)
    query = query.outerjoin(Chat, and_(Chat.id == newest_chat(Person.id), Chat.ended_at.is_(None)))
    query = query.outerjoin(Ending, Ending.id == newest_ending(Person.id)).outerjoin(
        FirstTalkWait, FirstTalkWait.of(Person.id)
    )
    return query.options(joinedload(Chat.coach))


def _coach(turns: list[AssignmentPeriod]) -> dict[str, Any]:
    """Whose they are, and who is there instead while that coach cannot be."""
    at = now()
    coach = next((turn.row.coach for turn in turns if not turn.row.cover and turn.row.until is None), None)
    covers = (turn.row for turn in reversed(turns) if turn.row.cover and turn.row.since <= at and not turn.row.is_over)
    instead = next((row.coach for row in covers if not row.coach.is_closed), None)
    return {"turns": turns, "coach": coach, "instead": instead if coach and coach.is_closed else None}


def hope_of(person: Person, answers: dict[str, Answer]) -> Answer | None:
    """The hope to make a goal of, for a page that knows their answers alone."""
    return hope_to_offer(answers, goals_of(person))


def to_read_back(answers: dict[str, Answer], goals: list[Goal]) -> list[Answer | Wording]:
    """What somebody typed for the resident, or with them, and they have not confirmed."""
    said: list[Answer | Wording] = [
        *answers.values(),
        *(goal.current_wording for goal in goals if goal.current_wording),
    ]
    return [one for one in said if one.awaits_read_back]
