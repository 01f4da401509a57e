"""A clock that is wrong: the daily work waits to be told, and what was frozen by mistake is frozen again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from time_machine import travel

from deal.auth.models import LoginThrottle
from deal.clock import now
from deal.daily import _say, daily, do_daily_work
from deal.db import db
from deal.kpis.models import FrozenBlock
from deal.kpis.snapshots import freeze, freeze_again, published
from deal.printing.print_jobs import heartbeat
from tests.people import invite, keep

TODAY = datetime(2026, 6, 17, 10, tzinfo=UTC)
A_YEAR = timedelta(days=365)
SENTENCE = "our computer's clock jumped by more than a month"


def command(app, *arguments: str):
    return app.test_cli_runner().invoke(args=list(arguments))


def tries() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(LoginThrottle.id)))


def old_try() -> LoginThrottle:
    return LoginThrottle(subject="x", wrong=1, tried_at=now() - A_YEAR, closed_until=now() - A_YEAR)


@pytest.fixture
def invited(app, sam):
    """Somebody was invited in the spring, and the daily work was done yesterday."""
    with travel(TODAY - timedelta(days=90), tick=False):
        invite("Nia", sam)
    with travel(TODAY - timedelta(days=1), tick=False):
        heartbeat("w")
        daily()
    _say.cache_clear()


@pytest.mark.on_both
def test_the_daily_work_stops_where_the_clock_jumped(app, visit, sam, morgan, invited, caplog):
    blocks = len(published(99))
    with travel(TODAY + A_YEAR, tick=False):
        keep(old_try())
        for _ in range(3):
            do_daily_work()
        assert (tries(), db.session.scalar(select(func.count(FrozenBlock.id)))) == (1, blocks)
        assert caplog.text.count("the daily work waits: it is 366 days since the last one") == 1
        assert SENTENCE in visit(morgan).get("/numbers")
        told = command(app, "daily")
        assert told.exit_code != 0 and "deal daily --go-on" in told.output and tries() == 1
        assert command(app, "daily", "--go-on").exit_code == 0
        assert tries() == 0 and len(published(99)) == blocks + 13
        assert SENTENCE not in visit(morgan).get("/numbers")
    with travel(TODAY + A_YEAR + timedelta(days=1), tick=False):
        keep(old_try())
        do_daily_work()
        assert tries() == 0, "and goes on by itself"


def test_a_month_without_a_worker_is_no_jump(app, invited):
    with travel(TODAY + timedelta(days=30), tick=False):
        keep(old_try())
        do_daily_work()
        assert tries() == 0


def test_the_first_daily_work_of_all_is_measured_by_the_newest_row(app, sam):
    with travel(TODAY, tick=False):
        invite("Nia", sam)
    with travel(TODAY + A_YEAR, tick=False):
        assert "the last time was 17 June 2026" in command(app, "daily").output
    with travel(TODAY + timedelta(days=20), tick=False):
        assert command(app, "daily").exit_code == 0


@pytest.mark.on_both
def test_what_a_clock_ahead_froze_is_not_shown_and_frozen_anew_in_its_time(app, invited):
    blocks = [one.block for one in published(99)]
    with travel(TODAY + A_YEAR, tick=False):
        assert freeze((TODAY + A_YEAR).date()) == 13
    with travel(TODAY, tick=False):
        assert [one.block for one in published(99)] == blocks
    later = TODAY + timedelta(days=60)
    with travel(later, tick=False):
        made = freeze(later.date())
        assert made >= 2 and freeze(later.date()) == 0
        assert [one.block for one in published(99)][: len(blocks)] == blocks and len(published(99)) == len(
            blocks
        ) + made
        assert {one.frozen_at for one in published(99)[len(blocks) :]} == {later}
    with travel(TODAY + A_YEAR * 2, tick=False):
        assert published(99)[len(blocks)].frozen_at == later


@pytest.mark.on_both
def test_a_block_is_frozen_again_and_both_are_kept(app, visit, morgan, invited):
    with travel(TODAY, tick=False):
        first = published(99)[-1]
        told = command(
            app, "freeze", f"{first.block + timedelta(days=9)}", "--by", "Mo Begum", "--why", "a wrong clock"
        )
        assert told.exit_code == 0 and "are frozen again" in told.output, told.output
        assert len(published(99)) == len({one.block for one in published(99)})
    rows = db.session.scalars(select(FrozenBlock).filter_by(block=first.block).order_by(FrozenBlock.edition)).all()
    assert [(one.edition, one.frozen_by, one.why) for one in rows] == [
        (1, None, None),
        (2, "Mo Begum", "a wrong clock"),
    ]
    with travel(TODAY, tick=False):
        freeze_again(first.block, "Mo", "once more")
        assert published(99)[-1].frozen_at == TODAY
        visit(morgan).get("/numbers")


@pytest.mark.parametrize(
    ("day", "why", "said"),
    [
        (date(2026, 6, 1), "a wrong clock", "can be frozen from"),
        (date(2030, 6, 1), "a wrong clock", "can be frozen from"),
        (date(1999, 1, 1), "a wrong clock", "Nobody was invited before the four weeks from"),
        (date.min, "a wrong clock", "Nobody was invited before the four weeks from"),
        (date.max, "a wrong clock", "can be frozen from"),
        (date(2026, 3, 2), " ", "Write who you are"),
        (date(2026, 3, 2), "a\0b", "Write who you are"),
        ("yesterday", "a wrong clock", "does not match the format"),
    ],
)
def test_what_cannot_be_frozen_is_told_so(app, invited, day, why, said):
    with travel(TODAY, tick=False):
        before = db.session.scalar(select(func.count(FrozenBlock.id)))
        told = command(app, "freeze", str(day), "--by", "Mo", "--why", why)
        assert told.exit_code != 0
        assert said in told.output and db.session.scalar(select(func.count(FrozenBlock.id))) == before


def test_where_nobody_was_invited_nothing_is_frozen(app):
    told = command(app, "freeze", "2026-03-02", "--by", "Mo", "--why", "a wrong clock")
    assert told.exit_code != 0 and "Nobody was invited yet" in told.output
    assert db.session.scalar(select(func.count(FrozenBlock.id))) == 0
