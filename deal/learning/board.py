"""The managers' board of what residents passed on, without names; and what was changed, for everybody to read."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, update

from deal.access import open_to
from deal.db import add_once, db, lock, pressed_before
from deal.forms import Press, press_or_400
from deal.learning import bp
from deal.learning.forms import WHOSE, ChangeForm, GatherForm, HeadingForm, as_it_stands
from deal.learning.models import (
    Blocker,
    Change,
    Heading,
    changes_page,
    gather,
    gathered_page,
    headings_page,
    loose_page,
    marked,
)
from deal.people import Role, names_apart


@bp.get("/blockers")
@open_to(Role.MANAGER)
def board():
    """What residents passed on, by day; and the headings."""
    return _board(GatherForm())


@bp.post("/blockers")
@open_to(Role.MANAGER)
def gather_them():
    """Put the ticked ones under a heading, a new one or one that is there."""
    form = GatherForm()
    if not form.validate():
        return _board(form), 422
    heading = _heading(form)
    moved = gather(form.ticked, heading)
    if not moved:
        db.session.rollback()  # with the new heading, that nothing would stand under
        form.form_errors.append(_("Somebody has gathered these already, or they were taken back. Look once more."))
        form.ticked = set()
        return _board(form), 422
    db.session.commit()
    flash(ngettext("%(num)s stands under the heading.", "%(num)s stand under the heading.", moved))
    if left := len(form.ticked) - moved:
        flash(
            ngettext("%(num)s was gathered or taken back before.", "%(num)s were gathered or taken back before.", left)
        )
    return redirect(url_for(".heading", heading_id=heading.id), 303)


@bp.get("/blockers/headings/<int:heading_id>")
@open_to(Role.MANAGER)
def heading(heading_id):
    """A heading: who looks after it, what stands under it, what became of it."""
    row = db.session.get(Heading, heading_id) or abort(404)
    return _page(row, HeadingForm(row))


@bp.post("/blockers/headings/<int:heading_id>")
@open_to(Role.MANAGER)
def change_heading(heading_id):
    """Its words, who looks after it and by which day."""
    row = db.session.get(Heading, heading_id) or abort(404)
    form = HeadingForm(row)
    if not form.validate():
        return _page(row, form), 422
    lock(Heading, row.id)
    db.session.refresh(row)
    if not form.is_fresh(as_it_stands(row)):
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
        return _page(row, HeadingForm(row, formdata=None), form), 422
    lock(Heading, row.id)
    db.session.refresh(row)
    if not pressed_before(Change, form.once_key) and not form.is_fresh(_newest_change(row)):
        return _page(row, HeadingForm(row, formdata=None), form), 409
    done = form.done.data == "yes"
    change = Change(heading_id=row.id, done=done, words=form.words.data, language=str(get_locale()))
    change.by_id, change.once_key, change.holds = current_user.id, form.once_key, False
    if add_once(change) is change:
        db.session.execute(update(Change).where(Change.heading_id == heading_id).values(holds=False))
        change.holds = True
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


def _heading(form: GatherForm) -> Heading:
    """The chosen heading, or a new one; the caller commits."""
    if form.heading.data:
        return db.session.get_one(Heading, int(form.heading.data))
    language, who = str(get_locale()), current_user.id
    return add_once(Heading(words=form.words.data, language=language, made_by_id=who, once_key=form.once_key))


def _newest_change(row: Heading) -> int | None:
    return max((one.id for one in row.changes), default=None)


def _board(form: GatherForm) -> str:
    loose, headings = loose_page(request.args.get("after")), headings_page(request.args.get("headings"))
    named = names_apart([row[0].owner for row in headings.rows if row[0].owner], "email")
    page = {"loose": loose, "headings": headings, "form": form, "whose": WHOSE, "named": named}
    return render_template("learning/board.html", **page)


def _page(row: Heading, form: HeadingForm, change_form: ChangeForm | None = None) -> str:
    if change_form is None:
        change_form = ChangeForm(formdata=None)
        change_form.starts_from(_newest_change(row))
    rows = gathered_page(row, request.args.get("after"))
    page: dict[str, Any] = {"heading": row, "page": rows, "form": form, "change_form": change_form, "whose": WHOSE}
    return render_template("learning/heading.html", press=Press(formdata=None), **page)
