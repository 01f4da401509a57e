"""What gunicorn calls (`deal start` gives it `--config python:deal.jobs.web`): a worker beside the web, a warm-up."""

import gc
import os
import sys
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from threading import Event, Thread, Timer
from typing import Any

from flask import Flask

from deal.people import Person, Role
from deal.summaries.models import summary_of
from deal.summaries.paper import summary_pdf
from deal.summaries.pdf import CannotPrint, pdf

WARM_AFTER = 2.0  # seconds; a web worker answers first
LOOK_EACH = 5.0  # seconds, whether our worker is still there

# what a story has once there is one to tell: WeasyPrint learns each kind of thing at its first
CHART = (
    "<ul><li>d</li></ul><svg viewBox='0 0 9 9'><title>e</title><line x1='1' x2='2' y1='1' y2='2' stroke='#111'/>"
    "<polyline points='1,1 2,3' fill='none' stroke='#111'/><circle r='1'/><text x='1' y='5'>5</text></svg>"
)

_worker: list[Popen] = []
_watch: list[Thread] = []
_over = Event()


def on_starting(server: Any) -> None:
    """Beside the web: a worker, which ends when this process does, however it ends; and comes back if it alone does."""
    _worker.append(_begun())
    _watch.append(Thread(target=_begin_again, daemon=True))
    _watch[0].start()


def _begun() -> Popen:
    deal = Path(sys.executable).with_name("deal")
    # a session of its own: Ctrl-C is for the web, which then tells the worker
    return Popen([deal, "worker", "--beside", str(os.getpid())], start_new_session=True)


def _begin_again() -> None:
    wait = LOOK_EACH
    while not _over.wait(wait):
        if _worker[0].poll() is None:
            wait = LOOK_EACH
        else:
            _worker[0] = _begun()
            wait = min(wait * 2, 300)  # what ends at once, again and again, is not begun all the time


def on_exit(server: Any) -> None:
    """The worker puts down what it has in hand, and goes."""
    _over.set()
    for watch in _watch:
        watch.join(timeout=5)
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
