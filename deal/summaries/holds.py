"""Whether a stored print may still be read by whoever asked for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select

from deal.db import db
from deal.people import Coaching, Person, coaching_now


def holds(people: list[int], since: datetime, asker_id: int) -> bool:
    """Whether whoever asked may still open all of these people, and none of their words went since then."""
    if people == [asker_id]:
        theirs = {asker_id}
    else:
        asker = db.session.get_one(Person, asker_id)
        seen = select(Coaching.resident_id).where(*coaching_now(asker), Coaching.resident_id.in_(people))
        theirs = set(db.session.scalars(seen))
    return theirs == set(people) and not db.session.scalar(select(_words_went(people, since)))


def _words_went(people: list[int], since: datetime) -> Any:
    """The condition that one of them took words back, or did not agree to some: in whichever table words are kept."""
    found = []
    for table in db.metadata.sorted_tables:
        for went in (table.c[name] for name in ("taken_back_at", "not_agreed_at") if name in table.c):
            query = exists().where(went >= since)
            if "resident_id" in table.c:
                found.append(query.where(table.c.resident_id.in_(people)))
                continue
            for key in table.foreign_keys:  # a goal's, a promise's, a talk's
                if "resident_id" in key.column.table.c:
                    of = key.column.table.c.resident_id
                    found.append(query.where(key.parent == key.column, of.in_(people)))
    return or_(*found)
