"""Big prints: asked for on a page, made by the worker, once, for whoever asked, as they may see people then."""

import io
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from time import monotonic, sleep

import pytest
import time_machine
from pypdf import PdfReader
from sqlalchemy import delete, func, insert, select, update

from deal.access import open_to
from deal.audit import AccessLog
from deal.auth.models import LoginThrottle
from deal.clock import now
from deal.config import ROOT
from deal.daily import do_daily_work
from deal.db import db
from deal.goals.models import Wording
from deal.names import name_key
from deal.people import Assignment, Person, Role, StaffExclusion
from deal.printing import pdf, print_jobs, printer
from deal.printing.models import PrintFile, PrintJob
from deal.printing.print_jobs import enqueue, forget_old_prints, heartbeat, how_many_before, waiting, work_on
from deal.printing.printer import Printer, PrintsApart
from deal.settings import change_settings
from deal.worker import make_all
from tests.conftest import let_go, new_app
from tests.live import DEAL, _environment, running_deal
from tests.people import make_coach, make_full_story, make_goal, make_print, make_resident

NAMES = ("Ana", "Bea", "Cai", "Dai", "Eve")


@pytest.fixture
def five(sam) -> list[Person]:
    """Sam's people."""
    return [make_resident(name, sam) for name in NAMES]


@pytest.fixture
def few(monkeypatch):
    """Two people are many, and two make a file."""
    monkeypatch.setattr(print_jobs, "AT_ONCE", 2)
    monkeypatch.setattr(print_jobs, "PART", 2)


def here(app, before=lambda: None):
    """As a printer is asked, but in this process; something may happen before each paper."""

    def ask(_seconds, work, *args):
        before()
        return work(app, *args)

    return ask


def work(app, job, worker: str = "w", ask=None) -> PrintJob:
    """As the worker does, and the row as it is then."""
    number = job.id
    db.session.rollback()
    work_on(app, number, worker, ask or here(app))
    db.session.expire_all()
    return db.session.get_one(PrintJob, number)


def work_until_told_to_end(app, job, worker: str = "w", papers: int = 1) -> PrintJob:
    """The same, but the worker is told to end before it makes one more paper than these."""
    left = iter(range(papers))
    with pytest.raises(SystemExit):
        work(app, job, worker, ask=here(app, lambda: next(left, None) is None and sys.exit()))
    db.session.expire_all()
    return db.session.get_one(PrintJob, job.id)


def text_of(data: bytes) -> str:
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def files_of(job) -> list[bytes]:
    return list(db.session.scalars(select(PrintFile.data).filter_by(job_id=job.id).order_by(PrintFile.part)))


@contextmanager
def printed_apart(app, ask=None):
    """Pages that print are answered by a printer, as in the web server; this one works here, or does as it is told."""
    apart = PrintsApart(app)
    apart.printer.ask = ask or here(apart.wsgi)
    app.wsgi_app = apart
    yield apart
    app.wsgi_app = apart.wsgi


@contextmanager
def somebody_prints(app):
    """Another request of this web server is at it."""
    with printed_apart(app) as apart:
        apart.turn.acquire()
        yield


