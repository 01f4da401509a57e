"""What the pages of a goal share: loading it, showing it, and who said what is typed there."""

from flask import abort, render_template, request
from flask_babel import get_locale
from flask_login import current_user

from deal.access import resident_or_404
from deal.forms import Press
from deal.goals.forms import STATES, StepForm
from deal.goals.models import Goal, check_ins_page, goal_of, states_of, wordings_page
from deal.goals.sharing import may_be_shared, shared_of
from deal.people import Person


def goal_or_404(resident_id: int, goal_id: int) -> tuple[Person, Goal]:
    """The goal, where it is this resident's and the reader may see it."""
    resident = resident_or_404(resident_id)
    return resident, goal_of(resident, goal_id) or abort(404)


def goal_page(resident: Person, goal: Goal, step_form: StepForm | None = None) -> str:
    return render_template(
        "goals/goal.html",
        resident=resident,
        goal=goal,
        wordings=wordings_page(goal, request.args.get("wordings")),
        check_ins=check_ins_page(goal, request.args.get("check-ins")),
        story=states_of(goal),
        states=STATES,
        step_form=step_form or StepForm(formdata=None),
        press=Press(formdata=None),
        shared=shared_of(goal) if current_user.is_resident else None,
        may_be_shared=may_be_shared(goal),
    )


def said_by(resident: Person) -> dict:
    """Who said it (always the resident), who typed it, and in which language the page was."""
    return {"said_by_id": resident.id, "typed_by_id": current_user.id, "language": str(get_locale())}
