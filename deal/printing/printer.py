"""What prints: a process of its own, which may run wild, be killed or bring itself down, and takes no page with it."""

import gc
import signal
from collections.abc import Callable
from io import BytesIO
from multiprocessing import get_context
from multiprocessing.connection import Connection
from threading import Lock
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import run_wsgi_app

from deal.people import Person, Role
from deal.printing.models import Summary
from deal.printing.pdf import CannotPrint, Ended, RendererBusy, RenderLimit, pdf, tidy
from deal.printing.print_jobs import KINDS
from deal.printing.summary_layout import summary_pdf

WEB_SECONDS = 10.0  # of work in one request that prints; what takes longer is for the worker
ALONE_SECONDS = 60.0  # of the same where no worker may make it: a week's letters, whose codes are stored nowhere
SHORT_WAIT = 5.0  # seconds for its turn, of a paper that no worker makes
WARM_AFTER = 2.0  # seconds, unless somebody prints: the web answers first
IDLE = 900.0  # seconds without a print, after which its 90 MB are given back
HANGS = 600.0  # seconds by the clock, after which a process that never answers is killed

# what a story has once there is one to tell: WeasyPrint learns each kind of thing at its first
CHART = (
    "<ul><li>d</li></ul><svg viewBox='0 0 9 9'><title>e</title><line x1='1' x2='2' y1='1' y2='2' stroke='#111'/>"
    "<polyline points='1,1 2,3' fill='none' stroke='#111'/><circle r='1'/><text x='1' y='5'>5</text></svg>"
)
PRESSES = {"printing.print_papers", "printing.make_card"}  # what prints though its address does not end so
OTHERS = {"printing.print_file"}  # was printed before
ALONE = {"printing.letters"}
BY_THE_WORKER = {"printing.print_papers", *(kind.endpoint for kind in KINDS.values())}  # too: nobody waits for a turn


class Printer:
    """A process that does one thing at a time; begun where there is none, or none that lives."""

    process: Any = None
    pipe: Connection

    def begin(self) -> None:
        """Make sure that it is there."""
        if self.process is None or not self.process.is_alive():
            spawn = get_context("spawn")  # a fork of a process with threads may never wake
            self.pipe, theirs = spawn.Pipe()
            self.process = spawn.Process(target=print_on, args=[theirs], daemon=True)
            self.process.start()
            theirs.close()  # so that either side hears of the other's end

    def ask(self, seconds: float, work: Callable[..., Any], *args: Any) -> Any:
        """What `work(app, *args)` gives there, where that takes no more than so many seconds of work.

        Raises TooMuch where it takes longer or hangs, Ended where it fails or the process dies, and what it raises of
        CannotPrint.
        """
        try:
            self.begin()
            self.pipe.send((seconds, work, args))
            answer = self.pipe.recv() if self.pipe.poll(HANGS) else RenderLimit()
        except (EOFError, OSError):
            self.process.join(1)
            answer = RenderLimit() if self.process.exitcode == -signal.SIGPROF else Ended()
            self.end()
        if isinstance(answer, CannotPrint):
            raise answer
        return answer

    def end(self) -> None:
        """No process, until something is asked for again."""
        if self.process is not None:
            self.process.kill()
            self.process.join()


class PrintsApart:
    """As WSGI: the app, but pages that print are answered by a printer. Where that makes none, the app says why."""

    def __init__(self, app: Flask) -> None:
        self.app, self.wsgi, self.turn, self.printer = app, app.wsgi_app, Lock(), Printer()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        endpoint = self._endpoint(environ)
        if not endpoint:
            return self.wsgi(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            status, headers, said = self._printed(endpoint, environ, body)
        except CannotPrint as error:
            return self.wsgi(environ | {"wsgi.input": BytesIO(body), "deal.refused": error}, start_response)
        start_response(status, headers)
        return [said]

    def _endpoint(self, environ: dict[str, Any]) -> str | None:
        """The name of this page, where it prints."""
        try:
            rule, _values = self.app.url_map.bind_to_environ(environ).match(return_rule=True)
        except HTTPException:
            return None
        prints = rule.rule.endswith(".pdf") or rule.endpoint in PRESSES
        return rule.endpoint if prints and rule.endpoint not in OTHERS else None

    def _printed(self, endpoint: str, environ: dict[str, Any], body: bytes) -> tuple[str, list, bytes]:
        """The printer's answer; raises Taken where it has another paper in hand."""
        if not self.turn.acquire(timeout=0.0 if endpoint in BY_THE_WORKER else SHORT_WAIT):
            raise RendererBusy
        sent = {name: value for name, value in environ.items() if isinstance(value, str)}
        request = ALONE_SECONDS if endpoint in ALONE else WEB_SECONDS, answer_of, sent, body
        try:
            return self.printer.ask(*request)
        except Ended:
            self.app.logger.error("the printer ended in the middle of a print")
            if environ["REQUEST_METHOD"] != "GET":
                raise
            return self.printer.ask(*request)  # it may have died unnoticed since its last print
        finally:
            self.turn.release()


def print_on(pipe: Connection) -> None:
    """A printer's life: do what is asked until nobody asks."""
    from deal import create_app

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever began this, who then ends it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pipe.poll(WARM_AFTER)
    app = create_app()
    warm_up(app)
    try:
        while pipe.poll(IDLE):
            seconds, work, args = pipe.recv()
            # the system ends this process once it has worked so long; to wait for a core, or a database, is no work
            signal.setitimer(signal.ITIMER_PROF, seconds)
            try:
                answer = work(app, *args)
            except CannotPrint as error:
                answer = error
            except Exception:
                app.logger.exception("a print went wrong")
                answer = Ended()
            signal.setitimer(signal.ITIMER_PROF, 0)
            pipe.send(answer)
            tidy()
    except (EOFError, OSError):  # nobody is there any more
        return


def answer_of(app: Flask, environ: dict[str, Any], body: bytes) -> tuple[str, list, bytes]:
    """The app's answer to a request that came from another process."""
    wsgi = {"wsgi.version": (1, 0), "wsgi.input": BytesIO(body), "wsgi.multithread": False, "wsgi.run_once": False}
    said, status, headers = run_wsgi_app(app, environ | wsgi | {"wsgi.errors": None}, buffered=True)
    return status, list(headers), b"".join(said)


def warm_up(app: Flask) -> None:
    """All that a process's first print would wait for: nobody's story is printed, and thrown away."""
    try:
        with app.test_request_context():
            summary_pdf(Summary(Person(id=0, role=Role.RESIDENT, name="ŵ", label="")))
        pdf(f'<html lang="en"><title>a</title><blockquote class="deal-words" dir="ltr">b <b>c</b></blockquote>{CHART}')
    except CannotPrint:  # whoever presses the button reads why
        return
    gc.collect()
    gc.disable()  # tidy() does it after each print, at nobody's expense
    gc.freeze()  # what stays for good is not gone through again and again, at the expense of some later print
