"""What each day needs, and commands for a mishap: freezing figures again, going on with new keys."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import click
from click.exceptions import ClickException
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import delete, select

from deal.auth.models import LoginThrottle, SignIn
from deal.auth.throttling import MEMORY
from deal.clock import LANDLORDS_ZONE, block_of, now, today
from deal.db import db, insert_into
from deal.drafts.models import drop_old_drafts
from deal.idempotency import forget_old_submissions
from deal.keys import AFTER, accept_keys
from deal.kpis.snapshots import BLOCK, SETTLES, clock_jumped, first_block, freeze, freeze_again
from deal.names import are_letters
from deal.printing.models import Worker
from deal.printing.print_jobs import forget_old_prints
from deal.undo import forget_old_journals

EARLY = 4  # o'clock


def daily() -> None:
    """What each day needs; safe to repeat: forget tries, sign-ins, drafts and prints long over, and freeze figures.

    Commits, with a note that today's is done.
    """
    long_ago = now() - timedelta(days=30)
    db.session.execute(delete(LoginThrottle).where(LoginThrottle.tried_at < now() - MEMORY))
    drop_old_drafts()
    db.session.execute(delete(SignIn).where(SignIn.runs_out_at < long_ago))
    forget_old_journals()
    forget_old_submissions()
    forget_old_prints()
    freeze(today())
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


@cache
def _say(since: date, day: date) -> None:
    """Once a day, in each worker's log."""
    sentence = "the daily work waits: it is %d days since the last one; if the clock is right: deal daily --go-on"
    current_app.logger.error(sentence, (day - since).days)


@click.command("daily")
@click.option("--go-on", is_flag=True, help="The clock is right, though the last time was more than a month ago.")
@with_appcontext
def daily_command(go_on: bool) -> None:
    """What each day needs; safe to repeat: forget what is long over, and freeze figures."""
    since = None if go_on else clock_jumped()
    if since:
        raise ClickException(
            f"This machine's clock says {today():%d %B %Y}; the last time was {since:%d %B %Y}. Nothing was done, "
            "because what is forgotten or frozen stays so. Put the clock right; or, if it is right: deal daily --go-on"
        )
    daily()
    click.echo("Done for today.")


@click.command("freeze")
@click.argument("day", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--by", prompt="Who are you", help="Kept with the figures.")
@click.option("--why", prompt="Why are they frozen again", help="Kept with the figures.")
@with_appcontext
def freeze_command(day: datetime, by: str, why: str) -> None:
    """Freeze the four weeks in which DAY (2026-05-03) lies again; the figures from before are kept too."""
    first = first_block()
    if first is None:
        raise ClickException("Nobody was invited yet, so there is nothing to freeze.")
    if day.date() < first:
        raise ClickException(f"Nobody was invited before the four weeks from {first:%d %B %Y}: nothing to freeze.")
    block = block_of(min(day.date(), date.max - BLOCK - SETTLES))
    settled = block + BLOCK + SETTLES
    if settled > today():
        raise ClickException(f"The four weeks from {block:%d %B %Y} can be frozen from {settled:%d %B %Y} on.")
    if not (by.strip() and why.strip() and are_letters(by + why)) or len(by) > 200 or len(why) > 1000:
        raise ClickException("Write who you are, in at most 200 characters, and why, in at most 1000.")
    freeze_again(block, by, why)
    click.echo(f"The four weeks from {block:%d %B %Y} are frozen again. What was published before is kept.")


@click.command("new-keys")
@with_appcontext
def new_keys() -> None:
    """Go on with the keys that are here now, where those that the database was used with are lost."""
    upgrade()
    changed = accept_keys()
    if not changed:
        click.echo("The keys are the ones that this database was used with: nothing has changed.")
        return
    click.echo("Deal goes on with the keys that are here now. Keep a copy of them.")
    for name in changed:
        click.echo(AFTER[name])
