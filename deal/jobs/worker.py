"""`deal worker`: makes big prints one at a time, does what each day needs, and runs beside the web or by itself."""

import gc
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from threading import Thread, Timer
from time import sleep
from typing import Any
from uuid import uuid4

from flask import Flask, current_app
from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.consumer import Consumer, ConsumerStopped
from sqlalchemy import delete, make_url, select, update

from deal.accounts.models import SignIn, Try
from deal.assessment.models import drop_old_drafts
from deal.db import LANDLORDS_ZONE, db, now, today
from deal.people import Person, Role
from deal.summaries.models import summary_of
from deal.summaries.paper import summary_pdf
from deal.summaries.pdf import CannotPrint, pdf
from deal.summaries.prints import Worker, beat, forget_old_prints, waiting, work_on

ME = uuid4().hex  # this process, among workers
BEAT = 10  # seconds between two signs of life
EARLY = 4  # o'clock, for the day's work
WARM_AFTER = 2.0  # seconds; a web worker answers first


def queue_of(app: Flask, stopping: Any = lambda: False) -> tuple[Huey, Any]:
    """Huey's list of work, beside our database; and the task that makes a print."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "postgresql":
        huey = PostgresHuey("deal", dsn=url.set(drivername="postgresql").render_as_string(hide_password=False))
    else:
        huey = SqliteHuey("deal", filename=str(Path(app.instance_path) / "huey.db"))

    @huey.task()
    def make_print(number: int) -> None:
        work_on(app, number, ME, stopping)

    @huey.periodic_task(crontab())
    def each_minute() -> None:
        with app.app_context():
            do_daily_work()
            left = waiting(ME)
        for number in left:
            work_on(app, number, ME, stopping)

    return huey, make_print


def ask_for(number: int) -> None:
    """Wake a worker. Where its list cannot be written (a full disk) it finds the row by itself within a minute."""
    try:
        huey, make_print = queue_of(current_app._get_current_object())  # type: ignore[attr-defined]
        make_print(number)
        huey.storage.close()
    except Exception:
        current_app.logger.exception("the worker was not woken")


def daily() -> None:
    """What each day needs; safe to repeat: forget tries, sign-ins, drafts and prints that are long over."""
    long_ago = now() - timedelta(days=30)
    db.session.execute(delete(Try).where(Try.at < long_ago))
    drop_old_drafts()
    db.session.execute(delete(SignIn).where(SignIn.runs_out_at < long_ago))
    forget_old_prints()


def do_daily_work() -> None:
    """Once a day, early in the landlord's morning, or later as soon as a worker runs."""
    forget_old_prints()
    done = db.session.scalar(select(Worker.id).where(Worker.daily_on == today()))
    if not done and now().astimezone(LANDLORDS_ZONE).hour >= EARLY:
        daily()
        db.session.execute(update(Worker).values(daily_on=today()))
        db.session.commit()


class OneAtATime(Consumer):
    """Works in the main thread, where a time limit can stop a print; only the timetable has a thread of its own."""

    def __init__(self, app: Flask, beside: int | None) -> None:
        self.beside, self.over = beside, False
        huey, _make_print = queue_of(app, self.stopping)
        super().__init__(huey, workers=0, max_delay=1.0)
        self.worker = self._create_worker()
        Thread(target=_beat_on, args=[app], daemon=True).start()

    def stopping(self) -> bool:
        """Whether it was told to end, or whoever started it is gone."""
        return self.over or self.beside not in (None, os.getppid())

    def loop(self, health_check_ts: Any = None) -> Any:
        """One piece of work, or a short sleep."""
        if self.stopping():
            self.stop()
            raise ConsumerStopped
        self.worker.loop()

    def _set_signal_handlers(self) -> None:
        for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(one, self._end)

    def _end(self, *_: Any) -> None:
        self.over = True


def _beat_on(app: Flask) -> None:
    while True:
        try:
            with app.app_context():
                beat(ME)
        except Exception:  # the disk is full, or the database is not there: perhaps it is back next time
            app.logger.exception("no sign of life could be given")
        sleep(BEAT)


# what a story has once there is one to tell: WeasyPrint learns each kind of thing at its first
CHART = (
    "<ul><li>d</li></ul><svg viewBox='0 0 9 9'><title>e</title><line x1='1' x2='2' y1='1' y2='2' stroke='#111'/>"
    "<polyline points='1,1 2,3' fill='none' stroke='#111'/><circle r='1'/><text x='1' y='5'>5</text></svg>"
)

# --- What gunicorn calls (deal start gives it `-c python:deal.jobs`) ---

_worker: list[Popen] = []


def on_starting(server: Any) -> None:
    """Beside the web: a worker, which ends when this process does, however it ends."""
    deal = Path(sys.executable).with_name("deal")
    # a session of its own: Ctrl-C is for the web, which then tells the worker
    _worker.append(Popen([deal, "worker", "--beside", str(os.getpid())], start_new_session=True))


def on_exit(server: Any) -> None:
    """The worker puts down what it has in hand, and goes."""
    for worker in _worker:
        worker.terminate()
        try:
            worker.wait(timeout=10)
        except TimeoutExpired:
            worker.kill()


def post_worker_init(worker: Any) -> None:
    """Each web worker gets ready to print when it has begun to answer."""
    timer = Timer(WARM_AFTER, warm_up, [worker.wsgi])
    timer.daemon = True
    timer.start()


def warm_up(app: Flask) -> None:
    """All that a process's first print would wait for: nobody's story is printed, and thrown away."""
    try:
        with app.test_request_context():
            summary_pdf(summary_of(Person(id=0, role=Role.RESIDENT, name="ŵ", label="")))
        pdf(f'<html lang="en"><title>a</title><blockquote class="deal-words" dir="ltr">b <b>c</b></blockquote>{CHART}')
    except CannotPrint:  # whoever presses the button reads why
        return
    gc.collect()
    gc.freeze()  # what stays for good is not gone through again and again, at the expense of some later print
