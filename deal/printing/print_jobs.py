"""Big prints: asked for once, made part by part by `deal worker`, kept for a day, open to whoever asked."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, g
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import aliased
from werkzeug.exceptions import NotFound

from deal.access import audience_of
from deal.clock import day_of, now
from deal.db import db, insert_into, lock
from deal.people import Assignment, Person, assigned_now
from deal.printing.models import PrintFile, PrintJob, Worker
from deal.printing.pdf import joined

AT_ONCE = 10  # people whose papers are made while somebody waits
PART = 50  # people in one file: a hundred pages laid out take 90 MB
MOST_PEOPLE = 2000  # ticked by hand; a page offers a hundred
KEPT = timedelta(days=1)
STALE = timedelta(seconds=30)  # without a sign of life, whoever was at it is gone
MOST_TRIES = 3  # of one part
PAPER_SECONDS = 120.0  # of work on one person's paper, and on joining a part
MOST = 3  # prints of one person that wait, with what is being made


@dataclass(frozen=True)
class Kind:
    """A paper that can be printed for several people: the view that prints it for one, and names."""

    endpoint: str
    label: Any
    file: Any
    of_one: Any = None  # the file's name where it is one person's


KINDS = {
    "story": Kind("printing.paper", _l("The story so far"), _l("stories-%(day)s.pdf"), _l("my-story-%(day)s.pdf")),
    "booklet": Kind("printing.booklet", _l("About me, to write on"), _l("about-me-%(day)s.pdf")),
    "deal": Kind("printing.deal_now", _l("Our promises, to agree on paper"), _l("our-promises-%(day)s.pdf")),
    "visit": Kind("printing.visit", _l("What to take along to a visit"), _l("visit-%(day)s.pdf")),
    "what_i_did": Kind("printing.what_i_did", _l("What I did"), _l("what-i-did-%(day)s.pdf")),
}
LAYOUTS = {"normal": _l("Normal"), "large": _l("In large print")}
FAULTS = {
    "no-pango": _l("This machine cannot print yet. Please tell us, so that somebody can put it right."),
    "too-much": _l("This took too long. Choose fewer people and try again."),
    "broken": _l("Something went wrong on our side. Try again, or ring us."),
}


def parts_of(job: PrintJob) -> tuple[list[int], bool]:
    """Which of its files are there to be had, and whether one was thrown away."""
    length = func.length(PrintFile.data)
    stored = select(PrintFile.part, PrintFile.people, length).where(PrintFile.job_id == job.id)
    rows = db.session.execute(stored.order_by(PrintFile.part)).all()
    return [part for part, _people, long in rows if long], any(people and not long for _part, people, long in rows)


def file_of(job: PrintJob, part: int) -> bytes | None:
    """A part that still holds."""
    row = db.session.scalar(select(PrintFile).where(PrintFile.job_id == job.id, PrintFile.part == part))
    return row.data if row and row.data and holds(row.people, row.begun_at, job.asked_by_id) else None


def file_name(job: PrintJob, part: int = 0) -> str:
    """It gives nobody away."""
    kind, day = KINDS[job.kind], day_of(job.asked_at or now()).isoformat()
    name = kind.of_one if job.total == 1 and kind.of_one else kind.file
    return str(name) % {"day": f"{day}-{part + 1}" if job.total > PART else day}


def heartbeat(worker: str) -> None:
    """A sign of life of this worker, and of what it has in hand."""
    at = now()
    seen = insert_into(Worker).values(id=1, beat_at=at)
    db.session.execute(seen.on_conflict_do_update(index_elements=["id"], set_={"beat_at": at}))
    db.session.execute(update(PrintJob).where(PrintJob.taken_by == worker, *is_wanted()).values(beat_at=at))
    db.session.commit()


def worker_is_running() -> bool:
    """Whether any worker was seen of late."""
    return db.session.scalar(select(Worker.id).where(Worker.beat_at > now() - STALE)) is not None


def forget_old_prints() -> None:
    """What was asked for more than a day ago is gone, with its files; and each file that holds no more. Commits."""
    db.session.execute(delete(PrintJob).where(PrintJob.asked_at <= now() - KEPT))
    stored = select(PrintFile.id, PrintFile.people, PrintFile.begun_at, PrintJob.asked_by_id)
    stored = stored.join(PrintJob, PrintJob.id == PrintFile.job_id).where(func.length(PrintFile.data) > 0)
    for number, people, begun_at, asker_id in db.session.execute(stored).all():
        if not holds(people, begun_at, asker_id):
            db.session.execute(update(PrintFile).where(PrintFile.id == number).values(data=b""))
    db.session.commit()


def holds(people: list[int], since: datetime, asker_id: int) -> bool:
    """Whether whoever asked may still open all of these people, and none of their words went since then."""
    if people != [asker_id]:
        asker = db.session.get_one(Person, asker_id)
        seen = select(Assignment.resident_id).where(*assigned_now(asker), Assignment.resident_id.in_(people))
        if set(db.session.scalars(seen)) != set(people):
            return False
    return not db.session.scalar(select(_words_went(people, since)))


def _words_went(people: list[int], since: datetime) -> Any:
    """The condition that one of them took words back, or did not agree to some: in whichever table words are kept."""
    found = []
    for table in db.metadata.sorted_tables:
        # through a goal, a promise or a talk, where it does not say itself whose it is
        parents = [key for key in table.foreign_keys if "resident_id" in key.column.table.c]
        theirs: list[Any] = [(key.parent == key.column) & key.column.table.c.resident_id.in_(people) for key in parents]
        if "resident_id" in table.c:
            theirs = [table.c.resident_id.in_(people)]
        for went in (table.c[name] for name in ("taken_back_at", "not_agreed_at") if name in table.c):
            found += [db.exists().where(went >= since, one) for one in theirs]
    return db.or_(*found)


def is_wanted() -> tuple[Any, ...]:
    """The conditions that a print is neither made nor cancelled nor given up, and whoever asked has not gone."""
    gone = select(Person.id).where(Person.closes_at <= now())
    over = PrintJob.finished_at, PrintJob.cancelled_at, PrintJob.fault
    return *(one.is_(None) for one in over), PrintJob.asked_by_id.not_in(gone)


def is_free(worker: str) -> Any:
    """The condition that no other worker has a print in hand; this one asks when its own hands are free."""
    return PrintJob.taken_by.is_(None) | (PrintJob.taken_by == worker) | (PrintJob.beat_at < now() - STALE)


def asked_lately(person_id: int) -> Any:
    """The query for what this person asked for within the last day."""
    return select(PrintJob).where(PrintJob.asked_by_id == person_id, PrintJob.asked_at > now() - KEPT)


def enqueue(job: PrintJob) -> PrintJob | None:
    """Store what was asked for; nothing where three of theirs wait. Commits."""
    lock(Person, job.asked_by_id)  # presses of one person at once take turns
    waits = asked_lately(job.asked_by_id).where(*is_wanted()).subquery()
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


def _in_turns(*where: Any) -> list[int]:
    """One print of each person, then the next one of each: whoever was served longest ago comes first."""
    other = aliased(PrintJob)
    served = select(func.max(other.beat_at)).where(other.asked_by_id == PrintJob.asked_by_id).scalar_subquery()
    turn = func.row_number().over(partition_by=PrintJob.asked_by_id, order_by=PrintJob.id)
    query = select(PrintJob.id).where(*is_wanted(), *where, PrintJob.asked_at > now() - KEPT)
    return list(db.session.scalars(query.order_by(turn, served.is_not(None), served, PrintJob.id)))


class Stopped(Exception):
    """The print was cancelled or is in other hands, or whoever asked has gone."""


def one_paper(app: Flask, job: PrintJob, resident_id: int) -> list[Any]:
    """The view's paper for one resident, laid out, in a request of its own as whoever asked; none if they may not."""
    endpoint = KINDS[job.kind].endpoint
    address = app.url_map.bind("").build(endpoint, {"resident_id": resident_id, "layout": job.options["layout"]})
    headers = {"Accept-Language": job.options["language"]}
    with app.app_context(), app.test_request_context(address, headers=headers):
        g._login_user = db.session.get(Person, job.asked_by_id)
        g.papers = []
        if g._login_user is None or g._login_user.is_closed or g._login_user.role not in audience_of(endpoint):
            return []
        with suppress(NotFound):
            app.view_functions[endpoint](resident_id=resident_id)
        return g.papers


