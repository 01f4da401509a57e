"""An answer that may be a repair or a complaint: the coach asks, and writes down whether it was reported."""

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select, update

from deal.access import open_to, resident_or_404
from deal.assessment import bp
from deal.assessment.models import Answer, Report
from deal.assessment.questions import MAY_BRING_UP_REPAIRS, Question
from deal.db import db, now
from deal.forms import press_or_400
from deal.names import isolated
from deal.people import Role


@bp.post("/residents/<int:resident_id>/answers/<int:answer_id>/report")
@open_to(Role.COACH)
def report(resident_id, answer_id):
    """Reported for them, or they do not want that. What was pressed first stays; newer words are asked about anew."""
    resident = resident_or_404(resident_id)
    query = select(Answer.words).join(Answer.question).where(Question.key.in_(MAY_BRING_UP_REPAIRS))
    found = db.session.execute(query.where(Answer.id == answer_id, Answer.resident_id == resident.id)).first()
    which = request.form.get("report")
    if found is None:
        abort(404)
    if which not in [one.value for one in Report]:
        abort(400)
    press_or_400()
    if found.words is None:
        flash(_("%(name)s has taken these words back. Nothing is written down.", name=isolated(resident.full_name)))
    else:
        # of two presses the first one holds
        still_open = update(Answer).where(Answer.id == answer_id, Answer.report.is_(None))
        db.session.execute(still_open.values(report=Report(which), report_at=now(), report_by_id=current_user.id))
        db.session.commit()
        flash(_("That is written down. %(name)s can read it.", name=isolated(resident.full_name)))
    return redirect(url_for("home.resident", resident_id=resident_id, _anchor="words"), 303)
