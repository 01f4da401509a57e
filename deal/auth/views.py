"""Signing in and out, a new PIN for one that was forgotten, and the page on which somebody sees and changes this."""

from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from sqlalchemy import select

from deal.access import audience_of, open_to, open_to_everyone, resident_or_404
from deal.auth import bp, sessions
from deal.auth.forms import DIGITS, ChangePasswordForm, ChangePinForm, NewPinForm, SignInForm, StaffSignInForm
from deal.auth.models import (
    OneTimeCode,
    OneTimeKind,
    SignIn,
    end_sign_ins,
    make_one_time_code,
    one_time_code,
    sign_ins_of,
)
from deal.auth.passwords import choose_secret, is_right
from deal.auth.pending_post import AGAIN, go_on_to, held_page, is_secret, keep_for, local, seal, unseal
from deal.auth.throttling import throttled_lookup
from deal.auth.tokens import derive_code, shows_a_code
from deal.clock import now
from deal.db import db
from deal.forms import EmptyForm, form_page, validate_or_400
from deal.people import Person, Role
from deal.undo import cannot_be_undone


@bp.get("/sign-in")
@bp.post("/sign-in", endpoint="let_resident_in")
@open_to_everyone
def sign_in():
    """One sentence for a wrong name and a wrong PIN alike."""
    form = SignInForm()
    wrong = _("That sign-in name and PIN do not go together. Check both and try again.")
    return _sign_in(form, form.name, form.name.code, Person.sign_in_name, form.pin.data, wrong)


@bp.get("/staff/sign-in")
@bp.post("/staff/sign-in", endpoint="let_staff_in")
@open_to_everyone
def staff_sign_in():
    """One sentence for a wrong address and a wrong password alike."""
    form = StaffSignInForm()
    wrong = _("That e-mail address and password do not go together. Check both and try again.")
    return _sign_in(form, form.email, (form.email.data or "").casefold(), Person.email, form.password.data, wrong)


def _sign_in(form: Any, field: Any, typed: str, column: Any, secret: str | None, wrong: str) -> Any:
    """The page, or sign in the person whose name and secret these are, and go on to what was held or asked for."""
    if not form.is_submitted():
        there = local(form.next.data) or "/"
        return redirect(there, 303) if current_user.is_authenticated else _page(form)

    def look() -> Person | None:
        person = db.session.scalar(select(Person).where(column == typed))
        right = is_right(person and person.secret_hash, secret or "")
        return person if person and right and not person.is_closed else None

    person = throttled_lookup(field, typed, look, wrong, sessions.known_device(typed)) if form.validate() else None
    if person is None:
        return _page(form), 422
    sessions.start_session(person)
    held = unseal(form.held.data, person.id)
    answer = make_response(held_page(*held) if held else go_on_to(local(form.next.data) or "/"))
    return sessions.remember_name(answer, person) if "own_phone" in form and form.own_phone.data else answer


def _page(form: Any) -> str:
    """Where the form comes from: a resident's or the staff's; it says what is kept from before."""
    return render_template(
        "auth/sign_in.html" if isinstance(form, SignInForm) else "auth/staff_sign_in.html",
        form=form,
        kept=form.held.data,
        again=(form.next.data or "").endswith(AGAIN),
        remembered=sessions.remembered_name(),
        press=EmptyForm(),
    )


@sessions.login.unauthorized_handler
def ask_to_sign_in():
    """Somebody signed out opened or sent a page: sign in first; what they sent is carried along."""
    for_residents = Role.RESIDENT in audience_of(request.endpoint or "")
    state = keep_for(request.path)
    person_id = state.by if state else sessions.whose_sign_in_ran_out()
    person = db.session.get(Person, person_id) if person_id else None
    staff = not person.is_resident if person else not for_residents
    if request.method != "POST":
        page = "auth.staff_sign_in" if staff else "auth.sign_in"
        return redirect(url_for(page, next=request.full_path.rstrip("?")), 303)
    kept = {"held": "", "next": ""}
    if state and is_secret():
        kept["next"] = state.on + AGAIN
    elif person_id:
        kept["held"] = seal(person_id)
    return _page((StaffSignInForm if staff else SignInForm)(formdata=None, **kept)), 401


