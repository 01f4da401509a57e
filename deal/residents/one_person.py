"""One person, for their coach: what to know and do now, and all that they said behind it."""

from typing import Any

from flask_login import current_user
from sqlalchemy import and_
from sqlalchemy.orm import contains_eager, joinedload

from deal.assessment.models import current_answers
from deal.assessment.translations import beside
from deal.blockers.models import blockers_in_short
from deal.caseload.assignments import is_news
from deal.contact.models import ContactPreferences, Standing
from deal.conversations.forms import HOW
from deal.conversations.models import Chat, Conversation, Note, last_talk
from deal.conversations.prompts import texts
from deal.db import db
from deal.deals.models import promises_waiting
from deal.drafts.forms import read_together
from deal.forms import Form
from deal.goals.forms import STATES
from deal.goals.models import State, goals_of
from deal.people import Assignment, Person, assigned_now
from deal.question_editor.forms import SuggestForm
from deal.residents.forms import ChatForm, PhoneForm
from deal.residents.my_page import how_it_stands, to_read_back


def one_person(person: Person) -> dict[str, Any]:
    """All that the page shows, in at most twelve statements."""
    read_together(ChatForm, PhoneForm, SuggestForm)
    assessment, answers = current_answers(person)
    goals, stands = goals_of(person), _stands(person)
    live = [goal for goal in goals if goal.state in (State.LIVE, State.RESTING)]
    return dict(
        **stands,
        chat_form=_chat_form(stands["next_chat"]),
        phone_form=_phone_form(stands["reach"]),
        suggestion=SuggestForm(),
        assessment=assessment,
        answers=answers,
        beside=beside(answers.values()),
        goals=live,
        other_goals=[goal for goal in goals if goal not in live],
        states=STATES,
        to_read_back=to_read_back(answers, goals),
        in_the_way=blockers_in_short(person),
        promises=promises_waiting(person),
        texts=texts(),
    )


def to_put_right(person: Person, form: Form) -> dict[str, Any]:
    """What the page shows of somebody beside a form of it that wants putting right."""
    return _stands(person) | {"form": form, "chat_form" if isinstance(form, ChatForm) else "phone_form": form}


def _stands(person: Person) -> dict[str, Any]:
    """How it stands with somebody, in one statement.

    The next chat, how it ended, how they are reached, if they wait, why they are the reader's, the last talk.
    """
    query = how_it_stands(ContactPreferences, Assignment, Conversation).outerjoin(
        ContactPreferences, ContactPreferences.resident_id == Person.id
    )
    query = query.outerjoin(Assignment, and_(Assignment.resident_id == Person.id, *assigned_now(current_user)))
    query = query.outerjoin(Conversation, Conversation.id == last_talk(Person.id)).outerjoin(Conversation.notes)
    whose = joinedload(ContactPreferences.phone_by), joinedload(Assignment.by), contains_eager(Conversation.notes)
    rows = db.session.execute(query.options(*whose).where(Person.id == person.id).order_by(Note.id)).unique().all()
    chat, ending, wait, reach, turn, talk = rows[0] if rows else (None,) * 6
    return {
        "resident": person,
        "next_chat": chat if chat and chat.is_ahead else None,
        "ending": ending,
        "standing": ending.standing if ending else Standing.HERE,
        "wait": wait,
        "reach": reach,
        "why": (turn, None) if turn and is_news(turn) else None,
        "talk": talk,
        "how": HOW,
    }


def _chat_form(chat: Chat | None) -> ChatForm:
    form = ChatForm(data=ChatForm.data_of(chat if chat and chat.takes_place else None))
    form.starts_from(ChatForm.version_of(chat))
    return form


def _phone_form(reach: ContactPreferences | None) -> PhoneForm:
    form = PhoneForm(data={"phone": reach and reach.phone})
    form.starts_from({"phone": reach and reach.phone})
    return form
