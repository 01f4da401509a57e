"""Every paper of one resident from one page, and their story so far on two pages of A4."""

from collections.abc import Callable
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.utils import secure_filename

from deal.access import open_to, own_or_404, resident_or_404
from deal.clock import today
from deal.db import db
from deal.forms import EmptyForm
from deal.people import Person, Role
from deal.printing import bp
from deal.printing.forms import ShowsForm
from deal.printing.models import Summary, SummaryChoice, ToPrint, goals_to_pick, to_print
from deal.printing.pdf import CannotPrint, pdf, what_is_missing
from deal.printing.print_jobs import KINDS
from deal.printing.summary_layout import summary_pdf
from deal.settings import languages

NAMES = {"en": "English", "cy": "Cymraeg"}  # each in itself


@bp.get("/residents/<int:resident_id>/print")
@open_to(Role.RESIDENT, Role.COACH)
def print_page(resident_id):
    """Every paper of one person, in a language and size chosen once; the resident chooses what the story shows."""
    resident = resident_or_404(resident_id)
    found = to_print(resident)
    form = ShowsForm(found.shows, goals_to_pick(resident), formdata=None) if current_user.is_resident else None
    return _page(resident, found, form)


@bp.post("/residents/<int:resident_id>/summary")
@open_to(Role.RESIDENT)
def choose(resident_id):
    """Only what the resident ticks is shown."""
    resident = own_or_404(resident_id)
    found = to_print(resident)
    form = ShowsForm(found.shows, goals_to_pick(resident))
    if not form.validate():
        return _page(resident, found, form), 422
    if form.chosen != (found.shows or []):
        db.session.add(SummaryChoice(resident_id=resident.id, shows=form.chosen))
        db.session.commit()
    flash(_("Saved. Your story is printed that way from now on."))
    return redirect(url_for(".print_page", resident_id=resident_id, **_chosen()), 303)


def _page(resident: Person, found: ToPrint, form: ShowsForm | None) -> str:
    rest = {"chosen": _chosen(), "names": NAMES, "press": EmptyForm(formdata=None)}
    return render_template("printing/print.html", resident=resident, found=found, form=form, **rest)


def _chosen() -> dict[str, Any]:
    """The language and the size of every paper; `paper`, because `language` in an address is the page's own."""
    language = request.args.get("paper")
    return {"paper": language if language in languages() else str(get_locale()), "layout": layout()}


@bp.get("/residents/<int:resident_id>/summary.pdf")
@open_to(Role.RESIDENT, Role.COACH)
def paper(resident_id):
    """The same on paper: two pages of A4; in large print as many as it takes."""
    found = Summary(resident_or_404(resident_id))
    return printed(lambda: summary_pdf(found, layout()), _("my-story-%(day)s.pdf"))


def layout() -> str:
    """How the reader wants it: normal or large."""
    return "large" if request.args.get("layout") == "large" else "normal"


def sheet(template: str, name: str, **page: Any) -> Any:
    """A paper of that template as an answer."""
    return printed(lambda: pdf(render_template(f"printing/{template}.html", layout=layout(), **page)), name)


def printed(make: Callable[[], bytes], name: str, how: str = "inline") -> Any:
    """What was printed, under a name that gives nobody away in a downloads folder and may have today in it."""
    if refused := request.environ.get("deal.refused"):
        raise refused  # by the printer, which was asked before
    answer = make_response(make())
    answer.mimetype = "application/pdf"
    name = secure_filename(name % {"day": today().isoformat()})  # plain letters in every language
    answer.headers["Content-Disposition"] = f'{how}; filename="{name}"'
    return answer


@bp.record_once
def init(state: Any) -> None:
    """Templates with a button that prints ask what lacks."""
    state.app.jinja_env.globals["print_lacks"] = what_is_missing


@bp.app_errorhandler(CannotPrint)
def cannot_print(error: CannotPrint) -> tuple[str, int]:
    """Why not, what to do, and that nothing is lost; where another paper is in the way, a button that waits for it."""
    kind = next((name for name, one in KINDS.items() if one.endpoint == request.endpoint), None)  # the worker makes it
    sent = {"kind": kind, "layout": layout(), "language": get_locale(), **(request.view_args or {})}
    page = {"sent": sent, "why": error.why, "line": str(error), "press": EmptyForm(formdata=None)}
    return render_template("printing/cannot_print.html", **page), 503
