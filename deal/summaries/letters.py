"""Invitation letters as one PDF, made while the coach waits and kept nowhere: one person, one sheet."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import abort, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _

from deal.access import open_to
from deal.accounts.forms import MOST_AT_ONCE, LettersForm
from deal.accounts.letters import Letter, letters_of
from deal.db import today
from deal.people import Role
from deal.settings import languages
from deal.summaries.pdf import pdf
from deal.summaries.views import bp, printed


@bp.post("/invitations/letters.pdf")
@open_to(Role.COACH)
def letters():
    """Print the letters whose codes the page before sends; one that has died meanwhile is left out."""
    form = LettersForm()
    found = letters_of(request.form.getlist("code")[:MOST_AT_ONCE])
    if not found or not form.validate():
        abort(409)
    name = _("letters-%(day)s.pdf", day=today().isoformat())
    return printed(lambda: letters_pdf(found, form.layout.data), name)  # they hold codes: never put by


def letters_pdf(letters: Sequence[Letter], layout: str = "normal") -> bytes:
    """A sheet a letter. With Welsh on it says everything twice, Welsh first: beside each other, or page by page."""
    said = {"said_in": sorted(languages()), "say": _say}  # cy, en
    return pdf(render_template("summaries/letters.html", letters=letters, layout=layout, **said))


def _say(language: str, macro: Callable[..., Any], *what: Any) -> Any:
    """What a macro says in a language."""
    with force_locale(language):
        return macro(*what)
