"""A letter with its code: the page where a coach sees it, and what a printed one is made of."""

from collections.abc import Sequence
from dataclasses import dataclass

import segno
from flask import current_app, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from deal.accounts.codes import grouped, hash_of
from deal.accounts.forms import LettersForm
from deal.accounts.models import Invitation, letters_to
from deal.db import db
from deal.drafts.models import saved
from deal.people import Coaching


@dataclass(frozen=True)
class Letter:
    """An invitation and its code, which stands nowhere else."""

    invitation: Invitation
    code: str

    @property
    def groups(self) -> list[str]:
        """The code as it is printed, in groups of three."""
        return grouped(self.code).split("-")

    @property
    def qr(self) -> Markup:
        """The square that opens the letter's page."""
        address = current_app.config["PUBLIC_URL"] + url_for("accounts.welcome", code=self.code)
        title = _("A square that opens this letter's page")
        return Markup(segno.make(address, micro=False, error="m").svg_inline(border=2, omitsize=True, title=title))


def letters_of(codes: Sequence[str]) -> list[Letter]:
    """The letters of my residents that have these codes, in this order: those still alive that may be posted."""
    by_hash = {hash_of(code): code for code in codes}
    mine = letters_to(Coaching.coach_id == current_user.id, Coaching.until.is_(None))
    mine = mine.where(~Invitation.by_hand, Invitation.code_hash.in_(by_hash))
    found = {one.code_hash: one for one in db.session.scalars(mine) if one.is_alive}
    return [Letter(found[known], code) for known, code in by_hash.items() if known in found]


def letters_page(letters: Sequence[Letter]) -> str:
    """The letters, with the button that prints them; or a code that goes by hand."""
    saved()
    template = "accounts/code_by_hand.html" if letters[0].invitation.by_hand else "accounts/letters.html"
    return render_template(template, letters=letters, form=LettersForm(formdata=None))
