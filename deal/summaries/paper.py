"""The summary as a PDF: a page for the fridge and a page of all else, set tighter only where it would not fit."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import render_template

from deal.assessment.models import Answer
from deal.deals.forms import KEPT
from deal.summaries.models import Summary
from deal.summaries.pdf import document, write

MOST_CHARACTERS = 700  # of one piece of somebody's words: more than the lines that print.css gives it
# Classes of print.css, each with the millimetres that a page may be guessed to need for it when set in the first one.
# The guess saves a second try; it was tried on stories of many lengths. The last always fits.
FRONTS = (("vast", 80.0), ("huge", 150.0), ("large", 200.0), ("big", 250.0), ("wide", 350.0), ("full", 1e9))
BACKS = (
    *(("roomy", 240.0), ("close", 340.0), ("tight story__back--snug", 415.0)),
    *(("tight", 640.0), ("least", 900.0), ("least", 1e9)),
)
FEW, TICKS = (6, 3, 3, 2, 2, 1), 4  # pieces of a kind that each of BACKS holds, and ticks of an answer in its last
FREE = 690.0, 760.0  # a page that ends above this (in pixels of CSS) at the first try is tried larger, once
SPARE = ((12, 70.0), (9, 130.0), (6, 158.0), (3, 188.0))  # to write in, where what is said takes no more than that


def summary_html(summary: Summary, front: int = 0, back: int = 0, layout: str = "normal", spare: int = 0) -> str:
    """The pages that are printed. Large print cuts nothing."""
    cuts: dict[str, int | None] = {"most": None, "few": 999, "ticks": None}
    if layout != "large":
        cuts = {"most": MOST_CHARACTERS, "few": FEW[back], "ticks": TICKS if back == len(FEW) - 1 else None}
    rooms = {"front": FRONTS[front][0], "back": BACKS[back][0], "layout": layout, "spare": spare}
    return render_template("summaries/paper.html", summary=summary, kept=KEPT, **cuts, **rooms)


def summary_pdf(summary: Summary, layout: str = "normal") -> bytes:
    """Two A4 pages, tagged; in large print as many as it takes."""
    if layout == "large":
        front = _guess(FRONTS, 50 + sum(_heights_of_goals(summary)))  # whom to ring stands above, and is large too
        laid_out = document(summary_html(summary, front, layout=layout, spare=6))
        if any("spare" in page.anchors and page.anchors["spare"][1] < 100 for page in laid_out.pages):
            laid_out = document(summary_html(summary, front, layout=layout))  # no page with nothing but a box
        return write(laid_out)
    return write(two_pages(summary).document)


class Pages(NamedTuple):
    """A story laid out on two pages, and what came before that."""

    document: Any
    html: str
    tries: int


def two_pages(summary: Summary) -> Pages:
    """Set as large as two pages hold; nearly every story fits at the first try, or has room and is set larger once."""
    height = sum(_heights_of_rest(summary))
    front, back = _guess(FRONTS, sum(_heights_of_goals(summary))), _guess(BACKS, height)
    spare = next((tall for tall, most in SPARE if height <= most), 0)
    tries = 0
    while True:
        tries += 1
        html = summary_html(summary, front, back, spare=spare)
        laid_out = document(html)
        first = next(number for number, page in enumerate(laid_out.pages) if "second" in page.anchors)
        over, under = first > 1, len(laid_out.pages) - first > 1
        if over or under:
            tighter = min(front + over, len(FRONTS) - 1), min(back + (under and not spare), len(BACKS) - 1)
            if (*tighter, spare) == (front, back, 0 if under else spare):
                break  # no room is left: a third page rather than none
            (front, back), spare = tighter, 0 if under else spare
            continue
        ends = (page.anchors[end][1] for page, end in zip(laid_out.pages, ("first-ends", "second-ends"), strict=True))
        rooms = zip((front, back), ends, FREE, strict=True)
        larger = [tries == 1 and room > 0 and end < free for room, end, free in rooms]
        if not any(larger):
            break
        front, back = front - larger[0], back - larger[1]
    return Pages(laid_out, html, tries)


def _guess(rooms: tuple[tuple[str, float], ...], height: float) -> int:
    return next(number for number, (_room, most) in enumerate(rooms) if height <= most)


def _heights_of_goals(summary: Summary) -> Iterator[float]:
    """About how many millimetres each goal takes, set huge."""
    return (6 + 16 * _lines(goal.face.words, 25, most=99) for goal in summary.goals)


def _heights_of_rest(summary: Summary) -> Iterator[float]:
    """The same of each part of the second page, set roomy; what stands beside another takes as much as the longer."""
    who_matters = [summary.who_matters] if summary.who_matters else []
    halves = [[one.face.words for one in summary.promises if one.is_ours is ours] for ours in (True, False)]
    pieces = [[words for words, _ in some] for some in (summary.celebrations, summary.reached, summary.in_the_way)]
    yield _told(summary.strengths, 85)
    yield 9 + max(_column([one.words for one in steps]) for steps in (summary.done, summary.next))
    yield 52 if "chart" in summary.shows and summary.charts else 0
    yield max(map(_column, pieces[:2]))
    yield 9 + max(_column(half, more=9) for half in halves)
    yield max(_told(answers, 40) for answers in (summary.matters, summary.hopes))
    yield max(_told(who_matters, 40), _column(pieces[2]))


def _column(pieces: list[str], more: int = 2) -> float:
    return (12.7 if pieces else 0) + sum(more + 5.5 * _lines(words, 42) for words in pieces[:6])


def _told(answers: list[Answer], width: int) -> float:
    ticks = [7 * (1 + sum(map(len, one.labels)) * 1.2 // width) for one in answers if one.labels]
    return (12.7 if answers else 0) + sum(ticks) + sum(2 + 5.5 * _lines(one.words or "", width) for one in answers)


def _lines(words: str, width: int, most: int = 4) -> int:
    """How many lines words take, where print.css stops them after so many."""
    return min(most, sum(1 + len(line) // width for line in words[:MOST_CHARACTERS].split("\n"))) if words else 0
