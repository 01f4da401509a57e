"""How somebody signs in: they change their PIN or password, and see and end their sign-ins."""

from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from deal.access import open_to
from deal.accounts import bp
from deal.accounts.forms import ChangePasswordForm, ChangePinForm
from deal.accounts.models import SignIn, end_sign_ins, open_sign_ins
from deal.accounts.secrets import choose_secret, found_by_trying, is_right
from deal.db import db
from deal.forms import Press, press_or_400
from deal.people import Person, Role
from deal.undo import cannot_be_undone

MOST = 20  # sign-ins on the page; there is a button that ends all


@bp.get("/account")
@open_to(*Role)
def account():
    return _page(_form())


@bp.post("/account")
@open_to(*Role)
@cannot_be_undone("it is about signing in")
def change_secret():
    """Choose another PIN or password: everywhere else they are signed out."""
    form, person = _form(), current_user._get_current_object()
    field = form["pin" if person.is_resident else "password"]
    chosen = field.data or ""
    if not form.validate() or not _is_theirs(form, person, chosen) or not _is_another(form, field):
        return _page(form), 422
    choose_secret(person, chosen, stays=person.sign_in_id)
    db.session.commit()
    pin, password = _("Your PIN is changed."), _("Your password is changed.")
    flash(pin if person.is_resident else password)
    flash(_("Everywhere else you are signed out."))
    return redirect(url_for(".account"), 303)


@bp.post("/account/sign-ins/<int:sign_in_id>/end")
@open_to(*Role)
@cannot_be_undone("it is about signing in")
def end_sign_in(sign_in_id):
    """Sign out on one other phone or computer."""
    press_or_400()
    theirs = SignIn.person_id == current_user.id, SignIn.id == sign_in_id
    if db.session.scalar(select(SignIn.id).where(*theirs)) is None:
        abort(404)
    return _ended(*theirs)


@bp.post("/account/sign-ins/end")
@open_to(*Role)
@cannot_be_undone("it is about signing in")
def end_other_sign_ins():
    """Sign out everywhere but here."""
    press_or_400()
    return _ended(SignIn.id != current_user.sign_in_id)


def _ended(*which: Any) -> Any:
    end_sign_ins(current_user, *which)
    db.session.commit()
    flash(_("You are signed out there."))
    return redirect(url_for(".account"), 303)


def _is_theirs(form: Any, person: Person, chosen: str) -> bool:
    """Whether they know the present one; a second press finds that the chosen one is it by now."""

    def look() -> Person | None:
        known = is_right(person.secret_hash, form.present.data or "") or is_right(person.secret_hash, chosen)
        return person if known else None

    pin = _("That is not the PIN that you have now. Try once more, or ask your coach for a new one.")
    password = _("That is not the password that you have now. Try once more, or ask a manager for a new link.")
    return found_by_trying(form.present, str(person.id), look, pin if person.is_resident else password) is not None


def _is_another(form: Any, field: Any) -> bool:
    """Whether they chose a new one; else the field says so."""
    if field.data != form.present.data:
        return True
    field.errors = [
        _("That is the PIN that you have already. Choose another one.")
        if current_user.is_resident
        else _("That is the password that you have already. Choose another one.")
    ]
    return False


def _form() -> ChangePinForm | ChangePasswordForm:
    return ChangePinForm() if current_user.is_resident else ChangePasswordForm(current_user)


def _page(form: Any) -> str:
    newest = select(SignIn).where(*open_sign_ins(current_user)).order_by(SignIn.id.desc()).limit(MOST)
    return render_template("accounts/account.html", form=form, sign_ins=db.session.scalars(newest).all(), press=Press())
