"""Conversations, which the resident can read."""

from datetime import datetime, timedelta

from flask import Response, abort, flash, redirect, render_template, request
from flask_babel import format_date
from flask_babel import gettext as _
from flask_login import current_user
from icalendar import Calendar, Event
from sqlalchemy import func, select

from deal.access import open_to, own_or_404, resident_or_404, resident_url
from deal.assessment.models import Feels, keep_pulse
from deal.clock import LANDLORDS_ZONE, now, today
from deal.conversations import bp
from deal.conversations.forms import HOW, CannotForm, NoteForm, TalkForm
from deal.conversations.models import (
    Chat,
    Conversation,
    How,
    Note,
    end_wait,
    has_said_how_it_felt,
    has_talk_on,
    last_way,
    newest_talk,
    next_chat,
    plan_chat,
    planned_chat,
    talk_of,
)
from deal.conversations.prompts import prompts
from deal.db import db, lock
from deal.forms import EmptyForm, validate_or_400
from deal.invitations.models import shut_letter
from deal.journal import mark
from deal.names import isolated
from deal.people import Person, Role, typed_now


@bp.get("/residents/<int:resident_id>/conversations/new")
@open_to(Role.COACH)
def new(resident_id):
    """We talked: today, the way these two talked last; and what was typed here before and not saved."""
    resident = resident_or_404(resident_id)
    newest, chat = newest_talk(resident), planned_chat(resident)
    usual = {"how": (last_way(resident, current_user) or How.PHONE).value}
    to_come = chat if chat and chat.takes_place and chat.day > today() else None
    form = TalkForm(data=usual | TalkForm.data_of(to_come))
    theirs = form.newer_talk(newest)
    moved = not form.starts_from(form.version_of(chat, newest))
    form.words.render_kw = {"autofocus": ""}
    return _talk_page(resident, form, theirs if moved else None, moved)


@bp.post("/residents/<int:resident_id>/conversations/new")
@open_to(Role.COACH)
def talked(resident_id):
    """Keep the talk; where another one was written down meanwhile, both are shown first."""
    resident = resident_or_404(resident_id)
    form = TalkForm()
    if not form.validate():
        return _talk_page(resident, form), 422
    newest = newest_talk(resident)
    theirs = form.newer_talk(newest)
    if not form.is_fresh(form.version_of(planned_chat(resident), newest)):
        return _talk_page(resident, form, theirs, moved=True), 409
    if has_talk_on(resident, form.talked_on.data) and form.asks_whether_again():
        return _talk_page(resident, form), 422
    _keep_talk(form, resident)
    flash(_("The talk with %(name)s is saved.", name=isolated(resident.full_name)))
    return redirect(resident_url(resident_id), 303)


@bp.get("/residents/<int:resident_id>/conversations/<int:number>/notes")
@open_to(Role.COACH)
def write(resident_id, number):
    """Words for a talk, added later."""
    resident, talk = _talk_or_404(resident_id, number)
    form = NoteForm()
    changed = not form.starts_from(_newest_note(talk))
    return _note_page(resident, talk, form, changed)


@bp.post("/residents/<int:resident_id>/conversations/<int:number>/notes")
@open_to(Role.COACH)
def add_note(resident_id, number):
    """Keep the words beside those that are there; where others came meanwhile, they are shown first."""
    resident, talk = _talk_or_404(resident_id, number)
    form = NoteForm()
    if status := form.refused(_newest_note(talk)):
        return _note_page(resident, talk, form, changed=status == 409), status
    talk.notes += _notes(form)
    _end_typing(form, talk, resident)
    return redirect(_on_the_timeline(resident_id, number), 303)


@bp.post("/residents/<int:resident_id>/conversations/<int:number>/no-words")
@open_to(Role.COACH)
def no_words(resident_id, number):
    """There is nothing to write about this talk: it waits for words no longer."""
    _resident, talk = _talk_or_404(resident_id, number)
    validate_or_400()
    talk.no_words_at = talk.no_words_at or now()
    db.session.commit()
    flash(_("This talk needs no words."))
    return redirect("/", 303)


def _on_the_timeline(resident_id: int, number: int) -> str:
    place = f"talk-{number}"
    return resident_url(resident_id, f"/timeline?kind=talks&at={place}#{place}")


