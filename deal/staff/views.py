"""Managers add coaches and managers by a link that is shown once, suspend and reactivate them, and see their people.

A member's page tells of their people in numbers: no name of a resident.
"""

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

from deal.access import open_to, open_to_everyone
from deal.auth.forms import PasswordForm
from deal.auth.models import OneTimeCode, OneTimeKind, end_all_access, end_sign_ins, make_one_time_code, one_time_code
from deal.auth.passwords import choose_secret
from deal.auth.sessions import start_session
from deal.auth.tokens import derive_code, shows_a_code
from deal.auth.views import done_already
from deal.caseload import assignments
from deal.caseload.forms import AssignmentForm, CoverForm, GiveForm
from deal.caseload.views import arrange_many, cover_ended
from deal.clock import now
from deal.db import db, lock
from deal.drafts.models import read_drafts, saved
from deal.forms import EmptyForm, Form, form_page, validate_or_400
from deal.idempotency import answers_again
from deal.names import isolated
from deal.pagination import page_of
from deal.people import Assignment, Person, Role
from deal.staff import bp
from deal.staff.forms import CoachForm, SuspendForm
from deal.staff.models import Suspension
from deal.undo import cannot_be_undone

FORMS: dict[str, tuple[type[AssignmentForm], str]] = {
    "cover": (CoverForm, "staff.keep_cover_for"),
    "move": (GiveForm, "staff.move_people"),
    "suspend": (SuspendForm, "staff.suspend_them"),
}


@bp.get("/staff")
@open_to(Role.MANAGER)
def staff():
    """Coaches and managers by name, with how many people each coach has; those without a coach; adding somebody."""
    return _staff_page()


@bp.post("/staff/new")
@open_to(Role.MANAGER)
@shows_a_code
def add_staff():
    """Add a coach or a manager; the answer shows the link, once."""
    form = CoachForm()
    if not form.validate_on_submit():
        return _staff_page(new=form)
    made = one_time_code(OneTimeKind.JOIN, derive_code(form.token, "join"))
    if made is None and (known := by_email(form.email.data)):
        here = _("Somebody with this e-mail address is here already. Look in the list of staff.")
        name = isolated(known.name)
        gone = _("%(name)s has this e-mail address and is suspended. Reactivate them in the list.", name=name)
        form.email.errors = [gone if known.is_closed else here]
        return _staff_page(new=form)
    said = {field: form[field].data or "" for field in ("name", "phone", "languages", "about")}
    new = Person(role=Role(form.role.data), email=form.email.data.casefold(), **said)
    return link_page(made.person if made else new, form)


@bp.post("/staff/people-without-a-coach")
@open_to(Role.MANAGER)
def give_a_coach():
    """Those whom nobody coaches get a coach for good."""
    form = GiveForm("staff.give_a_coach")
    return redirect(url_for(".staff"), 303) if arrange_many(form) else _staff_page(give=form)


def _staff_page(**sent: Any) -> Any:
    """The page of the staff; what was sent stands open, as it was sent."""
    people = select(Person).where(Person.role != Role.RESIDENT)
    page = page_of(people, Person.name_key, Person.id, after=request.args.get("after"))
    coaches = [one.id for one in page.rows if one.is_coach]
    without = assignments.count_of(assignments.people_of(None))
    read_drafts([url_for(".give_a_coach"), url_for(".add_staff")], current_user.id)
    give = sent.get("give") or (GiveForm("staff.give_a_coach", formdata=None) if without else None)
    return form_page(
        "staff/staff.html",
        next(iter(sent.values()), None),
        page=page,
        loads=assignments.workloads(*coaches),
        covers=assignments.covers_now(*coaches),
        without=without,
        give_form=give and give.apart("give"),
        new_form=sent.get("new") or CoachForm(formdata=None),
        opened=[*sent, request.args.get("open")],
    )


@bp.post("/staff/<int:person_id>/link")
@open_to(Role.MANAGER)
@shows_a_code
def renew_link(person_id):
    """A new link for somebody who lost theirs, or their password: that, earlier links and all sign-ins end."""
    person, form = staff_or_404(person_id), EmptyForm()
    if person.is_closed or not form.validate():
        abort(409)
    return link_page(person, form)


def staff_or_404(person_id: int) -> Person:
    person = db.session.get(Person, person_id)
    return person if person and not person.is_resident else abort(404)


def _coach_or_404(person_id: int) -> Person:
    person = staff_or_404(person_id)
    return person if person.is_coach else abort(404)


def by_email(email: str) -> Person | None:
    return db.session.scalar(select(Person).where(Person.email == email.casefold()))


def join_code(person: Person, token: str, by: Person | None) -> OneTimeCode:
    """A one-time link for a member of staff, new or not. Commits."""
    return make_one_time_code(person, OneTimeKind.JOIN, derive_code(token, "join"), by)


def join_address(token: str) -> str:
    """The link that belongs to a token: shown once, kept nowhere."""
    return f"{current_app.config['PUBLIC_URL']}/join/{derive_code(token, 'join')}"


def link_page(person: Person, form: Form) -> str:
    """A new link for them, on the only page where it ever stands; a second press shows the same. Commits."""
    saved()
    made = join_code(person, form.token, current_user)
    return render_template("staff/staff_link.html", person=made.person, address=join_address(form.token))


