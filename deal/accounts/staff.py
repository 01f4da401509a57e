"""A manager adds coaches and managers by a link that is shown once; they choose a password on it."""

from flask import abort, current_app, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from deal.access import open_to, open_to_everyone
from deal.accounts import bp
from deal.accounts.codes import made_from
from deal.accounts.forms import CoachForm, PasswordForm
from deal.accounts.models import OneTimeCode, OneTimeKind, make_one_time_code, one_time_code
from deal.accounts.secrets import choose_secret
from deal.accounts.sessions import let_in
from deal.accounts.sign_in import done_already
from deal.db import db, page_of
from deal.drafts.models import saved
from deal.forms import Form, Press
from deal.idempotency import answers_again
from deal.names import isolated
from deal.people import Person, Role
from deal.undo import cannot_be_undone


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
@answers_again
@cannot_be_undone("a code was shown on the page, and may be on paper already")
def add_staff():
    """Add a coach or a manager; the answer shows the link, once."""
    form = CoachForm()
    if not form.validate():
        return render_template("accounts/new_staff.html", form=form), 422
    made = one_time_code(OneTimeKind.JOIN, made_from(form.token, "join"))
    if made is None and (known := by_email(form.email.data)):
        here = _("Somebody with this e-mail address is here already. Look in the list of staff.")
        name = isolated(known.name)
        gone = _("%(name)s has this e-mail address and is suspended. Reactivate them in the list.", name=name)
        form.email.errors = [gone if known.is_closed else here]
        return render_template("accounts/new_staff.html", form=form), 422
    said = {field: form[field].data or "" for field in ("name", "phone", "languages", "about")}
    new = Person(role=Role(form.role.data), email=form.email.data.casefold(), **said)
    return link_page(made.person if made else new, form)


@bp.post("/staff/<int:person_id>/link")
@open_to(Role.MANAGER)
@answers_again
@cannot_be_undone("a code was shown on the page, and may be on paper already")
def renew_link(person_id):
    """A new link for somebody who lost theirs, or their password: that, earlier links and all sign-ins end."""
    person, form = staff_or_404(person_id), Press()
    if person.is_closed or not form.validate():
        abort(409)
    return link_page(person, form)


def staff_or_404(person_id: int) -> Person:
    person = db.session.get(Person, person_id)
    return person if person and not person.is_resident else abort(404)


def by_email(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email == email.casefold()))


def join_code(person: Person, token: str, by: Person | None) -> OneTimeCode:
    """A one-time link for a member of staff, new or not. Commits."""
    return make_one_time_code(person, OneTimeKind.JOIN, made_from(token, "join"), by)


def join_address(token: str) -> str:
    """The link that belongs to a token: shown once, kept nowhere."""
    return f"{current_app.config['PUBLIC_URL']}/join/{made_from(token, 'join')}"


def link_page(person: Person, form: Form) -> str:
    """A new link for them, on the only page where it ever stands; a second press shows the same. Commits."""
    saved()
    made = join_code(person, form.token, current_user)
    return render_template("accounts/staff_link.html", person=made.person, address=join_address(form.token))


@bp.get("/join/<code>")
@open_to_everyone
def join(code):
    found = _link_or_gone(code)
    return render_template("accounts/join.html", form=PasswordForm(found.person), person=found.person)


@bp.post("/join/<code>")
@open_to_everyone
def set_password(code):
    """Keep the password's hash and sign in; the link is used up."""
    found = _link_or_gone(code)
    form = PasswordForm(found.person)
    if not form.validate():
        return render_template("accounts/join.html", form=form, person=found.person), 422
    if not choose_secret(found.person, form.password.data or "", found):
        return done_already(found)
    let_in(found.person)
    return redirect(url_for("home.index"), 303)


def _link_or_gone(code: str) -> OneTimeCode:
    """The link, where it can be used."""
    found = one_time_code(OneTimeKind.JOIN, code)
    if found is None or found.person.is_closed:
        abort(make_response(render_template("accounts/dead_link.html"), 410))
    return abort(make_response(done_already(found))) if found.used_at else found