def _newest_note(talk: Conversation) -> int | None:
    return talk.notes[-1].id if talk.notes else None


def _notes(form: NoteForm) -> list[Note]:
    """What the coach wrote, and what the resident takes away."""
    said = ((form.words.said, False), (form.taking_away.said, True))
    return [Note(words=words, taking_away=theirs, **typed_now()) for words, theirs in said if words]


def _keep_talk(form: TalkForm, resident: Person) -> None:
    """The first talk ends the resident's wait. Commits."""
    both = {"resident_id": resident.id, "coach_id": current_user.id}
    talk = Conversation(talked_on=form.talked_on.data, how=How(form.how.data), notes=_notes(form), **both)
    db.session.add(talk)
    plan_chat(resident, current_user, form.chat)
    end_wait(resident, talk.talked_on)
    _end_typing(form, talk, resident)


def _end_typing(form: NoteForm, talk: Conversation, resident: Person) -> None:
    """How it felt, and no letter that lets somebody else in to these words. Commits."""
    if form.feels.data:
        keep_pulse(resident.id, Feels(form.feels.data), current_user.id, conversation_id=talk.id)
    shut_letter(resident)
    db.session.commit()


def _talk_page(resident: Person, form: TalkForm, theirs: Conversation | None = None, moved: bool = False) -> str:
    """Something `moved` while the page was open: a talk of `theirs` was written down, or the next chat is another."""
    moments, sentence = prompts()
    return render_template(
        "conversations/new.html",
        resident=resident,
        form=form,
        theirs=theirs,
        moved=moved and not theirs,
        chat=next_chat(resident) if moved else None,
        how=HOW,
        moments=moments,
        sentence=sentence,
    )


def _note_page(resident: Person, talk: Conversation, form: NoteForm, changed: bool = False) -> str:
    asks, press = not has_said_how_it_felt(talk, current_user), EmptyForm(formdata=None)
    return render_template(
        "conversations/write.html", resident=resident, talk=talk, form=form, changed=changed, asks=asks, press=press
    )


def _talk_or_404(resident_id: int, number: int) -> tuple[Person, Conversation]:
    resident = resident_or_404(resident_id)
    return resident, talk_of(resident_id, number) or abort(404)


@bp.post("/residents/<int:resident_id>/conversations/<int:number>/pulse")
@open_to(Role.RESIDENT)
def felt(resident_id, number):
    """One press on the resident's own first page."""
    talk = talk_of(own_or_404(resident_id).id, number) or abort(404)
    validate_or_400()
    feels = next((one for one in Feels if one.value == request.form.get("feels")), None) or abort(400)
    keep_pulse(resident_id, feels, conversation_id=talk.id)
    db.session.commit()
    flash(_("Thank you for telling us."))
    if feels is not Feels.YES:
        flash(_("If something should change, you can ask the managers. Your coach does not see it."))
    return redirect(resident_url(resident_id), 303)


@bp.post("/residents/<int:resident_id>/chat/cannot")
@open_to(Role.RESIDENT)
def cannot_make_it(resident_id):
    """One press: it stands on the coach's Today until another chat is planned."""
    resident = own_or_404(resident_id)
    form = validate_or_400(CannotForm)
    lock(Person, resident.id)
    chat = planned_chat(resident)
    if chat and chat.is_ahead and str(chat.id) == form.chat.data:
        chat.cannot_at = chat.cannot_at or now()
        db.session.commit()
        day = format_date(chat.day, "EEEE d MMMM")
        flash(_("We tell %(coach)s that you can't make it on %(day)s.", coach=isolated(chat.coach.name), day=day))
    else:
        flash(_("This chat was changed while your page was open. Please look again."))
    return redirect(resident_url(resident_id), 303)


@bp.get("/residents/<int:resident_id>/chat.ics")
@open_to(Role.RESIDENT)
def chat_file(resident_id):
    """The next chat for a calendar, which others may see: it says with whom, when and where, and nothing of Deal."""
    chat = next_chat(own_or_404(resident_id)) or abort(404)
    named = {"Content-Disposition": 'attachment; filename="chat.ics"'}
    return Response(_calendar(chat).to_ical(), content_type="text/calendar; charset=utf-8", headers=named)


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
    event.add("dtend", begins + (timedelta(hours=1) if chat.time else timedelta(days=1)))
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
