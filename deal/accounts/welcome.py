"""A resident comes in: the code, "is this for you?", the promise, a PIN, a sign-in name to keep.

Or they agree to the promise on paper: the day, and who saw it.
"""

import secrets
from typing import Any

from flask import abort, make_response, redirect, render_template, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import update
from wtforms import BooleanField
from wtforms.validators import InputRequired

from deal.access import open_to, open_to_everyone, own_or_404, resident_or_404
from deal.accounts import bp
from deal.accounts.codes import ALPHABET, NAME_LENGTH, plain
from deal.accounts.forms import CodeForm, PinForm
from deal.accounts.models import Consent, Invitation, consent_of, invitation_by_code
from deal.accounts.secrets import choose_secret
from deal.accounts.sessions import forget_name, let_in, remember_name
from deal.accounts.sign_in import done_already
from deal.dates import DayField
from deal.db import db, now, today
from deal.forms import Form, Press
from deal.people import Person, Role, who_is_there
from deal.settings import PROMISE


@bp.get("/code")
@open_to_everyone
def code():
    return render_template("accounts/code.html", form=CodeForm())


@bp.post("/code")
@open_to_everyone
def use_code():
    """Go on to the invitation, where there is one for what was typed: no wait, as nobody guesses 67 bits."""
    form = CodeForm()
    if form.validate():
        if invitation_by_code(form.code.code):
            return redirect(url_for(".welcome", code=form.code.code), 303)
        wrong = _("That code did not work. Check each letter, or ask your coach for a new letter.")
        form.code.errors = [wrong]
    return render_template("accounts/code.html", form=form), 422


@bp.get("/i/<code>")
@open_to_everyone
def welcome(code):
    """Is this for you? Opening this changes nothing."""
    return render_template("accounts/welcome.html", invitation=_alive_or_gone(code), press=Press())


@bp.post("/i/<code>")
@open_to_everyone
def is_it_me(code):
    """Yes, it is me; or no, it isn't, which shuts the code and tells the coach."""
    invitation = _alive_or_gone(code)
    if not Press().validate() or request.form.get("me") not in ("yes", "no"):
        return render_template("accounts/welcome.html", invitation=invitation, press=Press()), 422
    if request.form["me"] == "no":
        invitation.not_me_at = now()
        db.session.commit()
        return redirect(url_for(".not_me"), 303)
    invitation.opened_at = invitation.opened_at or now()
    db.session.commit()
    return redirect(url_for(".promise", code=plain(code)), 303)


@bp.get("/not-me")
@open_to_everyone
def not_me():
    """The letter reached somebody else."""
    return render_template("accounts/not_me.html")


@bp.get("/i/<code>/promise")
@open_to_everyone
def promise(code):
    """What we promise, who can read the words, and agree or no thanks."""
    return _promise_page(_alive_or_gone(code), code)


@bp.post("/i/<code>/promise")
@open_to_everyone
def answer_promise(code):
    """Agree, or no thanks: neither is ever a failure."""
    invitation = _alive_or_gone(code)
    answer, form = request.form.get("answer"), Press()
    if not form.validate() or answer not in ("agree", "no-thanks"):
        return _promise_page(invitation, code), 422
    if answer == "no-thanks":
        invitation.no_thanks_at = now()
        db.session.commit()
        return redirect(url_for(".no_thanks"), 303)
    _agree(invitation)
    return redirect(url_for(".choose_pin", code=plain(code)), 303)


def _promise_page(invitation: Invitation, code: str) -> str:
    page = {"invitation": invitation, "coach": who_is_there(invitation.resident), "code": plain(code)}
    return render_template("accounts/promise.html", promise=PROMISE, press=Press(), **page)


