"""Somebody is helping the resident: who is kept with the answers, and only the question on screen shows."""

from flask import redirect, render_template, url_for
from flask_login import current_user
from sqlalchemy import select

from deal.access import allow_in_assisted_mode, open_to, own_or_404
from deal.assessment import bp
from deal.assessment.flow import next_unanswered
from deal.assessment.forms import HELPERS, HelperForm
from deal.assessment.models import FirstTalkWait, answers_in, newest_assessment
from deal.auth.models import Helper, SignIn
from deal.clock import now
from deal.db import db
from deal.people import Role
from deal.undo import cannot_be_undone


@bp.get("/residents/<int:resident_id>/helped")
@bp.post("/residents/<int:resident_id>/helped", endpoint="begin_help")
@open_to(Role.RESIDENT)
@allow_in_assisted_mode
@cannot_be_undone("from here on the screen is in two people's hands")
def helped(resident_id):
    """Who is helping? Until signing out, what was said before stays closed, and the next question is all there is."""
    resident, form = own_or_404(resident_id), HelperForm()
    if form.is_submitted() and form.validate():
        sign_in = db.session.get_one(SignIn, current_user.sign_in_id)
        sign_in.helper, sign_in.helped_since = Helper(form.helper.data), sign_in.helped_since or now()
        db.session.commit()
        return redirect(url_for(".helped", resident_id=resident_id), 303)
    assessment = newest_assessment(resident)
    question = next_unanswered(assessment, answers_in(assessment)) if assessment else None
    wait = db.session.scalar(select(FirstTalkWait).filter_by(resident_id=resident.id))
    page = {"resident": resident, "assessment": assessment, "question": question, "form": form, "wait": wait}
    shown = render_template("assessment/helped.html", helpers=HELPERS, **page)
    return shown, 422 if form.is_submitted() else 200
