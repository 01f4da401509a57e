"""Who is signed in: the cookie names a row, and the row can be ended; and what a browser keeps beside it.

A stranger who knows an e-mail address or a sign-in name can use up its tries. Whoever signed in before has a cookie
that says so, and tries of their own. It opens nothing, holds neither name nor number, and has no words.
See OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

import hmac
import secrets
from datetime import timedelta
from time import time

from flask import Response, abort, after_this_request, current_app, g, request, session
from flask_login import LoginManager, login_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from deal.auth.models import SignIn
from deal.auth.tokens import NAME_LENGTH, keyed_hash, plain
from deal.clock import now
from deal.db import db
from deal.people import Person

NAME_COOKIE = "deal_name"
DEVICE_COOKIE = "deal_device"
MOST_PEOPLE = 5  # who share a browser
YEAR = 60 * 60 * 24 * 365
# what a browser says of itself, and what people call it; the order matters: most of them name others too
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet", "Firefox": "Firefox"}
BROWSERS |= {"FxiOS": "Firefox", "Chrome": "Chrome", "CriOS": "Chrome", "Safari": "Safari"}
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "CrOS": "ChromeOS"}
SYSTEMS |= {"Mac OS X": "Mac", "Linux": "Linux"}

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


def start_session(person: Person) -> None:
    """Sign a person in on this device: a new row, a new cookie. Commits.

    409 where their PIN or password was changed since it was looked at: that ended every sign-in but this one.
    """
    runs_out = now() + timedelta(hours=current_app.config["SIGN_IN_HOURS"])
    sign_in = SignIn(person=person, runs_out_at=runs_out, browser=_named(BROWSERS), system=_named(SYSTEMS))
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


def _named(names: dict[str, str]) -> str | None:
    return next((name for sign, name in names.items() if sign in request.user_agent.string), None)


def known_device(account: str) -> str:
    """The mark of this browser where somebody signed in to this account with it, or nothing."""
    return next((mark for mark in _marks() if hmac.compare_digest(_mark(mark[:32], account), mark)), "")


def know_device(person: Person, answer: Response) -> Response:
    """Mark this browser as one that this person signed in with; of those who share it the last few count."""
    account = person.sign_in_name or person.email or ""
    known = known_device(account) or _mark(secrets.token_hex(16), account)
    marks = [known, *(mark for mark in _marks() if mark != known)][:MOST_PEOPLE]
    return _with_cookie(answer, DEVICE_COOKIE, ".".join(marks))


def _marks() -> list[str]:
    return [mark for mark in request.cookies.get(DEVICE_COOKIE, "")[:1000].split(".") if mark.isascii()][:MOST_PEOPLE]


def _mark(nonce: str, account: str) -> str:
    return nonce + keyed_hash(f"device {nonce} {account}")


def remember_name(answer: Response, resident: Person) -> Response:
    """This phone is only theirs: keep the sign-in name on it, never the PIN."""
    return _with_cookie(answer, NAME_COOKIE, resident.sign_in_name or "")


def _with_cookie(answer: Response, name: str, value: str) -> Response:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
    return answer


def forget_name(answer: Response) -> Response:
    """Others use this phone too: keep no name on it."""
    answer.delete_cookie(NAME_COOKIE)
    return answer


def remembered_name() -> str:
    """The sign-in name that this phone keeps, or nothing."""
    name = plain(request.cookies.get(NAME_COOKIE))
    return name if len(name) == NAME_LENGTH else ""
