"""The summary as a PDF: set large, and tighter only where two pages would not hold it."""

from collections.abc import Iterator

from flask import render_template
from flask_babel import gettext as _

from deal.assessment.models import Answer
from deal.db import today
from deal.summaries.models import GoalOnPaper, Summary
from deal.summaries.pdf import document, write

MOST_PAGES = 2
MOST_CHARACTERS = 700  # of one piece of somebody's words: more than the lines that print.css gives it
MOST_OTHERS = 6  # goals whose words alone are printed; how many more there are is said
# Classes of print.css, each giving words fewer lines, and how many pages of the first class a story may be guessed
# to need for it. The guess saves a second try; it was tried on stories of many lengths. The last always fits.
ROOMS = (("roomy", 2.1), ("close", 2.4), ("tight", 2.7), ("least", 1000.0))


def summary_html(summary: Summary, room: str = ROOMS[0][0]) -> str:
    """The page that is printed."""
    lengths = {"most": MOST_CHARACTERS, "others": MOST_OTHERS}
    return render_template("summaries/paper.html", summary=summary, room=room, **lengths)


def summary_pdf(summary: Summary) -> bytes:
    """At most two A4 pages, tagged. Nearly every story fits at the first try."""
    guess = sum(_heights(summary)) / 255
    for room, most in ROOMS:
        if guess <= most:
            laid_out = document(summary_html(summary, room))
            if len(laid_out.pages) <= MOST_PAGES:
                break
    return write(laid_out)


def _heights(summary: Summary) -> Iterator[float]:
    """About how many millimetres each part takes, set roomy."""
    yield 45
    for item in summary.goals:
        yield from _goal_heights(item, "chart" in summary.shows and len(item.check_ins) > 1)
    yield from (3 + 6.5 * _lines(goal.face.words, 62, most=2) for goal in summary.other_goals[:MOST_OTHERS])
    told = [summary.strengths, summary.matters, summary.hopes, [summary.who_matters] if summary.who_matters else []]
    for answers in told:
        yield 12.7 if answers else 0
        yield from (_answer_height(answer) for answer in answers)
    small = [goal.face.words for goal in summary.reached], [one.in_the_way or "" for one in summary.in_the_way]
    for pieces in small:
        yield 12.7 if pieces else 0
        yield from (5.5 * _lines(words, 85) for words in pieces)


def _goal_heights(item: GoalOnPaper, chart: bool) -> Iterator[float]:
    yield 10 + 8.5 * _lines(item.goal.face.words, 46)
    width = 50 if chart else 85
    steps = sum(5.5 * _lines(step.words, width, most=2) for step in item.done + item.next)
    yield max(steps + 10, 52 if chart else 0)


def _answer_height(answer: Answer) -> float:
    labels = answer.labels
    return (7 * (1 + sum(map(len, labels)) // 70) if labels else 0) + 5.5 * _lines(answer.words or "", 85)


def _lines(words: str, width: int, most: int = 4) -> int:
    """How many lines words take, where print.css stops them after so many."""
    return min(most, sum(1 + len(line) // width for line in words[:MOST_CHARACTERS].split("\n"))) if words else 0


def file_name() -> str:
    """A name that gives nobody away in a downloads folder that others see."""
    return _("my-story-%(day)s.pdf", day=today().isoformat())
