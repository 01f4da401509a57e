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
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import NotFound

from deal.access import audience_of
from deal.db import day_of, db, insert_into, now
from deal.people import Person
from deal.summaries.holds import holds
from deal.summaries.pdf import CannotPrint, TooMuch, in_time, joined, put_by, tidy

AT_ONCE = 10  # people whose papers are made while somebody waits
PART = 50  # people in one file: a hundred pages laid out take 90 MB
MOST_PEOPLE = 2000  # ticked by hand; a page offers a hundred
KEPT = timedelta(days=1)
STALE = timedelta(seconds=30)  # without a sign of life, whoever was at it is gone
MOST_TRIES = 3  # of one part
PAPER_SECONDS = 120  # for one person's paper, and for joining a part


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


def is_wanted() -> tuple[Any, ...]:
    """The conditions that a print is neither made nor cancelled nor given up."""
    return PrintJob.finished_at.is_(None), PrintJob.cancelled_at.is_(None), PrintJob.fault.is_(None)


def is_free(worker: str) -> Any:
    """The condition that no other worker has a print in hand; this one asks when its own hands are free."""
    return PrintJob.taken_by.is_(None) | (PrintJob.taken_by == worker) | (PrintJob.beat_at < now() - STALE)


class Stopped(Exception):
    """The worker ends, the print was cancelled or is in other hands, or whoever asked has gone."""


def one_paper(app: Flask, asker_id: int, job: PrintJob, resident_id: int) -> list[Any]:
    """The view's paper for one resident, laid out, in a request of its own as whoever asked; none if they may not."""
    endpoint, language = KINDS[job.kind].endpoint, job.options["language"]
    values = {"resident_id": resident_id, "layout": job.options["layout"]}
    address = app.url_map.bind("").build(endpoint, values)
    context = app.test_request_context(address, headers={"Accept-Language": language})
    with app.app_context(), context, put_by() as papers:
        g._login_user = db.session.get(Person, asker_id)
        if g._login_user is None or g._login_user.is_closed:
            raise Stopped
        if g._login_user.role not in audience_of(endpoint):
            return []
        try:
            app.view_functions[endpoint](resident_id=resident_id)
        except NotFound:
            return []
        return papers


@dataclass(frozen=True)
class Work:
    """A print in a worker's hands; outside of any session, for each paper is made in one of its own."""

    app: Flask
    job: PrintJob
    worker: str
    first: int  # the part to begin with

    def make(self, stopping: Callable[[], bool]) -> None:
        """Part by part; each is stored with all that is known about it, or not at all."""
        people, left_out = self.job.options["people"], self.job.left_out
        for part in range(self.first, -(-len(people) // PART)):
            papers: list[Any] = []
            row = PrintFile(job_id=self.job.id, part=part, people=[], begun_at=now())
            for done, number in enumerate(people[part * PART : (part + 1) * PART], part * PART + 1):
                if stopping():
                    raise Stopped
                with in_time(PAPER_SECONDS):
                    found = one_paper(self.app, self.job.asked_by_id, self.job, number)
                papers += found
                row.people += [number] if found else []
                left_out += not found
                self.note(done=done)
            self._store(row, papers, left_out, over=done == len(people))

    def _store(self, row: PrintFile, papers: list[Any], left_out: int, over: bool) -> None:
        with self.app.app_context(), in_time(PAPER_SECONDS), force_locale(self.job.options["language"]):
            row.data = joined(papers, str(KINDS[self.job.kind].label)) if papers else b""
        self.note(row, left_out=left_out, tries=0, finished_at=now() if over else None)
        papers.clear()
        tidy()

    def note(self, *rows: Any, **values: Any) -> None:
        """Keep something about it, while it is ours and still wanted."""
        with self.app.app_context():
            ours = PrintJob.id == self.job.id, PrintJob.taken_by == self.worker
            still = update(PrintJob).where(*ours, *is_wanted()).values(**values).returning(PrintJob.id)
            if db.session.scalar(still) is None:
                raise Stopped
            db.session.add_all(rows)
            db.session.commit()


def _taken(app: Flask, number: int, worker: str) -> Work | None:
    at = now()
    values = {"taken_by": worker, "beat_at": at, "tries": PrintJob.tries + 1}
    values["started_at"] = func.coalesce(PrintJob.started_at, at)
    free = update(PrintJob).where(PrintJob.id == number, *is_wanted(), is_free(worker))
    taken = db.session.scalar(free.values(**values).returning(PrintJob.id))
    db.session.commit()
    if taken is None:
        return None
    stored = select(func.count()).where(PrintFile.job_id == number)
    return Work(app, db.session.get_one(PrintJob, number), worker, db.session.scalar(stored) or 0)


def work_on(app: Flask, number: int, worker: str, stopping: Callable[[], bool] = lambda: False) -> None:
    """Make this print, unless somebody else is at it; what goes wrong is tried again, a few times."""
    with app.app_context():
        work = _taken(app, number, worker)
    if work is None:
        return
    with suppress(Stopped):
        try:
            if work.job.tries > MOST_TRIES:
                work.note(fault="broken")
            else:
                work.make(stopping)
        except CannotPrint as error:
            work.note(fault="too-much" if isinstance(error, TooMuch) else "no-pango")
        except Stopped:  # this try does not count
            work.note(taken_by=None, tries=PrintJob.tries - 1)
        except BaseException:
            work.note(taken_by=None)
            raise
