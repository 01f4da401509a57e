"""Goals: written by either side in the resident's words, with steps and check-ins, shown and read back."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from deal.access import open_to, own_or_404, resident_or_404, resident_url
from deal.assessment.models import Answer, ReadBack, confirm
from deal.auth.passwords import is_right
from deal.auth.throttling import throttled_lookup
from deal.clock import now
from deal.db import db, lock
from deal.drafts.forms import read_together
from deal.forms import AddingForm, EmptyForm, Form, forms_of_page, validate_or_400
from deal.goals import bp, forms, models
from deal.goals.forms import STATES, ReadBackForm, ShareForm, StateForm, WordingForm
from deal.goals.models import CheckIn, Goal, GoalState, SharedGoal, State, Step, Wording, may_be_shared, quotable
from deal.invitations.models import shut_letter
from deal.names import isolated
from deal.pagination import page_of
from deal.people import Person, Role, typed_now

MOST = 100  # read back at once; the next ones follow


@bp.get("/residents/<int:resident_id>/goals")
@open_to(Role.RESIDENT, Role.COACH)
def index(resident_id):
    """A resident's goals, the live ones first."""
    resident = resident_or_404(resident_id)
    page = models.goals_page(resident, request.args.get("after"))
    return render_template("goals/index.html", resident=resident, page=page, states=STATES)


@bp.get("/residents/<int:resident_id>/goals/new")
@open_to(Role.RESIDENT, Role.COACH)
def new(resident_id):
    """Write a goal, perhaps with the words of an answer."""
    resident = resident_or_404(resident_id)
    quoted = quotable(resident, request.args.get("quote"))
    form = forms.GoalForm(obj=quoted and models.wording_of(quoted), quoted=quoted and quoted.id)
    return render_template("goals/new.html", resident=resident, form=form)


@bp.post("/residents/<int:resident_id>/goals/new")
@open_to(Role.RESIDENT, Role.COACH)
def add(resident_id):
    """Keep the goal, its first wording and its first step together."""
    resident, form = resident_or_404(resident_id), forms.GoalForm()
    if not form.validate():
        return render_template("goals/new.html", resident=resident, form=form), 422
    goal = _new_goal(_wording_from(form, resident))
    if form.step.said:
        goal.steps = [Step(words=form.step.data, added_by_id=current_user.id, language=str(get_locale()))]
    return _written_down(resident, goal)


@bp.post("/residents/<int:resident_id>/goals/from/<int:answer_id>")
@open_to(Role.RESIDENT, Role.COACH)
def add_from_answer(resident_id, answer_id):
    """An answer becomes a goal as it is, with one press; pressed on two pages, it is one goal."""
    resident, answer = resident_or_404(resident_id), db.session.get(Answer, answer_id)
    if answer is None or answer.resident_id != resident.id:
        abort(404)
    if quotable(resident, str(answer_id)) is None:
        flash(_("That answer has changed. Please look at it again."))
        return redirect(resident_url(resident_id), 303)
    validate_or_400(AddingForm)
    lock(Answer, answer.id)
    if made := models.goal_quoting(answer):
        flash(_("That is a goal already."))
        return redirect(_at(made), 303)
    wording = models.wording_of(answer)
    if current_user.is_resident and wording.awaits_read_back:  # who presses has read it, whoever typed it
        confirm(wording, ReadBack.OWN)
    return _written_down(resident, _new_goal(wording))


