"""`deal worker`: makes big prints one at a time, and does each day's work."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from flask import Flask

from deal.daily import do_daily_work
from deal.db import empty_the_journal
from deal.logs import OneLineAMinute
from deal.printing.print_jobs import heartbeat, waiting, work_on
from deal.printing.printer import Printer

ME = uuid4().hex  # this process, among workers
LOOK_EACH = 1.0  # seconds, for prints that wait
BEAT = 10  # seconds between two signs of life
MINUTE = 60  # seconds until the timetable is looked at again, and what went wrong is tried again


def run(app: Flask, beside: int | None) -> None:
    """Work until a signal to end, or until the parent with that number is gone."""
    ends = Event()

    def end(*_: Any) -> None:
        ends.set()
        sys.exit(0)  # a print in hand is put down

    for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(one, end)
    for handler in logging.getLogger().handlers:
        handler.addFilter(OneLineAMinute())
    printer = Printer()
    Thread(target=_beat_on, args=[app, beside], daemon=True).start()
    try:
        while not ends.is_set():
            _work_for_a_minute(app, printer.ask, ends)
    except BaseException:
        if not ends.is_set():
            raise
    finally:
        printer.end()
    os._exit(0)  # the signal may have come between two steps of anything, which then cannot be left one by one


def _work_for_a_minute(app: Flask, ask: Callable[..., Any], ends: Event) -> None:
    until, tried = monotonic() + MINUTE, set[int]()
    for work in (do_daily_work, empty_the_journal):
        with _logged(app):
            work()
    while monotonic() < until and not ends.is_set():
        with _logged(app):
            make_all(app, ME, ask, tried)
        ends.wait(LOOK_EACH)


@contextmanager
def _logged(app: Flask) -> Iterator[None]:
    """The disk is full, or the database is not there: perhaps it is back next time."""
    try:
        with app.app_context():
            yield
    except Exception:
        app.logger.exception("the worker's work went wrong")


def make_all(app: Flask, worker: str, ask: Callable[..., Any], tried: set[int]) -> None:
    """All that waits, each once; who is next is asked anew each time, because others ask for prints meanwhile."""
    while True:
        with app.app_context():
            number = next((one for one in waiting(worker) if one not in tried), None)
        if number is None:
            return
        tried.add(number)
        work_on(app, number, worker, ask)


def _beat_on(app: Flask, beside: int | None) -> None:
    while beside in (None, os.getppid()):
        with _logged(app):
            heartbeat(ME)
        sleep(BEAT)
    os.kill(os.getpid(), signal.SIGTERM)
