"""Goals: written by either side, in the resident's words."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import open_to, own_or_404, resident_or_404
from deal.accounts.models import shut_letter
from deal.assessment.models import ReadBack, confirm
from deal.db import db, now
from deal.forms import choices_of, press_or_400
from deal.goals import bp
from deal.goals.forms import STATES, WARM, ChangeWordingForm, GoalForm, NotWhatISaidForm, StateForm, WordingForm
from deal.goals.models import Goal, GoalState, State, Step, Wording, goals_page, quotable, reword
from deal.goals.steps import goal_or_404, said_by
from deal.people import Person, Role


@bp.get("/residents/<int:resident_id>/goals")
@open_to(Role.RESIDENT, Role.COACH)
def index(resident_id):
    """A resident's goals, the live ones first."""
    resident = resident_or_404(resident_id)
    page = goals_page(resident, request.args.get("after"))
    return render_template("goals/index.html", resident=resident, page=page, states=STATES)


@bp.get("/residents/<int:resident_id>/goals/new")
@open_to(Role.RESIDENT, Role.COACH)
def new(resident_id):
    """Write a goal, perhaps with the words of an answer."""
    resident = resident_or_404(resident_id)
    quoted = quotable(resident, request.args.get("quote", ""))
    form = GoalForm(words=quoted and quoted.words, quoted=quoted and quoted.id)
    return render_template("goals/new.html", resident=resident, form=form, quoted=quoted)


@bp.post("/residents/<int:resident_id>/goals/new")
@open_to(Role.RESIDENT, Role.COACH)
def add(resident_id):
    """Keep the goal, its first wording and its first step together."""
    resident = resident_or_404(resident_id)
    form = GoalForm()
    if not form.validate():
        return render_template("goals/new.html", resident=resident, form=form, quoted=None), 422
    goal = _new_goal(_wording_from(form, resident))
    if form.step.said:
        goal.steps = [Step(words=form.step.data, added_by_id=current_user.id, language=str(get_locale()))]
    db.session.add(goal)
    shut_letter(resident)
    db.session.commit()
    flash(_("The goal is written down."))
    return redirect(url_for(".goal", resident_id=resident_id, goal_id=goal.id), 303)


@bp.get("/residents/<int:resident_id>/goals/<int:goal_id>/words")
@open_to(Role.RESIDENT, Role.COACH)
def words(resident_id, goal_id):
    resident, found = goal_or_404(resident_id, goal_id)
    face = found.face
    form = ChangeWordingForm(words=face.words, why=face.why, sure=face.sure, version=found.version)
    return render_template("goals/words.html", resident=resident, goal=found, form=form)


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/words")
@open_to(Role.RESIDENT, Role.COACH)
def change_words(resident_id, goal_id):
    """A new wording beside the old one; if somebody else was faster, both are shown first."""
    resident, found = goal_or_404(resident_id, goal_id)
    form = ChangeWordingForm()
    if not form.validate():
        return render_template("goals/words.html", resident=resident, goal=found, form=form), 422
    if not form.is_fresh(found.version):
        return render_template("goals/words.html", resident=resident, goal=found, form=form, theirs=found.face), 409
    reword(found, _wording_from(form, resident))
    db.session.commit()
    flash(_("The new words are kept. The old ones are kept too."))
    return redirect(url_for(".goal", resident_id=resident_id, goal_id=goal_id), 303)


