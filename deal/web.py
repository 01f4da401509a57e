"""The web server: waitress, which has read a request before a thread takes it; a printer; a worker beside it.

Slow connections cost it nothing but a place. Whoever waits for the database holds a thread: there are many.
"""

import os
import signal
import sys
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from threading import Event, Thread
from typing import Any

import waitress
from flask import Flask

from deal.config import MOST_SENT, THREADS
from deal.printing.printer import PrintsApart

LOOK_EACH = 5.0  # seconds, whether our worker is still there
CONNECTIONS = 900  # at once: below what a process may have open
SETTINGS: dict[str, Any] = {
    "threads": THREADS,
    "connection_limit": CONNECTIONS,
    "asyncore_use_poll": True,
    "channel_timeout": 60,  # seconds of silence
    "max_request_header_size": 65_536,
    "max_request_body_size": MOST_SENT,  # what is larger than Deal takes gets Deal's own page, as far as here
    "clear_untrusted_proxy_headers": False,  # ProxyFix knows how many of them to believe
    "ident": None,
}


def serve(app: Flask, port: int, with_worker: bool) -> None:
    """Serve until Ctrl-C or a signal to end."""
    wsgi, over = PrintsApart(app), Event()
    wsgi.printer.begin()  # before somebody waits for it
    server = waitress.create_server(wsgi, host="127.0.0.1", port=port, **SETTINGS)
    worker = Thread(target=_keep_a_worker, args=[over], daemon=True)
    if with_worker:
        worker.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # waitress lets its threads finish
    signal.signal(signal.SIGHUP, lambda *_: sys.exit(0))
    try:
        server.run()
    finally:
        wsgi.printer.end()
        over.set()
        if with_worker:
            worker.join(timeout=15)


def _keep_a_worker(over: Event) -> None:
    """Run a worker until this process ends, however it ends; where the worker alone ends, begin it again."""
    deal = Path(sys.executable).with_name("deal")
    wait = LOOK_EACH
    while True:
        # a session of its own: Ctrl-C is for the web, which then tells the worker
        process = Popen([deal, "worker", "--beside", str(os.getpid())], start_new_session=True)
        while not over.wait(wait) and process.poll() is None:
            wait = LOOK_EACH
        if over.is_set():
            break
        wait = min(wait * 2, 300)  # what ends at once, again and again, is not begun all the time
    process.terminate()  # it puts down what it has in hand
    try:
        process.wait(timeout=10)
    except TimeoutExpired:
        process.kill()