@contextmanager
def full_disk():
    """No file grows."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.on_both
def test_many_are_made_by_the_worker_and_fetched(app, visit, sam, five, few):
    coach = visit(sam)
    coach.get("/people")
    coach.click("Papers for several people")
    page = coach.press("Print for all my 5 people")
    assert (
        "This waits for its turn." in page and "not running. Somebody who runs Deal starts it with: deal worker" in page
    )
    assert page.soup.progress["max"] == "5" and page.soup.select_one("noscript meta[http-equiv=refresh]")
    job = db.session.scalars(select(PrintJob)).one()

    heartbeat("w")
    assert "not running" not in coach.get(f"/prints/{job.id}")
    job = work(app, job)
    assert (job.done, job.left_out, bool(job.finished_at), len(files_of(job))) == (5, 0, True, 3)
    page = coach.get(f"/prints/{job.id}")
    assert "It is made." in page and not page.soup.progress and "refresh" not in page.html
    read = [text_of(data) for data in files_of(job)]
    assert [[name for name in NAMES if name in text] for text in read] == [["Ana", "Bea"], ["Cai", "Dai"], ["Eve"]]
    assert read[0].count("1 / 2") == read[0].count("2 / 2") == 2, "each has page numbers of their own"
    answer = coach.send("GET", f"/prints/{job.id}/0.pdf")
    root = PdfReader(io.BytesIO(answer.data)).trailer["/Root"]
    assert answer.data == files_of(job)[0] and "/StructTreeRoot" in root and root["/Lang"] == "en"
    name = answer.headers["Content-Disposition"]
    assert name.startswith('attachment; filename="stories-20') and not [one for one in NAMES if one in name]
    looks = select(AccessLog.page).where(
        AccessLog.staff_id == sam.id, AccessLog.resident_id.in_([one.id for one in five])
    )
    assert list(db.session.scalars(looks)) == ["printing.paper"] * 5
    assert "Ready to fetch" in coach.get("/prints")


def test_prints_that_wait_are_told_from_the_one_that_is_made(visit, sam, five):
    for _ in range(3):
        make_print(sam, five)
    coach = visit(sam)
    assert coach.get("/prints").text.count("Waits for its turn") == 3 and "Being made" not in coach.page
    job = db.session.scalars(select(PrintJob)).first()
    job.started_at = now()
    db.session.commit()
    assert coach.get("/prints").text.count("Waits for its turn") == 2 and "Being made" in coach.page


def test_prints_of_one_paper_are_told_apart_by_how_they_look(visit, sam, five):
    for layout, language in (("normal", "en"), ("large", "en"), ("normal", "cy")):
        make_print(sam, five, layout=layout, language=language)
    rows = [row.get_text() for row in visit(sam).get("/prints").soup.select(".deal-list__row")]
    assert [("In large print" in one, "Welsh" in one) for one in rows] == [(False, True), (True, False), (False, False)]


def test_a_few_are_printed_at_once(visit, sam, five):
    coach = visit(sam)
    coach.get("/prints")
    page = coach.press("Print for those I ticked", status=422)
    assert "Tick at least one person" in page
    fields = {"csrf_token": coach.token(), "people": [five[0].id, five[3].id, 99_999]}
    answer = coach.send("POST", "/papers", fields)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert [name for name in NAMES if name in text_of(answer.data)] == ["Ana", "Dai"]
    assert "1 of 3 was left out: you are not their coach any more." in coach.get("/prints")
    assert coach.send("POST", "/papers", fields | {"people": [99_999]}).status_code == 404
    for wrong in ("x", "99999999999999999999", "-1"):
        assert coach.send("POST", "/papers", fields | {"people": [wrong]}).status_code in (404, 422)
    assert db.session.scalar(select(func.count(PrintJob.id))) == 0


def test_everybody_is_everybody(visit, sam, five, few, monkeypatch):
    monkeypatch.setattr(print_jobs, "MOST_PEOPLE", 3)
    coach = visit(sam)
    coach.get("/prints")
    coach.press("Print for all my 5 people")
    job = db.session.scalars(select(PrintJob)).one()
    assert job.options["people"] == [one.id for one in five]


def test_every_page_with_a_button_that_prints_says_what_lacks():
    """Only those that lead to a page with such a line go without."""
    prints = re.compile(r"\.pdf\b|\(PDF\)|_\('Print the card'\)|printing\.print_papers|printing\.letters|kpis\.sheet")
    silent = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "templates").rglob("*.html")
        if prints.search(words := path.read_text()) and "lacks_line()" not in words
    ]
    # made already; or the page that says why it could not be
    assert sorted(silent) == ["templates/printing/cannot_print.html", "templates/printing/job.html"]


def test_a_double_press_is_one_print(visit, sam, five, few):
    coach = visit(sam)
    fields = {"csrf_token": coach.token(), "once": "x", "all": "yes"}
    first, second = (coach.send("POST", "/papers", fields) for _ in range(2))
    assert first.location == second.location and db.session.scalar(select(func.count(PrintJob.id))) == 1


def test_people_withdrawn_meanwhile_are_left_out_and_said(app, visit, sam, joe, five, few):
    job = make_print(sam, [*five, make_resident("Joe's own", joe)])
    db.session.execute(update(Assignment).where(Assignment.resident_id == five[1].id).values(until=now()))
    db.session.execute(delete(Person).where(Person.id == five[4].id))
    db.session.commit()
    job = work(app, job)
    assert "3 of 6 were left out: you are not their coach any more." in visit(sam).get(f"/prints/{job.id}")
    read = "".join(text_of(data) for data in files_of(job) if data)
    assert [name for name in (*NAMES, "Joe's own") if name in read] == ["Ana", "Cai", "Dai"]
    nobody = work(app, make_print(sam, [five[1], five[1]]))
    assert "Nothing was made." in visit(sam).get(f"/prints/{nobody.id}")


def test_nobody_else_opens_it(app, visit, sam, joe, morgan, five):
    job = work(app, make_print(sam, five[:1]))
    for who in (joe, morgan, five[0]):
        for path in (f"/prints/{job.id}", f"/prints/{job.id}/0.pdf"):
            visit(who).get(path, status=404)
    browser = visit(joe)
    assert browser.send("POST", f"/prints/{job.id}/cancel", {"csrf_token": browser.token()}).status_code == 404
    visit(sam).get(f"/prints/{job.id}/1.pdf", status=404)


@pytest.mark.parametrize(
    "why",
    [
        *("taken back", "named as never", "removed"),
        *(pytest.param(why, marks=pytest.mark.slow) for why in ("not agreed", "handed over")),
    ],
)
def test_a_file_opens_no_longer_than_all_in_it_may_be_read(app, visit, sam, joe, five, few, why):
    goal = make_goal(five[1], "to sing my own song", typed_by=sam)
    job = work(app, make_print(sam, [*five[:4], make_resident("Joe's own", joe)]))
    coach, gone = visit(sam), five[1].id
    for part, status in ((0, 200), (1, 200), (2, 404)):
        assert coach.send("GET", f"/prints/{job.id}/{part}.pdf").status_code == status
    if why == "taken back":
        db.session.execute(update(Wording).where(Wording.goal_id == goal.id).values(taken_back_at=now()))
    elif why == "not agreed":
        db.session.execute(update(Wording).where(Wording.goal_id == goal.id).values(not_agreed_at=now()))
    elif why == "handed over":
        db.session.execute(update(Assignment).where(Assignment.resident_id == gone).values(until=now()))
    elif why == "named as never":
        db.session.add(StaffExclusion(resident_id=gone, staff_id=sam.id))
    else:
        db.session.execute(delete(Person).where(Person.id == gone))
    db.session.commit()
    assert "This file is not here any more" in coach.get(f"/prints/{job.id}/0.pdf", status=404)
    assert coach.send("GET", f"/prints/{job.id}/1.pdf").status_code == 200, "nobody in it has changed"
    forget_old_prints()
    assert [bool(data) for data in files_of(job)] == [False, True, False], "the bytes go too"
    page = coach.get(f"/prints/{job.id}")
    assert "A file is not here any more: somebody in it took words back" in page and "Fetch the file (PDF)" in page


def test_words_that_went_while_a_file_was_made_close_it_too(app, visit, nia):
    goal = make_goal(nia, "to sing my own song")
    job = make_print(nia, [nia])
    with time_machine.travel(now() - timedelta(minutes=5)):
        job = work(app, job)
    phone = visit(nia)
    assert phone.send("GET", f"/prints/{job.id}/0.pdf").status_code == 200
    row = db.session.scalars(select(PrintFile)).one()
    db.session.execute(update(Wording).where(Wording.goal_id == goal.id).values(taken_back_at=row.begun_at))
    db.session.commit()
    phone.get(f"/prints/{job.id}/0.pdf", status=404)


@pytest.mark.on_both
def test_it_is_kept_for_a_day(app, visit, sam, five):
    job = work(app, make_print(sam, five[:1]))
    with time_machine.travel(now() + timedelta(hours=23), tick=False):
        forget_old_prints()
        assert "Ready to fetch" in visit(sam).get("/prints")
    with time_machine.travel(now() + timedelta(hours=25), tick=False):
        visit(sam).get(f"/prints/{job.id}", status=404)
        forget_old_prints()
        assert db.session.scalar(select(func.count(PrintFile.id))) == 0


def test_what_is_cancelled_stops_and_leaves_nothing(app, visit, sam, five, few):
    job = make_print(sam, five)
    coach = visit(sam)

    def cancel_in_the_middle() -> None:
        if db.session.scalar(select(PrintJob.done).filter_by(id=number)) == 3:
            coach.post(f"/prints/{number}/cancel", on=f"/prints/{number}")
        db.session.rollback()

    number = job.id
    job = work(app, job, ask=here(app, cancel_in_the_middle))
    assert (job.finished_at, files_of(job), waiting("w")) == (None, [], [])
    assert "This was cancelled." in coach.get(f"/prints/{job.id}")


@pytest.mark.on_both
def test_what_a_dead_worker_left_is_taken_up_where_it_was(app, sam, five, few):
    job = make_print(sam, five)
    job = work_until_told_to_end(app, job, "first", papers=4)
    assert (len(files_of(job)), job.taken_by, waiting("second")) == (1, None, [job.id]), "put down in good order"
    db.session.execute(update(PrintJob).values(taken_by="first", beat_at=now()))
    db.session.commit()
    assert work(app, job, "second").finished_at is None, "the first is alive"
    db.session.execute(update(PrintJob).values(beat_at=now() - timedelta(seconds=31)))
    db.session.commit()
    first = files_of(job)[0]
    job = work(app, job, "second")
    assert job.finished_at and len(files_of(job)) == 3 and files_of(job)[0] == first
    assert work(app, job, "third").taken_by == "second", "finished is finished"


def test_a_print_put_down_in_good_order_is_never_given_up(app, sam, five):
    job = make_print(sam, five)
    for _ in range(5):
        job = work_until_told_to_end(app, job)
        assert (job.taken_by, job.tries, job.fault) == (None, 0, None)
    assert work(app, job).finished_at


def test_what_goes_wrong_again_and_again_is_given_up(app, visit, sam, five, monkeypatch):
    job = make_print(sam, five[:1])
    monkeypatch.setitem(app.view_functions, "printing.paper", open_to(Role.COACH)(lambda resident_id: 1 / 0))
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            work(app, job)
    assert work(app, job).fault == "broken"
    assert "Something went wrong on our side." in visit(sam).get(f"/prints/{job.id}")


def test_where_another_paper_is_printed_mine_comes_next(app, visit, nia):
    resident = visit(nia)
    with somebody_prints(app):
        page = resident.get(f"/residents/{nia.id}/summary.pdf", status=503)
        assert "Another paper is being printed. Press the button, and yours comes next." in page
        assert "This waits for its turn." in resident.press("Print mine next")
    job = work(app, db.session.scalars(select(PrintJob)).one())
    assert "Nia" in text_of(files_of(job)[0])
    assert resident.send("GET", f"/prints/{job.id}/0.pdf").status_code == 200
    assert resident.send("GET", f"/residents/{nia.id}/summary.pdf").status_code == 200, "the lock is let go"


def test_mine_next_comes_in_the_language_and_under_the_name_i_asked_for(app, visit, nia, sam):
    change_settings({"welsh_checked_by": "Mair"}, by=None)
    db.session.commit()
    resident = visit(nia)
    with somebody_prints(app):
        page = resident.get(f"/residents/{nia.id}/summary.pdf?language=cy&layout=large", status=503)
        resident.press(page.soup.select_one("main form button").get_text(strip=True))
    job = work(app, db.session.scalars(select(PrintJob)).one())
    assert job.options == {"people": [nia.id], "layout": "large", "language": "cy"}
    assert PdfReader(io.BytesIO(files_of(job)[0])).trailer["/Root"]["/Lang"] == "cy"
    name = resident.send("GET", f"/prints/{job.id}/0.pdf?language=en").headers["Content-Disposition"]
    assert name.startswith('attachment; filename="my-story-20')
    coach = visit(sam)
    fields = {"csrf_token": coach.token(), "people": [nia.id]}
    assert 'filename="my-story-20' in coach.send("POST", "/papers", fields).headers["Content-Disposition"]


def rest(_app, seconds: float) -> str:
    """A print that waits for a core, or for the database."""
    sleep(seconds)
    return "rested"


def run_wild(_app) -> None:
    """A print that never ends."""
    while True:
        pass


def kill_itself(_app) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def go_wrong(_app) -> None:
    raise ZeroDivisionError


@pytest.mark.slow
def test_a_limit_counts_the_work_of_a_print_alone_and_the_next_one_is_printed(sqlite_template, tmp_path, monkeypatch):
    """Not the hours that its neighbours hold the cores."""
    shutil.copy(sqlite_template, tmp_path / "deal.db")
    monkeypatch.setenv("DEAL_INSTANCE", str(tmp_path))
    printer = Printer()
    try:
        assert printer.ask(0.3, rest, 1.0) == "rested"
        first = printer.process.pid
        with pytest.raises(pdf.RenderLimit):
            printer.ask(0.3, run_wild)
        assert printer.ask(5, rest, 0) == "rested" and printer.process.pid != first
        for wrong in (kill_itself, go_wrong):
            with pytest.raises(pdf.Ended):
                printer.ask(5, wrong)
        assert printer.ask(5, rest, 0) == "rested"
    finally:
        printer.end()


def test_a_short_paper_waits_a_while_for_its_turn(app, visit, sam, monkeypatch):
    monkeypatch.setattr(printer, "SHORT_WAIT", 60)
    with printed_apart(app) as apart:
        apart.turn.acquire()
        Timer(1.0, apart.turn.release).start()
        assert visit(sam).send("GET", "/about-me.pdf").status_code == 200


def too_much(*_args):
    """A printer whose limit is over each time."""
    raise pdf.RenderLimit


def test_too_much_is_said_in_a_sentence(app, visit, nia, sam, monkeypatch):
    make_full_story(nia, sam)
    phone, coach = visit(nia), visit(sam)
    with printed_apart(app, too_much):
        page = phone.get(f"/residents/{nia.id}/summary.pdf", status=503)
        assert "This paper is long. Press the button, and it is made while you do something else." in page
        assert "1 is before yours." in phone.press("Print mine"), "her story has a print already"
        coach.get("/prints")
        assert "before yours." in coach.press("Print for those I ticked", people=[str(nia.id)])
        assert "too long to be printed in one go" in coach.get("/about-me.pdf", status=503)
    assert phone.send("GET", f"/residents/{nia.id}/summary.pdf").status_code == 200
    assert work(app, make_print(sam, [nia]), ask=too_much).fault == "too-much"
    monkeypatch.setattr("deal.printing.pdf.MOST_HTML", 10)
    assert work(app, make_print(sam, [nia])).fault == "too-much"


def test_without_pango_every_button_that_prints_says_what_to_install(app, visit, nia, sam, monkeypatch):
    assert "apt install" not in visit(nia).get(f"/residents/{nia.id}/print")

    def lacking(name):
        raise OSError(name)

    monkeypatch.setattr(pdf.ctypes, "CDLL", lacking)
    pdf.what_is_missing.cache_clear()
    try:
        assert "apt install libpango-1.0-0" in visit(nia).get(f"/residents/{nia.id}/print")
        assert "apt install libpango-1.0-0" in visit(sam).get("/prints")
    finally:
        pdf.what_is_missing.cache_clear()


def only_sqlite():
    """Where what is written is a file of this process."""
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL writes by itself")


def test_a_full_disk_is_a_plain_sentence_and_the_print_comes_later(app, visit, sam, five, few):
    only_sqlite()
    coach = visit(sam)
    coach.get("/no-such-page", status=404)  # the page that says so has been read before the disk is full
    fields = {"csrf_token": coach.token(), "once": "x", "all": "yes"}
    db.session.rollback()
    with full_disk():
        answer = coach.send("POST", "/papers", fields)
    assert answer.status_code == 503 and "We cannot write anything down just now" in answer.text
    assert coach.send("POST", "/papers", fields).status_code == 303
    job = db.session.scalars(select(PrintJob)).one()
    with full_disk(), pytest.raises(Exception, match=r"full|I/O"):
        work(app, job)
    assert waiting("w") == [job.id]
    assert work(app, job).finished_at


@pytest.mark.on_both
def test_the_days_work_is_done_once_a_day_and_late_rather_than_never(app):
    for hour, left in ((2, 1), (5, 0), (6, 1)):
        with time_machine.travel(datetime(2026, 11, 22, hour, tzinfo=UTC), tick=False):
            heartbeat("w")
            db.session.execute(delete(LoginThrottle))
            old = {"wrong": 1, "tried_at": now() - timedelta(days=2), "closed_until": now()}
            db.session.execute(insert(LoginThrottle).values(subject="x", **old))
            db.session.commit()
            do_daily_work()
            assert db.session.scalar(select(func.count(LoginThrottle.id))) == left, hour


def make_people(coach: Person, how_many: int) -> list[Person]:
    """Many at once."""
    rows = [
        {"role": Role.RESIDENT, "name": f"Resident {n:03}", "name_key": name_key(f"Resident {n:03}")}
        for n in range(how_many)
    ]
    made = db.session.scalars(insert(Person).returning(Person), rows).all()
    db.session.execute(insert(Assignment), [{"resident_id": one.id, "coach_id": coach.id} for one in made])
    db.session.commit()
    return list(made)


@pytest.mark.slow
def test_five_hundred_people_of_whom_three_withdrew(app, visit, sam):
    people = make_people(sam, 500)
    job = make_print(sam, people)
    db.session.execute(
        update(Assignment).where(Assignment.resident_id.in_([one.id for one in people[100:103]])).values(until=now())
    )
    db.session.commit()
    job = work(app, job)
    assert "3 of 500 were left out: you are not their coach any more." in visit(sam).get(f"/prints/{job.id}")
    files = files_of(job)
    assert len(files) == 10 and sum(len(PdfReader(io.BytesIO(data)).pages) for data in files) >= 497


# -- turns


@pytest.mark.on_both
def test_the_fourth_print_of_one_person_is_refused_and_what_was_chosen_stays(visit, sam, five, few):
    coach = visit(sam)
    for _ in range(3):
        coach.get("/prints")
        coach.press("Print for all my 5 people")
    coach.get("/prints")
    page = coach.press("Print for those I ticked", 429, people=[str(one.id) for one in five[:4]], layout="large")
    assert "3 of your prints are not made yet. Wait until one is, or cancel one. Then ask again." in page.errors
    ticked = {box["value"] for box in page.soup.select("input[name=people][checked]")}
    assert ticked == {str(one.id) for one in five[:4]}
    assert page.soup.select_one("input[name=layout][checked]")["value"] == "large"
    one, *_others = jobs = db.session.scalars(select(PrintJob).order_by(PrintJob.id)).all()
    assert len(jobs) == 3
    coach.get(f"/prints/{one.id}")
    coach.press("Cancel it")
    coach.page = page
    assert "2 are before yours." in coach.press("Print for those I ticked", people=[str(one.id) for one in five[:4]])


def test_a_resident_is_told_the_same_where_their_prints_stand(app, visit, nia):
    for _ in range(3):
        make_print(nia, [nia])
    phone = visit(nia)
    fields = {"csrf_token": phone.token(), "once": "a", "kind": "story", "later": "yes"}
    page = phone.open_answer(phone.send("POST", "/papers", fields), "/papers", 429)
    assert "3 of your prints are not made yet." in page.errors and len(page.soup.select("main li a")) >= 3
    work(app, db.session.get_one(PrintJob, waiting("w")[0]))
    assert phone.send("POST", "/papers", fields).status_code == 303


@pytest.mark.on_both
def test_twenty_presses_at_one_moment_are_three_prints(app, sam, five):
    of, by = five[0].id, sam.id

    def press(_number: int) -> bool:
        with app.app_context():
            options = {"people": [of], "layout": "normal", "language": "en"}
            return enqueue(PrintJob(asked_by_id=by, kind="story", options=options)) is not None

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(press, range(20)))
    assert db.session.scalar(select(func.count()).select_from(PrintJob)) == 3


def made_in_order(app, *workers: str) -> list[str]:
    """Whose prints are made, in their order, while those workers take turns."""
    order: list[str] = []
    while left := waiting(workers[len(order) % len(workers)]):
        job = work(app, db.session.get_one(PrintJob, left[0]), workers[len(order) % len(workers)])
        order.append(db.session.get_one(Person, job.asked_by_id).name)
    return order


@pytest.mark.on_both
@pytest.mark.parametrize("workers", [pytest.param(("one",), marks=pytest.mark.slow), ("one", "two", "three")])
def test_everybody_gets_a_turn(app, sam, joe, nia, workers):
    """Sam asked for many before the others asked for one each."""
    for _ in range(3):
        make_print(sam, [nia])
    for who in (joe, nia, joe):
        make_print(who, [nia])
    before = [how_many_before(db.session.get_one(PrintJob, number)) for number in waiting("one")]
    assert before == list(range(6))
    assert made_in_order(app, *workers) == ["Sam", "Joe", "Nia", "Sam", "Joe", "Sam"]
    make_print(sam, [nia])
    make_print(joe, [nia])
    assert made_in_order(app, *workers) == ["Joe", "Sam"], "Sam was served last"


def test_a_sentence_says_how_many_come_before(app, visit, sam, joe, nia):
    make_print(joe, [nia], taken_by="w", beat_at=now(), started_at=now())
    first, mine = make_print(nia, [nia]), make_print(sam, [nia])
    page = visit(sam).get(f"/prints/{mine.id}")
    assert "2 are before yours. Everybody gets a turn." in page
    work(app, first)
    assert "1 is before yours. Everybody gets a turn." in visit(sam).get(f"/prints/{mine.id}")
    db.session.execute(
        update(PrintJob).where(PrintJob.finished_at.is_(None), PrintJob.taken_by == "w").values(cancelled_at=now())
    )
    db.session.commit()
    assert "This waits for its turn." in visit(sam).get(f"/prints/{mine.id}")


def test_what_somebody_asked_for_who_has_gone_stands_in_nobodys_way(app, sam, joe, nia):
    gone, other = make_print(joe, [nia]).id, make_print(sam, [nia]).id
    joe.closes_at = now()
    db.session.commit()
    make_all(app, "w", here(app), set())
    db.session.expire_all()
    assert db.session.get_one(PrintJob, other).finished_at and not db.session.get_one(PrintJob, gone).started_at


def test_every_print_of_a_day_can_be_found(visit, nia):
    """There were fifty on the page, and the others could not be opened either."""
    jobs = [make_print(nia, [nia], finished_at=now()) for _ in range(60)]
    phone = visit(nia)
    phone.get(f"/prints/{jobs[0].id}")
    phone.get("/prints")
    for _ in range(2):
        phone.click("Show the next ones")
    assert f"/prints/{jobs[0].id}" in phone.page.html


@contextmanager
def running_worker(folder: Path):
    process = subprocess.Popen([DEAL, "worker"], cwd=ROOT, env=_environment(folder, 8000, demonstration=False))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def wait_until(holds, seconds: float = 120) -> None:
    """Until it does, which is asked again and again."""
    over = monotonic() + seconds
    while not holds() and monotonic() < over:
        sleep(0.05)
    assert holds()


def job_of(app) -> PrintJob:
    """The one print, as it is now."""
    with app.app_context():
        return db.session.scalars(select(PrintJob)).one()


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_middle_goes_on_and_stores_it_once(sqlite_template, tmp_path):
    shutil.copy(sqlite_template, tmp_path / "deal.db")
    app = new_app(f"sqlite:///{tmp_path / 'deal.db'}", tmp_path)
    with app.app_context():
        sam = make_coach("Sam")
        make_print(sam, make_people(sam, 40))
    with running_worker(tmp_path) as worker:
        wait_until(lambda: job_of(app).done > 2)
        worker.kill()
        worker.wait()
        assert job_of(app).finished_at is None
    with app.app_context():
        db.session.execute(update(PrintJob).values(beat_at=now() - timedelta(minutes=1)))
        db.session.commit()
    with running_worker(tmp_path) as worker:
        wait_until(lambda: job_of(app).finished_at)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0
    job = job_of(app)
    with app.app_context():
        (data,) = files_of(job)
        assert len(PdfReader(io.BytesIO(data)).pages) >= 40 and job.tries == 0
    let_go(app)


ENDED_AT_A_BAD_MOMENT = """
import os, signal
from deal import create_app
from deal import worker

