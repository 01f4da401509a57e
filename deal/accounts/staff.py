"""A manager adds coaches and managers by a link that is shown once, suspends them, and reactivates them."""

from typing import Any

from flask import abort, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased
from wtforms.validators import Optional, ValidationError

from deal.access import open_to, open_to_everyone
from deal.accounts import bp, form_page
from deal.accounts.coaching import count_of, covering_for, end_cover, people_of, who_may_go
from deal.accounts.codes import made_from
from deal.accounts.forms import CoachForm, PasswordForm
from deal.accounts.hand_over import CoachField, GiveForm, GiveManyForm, arrange_many, nobody_for
from deal.accounts.models import (
    OneTimeCode,
    OneTimeKind,
    Suspension,
    end_all_access,
    end_sign_ins,
    make_one_time_code,
    one_time_code,
)
from deal.accounts.secrets import choose_secret
from deal.accounts.sessions import let_in
from deal.accounts.sign_in import done_already
from deal.dates import DayField
from deal.db import db, lock, now, page_of, today
from deal.drafts.models import saved
from deal.forms import Form, OneOfField, Press, choices_of, press_or_400
from deal.idempotency import answers_again
from deal.names import isolated
from deal.people import Coaching, Person, Role
from deal.undo import cannot_be_undone


@bp.get("/staff")
@open_to(Role.MANAGER)
def staff():
    """Coaches and managers by name."""
    people = select(Person).where(Person.role != Role.RESIDENT)
    page = page_of(people, Person.name_key, Person.id, after=request.args.get("after"))
    return render_template("accounts/staff.html", page=page, press=Press())


@bp.get("/staff/new")
@bp.post("/staff/new", endpoint="add_staff")
@open_to(Role.MANAGER)
@answers_again
@cannot_be_undone("a code was shown on the page, and may be on paper already")
def new_staff():
    """Add a coach or a manager; the answer shows the link, once."""
    form = CoachForm()
    if not form.validate_on_submit():
        return form_page("accounts/new_staff.html", form)
    made = one_time_code(OneTimeKind.JOIN, made_from(form.token, "join"))
    if made is None and (known := by_email(form.email.data)):
        here = _("Somebody with this e-mail address is here already. Look in the list of staff.")
        name = isolated(known.name)
        gone = _("%(name)s has this e-mail address and is suspended. Reactivate them in the list.", name=name)
        form.email.errors = [gone if known.is_closed else here]
        return form_page("accounts/new_staff.html", form)
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


PLANS = {
    "cover": _l("Somebody covers for now"),
    "move": _l("They get another coach for good"),
    "nobody": _l("Nobody for now: they stand on This week as people without a coach"),
}


class SuspendForm(GiveForm):
    plan = OneOfField(
        _l("Who looks after their people?"),
        choices=choices_of(PLANS),
        needed=_l("Choose who looks after their people, or: nobody for now."),
    )
    to = CoachField(_l("Which coach?"))
    last = DayField(
        _l("Until which day do they cover?"),
        within=(0, 366),
        otherwise=_l("The last day has to be today or in the coming year."),
        description=_l("Leave this empty for: until somebody says."),
    )
    words = GiveManyForm.words

    @property
    def days(self) -> Any:
        return (today(), self.last.data) if self.plan.data == "cover" else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Where it is nobody, no coach has to be chosen."""
        if self.plan.data == "nobody":
            self.to.validators = [Optional()]
        return super().validate(extra_validators)

    def validate_to(self, field: Any) -> None:
        """Somebody whom not all of them shut out."""
        chosen = field.coaches.get(field.data) if self.plan.data != "nobody" else None
        if chosen and not who_may_go(self.whom, chosen, 1):
            raise ValidationError(nobody_for(chosen))


@bp.get("/staff/<int:person_id>/suspend")
@bp.post("/staff/<int:person_id>/suspend", endpoint="suspend_them")
@open_to(Role.MANAGER)
def suspend(person_id):
    """From then on they cannot sign in, and their people are somebody's, or are counted as nobody's."""
    person = staff_or_404(person_id)
    if request.method == "GET" or not person.is_closed:
        form, why_not = _suspend_form(person), _why_not(person)
        if why_not and form.is_submitted():
            form.form_errors.append(why_not)
        if why_not or not form.validate_on_submit() or not _is_suspended(person, form):
            page = {"person": person, "why_not": why_not, "covering": covering_for(person) if person.is_coach else ()}
            return form_page("accounts/suspend.html", form, **page)
    flash(_("%(name)s is suspended and cannot sign in.", name=isolated(person.name)))
    return redirect(url_for(".people", person_id=person_id) if person.is_coach else url_for(".staff"), 303)


def _suspend_form(person: Person) -> Any:
    """It asks who looks after their people, where they have any."""
    if person.is_coach and count_of(people_of(person)):
        return SuspendForm(coach=person)
    return Press()


def _why_not(person: Person) -> str | None:
    """Why nobody can suspend themself; so the last manager who can sign in always stays."""
    if person.id != current_user.id:
        return None
    others = Person.role == Role.MANAGER, Person.closes_at.is_(None), Person.secret_hash.is_not(None)
    if db.session.scalar(select(exists().where(*others, Person.id != person.id))):
        return _("You cannot suspend yourself. Another manager can do it.")
    return _("You are the only manager who can sign in, so you have to stay. Add another manager first.")


def _is_suspended(person: Person, form: Any) -> bool:
    """Whether they are, and their people have somebody where somebody was chosen. Commits, or changes nothing."""
    done = _close(person, form) and (form.data.get("plan") in (None, "nobody") or arrange_many(form) > 0)
    db.session.commit() if done else db.session.rollback()
    return done


def _close(person: Person, form: Any) -> bool:
    """Close them in one statement, unless whoever asks was suspended a moment before. The caller commits."""
    lock(Person, person.id, current_user.id)  # two who suspend each other take turns
    at, asks = now(), aliased(Person)
    may = exists().where(asks.id == current_user.id, asks.closes_at.is_(None))
    closed = update(Person).where(Person.id == person.id, Person.closes_at.is_(None), may).values(closes_at=at)
    if db.session.scalar(closed.returning(Person.id)) is None:
        form.form_errors.append(_("Somebody was quicker, and nothing was changed. Load the page of the staff again."))
        return False
    db.session.add(Suspension(person_id=person.id, since=at, by_id=current_user.id))
    end_all_access(person)
    end_cover(Coaching.coach_id == person.id)
    return True


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
    return redirect(url_for(".staff"), 303)


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