@bp.get("/residents/<int:resident_id>/goals/<int:goal_id>/words/<int:wording_id>/not-mine")
@open_to(Role.RESIDENT)
def not_mine(resident_id, goal_id, wording_id):
    """That's not what I said: what would you say?"""
    _resident, found, wording = _typed_for_me_or_404(resident_id, goal_id, wording_id)
    return render_template("goals/not_mine.html", goal=found, wording=wording, form=NotWhatISaidForm())


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/words/<int:wording_id>/not-mine")
@open_to(Role.RESIDENT)
def say_it_myself(resident_id, goal_id, wording_id):
    """The resident's own words become the goal's face; the other is marked "not agreed"."""
    resident, found, wording = _typed_for_me_or_404(resident_id, goal_id, wording_id)
    form = NotWhatISaidForm()
    if not form.validate():
        return render_template("goals/not_mine.html", goal=found, wording=wording, form=form), 422
    reword(found, Wording(words=form.words.data, **said_by(resident)))
    wording.not_agreed_at = wording.not_agreed_at or now()
    db.session.commit()
    flash(_("Your words now stand on this goal."))
    return redirect(url_for(".goal", resident_id=resident_id, goal_id=goal_id), 303)


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/words/<int:wording_id>/mine")
@open_to(Role.RESIDENT)
def mine(resident_id, goal_id, wording_id):
    """Yes, that is what I said: the resident has read it back for themselves."""
    _resident, found, wording = _typed_for_me_or_404(resident_id, goal_id, wording_id)
    press_or_400()
    confirm(wording, ReadBack.OWN)
    if wording.is_face:
        found.own_words = True
    db.session.commit()
    return redirect(url_for(".goal", resident_id=resident_id, goal_id=goal_id), 303)


@bp.get("/residents/<int:resident_id>/goals/<int:goal_id>/state")
@open_to(Role.RESIDENT, Role.COACH)
def state(resident_id, goal_id):
    resident, found = goal_or_404(resident_id, goal_id)
    return render_template("goals/state.html", resident=resident, goal=found, form=_state_form(found))


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/state")
@open_to(Role.RESIDENT, Role.COACH)
def change_state(resident_id, goal_id):
    """A dated row with who and why; a goal that changed is linked to the one it became."""
    resident, found = goal_or_404(resident_id, goal_id)
    form = _state_form(found)
    if not (form.validate() and _words_fit(form)):
        return render_template("goals/state.html", resident=resident, goal=found, form=form), 422
    if not form.is_fresh(found.version):
        return render_template("goals/state.html", resident=resident, goal=found, form=form), 409
    _change_state(form, resident, found)
    flash(str(WARM[found.state]))
    if found.state is State.REACHED:
        return redirect(url_for("conversations.what_i_did", resident_id=resident_id), 303)
    return redirect(url_for(".goal", resident_id=resident_id, goal_id=found.became_id or goal_id), 303)


def _typed_for_me_or_404(resident_id: int, goal_id: int, wording_id: int) -> tuple[Person, Goal, Wording]:
    """A wording that staff typed for this resident."""
    resident = own_or_404(resident_id)
    _resident, found = goal_or_404(resident.id, goal_id)
    wording = db.session.get(Wording, wording_id)
    if wording is None or wording.goal_id != found.id or not wording.typed_by_staff or wording.taken_back_at:
        abort(404)
    return resident, found, wording


def _wording_from(form: WordingForm, resident: Person) -> Wording:
    quoted = quotable(resident, form.quoted.data or "")
    return Wording(
        words=form.words.data,
        why=form.why.said,
        sure=form.sure.data,
        quoted_answer_id=quoted.id if quoted else None,
        **said_by(resident),
    )


def _new_goal(wording: Wording) -> Goal:
    found = Goal(resident_id=wording.said_by_id, own_words=wording.own_words, wordings=[wording])
    found.states = [GoalState(state=State.LIVE, by_id=current_user.id)]
    return found


def _state_form(found: Goal) -> StateForm:
    form = StateForm(version=found.version)
    form.state.choices = choices_of({state: STATES[state] for state in found.may_become})
    return form


def _words_fit(form: StateForm) -> bool:
    """A goal that changed needs the new words; where it did not, new words would be lost."""
    changed, said = form.state.data == State.CHANGED.value, form.words.said is not None
    if changed and not said:
        form.words.errors = [_("Write what you want now.")]
    elif said and not changed:
        form.words.errors = [_("You wrote new words. Choose that it changed into another goal, or empty this box.")]
    return changed == said


def _change_state(form: StateForm, resident: Person, found: Goal) -> None:
    """With its dated row. Commits."""
    state = State(form.state.data)
    db.session.add(GoalState(goal_id=found.id, state=state, reason=form.reason.said, by_id=current_user.id))
    found.state, found.changed_at = state, now()
    if state is State.CHANGED:
        found.became = _new_goal(Wording(words=form.words.data, **said_by(resident)))
    db.session.commit()
