"""Conversations, which the resident can read."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import open_to, own_or_404, resident_or_404
from deal.accounts.invitation_models import shut_letter
from deal.assessment.pulse import Feels
from deal.conversations import bp
from deal.conversations.at_hand import prompts
from deal.conversations.forms import HOW, NoteForm, NotWhatISaidForm, TalkForm
from deal.conversations.models import (
    Conversation,
    How,
    Note,
    end_wait,
    has_talk_on,
    last_way,
    newest_talk,
    next_chat,
    plan_chat,
    planned_chat,
    talk_of,
)
from deal.conversations.pulse import has_said_how_it_felt, keep_pulse
from deal.db import db, now
from deal.db import today as landlords_day
from deal.forms import Press, press_or_400
from deal.names import isolated
from deal.people import Person, Role


@bp.get("/residents/<int:resident_id>/conversations/new")
@open_to(Role.COACH)
def new(resident_id):
    """We talked: today, the way these two talked last; and what was typed here before and not saved."""
    resident = resident_or_404(resident_id)
    newest, chat = newest_talk(resident), planned_chat(resident)
    usual = {"how": (last_way(resident, current_user) or How.PHONE).value}
    form = TalkForm(
        data=usual | TalkForm.data_of(chat if chat and chat.takes_place and chat.day > landlords_day() else None)
    )
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
    return redirect(url_for("home.resident", resident_id=resident_id), 303)


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
    if not form.validate():
        return _note_page(resident, talk, form), 422
    if not form.is_fresh(_newest_note(talk)):
        return _note_page(resident, talk, form, changed=True), 409
    talk.notes += _notes(form)
    _end_typing(form, talk, resident)
    return redirect(_on_the_timeline(resident_id, number), 303)


@bp.post("/residents/<int:resident_id>/conversations/<int:number>/no-words")
@open_to(Role.COACH)
def no_words(resident_id, number):
    """There is nothing to write about this talk: it waits for words no longer."""
    _resident, talk = _talk_or_404(resident_id, number)
    press_or_400()
    talk.no_words_at = talk.no_words_at or now()
    db.session.commit()
    flash(_("This talk needs no words."))
    return redirect(url_for(".today"), 303)


@bp.get("/residents/<int:resident_id>/conversations/<int:number>/notes/<int:note_id>/not-mine")
@open_to(Role.RESIDENT)
def not_mine(resident_id, number, note_id):
    """That's not what I said: what would you say?"""
    note = _note_typed_for_me_or_404(resident_id, number, note_id)
    return render_template("conversations/not_mine.html", note=note, form=NotWhatISaidForm())


@bp.post("/residents/<int:resident_id>/conversations/<int:number>/notes/<int:note_id>/not-mine")
@open_to(Role.RESIDENT)
def say_it_myself(resident_id, number, note_id):
    """The note is marked "not agreed"; the resident's words stand beside it."""
    note = _note_typed_for_me_or_404(resident_id, number, note_id)
    form = NotWhatISaidForm()
    if not form.validate():
        return render_template("conversations/not_mine.html", note=note, form=form), 422
    note.not_agreed_at = note.not_agreed_at or now()
    if form.words.said:
        own = {"words": form.words.said, "taking_away": note.taking_away, **_typed_by_me()}
        db.session.add(Note(conversation_id=number, **own))
    db.session.commit()
    flash(_("Marked as not agreed. It will never be printed."))
    return redirect(_on_the_timeline(resident_id, number), 303)


def _on_the_timeline(resident_id: int, number: int) -> str:
    place = f"talk-{number}"
    return url_for("home.timeline", resident_id=resident_id, kind="talks", at=place, _anchor=place)


def _newest_note(talk: Conversation) -> int | None:
    return talk.notes[-1].id if talk.notes else None


def _typed_by_me() -> dict[str, Any]:
    return {"typed_by_id": current_user.id, "language": str(get_locale())}


def _notes(form: NoteForm) -> list[Note]:
    """What the coach wrote, and what the resident takes away."""
    said = ((form.words.said, False), (form.taking_away.said, True))
    return [Note(words=words, taking_away=theirs, **_typed_by_me()) for words, theirs in said if words]


def _keep_talk(form: TalkForm, resident: Person) -> None:
    """The first talk ends the resident's wait. Commits."""
    said = {"talked_on": form.talked_on.data, "how": How(form.how.data)}
    talk = Conversation(resident_id=resident.id, coach_id=current_user.id, **said)
    talk.notes = _notes(form)
    db.session.add(talk)
    plan_chat(resident, current_user, form.chat)
    end_wait(resident, talk.talked_on)
    _end_typing(form, talk, resident)


def _end_typing(form: NoteForm, talk: Conversation, resident: Person) -> None:
    """How it felt, and no letter that lets somebody else in to these words. Commits."""
    if form.feels.data:
        keep_pulse(talk, current_user, Feels(form.feels.data))
    shut_letter(resident)
    db.session.commit()


def _talk_page(resident: Person, form: TalkForm, theirs: Conversation | None = None, moved: bool = False) -> str:
    """Something `moved` while the page was open: a talk of `theirs` was written down, or the next chat is another."""
    moments, sentence = prompts()
    page = {"resident": resident, "form": form, "theirs": theirs, "how": HOW}
    page |= {"moved": moved and not theirs, "chat": next_chat(resident) if moved else None}
    return render_template("conversations/new.html", moments=moments, sentence=sentence, **page)


def _note_page(resident: Person, talk: Conversation, form: NoteForm, changed: bool = False) -> str:
    page = {"resident": resident, "talk": talk, "form": form, "changed": changed}
    page |= {"ask_how_it_felt": not has_said_how_it_felt(talk, current_user), "press": Press(formdata=None)}
    return render_template("conversations/write.html", **page)


def _talk_or_404(resident_id: int, number: int) -> tuple[Person, Conversation]:
    resident = resident_or_404(resident_id)
    return resident, talk_of(resident_id, number) or abort(404)


def _note_typed_for_me_or_404(resident_id: int, number: int, note_id: int) -> Note:
    talk = talk_of(own_or_404(resident_id).id, number) or abort(404)
    typed_for_me = (one for one in talk.notes if one.typed_by_id != resident_id and not one.taken_back_at)
    return next((one for one in typed_for_me if one.id == note_id), None) or abort(404)
