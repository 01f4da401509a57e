"""A manager adds coaches and managers by a link that is shown once; they choose a password on it."""

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from deal.access import open_to, open_to_everyone
from deal.accounts import bp
from deal.accounts.codes import made_from
from deal.accounts.forms import CoachForm, PasswordForm
from deal.accounts.models import OneTimeCode, OneTimeKind, SignIn, live_one_time_code, make_one_time_code
from deal.accounts.secrets import hasher
from deal.accounts.sessions import let_in
from deal.db import db, now, page_of, pressed_before
from deal.drafts.models import saved
from deal.forms import Form, Press
from deal.people import Person, Role


@bp.get("/staff")
@open_to(Role.MANAGER)
def staff():
    """Coaches and managers by name."""
    people = select(Person).where(Person.role != Role.RESIDENT)
    page = page_of(people, Person.name_key, Person.id, after=request.args.get("after"))
    return render_template("accounts/staff.html", page=page, press=Press())


@bp.get("/staff/new")
@open_to(Role.MANAGER)
def new_staff():
    return render_template("accounts/new_staff.html", form=CoachForm())


@bp.post("/staff/new")
@open_to(Role.MANAGER)
def add_staff():
    """Add a coach or a manager; the answer shows the link, once."""
    form = CoachForm()
    if not form.validate():
        return render_template("accounts/new_staff.html", form=form), 422
    made = pressed_before(OneTimeCode, form.once_key)
    if made is None and (known := by_email(form.email.data)):
        here = _("Somebody with this e-mail address is here already. Look in the list of staff.")
        gone = _("%(name)s has this e-mail address and is suspended. Reactivate them in the list.", name=known.name)
        form.email.errors = [gone if known.is_closed else here]
        return render_template("accounts/new_staff.html", form=form), 422
    said = {field: form[field].data or "" for field in ("name", "phone", "languages", "about")}
    new = Person(role=Role(form.role.data), email=form.email.data.casefold(), **said)
    return link_page(made.person if made else new, form)


@bp.post("/staff/<int:person_id>/link")
@open_to(Role.MANAGER)
def renew_link(person_id):
    """A new link for somebody who lost theirs, or their password; the earlier links and sign-ins end."""
    person, form = staff_or_404(person_id), Press()
    if person.is_closed or not form.validate():
        abort(409)
    return link_page(person, form)


def staff_or_404(person_id: int) -> Person:
    person = db.session.get(Person, person_id)
    return person if person and not person.is_resident else abort(404)


def by_email(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email == email.casefold()))


def join_code(person: Person, token: str, once_key: str | None, by: Person | None) -> OneTimeCode:
    """A one-time link for a member of staff, new or not. Commits."""
    return make_one_time_code(person, OneTimeKind.JOIN, made_from(token, "join"), once_key, by)


def join_address(token: str) -> str:
    """The link that belongs to a token: shown once, kept nowhere."""
    return f"{current_app.config['PUBLIC_URL']}/join/{made_from(token, 'join')}"


def link_page(person: Person, form: Form) -> str:
    """A new link for them, on the only page where it ever stands; a second press shows the same. Commits."""
    saved()
    made = join_code(person, form.token, form.once_key, current_user)
    return render_template("accounts/staff_link.html", person=made.person, address=join_address(form.token))


@bp.get("/join/<code>")
@open_to_everyone
def join(code):
    return render_template("accounts/join.html", form=PasswordForm(), person=_joining_or_gone(code).person)


@bp.post("/join/<code>")
@open_to_everyone
def set_password(code):
    """Keep the password's hash and sign in; the link is used up."""
    form = PasswordForm()
    earlier = pressed_before(SignIn, form.once_key)
    if earlier is None:
        found = _joining_or_gone(code)
        if not form.validate():
            return render_template("accounts/join.html", form=form, person=found.person), 422
        found.person.secret_hash = hasher.hash(form.password.data or "")
        found.used_at = now()
    let_in(earlier.person if earlier else found.person, form.once_key)
    return redirect(url_for("home.index"), 303)


def _joining_or_gone(code: str) -> OneTimeCode:
    found = live_one_time_code(OneTimeKind.JOIN, code)
    if found is None or found.person.is_closed:
        abort(make_response(render_template("accounts/dead_link.html"), 410))
    return found
