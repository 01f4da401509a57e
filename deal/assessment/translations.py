"""A translation may stand beside an answer, marked with who made it; the answer itself is never translated over."""

from collections.abc import Iterable

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from deal.access import open_to, resident_or_404
from deal.assessment import bp
from deal.assessment.models import Answer, Translation, what_holds
from deal.db import db, lock
from deal.forms import Form, LineField, OneOfField, WordsField, choices_of
from deal.people import Person, Role
from deal.settings import languages

HOLDS = Answer.superseded_at.is_(None), Answer.words.is_not(None)
NAMES = {"en": _l("English"), "cy": _l("Cymraeg")}


def beside(answers: Iterable[Answer]) -> dict[int, list[Translation]]:
    """What stands beside these answers, by the answer's number: the newest translation into each language."""
    return {one.id: list({row.language: row for row in one.translations}.values()) for one in answers}


class TranslationForm(Form):
    words = WordsField(_l("The same in another language"), needed=_l("Write the words in the other language."))
    language = OneOfField(
        _l("Which language is that?"),
        needed=_l("Choose the language."),
        choices=lambda: choices_of({one: NAMES[one] for one in languages()}),
    )
    made_by = LineField(
        _l("Who made it?"),
        description=_l("For example a name, or the program that was used."),
        needed=_l("Write who made it, so that everybody knows."),
    )


@bp.get("/residents/<int:resident_id>/answers/<int:answer_id>/translation")
@open_to(Role.RESIDENT, Role.COACH)
def translation(resident_id, answer_id):
    """Put an answer into another language."""
    resident = resident_or_404(resident_id)
    return _page(resident, _answer_or_404(resident, answer_id), TranslationForm())


@bp.post("/residents/<int:resident_id>/answers/<int:answer_id>/translation")
@open_to(Role.RESIDENT, Role.COACH)
def translate(resident_id, answer_id):
    """It stands beside the answer, whose own words stay as they are."""
    resident = resident_or_404(resident_id)
    lock(Answer, answer_id)  # nobody takes it back or changes it before the translation is stored
    answer, form = _answer_or_404(resident, answer_id), TranslationForm()
    if not form.validate():
        return _page(resident, answer, form), 422
    put = {name: form[name].data for name in ("words", "language", "made_by")}
    db.session.add(Translation(answer_id=answer.id, typed_by_id=current_user.id, **put))
    db.session.commit()
    flash(_("The translation stands beside the answer now."))
    return redirect(_way_back(resident), 303)


def _page(resident: Person, answer: Answer, form: TranslationForm) -> str:
    page = {"resident": resident, "answer": answer, "beside": beside([answer])[answer.id], "form": form}
    return render_template("assessment/translation.html", way_back=_way_back(resident), **page)


def _way_back(resident: Person) -> str:
    return url_for("privacy.words" if current_user.is_resident else "home.resident", resident_id=resident.id)


def _answer_or_404(resident: Person, number: int) -> Answer:
    """An answer with words that hold; for a coach, one that stands on the resident's page."""
    hers = select(Answer).where(Answer.id == number, Answer.resident_id == resident.id, *HOLDS)
    answer = db.session.scalar(hers.options(joinedload(Answer.question))) or abort(404)
    if current_user.is_coach and answer not in what_holds(resident)[1].values():
        abort(404)
    return answer
