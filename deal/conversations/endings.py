"""Endings, which are good news: "I don't need this now", coming back, moving away; and that somebody has died."""

import enum
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import ForeignKey, Index, Text, exists, func, literal, select, update
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, selectinload

from deal.access import open_to, own_or_404
from deal.accounts.auth_models import end_sign_ins
from deal.accounts.invitation_models import Invitation
from deal.conversations import bp
from deal.conversations.models import plan_chat, stop_waiting, wait_again
from deal.db import db, now, values_of
from deal.forms import Form, WordsField
from deal.goals.models import READ, Goal, State, Step, Wording
from deal.people import Coaching, Person, Role, lasts
from deal.settings import landlord

A_MONTH = timedelta(days=30.44)


class Standing(enum.Enum):
    """How it stands between a resident and Deal."""

    HERE = "here"
    NOT_NOW = "not_now"  # "I don't need this now"
    MOVED = "moved"
    DIED = "died"


class Ending(db.Model):
    """From this moment on it stands so; coming back is a row too. The newest holds, none is here."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    standing: Mapped[Standing] = mapped_column(values_of(Standing))
    reason: Mapped[str | None] = mapped_column(Text)  # in the resident's words
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]  # the reason, by the resident; that it ended stands

    __table_args__ = (
        Index("ix_ending_resident_id_id", "resident_id", "id"),
        Index("ix_ending_standing", "standing", "resident_id"),
    )


def newest_standing(resident_id: Any) -> Any:
    """A subquery: how it stands with the resident of that number; nothing where nothing ever ended."""
    query = select(Ending.standing).where(Ending.resident_id == resident_id).order_by(Ending.id.desc())
    return query.limit(1).correlate(Person).scalar_subquery()


def is_here(resident_id: Any) -> Any:
    """The condition that nothing ended with the resident of that number, or that they came back."""
    return func.coalesce(newest_standing(resident_id), literal(Standing.HERE, Ending.standing.type)) == Standing.HERE


def died() -> Any:
    """A subquery: the numbers of the residents who have died."""
    return select(Ending.resident_id).where(Ending.standing == Standing.DIED)


def died_of(resident_id: Any) -> Any:
    """The condition that the resident of that number has died; looks at their rows alone."""
    return exists().where(Ending.resident_id == resident_id, Ending.standing == Standing.DIED)


def newest_ending(resident_id: Any) -> Any:
    """A subquery: the number of the newest row of the resident of that number."""
    return select(func.max(Ending.id)).where(Ending.resident_id == resident_id).correlate(Person).scalar_subquery()


def standing_of(resident: Person) -> Standing:
    """How it stands with a resident now."""
    return db.session.scalar(select(newest_standing(resident.id))) or Standing.HERE


class EndingForm(Form):
    reason = WordsField(_l("Would you like to say why?"), description=_l("You can leave this empty."))


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
    if standing is Standing.HERE:
        flash(_("Welcome back. Everything is as you left it."))
        return redirect(url_for("home.resident", resident_id=resident_id), 303)
    flash(_("Good for you. We are glad we could walk a bit of the way with you. Your pages stay open for you."))
    return redirect(url_for("home.resident", resident_id=resident_id), 303)


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
        shared = Coaching.resident_id == resident.id, lasts(Coaching, now())
        db.session.execute(update(Coaching).where(*shared).values(until=now()))
    db.session.commit()


def did_of(resident: Person) -> Sequence[Goal]:
    """All goals that somebody reached, then those that they have done a step of; none whose words are not theirs."""
    done = exists().where(Step.goal_id == Goal.id, Step.done_at.is_not(None), Step.taken_back_at.is_(None))
    stands = READ, Wording.not_agreed_at.is_(None), Wording.taken_back_at.is_(None)
    query = select(Goal).join(Goal.face).where(Goal.resident_id == resident.id, *stands)
    query = query.where((Goal.state == State.REACHED) | done)
    query = query.options(contains_eager(Goal.face), selectinload(Goal.steps))
    return db.session.scalars(query.order_by(Goal.state != State.REACHED, Goal.id.desc())).all()


def _own_page(resident: Person, form: EndingForm) -> str:
    standing = standing_of(resident)
    if standing not in (Standing.HERE, Standing.NOT_NOW):
        abort(404)
    page = {"resident": resident, "here": standing is Standing.HERE}
    return render_template("conversations/not_now.html", form=form, **page)
