"""A manager adds coaches and managers by a link that is shown once, suspends them, and reactivates them."""

from typing import Any

from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import select, update

from deal.access import open_to, open_to_everyone
from deal.accounts import bp, form_page
from deal.accounts.auth_forms import PasswordForm
from deal.accounts.auth_models import OneTimeCode, OneTimeKind, end_sign_ins, make_one_time_code, one_time_code
from deal.accounts.coaching import count_of, covers_now, end_cover, people_of, workloads
from deal.accounts.codes import made_from
from deal.accounts.hand_over import WithoutCoachForm, arrange_many
from deal.accounts.passwords import choose_secret
from deal.accounts.sessions import let_in
from deal.accounts.sign_in import done_already
from deal.accounts.staff_forms import CoachForm
from deal.accounts.staff_models import Suspension
from deal.db import db, now, page_of
from deal.drafts.forms import read_together
from deal.drafts.models import saved
from deal.forms import Form, Press, press_or_400
from deal.idempotency import answers_again
from deal.names import isolated
from deal.people import Coaching, Person, Role
from deal.undo import cannot_be_undone


@bp.get("/staff")
@open_to(Role.MANAGER)
def staff():
    """Coaches and managers by name, with how many people each coach has; those without a coach; adding somebody."""
    return render_template("accounts/staff.html", form=None, **_staff({}))


@bp.post("/staff/new")
@open_to(Role.MANAGER)
@answers_again
@cannot_be_undone("a code was shown on the page, and may be on paper already")
def add_staff():
    """Add a coach or a manager; the answer shows the link, once."""
    form = CoachForm()
    if not form.validate_on_submit():
        return form_page("accounts/staff.html", form, **_staff({"new": form}))
    made = one_time_code(OneTimeKind.JOIN, made_from(form.token, "join"))
    if made is None and (known := by_email(form.email.data)):
        here = _("Somebody with this e-mail address is here already. Look in the list of staff.")
        name = isolated(known.name)
        gone = _("%(name)s has this e-mail address and is suspended. Reactivate them in the list.", name=name)
        form.email.errors = [gone if known.is_closed else here]
        return form_page("accounts/staff.html", form, **_staff({"new": form}))
    said = {field: form[field].data or "" for field in ("name", "phone", "languages", "about")}
    new = Person(role=Role(form.role.data), email=form.email.data.casefold(), **said)
    return link_page(made.person if made else new, form)


@bp.post("/staff/people-without-a-coach")
@open_to(Role.MANAGER)
def give_a_coach():
    """Those whom nobody coaches get a coach for good."""
    form = WithoutCoachForm()
    if arrange_many(form):
        return redirect(url_for(".staff"), 303)
    return form_page("accounts/staff.html", form, **_staff({"give": form}))


def _staff(sent: dict[str, Any]) -> dict[str, Any]:
    """What stands on the page of the staff; what was sent stands open, as it was sent."""
    people = select(Person).where(Person.role != Role.RESIDENT)
    page = page_of(people, Person.name_key, Person.id, after=request.args.get("after"))
    numbers = [one.id for one in page.rows if one.is_coach]
    without = count_of(people_of(None))
    read_together(WithoutCoachForm, CoachForm)
    give = sent.get("give") or (WithoutCoachForm(formdata=None) if without else None)
    return {
        "page": page,
        "loads": workloads(*numbers),
        "covers": covers_now(*numbers),
        "without": without,
        "give_form": give and give.apart("give"),
        "new_form": sent.get("new") or CoachForm(formdata=None),
        "opened": [*sent, request.args.get("open")],
    }


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
@bp.post("/join/<code>", endpoint="set_password")
@open_to_everyone
def join(code):
    """Keep the password's hash and sign in; the link is used up."""
    found = _link_or_gone(code)
    form = PasswordForm(found.person)
    if not form.validate_on_submit():
        return form_page("accounts/join.html", form, person=found.person)
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


@bp.post("/staff/<int:person_id>/reactivate")
@open_to(Role.MANAGER)
@answers_again
@cannot_be_undone("suspending them again undoes it")
def reactivate(person_id):
    """They can sign in again with their password; whoever has none gets a new link."""
    person, form = staff_or_404(person_id), press_or_400()
    if person.is_closed:
        end_sign_ins(person)
        person.closes_at = None
        _have_them_back(person)
        db.session.commit()
    if not person.secret_hash:
        return link_page(person, form)
    flash(_("%(name)s can sign in again, with the password they had.", name=isolated(person.name)))
    return redirect(url_for(".people", person_id=person_id), 303)


def _have_them_back(person: Person) -> None:
    """The suspension ends, and with it all cover that was arranged until somebody says. The caller commits."""
    open_one = update(Suspension).where(Suspension.person_id == person.id, Suspension.ended_at.is_(None))
    db.session.execute(open_one.values(ended_at=now(), ended_by_id=current_user.id))
    if n := end_cover(Coaching.resident_id.in_(people_of(person)), Coaching.until.is_(None)):
        flash(
            ngettext(
                "The cover for their %(num)s person has ended.", "The cover for their %(num)s people has ended.", n
            )
        )
