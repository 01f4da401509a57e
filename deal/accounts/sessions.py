"""Signing in and out: the cookie names a row, and the row can be ended."""

from datetime import timedelta
from time import time

from flask import Response, abort, after_this_request, current_app, g, request, session
from flask_login import LoginManager, login_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from deal.accounts.codes import NAME_LENGTH, plain
from deal.accounts.devices import browser_and_system, know_device
from deal.accounts.models import SignIn
from deal.db import db, now
from deal.people import Person

NAME_COOKIE = "deal_name"
login = LoginManager()
# "basic" would sign a phone out each time that it moves from one mast to another
login.session_protection = None


@login.user_loader
def load(sign_in_id: str) -> Person | None:
    """The person of a sign-in that is still good, with one statement."""
    if time() - session.get("seen", 0) > current_app.config["IDLE_MINUTES"] * 60:
        return None
    good = SignIn.id == int(sign_in_id), SignIn.ended_at.is_(None), SignIn.runs_out_at > now()
    sign_in = db.session.scalar(select(SignIn).options(joinedload(SignIn.person)).where(*good))
    if sign_in is None or sign_in.person.is_closed:
        return None
    if time() - session["seen"] > 60:
        session["seen"] = int(time())
    return _by(sign_in)


def let_in(person: Person) -> None:
    """Sign a person in on this device: a new row, a new cookie. Commits.

    409 where their PIN or password was changed since it was looked at: that ended every sign-in but this one.
    """
    runs_out = now() + timedelta(hours=current_app.config["SIGN_IN_HOURS"])
    browser, system = browser_and_system()
    sign_in = SignIn(person=person, runs_out_at=runs_out, browser=browser, system=system)
    db.session.add(sign_in)
    db.session.flush()  # written first, so that nobody changes it behind what is read next
    holds = select(Person.secret_hash).where(Person.id == person.id).with_for_update()
    if db.session.scalar(holds) != person.secret_hash:
        abort(409)
    db.session.commit()
    after_this_request(lambda answer: know_device(person, answer))
    g.pop("csrf_token", None)  # Flask-WTF keeps the token of the session that ends here
    session.clear()  # nothing of whoever used this browser before
    session.permanent = False
    session["seen"] = int(time())
    login_user(_by(sign_in))


def _by(sign_in: SignIn) -> Person:
    """The person, who knows in this request which sign-in of theirs it is."""
    person = sign_in.person
    person.sign_in_id, person.helper, person.helped_since = sign_in.id, sign_in.helper, sign_in.helped_since
    return person


def whose_sign_in_ran_out() -> int | None:
    """The number of the person whom this browser's cookie was for, though it no longer lets them in."""
    try:
        sign_in = db.session.get(SignIn, int(session["_user_id"]))
    except (KeyError, ValueError):
        return None
    return sign_in and sign_in.person_id


def remember_name(answer: Response, resident: Person) -> Response:
    """This phone is only theirs: keep the sign-in name on it, never the PIN."""
    safe = {"httponly": True, "samesite": "Lax", "secure": current_app.config["SESSION_COOKIE_SECURE"]}
    answer.set_cookie(NAME_COOKIE, resident.sign_in_name or "", max_age=60 * 60 * 24 * 365, **safe)
    return answer


def forget_name(answer: Response) -> Response:
    """Others use this phone too: keep no name on it."""
    answer.delete_cookie(NAME_COOKIE)
    return answer


def remembered_name() -> str:
    """The sign-in name that this phone keeps, or nothing."""
    name = plain(request.cookies.get(NAME_COOKIE))
    return name if len(name) == NAME_LENGTH else ""
