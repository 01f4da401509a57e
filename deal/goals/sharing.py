"""A goal that managers may show: in the resident's own words, with or without their name, until they take it back."""

from datetime import datetime
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, select, update
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from deal.access import open_to, own_or_404
from deal.db import db, index_where, lock, now, start_of, today, week_of
from deal.forms import OneOfField, VersionedForm, choices_of
from deal.goals import bp
from deal.goals.models import Goal, State, Wording, goal_of
from deal.people import Person, Role

NO_LONGER_WANTED = (State.CHANGED, State.SET_ASIDE)


class SharedGoal(db.Model):
    """The resident's yes to showing exactly this wording. At most one of a goal is not taken back."""

    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id", ondelete="CASCADE"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    wording_id: Mapped[int] = mapped_column(ForeignKey("wording.id", ondelete="CASCADE"), index=True)
    named: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]  # or said anew since
    wording: Mapped[Wording] = relationship()
    resident: Mapped[Person] = relationship()

    __table_args__ = (index_where("taken_back_at IS NULL", "uq_shared_goal_one_holds", "goal_id", unique=True),)

    @property
    def name(self) -> str | None:
        """Whose it is, where that may be said."""
        return self.resident.name if self.named else None


def shared_of(goal: Goal) -> SharedGoal | None:
    """What the resident said last about showing this goal, unless that was no."""
    return db.session.scalar(select(SharedGoal).filter_by(goal_id=goal.id, taken_back_at=None))


def may_be_shared(goal: Goal) -> bool:
    """Whether its words are the resident's own, and still what they want."""
    return goal.own_words and goal.state not in NO_LONGER_WANTED


# every week begins elsewhere on a ring on which the shared goals stand: steps of the golden section part it evenly
RING, STEP = 10_007, 6_185


def goal_of_the_week(*here: Any) -> SharedGoal | None:
    """The one shared goal of this week, with its wording and whose it is; one statement.

    `here` are conditions that a Person has not stopped: nobody is shown who has.

    Those shared before Monday take turns; nobody else's coming or going changes whose week it is. Where there are
    none, the first one shared this week is shown.
    """
    monday = week_of(today())
    start = monday.toordinal() // 7 % RING * STEP % RING
    turn = (SharedGoal.id % RING * STEP + start) % RING
    fresh = db.case((SharedGoal.at >= start_of(monday), SharedGoal.id), else_=0)
    stands = Wording.is_face, Wording.taken_back_at.is_(None), Wording.not_agreed_at.is_(None)
    open_still = Person.closes_at.is_(None) | (Person.closes_at > now())
    query = select(SharedGoal).join(SharedGoal.wording).join(SharedGoal.resident).join(Goal)
    # "not in" because no index helps with it: the database then begins with the few that are shared
    query = query.where(
        SharedGoal.taken_back_at.is_(None), *stands, open_still, *here, Goal.state.not_in(NO_LONGER_WANTED)
    )
    query = query.options(contains_eager(SharedGoal.wording), contains_eager(SharedGoal.resident))
    return db.session.scalar(query.order_by(fresh, turn, SharedGoal.id).limit(1))


class ShareForm(VersionedForm):
    choice = OneOfField(
        _l("May we show it?"),
        choices=choices_of(
            {"named": _l("Yes, with my name"), "unnamed": _l("Yes, without my name"), "no": _l("No, do not show it")}
        ),
        needed=_l("Choose yes or no."),
    )
    # the version is of the words that were read: a yes is to these alone
    moved = _l("The words changed while your page was open. Read them below, then choose again.")


@bp.get("/residents/<int:resident_id>/goals/<int:goal_id>/share")
@open_to(Role.RESIDENT)
def sharing(resident_id, goal_id):
    """May we show this goal? Who would see it, before they say so."""
    goal = _own_goal_or_404(resident_id, goal_id)
    said = shared_of(goal)
    holds = said and said.wording_id == goal.face.id
    choice = ("named" if said.named else "unnamed") if said and holds else None
    return _page(goal, ShareForm(choice=choice, version=goal.face.id))


@bp.post("/residents/<int:resident_id>/goals/<int:goal_id>/share")
@open_to(Role.RESIDENT)
def share(resident_id, goal_id):
    """Keep a yes or a no; the newest holds."""
    goal = _own_goal_or_404(resident_id, goal_id)
    form = ShareForm()
    if not form.validate():
        return _page(goal, form), 422
    if form.choice.data != "no" and not _is_what_they_read(form, goal):
        return _page(goal, form), 409
    _keep(form, goal)
    flash(_("This is saved."))
    return redirect(url_for(".goal", resident_id=resident_id, goal_id=goal_id), 303)


def _own_goal_or_404(resident_id: int, goal_id: int) -> Goal:
    return goal_of(own_or_404(resident_id), goal_id) or abort(404)


def _is_what_they_read(form: ShareForm, goal: Goal) -> bool:
    if form.is_fresh(goal.face.id) and not may_be_shared(goal):
        form.form_errors.append(_("This goal cannot be shown now. Read below why."))
    return not form.form_errors


def _keep(form: ShareForm, goal: Goal) -> None:
    """What was said before ends in the same transaction; a second press undoes its own ending too. Commits."""
    lock(Goal, goal.id)  # two tabs take turns
    held = update(SharedGoal).where(SharedGoal.goal_id == goal.id, SharedGoal.taken_back_at.is_(None))
    db.session.execute(held.values(taken_back_at=now()))
    if form.choice.data != "no":
        said = {"wording_id": goal.face.id, "named": form.choice.data == "named"}
        db.session.add(SharedGoal(goal_id=goal.id, resident_id=goal.resident_id, **said))
    db.session.commit()


def _page(goal: Goal, form: ShareForm) -> str:
    return render_template("goals/share.html", goal=goal, form=form, may_be_shared=may_be_shared(goal))
