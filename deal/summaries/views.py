"""A resident's story so far, on screen and on two pages of paper."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.utils import secure_filename

from deal.access import open_to, own_or_404, resident_or_404
from deal.db import db, today
from deal.deals.forms import KEPT
from deal.forms import Press
from deal.people import Role
from deal.summaries.forms import ShowsForm
from deal.summaries.models import Summary, SummaryChoice
from deal.summaries.paper import summary_pdf
from deal.summaries.pdf import CannotPrint, Ended, Taken, TooMuch, pdf, what_is_missing
from deal.summaries.prints import KINDS

bp = Blueprint("summaries", __name__)


@bp.get("/residents/<int:resident_id>/summary")
@open_to(Role.RESIDENT, Role.COACH)
def summary(resident_id):
    """The story so far; the resident chooses what else it shows."""
    return _page(Summary(resident_or_404(resident_id)))


@bp.get("/residents/<int:resident_id>/print")
@open_to(Role.RESIDENT, Role.COACH)
def print_page(resident_id):
    """Every paper of one person."""
    return redirect(url_for(".summary", resident_id=resident_or_404(resident_id).id), 303)


@bp.post("/residents/<int:resident_id>/summary")
@open_to(Role.RESIDENT)
def choose(resident_id):
    """Only what the resident ticks is shown."""
    resident = own_or_404(resident_id)
    found = Summary(resident)
    form = ShowsForm(found)
    if not form.validate():
        return _page(found, form), 422
    if form.chosen != found.shows:
        db.session.add(SummaryChoice(resident_id=resident.id, shows=form.chosen))
        db.session.commit()
    return redirect(url_for(".summary", resident_id=resident_id), 303)


@bp.get("/residents/<int:resident_id>/summary.pdf")
@open_to(Role.RESIDENT, Role.COACH)
def paper(resident_id):
    """The same on paper: two pages of A4; in large print as many as it takes."""
    found = Summary(resident_or_404(resident_id))
    return printed(lambda: summary_pdf(found, layout()), _("my-story-%(day)s.pdf", day=today().isoformat()))


def _page(found: Summary, form: ShowsForm | None = None) -> str:
    page = {"form": form or ShowsForm(found, formdata=None), "kept": KEPT}
    return render_template("summaries/summary.html", summary=found, **page)


def layout() -> str:
    """How the reader wants it: normal or large."""
    return "large" if request.args.get("layout") == "large" else "normal"


def sheet(template: str, name: str, **page: Any) -> Any:
    """A paper of that template as an answer."""
    return printed(lambda: pdf(render_template(f"summaries/{template}.html", layout=layout(), **page)), name)


def printed(make: Callable[[], bytes], name: str, how: str = "inline") -> Any:
    """What was printed, under a name that gives nobody away in a downloads folder."""
    if refused := request.environ.get("deal.refused"):
        raise refused  # by the printer, which was asked before
    answer = make_response(make())
    answer.mimetype = "application/pdf"
    # plain letters in every language
    answer.headers["Content-Disposition"] = f'{how}; filename="{secure_filename(name)}"'
    return answer


def _kind() -> str | None:
    """Which of KINDS this page is, which the worker makes too."""
    return next((name for name, one in KINDS.items() if one.endpoint == request.endpoint), None)


@bp.record_once
def init(state: Any) -> None:
    """Templates with a button that prints ask what lacks."""
    state.app.jinja_env.globals["print_lacks"] = what_is_missing


@bp.app_errorhandler(CannotPrint)
def cannot_print(error: CannotPrint) -> tuple[str, int]:
    """Why not, what to do, and that nothing is lost; where another paper is in the way, a button that waits for it."""
    sent = {"kind": _kind(), "layout": layout(), "language": get_locale(), **(request.view_args or {})}
    page = {"taken": isinstance(error, Taken), "too_much": isinstance(error, TooMuch | Ended), "sent": sent}
    page["ended"] = isinstance(error, Ended)
    return render_template("summaries/cannot_print.html", line=str(error), press=Press(formdata=None), **page), 503