def _written_down(resident: Person, goal: Goal) -> Any:
    """Commits."""
    db.session.add(goal)
    shut_letter(resident)
    db.session.commit()
    flash(_("That is a goal of yours now.") if current_user.is_resident else _("The goal is written down."))
    return redirect(_at(goal), 303)


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/words")
@open_to(Role.RESIDENT, Role.COACH)
def change_words(resident_id, goal_id):
    """A new wording beside the old one; if somebody else was faster, both are shown first."""
    resident, found = goal_or_404(resident_id, goal_id)
    form = forms.ChangeWordingForm()
    if status := form.refused(found.version):
        return _goal_page(resident, found, form), status
    models.reword(found, _wording_from(form, resident))
    db.session.commit()
    flash(_("Saved. You can still read the old words below."))
    return redirect(_at(found), 303)


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/words/<int:wording_id>/mine")
@open_to(Role.RESIDENT)
def mine(resident_id, goal_id, wording_id):
    """Yes, that is what I said: the resident has read it back for themselves."""
    _resident, found = goal_or_404(own_or_404(resident_id).id, goal_id)
    wording = db.session.get(Wording, wording_id)
    if wording is None or wording.goal_id != found.id or not wording.typed_by_staff or wording.taken_back_at:
        abort(404)
    validate_or_400()
    confirm(wording, ReadBack.OWN)
    if wording.superseded_at is None:
        found.own_words = True
    db.session.commit()
    return redirect(url_for(".goal", resident_id=resident_id, goal_id=goal_id), 303)


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/state")
@open_to(Role.RESIDENT, Role.COACH)
def change_state(resident_id, goal_id):
    """A dated row with who and why; a goal that changed is linked to the one it became."""
    resident, found = goal_or_404(resident_id, goal_id)
    form = StateForm(found)
    if status := form.refused(found.version):
        return _goal_page(resident, found, form), status
    state = State(form.state.data)
    db.session.add(GoalState(goal_id=found.id, state=state, reason=form.reason.said, by_id=current_user.id))
    found.state, found.changed_at = state, now()
    if state is State.CHANGED:
        found.became = _new_goal(Wording(words=form.words.data, **said_by(resident)))
    db.session.commit()
    flash(str(forms.WARM[state]))
    return redirect(_at(found.became or found), 303)


def _wording_from(form: WordingForm, resident: Person) -> Wording:
    """What was written; quoted letter for letter by their coach, it is the resident's own as the answer is."""
    quoted = quotable(resident, form.quoted.data)
    said = {"words": form.words.data, "why": form.why.said, "sure": form.sure.data}
    written = Wording(**said, quoted_answer_id=quoted and quoted.id, **said_by(resident))
    if quoted and not current_user.is_resident:
        quote = models.wording_of(quoted)
        if written.says_no_more_than(quote):
            quote.why, quote.sure = written.why, written.sure
            return quote
    return written


def _new_goal(wording: Wording) -> Goal:
    found = Goal(resident_id=wording.said_by_id, own_words=wording.own_words, wordings=[wording])
    found.states = [GoalState(state=State.LIVE, by_id=current_user.id)]
    return found


def goal_or_404(resident_id: int, goal_id: int) -> tuple[Person, Goal]:
    """The goal with its words now, where it is this resident's and the reader may see it."""
    resident, current_wording = resident_or_404(resident_id), joinedload(Goal.current_wording)
    whole = (
        current_wording.joinedload(Wording.typed_by),
        current_wording.joinedload(Wording.answer).joinedload(Answer.question),
    )
    query = select(Goal).where(Goal.resident_id == resident.id, Goal.id == goal_id)
    found = db.session.scalars(query.options(joinedload(Goal.steps), *whole)).unique().one_or_none()
    return resident, found or abort(404)


def said_by(resident: Person) -> dict[str, Any]:
    """Who said it (always the resident), who typed it, and in which language the page was."""
    return {"said_by_id": resident.id, **typed_now()}


