"""One handler shows every error on one page that asks the database nothing."""

from typing import Any

from flask import Flask, current_app, g, render_template, request
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from deal.accounts.held import sent_fields, written
from deal.accounts.pending import answer_to_another_session
from deal.db import db
from deal.settings import Landlord


def init_app(app: Flask) -> None:
    """Every exception comes here."""
    app.register_error_handler(Exception, show)
    app.register_error_handler(CSRFError, lambda error: answer_to_another_session() or show(error))


def show(error: Exception) -> Any:
    """One plain sentence, the right status, and what was typed."""
    if isinstance(error, HTTPException) and error.response is not None:
        return error.response  # abort() was given the answer itself
    code = _status(error)
    if code == 500:
        current_app.logger.exception("a page failed: %s", request.endpoint)
    db.session.rollback()
    # the database may be what failed: the page makes do with what this request has read
    g.landlord, g._login_user = g.get("landlord") or Landlord(), AnonymousUserMixin()
    g.pop("drawn_forms", None)  # of the page that failed
    valid = getattr(error, "valid_methods", None)
    headers = [("Allow", ", ".join(valid))] if valid else []
    return render_template("error.html", **_page(code)), code, headers


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.code or 500
    if isinstance(error, IntegrityError | StaleDataError):
        return 409
    if isinstance(error, OperationalError):
        return 503
    return 500


def _page(code: int) -> dict[str, Any]:
    titles = {
        400: _("We could not read that"),
        404: _("There is no such page"),
        405: _("This page opens from a button"),
        409: _("Something changed in between"),
        413: _("That is too much at once"),
        503: _("We are busy for a moment"),
    }
    sentences = {
        400: _(
            "Your page was open a long time, or not all of it reached us. Go back, load it again and try once more."
        ),
        404: _(
            "The address may be wrong, or the page is not for you to see. Go to your first page and try from there."
        ),
        405: _("Go back to the page before and press its button."),
        409: _("Somebody else, or you on another page, was quicker. Go back, load the page again and look first."),
        413: _(
            "We can keep up to 10,000 characters in a box, and files smaller than 2 MB. Go back and send a little less."
        ),
        503: _("Nothing was lost that was saved. Wait a minute and try again."),
    }
    return {
        "code": code,
        "title": titles.get(code, _("Something went wrong on our side")),
        "sentence": sentences.get(code, _("What was saved is safe. Wait a minute and try again, or ring us.")),
        "typed": written(_typed()),
    }


def _typed() -> list[tuple[str, str]]:
    """What was typed, to be copied; nothing where the body itself cannot be read."""
    try:
        return sent_fields() if request.method == "POST" else []
    except HTTPException:
        return []
