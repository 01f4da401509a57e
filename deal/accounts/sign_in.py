"""Signing in and out, and a new PIN for one that was forgotten."""

import re
from typing import Any

from flask import flash, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from sqlalchemy import select

from deal.access import audience_of, open_to_everyone
from deal.accounts import bp
from deal.accounts.devices import known_device
from deal.accounts.forms import NewPinForm, SignInForm, StaffSignInForm
from deal.accounts.held import Fields, is_secret, seal, sent_fields, unseal, written
from deal.accounts.models import Invitation, OneTimeCode, OneTimeKind, SignIn, one_time_code
from deal.accounts.secrets import choose_secret, found_by_trying, is_right
from deal.accounts.sessions import forget_name, let_in, login, remember_name, remembered_name, whose_sign_in_ran_out
from deal.db import db, now
from deal.drafts.models import FormState, keep_sent, sent_state
from deal.forms import Form, Press
from deal.people import Person, Role

AGAIN = "#again"  # behind the address to go on to: what was sent there has to be filled in again


@bp.get("/sign-in")
@open_to_everyone
def sign_in():
    return _where_to() or _page(SignInForm(name=remembered_name(), next=request.args.get("next")))


@bp.post("/sign-in")
@open_to_everyone
def let_resident_in():
    """One sentence for a wrong name and a wrong PIN alike."""
    form = SignInForm()
    name = form.name.code
    wrong = _("That sign-in name and PIN do not go together. Check both and try again.")
    resident = _person_behind(form, "name", name, Person.sign_in_name == name, form.pin.data, wrong)
    if resident is None:
        return _page(form), 422
    answer = _signed_in(resident, form)
    return remember_name(answer, resident) if "own_phone" in request.form else answer


@bp.get("/staff/sign-in")
@open_to_everyone
def staff_sign_in():
    return _where_to() or _page(StaffSignInForm(next=request.args.get("next")))


@bp.post("/staff/sign-in")
@open_to_everyone
def let_staff_in():
    """One sentence for a wrong address and a wrong password alike."""
    form = StaffSignInForm()
    email = (form.email.data or "").casefold()
    wrong = _("That e-mail address and password do not go together. Check both and try again.")
    person = _person_behind(form, "email", email, Person.email == email, form.password.data, wrong)
    return _signed_in(person, form) if person else (_page(form), 422)


def _where_to() -> Any:
    """Whoever is signed in need not do it again."""
    there = local(request.args.get("next")) or url_for("home.index")
    return redirect(there, 303) if current_user.is_authenticated else None


def _page(form: Any) -> str:
    """Where the form comes from: a resident's or the staff's; it says what is kept from before."""
    template = "accounts/sign_in.html" if isinstance(form, SignInForm) else "accounts/staff_sign_in.html"
    again = (form.next.data or "").endswith(AGAIN)
    page = {"kept": form.held.data, "again": again, "remembered": remembered_name(), "press": Press()}
    return render_template(template, form=form, **page)


def _person_behind(form: Form, field: str, typed: str, who, secret: str | None, wrong: str) -> Person | None:
    """The person whose name and secret these are; else the form says what to do."""

    def look() -> Person | None:
        person = db.session.scalar(select(Person).where(who))
        right = is_right(person and person.secret_hash, secret or "")
        return person if person and right and not person.is_closed else None

    return found_by_trying(form[field], typed, look, wrong, known_device(typed)) if form.validate() else None


def _signed_in(person: Person, form):
    """Sign in, and go on: to what was held, to the page that was asked for, or home."""
    let_in(person)
    held = unseal(form.held.data, person.id)
    if held:
        return make_response(held_page(*held))
    return make_response(go_on_to(local(form.next.data) or url_for("home.index")))


def go_on_to(address: str) -> Any:
    """The page to go on to; it says so where something has to be filled in again."""
    if address.endswith(AGAIN):
        flash(_("Please do it again."))
    return redirect(address.removesuffix(AGAIN), 303)


