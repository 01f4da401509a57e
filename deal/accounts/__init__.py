"""Invitations, consent, sign-in name and PIN, password, sign-ins, staff."""

from typing import Any

from flask import Blueprint, render_template

bp = Blueprint("accounts", __name__)


def form_page(template: str, form: Any, **page: Any) -> tuple[str, int]:
    """A page with its form: 422 where what was sent has to be put right, 409 where it is about what stands no more."""
    shown = render_template(template, form=form, **page)
    if form is None or not form.is_submitted():
        return shown, 200
    return shown, 409 if getattr(form, "moved", None) in form.form_errors else 422


from deal.accounts import hand_over, invitations, pending, sign_in, staff, welcome  # they add their views to bp
