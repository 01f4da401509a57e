"""The end of About me: what they are good at; did this feel right; what they would rather have been asked."""

from datetime import date, datetime, timedelta

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select

from deal.access import open_to, own_or_404
from deal.assessment import bp
from deal.assessment.flow import asked, strengths
from deal.assessment.forms import YOU_SAID, PulseForm
from deal.assessment.models import Assessment, Feels, Pulse, Suggestion, answers_in, assessment_of, keep_pulse
from deal.clock import day_of, now
from deal.db import db
from deal.forms import EmptyForm
from deal.people import Person, Role, current_contact
from deal.settings import landlord


@bp.get("/residents/<int:resident_id>/about-me/<int:number>/done")
@open_to(Role.RESIDENT)
def done(resident_id, number):
    """What you are good at, on a card, and who will be in touch by when."""
    resident = own_or_404(resident_id)
    assessment = assessment_of(resident, number) or abort(404)
    if assessment.finished_at is None:
        return redirect(url_for(".check", resident_id=resident_id, number=number), 303)
    return _page(resident, assessment, PulseForm())


@bp.post("/residents/<int:resident_id>/about-me/<int:number>/pulse")
@open_to(Role.RESIDENT)
def felt(resident_id, number):
    """How it felt, once for each way through; and a better question, where they thought of one."""
    resident = own_or_404(resident_id)
    assessment = assessment_of(resident, number)
    if assessment is None or assessment.finished_at is None:
        abort(404)
    form = PulseForm()
    if not form.validate():
        return _page(resident, assessment, form), 422
    _keep(form, assessment)
    return redirect(url_for(".done", resident_id=resident_id, number=number), 303)


def in_touch_by(since: datetime) -> date:
    """The day by which a coach is in touch with whoever waits since then, as residents are told."""
    return day_of(since) + timedelta(days=landlord().contact_days)


def _page(resident: Person, assessment: Assessment, form: PulseForm) -> str:
    answers = answers_in(assessment)
    given = db.session.scalar(select(Pulse.feels).filter_by(assessment_id=assessment.id))
    return render_template(
        "assessment/done.html",
        resident=resident,
        assessment=assessment,
        answers=answers,
        press=EmptyForm(formdata=None),
        form=form,
        you_said=YOU_SAID[given] if given else None,
        strengths=strengths(assessment, answers),
        coach=current_contact(resident),
        by=in_touch_by(assessment.finished_at or now()),
        further=[one for one in asked(assessment, answers, core=False) if one.key not in answers],
    )


def _keep(form: PulseForm, assessment: Assessment) -> None:
    """The pulse, and the better question. Commits."""
    resident_id = assessment.resident_id
    if form.words.said:
        better = {"question_set_id": assessment.question_set_id, "words": form.words.data}
        db.session.add(Suggestion(language=str(get_locale()), resident_id=resident_id, **better))
        flash(_("Thank you. Managers can read your question when these four weeks are over, without your name."))
    else:
        flash(_("Thank you. It is saved."))
    if form.feels.data:
        keep_pulse(resident_id, Feels(form.feels.data), assessment_id=assessment.id)
    db.session.commit()
