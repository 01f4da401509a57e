"""The first page of each person."""

from typing import Any

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import and_, select
from sqlalchemy.orm import contains_eager, joinedload

from deal.access import last_seen, open_to, open_to_everyone, resident_or_404
from deal.accounts.coaching import is_news, turns_of
from deal.accounts.models import newest_pin_reset
from deal.accounts.pending import local
from deal.assessment.models import Answer, Wait, answers_in, newest_assessment, what_holds
from deal.assessment.pulse import FEELS, in_touch_by
from deal.assessment.questions import count_of_core_questions
from deal.assessment.translations import beside
from deal.assessment.ways import carry_on_at
from deal.conversations.at_hand import texts
from deal.conversations.endings import Ending, Standing, newest_ending
from deal.conversations.forms import HOW, ChatForm
from deal.conversations.models import Chat, Conversation, Note, last_talk, newest_chat, planned_chat
from deal.conversations.models import plan_chat as keep_chat
from deal.conversations.pulse import talk_to_ask_about
from deal.conversations.reach import PhoneForm, Reach, reach_of
from deal.conversations.reach import keep_phone as keep_number
from deal.db import db, lock, today
from deal.deals.forms import KEPT
from deal.deals.models import promise_to_ask, promises_waiting
from deal.drafts.forms import read_together
from deal.forms import Form, Press
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


@bp.get("/residents/<int:resident_id>/change")
@open_to(Role.COACH)
def change(resident_id):
    """What is rarely changed about somebody."""
    return redirect(url_for(".resident", resident_id=resident_or_404(resident_id).id), 303)


@bp.get("/residents/<int:resident_id>")
@open_to(Role.RESIDENT, Role.COACH)
def resident(resident_id):
    """A resident's own first page; for their coach, all of one person on one page."""
    person = resident_or_404(resident_id)
    return _own_page(person) if current_user.is_resident else _coachs_page(person)


@bp.post("/residents/<int:resident_id>/chat")
@open_to(Role.COACH)
def plan_chat(resident_id):
    """Plan the next chat; an empty day calls it off."""
    person, form = resident_or_404(resident_id), ChatForm()
    if not form.validate():
        return _coachs_page(person, form), 422
    lock(Person, person.id)
    if not form.is_fresh(ChatForm.version_of(planned_chat(person))):
        return _coachs_page(person, form), 409
    keep_chat(person, current_user, form.chat)
    db.session.commit()
    flash(_("The next chat is written down.") if form.chat else _("No chat is planned now."))
    return redirect(url_for(".resident", resident_id=resident_id), 303)


@bp.post("/residents/<int:resident_id>/phone")
@open_to(Role.COACH)
def keep_phone(resident_id):
    """A number to ring, kept with their yes; an empty one takes it away."""
    person, form = resident_or_404(resident_id), PhoneForm()
    if not form.validate():
        return _coachs_page(person, form), 422
    lock(Person, person.id)
    kept = reach_of(person)
    if not form.is_fresh({"phone": kept and kept.phone}):
        return _coachs_page(person, form), 409
    keep_number(person, form.phone.data or None)
    db.session.commit()
    flash(_("The telephone number is saved.") if form.phone.data else _("The telephone number is gone."))
    return redirect(url_for(".resident", resident_id=resident_id), 303)


def _standing(person: Person) -> dict[str, Any]:
    """How it stands with somebody, in one statement.

    The next chat, how it ended, how they are reached, if they wait, why they are the reader's, the last talk.
    """
    query = select(Chat, Ending, Reach, Wait, Coaching, Conversation).select_from(Person)
    query = query.outerjoin(Chat, and_(Chat.id == newest_chat(Person.id), Chat.ended_at.is_(None)))
    query = query.outerjoin(Ending, Ending.id == newest_ending(Person.id))
    query = query.outerjoin(Reach, Reach.resident_id == Person.id)
    query = query.outerjoin(Wait, Wait.of(Person.id))
    query = query.outerjoin(Coaching, and_(Coaching.resident_id == Person.id, *coaching_now(current_user)))
    query = query.outerjoin(Conversation, Conversation.id == last_talk(Person.id)).outerjoin(Conversation.notes)
    beside = joinedload(Chat.coach), joinedload(Reach.phone_by), joinedload(Coaching.by)
    query = query.options(*beside, contains_eager(Conversation.notes)).order_by(Note.id)
    rows = db.session.execute(query.where(Person.id == person.id)).unique().all()
    chat, ending, reach, wait, turn, talk = rows[0] if rows else (None,) * 6
    why = (turn, None) if turn and is_news(turn) else None
    page = {"next_chat": chat if chat and chat.is_ahead else None, "ending": ending, "reach": reach, "wait": wait}
    return page | {"standing": ending.standing if ending else Standing.HERE, "why": why, "talk": talk}


def _to_read_back(answers: dict[str, Answer], goals: list[Goal]) -> list[Answer | Wording]:
    said: list[Answer | Wording] = [*answers.values(), *(goal.face for goal in goals if goal.face)]
    return [one for one in said if one.awaits_read_back]


def _own_page(person: Person) -> str:
    """One thing to do at a time."""
    assessment = newest_assessment(person)
    answers = answers_in(assessment) if assessment else {}
    turns, standing = turns_of(person), _standing(person)
    wait = standing["wait"]
    coach = next((turn.row.coach for turn in turns if not turn.row.cover and turn.row.until is None), None)
    page = {
        "question": carry_on_at(assessment, answers) if assessment else None,
        "count": 0 if assessment else count_of_core_questions(),
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
    page |= _of_both(person, answers) | standing
    return render_template("home/resident.html", assessment=assessment, **page)


def _coachs_page(person: Person, sent: Form | None = None) -> str:
    """What to know and do now, About me folded by section. `sent`: a form of this page that wants putting right."""
    read_together(ChatForm, PhoneForm)
    assessment, answers = what_holds(person)
    page = _of_both(person, answers) | _standing(person)
    forms = {type(one): one for one in (sent,) if one}
    page |= {
        "form": sent,
        "chat_form": forms.get(ChatForm) or _chat_form(page["next_chat"]),
        "phone_form": forms.get(PhoneForm) or _phone_form(page["reach"]),
        "since": last_seen(person),
        "promises": promises_waiting(person),
        "how": HOW,
        "beside": beside(answers.values()),
        "texts": texts(),
    }
    return render_template("home/coachs_resident.html", assessment=assessment, **page)


def _of_both(person: Person, answers: dict[str, Answer]) -> dict[str, Any]:
    """What the resident and their coach both read there."""
    goals = goals_of(person)
    live = [goal for goal in goals if goal.state in (State.LIVE, State.RESTING)]
    page = {"resident": person, "answers": answers, "press": Press(), "states": STATES, "goals": live}
    page |= {"other_goals": [goal for goal in goals if goal not in live], "in_the_way": blockers_in_short(person)}
    return page | {"to_read_back": _to_read_back(answers, goals)}


def _chat_form(chat: Chat | None) -> ChatForm:
    form = ChatForm(data=ChatForm.data_of(chat if chat and chat.takes_place else None))
    form.starts_from(ChatForm.version_of(chat))
    return form


def _phone_form(reach: Reach | None) -> PhoneForm:
    form = PhoneForm(data={"phone": reach and reach.phone})
    form.starts_from({"phone": reach and reach.phone})
    return form
