"""The web's printer: pages that print are answered by a process of its own, in whose main thread a limit stops them.

Fonts are not safe among threads, and a print that runs wild or brings its process down takes no page with it.
"""

import gc
import signal
from io import BytesIO
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import run_wsgi_app

from deal.people import Person, Role
from deal.summaries.models import summary_of
from deal.summaries.paper import summary_pdf
from deal.summaries.pdf import CannotPrint, Ended, pdf
from deal.summaries.prints import KINDS
from deal.summaries.views import SHORT_WAIT

WARM_AFTER = 2.0  # seconds, unless somebody prints: the web answers first
IDLE = 900.0  # seconds without a print, after which its 90 MB are given back
HANGS = 600.0  # seconds: no limit of a print (those count its own work), but of a process that never answers

# what a story has once there is one to tell: WeasyPrint learns each kind of thing at its first
CHART = (
    "<ul><li>d</li></ul><svg viewBox='0 0 9 9'><title>e</title><line x1='1' x2='2' y1='1' y2='2' stroke='#111'/>"
    "<polyline points='1,1 2,3' fill='none' stroke='#111'/><circle r='1'/><text x='1' y='5'>5</text></svg>"
)
PRESSES = {"jobs.print_papers", "summaries.make_card"}  # what prints though its address does not end so
OTHERS = {"jobs.print_file"}  # was printed before
BY_THE_WORKER = {"jobs.print_papers", *(kind.endpoint for kind in KINDS.values())}  # too: nobody waits for a turn

Answer = tuple[str, list[tuple[str, str]], bytes]


class PrintsApart:
    """As WSGI: the app, but for pages that print. Where the printer is busy the app itself says so."""

    def __init__(self, app: Flask) -> None:
        self.app, self.turn = app, Lock()
        self.process: Any = None
        self.pipe: Connection | None = None
        self._begun()  # before somebody waits for it

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        endpoint = self._endpoint(environ)
        if not endpoint:
            return self.app(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        answer = self._printed(environ, body, 0.0 if endpoint in BY_THE_WORKER else SHORT_WAIT)
        if answer is None:
            environ["wsgi.input"] = BytesIO(body)
            return self.app(environ, start_response)
        start_response(answer[0], answer[1])
        return [answer[2]]

    def _endpoint(self, environ: dict[str, Any]) -> str | None:
        """The name of this page, where it prints."""
        try:
            rule, _values = self.app.url_map.bind_to_environ(environ).match(return_rule=True)
        except HTTPException:
            return None
        prints = rule.rule.endswith(".pdf") or rule.endpoint in PRESSES
        return rule.endpoint if prints and rule.endpoint not in OTHERS else None

    def _printed(self, environ: dict[str, Any], body: bytes, wait: float) -> Answer | None:
        """The printer's answer; none where it has another paper in hand, or did not live to answer."""
        if not self.turn.acquire(timeout=wait):
            return None
        try:
            return self._asked(environ, body)
        finally:
            self.turn.release()

    def _asked(self, environ: dict[str, Any], body: bytes) -> Answer | None:
        # a process may have died unnoticed since its last print; only what changes nothing is sent again
        for _ in range(2 if environ["REQUEST_METHOD"] == "GET" else 1):
            try:
                pipe = self._begun()
                pipe.send(({name: value for name, value in environ.items() if isinstance(value, str)}, body))
                if pipe.poll(HANGS):
                    return pipe.recv()
            except (EOFError, OSError):
                self.end()  # whoever prints next begins another one
            else:
                break
        self.app.logger.error("the printer ended in the middle of a print, or hung")
        self.end()
        environ["deal.refused"] = Ended
        return None

    def _begun(self) -> Connection:
        if self.pipe is None or not self.process.is_alive():
            spawn = get_context("spawn")  # a fork of a process with threads may never wake
            self.pipe, theirs = spawn.Pipe()
            self.process = spawn.Process(target=print_on, args=[theirs], daemon=True)
            self.process.start()
            theirs.close()  # so that either side hears of the other's end
        return self.pipe

    def end(self) -> None:
        """No printer, until the next print."""
        if self.process is not None:
            self.process.kill()
            self.process.join()


def print_on(pipe: Connection) -> None:
    """The printer's life: answer requests until nobody sends any."""
    from deal import create_app

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends this
    pipe.poll(WARM_AFTER)
    app = create_app()
    warm_up(app)
    try:
        while pipe.poll(IDLE):
            pipe.send(answer_of(app, *pipe.recv()))
    except (EOFError, OSError):  # the server is gone
        return


def answer_of(app: Flask, environ: dict[str, Any], body: bytes) -> Answer:
    """The app's answer to a request that came from another process."""
    wsgi = {"wsgi.version": (1, 0), "wsgi.input": BytesIO(body), "wsgi.multithread": False, "wsgi.run_once": False}
    said, status, headers = run_wsgi_app(app, environ | wsgi | {"wsgi.errors": None}, buffered=True)
    return status, list(headers), b"".join(said)


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
