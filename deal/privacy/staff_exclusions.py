"""A resident names coaches who must never read their words. Nobody but the resident sees the names."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from wtforms import SelectChoice

from deal.access import open_to, own_or_404
from deal.clock import now
from deal.db import db, insert_into
from deal.manager_requests.models import ManagerRequest, RequestKind
from deal.names import isolated
from deal.people import Assignment, Person, Role, StaffExclusion, active_at, coach_of, names_apart
from deal.privacy import bp
from deal.privacy.forms import NeverForm

MOST = 2000  # coaches on one page


@bp.get("/residents/<int:resident_id>/never")
@open_to(Role.RESIDENT)
def never(resident_id):
    """Every coach by name, those who were ticked before with their tick."""
    resident = own_or_404(resident_id)
    named = select(StaffExclusion.staff_id).where(StaffExclusion.resident_id == resident.id)
    ticked = [str(number) for number in db.session.scalars(named)]
    form = _offering(coach_of(resident), data={"staff": ticked})
    return render_template("privacy/never.html", form=form)


@bp.post("/residents/<int:resident_id>/never")
@open_to(Role.RESIDENT)
def keep_never(resident_id):
    """Keep the ticks. Whoever is ticked coaches no longer; where it is their own coach, the managers are asked."""
    resident = own_or_404(resident_id)
    coach = coach_of(resident)
    form = _offering(coach)
    if not form.validate():
        return render_template("privacy/never.html", form=form), 422
    offered = [int(choice.value) for choice in form.staff.choices or ()]
    named = [number for number in offered if str(number) in (form.staff.data or [])]
    leaves = coach if coach and coach.id in named else None
    if leaves:  # the first write: a second press undoes what came before it
        kind = RequestKind.OTHER_COACH
        db.session.add(ManagerRequest(resident_id=resident.id, kind=kind, language=str(get_locale())))
    _keep(resident, named, [number for number in offered if number not in named])
    flash(_said(leaves))
    return redirect(url_for(".never", resident_id=resident_id), 303)


def _offering(coach: Person | None, **values: Any) -> NeverForm:
    form = NeverForm(**values)
    everybody = select(Person).where(Person.role == Role.COACH)  # whoever could ever coach somebody, by name
    coaches = db.session.scalars(everybody.order_by(Person.name_key, Person.id).limit(MOST)).all()
    named = names_apart(coaches, "phone")
    hints = {coach.id: {"hint": _("Your coach now")}} if coach else {}
    form.staff.choices = [SelectChoice(str(one.id), named[one.id], hints.get(one.id, {})) for one in coaches]
    return form


def _keep(resident: Person, named: list[int], others: list[int]) -> None:
    """The names as they are ticked now; the named coach or cover no longer, from this moment. Commits."""
    hers, at = StaffExclusion.resident_id == resident.id, now()
    db.session.execute(delete(StaffExclusion).where(hers, StaffExclusion.staff_id.in_(others)))
    if named:
        rows = [{"resident_id": resident.id, "staff_id": number, "since": at} for number in named]
        db.session.execute(insert_into(StaffExclusion).values(rows).on_conflict_do_nothing())
        coaching = update(Assignment).where(Assignment.resident_id == resident.id, Assignment.coach_id.in_(named))
        db.session.execute(coaching.where(active_at(Assignment, at)).values(until=at))
    db.session.commit()


def _said(leaves: Person | None) -> str:
    if leaves is None:
        return _("This is saved.")
    return _(
        "%(coach)s cannot open your pages any more. We have asked the managers to find you another coach.",
        coach=isolated(leaves.name),
    )
