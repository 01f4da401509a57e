"""Invitation letters as one PDF, made while the coach waits and kept nowhere: one person, one sheet."""

from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from deal.access import open_to
from deal.db import db
from deal.invitations.forms import MOST_AT_ONCE, LettersForm
from deal.invitations.views import Letter, letters_of
from deal.people import Role
from deal.printing import bp
from deal.printing.models import LetterPicture
from deal.printing.pdf import STATIC, pdf
from deal.printing.views import printed
from deal.settings import landlord, languages
from deal.undo import cannot_be_undone

HERE_ONLY = ("127.0.0.1", "localhost", "::1", "0.0.0.0")


def letters_lead_nowhere() -> bool:
    """Whether letters would name an address that no resident's phone can reach; a demonstration is for here only."""
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname
    return host in HERE_ONLY and landlord().demonstration is None


PLACES = ("rent", "hopes", "no-thanks", "readers", "talk")  # of pictures in the easy letter; ours: static/letter


def letter_pictures() -> dict[str, LetterPicture]:
    """What was set last for each place where anything was."""
    newest = select(func.max(LetterPicture.id)).group_by(LetterPicture.place)
    rows = select(LetterPicture).options(joinedload(LetterPicture.set_by)).where(LetterPicture.id.in_(newest))
    return {row.place: row for row in db.session.scalars(rows)}


@bp.post("/invitations/letters.pdf")
@open_to(Role.COACH)
@cannot_be_undone("it answers with a file")
def letters():
    """Print the letters whose codes the page before sends; one that has died meanwhile is left out."""
    form = LettersForm()
    found = letters_of(request.form.getlist("code")[:MOST_AT_ONCE])
    if not found or not form.validate():
        abort(409)
    return printed(lambda: letters_pdf(found, form.layout.data), _("letters-%(day)s.pdf"))


def letters_pdf(letters: Sequence[Letter], layout: str = "normal") -> bytes:
    """A sheet a letter. With Welsh on it says everything twice, Welsh first: beside each other, or page by page."""
    said = {"said_in": sorted(languages()), "say": _say}  # cy, en
    return pdf(render_template("printing/letters.html", letters=letters, layout=layout, **said), _pictures(layout))


def _pictures(layout: str) -> dict[str, bytes]:
    """What the easy letter shows beside its ideas: the landlord's pictures, else ours."""
    if layout != "easy":
        return {}
    theirs = {place: row.png for place, row in letter_pictures().items() if row.png}
    return {one: theirs.get(one) or (STATIC / "letter" / f"{one}.svg").read_bytes() for one in PLACES}


def _say(language: str, macro: Callable[..., Any], *what: Any) -> Any:
    """What a macro says in a language."""
    with force_locale(language):
        return macro(*what)
