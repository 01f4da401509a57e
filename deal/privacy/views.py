"""A resident reads all their words, takes them back, and sees who has opened them."""

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from deal.access import Look, open_to, own_or_404
from deal.assessment.translations import beside
from deal.db import day_of, today
from deal.forms import Press, press_or_400
from deal.goals.forms import STATES
from deal.pagination import page_of
from deal.people import Role, names_apart
from deal.privacy.words import KINDS, PARTS, Said, by_way, part_page, said_by, take_back
from deal.undo import cannot_be_undone, forget_what_was_sent_about

bp = Blueprint("privacy", __name__)

# the pages on which staff read somebody's words, as residents know them
READ = {
    "home.resident": _l("your page"),
    "goals.index": _l("your goals"),
    "goals.goal": _l("one of your goals"),
    "deals.index": _l("your deal"),
    "deals.promise": _l("one of the promises"),
    "conversations.today": _l("the first words of something new, on their list for the day"),
    "home.timeline": _l("what happened, day by day"),
    "learning.blocker": _l("one thing that got in your way"),
    "summaries.paper": _l("your story so far, on paper"),
    "summaries.deal": _l("your deal, on paper"),
    "summaries.deal_now": _l("your deal, on paper"),
    "summaries.what_i_did": _l("what you did, on paper"),
    "summaries.visit": _l("your page, on paper, for a visit"),
}
# the pages on which they do something for somebody
OPENED = {
    "goals.new": _l("a page to write a goal with you"),
    "conversations.new": _l("a page to write down a talk"),
    "accounts.make_new_pin": _l("a new PIN for you"),
    "home.change": _l("a page to change something about you"),
    "summaries.print_page": _l("a page to print something for you"),
    "summaries.booklet": _l("About me on paper, empty, to write on"),
    "summaries.make_card": _l("a card for you to send back"),
}
ELSEWHERE = _l("a page on which they write for you")


@bp.get("/residents/<int:resident_id>/looks")
@open_to(Role.RESIDENT)
def looks(resident_id):
    """Who read what on which day, newest first; the hour behind a press."""
    resident = own_or_404(resident_id)
    mine = select(Look).where(Look.resident_id == resident.id).options(joinedload(Look.staff))
    page = page_of(mine, Look.id.desc(), after=request.args.get("after"), size=50)
    days = [(day, list(rows)) for day, rows in groupby(page.rows, key=lambda look: day_of(look.hour))]
    named = names_apart([look.staff for look in page.rows], "phone")
    said = [(day, [_sentence(named[who], some) for who, some in _by_staff(rows)], rows) for day, rows in days]
    return render_template("privacy/looks.html", page=page, days=said, named=named, page_name=_page_name)


def _by_staff(rows: list[Look]) -> list[tuple[int, list[Look]]]:
    """One day's looks by who looked, whoever was last first."""
    who = dict.fromkeys(look.staff_id for look in rows)
    return [(one, [look for look in rows if look.staff_id == one]) for one in who]


def _page_name(look: Look) -> Any:
    return READ.get(look.page) or OPENED.get(look.page, ELSEWHERE)


def _sentence(name: str, mine: list[Look]) -> dict[str, str]:
    """What one of the staff read that day, and what they opened, each page once."""
    read = dict.fromkeys(str(_page_name(look)) for look in reversed(mine) if look.page in READ)
    opened = dict.fromkeys(str(_page_name(look)) for look in reversed(mine) if look.page not in READ)
    return {"name": name, "read": _listed(list(read)), "opened": _listed(list(opened))}


def _listed(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s", first=", ".join(names[:-1]), last=names[-1])


LANGUAGES = {"en": _l("in English"), "cy": _l("in Welsh")}


@bp.get("/residents/<int:resident_id>/words")
@open_to(Role.RESIDENT)
def words(resident_id):
    """All that they said, as they said it; the further pages of a part show that part alone."""
    resident = own_or_404(resident_id)
    parts = ["answers", *PARTS]  # by the word for each in the address of its next page
    further = [part for part in parts if part in request.args][:1]
    pages = {part: part_page(resident, part, request.args.get(part)) for part in further or parts}
    page: dict[str, Any] = {"resident": resident, "pages": pages, "languages": LANGUAGES, "states": STATES}
    if "answers" in pages:
        page |= {"ways": by_way(pages["answers"]), "beside": beside(row[0] for row in pages["answers"].rows)}
    return render_template("privacy/words.html", **page)


@bp.get("/residents/<int:resident_id>/words/<kind>/<int:said_id>/take-back")
@open_to(Role.RESIDENT)
def ask_take_back(resident_id, kind, said_id):
    row = _said_or_404(resident_id, kind, said_id)
    if row.taken_back_at:
        return redirect(_way_back(resident_id, kind), 303)
    page = {"row": row, "kind": kind, "way_back": _way_back(resident_id, kind), "today": today()}
    return render_template("privacy/take_back.html", press=Press(), **page)


@bp.post("/residents/<int:resident_id>/words/<kind>/<int:said_id>/take-back")
@open_to(Role.RESIDENT)
@cannot_be_undone("words that are taken back are gone for good")
def taken_back(resident_id, kind, said_id):
    """Gone, with every version of it."""
    row = _said_or_404(resident_id, kind, said_id)
    press_or_400()
    forget_what_was_sent_about(resident_id)
    take_back(row, kind)
    flash(_("That is taken back. No word of it is left."))
    return redirect(_way_back(resident_id, kind), 303)


def _way_back(resident_id: int, kind: str) -> str:
    """What they asked the managers stands on its own page."""
    return url_for("conversations.asks" if kind == "ask" else ".words", resident_id=resident_id)


def _said_or_404(resident_id: int, kind: str, said_id: int) -> Said:
    resident = own_or_404(resident_id)
    return (said_by(resident, kind, said_id) if kind in KINDS else None) or abort(404)
