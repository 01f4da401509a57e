"""Counts of blockers for managers; what nobody said yes to is not counted either."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from deal.conversations.endings import died
from deal.db import db
from deal.learning.models import Blocker, Heading, Whose


@dataclass(frozen=True)
class Own:
    """The landlord's own that were opened and removed, how many stood in the way at the end, and since when."""

    opened: int
    removed: int
    open: int
    oldest: datetime | None  # the day on which the oldest of them was passed on


# the earlier of the two removed it; a removal that is older than the passing on counts from the passing on
_gone = db.case((Heading.removed_at < Blocker.gone_at, Heading.removed_at), else_=Blocker.gone_at)
_gone = func.coalesce(_gone, Heading.removed_at)
_removed = db.case((_gone < Blocker.passed_on, Blocker.passed_on), else_=_gone)


def own_blockers(start: datetime, end: datetime) -> Own:
    """Counted from `start` up to `end`. What we said we cannot change stays open.

    A yes taken back counts nowhere, nor does what somebody said who has died.

    So it is that open at the end = open at the start + opened - removed.
    """
    stood = _removed.is_(None) | (_removed >= end)
    query = select(
        func.count().filter(Blocker.passed_on >= start),
        func.count().filter(_removed >= start, _removed < end),
        func.count().filter(stood),
        func.min(Blocker.passed_on).filter(stood),
    )
    passed = Blocker.whose == Whose.LANDLORD, Blocker.passed_on.is_not(None), Blocker.passed_on < end
    query = query.where(Blocker.resident_id.not_in(died()))
    return Own(*db.session.execute(query.select_from(Blocker).outerjoin(Blocker.heading).where(*passed)).one())
