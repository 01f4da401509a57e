"""One handler shows every error on one page that asks the database nothing."""

from typing import Any

from flask import Flask, current_app, g, render_template, request
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from deal.access import EVERYONE, audience_of
from deal.accounts.pending import answer_to_another_session, sent_fields, written
from deal.accounts.welcome import used_code
from deal.db import db
from deal.logs import request_number
from deal.settings import last_landlord

# how the names of SQLite's errors and PostgreSQL's codes begin
KINDS = {
    "changed": (
        "SQLITE_CONSTRAINT_UNIQUE",
        "SQLITE_CONSTRAINT_PRIMARYKEY",
        "SQLITE_CONSTRAINT_FOREIGN",
        "23505",
        "23503",
    ),
    "busy": ("SQLITE_BUSY", "SQLITE_LOCKED", "40", "55P03", "53300"),
    "full": ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "53100"),
    "lost": ("08", "57P"),
}
HELP = "home.help_now"  # whom to ring in need: it opens, whatever has failed
STATUS = {"changed": 409, "busy": 503, "full": 503, "lost": 503}


def init_app(app: Flask) -> None:
    """Every exception comes here."""
    app.register_error_handler(Exception, show)
    app.register_error_handler(CSRFError, lambda error: answer_to_another_session() or used_code() or show(error))


@event.listens_for(db.session, "after_commit")
def remember_commit(_session: Any) -> None:
    """A request that fails after this cannot say that nothing of it was saved."""
    g.committed = True


def show(error: Exception) -> Any:
    """One plain sentence, the right status, and what was typed; what nobody meant is logged, and has a number."""
    if isinstance(error, HTTPException) and error.response is not None:
        return error.response  # abort() was given the answer itself
    meant = isinstance(error, HTTPException)
    kind = error.code or 500 if isinstance(error, HTTPException) else _kind(error)
    if not meant:
        current_app.logger.error("a page failed: %s", request.endpoint, exc_info=error)
    db.session.rollback()
    # the database may be what failed: the page makes do with what this process has read
    g.landlord, g._login_user = g.get("landlord") or last_landlord(), AnonymousUserMixin()
    g.pop("drawn_forms", None)  # of the page that failed
    valid = getattr(error, "valid_methods", None)
    headers = [("Allow", ", ".join(valid))] if valid else []
    page = _page(kind) | {"saved": "" if meant else _saved(error, kind), "number": "" if meant else request_number()}
    try:
        if request.endpoint == HELP and not meant:
            return render_template("home/help.html")
        return render_template("error.html", **page), page["code"], headers
    except Exception:
        current_app.logger.exception("the page that says so failed")
        return f"{page['code']} {request_number()}", page["code"], headers


def _kind(error: Exception) -> int | str:
    """What happened to the database, as one of KINDS; 500 for all else."""
    if isinstance(error, StaleDataError):
        return "changed"
    if isinstance(error, TimeoutError):  # every connection is in use
        return "busy"
    if not isinstance(error, DBAPIError):
        return 500
    if error.connection_invalidated:
        return "lost"
    code = _code(error)
    if not code and "psycopg" in type(error.orig).__module__:  # no server has said anything
        return "lost"
    return next((kind for kind, codes in KINDS.items() if code.startswith(codes)), 500)


def _code(error: Any) -> str:
    cause = getattr(error, "orig", None)
    return str(getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or "")


def _saved(error: Exception, kind: int | str) -> str:
    """What is known about the press that failed; opening a page is none."""
    if request.method != "POST":
        return ""
    if kind == "lost" or g.get("committed") or _code(error).startswith("SQLITE_IOERR"):
        return _("We do not know whether your last press was saved. Look before you press again.")
    return _("Nothing of this press was saved.")


def _page(kind: int | str) -> dict[str, Any]:
    changed = _("Something changed in between")
    titles = {
        400: _("We could not read that"),
        404: _("There is no such page"),
        405: _("This page opens from a button"),
        409: changed,
        413: _("That is too much at once"),
        "changed": changed,
        "busy": _("We are busy for a moment"),
        "full": _("We cannot write anything down just now"),
        "lost": _("We cannot reach what we keep just now"),
    }
    quicker = _("Somebody else, or you on another page, was quicker. Go back, load the page again and look first.")
    sentences = {
        400: _(
            "Your page was open a long time, or not all of it reached us. Go back, load it again and try once more."
        ),
        404: _(
            "The address may be wrong, or the page is not for you to see. Go to your first page and try from there."
        ),
        405: _("Go back to the page before and press its button."),
        409: quicker,
        413: _(
            "We can keep up to 10,000 characters in a box, and files smaller than 2 MB. Go back and send a little less."
        ),
        "changed": quicker,
        "busy": _("Wait a minute and try again."),
    }
    return {
        "code": STATUS.get(str(kind), kind),
        "title": titles.get(kind, _("Something went wrong on our side")),
        "sentence": sentences.get(kind, _("Wait a minute and try again, or ring us.")),
        "typed": written(_typed()),
    }


def _typed() -> list[tuple[str, str]]:
    """What was typed, to be copied; nothing where the body itself cannot be read, or of pages for signing in."""
    if request.method != "POST" or (request.endpoint and audience_of(request.endpoint) is EVERYONE):
        return []
    try:
        return sent_fields()
    except HTTPException:
        return []
