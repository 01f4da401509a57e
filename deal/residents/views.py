"""A resident's own first page; for their coach, all of one person on one page; the timeline."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import open_to, resident_or_404
from deal.audit import last_viewed
from deal.blockers.models import PASSABLE, Blocker, Whose, blocker_from
from deal.contact.contact_preferences import keep_phone as keep_number
from deal.contact.models import reach_of
from deal.conversations.models import plan_chat as keep_chat
from deal.conversations.models import planned_chat
from deal.db import db, lock
from deal.forms import Form
from deal.goals.models import CheckIn
from deal.people import Person, Role
from deal.residents import bp
from deal.residents.forms import BlockerForm, ChatForm, PhoneForm
from deal.residents.my_page import hope_of, my_page
from deal.residents.one_person import one_person, to_put_right
from deal.residents.timeline import came_from, drawn, timeline_page


@bp.record_once
def init(state: Any) -> None:
    """The last page of About me offers a goal, which is in a room above it."""
    state.app.jinja_env.globals["hope_of"] = hope_of


@bp.get("/residents/<int:resident_id>/timeline")
@open_to(Role.RESIDENT, Role.COACH)
def timeline(resident_id):
    """All that happened, newest first; writing down what got in the way."""
    return timeline_page(resident_or_404(resident_id))


@bp.post("/residents/<int:resident_id>/blockers")
@open_to(Role.RESIDENT, Role.COACH)
def add_blocker(resident_id):
    """Keep what got in the way; what others can change may be passed on, if the resident says yes."""
    person, form = resident_or_404(resident_id), BlockerForm()
    check_in = came_from(person, form)
    if not form.validate():
        return drawn(person, "blockers", form, check_in), 422
    if not (check_in and (row := blocker_from(check_in))):
        row = _blocker(form, person, check_in)
        db.session.add(row)
        db.session.commit()
    if row.whose in PASSABLE:
        return redirect(url_for("blockers.blocker", resident_id=resident_id, blocker_id=row.id), 303)
    flash(_("That is written down."))
    place = f"blocker-{row.id}"
    return redirect(url_for(".timeline", resident_id=resident_id, kind="blockers", at=place, _anchor=place), 303)


def _blocker(form: BlockerForm, resident: Person, check_in: CheckIn | None) -> Blocker:
    """What a resident says is for others to change waits for their own yes at once, in their own words."""
    row = Blocker(resident_id=resident.id, by_id=current_user.id, check_in=check_in)
    row.whose = Whose(form.whose.data or "unknown")
    row.words = form.words.said
    row.language = check_in.language if check_in and not row.words else str(get_locale())
    row.conversation_id = int(form.conversation.data) if form.conversation.data else None
    if current_user.is_resident and row.whose in PASSABLE:
        row.passed_words, row.passed_language = row.said, row.language
    return row


@bp.get("/residents/<int:resident_id>")
@open_to(Role.RESIDENT, Role.COACH)
def resident(resident_id):
    """A resident's own first page; for their coach, all of one person on one page."""
    person = resident_or_404(resident_id)
    if current_user.is_resident:
        return render_template("residents/resident.html", **my_page(person))
    return render_template("residents/coachs_resident.html", since=last_viewed(person), **one_person(person))


@bp.post("/residents/<int:resident_id>/chat")
@open_to(Role.COACH)
def plan_chat(resident_id):
    """Plan the next chat; an empty day calls it off."""
    person, form = resident_or_404(resident_id), ChatForm()
    lock(Person, person.id)
    if status := form.refused(ChatForm.version_of(planned_chat(person))):
        return _again(person, form), status
    keep_chat(person, current_user, form.chat)
    db.session.commit()
    flash(_("The next chat is written down.") if form.chat else _("No chat is planned now."))
    return redirect(url_for(".resident", resident_id=resident_id), 303)


@bp.post("/residents/<int:resident_id>/phone")
@open_to(Role.COACH)
def keep_phone(resident_id):
    """A number to ring, kept with their yes; an empty one takes it away."""
    person, form = resident_or_404(resident_id), PhoneForm()
    lock(Person, person.id)
    kept = reach_of(person)
    if status := form.refused({"phone": kept and kept.phone}):
        return _again(person, form), status
    keep_number(person, form.phone.data or None)
    db.session.commit()
    flash(_("The telephone number is saved.") if form.phone.data else _("The telephone number is gone."))
    return redirect(url_for(".resident", resident_id=resident_id), 303)


def _again(person: Person, form: Form) -> str:
    """Their page once more, with the form that wants putting right; all else of it is a press away."""
    return render_template("residents/coachs_resident.html", **to_put_right(person, form))
