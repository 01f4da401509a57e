"""A resident reads all their words, takes them back, and sees who has opened them."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from deal.access import Look, open_to, own_or_404
from deal.db import page_of, today
from deal.forms import Press
from deal.people import Role
from deal.privacy.words import (
    KINDS,
    Said,
    answers_page,
    by_way,
    check_ins_said_by,
    notes_by,
    said_by,
    take_back,
    wordings_of,
)

bp = Blueprint("privacy", __name__)

# the pages on which staff see words, as residents know them
PAGES = {
    "home.resident": _l("your page"),
    "goals.index": _l("your goals"),
    "goals.goal": _l("one of your goals"),
    "conversations.index": _l("your talks"),
    "summaries.summary": _l("your story so far"),
    "goals.new": _l("a page to write a goal with you"),
    "conversations.new": _l("a page to write down a talk"),
    "accounts.make_new_pin": _l("a new PIN for you"),
    "accounts.coaches": _l("the list of your coaches"),
    "accounts.cover_one": _l("a page to find you cover for some days"),
    "accounts.hand_over": _l("a page to pass you on to another coach"),
    "summaries.paper": _l("your story so far, on paper"),
}
ELSEWHERE = _l("a page on which they write for you")


@bp.get("/residents/<int:resident_id>/looks")
@open_to(Role.RESIDENT)
def looks(resident_id):
    """Who opened which page in which hour, newest first."""
    resident = own_or_404(resident_id)
    mine = select(Look).where(Look.resident_id == resident.id).options(joinedload(Look.staff))
    page = page_of(mine, Look.id.desc(), after=request.args.get("after"))
    return render_template("privacy/looks.html", page=page, pages=PAGES, elsewhere=ELSEWHERE)


# the parts of "My words", by the word for each in the address of its next page
PARTS = {"answers": answers_page, "goals": wordings_of, "check_ins": check_ins_said_by, "notes": notes_by}
LANGUAGES = {"en": _l("in English"), "cy": _l("in Welsh")}


@bp.get("/residents/<int:resident_id>/words")
@open_to(Role.RESIDENT)
def words(resident_id):
    """All that they said, as they said it; the further pages of a part show that part alone."""
    resident = own_or_404(resident_id)
    further = [part for part in PARTS if part in request.args][:1]
    pages = {part: PARTS[part](resident, request.args.get(part)) for part in further or PARTS}
    ways = by_way(pages["answers"]) if "answers" in pages else []
    return render_template("privacy/words.html", resident=resident, pages=pages, ways=ways, languages=LANGUAGES)


@bp.get("/residents/<int:resident_id>/words/<kind>/<int:said_id>/take-back")
@open_to(Role.RESIDENT)
def ask_take_back(resident_id, kind, said_id):
    """Take this back?"""
    row = _said_or_404(resident_id, kind, said_id)
    if row.taken_back_at:
        return redirect(url_for(".words", resident_id=resident_id), 303)
    return render_template("privacy/take_back.html", row=row, kind=kind, today=today(), press=Press())


@bp.post("/residents/<int:resident_id>/words/<kind>/<int:said_id>/take-back")
@open_to(Role.RESIDENT)
def taken_back(resident_id, kind, said_id):
    """Gone, with every version of it."""
    row = _said_or_404(resident_id, kind, said_id)
    if not Press().validate():
        abort(400)
    take_back(row, kind)
    flash(_("That is taken back. No word of it is left."))
    return redirect(url_for(".words", resident_id=resident_id), 303)


def _said_or_404(resident_id: int, kind: str, said_id: int) -> Said:
    resident = own_or_404(resident_id)
    return (said_by(resident, kind, said_id) if kind in KINDS else None) or abort(404)
