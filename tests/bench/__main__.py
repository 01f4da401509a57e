"""How fast papers and pages are, beside what the same machine does at best in the same run: `make bench`.

DEAL_BENCH_ROUNDS, or an argument (`make bench ARGS=50`), sets how often each thing is tried. It ends with 1 where a
target is missed.
"""

import gc
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import process_time

from flask import Flask
from flask_migrate import upgrade

from deal import create_app, demo
from deal.db import db
from deal.goals.models import goals_of
from deal.people import Person
from deal.printing.forms import EXTRAS
from deal.printing.models import Summary, SummaryChoice
from deal.printing.pdf import OURS, _kit
from deal.printing.summary_layout import summary_html, summary_pdf, two_pages
from deal.questions.serialization import publish_bundled_question_sets
from tests import people
from tests.bench.processes import figures
from tests.browser import MOST_STATEMENTS, Browser

ROUNDS = 15
PAPER_TARGET = 1.15  # times WeasyPrint alone
PAGES = {
    "resident": ("", "/about-me", "/goals", "/goals/{goal}", "/timeline", "/looks", "/print"),
    "coach": ("/today", "/invitations", "", "/goals", "/goals/{goal}", "/timeline", "/print"),
    "manager": ("/numbers", "/staff", "/settings"),
}


@dataclass
class Line:
    """One line of the table."""

    what: str
    figure: str
    target: str = "-"
    missed: bool = False


def main(rounds: int) -> int:
    """Measure, print the table; 1 where a target is missed."""
    with demonstration() as app:
        lines = [*papers(app, rounds), *printing(app), *pages(app, rounds)]
    width = max(len(line.what) for line in lines)
    print(f"{'':{width}}  {'measured':>28}  {'target':>8}")
    for line in lines:
        print(f"{line.what:{width}}  {line.figure:>28}  {line.target:>8}{'  MISSED' if line.missed else ''}")
    return int(any(line.missed for line in lines))


@contextmanager
def demonstration() -> Iterator[Flask]:
    """Deal with the demonstration in it, in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DEAL_INSTANCE"] = folder
        app = create_app({"DATABASE_URL": f"sqlite:///{Path(folder) / 'deal.db'}"})
        with app.app_context():
            upgrade()
            publish_bundled_question_sets()
            demo.load()
            yield app
            db.session.remove()
            db.engine.dispose()


def papers(app: Flask, rounds: int) -> Iterator[Line]:
    """Stories on paper, from the rows on, beside WeasyPrint alone on the same HTML."""
    residents = db.session.query(Person).filter(Person.sign_in_name.is_not(None)).order_by(Person.id).all()
    with app.test_request_context():
        longest = max(residents, key=lambda one: len(summary_html(Summary(one))))
        stories = {"the first story": residents[0], "the longest story": longest}
        for what, resident in (stories | {"a story that overflows": overflowing()}).items():
            alone, ours = interleaved(rounds, *ways_to_print(resident))
            figure, target = f"{ours / alone:.2f} ({ours * 1000:.0f} / {alone * 1000:.0f} ms)", f"<= {PAPER_TARGET}"
            yield Line(f"{what} on paper, beside WeasyPrint alone", figure, target, ours / alone > PAPER_TARGET)
        again = sum(1 for one in residents if two_pages(Summary(one))[2] > 1)
    yield Line("stories of the demonstration that are set twice", f"{again} of {len(residents)}")


def printing(app: Flask) -> Iterator[Line]:
    """Processes that print, one and several."""
    residents = db.session.query(Person).filter(Person.sign_in_name.is_not(None)).order_by(Person.id)
    numbers = [one.id for one in residents]
    db.session.rollback()
    for line in figures(app.instance_path, numbers):
        yield Line(*line)


def ways_to_print(resident: Person) -> tuple[Callable[[], object], Callable[[], object]]:
    """WeasyPrint alone, and we."""
    _laid_out, html, _tries = two_pages(Summary(resident))
    return lambda: weasyprint_alone(html), lambda: summary_pdf(Summary(resident))


def overflowing() -> Person:
    """Somebody with more to say than two pages hold when set large."""
    words = "and then there is the other thing I have been meaning to say for years now, which is this. "
    resident = people.make_resident("Overflowing", people.make_coach("Sam"))
    people.finish_about_me(resident, words * 40)
    for _ in range(3):
        goal = people.make_goal(resident, words * 6)
        for number in range(8):
            people.make_step(goal, words * 3, done=number % 2 == 0)
            people.make_check_in(goal, number, in_the_way=words * 4)
    people.keep(SummaryChoice(resident_id=resident.id, shows=list(EXTRAS)))
    return resident


def weasyprint_alone(html: str) -> bytes:
    """WeasyPrint with the same stylesheet and fonts, and nothing around it."""
    from weasyprint import HTML

    fetcher, fonts, sheets = _kit()
    page = HTML(string=html, url_fetcher=fetcher, base_url=OURS)
    return page.write_pdf(font_config=fonts, stylesheets=sheets, pdf_variant="pdf/ua-1")


def interleaved(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The median seconds of CPU that each work takes, tried in turn so that a busy machine is fair to all."""
    taken: list[list[float]] = [[] for _ in works]
    gc.disable()  # as where it prints
    for turn in range(rounds + 1):
        for work, times in zip(works, taken, strict=True):
            gc.collect()  # or the garbage of one is swept up on the time of the next
            begun = process_time()
            work()
            if turn:  # the first one warms up
                times.append(process_time() - begun)
    gc.enable()
    return [median(times) for times in taken]


