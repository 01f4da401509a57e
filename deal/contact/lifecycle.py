"""Endings, which are good news: "I don't need this now", coming back, moving away; and that somebody has died."""

from collections.abc import Sequence
from datetime import timedelta

from flask import abort, flash, redirect, render_template
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import exists, select, update
from sqlalchemy.orm import contains_eager, selectinload

from deal.access import open_to, own_or_404, resident_url
from deal.auth.models import end_sign_ins
from deal.clock import now
from deal.contact import bp
from deal.contact.forms import EndingForm
from deal.contact.models import Ending, Standing, standing_of
from deal.conversations.models import plan_chat, stop_waiting, wait_again
from deal.db import db
from deal.goals.models import IS_CONFIRMED, Goal, State, Step, Wording
from deal.invitations.models import Invitation
from deal.people import Assignment, Person, Role, active_at
from deal.settings import landlord

A_MONTH = timedelta(days=30.44)


@bp.get("/residents/<int:resident_id>/not-now")
@open_to(Role.RESIDENT)
def not_now(resident_id):
    """I don't need this now: or, for somebody who said so, coming back."""
    return _own_page(own_or_404(resident_id), EndingForm())


@bp.post("/residents/<int:resident_id>/not-now")
@open_to(Role.RESIDENT)
def say_not_now(resident_id):
    """One press; the next one comes back. Nothing is lost either way."""
    resident = own_or_404(resident_id)
    form = EndingForm()
    if not form.validate():
        return _own_page(resident, form), 422
    turns = {Standing.HERE: Standing.NOT_NOW, Standing.NOT_NOW: Standing.HERE}
    standing = turns.get(standing_of(resident)) or abort(404)  # nobody who has gone does either
    _end(resident, standing, form.reason.said)
    (wait_again if standing is Standing.HERE else stop_waiting)(resident)
    db.session.commit()
    good = _("Good for you. We are glad we could walk a bit of the way with you. Your pages stay open for you.")
    flash(_("Welcome back. Everything is as you left it.") if standing is Standing.HERE else good)
    return redirect(resident_url(resident_id), 303)


def _end(resident: Person, standing: Standing, reason: str | None = None) -> None:
    """The dated row; the caller commits, with all that follows from it."""
    db.session.add(Ending(resident_id=resident.id, by_id=current_user.id, standing=standing, reason=reason))


def end_for_good(resident: Person, standing: Standing) -> None:
    """They moved away or have died: every list, letter and question stops. Commits.

    Who has moved can still sign in for a while; of one who has died all words close to staff at once.
    """
    _end(resident, standing)
    open_letter = Invitation.resident_id == resident.id, Invitation.used_at.is_(None)
    db.session.execute(update(Invitation).where(*open_letter, Invitation.shut_at.is_(None)).values(shut_at=now()))
    stop_waiting(resident)
    plan_chat(resident, current_user, None)
    resident.closes_at = now() + A_MONTH * landlord().moved_months if standing is Standing.MOVED else now()
    if standing is Standing.DIED:
        end_sign_ins(resident)
        shared = Assignment.resident_id == resident.id, active_at(Assignment, now())
        db.session.execute(update(Assignment).where(*shared).values(until=now()))
    db.session.commit()


def did_of(resident: Person) -> Sequence[Goal]:
    """All goals that somebody reached, then those that they have done a step of; none whose words are not theirs."""
    done = exists().where(Step.goal_id == Goal.id, Step.done_at.is_not(None), Step.taken_back_at.is_(None))
    stands = IS_CONFIRMED, Wording.not_agreed_at.is_(None), Wording.taken_back_at.is_(None)
    query = select(Goal).join(Goal.current_wording).where(Goal.resident_id == resident.id, *stands)
    query = query.where((Goal.state == State.REACHED) | done)
    query = query.options(contains_eager(Goal.current_wording), selectinload(Goal.steps))
    return db.session.scalars(query.order_by(Goal.state != State.REACHED, Goal.id.desc())).all()


def _own_page(resident: Person, form: EndingForm) -> str:
    standing = standing_of(resident)
    if standing not in (Standing.HERE, Standing.NOT_NOW):
        abort(404)
    return render_template("contact/not_now.html", form=form, resident=resident, here=standing is Standing.HERE)
