"""Cover for all of a coach's people; a manager covers or moves them by number, and sees no name."""

from datetime import date
from functools import cached_property
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from wtforms import StringField
from wtforms.validators import Optional, Regexp

from deal.access import open_to
from deal.accounts import bp
from deal.accounts.coaching import count_of, cover, covering_for, covers_of, end_cover, pass_on, people_of, who_may_go
from deal.accounts.hand_over import CoverForm, GiveForm
from deal.db import db
from deal.forms import Press, WordsField, press_or_400
from deal.names import isolated
from deal.people import Coaching, Person, Role


class GiveManyForm(GiveForm):
    """Give people a coach, by number."""

    many: StringField | None = StringField(
        _l("How many of them?"),
        description=_l("Leave this empty for all."),
        render_kw={"inputmode": "numeric", "class": "govuk-input--width-4"},
        validators=[Optional(), Regexp(r"^[1-9][0-9]{0,3}\Z", message=_l("Write a whole number, or leave it empty."))],
    )
    words = WordsField(
        _l("A line for all of them (you can leave this empty)"),
        description=_l("Each of them reads it on their first page."),
        render_kw={"rows": 3},
    )

    def __init__(self, coach: Person | None) -> None:
        """This coach's people, or those who have none."""
        super().__init__(None, coach)
        self.whom = people_of(coach)

    @cached_property
    def people(self) -> int:
        return count_of(self.whom)


class CoverAllForm(GiveManyForm, CoverForm):
    """A coach is away: somebody stands in with their people."""


@bp.get("/cover")
@open_to(Role.COACH)
def cover_all():
    """Who stands in while I am away, and for whom do I?"""
    return _own_page(CoverAllForm(current_user))


@bp.post("/cover")
@open_to(Role.COACH)
def keep_cover():
    """For those days the other coach sees all my people too."""
    form = CoverAllForm(current_user)
    if not covered(form, form.first.data):
        return _own_page(form), 422
    return redirect(url_for(".cover_all"), 303)


@bp.post("/cover/<int:person_id>/end")
@open_to(Role.COACH)
def end_my_cover(person_id):
    """I am back: from this moment on that coach sees none of my people."""
    return _ended(current_user, person_id, url_for(".cover_all"))


@bp.get("/staff/<int:person_id>/people")
@open_to(Role.MANAGER)
def people(person_id):
    """How many people a coach has, and who covers for how many."""
    coach = _coach_or_404(person_id)
    page = {"coach": coach, "people": count_of(people_of(coach)), "covers": covers_of(coach)}
    return render_template("accounts/people_of.html", press=Press(), **page)


@bp.get("/staff/people-without-a-coach", endpoint="without_coach")
@bp.get("/staff/<int:person_id>/people/move")
@open_to(Role.MANAGER)
def move(person_id=None):
    """To which coach do they go, or those who have none?"""
    coach = None if person_id is None else _coach_or_404(person_id)
    return render_template("accounts/move.html", form=GiveManyForm(coach), coach=coach)


@bp.post("/staff/people-without-a-coach", endpoint="give_a_coach")
@bp.post("/staff/<int:person_id>/people/move")
@open_to(Role.MANAGER)
def move_people(person_id=None):
    """They are that coach's now."""
    coach = None if person_id is None else _coach_or_404(person_id)
    form = GiveManyForm(coach)
    if not moved(form):
        return render_template("accounts/move.html", form=form, coach=coach), 422
    return redirect(url_for(".people", person_id=person_id) if coach else url_for("kpis.numbers"), 303)


@bp.get("/staff/<int:person_id>/people/cover")
@open_to(Role.MANAGER)
def cover_for(person_id):
    coach = _coach_or_404(person_id)
    return render_template("accounts/cover_for.html", form=CoverAllForm(coach), coach=coach)


@bp.post("/staff/<int:person_id>/people/cover")
@open_to(Role.MANAGER)
def keep_cover_for(person_id):
    """For those days that coach sees them too."""
    coach = _coach_or_404(person_id)
    form = CoverAllForm(coach)
    if not covered(form, form.first.data):
        return render_template("accounts/cover_for.html", form=form, coach=coach), 422
    return redirect(url_for(".people", person_id=person_id), 303)


@bp.post("/staff/<int:person_id>/people/cover/<int:coach_id>/end")
@open_to(Role.MANAGER)
def end_cover_for(person_id, coach_id):
    return _ended(_coach_or_404(person_id), coach_id, url_for(".people", person_id=person_id))


def moved(form: Any) -> int:
    """How many were given to the chosen coach; none where something in the form has to be put right."""
    count = _given(form, pass_on)
    if count:
        name = isolated(form.to.chosen.name)
        flash(ngettext("%(coach)s has %(num)s person more.", "%(coach)s has %(num)s people more.", count, coach=name))
        if left := count_of(form.whom):
            flash(ngettext("%(num)s person was not moved.", "%(num)s people were not moved.", left))
    return count


def covered(form: Any, first: date) -> int:
    """For how many the chosen coach stands in; none where something in the form has to be put right."""
    count = _given(form, lambda chosen, what: cover(chosen, what, first, form.last.data))
    if count:
        name, left = isolated(form.to.chosen.name), count_of(form.whom) - count
        flash(
            ngettext("%(coach)s covers for %(num)s person.", "%(coach)s covers for %(num)s people.", count, coach=name)
        )
        if left > 0:
            flash(ngettext("%(num)s person is not covered.", "%(num)s people are not covered.", left))
    return count


def _given(form: Any, give: Any) -> int:
    if not form.validate():
        return 0
    to = form.to.chosen
    chosen = who_may_go(form.whom, to, int(form.many.data) if form.many and form.many.data else None)
    if chosen:
        give(chosen, form.arranged())
    else:
        name = isolated(to.name)
        form.form_errors.append(_("There is nobody whom %(coach)s could take. Choose another coach.", coach=name))
    return len(chosen)


def _ended(coach: Person, covering: int, back: str) -> Any:
    press_or_400()
    end_cover(Coaching.coach_id == covering, Coaching.resident_id.in_(people_of(coach)))
    db.session.commit()
    flash(_("That cover has ended."))
    return redirect(back, 303)


def _coach_or_404(person_id: int) -> Person:
    person = db.session.get(Person, person_id)
    return person if person and person.is_coach else abort(404)


def _own_page(form: Any) -> str:
    page = {"covers": covers_of(current_user), "mine": covering_for(current_user), "press": Press()}
    return render_template("accounts/cover.html", form=form, **page)
