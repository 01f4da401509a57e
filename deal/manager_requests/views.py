"""What managers have to answer: what residents ask of them, with a name, and what got in residents' way, without."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from deal.access import open_to, own_or_404
from deal.blockers import models
from deal.blockers.forms import WHOSE, GatherForm
from deal.blockers.models import Blocker, Heading
from deal.caseload.forms import GiveForm
from deal.caseload.views import arrange
from deal.clock import now
from deal.db import db, lock, number_sent
from deal.manager_requests import bp
from deal.manager_requests.forms import ASK_KINDS, AnswerForm, AskForm
from deal.manager_requests.models import ManagerRequest, RequestKind
from deal.names import isolated
from deal.pagination import Page, page_of
from deal.people import Person, Role, is_open, names_apart, squeezed


@bp.get("/residents/<int:resident_id>/asks")
@open_to(Role.RESIDENT)
def asks(resident_id):
    """Ask the managers, and read what they answered."""
    return _own_page(own_or_404(resident_id), AskForm(kind=request.args.get("kind")))


@bp.post("/residents/<int:resident_id>/asks")
@open_to(Role.RESIDENT)
def ask(resident_id):
    """Straight to the managers; the coach does not see it."""
    resident = own_or_404(resident_id)
    form = AskForm()
    if not form.validate():
        return _own_page(resident, form), 422
    kind, language = RequestKind(form.kind.data), str(get_locale())
    db.session.add(ManagerRequest(resident_id=resident.id, kind=kind, words=form.words.said, language=language))
    db.session.commit()
    flash(_("The managers can read it now. Your coach cannot."))
    return redirect(url_for(".asks", resident_id=resident_id), 303)


def asks_page(after: str | None) -> Page:
    """What residents ask: the open ones first and the oldest of them, then the newest that have an answer."""
    is_open = ManagerRequest.answered_at.is_(None)
    place = db.case((is_open, 0), else_=1), db.case((is_open, ManagerRequest.id), else_=-ManagerRequest.id)
    return page_of(_open_asks().options(joinedload(ManagerRequest.answered_by)), *place, after=after)


def names_of(*asks: ManagerRequest) -> dict[int, str]:
    """By number those who ask; with their label only where somebody else of that name has asked too."""
    people = [one.resident for one in asks]
    if not people:
        return {}
    key = squeezed(Person.name_key)
    asked = (
        select(key)
        .join(ManagerRequest, ManagerRequest.resident_id == Person.id)
        .where(key.in_({one.squeezed_key for one in people}))
    )
    twice = set(db.session.scalars(asked.group_by(key).having(func.count(Person.id.distinct()) > 1)))
    return {one.id: one.full_name if one.squeezed_key in twice else one.name for one in people}


@bp.get("/asks/<int:ask_id>")
@open_to(Role.MANAGER)
def one_ask(ask_id):
    """What somebody asks, with an answer to write, and another coach to give where that is asked for."""
    return _one_page(_ask_or_404(ask_id))


@bp.post("/asks/<int:ask_id>")
@open_to(Role.MANAGER)
def answer_ask(ask_id):
    """Keep the answer with its day; the resident reads it."""
    found = _ask_or_404(ask_id)
    form = AnswerForm()
    if not form.validate():
        return _one_page(found, form), 422
    lock(ManagerRequest, found.id)
    db.session.refresh(found)
    if (found.answer, found.answered_by_id) != (form.answer.data, current_user.id):
        if not form.is_fresh(found.answered_at):
            return _one_page(found, form), 409
        found.answer, found.answered_at, found.answered_by_id = form.answer.data, now(), current_user.id
        db.session.commit()
    flash(_("%(name)s can read your answer now.", name=isolated(found.resident.name)))
    return redirect(url_for("manager_requests.needs_answer"), 303)


def _one_page(found: ManagerRequest, form: AnswerForm | None = None, coach_form: GiveForm | None = None) -> str:
    """Its version is when it was answered: nobody's answer goes unread."""
    form = form or AnswerForm(formdata=None, answer=found.answer, version=found.answered_at or "0")
    if found.kind is RequestKind.OTHER_COACH and coach_form is None:
        coach_form = GiveForm("manager_requests.give_other_coach", found.resident, formdata=None)
    name = names_of(found)[found.resident_id]
    return render_template(
        "manager_requests/ask.html", ask=found, name=name, kinds=ASK_KINDS, form=form, coach_form=coach_form
    )