def held_page(path: str, fields: Fields | None = None) -> str:
    """What was held, or is sent just now, with a button that sends it again."""
    fields = sent_fields() if fields is None else fields
    return render_template("accounts/held.html", path=path, fields=fields, typed=written(fields), press=Press())


def local(address: str | None) -> str | None:
    """The address, where it is a page of ours."""
    return address if re.fullmatch(r"/(?![/\\])[^\s\\]*", address or "") else None


@login.unauthorized_handler
def ask_to_sign_in():
    """Somebody signed out opened or sent a page: sign in first; what they sent is carried along."""
    for_residents = Role.RESIDENT in audience_of(request.endpoint or "")
    state = keep_for(request.path)
    person_id = state.by if state else whose_sign_in_ran_out()
    person = db.session.get(Person, person_id) if person_id else None
    staff = not person.is_resident if person else not for_residents
    if request.method != "POST":
        page = "accounts.staff_sign_in" if staff else "accounts.sign_in"
        return redirect(url_for(page, next=request.full_path.rstrip("?")), 303)
    kept = {"name": remembered_name(), "held": "", "next": ""}
    if state and is_secret():
        kept["next"] = state.on + AGAIN
    elif person_id:
        kept["held"] = seal(person_id)
    return _page((StaffSignInForm if staff else SignInForm)(formdata=None, **kept)), 401


def keep_for(path: str) -> FormState | None:
    """Keep what is sent to this address as a draft of whoever opened its form, whose state it gives. Commits.

    From a browser that nobody is signed in on and that was not theirs, nothing: it may have no more than the page's
    source. What it sends is carried through signing in alone.
    """
    state = sent_state()
    if state is None or not (path == state.path or path.startswith("/draft")):
        return None
    theirs = current_user.is_authenticated or whose_sign_in_ran_out() == state.by
    if theirs and not g.unreadable:
        keep_sent(state)
    return state


@bp.post("/sign-out")
@open_to_everyone
def sign_out():
    """End this sign-in; the phone keeps the name where it was asked to."""
    if current_user.is_authenticated and Press().validate():
        db.session.get_one(SignIn, current_user.sign_in_id).ended_at = now()
        db.session.commit()
        logout_user()
        session.clear()
        flash(_("You are signed out."))
    return redirect(url_for("home.index"), 303)


@bp.post("/forget-name")
@open_to_everyone
def forget():
    """This phone no longer remembers a sign-in name."""
    return forget_name(make_response(redirect(url_for(".sign_in"), 303)))


@bp.get("/new-pin")
@open_to_everyone
def new_pin():
    """The PIN is forgotten: the coach has read out a number."""
    return render_template("accounts/new_pin.html", form=NewPinForm(name=remembered_name()))


@bp.post("/new-pin")
@open_to_everyone
def set_new_pin():
    """Choose a new PIN with the number, which is good once, and sign in."""
    form = NewPinForm()
    number = _number_behind(form) if form.validate() else None
    if number is None:
        return render_template("accounts/new_pin.html", form=form), 422
    if not choose_secret(number.person, form.pin.data or "", number):
        return done_already(number)
    let_in(number.person)
    return redirect(url_for("home.index"), 303)


def _number_behind(form: NewPinForm) -> OneTimeCode | None:
    """The number, used or not, where it goes together with the name; else the form says what to do."""
    name = form.name.code
    wrong = _("That name and number do not go together. Ask your coach for a new number.")
    theirs = OneTimeCode.person.has(sign_in_name=name)

    def look() -> OneTimeCode | None:
        return one_time_code(OneTimeKind.NEW_PIN, form.number.code, theirs)

    return found_by_trying(form.number, name, look, wrong, known_device(name))


def done_already(code: Invitation | OneTimeCode, name: str | None = None) -> Any:
    """What a letter, number or link says that was used: it changes nothing, and lets nobody in."""
    staff = isinstance(code, OneTimeCode) and not code.person.is_resident
    return render_template("accounts/done_already.html", staff=staff, name=name), 410
