"""Processes that print: how large they grow, what two of them save, and what a new one's first print costs."""

import os
import resource
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep

from flask import Flask

from deal import create_app
from deal.db import db
from deal.people import Person
from deal.printing.models import Summary
from deal.printing.pdf import tidy
from deal.printing.printer import warm_up
from deal.printing.summary_layout import summary_pdf

MANY = 500
MOST_MB, MOST_GROWTH = 150, 5
TWO_TARGET, FIRST_TARGET = 0.6, 1.3
NEW_ONES, TURNS = 9, 3  # processes whose first print is timed; times that one process and two take turns

_app: list[Flask] = []


def begin(folder: str) -> None:
    """A new process gets ready as the web's printer does."""
    os.environ["DEAL_INSTANCE"] = folder
    _app.append(create_app({"DATABASE_URL": f"sqlite:///{Path(folder) / 'deal.db'}"}))
    warm_up(_app[0])


def print_these(numbers: list[int]) -> list[float]:
    """Print each, in a request of its own; how much work each was."""
    taken = []
    for number in numbers:
        begun = process_time()
        with _app[0].app_context(), _app[0].test_request_context():
            summary_pdf(Summary(db.session.get_one(Person, number)))
        tidy()
        taken.append(process_time() - begun)
    return taken


def grown(numbers: list[int]) -> list[float]:
    """Megabytes of this process after half of them, and after all."""
    half = len(numbers) // 2
    sizes = []
    for some in (numbers[:half], numbers[half:]):
        print_these(some)
        sizes.append(megabytes())
    return sizes


def megabytes() -> float:
    """What this process holds, as top counts; where that cannot be read, the most that it ever held."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def pool(folder: str, processes: int) -> ProcessPoolExecutor:
    """So many new processes, ready."""
    made = ProcessPoolExecutor(processes, get_context("spawn"), begin, (folder,))
    list(made.map(sleep, [1.0] * processes))
    return made


def seconds(folder: str, processes: int, numbers: list[int]) -> float:
    """How long so many processes take for all of them, by the clock."""
    with pool(folder, processes) as made:
        begun = perf_counter()
        list(made.map(print_these, [numbers[one::processes] for one in range(processes)]))
        return perf_counter() - begun


def figures(folder: str, residents: list[int]) -> Iterator[tuple[str, str, str, bool]]:
    """Lines of the table: what, measured, target, missed."""
    many = (residents * MANY)[:MANY]
    with pool(folder, 1) as made:
        half, whole = made.submit(grown, many).result()
    missed = whole > MOST_MB or whole - half > MOST_GROWTH
    yield f"a process after {MANY} prints", f"{whole:.0f} MB ({half:.0f} after half)", f"<= {MOST_MB}", missed

    turns = [(seconds(folder, 1, many[:50]), seconds(folder, 2, many[:50])) for _ in range(TURNS)]
    alone, both = (median(taken) for taken in zip(*turns, strict=True))
    figure = f"{both / alone:.2f} ({both:.1f} / {alone:.1f} s)"
    yield "50 stories by two processes, beside one", figure, f"<= {TWO_TARGET}", both / alone > TWO_TARGET

    ratios = []
    for _ in range(NEW_ONES):
        with pool(folder, 1) as made:
            first, *later = made.submit(print_these, residents[:1] * 8).result()
        ratios.append(first / median(later))
    figure = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    yield "a new process's first print, beside a later", figure, f"<= {FIRST_TARGET}", median(ratios) > FIRST_TARGET
