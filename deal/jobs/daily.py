"""What each day needs."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

from flask import current_app
from sqlalchemy import delete, select

from deal.accounts.models import LoginThrottle, SignIn
from deal.accounts.secrets import MEMORY
from deal.db import LANDLORDS_ZONE, db, insert_into, now, today
from deal.drafts.models import drop_old_drafts
from deal.idempotency import forget_old_submissions
from deal.kpis.blocks import clock_jumped, freeze
from deal.summaries.prints import Worker, forget_old_prints
from deal.undo import forget_old_journals

EARLY = 4  # o'clock


def daily() -> None:
    """What each day needs; safe to repeat: forget tries, sign-ins, drafts and prints long over, and freeze figures."""
    long_ago = now() - timedelta(days=30)
    db.session.execute(delete(LoginThrottle).where(LoginThrottle.tried_at < now() - MEMORY))
    drop_old_drafts()
    db.session.execute(delete(SignIn).where(SignIn.runs_out_at < long_ago))
    forget_old_journals()
    forget_old_submissions()
    forget_old_prints()
    freeze(today())


def note_daily() -> None:
    """Today's work is done. Commits."""
    done = insert_into(Worker).values(id=1, beat_at=datetime(2000, 1, 1, tzinfo=UTC), daily_on=today())
    db.session.execute(done.on_conflict_do_update(index_elements=["id"], set_={"daily_on": today()}))
    db.session.commit()


def do_daily_work() -> None:
    """Once a day, early in the landlord's morning, or later as soon as a worker runs; not where the clock jumped."""
    forget_old_journals()
    forget_old_prints()
    done = db.session.scalar(select(Worker.id).where(Worker.daily_on == today()))
    if done or now().astimezone(LANDLORDS_ZONE).hour < EARLY:
        return
    if since := clock_jumped():
        _say(since, today())
        return
    daily()
    note_daily()


@cache
def _say(since: date, day: date) -> None:
    """Once a day, in each worker's log."""
    sentence = "the daily work waits: it is %d days since the last one; if the clock is right: deal daily --go-on"
    current_app.logger.error(sentence, (day - since).days)
