"""Residents are passed on to another coach, or get cover; each is told, and may ask for somebody else.

A coach does it for one resident or all of theirs; a manager for a coach's people, and sees no name.
"""

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select

from deal.access import open_to, own_or_404, resident_url
from deal.caseload import assignments, bp
from deal.caseload.forms import AssignmentForm, CoverForm, nobody_for
from deal.clock import now
from deal.db import db
from deal.forms import EmptyForm, form_page, validate_or_400
from deal.names import isolated
from deal.people import Assignment, Person, Role


def arrange(form: AssignmentForm) -> int:
    """To how many the chosen coach was given; 0 where it was not pressed, or has to be put right. Commits."""
    if not form.validate_on_submit() or not form.is_fresh(form.coach_now):
        return 0
    chosen = assignments.who_may_go(form.whom, form.to.chosen, form.most)
    if not chosen:
        form.form_errors.append(nobody_for(form.to.chosen))
    elif form.days:
        assignments.cover(chosen, form.arranged(), *form.days)
    else:
        assignments.pass_on(chosen, form.arranged())
    return len(chosen)


def arrange_many(form: AssignmentForm) -> int:
    """As `arrange`; the next page says how many they were, and how many were left out."""
    new = arrange(form)
    if not new:
        return 0
    who, left = isolated(form.to.chosen.name), assignments.count_of(form.whom)
    if form.days:
        left -= new
        flash(ngettext("%(coach)s covers for %(num)s person.", "%(coach)s covers for %(num)s people.", new, coach=who))
        out = ngettext("%(num)s person is not covered.", "%(num)s people are not covered.", left)
    else:
        flash(ngettext("%(coach)s has %(num)s person more.", "%(coach)s has %(num)s people more.", new, coach=who))
        out = ngettext("%(num)s person was not moved.", "%(num)s people were not moved.", left)
    if left > 0:
        flash(out)
    return new


@bp.get("/cover")
@bp.post("/cover", endpoint="keep_cover")
@open_to(Role.COACH)
def cover_all():
    """Who stands in for all my people while I am away, and for whom do I?"""
    form = CoverForm("caseload.keep_cover", coach=current_user)
    if arrange_many(form):
        return redirect(url_for(".cover_all"), 303)
    covers, mine = assignments.covers_of(current_user), assignments.covering_for(current_user)
    people = assignments.count_of(form.whom)
    return form_page("caseload/cover.html", form, people=people, covers=covers, mine=mine, press=EmptyForm())


@bp.post("/cover/<int:person_id>/end")
@open_to(Role.COACH)
def end_my_cover(person_id):
    """I am back: from this moment on that coach sees none of my people."""
    return cover_ended(current_user, person_id, url_for(".cover_all"))


def cover_ended(coach: Person, covering: int, back: str) -> Any:
    validate_or_400()
    assignments.end_cover(Assignment.coach_id == covering, Assignment.resident_id.in_(assignments.people_of(coach)))
    db.session.commit()
    flash(_("That cover has ended."))
    return redirect(back, 303)


@bp.post("/residents/<int:resident_id>/coaches/<int:coaching_id>/seen")
@open_to(Role.RESIDENT)
def seen_coach(resident_id, coaching_id):
    """All right: it need not be said on the first page any more."""
    resident = own_or_404(resident_id)
    theirs = Assignment.id == coaching_id, Assignment.resident_id == resident.id
    row = db.session.scalar(select(Assignment).where(*theirs)) or abort(404)
    validate_or_400()
    row.seen_at = row.seen_at or now()
    db.session.commit()
    return redirect(resident_url(resident_id), 303)
