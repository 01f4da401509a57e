"""The next chat as its resident has it: a file for their calendar, and "I can't make it" in one press."""

from datetime import datetime, timedelta

from flask import Response, abort, flash, make_response, redirect, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from icalendar import Calendar, Event
from sqlalchemy import func, select
from wtforms import HiddenField

from deal.access import open_to, own_or_404
from deal.conversations import bp
from deal.conversations.models import Chat, next_chat, planned_chat
from deal.db import LANDLORDS_ZONE, db, lock, now
from deal.forms import Press, press_or_400
from deal.journal import mark
from deal.names import isolated
from deal.people import Person, Role

AN_HOUR = timedelta(hours=1)


class CannotForm(Press):
    chat = HiddenField()  # the one that the page showed


@bp.post("/residents/<int:resident_id>/chat/cannot")
@open_to(Role.RESIDENT)
def cannot_make_it(resident_id):
    """One press: it stands on the coach's Today until another chat is planned."""
    resident = own_or_404(resident_id)
    form = press_or_400(CannotForm)
    lock(Person, resident.id)
    chat = planned_chat(resident)
    if chat and chat.is_ahead and str(chat.id) == form.chat.data:
        chat.cannot_at = chat.cannot_at or now()
        db.session.commit()
        day = format_date(chat.day, "EEEE d MMMM")
        flash(_("We tell %(coach)s that you can't make it on %(day)s.", coach=isolated(chat.coach.name), day=day))
    else:
        flash(_("This chat was changed while your page was open. Please look again."))
    return redirect(url_for("home.resident", resident_id=resident_id), 303)


@bp.get("/residents/<int:resident_id>/chat.ics")
@open_to(Role.RESIDENT)
def chat_file(resident_id):
    """The next chat for a calendar, which others may see: it says with whom, when and where, and nothing of Deal."""
    chat = next_chat(own_or_404(resident_id)) or abort(404)
    answer: Response = make_response(_calendar(chat).to_ical())
    answer.headers["Content-Type"] = "text/calendar; charset=utf-8"
    answer.headers["Content-Disposition"] = 'attachment; filename="chat.ics"'
    return answer


def _calendar(chat: Chat) -> Calendar:
    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//Chats//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    first, moved = _first_of(chat)
    event.add("uid", f"{mark(['chat', first])}@chat")
    event.add("sequence", moved)
    event.add("dtstamp", now())
    event.add("summary", _("Chat with %(coach)s", coach=chat.coach.name))
    begins = datetime.combine(chat.day, chat.time, LANDLORDS_ZONE) if chat.time else chat.day
    event.add("dtstart", begins)
    event.add("dtend", begins + (AN_HOUR if chat.time else timedelta(days=1)))
    if chat.place:
        event.add("location", chat.place)
    calendar.add_component(event)
    if chat.time:
        calendar.add_missing_timezones()
    return calendar


def _first_of(chat: Chat) -> tuple[int, int]:
    """The row in which it was first planned, and how often it was moved since: to a calendar it is the same chat."""
    theirs = Chat.resident_id == chat.resident_id
    over = select(func.coalesce(func.max(Chat.id), 0)).where(theirs, Chat.ended_at.is_not(None)).scalar_subquery()
    first, rows = db.session.execute(select(func.min(Chat.id), func.count()).where(theirs, Chat.id > over)).one()
    return first, rows - 1