@bp.get("/residents/<int:resident_id>/goals/<int:goal_id>")
@open_to(Role.RESIDENT, Role.COACH)
def goal(resident_id, goal_id):
    """One goal: its words, steps, check-ins, and how it came to be."""
    return _goal_page(*goal_or_404(resident_id, goal_id))


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/steps")
@open_to(Role.RESIDENT, Role.COACH)
def add_step(resident_id, goal_id):
    resident, found = goal_or_404(resident_id, goal_id)
    form = forms.StepForm(found)
    if not form.validate():
        return _goal_page(resident, found, form), 422
    step = {"words": form.words.data, "who": form.who.data or "", "language": str(get_locale())}
    db.session.add(Step(goal_id=found.id, added_by_id=current_user.id, **step))
    db.session.commit()
    return redirect(_at(found, "steps"), 303)


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/steps/<int:step_id>")
@open_to(Role.RESIDENT, Role.COACH)
def tick_step(resident_id, goal_id, step_id):
    """Done, or not done after all; pressing twice does it once."""
    _resident, found = goal_or_404(resident_id, goal_id)
    step = next((one for one in found.steps if one.id == step_id and not one.taken_back_at), None) or abort(404)
    validate_or_400()
    if (done := request.form.get("done")) not in ("yes", "no"):
        abort(400)
    step.done_at = (step.done_at or now()) if done == "yes" else None
    db.session.commit()
    if step.done_at:
        if not current_user.is_resident:
            flash(_("That step is done."))
        else:
            flash(_("Well done! That step is done.") if found.next_step else _("Well done! That was the last step."))
    return redirect(_back_to(found, "steps"), 303)


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/check-in")
@open_to(Role.RESIDENT, Role.COACH)
def add_check_in(resident_id, goal_id):
    resident, found = goal_or_404(resident_id, goal_id)
    form = forms.CheckInForm()
    if not form.validate():
        return _goal_page(resident, found, form), 422
    said = {name: form[name].data or None for name in ("helped", "in_the_way", "celebrate")}
    db.session.add(CheckIn(goal_id=found.id, number=form.number.data, **said, **said_by(resident)))
    db.session.commit()
    flash(_("Thank you. We saved how it is going."))
    return redirect(_back_to(found), 303)


def _goal_page(resident: Person, found: Goal, sent: Form | None = None) -> str:
    """The page of a goal; the form that was sent and not kept is open, with its words in it."""
    told = select(GoalState).filter_by(goal_id=found.id).options(joinedload(GoalState.by))
    said = select(Wording).filter_by(goal_id=found.id).options(joinedload(Wording.typed_by))
    gone = select(CheckIn).filter_by(goal_id=found.id).options(joinedload(CheckIn.typed_by))
    # what the resident said last about showing it, unless that was no
    held = select(SharedGoal).filter_by(goal_id=found.id, taken_back_at=None)
    shared = db.session.scalar(held) if current_user.is_resident else None
    return render_template(
        "goals/goal.html",
        resident=resident,
        goal=found,
        wordings=page_of(said, Wording.id.desc(), after=request.args.get("wordings"), size=20),
        check_ins=page_of(gone, CheckIn.id.desc(), after=request.args.get("check-ins"), size=12),
        story=db.session.scalars(told.order_by(GoalState.id.desc()).limit(50)).all(),
        states=STATES,
        form=sent,
        forms=_forms(found, shared, sent),
        shared=shared,
        may_be_shared=may_be_shared(found),
    )


def _forms(found: Goal, shared: SharedGoal | None, sent: Form | None) -> dict[str, Form]:
    read_together(forms.CheckInForm, forms.StepForm, forms.ChangeWordingForm, StateForm)
    current_wording, fresh = found.current_wording, {"formdata": None, "version": found.version}
    choice = shared and shared.wording_id == current_wording.id and ("named" if shared.named else "unnamed")
    return forms_of_page(
        sent,
        check_in=forms.CheckInForm(formdata=None),
        step=forms.StepForm(found, formdata=None),
        rewording=forms.ChangeWordingForm(
            words=current_wording.words, why=current_wording.why, sure=current_wording.sure, **fresh
        ),
        state=StateForm(found, **fresh),
        sharing=ShareForm(formdata=None, choice=choice or None, version=current_wording.id),
    )


def _at(found: Goal, place: str | None = None) -> str:
    return url_for(".goal", resident_id=found.resident_id, goal_id=found.id, _anchor=place)