_part: list[Any] = []  # what this process has laid out of the part that is being made


def lay_out(app: Flask, job: PrintJob, resident_id: int, is_first: bool) -> bool:
    """One more paper of a part, in the process that prints; whether there is one."""
    if is_first:
        _part.clear()  # what a part that was put down left
    found = one_paper(app, job, resident_id)
    _part.extend(found)
    return bool(found)


def join_up(app: Flask, job: PrintJob) -> bytes:
    """The file of the part that was laid out in this process."""
    with app.app_context(), force_locale(job.options["language"]):
        data = joined(_part, str(KINDS[job.kind].label)) if _part else b""
    _part.clear()
    return data


def work_on(app: Flask, number: int, worker: str, ask: Callable[..., Any]) -> None:
    """Make this print, unless somebody else is at it; what goes wrong is raised, and tried again a few times.

    `ask` is a printer's: it takes seconds, a function, and what that takes besides the app.
    """
    with app.app_context():
        job = _taken(number, worker)
        stored = db.session.scalar(select(func.count()).where(PrintFile.job_id == number)) or 0
    if job is None:
        return
    with suppress(Stopped):
        try:
            if job.tries > MOST_TRIES:
                _note(app, job, fault="broken")
            else:
                _make(app, job, stored, ask)
        except Exception as error:
            why = getattr(error, "why", None)
            if why in FAULTS:  # to try again would help nobody
                _note(app, job, fault=why)
            else:
                _note(app, job, taken_by=None)
                raise
        except BaseException:  # the worker ends: this try does not count
            _note(app, job, taken_by=None, tries=PrintJob.tries - 1)
            raise


