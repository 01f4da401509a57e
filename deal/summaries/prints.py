"""Big prints: asked for once, made part by part by `deal worker`, kept for a day, open to whoever asked."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask, g
from flask_babel import force_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, ForeignKey, LargeBinary, String, UniqueConstraint, delete, func, select, update
from sqlalchemy.orm import Mapped, aliased, mapped_column
from werkzeug.exceptions import NotFound

from deal.access import audience_of
from deal.clock import day_of, now
from deal.db import db, insert_into, lock
from deal.pagination import Page, page_of
from deal.people import Coaching, Person, coaching_now
from deal.summaries.pdf import CannotPrint, TooMuch, joined

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
    "story": Kind("summaries.paper", _l("The story so far"), _l("stories-%(day)s.pdf"), _l("my-story-%(day)s.pdf")),
    "booklet": Kind("summaries.booklet", _l("About me, to write on"), _l("about-me-%(day)s.pdf")),
    "deal": Kind("summaries.deal_now", _l("Our promises, to agree on paper"), _l("our-promises-%(day)s.pdf")),
    "visit": Kind("summaries.visit", _l("What to take along to a visit"), _l("visit-%(day)s.pdf")),
    "what_i_did": Kind("summaries.what_i_did", _l("What I did"), _l("what-i-did-%(day)s.pdf")),
}
LAYOUTS = {"normal": _l("Normal"), "large": _l("In large print")}


class PrintJob(db.Model):
    """What somebody asked to be printed, and how far it is. Both go after a day."""

    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    options: Mapped[dict[str, Any]]  # people: numbers; layout; language
    asked_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)  # people
    left_out: Mapped[int] = mapped_column(default=0)  # whom the asker may not open any more
    tries: Mapped[int] = mapped_column(default=0)  # of the part it is at
    taken_by: Mapped[str | None] = mapped_column(String(32))  # which worker
    beat_at: Mapped[datetime | None]  # that worker's last sign of life
    finished_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    fault: Mapped[str | None] = mapped_column(String(20))  # one of FAULTS

    @property
    def total(self) -> int:
        """How many people were chosen."""
        return len(self.options["people"])

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens."""
        return bool(self.finished_at or self.cancelled_at or self.fault)


class PrintFile(db.Model):
    """A part of what was printed, stored once."""

    job_id: Mapped[int] = mapped_column(ForeignKey("print_job.id", ondelete="CASCADE"))
    part: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)  # empty where everybody was left out, or it was thrown away
    people: Mapped[list[int]] = mapped_column(JSON, default=list)  # whose papers are in it
    begun_at: Mapped[datetime] = mapped_column(default=now)  # before anything of theirs was read for it

    __table_args__ = (UniqueConstraint("job_id", "part"),)


class Worker(db.Model):
    """One row: when a worker was last seen, and the last day that had its daily work."""

    beat_at: Mapped[datetime]
    daily_on: Mapped[date | None]


FAULTS = {
    "no-pango": _l("This machine cannot print yet. Please tell us, so that somebody can put it right."),
    "too-much": _l("This took too long. Choose fewer people and try again."),
    "broken": _l("Something went wrong on our side. Try again, or ring us."),
}
FINAL: dict[type, str] = {TooMuch: "too-much", CannotPrint: "no-pango"}  # to try again would help nobody


def parts_of(job: PrintJob) -> tuple[list[int], bool]:
    """Which of its files are there to be had, and whether one was thrown away."""
    length = func.length(PrintFile.data)
    stored = select(PrintFile.part, PrintFile.people, length).where(PrintFile.job_id == job.id)
    rows = db.session.execute(stored.order_by(PrintFile.part)).all()
    return [part for part, _people, long in rows if long], any(people and not long for _part, people, long in rows)


def file_of(job: PrintJob, part: int) -> tuple[bytes, str] | None:
    """A part that still holds, and its name."""
    row = db.session.scalar(select(PrintFile).where(PrintFile.job_id == job.id, PrintFile.part == part))
    there = row and row.data and holds(row.people, row.begun_at, job.asked_by_id)
    return (row.data, file_name(job, part)) if row and there else None


def file_name(job: PrintJob, part: int = 0) -> str:
    """It gives nobody away."""
    kind, day = KINDS[job.kind], day_of(job.asked_at or now()).isoformat()
    name = kind.of_one if job.total == 1 and kind.of_one else kind.file
    return str(name) % {"day": f"{day}-{part + 1}" if job.total > PART else day}


def beat(worker: str) -> None:
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
            query = db.exists().where(went >= since)
            if "resident_id" in table.c:
                found.append(query.where(table.c.resident_id.in_(people)))
                continue
            for key in table.foreign_keys:  # a goal's, a promise's, a talk's
                if "resident_id" in key.column.table.c:
                    of = key.column.table.c.resident_id
                    found.append(query.where(key.parent == key.column, of.in_(people)))
    return db.or_(*found)


def is_wanted() -> tuple[Any, ...]:
    """The conditions that a print is neither made nor cancelled nor given up, and whoever asked has not gone."""
    gone = select(Person.id).where(Person.closes_at <= now())
    over = PrintJob.finished_at, PrintJob.cancelled_at, PrintJob.fault
    return *(one.is_(None) for one in over), PrintJob.asked_by_id.not_in(gone)


