"""A resident agreed to the promise on paper: the day, and who saw it."""

from flask import redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField
from wtforms.validators import InputRequired

from deal.access import open_to, resident_or_404
from deal.accounts import bp
from deal.accounts.models import Consent, consent_of
from deal.db import add_once, db, today
from deal.forms import DayField, Form
from deal.people import Person, Role
from deal.settings import PROMISE


class AgreementForm(Form):
    on_paper = DayField(
        _l("On which day did they agree?"),
        within=(-366 * 100, 0),
        otherwise=_l("That day is still to come. Choose the day they agreed."),
        default=today,
        validators=[InputRequired(_l("Choose the day they agreed."))],
        description=_l("The day that they wrote on the paper."),
    )
    seen = BooleanField(
        _l("I saw the paper, and these are the words on it"),
        validators=[InputRequired(_l("Tick the box if you saw the paper yourself."))],
    )


@bp.get("/residents/<int:resident_id>/agreement")
@open_to(Role.COACH)
def agreement(resident_id):
    """What they agreed to, and whether they have."""
    return _page(resident_or_404(resident_id), AgreementForm())


@bp.post("/residents/<int:resident_id>/agreement")
@open_to(Role.COACH)
def keep_agreement(resident_id):
    """Keep the day, the wording and who saw it."""
    resident = resident_or_404(resident_id)
    form = AgreementForm()
    if not form.validate():
        return _page(resident, form), 422
    wording = "\n".join(_(sentence) for sentence in PROMISE)
    said = {"wording": wording, "language": str(get_locale()), "on_paper": form.on_paper.data}
    add_once(Consent(resident_id=resident.id, seen_by_id=current_user.id, once_key=form.once_key, **said))
    db.session.commit()
    return redirect(url_for("assessment.type_in", resident_id=resident_id), 303)


def _page(resident: Person, form: AgreementForm) -> str:
    page = {"resident": resident, "consent": consent_of(resident), "promise": PROMISE}
    return render_template("accounts/agreement.html", form=form, **page)
