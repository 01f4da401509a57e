"""A resident's story so far, on screen and on two pages of paper."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for

from deal.access import open_to, own_or_404, resident_or_404
from deal.db import add_once, db
from deal.forms import Press
from deal.people import Role
from deal.summaries.forms import ShowsForm
from deal.summaries.models import EXTRAS, SummaryChoice, chosen_by, summary_of
from deal.summaries.paper import file_name, summary_pdf
from deal.summaries.pdf import CannotPrint, Taken, TooMuch, in_the_web, what_is_missing
from deal.summaries.prints import KINDS

bp = Blueprint("summaries", __name__)


@bp.get("/residents/<int:resident_id>/summary")
@open_to(Role.RESIDENT, Role.COACH)
def summary(resident_id):
    """The story so far; the resident chooses what else it shows."""
    resident = resident_or_404(resident_id)
    found = summary_of(resident)
    return render_template("summaries/summary.html", summary=found, form=ShowsForm(shows=found.shows))


@bp.post("/residents/<int:resident_id>/summary")
@open_to(Role.RESIDENT)
def choose(resident_id):
    """Only what the resident ticks is shown."""
    resident = own_or_404(resident_id)
    form = ShowsForm()
    if not form.validate():
        return render_template("summaries/summary.html", summary=summary_of(resident), form=form), 422
    shows = [one for one in EXTRAS if one in (form.shows.data or [])]
    if shows != chosen_by(resident):
        add_once(SummaryChoice(resident_id=resident.id, shows=shows, once_key=form.once_key))
        db.session.commit()
    return redirect(url_for(".summary", resident_id=resident_id), 303)


@bp.get("/residents/<int:resident_id>/summary.pdf")
@open_to(Role.RESIDENT, Role.COACH)
def paper(resident_id):
    """The same on paper: at most two pages of A4."""
    found = summary_of(resident_or_404(resident_id))
    return printed(lambda: summary_pdf(found), file_name())


def printed(make: Callable[[], bytes], name: str, wait: float = 0.0) -> Any:
    """What was printed, under a name that gives nobody away in a downloads folder."""
    with in_the_web(wait):
        answer = make_response(make())
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return answer


@bp.record_once
def init(state: Any) -> None:
    """Templates with a button that prints ask what lacks."""
    state.app.jinja_env.globals["print_lacks"] = what_is_missing


@bp.app_errorhandler(CannotPrint)
def cannot_print(error: CannotPrint) -> tuple[str, int]:
    """Why not, what to do, and that nothing is lost; where another paper is in the way, a button that waits for it."""
    kind = next((name for name, one in KINDS.items() if one.endpoint == request.endpoint), None)
    sent = {"kind": kind, "layout": request.args.get("layout", "normal")} | (request.view_args or {})
    page = {"taken": isinstance(error, Taken), "too_much": isinstance(error, TooMuch), "sent": sent}
    return render_template("summaries/cannot_print.html", line=str(error), press=Press(formdata=None), **page), 503
