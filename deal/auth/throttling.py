"""Growing waits after wrong tries.

What protects against guessing is the wait of each account. There is no ceiling for an address: whole community
centres share one, so it shut out people who had typed nothing wrong. Nor is one needed: letters' codes have 67 bits,
sign-in names 36, and a password that others would try is refused when it is chosen.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from flask_babel import ngettext
from sqlalchemy import case, delete, literal, select
from wtforms import Field

from deal.auth.models import LoginThrottle
from deal.auth.tokens import keyed_hash
from deal.clock import now
from deal.db import Instant, db, insert_into

Found = TypeVar("Found")
FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=30)
MEMORY = timedelta(hours=24)


def throttled_lookup(
    field: Field, account: str, look: Callable[[], Found | None], wrong: str, device: str = ""
) -> Found | None:
    """What is found with what was typed for an account; else the field says what to do. Commits.

    Each wrong try for the same field and account makes the next one wait longer. A `device` that signed in to it
    before has a count of its own.
    """
    subject = keyed_hash(f"{field.name} {account} {device}")
    if minutes := _counted(subject):
        wrong = ngettext(
            "There were too many wrong tries. Please wait %(num)s minute and try again.",
            "There were too many wrong tries. Please wait %(num)s minutes and try again.",
            minutes,
        )
    found = None if minutes else look()
    if found is None:
        field.errors = [wrong]
    else:
        db.session.execute(delete(LoginThrottle).where(LoginThrottle.subject == subject))
        db.session.commit()
    return found


def _counted(subject: str) -> int:
    """Count a try as wrong before anybody looks whether it is right, or give the minutes that it has to wait. Commits.

    One statement counts and decides, so that of many tries at once no more are let through than of one after another.
    """
    at, row = now(), LoginThrottle
    first = {"subject": subject, "wrong": 1, "tried_at": at, "closed_until": at}
    wrong = case((row.tried_at < at - MEMORY, 1), else_=row.wrong + 1)
    again = {"wrong": wrong, "tried_at": at, "closed_until": _closed_until(wrong, at)}
    # no wait yet: clocks may differ a little, and tries at once overtake each other
    is_open = (row.closed_until <= at) | (row.wrong < FREE_TRIES)
    upsert = insert_into(row).values(first).on_conflict_do_update(index_elements=["subject"], set_=again, where=is_open)
    counted = db.session.scalar(upsert.returning(row.wrong))
    db.session.commit()
    if counted:
        return 0
    until = db.session.scalar(select(row.closed_until).where(row.subject == subject)) or at
    return int((until - at).total_seconds() // 60) + 1


def _closed_until(wrong, at: datetime):
    """Five tries are free, then the wait doubles from one minute up to half an hour."""
    ends = [at] * (FREE_TRIES - 1) + [at + min(timedelta(minutes=2**n), LONGEST_WAIT) for n in range(6)]
    steps = {n: literal(end, Instant()) for n, end in enumerate(ends, 1)}
    return case(steps, value=wrong, else_=literal(at + LONGEST_WAIT, Instant()))
