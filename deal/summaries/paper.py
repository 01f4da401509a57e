"""The summary as a PDF: set large, and tighter only where two pages would not hold it."""

from flask import render_template
from flask_babel import gettext as _

from deal.db import today
from deal.summaries.models import Summary
from deal.summaries.pdf import document, write

MOST_PAGES = 2
MOST_CHARACTERS = 700  # of one piece of somebody's words: more than the lines that print.css gives it
TIGHTER = ("roomy", "close", "tight")  # classes of print.css: how many lines of somebody's words are shown


def summary_html(summary: Summary, room: str = TIGHTER[0]) -> str:
    """The page that is printed."""
    return render_template("summaries/paper.html", summary=summary, room=room, most=MOST_CHARACTERS)


def summary_pdf(summary: Summary) -> bytes:
    """At most two A4 pages, tagged. Nearly every story fits at the first try."""
    for room in TIGHTER:
        laid_out = document(summary_html(summary, room))
        if len(laid_out.pages) <= MOST_PAGES:
            return write(laid_out)
    return write(laid_out.copy(laid_out.pages[:MOST_PAGES]))


def file_name() -> str:
    """A name that gives nobody away in a downloads folder that others see."""
    return _("my-story-%(day)s.pdf", day=today().isoformat())
