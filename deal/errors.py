"""One handler shows every error on one page that asks the database nothing."""

from typing import Any, NamedTuple

from flask import Flask, current_app, g, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, TimeoutError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException

from deal.access import EVERYONE, audience_of
from deal.auth.pending_post import answer_to_another_session, sent_fields, written
from deal.db import db
from deal.invitations.onboarding import used_code
from deal.logs import request_number
from deal.settings import last_landlord

HELP = "home.help_now"  # whom to ring in need: it opens, whatever has failed


class Failure(NamedTuple):
    """What its page says, and how the names of SQLite's errors and PostgreSQL's codes for it begin."""

    status: int
    title: Any = _l("Something went wrong on our side")
    sentence: Any = _l("Wait a minute and try again, or ring us.")
    codes: tuple[str, ...] = ()


CHANGED = Failure(
    409,
    _l("Something changed in between"),
    _l("Somebody else, or you on another page, was quicker. Go back, load the page again and look first."),
    ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_FOREIGN", "23505", "23503"),
)
BUSY = Failure(
    503,
    _l("We are busy for a moment"),
    _l("Wait a minute and try again."),
    ("SQLITE_BUSY", "SQLITE_LOCKED", "40", "55P03", "53300"),
)
FULL = Failure(
    503,
    _l("We cannot write anything down just now"),
    codes=("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN", "53100"),
)
LOST = Failure(503, _l("We cannot reach what we keep just now"), codes=("08", "57P"))
MEANT = {
    400: (
        _l("We could not read that"),
        _l("Your page was open a long time, or not all of it reached us. Go back, load it again and try once more."),
    ),
    404: (
        _l("There is no such page"),
        _l("The address may be wrong, or the page is not for you to see. Go to your first page and try from there."),
    ),
    405: (_l("This page opens from a button"), _l("Go back to the page before and press its button.")),
    409: CHANGED[1:3],
    413: (
        _l("That is too much at once"),
        _l(
            "We can keep up to 10,000 characters in a box, and files smaller than 2 MB. Go back and send a little less."
        ),
    ),
}


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
    failure, meant = _failure_of(error), isinstance(error, HTTPException)
    if not meant:
        current_app.logger.error("a page failed: %s", request.endpoint, exc_info=error)
    db.session.rollback()
    # the database may be what failed: the page makes do with what this process has read
    g.landlord, g._login_user = g.get("landlord") or last_landlord(), AnonymousUserMixin()
    g.pop("drawn_forms", None)  # of the page that failed
    valid = getattr(error, "valid_methods", None)
    headers = [("Allow", ", ".join(valid))] if valid else []
    told = {"saved": "", "number": ""} if meant else {"saved": _saved(error, failure), "number": request_number()}
    try:
        if request.endpoint == HELP and not meant:
            return render_template("home/help.html")
        return render_template("error.html", failure=failure, typed=written(_typed()), **told), failure.status, headers
    except Exception:
        current_app.logger.exception("the page that says so failed")
        return f"{failure.status} {request_number()}", failure.status, headers


def _failure_of(error: Exception) -> Failure:
    if isinstance(error, HTTPException):
        return Failure(error.code or 500, *MEANT.get(error.code or 500, ()))
    if isinstance(error, StaleDataError):
        return CHANGED
    if isinstance(error, TimeoutError):  # every connection is in use
        return BUSY
    if not isinstance(error, DBAPIError):
        return Failure(500)
    code = _code(error)
    no_server = not code and "psycopg" in type(error.orig).__module__  # it has said nothing
    if error.connection_invalidated or no_server:
        return LOST
    return next((one for one in (CHANGED, BUSY, FULL, LOST) if code.startswith(one.codes)), Failure(500))


def _code(error: Any) -> str:
    cause = getattr(error, "orig", None)
    return str(getattr(cause, "sqlite_errorname", None) or getattr(cause, "sqlstate", None) or "")


def _saved(error: Exception, failure: Failure) -> str:
    """What is known about the press that failed; opening a page is none."""
    if request.method != "POST":
        return ""
    if failure is LOST or g.get("committed") or _code(error).startswith("SQLITE_IOERR"):
        return _("We do not know whether your last press was saved. Look before you press again.")
    return _("Nothing of this press was saved.")


def _typed() -> list[tuple[str, str]]:
    """What was typed, to be copied; nothing where the body itself cannot be read, or of pages for signing in."""
    if request.method != "POST" or (request.endpoint and audience_of(request.endpoint) is EVERYONE):
        return []
    try:
        return sent_fields()
    except HTTPException:
        return []