def make_all(*_):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        signal.pause()
    except SystemExit:
        raise AssertionError("what Flask says where the signal came between two of its own steps")

worker.make_all = make_all
worker.run(create_app(), None)
"""


def test_a_worker_ends_in_good_order_wherever_the_signal_finds_it(sqlite_template, tmp_path):
    shutil.copy(sqlite_template, tmp_path / "deal.db")
    environment = os.environ | {"DEAL_INSTANCE": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", ENDED_AT_A_BAD_MOMENT], env=environment, timeout=15, check=False)
    assert ended.returncode == 0


def workers_of(server: int) -> list[int]:
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    return [int(line.split()[0]) for line in listed.splitlines() if line.endswith(f"worker --beside {server}")]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_worker_comes_and_goes_with_the_web(tmp_path, how):
    with running_deal(tmp_path, demonstration=False) as deal:
        server = deal.server.pid
        wait_until(lambda: len(workers_of(server)) == 1, 20)
        deal.end(how)
    wait_until(lambda: not workers_of(server), 20)


@pytest.mark.on_both
def test_a_resident_prints_no_paper_that_only_a_coach_opens(app, visit, nia):
    phone = visit(nia)
    phone.get("/prints")
    sent = {"kind": "visit", "layout": "normal", "language": "en", "people": str(nia.id), "csrf_token": phone.token()}
    answer = phone.send("POST", "/papers", data=sent)
    assert answer.status_code in (400, 404) and not answer.data.startswith(b"%PDF")
    assert not db.session.scalars(select(PrintJob)).all()


@pytest.mark.slow
def test_a_worker_that_is_killed_comes_back(tmp_path):
    with running_deal(tmp_path, demonstration=False) as deal:
        server, killed = deal.server.pid, set()
        for _ in range(2):
            wait_until(lambda: set(workers_of(server)) - killed, 40)
            (worker,) = set(workers_of(server)) - killed
            killed.add(worker)
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: len(set(workers_of(server)) - killed) == 1, 40)
        deal.end(signal.SIGTERM)
    sleep(1)
    assert workers_of(server) == []
