"""A resident asks the managers for something: another coach, or that something wrong is put right. No coach sees it.

A manager gives whoever asked for it another coach; neither of the two learns whom the resident shuts out.
"""

import enum
from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import ForeignKey, Select, String, Text, func, select
from sqlalchemy.orm import Mapped, contains_eager, joinedload, mapped_column, relationship

from deal.access import open_to, own_or_404
from deal.accounts.assignment_forms import GiveForm
from deal.accounts.hand_over import arrange
from deal.conversations import bp
from deal.db import Page, db, index_where, lock, now, page_of, values_of
from deal.forms import Form, OneOfField, VersionedForm, WordsField, choices_of
from deal.names import isolated
from deal.people import Person, Role, is_open, squeezed


class AskKind(enum.Enum):
    OTHER_COACH = "other_coach"
    SOMETHING_WRONG = "something_wrong"


KINDS = {AskKind.OTHER_COACH: _l("I would like a different coach"), AskKind.SOMETHING_WRONG: _l("Something is wrong")}


class Ask(db.Model):
    """What a resident asked the managers, and when it was answered. Managers see the name and this, nothing else."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[AskKind] = mapped_column(values_of(AskKind))
    words: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]  # by the resident: no word of it is left
    answer: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    resident: Mapped[Person] = relationship(foreign_keys=resident_id)
    answered_by: Mapped[Person | None] = relationship(foreign_keys=answered_by_id)

    __table_args__ = (index_where("answered_at IS NULL", "ix_ask_open", "answered_at", "resident_id"),)


class AskForm(Form):
    kind = OneOfField(_l("What is it about?"), choices=choices_of(KINDS), needed=_l("Choose what it is about."))
    words = WordsField(_l("Would you like to say more?"), description=_l("You can leave this empty."))


class AnswerForm(VersionedForm):
    sent_to = "conversations.answer_ask"
    answer = WordsField(_l("Your answer"), needed=_l("Write what you have done, or will do."), render_kw={"rows": 3})


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
    said = {"kind": AskKind(form.kind.data), "words": form.words.said, "language": str(get_locale())}
    db.session.add(Ask(resident_id=resident.id, **said))
    db.session.commit()
    flash(_("The managers can read it now. Your coach cannot."))
    return redirect(url_for(".asks", resident_id=resident_id), 303)


def asks_page(after: str | None) -> Page:
    """What residents ask: the open ones first and the oldest of them, then the newest that have an answer."""
    is_open = Ask.answered_at.is_(None)
    place = db.case((is_open, 0), else_=1), db.case((is_open, Ask.id), else_=-Ask.id)
    return page_of(_open_asks().options(joinedload(Ask.answered_by)), *place, after=after)


def names_of(*asks: Ask) -> dict[int, str]:
    """By number those who ask; with their label only where somebody else of that name has asked too."""
    people = [one.resident for one in asks]
    if not people:
        return {}
    key = squeezed(Person.name_key)
    asked = select(key).join(Ask, Ask.resident_id == Person.id).where(key.in_({one.squeezed_key for one in people}))
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
    lock(Ask, found.id)
    db.session.refresh(found)
    if (found.answer, found.answered_by_id) != (form.answer.data, current_user.id):
        if not form.is_fresh(_answered(found)):
            return _one_page(found, form), 409
        found.answer, found.answered_at, found.answered_by_id = form.answer.data, now(), current_user.id
        db.session.commit()
    flash(_("%(name)s can read your answer now.", name=isolated(found.resident.name)))
    return redirect(url_for("learning.needs_answer"), 303)


def _one_page(found: Ask, form: AnswerForm | None = None, coach_form: GiveForm | None = None) -> str:
    if form is None:
        form = AnswerForm(formdata=None, answer=found.answer, version=_answered(found) or "0")
    if found.kind is AskKind.OTHER_COACH and coach_form is None:
        coach_form = GiveForm("conversations.give_other_coach", found.resident, formdata=None)
    page = {"ask": found, "name": names_of(found)[found.resident_id], "kinds": KINDS, "form": form}
    return render_template("conversations/ask.html", coach_form=coach_form, **page)


def _answered(found: Ask) -> str | None:
    """The version of an ask: nobody's answer goes unread."""
    return found.answered_at.isoformat() if found.answered_at else None


def _own_page(resident: Person, form: AskForm) -> str:
    query = select(Ask).where(Ask.resident_id == resident.id)
    page = page_of(query, Ask.id.desc(), after=request.args.get("after"), size=10)
    return render_template("conversations/asks.html", form=form, page=page, kinds=KINDS)


@bp.post("/asks/<int:ask_id>/coach")
@open_to(Role.MANAGER)
def give_other_coach(ask_id):
    """The new coach sees the words and the old one does not; the ask still wants an answer."""
    asked = _ask_or_404(ask_id, Ask.kind == AskKind.OTHER_COACH)
    form = GiveForm("conversations.give_other_coach", asked.resident)
    if not arrange(form):
        return _one_page(asked, coach_form=form), 409 if form.moved in form.form_errors else 422
    flash(_("%(name)s has another coach now. Write to them that it is done.", name=isolated(asked.resident.name)))
    return redirect(url_for(".one_ask", ask_id=ask_id), 303)


def _open_asks() -> Select:
    """What residents ask whose pages are not closed."""
    return select(Ask).join(Ask.resident).where(is_open(Ask, now())).options(contains_eager(Ask.resident))


def _ask_or_404(ask_id: int, *where: Any) -> Ask:
    return db.session.scalar(_open_asks().where(Ask.id == ask_id, *where)) or abort(404)
