"""The first page of each person."""

from typing import Any

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload

from deal.access import last_seen, open_to, open_to_everyone, resident_or_404
from deal.accounts.coaching import is_news, turns_of
from deal.accounts.models import newest_pin_reset
from deal.accounts.pending import local
from deal.assessment.models import Answer, Assessment, Wait, answers_in, newest_assessment, what_holds
from deal.assessment.pulse import FEELS, in_touch_by
from deal.assessment.questions import count_of_core_questions
from deal.assessment.translations import beside
from deal.assessment.ways import carry_on_at, strengths
from deal.conversations.at_hand import texts
from deal.conversations.endings import Ending, Standing, newest_ending
from deal.conversations.models import Chat, conversations_of, newest_chat
from deal.conversations.pulse import talk_to_ask_about
from deal.conversations.reach import Reach
from deal.db import db, today
from deal.deals.forms import KEPT
from deal.deals.models import promise_to_ask
from deal.forms import Press
from deal.goals.forms import STATES
from deal.goals.models import Goal, State, Wording, goals_of
from deal.learning.models import blockers_in_short
from deal.people import Coaching, Person, Role, coaching_now, who_is_there
from deal.settings import LANGUAGE_COOKIE, PROMISE, languages

bp = Blueprint("home", __name__)


@bp.get("/")
@open_to_everyone
def index():
    """Each to their own first page; signed out, the ways in."""
    if not current_user.is_authenticated:
        return render_template("home/index.html")
    return redirect(first_page(current_user), 303)


def first_page(person: Person) -> str:
    """Where somebody lands who has signed in."""
    if person.is_resident:
        return url_for("home.resident", resident_id=person.id)
    return url_for("conversations.today" if person.is_coach else "kpis.numbers")


@bp.get("/language/<chosen>")
@open_to_everyone
def language(chosen):
    """Remember the chosen language in this browser for a year, and go back. A link: it changes nothing of ours."""
    answer = make_response(redirect(local(request.args.get("next")) or url_for(".index"), 303))
    if chosen in languages():
        safe = {"httponly": True, "samesite": "Lax", "secure": current_app.config["SESSION_COOKIE_SECURE"]}
        answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=60 * 60 * 24 * 365, **safe)
    return answer


@bp.get("/help")
@open_to_everyone
def help_now():
    """Whom to ring when somebody needs help now."""
    return render_template("home/help.html")


@bp.get("/privacy")
@open_to_everyone
def privacy():
    """What Deal keeps about people, for how long, and who can see it."""
    return render_template("home/privacy.html", promise=PROMISE)


@bp.get("/accessibility")
@open_to_everyone
def accessibility():
    """How Deal is made for everybody, and whom to tell where it fails."""
    return render_template("home/accessibility.html")


@bp.get("/more")
@open_to_everyone
def more():
    """All pages that are rarely needed."""
    return render_template("home/more.html")


@bp.get("/residents/<int:resident_id>/timeline")
@open_to(Role.RESIDENT, Role.COACH)
def timeline(resident_id):
    """All that happened, newest first."""
    return redirect(url_for("conversations.index", resident_id=resident_or_404(resident_id).id), 303)


@bp.get("/residents/<int:resident_id>")
@open_to(Role.RESIDENT, Role.COACH)
def resident(resident_id):
    """A resident's own first page; for their coach, what they are good at and hope for, in their words."""
    person, own = resident_or_404(resident_id), current_user.is_resident
    assessment, answers = _under_way(person) if own else what_holds(person)
    goals, standing = goals_of(person), _standing(person)
    live = [goal for goal in goals if goal.state in (State.LIVE, State.RESTING)]
    page = {"resident": person, "assessment": assessment, "answers": answers, "press": Press(), **standing}
    page |= (
        _own_page(person, assessment, answers, standing["wait"]) if own else _coachs_page(person, assessment, answers)
    )
    page |= {"goals": live, "other_goals": [goal for goal in goals if goal not in live], "states": STATES}
    page |= {"to_read_back": _to_read_back(answers, goals), "in_the_way": blockers_in_short(person)}
    return render_template("home/resident.html" if own else "home/coachs_resident.html", **page)


def _standing(person: Person) -> dict[str, Any]:
    """The next chat, how it stands, how they are reached, if they wait, why they are the reader's; one statement."""
    query = select(Chat, Ending, Reach, Wait, Coaching).select_from(Person)
    query = query.outerjoin(Chat, and_(Chat.id == newest_chat(Person.id), Chat.ended_at.is_(None)))
    query = query.options(joinedload(Chat.coach)).outerjoin(Ending, Ending.id == newest_ending(Person.id))
    query = query.outerjoin(Reach, Reach.resident_id == Person.id).options(joinedload(Coaching.by))
    query = query.outerjoin(Wait, Wait.of(Person.id))
    query = query.outerjoin(Coaching, and_(Coaching.resident_id == Person.id, *coaching_now(current_user)))
    chat, ending, reach, wait, turn = db.session.execute(query.where(Person.id == person.id)).first() or (None,) * 5
    ahead = chat if chat and chat.is_ahead else None
    why = (turn, None) if turn and is_news(turn) else None
    standing = ending.standing if ending else Standing.HERE
    return {"next_chat": ahead, "standing": standing, "ending": ending, "reach": reach, "wait": wait, "why": why}


def _to_read_back(answers: dict[str, Answer], goals: list[Goal]) -> list[Answer | Wording]:
    said: list[Answer | Wording] = [*answers.values(), *(goal.face for goal in goals if goal.face)]
    return [one for one in said if one.awaits_read_back]


def _under_way(person: Person) -> tuple[Assessment | None, dict[str, Answer]]:
    newest = newest_assessment(person)
    return newest, answers_in(newest) if newest else {}


def _own_page(
    person: Person, begun: Assessment | None, answers: dict[str, Answer], wait: Wait | None
) -> dict[str, Any]:
    """One thing to do at a time."""
    turns = turns_of(person)
    coach = next((turn.row.coach for turn in turns if not turn.row.cover and turn.row.until is None), None)
    return {
        "question": carry_on_at(begun, answers) if begun else None,
        "count": 0 if begun else count_of_core_questions(),
        "coach": coach,
        "instead": who_is_there(person) if coach and coach.is_closed else None,
        "turns": [turn for turn in turns if turn.wants_a_look][:3],
        "pin_reset": newest_pin_reset(person),
        "promise": promise_to_ask(person),
        "kept": KEPT,
        "today": today(),
        "by": in_touch_by(wait.asked_at) if wait and wait.asked_at else None,
        "talk_to_ask": talk_to_ask_about(person),
        "feels": FEELS,
    }


def _coachs_page(person: Person, assessment: Assessment | None, answers: dict[str, Answer]) -> dict[str, Any]:
    """Strengths first, behind what somebody would rather not be asked about; what is new is marked."""
    return {
        "since": last_seen(person),
        "strengths": strengths(assessment, answers) if assessment else [],
        "talks": conversations_of(person, most=3),
        "beside": beside(answers.values()),
        "texts": texts(),
    }