@bp.get("/join/<code>")
@bp.post("/join/<code>", endpoint="set_password")
@open_to_everyone
def join(code):
    """Keep the password's hash and sign in; the link is used up."""
    found = one_time_code(OneTimeKind.JOIN, code)
    if found is None or found.person.is_closed:
        return render_template("staff/dead_link.html"), 410
    if found.used_at:
        return done_already(staff=True)
    form = PasswordForm(found.person)
    if not form.validate_on_submit():
        return form_page("staff/join.html", form, person=found.person)
    if not choose_secret(found.person, form.password.data or "", found):
        return done_already(staff=True)
    start_session(found.person)
    return redirect("/", 303)


@bp.get("/staff/<int:person_id>/people")
@open_to(Role.MANAGER)
def people(person_id):
    """How many people they have, who covers for how many, and all that a manager can do about it."""
    person = staff_or_404(person_id)
    return _member_page(person, _load(person), _why_not(person))


@bp.post("/staff/<int:person_id>/people/cover")
@open_to(Role.MANAGER)
def keep_cover_for(person_id):
    return _arranged("cover", person_id)


@bp.post("/staff/<int:person_id>/people/move")
@open_to(Role.MANAGER)
def move_people(person_id):
    return _arranged("move", person_id)


@bp.post("/staff/<int:person_id>/people/cover/<int:coach_id>/end")
@open_to(Role.MANAGER)
def end_cover_for(person_id, coach_id):
    return cover_ended(_coach_or_404(person_id), coach_id, url_for(".people", person_id=person_id))


@bp.post("/staff/<int:person_id>/suspend")
@open_to(Role.MANAGER)
def suspend_them(person_id):
    """From then on they cannot sign in, and their people are somebody's, or are counted as nobody's."""
    person = staff_or_404(person_id)
    if not person.is_closed:
        load, why_not = _load(person), _why_not(person)
        form = SuspendForm("staff.suspend_them", coach=person) if load.people else EmptyForm()
        if why_not:
            form.form_errors.append(why_not)
        if why_not or not form.validate_on_submit() or not _is_suspended(person, form):
            return _member_page(person, load, why_not, suspend=form)
    flash(_("%(name)s is suspended and cannot sign in.", name=isolated(person.name)))
    return redirect(url_for(".people", person_id=person_id), 303)


def _arranged(name: str, person_id: int) -> Any:
    coach, (kind, endpoint) = _coach_or_404(person_id), FORMS[name]
    form = kind(endpoint, coach=coach)
    if arrange_many(form):
        return redirect(url_for(".people", person_id=coach.id), 303)
    return _member_page(coach, _load(coach), **{name: form})


def _load(person: Person) -> assignments.Workload:
    found = assignments.workloads(person.id) if person.is_coach else {}
    return found.get(person.id, assignments.Workload())


def _member_page(person: Person, load: assignments.Workload, why_not: str | None = None, **sent: Any) -> Any:
    """Their page; what was sent stands open, as it was sent."""
    return form_page(
        "staff/member.html",
        next(iter(sent.values()), None),
        person=person,
        load=load,
        forms=_forms(person, load.people, sent),
        why_not=why_not,
        covers=assignments.covers_of(person) if person.is_coach else [],
        covering=assignments.covering_for(person) if person.is_coach else [],
        press=EmptyForm(formdata=None),
        opened=[*sent, request.args.get("open")],
    )


def _forms(person: Person, people: int, sent: dict[str, Any]) -> dict[str, Form]:
    """Cover and moving only where there is somebody to cover or to move."""
    if not people:
        return {"suspend": sent.get("suspend") or EmptyForm(formdata=None)}
    read_drafts([url_for(endpoint, person_id=person.id) for _kind, endpoint in FORMS.values()], current_user.id)
    known = next((form.to.coaches.values() for form in sent.values()), None)
    coaches = known or assignments.coaches_for(None, current_user, person)
    return {
        name: (sent.get(name) or kind(endpoint, coach=person, coaches=coaches, formdata=None)).apart(name)
        for name, (kind, endpoint) in FORMS.items()
    }


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
    assignments.end_cover(Assignment.coach_id == person.id)
    return True


@bp.post("/staff/<int:person_id>/reactivate")
@open_to(Role.MANAGER)
@answers_again
@cannot_be_undone("suspending them again undoes it")
def reactivate(person_id):
    """They can sign in again with their password; whoever has none gets a new link."""
    person, form = staff_or_404(person_id), validate_or_400()
    if person.is_closed:
        _have_them_back(person)
    if not person.secret_hash:
        return link_page(person, form)
    flash(_("%(name)s can sign in again, with the password they had.", name=isolated(person.name)))
    return redirect(url_for(".people", person_id=person_id), 303)


def _have_them_back(person: Person) -> None:
    """The suspension ends, and with it all cover that was arranged until somebody says. Commits."""
    end_sign_ins(person)
    person.closes_at = None
    open_one = update(Suspension).where(Suspension.person_id == person.id, Suspension.ended_at.is_(None))
    db.session.execute(open_one.values(ended_at=now(), ended_by_id=current_user.id))
    ended = assignments.end_cover(Assignment.resident_id.in_(assignments.people_of(person)), Assignment.until.is_(None))
    db.session.commit()
    if ended:
        flash(
            ngettext(
                "The cover for their %(num)s person has ended.", "The cover for their %(num)s people has ended.", ended
            )
        )
