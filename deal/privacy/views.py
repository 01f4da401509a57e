"""A resident reads all their words, takes them back, and sees who has opened them."""

from itertools import groupby
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from deal.access import open_to, own_or_404, resident_url
from deal.assessment.translations import beside
from deal.audit import AccessLog
from deal.clock import day_of, now, today
from deal.conversations.models import Note
from deal.db import db
from deal.forms import EmptyForm, Form, validate_or_400
from deal.goals.forms import STATES
from deal.goals.models import CheckIn, Goal, Wording, reword
from deal.pagination import page_of
from deal.people import Role, names_apart, typed_now
from deal.privacy import bp
from deal.privacy.forms import NOT_MINE
from deal.privacy.words import PARTS, Said, by_way, part_page, said_by, take_back, typed_for
from deal.undo import cannot_be_undone, forget_what_was_sent_about

# the pages on which staff read somebody's words, as residents know them
PAGES_OF_WORDS = {
    "residents.resident": _l("your page"),
    "goals.index": _l("your goals"),
    "goals.goal": _l("one of your goals"),
    "deals.index": _l("your deal"),
    "deals.promise": _l("one of the promises"),
    "caseload.today": _l("the first words of something new, on their list for the day"),
    "residents.timeline": _l("what happened, day by day"),
    "blockers.blocker": _l("one thing that got in your way"),
    "printing.paper": _l("your story so far, on paper"),
    "printing.deal": _l("your deal, on paper"),
    "printing.deal_now": _l("your deal, on paper"),
    "printing.what_i_did": _l("what you did, on paper"),
    "printing.visit": _l("your page, on paper, for a visit"),
}
# the pages on which they do something for somebody
OPENED = {
    "goals.new": _l("a page to write a goal with you"),
    "conversations.new": _l("a page to write down a talk"),
    "auth.make_new_pin": _l("a new PIN for you"),
    "residents.change": _l("a page to change something about you"),
    "printing.print_page": _l("a page to print something for you"),
    "printing.booklet": _l("About me on paper, empty, to write on"),
    "printing.make_card": _l("a card for you to send back"),
}
ELSEWHERE = _l("a page on which they write for you")


@bp.get("/residents/<int:resident_id>/looks")
@open_to(Role.RESIDENT)
def looks(resident_id):
    """Who read what on which day, newest first; the hour behind a press."""
    resident = own_or_404(resident_id)
    mine = select(AccessLog).where(AccessLog.resident_id == resident.id).options(joinedload(AccessLog.staff))
    page = page_of(mine, AccessLog.id.desc(), after=request.args.get("after"), size=50)
    named = names_apart([look.staff for look in page.rows], "phone")
    days = []
    for day, looks in groupby(page.rows, key=lambda look: day_of(look.hour)):
        rows = list(looks)
        staff = dict.fromkeys(look.staff_id for look in rows)  # whoever was last first
        said = [_sentence(named[one], [row for row in rows if row.staff_id == one]) for one in staff]
        days.append((day, said, rows))
    return render_template("privacy/looks.html", page=page, days=days, named=named, page_name=_page_name)


def _page_name(look: AccessLog) -> Any:
    return PAGES_OF_WORDS.get(look.page) or OPENED.get(look.page, ELSEWHERE)


def _sentence(name: str, mine: list[AccessLog]) -> dict[str, str]:
    """What one of the staff read that day, and what they opened, each page once."""
    read = dict.fromkeys(str(_page_name(look)) for look in reversed(mine) if look.page in PAGES_OF_WORDS)
    opened = dict.fromkeys(str(_page_name(look)) for look in reversed(mine) if look.page not in PAGES_OF_WORDS)
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
    answers = pages["answers"].rows if "answers" in pages else []
    return render_template(
        "privacy/words.html",
        resident=resident,
        pages=pages,
        languages=LANGUAGES,
        states=STATES,
        ways=by_way(answers),
        beside=beside(row[0] for row in answers),
    )


