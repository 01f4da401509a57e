"""A translation may stand beside an answer, marked with who made it; the answer itself is never translated over."""

from collections.abc import Iterable

from flask import abort, flash, redirect, render_template
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from deal.access import open_to, resident_or_404, resident_url
from deal.assessment import bp
from deal.assessment.forms import TranslationForm
from deal.assessment.models import Answer, Translation, current_answers
from deal.db import db, lock
from deal.people import Person, Role


def beside(answers: Iterable[Answer]) -> dict[int, list[Translation]]:
    """What stands beside these answers, by the answer's number: the newest translation into each language."""
    return {one.id: list({row.language: row for row in one.translations}.values()) for one in answers}


@bp.get("/residents/<int:resident_id>/answers/<int:answer_id>/translation")
@bp.post("/residents/<int:resident_id>/answers/<int:answer_id>/translation", endpoint="translate")
@open_to(Role.RESIDENT, Role.COACH)
def translation(resident_id, answer_id):
    """Put an answer into another language: that stands beside its own words, which stay as they are."""
    resident, form = resident_or_404(resident_id), TranslationForm()
    if form.is_submitted():
        lock(Answer, answer_id)  # nobody takes it back or changes it before the translation is stored
    answer = _answer_or_404(resident, answer_id)
    way_back = resident_url(resident.id, "/words" if current_user.is_resident else "")
    if form.validate_on_submit():
        put = {name: form[name].data for name in ("words", "language", "made_by")}
        db.session.add(Translation(answer_id=answer.id, typed_by_id=current_user.id, **put))
        db.session.commit()
        flash(_("The translation stands beside the answer now."))
        return redirect(way_back, 303)
    page = {"resident": resident, "answer": answer, "beside": beside([answer])[answer.id], "way_back": way_back}
    return render_template("assessment/translation.html", form=form, **page), 422 if form.is_submitted() else 200


def _answer_or_404(resident: Person, number: int) -> Answer:
    """An answer with words that hold; for a coach, one that stands on the resident's page."""
    hers = select(Answer).where(Answer.id == number, Answer.resident_id == resident.id)
    hers = hers.where(Answer.superseded_at.is_(None), Answer.words.is_not(None))
    answer = db.session.scalar(hers.options(joinedload(Answer.question))) or abort(404)
    if current_user.is_coach and answer not in current_answers(resident)[1].values():
        abort(404)
    return answer