def pages(app: Flask, rounds: int) -> Iterator[Line]:
    """The most statements of any main page, and what each person's own first page costs beside an empty one."""
    counts: dict[str, int] = {}
    browsers = {}
    for role, paths in PAGES.items():
        person = first(role)
        browsers[role] = Browser(app, person)
        for path in addresses(role, person, paths):
            answer = browsers[role].send("GET", path)
            assert answer.status_code == 200, f"{path} answered {answer.status_code}"
            counts[path] = len(browsers[role].statements)
    most = max(counts, key=lambda path: counts[path])
    figure, target = f"{counts[most]} ({most})", f"<= {MOST_STATEMENTS}"
    yield Line(f"most SQL statements of {len(counts)} pages", figure, target, counts[most] > MOST_STATEMENTS)

    nothing = trivial_page().test_client()
    homes = {role: addresses(role, first(role), PAGES[role][:1])[0] for role in PAGES}
    works = [lambda role=role: browsers[role].send("GET", homes[role]) for role in homes]
    floor, *times = interleaved(rounds * 4, lambda: nothing.get("/"), *works)
    yield Line("an empty Flask page, CPU", f"{floor * 1000:.2f} ms")
    for role, taken in zip(homes, times, strict=True):
        yield Line(f"the {role}'s first page, CPU", f"{taken * 1000:.2f} ms ({taken / floor:.0f} times)")


def first(role: str) -> Person:
    """The first person of a role."""
    known = (Person.role == role) & (Person.sign_in_name.is_not(None) if role == "resident" else Person.id.is_not(None))
    return db.session.query(Person).filter(known).order_by(Person.id).first()


def addresses(role: str, person: Person, paths: tuple[str, ...]) -> list[str]:
    """Whole addresses; a resident's pages are those of the first resident."""
    resident = person if role == "resident" else first("resident")
    own = f"/residents/{resident.id}"
    goal = str(goals_of(resident)[0].id)
    staffs = ("/today", "/invitations", "/numbers", "/staff", "/settings")
    return [path if path in staffs else own + path.replace("{goal}", goal) for path in paths]


def trivial_page() -> Flask:
    """The least that Flask can do: one view, one short answer."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=lambda: "<!DOCTYPE html><title>Nothing</title>")
    return app


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else os.environ.pop("DEAL_BENCH_ROUNDS", str(ROUNDS))
    if not wanted.isdecimal() or not int(wanted):
        sys.exit("Say how many rounds: make bench ARGS=50")
    sys.exit(main(int(wanted)))