@bp.get("/residents/<int:resident_id>/words/<kind>/<int:said_id>/take-back")
@open_to(Role.RESIDENT)
def ask_take_back(resident_id, kind, said_id):
    row = _said_or_404(resident_id, kind, said_id)
    if row.taken_back_at:
        return redirect(_way_back(resident_id, kind), 303)
    way_back = _way_back(resident_id, kind)
    return render_template(
        "privacy/take_back.html", press=EmptyForm(), row=row, kind=kind, way_back=way_back, today=today()
    )


@bp.post("/residents/<int:resident_id>/words/<kind>/<int:said_id>/take-back")
@open_to(Role.RESIDENT)
@cannot_be_undone("words that are taken back are gone for good")
def taken_back(resident_id, kind, said_id):
    """Gone, with every version of it."""
    row = _said_or_404(resident_id, kind, said_id)
    validate_or_400()
    forget_what_was_sent_about(resident_id)
    take_back(row, kind)
    flash(_("That is taken back. No word of it is left."))
    return redirect(_way_back(resident_id, kind), 303)


def _way_back(resident_id: int, kind: str) -> str:
    """What they asked the managers stands on its own page."""
    return url_for("manager_requests.asks" if kind == "ask" else ".words", resident_id=resident_id)


def _said_or_404(resident_id: int, kind: str, said_id: int) -> Said:
    resident = own_or_404(resident_id)
    return said_by(resident, kind, said_id) or abort(404)


MARKED = {
    "wording": _l("Saved. This goal has your own words now."),
    "note": _l("Marked as not agreed. It will never be printed."),
    "check-in": _l("Marked as not agreed. It will never be printed. You can tell it in your own words here."),
}


@bp.get("/residents/<int:resident_id>/words/<kind>/<int:typed_id>/not-mine")
@open_to(Role.RESIDENT)
def not_mine(resident_id, kind, typed_id):
    """That's not what I said: what would you say?"""
    row = _typed_for_me_or_404(resident_id, kind, typed_id)
    return _not_mine_page(row, kind, NOT_MINE[kind]())


@bp.post("/residents/<int:resident_id>/words/<kind>/<int:typed_id>/not-mine")
@open_to(Role.RESIDENT)
def say_it_myself(resident_id, kind, typed_id):
    """What staff typed is marked "not agreed"; the resident's own words stand on the goal, or beside the note."""
    row = _typed_for_me_or_404(resident_id, kind, typed_id)
    form = NOT_MINE[kind]()
    if not form.validate():
        return _not_mine_page(row, kind, form), 422
    _say_instead(row, form["words"].said if "words" in form else None)
    row.not_agreed_at = row.not_agreed_at or now()
    db.session.commit()
    flash(str(MARKED[kind]))
    return redirect(_place_of(row), 303)


def _say_instead(row: Wording | CheckIn | Note, words: str | None) -> None:
    """A goal always gets the resident's words; a check-in is told anew on the goal's page. The caller commits."""
    if isinstance(row, Wording):
        wording = Wording(words=words, said_by_id=current_user.id, **typed_now())
        reword(db.session.get_one(Goal, row.goal_id), wording)
    elif isinstance(row, Note) and words:
        own = Note(conversation_id=row.conversation_id, words=words, taking_away=row.taking_away, **typed_now())
        db.session.add(own)


def _not_mine_page(row: Wording | CheckIn | Note, kind: str, form: Form) -> str:
    return render_template("privacy/not_mine.html", row=row, kind=kind, form=form, way_back=_place_of(row))


def _place_of(row: Wording | CheckIn | Note) -> str:
    """Where those words stand."""
    if isinstance(row, Note):
        place = f"talk-{row.conversation_id}"
        return resident_url(current_user.id, f"/timeline?kind=talks&at={place}#{place}")
    anchor = "check-in" if isinstance(row, CheckIn) else None
    return url_for("goals.goal", resident_id=current_user.id, goal_id=row.goal_id, _anchor=anchor)


def _typed_for_me_or_404(resident_id: int, kind: str, typed_id: int) -> Wording | CheckIn | Note:
    return typed_for(own_or_404(resident_id), kind, typed_id) or abort(404)
