"""Who is served next where many prints wait: three a person, and everybody gets a turn."""

from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from deal.db import Page, db, lock, now, page_of
from deal.people import Person
from deal.summaries.prints import KEPT, PrintJob, is_free, is_wanted

MOST = 3  # of one person, with what is being made


def prints_of(person: Person, after: str | None) -> Page:
    """What this person asked for within the last day, newest first."""
    return page_of(_lately(person.id), PrintJob.id.desc(), after=after)


def print_of(person: Person, number: int) -> PrintJob | None:
    """What this person asked for within the last day under that number."""
    return db.session.scalar(_lately(person.id).where(PrintJob.id == number))


def enqueue(job: PrintJob) -> PrintJob | None:
    """Store what was asked for; nothing where three of theirs wait. Commits."""
    lock(Person, job.asked_by_id)  # presses of one person at once take turns
    waits = _lately(job.asked_by_id).where(*is_wanted()).subquery()
    if (db.session.scalar(select(func.count()).select_from(waits)) or 0) >= MOST:
        return None
    db.session.add(job)
    db.session.commit()
    return job


def waiting(worker: str) -> list[int]:
    """What nobody makes, whose turn is next first: new, left by a worker that is gone, or put down by this one."""
    return _in_turns(is_free(worker))


def how_many_before(job: PrintJob) -> int:
    """How many prints are made before this one, with those that are being made now."""
    order, free = _in_turns(), waiting("")
    return len(order) - len(free) + free.index(job.id) if job.id in free else 0


def _lately(person_id: int) -> Any:
    return select(PrintJob).where(PrintJob.asked_by_id == person_id, PrintJob.asked_at > now() - KEPT)


def _in_turns(*where: Any) -> list[int]:
    """One print of each person, then the next one of each: whoever was served longest ago comes first."""
    other, at = aliased(PrintJob), now()
    served = select(func.max(other.beat_at)).where(other.asked_by_id == PrintJob.asked_by_id).scalar_subquery()
    gone = select(Person.id).where(Person.closes_at <= at)
    query = select(PrintJob.id, PrintJob.asked_by_id).where(*is_wanted(), *where, PrintJob.asked_at > at - KEPT)
    query = query.where(PrintJob.asked_by_id.not_in(gone)).order_by(served.is_not(None), served, PrintJob.id)
    had: Counter[int] = Counter()
    turns: list[tuple[int, int, int]] = []
    for number, person_id in db.session.execute(query):
        turns.append((had[person_id], len(turns), number))
        had[person_id] += 1
    return [number for _turn, _place, number in sorted(turns)]
