"""A question as its page and its draft load it; what is typed is kept for their own eyes, until they press Save."""

from typing import Any

from flask import abort, request, url_for
from flask_babel import format_time
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import also_with_a_helper, open_to, own_or_404
from deal.assessment import bp
from deal.assessment.forms import form_for
from deal.assessment.models import HELPED, Answer, Assessment, answers_in, assessment_of, drop_draft, keep_draft
from deal.assessment.questions import Question
from deal.assessment.ways import Answers
from deal.db import db
from deal.people import Person, Role
from deal.undo import cannot_be_undone

NOT_KEPT = {"csrf_token", "once", "version"}  # of the page, not of the person


def question_or_404(resident: Person, number: int, key: str) -> tuple[Assessment, Answers, Question]:
    """The question of that way through; one of another version is not there."""
    assessment = assessment_of(resident, number) or abort(404)
    found = next((one for one in assessment.question_set.questions() if one.key == key), None)
    return assessment, answers_in(assessment), found or abort(404)


def place_of(assessment: Assessment, question: Question) -> str:
    """Where a draft of this question is kept: the path of its page, by which taking back finds it too.

    What is typed beside a helper has a place of its own.
    """
    way: dict[str, Any] = {"resident_id": assessment.resident_id, "number": assessment.id, "key": question.key}
    return url_for("assessment.question", **way) + (HELPED if current_user.helper else "")


def is_closed(answer: Answer | None) -> bool:
    """Whether somebody sits beside the resident who was not there when this was said."""
    if answer is None or not current_user.helper:
        return False
    return answer.helper is None or answer.given_at < current_user.helped_since


def keep_page() -> dict[str, Any]:
    """Keep a whole form as staff fill it in, for the page whose address this one continues; one sentence, as JSON."""
    fields = {name: values for name, values in request.form.lists() if name not in NOT_KEPT}
    return _kept(request.path.removesuffix("/draft"), fields)


@bp.post("/residents/<int:resident_id>/about-me/<int:number>/<key>/draft")
@open_to(Role.RESIDENT)
@also_with_a_helper
@cannot_be_undone("a draft is kept while somebody types")
def draft(resident_id, number, key):
    """The page's script sends what is typed a moment after a pause; the answer is one sentence, as JSON."""
    resident = own_or_404(resident_id)
    assessment, answers, question = question_or_404(resident, number, key)
    if is_closed(answers.get(key)):
        abort(409)  # nor may a helper find out by guessing
    form = form_for(question, None)
    if not form.validate():
        sentences = [*form.form_errors, *(error for field in form for error in field.errors)]
        return {"sentence": str(sentences[0])}, 422
    place = place_of(assessment, question)
    if Answer(**form.answer()).says_the_same_as(answers.get(key)):
        drop_draft(place, resident)  # the page and the record say the same
        db.session.commit()
        return {"sentence": _("This is saved.")}
    return _kept(place, form.typed())


def _kept(place: str, fields: dict[str, Any]) -> dict[str, Any]:
    kept = keep_draft(place, current_user, fields)
    return {"sentence": _("Kept at %(time)s", time=format_time(kept.kept_at, "HH:mm"))}
