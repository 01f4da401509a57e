"""The summary as a PDF: a page for the fridge and a page of all else, each set as large as it fits."""

from typing import Any

from flask import render_template

from deal.deals.forms import KEPT
from deal.printing.models import Summary
from deal.printing.pdf import document, write

MOST_CHARACTERS = 700  # of one piece of somebody's words: more than the lines that print.css gives it
# Classes of print.css, the largest first, each with the most that it was ever seen to hold: characters of goals, or of
# HTML. What is longer is not tried in it; what does not fit is tried in the next one. The last always fits.
FRONTS = (("vast", 240), ("huge", 310), ("large", 420), ("big", 600), ("wide", 1100), ("full", 10**9))
BACKS = (
    *(("roomy", 6000), ("close", 9000), ("tight story__back--snug", 10500)),
    *(("tight", 16500), ("least", 22000), ("least", 10**9)),
)
FEW, TICKS = (6, 3, 3, 2, 2, 1), 4  # pieces of a kind that each of BACKS holds, and ticks of an answer in its last
SPARE = ((12, 1500), (9, 2700), (6, 3500), (3, 4100))  # centimetres to write in, beside HTML of no more than that
A_GOAL = 30  # characters: what the space around it takes


def summary_html(summary: Summary, front: int = 0, back: int = 0, layout: str = "normal", spare: int = 0) -> str:
    """The pages that are printed. Large print cuts nothing."""
    cuts: dict[str, int | None] = {"most": None, "few": 999, "ticks": None}
    if layout != "large":
        cuts = {"most": MOST_CHARACTERS, "few": FEW[back], "ticks": TICKS if back == len(FEW) - 1 else None}
    rooms = {"front": FRONTS[front][0], "back": BACKS[back][0], "layout": layout, "spare": spare}
    return render_template("printing/paper.html", summary=summary, kept=KEPT, **cuts, **rooms)


def summary_pdf(summary: Summary, layout: str = "normal") -> bytes:
    """Two A4 pages, tagged; in large print as many as it takes."""
    if layout != "large":
        return write(two_pages(summary)[0])
    front = min(_first(FRONTS, _length_of_goals(summary)) + 1, len(FRONTS) - 1)  # whom to ring is large too
    laid_out = document(summary_html(summary, front, layout=layout, spare=6))
    if any("spare" in page.anchors and page.anchors["spare"][1] < 100 for page in laid_out.pages):
        laid_out = document(summary_html(summary, front, layout=layout))  # no page with nothing but a box
    return write(laid_out)


def two_pages(summary: Summary) -> tuple[Any, str, int]:
    """The story in the largest sizes that fit, its HTML, and how many tries it took: nearly always one."""
    length = len(summary_html(summary))
    front, back = _first(FRONTS, _length_of_goals(summary)), _first(BACKS, length)
    spare, tries = next((tall for tall, most in SPARE if length <= most), 0), 0
    while True:
        html = summary_html(summary, front, back, spare=spare)
        laid_out, tries = document(html), tries + 1
        first = next(number for number, page in enumerate(laid_out.pages) if "second" in page.anchors)
        over, under = first > 1, len(laid_out.pages) - first > 1
        tighter = min(front + over, len(FRONTS) - 1), min(back + (under and not spare), len(BACKS) - 1)
        if (*tighter, 0 if under else spare) == (front, back, spare):
            return laid_out, html, tries  # where no room is left: a third page rather than none
        (front, back), spare = tighter, 0 if under else spare


def _first(rooms: tuple[tuple[str, int], ...], length: int) -> int:
    return next(number for number, (_room, most) in enumerate(rooms) if length <= most)


def _length_of_goals(summary: Summary) -> int:
    return sum(A_GOAL + len(goal.current_wording.words) for goal in summary.goals)