@bp.post("/sign-out")
@open_to_everyone
def sign_out():
    """End this sign-in; the phone keeps the name where it was asked to."""
    if current_user.is_authenticated and EmptyForm().validate():
        db.session.get_one(SignIn, current_user.sign_in_id).ended_at = now()
        db.session.commit()
        logout_user()
        session.clear()
        flash(_("You are signed out."))
    return redirect("/", 303)


@bp.post("/forget-name")
@open_to_everyone
def forget():
    """This phone no longer remembers a sign-in name."""
    return sessions.forget_name(make_response(redirect(url_for(".sign_in"), 303)))


@bp.get("/new-pin")
@bp.post("/new-pin", endpoint="set_new_pin")
@open_to_everyone
def new_pin():
    """The PIN is forgotten: choose a new one with the number that the coach read out, good once, and sign in."""
    form = NewPinForm()
    number = _number_behind(form) if form.validate_on_submit() else None
    if number is None:
        return form_page("auth/new_pin.html", form)
    if not choose_secret(number.person, form.pin.data or "", number):
        return done_already()
    sessions.start_session(number.person)
    return redirect("/", 303)


def _number_behind(form: NewPinForm) -> OneTimeCode | None:
    """The number, used or not, where it goes together with the name; else the form says what to do."""
    name = form.name.code
    wrong = _("That name and number do not go together. Ask your coach for a new number.")
    theirs = OneTimeCode.person.has(sign_in_name=name)

    def look() -> OneTimeCode | None:
        return one_time_code(OneTimeKind.NEW_PIN, form.number.code, theirs)

    return throttled_lookup(form.number, name, look, wrong, sessions.known_device(name))


@bp.post("/residents/<int:resident_id>/new-pin")
@open_to(Role.COACH)
@shows_a_code
def make_new_pin(resident_id):
    """The resident forgot the PIN: a number to read out, and every sign-in ends."""
    resident, form = resident_or_404(resident_id), EmptyForm()
    if not resident.secret_hash or not form.validate():
        abort(409)
    number = derive_code(form.token, "new pin", length=8, alphabet=DIGITS)
    make_one_time_code(resident, OneTimeKind.NEW_PIN, number, by=current_user)
    return render_template("auth/new_pin_number.html", resident=resident, number=number)


def done_already(staff: bool = False, name: str | None = None) -> Any:
    """What a letter, number or link says that was used: it changes nothing, and lets nobody in."""
    return render_template("auth/done_already.html", staff=staff, name=name), 410


@bp.get("/account")
@bp.post("/account", endpoint="change_secret")
@open_to(*Role)
@cannot_be_undone("it is about signing in")
def account():
    """Where somebody is signed in; and choose another PIN or password, which signs them out everywhere else."""
    person = current_user._get_current_object()
    form = ChangePinForm() if person.is_resident else ChangePasswordForm(person)
    chosen = form[form.secret]
    if form.validate_on_submit() and _may_change(form, chosen, person):
        choose_secret(person, chosen.data or "", stays=person.sign_in_id)
        db.session.commit()
        flash(str(form.changed))
        flash(_("Everywhere else you are signed out."))
        return redirect(url_for(".account"), 303)
    return form_page("auth/account.html", form, sign_ins=sign_ins_of(person), press=EmptyForm())


def _may_change(form: Any, chosen: Any, person: Person) -> bool:
    """Whether they know the present one and chose another; a second press finds that the chosen one is it by now."""

    def look() -> Person | None:
        typed = form.present.data or "", chosen.data or ""
        return person if any(is_right(person.secret_hash, one) for one in typed) else None

    found = throttled_lookup(form.present, str(person.id), look, form.wrong)
    if found and chosen.data == form.present.data:
        chosen.errors = [form.same]
    return bool(found and not chosen.errors)


@bp.post("/account/sign-ins/end", endpoint="end_other_sign_ins")
@bp.post("/account/sign-ins/<int:sign_in_id>/end")
@open_to(*Role)
@cannot_be_undone("it is about signing in")
def end_sign_in(sign_in_id=None):
    """Sign out on one other phone or computer, or everywhere but here."""
    validate_or_400()
    one, others = SignIn.id == sign_in_id, SignIn.id != current_user.sign_in_id
    if sign_in_id and db.session.scalar(select(SignIn.id).where(one, SignIn.person_id == current_user.id)) is None:
        abort(404)
    end_sign_ins(current_user, one if sign_in_id else others)
    db.session.commit()
    flash(_("You are signed out there."))
    return redirect(url_for(".account"), 303)
