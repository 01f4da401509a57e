"""Browsers that somebody signed in with before: OWASP's device cookies.

A stranger who knows an e-mail address or a sign-in name can use up its tries. Whoever signed in before has a cookie
that says so, and tries of their own. It opens nothing, holds neither name nor number, and has no words.
See OWASP, "Slow Down Online Guessing Attacks with Device Cookies".
"""

import hmac
import secrets

from flask import Response, current_app, request

from deal.accounts.codes import keyed_hash
from deal.people import Person

DEVICE_COOKIE = "deal_device"
MOST_PEOPLE = 5  # who share a browser
YEAR = 60 * 60 * 24 * 365


def account_of(person: Person) -> str:
    """What somebody types to say who they are: a resident their sign-in name, staff their e-mail address."""
    return person.sign_in_name or person.email or ""


def known_device(account: str) -> str:
    """The mark of this browser where somebody signed in to this account with it, or nothing."""
    return next((mark for mark in _marks() if hmac.compare_digest(_mark(mark[:32], account), mark)), "")


def know_device(person: Person, answer: Response) -> Response:
    """Mark this browser as one that this person signed in with; of those who share it the last few count."""
    account = account_of(person)
    known = known_device(account) or _mark(secrets.token_hex(16), account)
    marks = [known, *(mark for mark in _marks() if mark != known)][:MOST_PEOPLE]
    safe = {"httponly": True, "samesite": "Lax", "secure": current_app.config["SESSION_COOKIE_SECURE"]}
    answer.set_cookie(DEVICE_COOKIE, ".".join(marks), max_age=YEAR, **safe)
    return answer


def _marks() -> list[str]:
    return [mark for mark in request.cookies.get(DEVICE_COOKIE, "")[:1000].split(".") if mark.isascii()][:MOST_PEOPLE]


def _mark(nonce: str, account: str) -> str:
    return nonce + keyed_hash(f"device {nonce} {account}")


def browser_and_system() -> tuple[str | None, str | None]:
    """What this browser calls itself, in two names that people know, such as Firefox and Android."""
    said = request.user_agent.string
    # the order matters: most of them name others too
    browsers = {
        "Edg": "Edge",
        "OPR": "Opera",
        "SamsungBrowser": "Samsung Internet",
        "Firefox": "Firefox",
        "FxiOS": "Firefox",
    }
    browsers |= {"Chrome": "Chrome", "CriOS": "Chrome", "Safari": "Safari"}
    systems = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "CrOS": "ChromeOS"}
    systems |= {"Mac OS X": "Mac", "Linux": "Linux"}
    return _named(browsers, said), _named(systems, said)


def _named(names: dict[str, str], said: str) -> str | None:
    return next((name for sign, name in names.items() if sign in said), None)
