"""A coach types in what a resident says or has written on paper: all questions at once, word for word."""

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import open_to, resident_or_404, resident_url
from deal.assessment import bp
from deal.assessment.forms import AgreementForm, TypeInForm
from deal.assessment.models import Assessment, newest_number
from deal.db import db, lock
from deal.forms import form_page
from deal.invitations.models import Consent, consent_of
from deal.invitations.onboarding import promise_shown
from deal.names import isolated
from deal.people import Person, Role
from deal.settings import PROMISE


@bp.get("/residents/<int:resident_id>/about-me/type-in")
@open_to(Role.COACH)
def type_in(resident_id):
    """All questions on one page, with what was typed and not saved; before that, what they have to agree to."""
    resident = resident_or_404(resident_id)
    consent = consent_of(resident)
    if consent is None:
        return _agreement_page(resident, AgreementForm())
    form = TypeInForm(resident, None)
    form.starts_from(form.as_it_stands)
    return _page(form, consent)


@bp.post("/residents/<int:resident_id>/agreement")
@open_to(Role.COACH)
def keep_agreement(resident_id):
    """Keep the day on the paper, the wording and who saw it."""
    resident, form = resident_or_404(resident_id), AgreementForm()
    if not form.validate():
        return _agreement_page(resident, form)
    seen = {"on_paper": form.on_paper.data, "seen_by_id": current_user.id}
    db.session.add(Consent(resident_id=resident.id, **promise_shown(), **seen))
    db.session.commit()
    return redirect(url_for(".type_in", resident_id=resident_id), 303)


@bp.post("/residents/<int:resident_id>/about-me/type-in")
@open_to(Role.COACH)
def typed_in(resident_id):
    """Keep what was typed; the resident is asked whether that is what they said."""
    resident = resident_or_404(resident_id)
    if consent_of(resident) is None:
        return redirect(url_for(".type_in", resident_id=resident_id), 303)
    # first, so that nobody saves between what is read here and what is kept
    lock(Person, resident.id)
    lock(Assessment, newest_number(resident))
    form = TypeInForm(resident, request.form)
    if not form.is_fresh(form.as_it_stands):
        return _page(form), 409
    if not (form.validate() and form.says_something()):
        return _page(form), 422
    form.store()
    db.session.commit()
    flash(_("Saved. Read it back to %(name)s when you can.", name=isolated(resident.full_name)))
    return redirect(resident_url(resident_id, "/read-back"), 303)


def _agreement_page(resident: Person, form: AgreementForm) -> tuple[str, int]:
    return form_page("assessment/agreement.html", form, resident=resident, promise=PROMISE)


def _page(form: TypeInForm, consent: Consent | None = None) -> str:
    faults = form.sentences()
    page = {"resident": form.resident, "typed": form, "faults": faults, "consent": consent}
    return render_template("assessment/type_in.html", has_errors=bool(faults), **page)
