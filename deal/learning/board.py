"""The managers' board of what residents passed on, without names; and what was changed, for everybody to read."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select, update

from deal.access import open_to
from deal.db import db, lock, now
from deal.forms import Press, press_or_400
from deal.learning import bp
from deal.learning.forms import WHOSE, ChangeForm, GatherForm, HeadingForm
from deal.learning.models import (
    Blocker,
    Change,
    Heading,
    changes_page,
    gather,
    gathered_page,
    headings_page,
    headings_to_choose,
    loose_page,
    marked,
    number_sent,
)
from deal.people import Person, Role, names_apart


@bp.get("/blockers")
@open_to(Role.MANAGER)
def board():
    """What residents passed on, by day; and the headings."""
    return _board(_gather_form(), set())


@bp.post("/blockers")
@open_to(Role.MANAGER)
def gather_them():
    """Put the ticked ones under a heading, a new one or one that is there."""
    form = _gather_form()
    ticked = set(request.form.getlist("blocker"))
    if not form.validate() or not _is_whole(form, ticked):
        return _board(form, ticked), 422
    heading = _heading(form)
    moved = gather(ticked, heading)
    if not moved:
        db.session.rollback()  # with the new heading, that nothing would stand under
        form.form_errors.append(_("Somebody has gathered these already, or they were taken back. Look once more."))
        return _board(form, set()), 422
    db.session.commit()
    flash(ngettext("%(num)s stands under the heading.", "%(num)s stand under the heading.", moved))
    if left := len(ticked) - moved:
        flash(
            ngettext("%(num)s was gathered or taken back before.", "%(num)s were gathered or taken back before.", left)
        )
    return redirect(url_for(".heading", heading_id=heading.id), 303)


@bp.get("/blockers/headings/<int:heading_id>")
@open_to(Role.MANAGER)
def heading(heading_id):
    """A heading: who looks after it, what stands under it, what became of it."""
    row = db.session.get(Heading, heading_id) or abort(404)
    return _page(row, _heading_form(row))


@bp.post("/blockers/headings/<int:heading_id>")
@open_to(Role.MANAGER)
def change_heading(heading_id):
    """Its words, who looks after it and by which day."""
    row = db.session.get(Heading, heading_id) or abort(404)
    form = _heading_form(row)
    if not form.validate():
        return _page(row, form), 422
    lock(Heading, row.id)
    db.session.refresh(row)
    if not form.is_fresh(_as_it_stands(row)):
        return _page(row, form), 409
    row.words, row.due_on = form.title.data, form.due_on.data
    row.owner_id = int(form.owner.data) if form.owner.data else None
    db.session.commit()
    flash(_("That is kept."))
    return redirect(url_for(".heading", heading_id=heading_id), 303)


@bp.post("/blockers/headings/<int:heading_id>/changes")
@open_to(Role.MANAGER)
def answer(heading_id):
    """What was changed, or why not: everybody reads it, and who raised it reads it on their own page."""
    row = db.session.get(Heading, heading_id) or abort(404)
    form = ChangeForm()
    if not form.validate():
        return _page(row, _heading_form(row, formdata=None), form), 422
    lock(Heading, row.id)
    db.session.refresh(row)
    if not form.is_fresh(_newest_change(row)):
        return _page(row, _heading_form(row, formdata=None), form), 409
    done = form.done.data == "yes"
    change = Change(heading_id=row.id, done=done, words=form.words.data, language=str(get_locale()))
    change.by_id, change.at, change.holds = current_user.id, now(), True
    db.session.execute(update(Change).where(Change.heading_id == heading_id).values(holds=False))
    db.session.add(change)
    removed_at = func.coalesce(Heading.removed_at, change.at) if done else None  # said again, no day moves
    days = {"answered_at": row.answered_at or change.at, "removed_at": removed_at}
    db.session.execute(update(Heading).where(Heading.id == heading_id).values(**days))
    db.session.commit()
    flash(_("Everybody can read it now, under “You said, we changed”."))
    return redirect(url_for(".heading", heading_id=heading_id), 303)


@bp.post("/blockers/headings/<int:heading_id>/out")
@open_to(Role.MANAGER)
def take_out(heading_id):
    """Out from under its heading, back among the others; a second press finds it out already."""
    row = db.session.get(Heading, heading_id) or abort(404)
    press_or_400()
    under = Blocker.heading_id == row.id
    out = update(Blocker).where(Blocker.id.in_(marked(request.form.getlist("blocker"), under)), under)
    db.session.execute(out.values(heading_id=None, gathered_at=None))
    db.session.commit()
    return redirect(url_for(".heading", heading_id=heading_id), 303)


@bp.get("/changes")
@open_to(Role.RESIDENT, Role.COACH, Role.MANAGER)
def changes():
    return render_template("learning/changes.html", page=changes_page(request.args.get("after")))


def _gather_form() -> GatherForm:
    form = GatherForm()
    form.heading.offer(_("A new heading"), [(one.id, one.words) for one in headings_to_choose()])
    return form


def _is_whole(form: GatherForm, ticked: set[str]) -> bool:
    if not ticked:
        form.form_errors.append(_("Tick what belongs together."))
    if not form.heading.data and not form.words.data:
        form.words.errors = [_("Write the new heading, or choose one that is there.")]
    elif form.heading.data and form.words.data:
        form.words.errors = [
            _("You wrote a new heading and chose one that is there. Empty this box, or choose a new one.")
        ]
    return not form.errors


def _heading(form: GatherForm) -> Heading:
    """The chosen heading, or a new one; the caller commits."""
    if form.heading.data:
        return db.session.get_one(Heading, int(form.heading.data))
    language, who = str(get_locale()), current_user.id
    fresh = Heading(words=form.words.data, language=language, made_by_id=who)
    db.session.add(fresh)
    db.session.flush()
    return fresh


def _heading_form(row: Heading, **options: Any) -> HeadingForm:
    form = HeadingForm(data=_as_it_stands(row), **options)
    if not form.is_submitted() or options:
        form.starts_from(_as_it_stands(row))
    chosen = Person.id.in_([number_sent(form.owner.data), row.owner_id])
    staff = select(Person).where(Person.role != Role.RESIDENT, Person.closes_at.is_(None) | chosen)
    people = db.session.scalars(staff.order_by(Person.name_key, Person.id).limit(500)).all()
    form.left = {str(one.id): one.name for one in people if one.is_closed}
    named = names_apart(people, "email")
    names = {one.id: _("%(name)s (has left)", name=named[one.id]) if one.is_closed else named[one.id] for one in people}
    form.owner.offer(_("Nobody yet"), names.items())
    form.due_before = row.due_on
    return form


def _as_it_stands(row: Heading) -> dict[str, Any]:
    return {"title": row.words, "owner": str(row.owner_id or ""), "due_on": row.due_on}


def _newest_change(row: Heading) -> int | None:
    return max((one.id for one in row.changes), default=None)


def _board(form: GatherForm, ticked: set[str]) -> str:
    loose, headings = loose_page(request.args.get("after")), headings_page(request.args.get("headings"))
    named = names_apart([row[0].owner for row in headings.rows if row[0].owner], "email")
    page = {"loose": loose, "headings": headings, "form": form, "ticked": ticked, "whose": WHOSE, "named": named}
    return render_template("learning/board.html", **page)


def _page(row: Heading, form: HeadingForm, change_form: ChangeForm | None = None) -> str:
    if change_form is None:
        change_form = ChangeForm(formdata=None)
        change_form.starts_from(_newest_change(row))
    rows = gathered_page(row, request.args.get("after"))
    page: dict[str, Any] = {"heading": row, "page": rows, "form": form, "change_form": change_form, "whose": WHOSE}
    return render_template("learning/heading.html", press=Press(formdata=None), **page)