def _back_to(found: Goal, place: str | None = None) -> str:
    """The person's own page, where it was pressed there; else the goal."""
    if request.form.get("back") == "person":
        return resident_url(found.resident_id)
    return _at(found, place)


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/share")
@open_to(Role.RESIDENT)
def share(resident_id, goal_id):
    """Keep a yes or a no; the newest holds, and what was said before ends with it."""
    resident, goal = goal_or_404(own_or_404(resident_id).id, goal_id)
    form = ShareForm()
    if not form.validate():
        return _goal_page(resident, goal, form), 422
    if form.choice.data != "no" and not form.is_what_they_read(goal):
        return _goal_page(resident, goal, form), 409
    lock(Goal, goal.id)  # two tabs take turns
    held = update(SharedGoal).where(SharedGoal.goal_id == goal.id, SharedGoal.taken_back_at.is_(None))
    db.session.execute(held.values(taken_back_at=now()))
    if form.choice.data != "no":
        said = {"wording_id": goal.current_wording.id, "named": form.choice.data == "named"}
        db.session.add(SharedGoal(goal_id=goal.id, resident_id=goal.resident_id, **said))
    db.session.commit()
    flash(_("Saved."))
    return redirect(_at(goal), 303)


@bp.get("/residents/<int:resident_id>/read-back")
@bp.post("/residents/<int:resident_id>/read-back", endpoint="confirm_read_back")
@open_to(Role.RESIDENT, Role.COACH)
def read_back(resident_id):
    """Is it what you said? Yes to each that stood on the page, or to the one whose button was pressed."""
    resident = resident_or_404(resident_id)
    form: Form = EmptyForm() if current_user.is_resident else ReadBackForm()
    if not form.is_submitted() or not form.validate() or not _is_their_yes(form, resident):
        rows = [(name_of(one), one) for one in _unconfirmed(resident)]
        template = "goals/read_back_own.html" if current_user.is_resident else "goals/read_back.html"
        page = render_template(template, resident=resident, rows=rows, form=form)
        return page, 422 if form.is_submitted() else 200
    _confirm(resident, ReadBack.OWN if current_user.is_resident else ReadBack(form["how"].data))
    db.session.commit()
    flash(_("Thank you. These are your own words now.") if current_user.is_resident else _("Saved."))
    return redirect(resident_url(resident_id, "/read-back" if _unconfirmed(resident) else ""), 303)


def _confirm(resident: Person, how: ReadBack) -> None:
    shown = {request.form["one"]} if "one" in request.form else set(request.form.getlist("shown"))
    for said in _unconfirmed(resident):
        if name_of(said) in shown:
            confirm(said, how)
            if isinstance(said, Wording):
                db.session.get_one(Goal, said.goal_id).own_words = True


def name_of(said: Any) -> str:
    """An answer or a wording, as the page names it."""
    return f"{'answer' if isinstance(said, Answer) else 'wording'}-{said.id}"


def _unconfirmed(resident: Person) -> list[Any]:
    """Answers and goals that somebody typed for them; the resident is also asked about what they said with help."""
    typed = Answer.typed_by_id != resident.id
    theirs = typed | Answer.helper.is_not(None) if current_user.is_resident else typed
    holds = Answer.superseded_at.is_(None), Answer.taken_back_at.is_(None), Answer.read_back_at.is_(None)
    answers = select(Answer).where(Answer.resident_id == resident.id, theirs, *holds, ~Answer.skipped)
    answers = answers.options(joinedload(Answer.typed_by), joinedload(Answer.question)).order_by(Answer.id)
    wordings = (
        select(Wording)
        .select_from(Goal)
        .join(Goal.current_wording)
        .where(Goal.resident_id == resident.id, ~models.IS_CONFIRMED)
    )
    wordings = wordings.where(Wording.not_agreed_at.is_(None), Wording.taken_back_at.is_(None))
    wordings = wordings.options(joinedload(Wording.typed_by)).order_by(Wording.id)
    return [*db.session.scalars(answers.limit(MOST)), *db.session.scalars(wordings.limit(MOST))]


def _is_their_yes(form: Form, resident: Person) -> bool:
    """Signed in they are themselves; on the coach's device it takes the PIN, or initials on paper."""
    if current_user.is_resident or form["how"].data == "paper":
        return True

    def look() -> Person | None:
        return resident if is_right(resident.secret_hash, form["pin"].data or "") else None

    wrong = _("That is not the PIN of %(name)s. Try once more, or use paper.", name=isolated(resident.full_name))
    return throttled_lookup(form["pin"], str(resident.id), look, wrong) is not None
