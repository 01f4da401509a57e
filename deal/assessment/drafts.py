"""What somebody types is kept as they go, for their own eyes, until they press Save."""

from typing import Any

from flask import abort, request
from flask_babel import format_time
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import also_with_a_helper, open_to, own_or_404
from deal.assessment import bp
from deal.assessment.forms import form_for
from deal.assessment.models import Answer, drop_draft, keep_draft
from deal.assessment.pages import is_closed, place_of, question_or_404
from deal.db import db
from deal.people import Role

NOT_KEPT = {"csrf_token", "once", "newest", "version"}  # of the page, not of the person


def keep_page() -> dict[str, Any]:
    """Keep a whole form as staff fill it in, for the page whose address this one continues; one sentence, as JSON."""
    fields = {name: values for name, values in request.form.lists() if name not in NOT_KEPT}
    kept = keep_draft(request.path.removesuffix("/draft"), current_user, fields)
    return {"sentence": _("Kept at %(time)s", time=format_time(kept.kept_at, "HH:mm"))}


@bp.post("/residents/<int:resident_id>/about-me/<int:number>/<key>/draft")
@open_to(Role.RESIDENT)
@also_with_a_helper
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
    kept = keep_draft(place, resident, form.typed())
    return {"sentence": _("Kept at %(time)s", time=format_time(kept.kept_at, "HH:mm"))}
