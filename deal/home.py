"""The first page of each person."""

from typing import Any

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import and_, select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from deal.access import last_seen, open_to, open_to_everyone, resident_or_404
from deal.accounts.coaching import is_news
from deal.accounts.pending import local
from deal.assessment.models import Answer, Assessment, Wait, what_holds
from deal.assessment.translations import beside
from deal.assessment.ways import strengths
from deal.conversations.at_hand import texts
from deal.conversations.endings import Ending, Standing, newest_ending
from deal.conversations.models import Chat, conversations_of, newest_chat
from deal.conversations.reach import Reach
from deal.db import db
from deal.forms import Press
from deal.goals.forms import STATES
from deal.goals.models import State, goals_of
from deal.learning.models import blockers_in_short
from deal.learning.timeline import timeline_page
from deal.my_page import hope_of, my_page, to_read_back
from deal.people import Coaching, Person, Role, coaching_now
from deal.settings import LANGUAGE_COOKIE, PROMISE, TEXT_SIZE_COOKIE, TEXT_SIZES, languages

bp = Blueprint("home", __name__)


@bp.record_once
def init(state: Any) -> None:
    """The last page of About me offers a goal, which lies in a room above it."""
    state.app.jinja_env.globals["hope_of"] = hope_of


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
    back = local(request.args.get("next")) or url_for(".index")
    return _remembered(back, LANGUAGE_COOKIE, chosen) if chosen in languages() else redirect(back, 303)


@bp.get("/text-size/<int:size>")
@open_to_everyone
def text_size(size):
    """Remember in this browser how large the text is."""
    if size not in TEXT_SIZES:
        abort(404)
    return _remembered(url_for(".more", _anchor="text-size"), TEXT_SIZE_COOKIE, str(size))


def _remembered(back: str, cookie: str, value: str) -> Response:
    answer = redirect(back, 303)
    safe = {"httponly": True, "samesite": "Lax", "secure": current_app.config["SESSION_COOKIE_SECURE"]}
    answer.set_cookie(cookie, value, max_age=60 * 60 * 24 * 365, **safe)
    return answer


@bp.get("/help")
@open_to_everyone
def help_now():
    """Whom to ring when somebody needs help now; for staff also where to write it down: Deal keeps no such notes."""
    return render_template("home/help.html")


@bp.get("/privacy")
@open_to_everyone
def privacy():
    """What Deal keeps about people, for how long, and who can see it."""
    return render_template("home/privacy.html", promise=PROMISE)


@bp.get("/more")
@open_to_everyone
def more():
    """What is rarely needed, with a sentence about each; the size of the text; how everybody can use these pages."""
    return render_template("home/more.html")


@bp.get("/residents/<int:resident_id>/timeline")
@open_to(Role.RESIDENT, Role.COACH)
def timeline(resident_id):
    """All that happened, newest first; writing down what got in the way."""
    return timeline_page(resident_or_404(resident_id))


@bp.get("/residents/<int:resident_id>")
@open_to(Role.RESIDENT, Role.COACH)
def resident(resident_id):
    """A resident's own first page; for their coach, what they are good at and hope for, in their words."""
    person = resident_or_404(resident_id)
    if current_user.is_resident:
        return render_template("home/resident.html", **my_page(person))
    assessment, answers = what_holds(person)
    goals, standing = goals_of(person), _standing(person)
    live = [goal for goal in goals if goal.state in (State.LIVE, State.RESTING)]
    page = {"resident": person, "assessment": assessment, "answers": answers, "press": Press(), **standing}
    page |= _coachs_page(person, assessment, answers)
    page |= {"goals": live, "other_goals": [goal for goal in goals if goal not in live], "states": STATES}
    page |= {"to_read_back": to_read_back(answers, goals), "in_the_way": blockers_in_short(person)}
    return render_template("home/coachs_resident.html", **page)


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


def _coachs_page(person: Person, assessment: Assessment | None, answers: dict[str, Answer]) -> dict[str, Any]:
    """Strengths first, behind what somebody would rather not be asked about; what is new is marked."""
    return {
        "since": last_seen(person),
        "strengths": strengths(assessment, answers) if assessment else [],
        "talks": conversations_of(person, most=3),
        "beside": beside(answers.values()),
        "texts": texts(),
    }
