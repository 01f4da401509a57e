"""PINs and passwords: argon2, and what is too easy."""

from collections.abc import Iterable
from itertools import pairwise
from threading import Lock
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from deal.auth.models import SignIn, end_sign_ins, use_up
from deal.db import db
from deal.people import Person
from deal.settings import landlord

# OWASP's second set: 19 MiB, two passes, one lane
hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# stands in where there is no such person, or no secret, so that the answer takes as long
_NOBODYS = hasher.hash("nobody has this one")
LEAST_SCORE = 3  # of zxcvbn's 4: somebody who knows whose it is needs more than a hundred million guesses
MOST_READ = 32  # characters that zxcvbn looks at: of 70 chosen for it, it takes seven seconds
LEAST_OTHER_LETTERS = 6  # beside somebody's own words
_zxcvbn_is_busy = Lock()  # it keeps the words of one call where another one reads them


def is_right(secret_hash: str | None, secret: str) -> bool:
    """Whether this is the secret; as slow for somebody who does not exist or has none."""
    real = bool(secret_hash and secret_hash.startswith("$argon2"))
    try:
        return hasher.verify(secret_hash if secret_hash and real else _NOBODYS, secret) and real
    except (VerificationError, InvalidHashError):
        return False


def choose_secret(person: Person, secret: str, code: Any = None, stays: int | None = None) -> bool:
    """Keep a new PIN or password; every sign-in with the old one ends, but for the one that `stays`.

    Where a code lets them choose it, that is used up: False where another press was quicker, and nothing is changed.
    The caller commits.
    """
    secret_hash = hasher.hash(secret)  # which takes long, so before anything is locked
    if code is not None and not use_up(code):
        db.session.rollback()
        return False
    person.secret_hash = secret_hash
    end_sign_ins(person, SignIn.id != (stays or 0))
    return True


def is_easy_pin(pin: str) -> bool:
    """Whether others would guess it soon: one digit or a pair or a triple repeated, or a run up or down."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    doubled = pin[0] == pin[1] and pin[2] == pin[3] and pin[4] == pin[5]
    return steps in ({0}, {1}, {9}) or pin[:2] * 3 == pin or pin[:3] * 2 == pin or doubled


def is_easy_password(password: str, person: Person) -> bool:
    """Whether others would guess it soon: it is common, or made of this person's, the landlord's or Deal's words."""
    from zxcvbn import zxcvbn  # 14 MB of words, needed a few times a year

    known = (person.name, person.email or "", *landlord().service_name.values(), *landlord().organisation.values())
    own, plain = _words_of(("deal", *known)), _without_gaps(password)
    if _is_their_words(plain, own):
        return True
    with _zxcvbn_is_busy:
        scores = [zxcvbn(one[:MOST_READ], user_inputs=own)["score"] for one in (password, plain)]
    return min(scores) < LEAST_SCORE


def _without_gaps(password: str) -> str:
    """The letters and digits, then each other sign once: what stands between words again and again hides no word."""
    signs = dict.fromkeys(sign for sign in password if not sign.isalnum())
    return "".join([*filter(str.isalnum, password), *signs])


def _is_their_words(plain: str, own: list[str]) -> bool:
    """Whether hardly a letter is left without their own words: a year beside two of them is soon tried."""
    left = folded = plain.casefold()
    for word in sorted(own, key=len, reverse=True):
        left = left.replace(word, "")
    return left != folded and sum(map(str.isalpha, left)) < LEAST_OTHER_LETTERS


def _words_of(known: Iterable[str]) -> list[str]:
    """Each text as it is and in one word, and each of its words."""
    words: list[str] = []
    for text in known:
        parts = "".join(sign if sign.isalnum() else " " for sign in text.casefold()).split()
        words += [text.casefold(), "".join(parts), *parts]
    return [one for one in dict.fromkeys(words) if len(one) > 2]
