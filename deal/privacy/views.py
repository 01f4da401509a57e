"""A resident reads who has opened their words."""

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from deal.access import Look, open_to, own_or_404
from deal.db import page_of
from deal.people import Role

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
