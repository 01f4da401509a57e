"""PINs and passwords: argon2, what is too easy, and growing waits after wrong tries."""

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app, request
from flask_babel import ngettext
from sqlalchemy import func, select
from wtforms import Field

from deal.accounts.codes import hash_of
from deal.accounts.models import Try
from deal.db import db, now

# OWASP's second set: 19 MiB, two passes, one lane
hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# stands in where there is no such person, so that the answer takes as long
_NOBODYS = hasher.hash("nobody has this one")

Found = TypeVar("Found")

FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=30)
MEMORY = timedelta(hours=24)


def is_right(secret_hash: str | None, secret: str) -> bool:
    """Whether this is the secret; as slow for somebody who does not exist."""
    try:
        return hasher.verify(secret_hash or _NOBODYS, secret) and secret_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_easy_pin(pin: str) -> bool:
    """Whether others would guess it soon: one digit or a pair or a triple repeated, or a run up or down."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    doubled = pin[0] == pin[1] and pin[2] == pin[3] and pin[4] == pin[5]
    return steps in ({0}, {1}, {9}) or pin[:2] * 3 == pin or pin[:3] * 2 == pin or doubled


def minutes_to_wait(kind: str, typed: str) -> int:
    """The wait for what was typed, told from tries of it; and a high ceiling for the address they come from."""
    at = now()
    subject = select(Try).where(Try.subject == hash_of(kind + typed), Try.at > at - MEMORY)
    last_right = select(func.max(Try.id)).where(Try.subject == hash_of(kind + typed), Try.right)
    wrong = subject.where(Try.id > func.coalesce(last_right.scalar_subquery(), 0)).subquery()
    tries, last = db.session.execute(select(func.count(), func.max(wrong.c.at))).one()
    if tries >= FREE_TRIES:
        until = last + min(timedelta(minutes=2 ** (tries - FREE_TRIES)), LONGEST_WAIT)
        if until > at:
            return int((until - at).total_seconds() // 60) + 1
    hour = select(func.count()).where(Try.address == _address(), Try.at > at - timedelta(hours=1), ~Try.right)
    return 60 if db.session.scalar(hour) >= current_app.config["ADDRESS_CEILING"] else 0


def found_by_trying(field: Field, typed: str, look: Callable[[], Found | None], wrong: str) -> Found | None:
    """What is found for what was typed into a field; else the field says what to do. Every try is a row."""
    if minutes := minutes_to_wait(field.name, typed):
        sentence = ngettext(
            "There were too many wrong tries. Please wait %(num)s minute and try again.",
            "There were too many wrong tries. Please wait %(num)s minutes and try again.",
            minutes,
        )
        field.errors = [sentence]
        return None
    attempt = Try(subject=hash_of(field.name + typed), address=_address())
    db.session.add(attempt)
    db.session.commit()  # as wrong, before looking: many at once count as many
    found = look()
    if found is None:
        field.errors = [wrong]
        return None
    attempt.right = True
    db.session.commit()
    return found


def _address() -> str:
    return hash_of(f"address {request.remote_addr}")
