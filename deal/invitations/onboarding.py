"""A resident comes in: the code, "is this for you?" with the promise, a PIN, a sign-in name to keep."""

import secrets
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import update
from werkzeug.utils import secure_filename

from deal.access import open_to, open_to_everyone, own_or_404, resident_url
from deal.auth.models import OneTimeKind, one_time_code
from deal.auth.passwords import choose_secret
from deal.auth.sessions import forget_name, remember_name, start_session
from deal.auth.tokens import ALPHABET, NAME_LENGTH, plain
from deal.auth.views import done_already
from deal.clock import now
from deal.db import db
from deal.forms import EmptyForm, form_page, validate_or_400
from deal.invitations import bp
from deal.invitations.forms import CodeForm, PinForm
from deal.invitations.models import Consent, Invitation, consent_of, invitation_by_code
from deal.invitations.sign_in_card import card_of
from deal.people import Role, current_contact
from deal.settings import PROMISE, promise_in_words
from deal.undo import cannot_be_undone


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
    return form_page("invitations/code.html", form)


@bp.get("/i/<code>")
@bp.get("/i/<code>/promise", alias=True)  # a page of its own once: it goes on
@bp.post("/i/<code>", endpoint="is_it_me")
@open_to_everyone
def welcome(code):
    """Is this for you, and what we promise: agree, no thanks, or not me. None is a failure; opening changes nothing."""
    invitation, press = _alive_or_gone(code), EmptyForm()
    answer = request.form.get("answer")
    if not press.validate_on_submit() or answer not in ("agree", "no-thanks", "not-me"):
        coach = current_contact(invitation.resident)
        return form_page("invitations/welcome.html", press, invitation=invitation, coach=coach, promise=PROMISE)
    following = _answered(invitation, answer)
    db.session.commit()
    return redirect(following or url_for(".choose_pin", code=plain(code)), 303)


@bp.get("/not-me")
@open_to_everyone
def not_me():
    return render_template("invitations/not_me.html")


def _answered(invitation: Invitation, answer: str) -> str | None:
    """Keep what they said; the page that follows, where it is not choosing a PIN. The caller commits."""
    if answer == "not-me":  # it shuts the code and tells the coach
        invitation.not_me_at = now()
        return url_for(".not_me")
    invitation.opened_at = invitation.opened_at or now()
    if answer == "no-thanks":  # they may change their mind while the code is alive
        invitation.no_thanks_at = now()
        return url_for(".no_thanks")
    first = update(Invitation).where(Invitation.id == invitation.id, Invitation.agreed_at.is_(None))
    if db.session.execute(first.values(agreed_at=now())).rowcount:  # type: ignore[attr-defined]
        db.session.add(Consent(resident_id=invitation.resident_id, **promise_shown()))  # once, with the words shown
    if invitation.said_no_thanks:
        invitation.agreed_at = now()
    return None


def promise_shown() -> dict[str, str]:
    return {"wording": promise_in_words(), "language": str(get_locale())}


@bp.get("/no-thanks")
@open_to_everyone
def no_thanks():
    return render_template("invitations/no_thanks.html")


@bp.get("/i/<code>/pin")
@bp.post("/i/<code>/pin", endpoint="set_pin")
@open_to_everyone
def choose_pin(code):
    """Keep the PIN's hash, give a sign-in name, sign in; the letter is used up."""
    invitation, form = _agreed_or_asked(code), PinForm()
    resident = invitation.resident
    if not form.validate_on_submit():
        session["letter"] = invitation.id  # this browser is told the name again where the answer gets lost
        return form_page("invitations/pin.html", form, code=plain(code))
    if not choose_secret(resident, form.pin.data or "", invitation):
        return _used(invitation)
    resident.sign_in_name = resident.sign_in_name or new_sign_in_name()
    start_session(resident)
    answer = make_response(redirect(url_for(".card", resident_id=resident.id, first=1), 303))
    return remember_name(answer, resident) if form.own_phone.data else forget_name(answer)


def new_sign_in_name() -> str:
    """Eight letters and numbers; one in 78 thousand million, so a clash is a retry that nobody sees."""
    return "".join(secrets.choice(ALPHABET) for _ in range(NAME_LENGTH))


@bp.get("/residents/<int:resident_id>/card")
@open_to(Role.RESIDENT)
def card(resident_id):
    """The sign-in name, to write down, keep as a picture or print; the first time, the questions come next."""
    return render_template("invitations/card.html", resident=own_or_404(resident_id), press=EmptyForm())


@bp.get("/residents/<int:resident_id>/card.png")
@open_to(Role.RESIDENT)
def card_picture(resident_id):
    """The same as a picture for a phone. Its file's name gives nobody away."""
    picture = make_response(card_of(own_or_404(resident_id)))
    picture.headers["Content-Disposition"] = f'attachment; filename="{secure_filename(_("sign-in-card.png"))}"'
    picture.mimetype = "image/png"
    return picture


def _used(invitation: Invitation) -> Any:
    """The letter was used: its name is told to the browser that opened the page for choosing a PIN alone."""
    return done_already(name=invitation.resident.sign_in_name if session.get("letter") == invitation.id else None)


def used_code() -> Any:
    """Where Back showed the page on which a letter or link was used: that it was done already. Else None."""
    code = (request.view_args or {}).get("code")
    found = code and (invitation_by_code(code) or one_time_code(OneTimeKind.JOIN, code))
    return redirect(request.path, 303) if found and found.used_at else None


def _alive_or_gone(code: str) -> Invitation:
    invitation = invitation_by_code(code) or abort(404)
    if invitation.used_at:
        abort(make_response(_used(invitation)))
    if not invitation.is_alive:
        abort(make_response(render_template("invitations/dead_code.html", invitation=invitation), 410))
    return invitation


def _agreed_or_asked(code: str) -> Invitation:
    invitation = _alive_or_gone(code)
    if invitation.agreed_at is None or invitation.said_no_thanks:
        abort(redirect(url_for(".welcome", code=plain(code)), 303))
    return invitation


@bp.post("/residents/<int:resident_id>/promise")
@open_to(Role.RESIDENT)
@cannot_be_undone("what somebody agreed to is kept with its day")
def agree_again(resident_id):
    """Our promise has new words, and they agree to these: a row beside the earlier ones."""
    resident = own_or_404(resident_id)
    validate_or_400()
    consent = consent_of(resident)
    if consent is None or not consent.says_what_we_promise:
        db.session.add(Consent(resident_id=resident.id, **promise_shown()))
        db.session.commit()
    flash(_("Thank you. We wrote down that you agree."))
    return redirect(resident_url(resident_id), 303)
