"""What leaves Deal: the page on one sheet, and files for a spreadsheet."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from functools import cache
from typing import Any

from babel.dates import get_day_names, get_month_names
from flask import Response, abort, render_template, request, stream_with_context
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from deal.access import open_to
from deal.blockers.models import Change
from deal.caseload.desk import SORTS, place_by, stages_of
from deal.caseload.lines import Line, everybody_of
from deal.clock import day_of, today
from deal.db import db
from deal.kpis import bp
from deal.kpis.models import FrozenBlock
from deal.kpis.snapshots import about, figures_of, last_day, published, told
from deal.kpis.views import in_short, page
from deal.people import Role
from deal.printing.pdf import document, write
from deal.printing.views import printed
from deal.question_editor import statistics
from deal.questions.models import version_of_questions

# classes of print.css, the last of which always fits; how many things to unblock
ROOMS = {"roomy": 6, "close": 5, "tight": 3, "tight deal-sheet--least": 3}
EVERY = 1000  # blocks: 76 years
FORMULA = "=+-@\N{MINUS SIGN}"  # what a cell that is worked out begins with


@bp.get("/numbers/sheet.pdf")
@open_to(Role.MANAGER)
def sheet():
    """The same on one side of A4; or four weeks that were published, by their first day, as they were then."""
    asked = request.args.get("block")
    shown = page() if asked is None else in_short(_published_until(asked))
    day = today().isoformat() if asked is None else asked
    return printed(lambda: sheet_pdf(shown), _("four-weeks-%(day)s.pdf", day=day))


def _published_until(asked: str) -> list[FrozenBlock]:
    first = request.args.get("block", type=date.fromisoformat)  # None where it is no day
    blocks = published(until=first) if first else []
    return blocks if blocks and blocks[-1].block.isoformat() == asked else abort(404)


def sheet_pdf(shown: dict[str, Any]) -> bytes:
    """One tagged A4 page, set tighter only where it must be."""
    for room, most in ROOMS.items():
        laid_out = document(render_template("kpis/sheet.html", **shown, room=room, most=most, today=today()))
        if len(laid_out.pages) == 1:
            break
    return write(laid_out)


@bp.get("/numbers/blocks.csv")
@open_to(Role.MANAGER)
def blocks_file():
    """Every published block: a row for each figure, with the definition that was in force."""
    return csv_answer(_block_rows(), _("four-weeks.csv"))


def _block_rows() -> Iterator[list[Any]]:
    head = _("First day"), _("Last day"), _("Number"), _("Figure"), _("Value")
    yield [*head, _("What it is"), _("What it cannot tell")]
    for block in published(EVERY):
        known, numbers = about(block), told(figures_of(block))
        for name, one in {"goals": numbers["goals"], **numbers}.items():
            for what, value in [*one.parts, *((_("In one sentence"), words) for words in one.sentences)]:
                said = known[name].title, what, value, known[name].definition, known[name].cannot_tell
                yield [block.block, last_day(block), *said]


@bp.get("/numbers/changes.csv")
@open_to(Role.MANAGER)
def changes_file():
    """You said, we changed: the answer that holds for each heading, the first one first."""
    return csv_answer(_change_rows(), _("you-said-we-changed.csv"))


def _change_rows() -> Iterator[list[Any]]:
    yield [_("You said"), _("Changed"), _("What we did, or why not"), _("Day")]
    query = select(Change).where(Change.superseded_at.is_(None)).options(joinedload(Change.heading)).order_by(Change.id)
    for one in db.session.scalars(query.execution_options(yield_per=500)):
        yield [one.heading.words, _("yes") if one.done else _("no"), one.words, one.at]


@bp.get("/people.csv")
@open_to(Role.COACH)
def people_file():
    """A coach's people: names, labels and days, and not a word that anybody said."""
    lines = sorted(everybody_of(current_user, date.max), key=place_by("name"))
    stages, (_name, *days) = stages_of(lines), SORTS.values()
    head = [_("Name"), _("Label"), _("Where they are"), *(title for title, _when in days), _("I cover for")]

    def row(one: Line) -> list[Any]:
        return [one.name, one.label, stages[one.id], *(when(one) for _title, when in days), covers[one.is_cover]]

    covers = {True: _("yes"), False: _("no")}
    return csv_answer([head, *map(row, lines)], _("people.csv"))


@bp.get("/questions/<int:version>/figures.csv")
@open_to(Role.MANAGER)
def questions_file(version):
    """How often each question of a version was answered, skipped and left at, with what that means."""
    figures = statistics.figures_of(version_of_questions(version) or abort(404))
    head = [_("Version"), _("Question"), *(f"{name}: {what}" for name, what in statistics.DEFINED)]
    rows = [[version, one.question, *one.told] for one in figures]
    return csv_answer([head, *rows], _("questions-version-%(version)s.csv", version=version))


def csv_answer(rows: Iterable[Iterable[Any]], name: str) -> Response:
    """Rows as a file that a spreadsheet opens as they are: UTF-8 with a mark, and no cell is a formula."""

    def lines() -> Iterator[str]:
        yield "\ufeff"
        for row in rows:
            line = io.StringIO()
            csv.writer(line, quoting=csv.QUOTE_NONNUMERIC).writerow([plain(cell) for cell in row])
            yield line.getvalue()

    answer = Response(stream_with_context(lines()), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def plain(cell: Any) -> Any:
    """A cell with an apostrophe before what a spreadsheet would work out; numbers and days of ours stay what they are.

    The apostrophe is what OWASP's ASVS (1.2.10) asks for against formulas, and it keeps 00123 and 1/2 as they were
    written. It shows in the cell; but a tab or a blank is trimmed by some, and ="00123" is a formula itself.
    """
    if cell is None or isinstance(cell, int | float | date):
        return day_of(cell) if isinstance(cell, datetime) else cell
    words = str(cell)
    # wide and small signs count as their plain ones; spaces and signs that do not show count as nothing
    shows = "".join(s for s in unicodedata.normalize("NFKD", words) if unicodedata.category(s)[0] not in "ZC")
    worked_out = shows.startswith(tuple(FORMULA)) or words.startswith(("\t", "\r", "\n")) or _is_a_value(words)
    return f"'{words}" if worked_out else words


def _is_a_value(words: str) -> bool:
    """Whether a spreadsheet may read it as a number, a day, a time, a fraction or yes and no."""
    letters = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFKC", words).casefold())
    has_digits = any(sign.isnumeric() for sign in words)
    return (has_digits and _calendar().issuperset(letters)) or letters in (["true"], ["false"])


@cache
def _calendar() -> frozenset[str]:
    """Letters that stand in a number or a time, and the names of months and weekdays, in both languages."""
    names = {"e", "d", "am", "pm", "a", "p", "m", "h", "b", "st", "nd", "rd", "th", "sept"}
    for language in ("en_GB", "cy"):
        for of in (get_month_names, get_day_names):
            for one in (*of("wide", locale=language).values(), *of("abbreviated", locale=language).values()):
                names.update(one.casefold().strip(".").split())
    return frozenset(names)
