"""PINs and passwords: argon2, what is too easy, and growing waits after wrong tries."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app, request
from sqlalchemy import func, select

from deal.accounts.codes import hash_of
from deal.accounts.models import Try
from deal.db import db, now

# OWASP's second set: 19 MiB, two passes, one lane
hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# stands in where there is no such person, so that the answer takes as long
_NOBODYS = hasher.hash("nobody has this one")

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


@dataclass(frozen=True)
class Wait:
    """How long somebody has to wait before the next try; 0 minutes means they need not."""

    minutes: int


def wait_before_next_try(kind: str, typed: str) -> Wait:
    """The wait for what was typed, told from tries of it; and a high ceiling for the address they come from."""
    at = now()
    subject = select(Try).where(Try.subject == hash_of(kind + typed), Try.at > at - MEMORY)
    last_right = select(func.max(Try.id)).where(Try.subject == hash_of(kind + typed), Try.right)
    wrong = subject.where(Try.id > func.coalesce(last_right.scalar_subquery(), 0)).subquery()
    tries, last = db.session.execute(select(func.count(), func.max(wrong.c.at))).one()
    if tries >= FREE_TRIES:
        until = last + min(timedelta(minutes=2 ** (tries - FREE_TRIES)), LONGEST_WAIT)
        if until > at:
            return Wait(minutes=int((until - at).total_seconds() // 60) + 1)
    hour = select(func.count()).where(Try.address == _address(), Try.at > at - timedelta(hours=1), ~Try.right)
    return Wait(minutes=60 if db.session.scalar(hour) >= current_app.config["ADDRESS_CEILING"] else 0)


def begin_try(kind: str, typed: str) -> Try:
    """Write the try down as wrong, before looking: many at once count as many."""
    attempt = Try(subject=hash_of(kind + typed), address=_address())
    db.session.add(attempt)
    db.session.commit()
    return attempt


def _address() -> str:
    return hash_of(f"address {request.remote_addr}")
