"""One goal: loading it, its page, its steps and its check-ins."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import open_to, resident_or_404
from deal.db import db, now
from deal.forms import Press, press_or_400
from deal.goals import bp
from deal.goals.forms import STATES, CheckInForm, StepForm
from deal.goals.models import MOST_STEPS, CheckIn, Goal, Step, check_ins_page, goal_of, states_of, wordings_page
from deal.goals.sharing import may_be_shared, shared_of
from deal.people import Person, Role


def goal_or_404(resident_id: int, goal_id: int) -> tuple[Person, Goal]:
    """The goal, where it is this resident's and the reader may see it."""
    resident = resident_or_404(resident_id)
    return resident, goal_of(resident, goal_id) or abort(404)


def said_by(resident: Person) -> dict:
    """Who said it (always the resident), who typed it, and in which language the page was."""
    return {"said_by_id": resident.id, "typed_by_id": current_user.id, "language": str(get_locale())}


@bp.get("/residents/<int:resident_id>/goals/<int:goal_id>")
@open_to(Role.RESIDENT, Role.COACH)
def goal(resident_id, goal_id):
    """One goal: its words, steps, check-ins, and how it came to be."""
    resident, found = goal_or_404(resident_id, goal_id)
    return _page(resident, found, StepForm())


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/steps")
@open_to(Role.RESIDENT, Role.COACH)
def add_step(resident_id, goal_id):
    resident, found = goal_or_404(resident_id, goal_id)
    form = StepForm()
    good = form.validate()
    if good and len(found.steps) >= MOST_STEPS:
        form.form_errors.append(
            _("There are 50 steps on this goal, and more do not fit. Perhaps it is time for a new goal?")
        )
        good = False
    if not good:
        return _page(resident, found, form), 422
    step = {"words": form.words.data, "who": form.who.data or "", "language": str(get_locale())}
    db.session.add(Step(goal_id=found.id, added_by_id=current_user.id, **step))
    db.session.commit()
    return redirect(_at(resident, found, "steps"), 303)


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/steps/<int:step_id>")
@open_to(Role.RESIDENT, Role.COACH)
def tick_step(resident_id, goal_id, step_id):
    """Done, or not done after all; pressing twice does it once."""
    resident, found = goal_or_404(resident_id, goal_id)
    step = next((one for one in found.steps if one.id == step_id and not one.taken_back_at), None) or abort(404)
    press_or_400()
    if (done := request.form.get("done")) not in ("yes", "no"):
        abort(400)
    step.done_at = (step.done_at or now()) if done == "yes" else None
    db.session.commit()
    return redirect(_at(resident, found, "steps"), 303)


@bp.get("/residents/<int:resident_id>/goals/<int:goal_id>/check-in")
@open_to(Role.RESIDENT, Role.COACH)
def check_in(resident_id, goal_id):
    resident, found = goal_or_404(resident_id, goal_id)
    return render_template("goals/check_in.html", resident=resident, goal=found, form=CheckInForm())


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/check-in")
@open_to(Role.RESIDENT, Role.COACH)
def add_check_in(resident_id, goal_id):
    resident, found = goal_or_404(resident_id, goal_id)
    form = CheckInForm()
    if not form.validate():
        return render_template("goals/check_in.html", resident=resident, goal=found, form=form), 422
    said = {name: form[name].data or None for name in ("helped", "in_the_way", "celebrate")}
    db.session.add(CheckIn(goal_id=found.id, number=form.number.data, **said, **said_by(resident)))
    db.session.commit()
    flash(_("Thank you. That is kept."))
    return redirect(url_for(".goal", resident_id=resident_id, goal_id=goal_id), 303)


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/check-ins/<int:check_in_id>/not-mine")
@open_to(Role.RESIDENT)
def check_in_not_mine(resident_id, goal_id, check_in_id):
    """That's not what I said: what staff typed is marked, and never printed; the resident tells it anew."""
    _resident, found = goal_or_404(resident_id, goal_id)
    typed = db.session.get(CheckIn, check_in_id)
    if typed is None or typed.goal_id != found.id or typed.typed_by_id == resident_id:
        abort(404)
    press_or_400()
    typed.not_agreed_at = typed.not_agreed_at or now()
    db.session.commit()
    flash(_("Marked as not agreed. It will never be printed. You can tell it in your own words here."))
    return redirect(url_for(".check_in", resident_id=resident_id, goal_id=goal_id), 303)


def _page(resident: Person, found: Goal, step_form: StepForm) -> str:
    return render_template(
        "goals/goal.html",
        resident=resident,
        goal=found,
        wordings=wordings_page(found, request.args.get("wordings")),
        check_ins=check_ins_page(found, request.args.get("check-ins")),
        story=states_of(found),
        states=STATES,
        step_form=step_form,
        press=Press(formdata=None),
        shared=shared_of(found) if current_user.is_resident else None,
        may_be_shared=may_be_shared(found),
    )


def _at(resident: Person, found: Goal, place: str) -> str:
    return url_for(".goal", resident_id=resident.id, goal_id=found.id, _anchor=place)