def _agree(invitation: Invitation) -> None:
    """Write the consent down once, with the wording that was on the page."""
    first = update(Invitation).where(Invitation.id == invitation.id, Invitation.agreed_at.is_(None))
    if db.session.execute(first.values(agreed_at=now())).rowcount:  # type: ignore[attr-defined]
        db.session.add(Consent(resident_id=invitation.resident_id, **_promise_shown()))
    invitation.opened_at = invitation.opened_at or now()
    if invitation.said_no_thanks:
        invitation.agreed_at = now()
    db.session.commit()


def _promise_shown() -> dict[str, str]:
    return {"wording": "\n".join(_(sentence) for sentence in PROMISE), "language": str(get_locale())}


@bp.get("/no-thanks")
@open_to_everyone
def no_thanks():
    """Nothing will change."""
    return render_template("accounts/no_thanks.html")


@bp.get("/i/<code>/pin")
@open_to_everyone
def choose_pin(code):
    """Choose a PIN. This browser is told the sign-in name again where the answer to choosing one gets lost."""
    invitation = _agreed_or_promise(code)
    session["letter"] = invitation.id
    return render_template("accounts/pin.html", form=PinForm(), invitation=invitation, code=plain(code))


@bp.post("/i/<code>/pin")
@open_to_everyone
def set_pin(code):
    """Keep the PIN's hash, give a sign-in name, sign in; the letter is used up."""
    form = PinForm()
    invitation = _agreed_or_promise(code)
    if not form.validate():
        return render_template("accounts/pin.html", form=form, invitation=invitation, code=plain(code)), 422
    resident = invitation.resident
    if not choose_secret(resident, form.pin.data or "", invitation):
        return _done_already(invitation)
    resident.sign_in_name = resident.sign_in_name or new_sign_in_name()
    let_in(resident)
    answer = make_response(redirect(url_for(".card", resident_id=resident.id), 303))
    return remember_name(answer, resident) if form.own_phone.data == "yes" else forget_name(answer)


def new_sign_in_name() -> str:
    """Eight letters and numbers; one in 78 thousand million, so a clash is a retry that nobody sees."""
    return "".join(secrets.choice(ALPHABET) for _ in range(NAME_LENGTH))


@bp.get("/residents/<int:resident_id>/card")
@open_to(Role.RESIDENT)
def card(resident_id):
    return render_template("accounts/card.html", resident=own_or_404(resident_id))


def _alive_or_gone(code: str) -> Invitation:
    invitation = invitation_by_code(code)
    if invitation is None:
        abort(404)
    if invitation.used_at:
        abort(make_response(_done_already(invitation)))
    if not invitation.is_alive:
        abort(make_response(render_template("accounts/dead_code.html", invitation=invitation), 410))
    return invitation


def _done_already(invitation: Invitation) -> Any:
    """The name is told to the browser that opened the page for choosing a PIN, and has not signed in since."""
    hers = session.get("letter") == invitation.id
    return done_already(invitation, invitation.resident.sign_in_name if hers else None)


def _agreed_or_promise(code: str) -> Invitation:
    invitation = _alive_or_gone(code)
    if invitation.agreed_at is None or invitation.said_no_thanks:
        abort(redirect(url_for(".promise", code=plain(code)), 303))
    return invitation


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
    return _agreement_page(resident_or_404(resident_id), AgreementForm())


@bp.post("/residents/<int:resident_id>/agreement")
@open_to(Role.COACH)
def keep_agreement(resident_id):
    """Keep the day, the wording and who saw it."""
    resident = resident_or_404(resident_id)
    form = AgreementForm()
    if not form.validate():
        return _agreement_page(resident, form), 422
    seen = {"on_paper": form.on_paper.data, "seen_by_id": current_user.id}
    db.session.add(Consent(resident_id=resident.id, **_promise_shown(), **seen))
    db.session.commit()
    return redirect(url_for("assessment.type_in", resident_id=resident_id), 303)


def _agreement_page(resident: Person, form: AgreementForm) -> str:
    page = {"resident": resident, "consent": consent_of(resident), "promise": PROMISE}
    return render_template("accounts/agreement.html", form=form, **page)
