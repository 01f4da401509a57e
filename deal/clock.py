"""The one clock, and the landlord's days, weeks and blocks of four weeks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LANDLORDS_ZONE = ZoneInfo("Europe/London")


def now() -> datetime:
    """The one clock: this instant, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The landlord's day."""
    return day_of(now())


def day_of(instant: datetime) -> date:
    """The landlord's day in which an instant lies."""
    return instant.astimezone(LANDLORDS_ZONE).date()


def week_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def block_of(day: date) -> date:
    """The Monday on which the day's block of four weeks begins; blocks are counted from 6 January 2020."""
    return day - timedelta(days=(day - date(2020, 1, 6)).days % 28)


def start_of(day: date) -> datetime:
    """The instant at which the landlord's day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=LANDLORDS_ZONE)
