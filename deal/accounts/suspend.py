"""A manager suspends coaches and managers, asking first who looks after their people, and reactivates them."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from sqlalchemy import ForeignKey, exists, select, update
from sqlalchemy.orm import Mapped, aliased, mapped_column
from wtforms.validators import Optional, ValidationError

from deal.access import open_to
from deal.accounts import bp
from deal.accounts.coaching import count_of, covering_for, end_cover, people_of, who_may_go
from deal.accounts.cover import GiveManyForm, covered, moved
from deal.accounts.hand_over import CoachField
from deal.accounts.models import end_one_time_codes, end_sign_ins
from deal.accounts.staff import link_page, staff_or_404
from deal.dates import DayField
from deal.db import db, index_where, lock, now, today
from deal.forms import OneOfField, Press, choices_of, press_or_400
from deal.names import isolated
from deal.people import Coaching, Person, Role
from deal.undo import cannot_be_undone


class Suspension(db.Model):
    """Somebody of the staff could not sign in, from when until when, and who said so; `closes_at` tells it of now."""

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    since: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    __table_args__ = (index_where("ended_at IS NULL", "uq_suspension_one_at_a_time", "person_id", unique=True),)


class SuspendForm(GiveManyForm):
    """Who looks after their people?"""

    plan = OneOfField(
        _l("Who looks after their people?"),
        choices=choices_of(
            {
                "cover": _l("Somebody covers for now"),
                "move": _l("They get another coach for good"),
                "nobody": _l("Nobody for now: they stand on This week as people without a coach"),
            }
        ),
        needed=_l("Choose who looks after their people, or: nobody for now."),
    )
    to = CoachField(_l("Which coach?"))
    last = DayField(
        _l("Until which day do they cover?"),
        within=(0, 366),
        otherwise=_l("The last day has to be today or in the coming year."),
        description=_l("Leave this empty for: until somebody says."),
    )
    many = None  # all of them

    def validate(self, extra_validators: Any = None) -> bool:
        """Where it is nobody, no coach has to be chosen."""
        if self.plan.data == "nobody":
            self.to.validators = [Optional()]
        return super().validate(extra_validators)

    def validate_to(self, field: Any) -> None:
        """Somebody whom not all of them shut out."""
        chosen = field.coaches.get(field.data) if self.plan.data != "nobody" else None
        if chosen and not who_may_go(self.whom, chosen, 1):
            name = isolated(chosen.name)
            raise ValidationError(_("There is nobody whom %(coach)s could take. Choose another coach.", coach=name))


@bp.get("/staff/<int:person_id>/suspend")
@open_to(Role.MANAGER)
def suspend(person_id):
    """Before it is done: who looks after their people?"""
    person = staff_or_404(person_id)
    return _page(person, _form(person), _why_not(person))


@bp.post("/staff/<int:person_id>/suspend")
@open_to(Role.MANAGER)
def suspend_them(person_id):
    """From this moment on they cannot sign in, and their people are somebody's, or are counted as nobody's."""
    person = staff_or_404(person_id)
    if not person.is_closed:
        form, why_not = _form(person), _why_not(person)
        if why_not:
            form.form_errors.append(why_not)
        if why_not or not form.validate() or not (_suspended(person, form) and _looked_after(form)):
            db.session.rollback()
            return _page(person, form, why_not), 422
        db.session.commit()
    flash(_("%(name)s is suspended and cannot sign in.", name=isolated(person.name)))
    return redirect(url_for(".people", person_id=person_id) if person.is_coach else url_for(".staff"), 303)


@bp.post("/staff/<int:person_id>/reactivate")
@open_to(Role.MANAGER)
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
    ended = {"ended_at": now(), "ended_by_id": current_user.id}
    open_one = update(Suspension).where(Suspension.person_id == person.id, Suspension.ended_at.is_(None))
    db.session.execute(open_one.values(**ended))
    if count := end_cover(Coaching.resident_id.in_(people_of(person)), Coaching.until.is_(None)):
        flash(
            ngettext(
                "The cover for their %(num)s person has ended.", "The cover for their %(num)s people has ended.", count
            )
        )


def _why_not(person: Person) -> str | None:
    """Why nobody can suspend themself; so the last manager who can sign in always stays."""
    if person.id != current_user.id:
        return None
    others = Person.role == Role.MANAGER, Person.closes_at.is_(None), Person.secret_hash.is_not(None)
    if db.session.scalar(select(exists().where(*others, Person.id != person.id))):
        return _("You cannot suspend yourself. Another manager can do it.")
    return _("You are the only manager who can sign in, so you have to stay. Add another manager first.")


def _suspended(person: Person, form: Any) -> bool:
    """Close them in one statement, unless whoever asks was suspended a moment before. The caller commits."""
    lock(Person, person.id, current_user.id)  # two who suspend each other take turns
    at, asks = now(), aliased(Person)
    may = exists().where(asks.id == current_user.id, asks.closes_at.is_(None))
    closed = update(Person).where(Person.id == person.id, Person.closes_at.is_(None), may).values(closes_at=at)
    if db.session.scalar(closed.returning(Person.id)) is None:
        form.form_errors.append(_("Somebody was quicker, and nothing was changed. Load the page of the staff again."))
        return False
    db.session.add(Suspension(person_id=person.id, since=at, by_id=current_user.id))
    end_sign_ins(person)
    end_one_time_codes(person)
    end_cover(Coaching.coach_id == person.id)
    return True


def _looked_after(form: Any) -> bool:
    """Whether their people have somebody, where somebody was chosen."""
    if not isinstance(form, SuspendForm) or form.plan.data == "nobody":
        return True
    return bool(moved(form) if form.plan.data == "move" else covered(form, today()))


def _form(person: Person) -> Any:
    count = count_of(people_of(person)) if person.is_coach else 0
    if not count:
        return Press()
    form = SuspendForm(person)
    form.people = count
    return form


def _page(person: Person, form: Any, why_not: str | None) -> str:
    page = {"person": person, "why_not": why_not, "covering": covering_for(person)}
    return render_template("accounts/suspend.html", form=form, **page)