def is_free(worker: str) -> Any:
    """The condition that no other worker has a print in hand; this one asks when its own hands are free."""
    return PrintJob.taken_by.is_(None) | (PrintJob.taken_by == worker) | (PrintJob.beat_at < now() - STALE)


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
    other = aliased(PrintJob)
    served = select(func.max(other.beat_at)).where(other.asked_by_id == PrintJob.asked_by_id).scalar_subquery()
    turn = func.row_number().over(partition_by=PrintJob.asked_by_id, order_by=PrintJob.id)
    query = select(PrintJob.id).where(*is_wanted(), *where, PrintJob.asked_at > now() - KEPT)
    return list(db.session.scalars(query.order_by(turn, served.is_not(None), served, PrintJob.id)))


class Stopped(Exception):
    """The print was cancelled or is in other hands, or whoever asked has gone."""


def one_paper(app: Flask, asker_id: int, job: PrintJob, resident_id: int) -> list[Any]:
    """The view's paper for one resident, laid out, in a request of its own as whoever asked; none if they may not."""
    endpoint, language = KINDS[job.kind].endpoint, job.options["language"]
    values = {"resident_id": resident_id, "layout": job.options["layout"]}
    address = app.url_map.bind("").build(endpoint, values)
    with app.app_context(), app.test_request_context(address, headers={"Accept-Language": language}):
        g._login_user = db.session.get(Person, asker_id)
        g.papers = []
        if g._login_user is None or g._login_user.is_closed or g._login_user.role not in audience_of(endpoint):
            return []
        try:
            app.view_functions[endpoint](resident_id=resident_id)
        except NotFound:
            return []
        return g.papers


_part: list[Any] = []  # what this process has laid out of the part that is being made


def lay_out(app: Flask, job: PrintJob, resident_id: int, is_first: bool) -> bool:
    """One more paper of a part, in the process that prints; whether there is one."""
    if is_first:
        _part.clear()  # what a part that was put down left
    found = one_paper(app, job.asked_by_id, job, resident_id)
    _part.extend(found)
    return bool(found)


def join_up(app: Flask, job: PrintJob) -> bytes:
    """The file of the part that was laid out in this process."""
    with app.app_context(), force_locale(job.options["language"]):
        data = joined(_part, str(KINDS[job.kind].label)) if _part else b""
    _part.clear()
    return data


@dataclass(frozen=True)
class Work:
    """A print in a worker's hands; outside of any session."""

    app: Flask
    job: PrintJob
    worker: str
    first: int  # the part to begin with
    ask: Callable[..., Any]  # seconds, function and what it takes besides the app: a printer's

    def make(self) -> None:
        """Part by part; each is stored with all that is known about it, or not at all."""
        people, left_out = self.job.options["people"], self.job.left_out
        for part, begin in enumerate(range(0, len(people), PART)):
            if part < self.first:
                continue
            row = PrintFile(job_id=self.job.id, part=part, people=[], begun_at=now())
            for done, number in enumerate(people[begin : begin + PART], begin + 1):
                self.note(done=done - 1)
                found = self.ask(PAPER_SECONDS, lay_out, self.job, number, done == begin + 1)
                row.people += [number] if found else []
                left_out += not found
            row.data = self.ask(PAPER_SECONDS, join_up, self.job)
            self.note(row, done=done, left_out=left_out, tries=0, finished_at=now() if done == len(people) else None)

    def note(self, *rows: Any, **values: Any) -> None:
        """Keep something about it, while it is ours and still wanted."""
        with self.app.app_context():
            ours = PrintJob.id == self.job.id, PrintJob.taken_by == self.worker
            still = update(PrintJob).where(*ours, *is_wanted()).values(**values).returning(PrintJob.id)
            if db.session.scalar(still) is None:
                raise Stopped
            db.session.add_all(rows)
            db.session.commit()


def _taken(app: Flask, number: int, worker: str, ask: Callable[..., Any]) -> Work | None:
    at = now()
    values = {"taken_by": worker, "beat_at": at, "tries": PrintJob.tries + 1}
    values["started_at"] = func.coalesce(PrintJob.started_at, at)
    free = update(PrintJob).where(PrintJob.id == number, *is_wanted(), is_free(worker))
    taken = db.session.scalar(free.values(**values).returning(PrintJob.id))
    db.session.commit()
    if taken is None:
        return None
    stored = select(func.count()).where(PrintFile.job_id == number)
    return Work(app, db.session.get_one(PrintJob, number), worker, db.session.scalar(stored) or 0, ask)


def work_on(app: Flask, number: int, worker: str, ask: Callable[..., Any]) -> None:
    """Make this print, unless somebody else is at it; what goes wrong is raised, and tried again a few times."""
    with app.app_context():
        work = _taken(app, number, worker, ask)
    if work is None:
        return
    with suppress(Stopped):
        try:
            if work.job.tries > MOST_TRIES:
                work.note(fault="broken")
            else:
                work.make()
        except Exception as error:
            if fault := FINAL.get(type(error)):
                work.note(fault=fault)
            else:
                work.note(taken_by=None)
                raise
        except BaseException:  # the worker ends: this try does not count
            work.note(taken_by=None, tries=PrintJob.tries - 1)
            raise
