"""The coach's Today, and conversations that the resident can read."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from deal.access import open_to, own_or_404, resident_or_404
from deal.accounts.coaching import how_theirs
from deal.accounts.models import shut_letter
from deal.conversations import bp
from deal.conversations.forms import HOW, NoteForm, NotWhatISaidForm, TalkForm
from deal.conversations.models import (
    Conversation,
    How,
    Note,
    astray_letters,
    conversation_page,
    end_wait,
    everyone_else,
    waiting_for,
)
from deal.db import add_once, db, now
from deal.db import today as landlords_day
from deal.forms import Press, has_words
from deal.people import Role


@bp.get("/today")
@open_to(Role.COACH)
def today():
    """Who waits for a first conversation, longest first, and everyone else."""
    waiting = waiting_for(current_user, request.args.get("waiting"))
    others = everyone_else(current_user, request.args.get("others"))
    why = how_theirs(current_user, [row[0].id for row in (*waiting.rows, *others.rows)])
    page = {"waiting": waiting, "others": others, "astray": astray_letters(current_user), "press": Press()}
    return render_template("conversations/today.html", today=landlords_day(), why=why, **page)


@bp.get("/residents/<int:resident_id>/conversations")
@open_to(Role.RESIDENT, Role.COACH)
def index(resident_id):
    """The talks, newest first, with what was written about them."""
    resident = resident_or_404(resident_id)
    page = conversation_page(resident, request.args.get("after"))
    return render_template("conversations/index.html", resident=resident, page=page, how=HOW)


@bp.get("/residents/<int:resident_id>/conversations/new")
@open_to(Role.COACH)
def new(resident_id):
    """We talked."""
    return render_template("conversations/new.html", resident=resident_or_404(resident_id), form=TalkForm())


@bp.post("/residents/<int:resident_id>/conversations/new")
@open_to(Role.COACH)
def talked(resident_id):
    """Keep the talk; the first one ends the resident's wait."""
    resident = resident_or_404(resident_id)
    form = TalkForm()
    if not form.validate():
        return render_template("conversations/new.html", resident=resident, form=form), 422
    notes = [_note(form)] if has_words(form.words.data) else []
    days = {"talked_on": form.talked_on.data, "next_on": form.next_on.data}
    talk = Conversation(resident_id=resident.id, coach_id=current_user.id, how=How(form.how.data), notes=notes, **days)
    talk.once_key = form.once_key
    add_once(talk)
    end_wait(resident, talk.talked_on)
    shut_letter(resident)
    db.session.commit()
    flash(_("The talk with %(name)s is kept.", name=resident.name))
    return redirect(url_for("home.resident", resident_id=resident_id), 303)


@bp.get("/residents/<int:resident_id>/conversations/<int:number>/notes")
@open_to(Role.COACH)
def write(resident_id, number):
    """Words for a talk, added later."""
    resident = resident_or_404(resident_id)
    talk = _talk_or_404(resident_id, number)
    return render_template("conversations/write.html", resident=resident, talk=talk, form=NoteForm())


@bp.post("/residents/<int:resident_id>/conversations/<int:number>/notes")
@open_to(Role.COACH)
def add_note(resident_id, number):
    """Keep the words beside those that are there."""
    resident = resident_or_404(resident_id)
    talk = _talk_or_404(resident_id, number)
    form = NoteForm()
    if not form.validate():
        return render_template("conversations/write.html", resident=resident, talk=talk, form=form), 422
    note = _note(form)
    note.conversation_id, note.once_key = talk.id, form.once_key
    add_once(note)
    shut_letter(resident)
    db.session.commit()
    return redirect(url_for(".index", resident_id=resident_id, _anchor=f"talk-{number}"), 303)


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
    if has_words(form.words.data):
        own = _note(form)
        own.conversation_id, own.once_key = number, form.once_key
        add_once(own)
    db.session.commit()
    flash(_("Marked as not agreed. It will never be printed."))
    return redirect(url_for(".index", resident_id=resident_id, _anchor=f"talk-{number}"), 303)


def _note(form) -> Note:
    return Note(words=form.words.data, typed_by_id=current_user.id, language=str(get_locale()))


def _talk_or_404(resident_id: int, number: int) -> Conversation:
    """A talk with this resident, who must have been loaded through resident_or_404 before."""
    found = select(Conversation).where(Conversation.id == number, Conversation.resident_id == resident_id)
    return db.session.scalar(found) or abort(404)


def _note_typed_for_me_or_404(resident_id: int, number: int, note_id: int) -> Note:
    own_or_404(resident_id)
    talk = _talk_or_404(resident_id, number)
    found = (one for one in talk.notes if one.id == note_id and one.typed_by_id != resident_id)
    return next(found, None) or abort(404)
