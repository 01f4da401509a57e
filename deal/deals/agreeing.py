"""The deal: what both halves say now, agreeing to it, and every version that both agreed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from deal.access import open_to, resident_or_404
from deal.db import db, insert_into, lock, now, today
from deal.deals import bp
from deal.deals.forms import KEPT, AgreeForm, PaperForm
from deal.deals.models import (
    Agreement,
    Deal,
    DealPart,
    Promise,
    Side,
    agreed_deal_of,
    agreed_page,
    agreements_to,
    goals_in_words,
    newest_agreed,
    promises_of,
)
from deal.goals.models import Wording
from deal.idempotency import insert_once
from deal.people import Person, Role


@dataclass(frozen=True)
class Halves:
    """What the deal says now, and the version that both agreed last."""

    resident: Person
    goals: Sequence[Wording]
    waiting: int  # goals whose words nobody has read back: no part of any deal
    promises: list[Promise]
    agreed: Deal | None

    @property
    def parts(self) -> list[tuple[int | None, int | None]]:
        """The numbers of the wordings of goals and of promises."""
        return [*((one.id, None) for one in self.goals), *((None, one.face.id) for one in self.promises)]

    @property
    def wants_agreeing(self) -> bool:
        """Whether something was added or said in other words; what is done or let go needs nobody's agreement."""
        before = {(one.wording_id, one.promise_wording_id) for one in self.agreed.parts} if self.agreed else set()
        return any(one.is_ours for one in self.promises) and not before.issuperset(self.parts)

    @property
    def key(self) -> str:
        """The same for both sides as long as it says the same."""
        said = repr((self.resident.id, self.agreed and self.agreed.id, self.parts))
        return hashlib.sha256(said.encode()).hexdigest()


def halves_of(resident: Person) -> Halves:
    """What the deal with this resident says now."""
    goals, waiting = goals_in_words(resident)
    return Halves(resident, goals, waiting, promises_of(resident), newest_agreed(resident))


@bp.get("/residents/<int:resident_id>/deal")
@open_to(Role.RESIDENT, Role.COACH)
def index(resident_id):
    """Our deal: its goals, both halves, what is agreed, and the earlier versions."""
    return _deal_page(halves_of(resident_or_404(resident_id)))


@bp.post("/residents/<int:resident_id>/deal/agree")
@open_to(Role.RESIDENT, Role.COACH)
def agree(resident_id):
    """I agree; we agree: to what was on the page, and to nothing else."""
    halves = halves_of(resident_or_404(resident_id))
    form = AgreeForm()
    side = Side.RESIDENT if current_user.is_resident else Side.LANDLORD
    if not form.validate() or not _is_still(halves, form):
        return _deal_page(halves, form), 409
    _keep(halves, form, [side], today())
    return redirect(url_for(".index", resident_id=resident_id), 303)


@bp.get("/residents/<int:resident_id>/deal/paper")
@open_to(Role.COACH)
def paper(resident_id):
    """Both agreed on paper: which day, and who saw it?"""
    halves = halves_of(resident_or_404(resident_id))
    return render_template("deals/paper.html", halves=halves, form=PaperForm(shown=halves.key))


@bp.post("/residents/<int:resident_id>/deal/paper")
@open_to(Role.COACH)
def agreed_on_paper(resident_id):
    """Keep that both agreed on paper."""
    halves = halves_of(resident_or_404(resident_id))
    form = PaperForm()
    if not form.validate() or not _is_still(halves, form):
        return render_template("deals/paper.html", halves=halves, form=form), 422
    _keep(halves, form, list(Side), form.agreed_on.data or today(), form.seen_by.data)
    return redirect(url_for(".index", resident_id=resident_id), 303)


@bp.get("/residents/<int:resident_id>/deal/<int:deal_id>")
@open_to(Role.RESIDENT, Role.COACH)
def deal(resident_id, deal_id):
    """A version as both agreed it, however the promises changed since."""
    resident = resident_or_404(resident_id)
    found = agreed_deal_of(resident, deal_id) or abort(404)
    return render_template("deals/deal.html", resident=resident, deal=found)


def _deal_page(halves: Halves, form: AgreeForm | None = None) -> str:
    agreed = {"agreed_by": agreements_to(halves.key), "page": agreed_page(halves.resident, request.args.get("after"))}
    form = form or AgreeForm(formdata=None, shown=halves.key)
    page = {"halves": halves, "resident": halves.resident, "kept": KEPT, "form": form}
    return render_template("deals/index.html", **page, **agreed)


def _is_still(halves: Halves, form: AgreeForm) -> bool:
    """Whether the deal says what the page said, or a first press of the same page has just made it."""
    if form.shown.data == halves.key and halves.wants_agreeing:
        return True
    if form.shown.data and halves.agreed and form.shown.data == halves.agreed.fingerprint:
        return True
    form.shown.data = halves.key
    form.form_errors.append(_("Something changed while your page was open. Look at it again, then agree."))
    return False


def _keep(halves: Halves, form: AgreeForm, sides: list[Side], on: date, seen_by: str = "") -> None:
    """The version as it is now, and who agrees to it; where the second side agrees it is a deal. Commits."""
    parts = [DealPart(wording_id=goal, promise_wording_id=promise) for goal, promise in halves.parts]
    found = db.session.scalar(select(Deal).filter_by(fingerprint=form.shown.data))
    fresh = Deal(resident_id=halves.resident.id, parts=parts, fingerprint=halves.key)
    found = found or insert_once(fresh, fingerprint=halves.key)
    # both sides may press at one moment: they take turns, and the later one sees the earlier
    lock(Deal, found.id)
    row = {"deal_id": found.id, "agreed_on": on, "seen_by": seen_by, "by_id": current_user.id, "at": now()}
    for side in sides:
        db.session.execute(insert_into(Agreement).values(side=side, **row).on_conflict_do_nothing())
    days = db.session.scalars(select(Agreement.agreed_on).where(Agreement.deal_id == found.id)).all()
    if len(days) == len(Side) and found.agreed_on is None:
        found.agreed_on = max(days)
    db.session.commit()
    flash(_("That is our deal.") if found.agreed_on else _("That is kept. It is a deal when both have agreed."))
