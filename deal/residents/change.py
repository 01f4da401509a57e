"""What is rarely changed about somebody, on one page for their coach: cover, another coach, a PIN or letter, an end."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from sqlalchemy import select

from deal.access import open_to, resident_or_404
from deal.caseload.forms import CoverForm, GiveForm
from deal.caseload.views import arrange
from deal.contact.lifecycle import end_for_good
from deal.contact.models import Standing
from deal.db import db
from deal.forms import form_page
from deal.invitations.models import Invitation, newest_letter
from deal.names import isolated
from deal.people import Person, Role
from deal.residents import bp
from deal.residents.forms import GoneForm


@bp.get("/residents/<int:resident_id>/change")
@open_to(Role.COACH)
def change(resident_id):
    """All of it, each part folded."""
    return _page(resident_or_404(resident_id))


def _page(resident: Person, **sent: Any) -> Any:
    """The page's parts; the form that was sent, and has to be put right, stands in its own."""
    forms = {
        "cover": sent.get("cover") or _cover_form(resident, formdata=None),
        "hand_over": sent.get("hand_over") or _hand_over_form(resident, formdata=None),
        "gone": sent.get("gone") or GoneForm(formdata=None),
    }
    # a draft may be from before something changed
    shown = next((one for one in [*sent.values(), *forms.values()] if one.errors), None)
    newest = select(Invitation).where(Invitation.resident_id == resident.id, newest_letter())
    letter = None if resident.secret_hash else db.session.scalar(newest)
    return form_page("residents/change.html", shown, resident=resident, letter=letter, **forms)


def _cover_form(resident: Person, **kwargs: Any) -> CoverForm:
    return CoverForm("residents.keep_cover_of_one", resident, **kwargs).apart("cover")


def _hand_over_form(resident: Person, **kwargs: Any) -> GiveForm:
    return GiveForm("residents.hand_on", resident, asks_if_told=True, **kwargs).apart("hand-over")


@bp.post("/residents/<int:resident_id>/cover")
@open_to(Role.COACH)
def keep_cover_of_one(resident_id):
    """For those days the other coach sees this resident too."""
    resident = resident_or_404(resident_id)
    form = _cover_form(resident)
    if not arrange(form):
        return _page(resident, cover=form)
    coach, name = isolated(form.to.chosen.name), isolated(resident.full_name)
    flash(_("%(coach)s covers for you with %(name)s.", coach=coach, name=name))
    return redirect(url_for(".resident", resident_id=resident_id), 303)


@bp.post("/residents/<int:resident_id>/hand-over")
@open_to(Role.COACH)
def hand_on(resident_id):
    """From then on the new coach sees the words and the old one does not."""
    resident = resident_or_404(resident_id)
    form = _hand_over_form(resident)
    if not arrange(form):
        return _page(resident, hand_over=form)
    coach = isolated(form.to.chosen.name)
    flash(_("They are with %(coach)s now. You do not see their words any more.", coach=coach))
    return redirect(url_for("caseload.today"), 303)


@bp.post("/residents/<int:resident_id>/gone")
@open_to(Role.COACH)
def say_gone(resident_id):
    """Every list, letter and question stops; who has moved can still sign in for a while."""
    resident = resident_or_404(resident_id)
    form = GoneForm()
    if not form.validate():
        return _page(resident, gone=form)
    end_for_good(resident, Standing(form.standing.data))
    flash(_("Saved. %(name)s is on no list any more.", name=isolated(resident.full_name)))
    return redirect(url_for("caseload.today"), 303)