def _taken(number: int, worker: str) -> PrintJob | None:
    """The print, in this worker's hands from now on; none where another has it, or nobody wants it. Commits."""
    at = now()
    values = {"taken_by": worker, "beat_at": at, "tries": PrintJob.tries + 1}
    values["started_at"] = func.coalesce(PrintJob.started_at, at)
    free = update(PrintJob).where(PrintJob.id == number, *is_wanted(), is_free(worker))
    taken = db.session.scalar(free.values(**values).returning(PrintJob.id))
    db.session.commit()
    return db.session.get(PrintJob, taken) if taken else None


def _make(app: Flask, job: PrintJob, stored: int, ask: Callable[..., Any]) -> None:
    """Part by part, behind those that are stored; each is stored with all that is known about it, or not at all."""
    people, left_out = job.options["people"], job.left_out
    for begin in range(stored * PART, len(people), PART):
        row = PrintFile(job_id=job.id, part=begin // PART, people=[], begun_at=now())
        for done, number in enumerate(people[begin : begin + PART], begin + 1):
            _note(app, job, done=done - 1)
            found = ask(PAPER_SECONDS, lay_out, job, number, done == begin + 1)
            row.people += [number] if found else []
            left_out += not found
        row.data = ask(PAPER_SECONDS, join_up, job)
        finished = now() if done == len(people) else None
        _note(app, job, row, done=done, left_out=left_out, tries=0, finished_at=finished)


def _note(app: Flask, job: PrintJob, *rows: Any, **values: Any) -> None:
    """Keep something about it, while it is in the same hands and still wanted; else raise Stopped."""
    with app.app_context():
        ours = PrintJob.id == job.id, PrintJob.taken_by == job.taken_by
        still = update(PrintJob).where(*ours, *is_wanted()).values(**values).returning(PrintJob.id)
        if db.session.scalar(still) is None:
            raise Stopped
        db.session.add_all(rows)
        db.session.commit()
