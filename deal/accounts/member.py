"""One member of staff, for managers: their people in numbers, cover, moving them, a new link, suspending. No names."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import exists, select, update
from sqlalchemy.orm import aliased

from deal.access import open_to
from deal.accounts import bp, coaching, form_page
from deal.accounts.auth_models import end_all_access
from deal.accounts.hand_over import CoverForForm, GiveForm, MoveForm, SuspendForm, arrange_many, cover_ended
from deal.accounts.staff import staff_or_404
from deal.accounts.staff_models import Suspension
from deal.db import db, lock, now
from deal.drafts.forms import read_together
from deal.forms import Press
from deal.names import isolated
from deal.people import Coaching, Person, Role

FORMS: dict[str, type[GiveForm]] = {"cover": CoverForForm, "move": MoveForm, "suspend": SuspendForm}


@bp.get("/staff/<int:person_id>/people")
@open_to(Role.MANAGER)
def people(person_id):
    """How many people they have, who covers for how many, and all that a manager can do about it."""
    person = staff_or_404(person_id)
    return render_template("accounts/member.html", form=None, **_member(person, {}, _load(person), _why_not(person)))


@bp.post("/staff/<int:person_id>/people/cover")
@open_to(Role.MANAGER)
def keep_cover_for(person_id):
    """For those days that coach sees them too."""
    return _arranged("cover", _coach_or_404(person_id))


@bp.post("/staff/<int:person_id>/people/move")
@open_to(Role.MANAGER)
def move_people(person_id):
    """They get another coach for good."""
    return _arranged("move", _coach_or_404(person_id))


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
        form = SuspendForm(coach=person) if load.people else Press()
        if why_not:
            form.form_errors.append(why_not)
        if why_not or not form.validate_on_submit() or not _is_suspended(person, form):
            return form_page("accounts/member.html", form, **_member(person, {"suspend": form}, load, why_not))
    flash(_("%(name)s is suspended and cannot sign in.", name=isolated(person.name)))
    return redirect(url_for(".people", person_id=person_id), 303)


def _coach_or_404(person_id: int) -> Person:
    person = db.session.get(Person, person_id)
    return person if person and person.is_coach else abort(404)


def _arranged(name: str, coach: Person) -> Any:
    form = FORMS[name](coach=coach)
    if arrange_many(form):
        return redirect(url_for(".people", person_id=coach.id), 303)
    return form_page("accounts/member.html", form, **_member(coach, {name: form}, _load(coach), None))


def _load(person: Person) -> coaching.Workload:
    found = coaching.workloads(person.id) if person.is_coach else {}
    return found.get(person.id, coaching.Workload())


def _member(person: Person, sent: dict[str, Any], load: coaching.Workload, why_not: str | None) -> dict[str, Any]:
    """What stands on their page; what was sent stands open, as it was sent."""
    page = {"person": person, "load": load, "forms": _forms(person, sent, load.people), "press": Press(formdata=None)}
    page |= {"why_not": why_not, "opened": [*sent, request.args.get("open")]}
    if person.is_coach:
        page |= {"covers": coaching.covers_of(person), "covering": coaching.covering_for(person)}
    return page


def _forms(person: Person, sent: dict[str, Any], people: int) -> dict[str, Any]:
    """Cover and moving only where there is somebody to cover or to move."""
    if not people:
        return {"suspend": sent.get("suspend") or Press(formdata=None)}
    read_together(*FORMS.values())
    forms, first = dict[str, Any](), next(iter(sent.values()), None)
    if first:
        first.people = people
    for name, kind in FORMS.items():
        form = sent.get(name) or kind(coach=person, beside=first, formdata=None)
        form.people, first = people, first or form
        forms[name] = form.apart(name)
    return forms


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
    coaching.end_cover(Coaching.coach_id == person.id)
    return True
