"""What each day needs."""

from datetime import timedelta

from sqlalchemy import delete, select, update

from deal.accounts.models import LoginThrottle, SignIn
from deal.accounts.secrets import MEMORY
from deal.db import LANDLORDS_ZONE, db, now, today
from deal.drafts.models import drop_old_drafts
from deal.kpis.blocks import freeze
from deal.summaries.prints import Worker, forget_old_prints
from deal.undo import forget_old_journals

EARLY = 4  # o'clock


def daily() -> None:
    """What each day needs; safe to repeat: forget tries, sign-ins, drafts and prints long over, and freeze figures."""
    long_ago = now() - timedelta(days=30)
    db.session.execute(delete(LoginThrottle).where(LoginThrottle.tried_at < now() - MEMORY))
    drop_old_drafts()
    db.session.execute(delete(SignIn).where(SignIn.runs_out_at < long_ago))
    forget_old_prints()
    forget_old_journals()
    freeze(today())


def do_daily_work() -> None:
    """Once a day, early in the landlord's morning, or later as soon as a worker runs."""
    forget_old_prints()
    done = db.session.scalar(select(Worker.id).where(Worker.daily_on == today()))
    if not done and now().astimezone(LANDLORDS_ZONE).hour >= EARLY:
        daily()
        db.session.execute(update(Worker).values(daily_on=today()))
        db.session.commit()
