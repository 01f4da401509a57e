"""A resident comes in: the code, "is this for you?", the promise, a PIN, a sign-in name to keep."""

import secrets

from flask import abort, make_response, redirect, render_template, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import update

from deal.access import open_to, open_to_everyone, own_or_404
from deal.accounts import bp, form_page
from deal.accounts.codes import ALPHABET, NAME_LENGTH, plain
from deal.accounts.forms import CodeForm, PinForm
from deal.accounts.models import Consent, Invitation, invitation_by_code
from deal.accounts.secrets import choose_secret
from deal.accounts.sessions import forget_name, let_in, remember_name
from deal.accounts.sign_in import done_already
from deal.db import db, now
from deal.forms import Press
from deal.people import Role, who_is_there
from deal.settings import PROMISE


@bp.get("/code")
@bp.post("/code", endpoint="use_code")
@open_to_everyone
def code():
    """Go on to the invitation, where there is one for what was typed: no wait, as nobody guesses 67 bits."""
    form = CodeForm()
    if form.validate_on_submit():
        if invitation_by_code(form.code.code):
            return redirect(url_for(".welcome", code=form.code.code), 303)
        form.code.errors = [_("That code did not work. Check each letter, or ask your coach for a new letter.")]
    return form_page("accounts/code.html", form)


@bp.get("/i/<code>")
@bp.post("/i/<code>", endpoint="is_it_me")
@open_to_everyone
def welcome(code):
    """Is this for you? No shuts the code and tells the coach; opening this changes nothing."""
    invitation, press, me = _alive_or_gone(code), Press(), request.form.get("me")
    if not press.validate_on_submit() or me not in ("yes", "no"):
        return form_page("accounts/welcome.html", press, invitation=invitation)
    if me == "no":
        invitation.not_me_at = now()
    else:
        invitation.opened_at = invitation.opened_at or now()
    db.session.commit()
    return redirect(url_for(".not_me") if me == "no" else url_for(".promise", code=plain(code)), 303)


@bp.get("/not-me")
@open_to_everyone
def not_me():
    """The letter reached somebody else."""
    return render_template("accounts/not_me.html")


@bp.get("/i/<code>/promise")
@bp.post("/i/<code>/promise", endpoint="answer_promise")
@open_to_everyone
def promise(code):
    """What we promise, and who can read the words; agree, or no thanks: neither is ever a failure."""
    invitation, press, answer = _alive_or_gone(code), Press(), request.form.get("answer")
    if not press.validate_on_submit() or answer not in ("agree", "no-thanks"):
        page = {"coach": who_is_there(invitation.resident), "code": plain(code), "promise": PROMISE}
        return form_page("accounts/promise.html", press, **page)
    if answer == "no-thanks":
        invitation.no_thanks_at = now()
        db.session.commit()
        return redirect(url_for(".no_thanks"), 303)
    _agree(invitation)
    return redirect(url_for(".choose_pin", code=plain(code)), 303)


def _agree(invitation: Invitation) -> None:
    """Write the consent down once, with the wording that was on the page."""
    first = update(Invitation).where(Invitation.id == invitation.id, Invitation.agreed_at.is_(None))
    if db.session.execute(first.values(agreed_at=now())).rowcount:  # type: ignore[attr-defined]
        db.session.add(Consent(resident_id=invitation.resident_id, **promise_shown()))
    invitation.opened_at = invitation.opened_at or now()
    if invitation.said_no_thanks:
        invitation.agreed_at = now()
    db.session.commit()


def promise_shown() -> dict[str, str]:
    return {"wording": "\n".join(_(sentence) for sentence in PROMISE), "language": str(get_locale())}


@bp.get("/no-thanks")
@open_to_everyone
def no_thanks():
    """Nothing will change."""
    return render_template("accounts/no_thanks.html")


@bp.get("/i/<code>/pin")
@bp.post("/i/<code>/pin", endpoint="set_pin")
@open_to_everyone
def choose_pin(code):
    """Keep the PIN's hash, give a sign-in name, sign in; the letter is used up."""
    invitation, form = _agreed_or_promise(code), PinForm()
    resident = invitation.resident
    if not form.validate_on_submit():
        session["letter"] = invitation.id  # this browser is told the name again where the answer gets lost
        return form_page("accounts/pin.html", form, code=plain(code))
    if not choose_secret(resident, form.pin.data or "", invitation):
        return done_already(invitation)
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
    invitation = invitation_by_code(code) or abort(404)
    if invitation.used_at:
        abort(make_response(done_already(invitation)))
    if not invitation.is_alive:
        abort(make_response(render_template("accounts/dead_code.html", invitation=invitation), 410))
    return invitation


def _agreed_or_promise(code: str) -> Invitation:
    invitation = _alive_or_gone(code)
    if invitation.agreed_at is None or invitation.said_no_thanks:
        abort(redirect(url_for(".promise", code=plain(code)), 303))
    return invitation