def _own_page(resident: Person, form: AskForm) -> str:
    query = select(ManagerRequest).where(ManagerRequest.resident_id == resident.id)
    page = page_of(query, ManagerRequest.id.desc(), after=request.args.get("after"), size=10)
    return render_template("manager_requests/asks.html", form=form, page=page, kinds=ASK_KINDS)


@bp.post("/asks/<int:ask_id>/coach")
@open_to(Role.MANAGER)
def give_other_coach(ask_id):
    """The new coach sees the words and the old one does not; the ask still wants an answer."""
    asked = _ask_or_404(ask_id, ManagerRequest.kind == RequestKind.OTHER_COACH)
    form = GiveForm("manager_requests.give_other_coach", asked.resident)
    if not arrange(form):
        return _one_page(asked, coach_form=form), 409 if form.moved in form.form_errors else 422
    flash(_("%(name)s has another coach now. Write to them that it is done.", name=isolated(asked.resident.name)))
    return redirect(url_for(".one_ask", ask_id=ask_id), 303)


def _open_asks() -> Select:
    """What residents ask whose pages are not closed."""
    return (
        select(ManagerRequest)
        .join(ManagerRequest.resident)
        .where(is_open(ManagerRequest, now()))
        .options(contains_eager(ManagerRequest.resident))
    )


def _ask_or_404(ask_id: int, *where: Any) -> ManagerRequest:
    return db.session.scalar(_open_asks().where(ManagerRequest.id == ask_id, *where)) or abort(404)


# -- what managers have to answer: asks with a name, blockers without; and what was changed, for everybody to read


@bp.get("/asks")
@open_to(Role.MANAGER)
def needs_answer():
    """What residents ask, what they passed on, and the headings: the oldest first."""
    return _needs_answer(GatherForm())


@bp.post("/blockers")
@open_to(Role.MANAGER)
def gather_them():
    """Put the ticked ones under a heading, a new one or one that is there."""
    form = GatherForm()
    if not form.validate():
        return _needs_answer(form), 422
    loose = Blocker.heading_id.is_(None) | (Blocker.heading_id == number_sent(form.heading.data))
    if not (numbers := models.marked(form.ticked, models.PASSED, loose)):
        return _nothing_gathered(form)
    heading = _heading(form)
    if not (moved := models.gather(numbers, heading)):
        db.session.rollback()  # with the new heading, that nothing would stand under
        return _nothing_gathered(form)
    db.session.commit()
    _say_gathered(moved, len(form.ticked) - moved)
    return redirect(url_for("blockers.heading", heading_id=heading.id), 303)


def _say_gathered(moved: int, left: int) -> None:
    flash(ngettext("%(num)s is under the heading now.", "%(num)s are under the heading now.", moved))
    if left:
        flash(
            ngettext("%(num)s was gathered or taken back before.", "%(num)s were gathered or taken back before.", left)
        )


def _heading(form: GatherForm) -> Heading:
    """The chosen heading, or a new one; the caller commits."""
    if form.heading.data:
        return db.session.get_one(Heading, int(form.heading.data))
    fresh = Heading(words=form.words.data, language=str(get_locale()), made_by_id=current_user.id)
    db.session.add(fresh)
    db.session.flush()
    return fresh


def _nothing_gathered(form: GatherForm) -> tuple[str, int]:
    form.form_errors.append(_("Somebody has gathered these already, or they were taken back. Look once more."))
    form.ticked = set()
    return _needs_answer(form), 422


def _needs_answer(form: GatherForm) -> str:
    asks, headings = asks_page(request.args.get("asks")), models.headings_page(request.args.get("headings"))
    return render_template(
        "manager_requests/needs_answer.html",
        asks=asks,
        kinds=ASK_KINDS,
        named=names_of(*asks.rows),
        owners=names_apart([row[0].owner for row in headings.rows if row[0].owner], "email"),
        loose=models.loose_page(request.args.get("after")),
        headings=headings,
        form=form,
        whose=WHOSE,
    )
