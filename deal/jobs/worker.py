"""`deal worker`: makes big prints one at a time, and does each day's work."""

import logging
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any
from uuid import uuid4

from flask import Flask, current_app
from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.consumer import Consumer, ConsumerStopped
from psycopg.errors import DuplicateTable, UniqueViolation
from sqlalchemy import make_url

from deal.db import empty_the_journal
from deal.jobs.daily import do_daily_work
from deal.logs import OneLineAMinute
from deal.summaries.print_queue import waiting
from deal.summaries.prints import beat, work_on

ME = uuid4().hex  # this process, among workers
BEAT = 10  # seconds between two signs of life


def queue_of(app: Flask, stopping: Any = lambda: False) -> tuple[Huey, Any]:
    """Huey's list of work, beside our database; and the task that makes a print."""
    url = make_url(app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "postgresql":
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            huey = PostgresHuey("deal", dsn=dsn)
        except (UniqueViolation, DuplicateTable):  # somebody else made its tables at this moment
            huey = PostgresHuey("deal", dsn=dsn)
    else:
        huey = SqliteHuey("deal", filename=str(_list_of(app)))

    @huey.task()
    def make_print(_number: int) -> None:
        with app.app_context():
            left = waiting(ME)[:1]  # whoever woke it: the next one of all
        for number in left:
            work_on(app, number, ME, stopping)

    @huey.periodic_task(crontab())
    def each_minute() -> None:
        with app.app_context():
            do_daily_work()
            empty_the_journal()
        make_all(app, ME, stopping)

    return huey, make_print


def make_all(app: Flask, worker: str, stopping: Any) -> None:
    """All that waits, each once; who is next is asked anew each time, because others ask for prints meanwhile."""
    tried: set[int] = set()
    while not stopping():
        with app.app_context():
            number = next((one for one in waiting(worker) if one not in tried), None)
        if number is None:
            break
        tried.add(number)
        work_on(app, number, worker, stopping)


def _list_of(app: Flask) -> Path:
    return Path(app.instance_path) / "huey.db"


def is_damaged(path: Path) -> bool:
    """Whether this file is no list of work that can be read; one that is held, or on a full disk, is none the worse."""
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",)
    except sqlite3.DatabaseError as error:
        return not isinstance(error, sqlite3.OperationalError)


def ask_for(number: int) -> None:
    """Wake a worker. Where its list cannot be written (a full disk) it finds the row by itself within a minute."""
    try:
        huey, make_print = queue_of(current_app._get_current_object())  # type: ignore[attr-defined]
        make_print(number)
        huey.storage.close()
    except Exception:
        current_app.logger.exception("the worker was not woken")


class OneAtATime(Consumer):
    """Works in the main thread, where a time limit can stop a print; only the timetable has a thread of its own."""

    def __init__(self, app: Flask, beside: int | None) -> None:
        self.beside, self.over = beside, False
        if is_damaged(_list_of(app)):  # no loss: the rows say what is left to do
            for path in _list_of(app).parent.glob("huey.db*"):
                path.unlink(missing_ok=True)
        for handler in logging.getLogger().handlers:
            handler.addFilter(OneLineAMinute())
        huey, _make_print = queue_of(app, self.stopping)
        super().__init__(huey, workers=0, max_delay=1.0)
        self.worker = self._create_worker()
        Thread(target=self._beat_on, args=[app], daemon=True).start()

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

    def _beat_on(self, app: Flask) -> None:
        while True:
            try:
                with app.app_context():
                    beat(ME)
            except Exception:  # the disk is full, or the database is not there: perhaps it is back next time
                app.logger.exception("no sign of life could be given")
            if is_damaged(_list_of(app)):
                self._restart = self.over = True
            sleep(BEAT)
