"""A resident's story so far, on screen and on two pages of paper."""

from flask import Blueprint, make_response, redirect, render_template, url_for

from deal.access import open_to, own_or_404, resident_or_404
from deal.db import add_once, db
from deal.people import Role
from deal.summaries.forms import ShowsForm
from deal.summaries.models import EXTRAS, SummaryChoice, chosen_by, summary_of
from deal.summaries.paper import file_name, summary_pdf
from deal.summaries.pdf import CannotPrint

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
    resident = resident_or_404(resident_id)
    try:
        answer = make_response(summary_pdf(summary_of(resident)))
    except CannotPrint as error:
        return cannot_print(error)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{file_name()}"'
    return answer


def cannot_print(error: CannotPrint) -> tuple[str, int]:
    """Which line mends it, and that nothing is lost."""
    return render_template("summaries/cannot_print.html", line=str(error)), 503
