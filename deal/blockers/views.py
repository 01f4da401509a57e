"""What got in a resident's way, passed on by their yes; the headings under which managers answer it."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import update

from deal.access import open_to, resident_or_404, resident_url
from deal.blockers import bp, forms, models
from deal.blockers.forms import WHOSE, ChangeForm, HeadingForm
from deal.blockers.models import PASSABLE, Blocker, Change, Heading, Whose, blocker_of
from deal.clock import now, start_of, today
from deal.db import db, lock, supersede
from deal.drafts.forms import read_together
from deal.forms import Form, validate_or_400
from deal.names import isolated
from deal.people import Person, Role
from deal.undo import cannot_be_undone, forget_what_was_sent_about


@bp.get("/residents/<int:resident_id>/blockers/<int:blocker_id>")
@open_to(Role.RESIDENT, Role.COACH)
def blocker(resident_id, blocker_id):
    """One of them: may it be passed on?"""
    return _page(*_blocker_or_404(resident_id, blocker_id))


@bp.post("/residents/<int:resident_id>/blockers/<int:blocker_id>/for-managers")
@open_to(Role.COACH)
def write_for_managers(resident_id, blocker_id):
    """The coach writes it afresh; the resident is asked on their first page."""
    resident, row = _blocker_or_404(resident_id, blocker_id)
    form = forms.ForManagersForm()
    form.about = resident
    if not form.validate():
        return _page(resident, row, form), 422
    asked = models.ask_for_a_yes(row, form.words.data, str(get_locale()), Whose(form.whose.data))
    db.session.commit()
    if asked:
        flash(_("%(name)s is asked on their first page if we may pass it on.", name=isolated(resident.full_name)))
    else:
        flash(_("%(name)s has answered already. Nothing was changed.", name=isolated(resident.full_name)))
    return redirect(_at(row), 303)


@bp.post("/residents/<int:resident_id>/blockers/<int:blocker_id>/pass-on")
@open_to(Role.RESIDENT)
def pass_on(resident_id, blocker_id):
    """Yes, with the words that stood there; or no, also after a yes: then managers read it no more."""
    resident, row = _blocker_or_404(resident_id, blocker_id)
    form = forms.PassOnForm()
    form.about = resident
    if request.form.get("answer") == "no":
        validate_or_400()
        _say_no(row)
    elif request.form.get("answer") != "yes":
        abort(400)
    elif not form.validate():
        return _page(resident, row, form), 422
    else:
        _say_yes(row, form.words.data)
    db.session.commit()
    return redirect(resident_url(resident_id), 303)


@bp.post("/residents/<int:resident_id>/blockers/<int:blocker_id>/gone")
@open_to(Role.RESIDENT, Role.COACH)
def gone(resident_id, blocker_id):
    _resident, row = _blocker_or_404(resident_id, blocker_id)
    validate_or_400()
    row.gone_at = row.gone_at or now()
    db.session.commit()
    flash(_("Good. It is out of the way."))
    return redirect(_on_the_timeline(row), 303)


@bp.post("/residents/<int:resident_id>/blockers/<int:blocker_id>/take-back")
@open_to(Role.RESIDENT)
@cannot_be_undone("words that are taken back are gone for good")
def take_back(resident_id, blocker_id):
    """No word of it is left, here or with the managers."""
    _resident, row = _blocker_or_404(resident_id, blocker_id)
    validate_or_400()
    models.forget_drafts_about(row)
    forget_what_was_sent_about(resident_id)
    row.words = row.passed_words = row.passed_on = None
    row.kept_at, row.taken_back_at = row.kept_at or now(), row.taken_back_at or now()
    db.session.commit()
    flash(_("That is taken back. No word of it is left."))
    return redirect(_on_the_timeline(row), 303)


def _blocker_or_404(resident_id: int, blocker_id: int) -> tuple[Person, Blocker]:
    resident = resident_or_404(resident_id)
    return resident, blocker_of(resident, blocker_id) or abort(404)


def _say_no(row: Blocker) -> None:
    row.passed_on, row.kept_at = None, row.kept_at or now()
    flash(_("It stays between you and your coach."))


def _say_yes(row: Blocker, words: str) -> None:
    """The words that they saw are those that go; what managers have gathered stays as it was."""
    if row.taken_back_at or row.whose not in PASSABLE:
        abort(404)
    if not (row.passed_on and row.heading_id):
        row.passed_language = row.passed_language if words == row.passed_words else str(get_locale())
        row.passed_words = words
    row.passed_on, row.kept_at = row.passed_on or start_of(today()), None
    flash(_("Thank you. It is passed on, without your name."))


def _at(row: Blocker) -> str:
    return url_for(".blocker", resident_id=row.resident_id, blocker_id=row.id)


def _on_the_timeline(row: Blocker) -> str:
    place = f"blocker-{row.id}"
    return resident_url(row.resident_id, f"/timeline?kind=blockers&at={place}#{place}")


def _page(resident: Person, row: Blocker, form: Form | None = None) -> str:
    if form is None and current_user.is_resident:
        form = forms.PassOnForm(words=row.passed_words or row.said)
    elif form is None:
        form = forms.ForManagersForm(words=row.passed_words, whose=row.whose.value if row.whose in PASSABLE else None)
    return render_template("blockers/blocker.html", resident=resident, row=row, form=form, whose=WHOSE)


@bp.get("/blockers/headings/<int:heading_id>")
@open_to(Role.MANAGER)
def heading(heading_id):
    """A heading: who looks after it, what stands under it, what became of it."""
    return _heading_page(db.session.get(Heading, heading_id) or abort(404))


@bp.post("/blockers/headings/<int:heading_id>")
@open_to(Role.MANAGER)
def change_heading(heading_id):
    """Its words, who looks after it and by which day."""
    lock(Heading, heading_id)
    row = db.session.get(Heading, heading_id) or abort(404)
    form = HeadingForm(row)
    if status := form.refused(forms.as_it_stands(row)):
        return _heading_page(row, form), status
    row.words, row.due_on = form.title.data, form.due_on.data
    row.owner_id = int(form.owner.data) if form.owner.data else None
    db.session.commit()
    flash(_("Saved."))
    return redirect(url_for(".heading", heading_id=heading_id), 303)


@bp.post("/blockers/headings/<int:heading_id>/changes")
@open_to(Role.MANAGER)
def answer(heading_id):
    """What was changed, or why not: everybody reads it, and who raised it reads it on their own page."""
    lock(Heading, heading_id)
    row = db.session.get(Heading, heading_id) or abort(404)
    form = ChangeForm()
    if status := form.refused(_newest_change(row)):
        return _heading_page(row, change_form=form), status
    supersede(Change, heading_id=row.id)
    change = Change(heading_id=row.id, done=form.done.data == "yes", words=form.words.data, language=str(get_locale()))
    change.by_id, change.at = current_user.id, now()
    db.session.add(change)
    row.answered_at = row.answered_at or change.at
    row.removed_at = (row.removed_at or change.at) if change.done else None  # said again, no day moves
    db.session.commit()
    flash(_("Everybody can read it now, under “You said, we changed”."))
    return redirect(url_for(".heading", heading_id=heading_id), 303)


@bp.post("/blockers/headings/<int:heading_id>/out")
@open_to(Role.MANAGER)
def take_out(heading_id):
    """Out from under its heading, back among the others; a second press finds it out already."""
    row = db.session.get(Heading, heading_id) or abort(404)
    validate_or_400()
    under = Blocker.heading_id == row.id
    out = update(Blocker).where(Blocker.id.in_(models.marked(request.form.getlist("blocker"), under)), under)
    db.session.execute(out.values(heading_id=None, gathered_at=None))
    db.session.commit()
    return redirect(url_for(".heading", heading_id=heading_id), 303)


def _newest_change(row: Heading) -> int | None:
    return next((one.id for one in row.changes), None)


def _heading_page(row: Heading, form: HeadingForm | None = None, change_form: ChangeForm | None = None) -> str:
    read_together(HeadingForm, ChangeForm)
    if change_form is None:
        change_form = ChangeForm(formdata=None)
        change_form.starts_from(_newest_change(row))
    return render_template(
        "blockers/heading.html",
        heading=row,
        page=models.gathered_page(row, request.args.get("after")),
        whose=WHOSE,
        form=form or HeadingForm(row, formdata=None),
        change_form=change_form,
    )
