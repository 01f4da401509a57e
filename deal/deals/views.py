"""The deal: promises of either side, whether the landlord's were kept, agreeing to both halves, every version."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from deal.access import open_to, own_or_404, resident_or_404
from deal.db import db, insert_into, lock, now, today
from deal.deals import bp, models
from deal.deals.forms import KEPT, AgreeForm, OurPromiseForm, PaperForm, PromiseForm, PromiseNoteForm
from deal.deals.models import (
    Agreement,
    Deal,
    DealPart,
    Halves,
    Kept,
    Promise,
    PromiseWording,
    Side,
    halves_of,
    promise_of,
)
from deal.forms import AddingPress, Press, press_or_400
from deal.idempotency import insert_once
from deal.people import Person, Role, who_is_there


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
    _agree_to(halves, form, [side], today())
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
    _agree_to(halves, form, list(Side), form.agreed_on.data or today(), form.seen_by.data)
    return redirect(url_for(".index", resident_id=resident_id), 303)


@bp.get("/residents/<int:resident_id>/deal/<int:deal_id>")
@open_to(Role.RESIDENT, Role.COACH)
def deal(resident_id, deal_id):
    """A version as both agreed it, however the promises changed since."""
    resident = resident_or_404(resident_id)
    found = models.agreed_deal_of(resident, deal_id) or abort(404)
    return render_template("deals/deal.html", resident=resident, deal=found)


def _deal_page(halves: Halves, form: AgreeForm | None = None) -> str:
    versions = models.agreed_page(halves.resident, request.args.get("after"))
    agreed = {"agreed_by": models.agreements_to(halves.key), "page": versions}
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


def _agree_to(halves: Halves, form: AgreeForm, sides: list[Side], on: date, seen_by: str = "") -> None:
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


@bp.get("/residents/<int:resident_id>/promises/new/<any(landlord, resident):side>")
@open_to(Role.RESIDENT, Role.COACH)
def new_promise(resident_id, side):
    """Write down a promise of either side."""
    resident = resident_or_404(resident_id)
    if side == "resident":
        return _new_page(resident, side, PromiseForm())
    coach = current_user if current_user.is_coach else who_is_there(resident)
    return _new_page(resident, side, OurPromiseForm(who=coach and coach.name))


@bp.post("/residents/<int:resident_id>/promises/new/<any(landlord, resident):side>")
@open_to(Role.RESIDENT, Role.COACH)
def add_promise(resident_id, side):
    """Keep the promise and its first wording together."""
    resident = resident_or_404(resident_id)
    form = OurPromiseForm() if side == "landlord" else PromiseForm()
    if not form.validate():
        return _new_page(resident, side, form), 422
    wording = PromiseWording(**_said(form))
    db.session.add(Promise(resident_id=resident.id, side=Side(side), wordings=[wording]))
    db.session.commit()
    flash(_("The promise is written down."))
    return redirect(url_for(".index", resident_id=resident_id), 303)


@bp.get("/residents/<int:resident_id>/promises/<int:promise_id>")
@open_to(Role.RESIDENT, Role.COACH)
def promise(resident_id, promise_id):
    """One promise: its wordings, and for the landlord's the resident's answers with what staff say beside them."""
    return _promise_page(*_promise_or_404(resident_id, promise_id))


@bp.get("/residents/<int:resident_id>/promises/<int:promise_id>/words")
@open_to(Role.RESIDENT, Role.COACH)
def words(resident_id, promise_id):
    """Say it in other words."""
    resident, found = _promise_or_404(resident_id, promise_id)
    return render_template("deals/words.html", resident=resident, promise=found, form=_form_of(found))


@bp.post("/residents/<int:resident_id>/promises/<int:promise_id>/words")
@open_to(Role.RESIDENT, Role.COACH)
def change_words(resident_id, promise_id):
    """A new wording beside the old one, unless it was answered or let go while the page was open."""
    resident, found = _promise_or_404(resident_id, promise_id)
    form = _form_of(found)
    good = form.validate()
    if good and found.is_fixed:
        form.form_errors.append(_("The words of this promise stay as they are now. You can write a new promise."))
        good = False
    if not good:
        return render_template("deals/words.html", resident=resident, promise=found, form=form), 422
    if not form.is_fresh(found.face.id):
        page = {"resident": resident, "promise": found, "form": form, "theirs": found.face}
        return render_template("deals/words.html", **page), 409
    db.session.add(PromiseWording(promise_id=found.id, **_said(form)))
    db.session.commit()
    flash(_("The new words are kept. The old ones are kept too."))
    return redirect(url_for(".promise", resident_id=resident_id, promise_id=promise_id), 303)


@bp.post("/residents/<int:resident_id>/promises/<int:promise_id>/let-go")
@open_to(Role.RESIDENT, Role.COACH)
def let_go(resident_id, promise_id):
    """It is not meant any more, says the side whose it is; pressing twice does it once."""
    _resident, found = _promise_or_404(resident_id, promise_id)
    if found.is_ours == current_user.is_resident:
        abort(404)
    press_or_400()
    if found.let_go_at is None:
        found.let_go_at, found.let_go_by_id = now(), current_user.id
        db.session.commit()
    flash(_("That promise is let go. That is all right."))
    return redirect(url_for(".promise", resident_id=resident_id, promise_id=promise_id), 303)


@bp.post("/residents/<int:resident_id>/promises/<int:promise_id>/kept")
@open_to(Role.RESIDENT)
def kept(resident_id, promise_id):
    """Did the landlord keep it? The newest answer holds, and the earlier ones stay."""
    resident = own_or_404(resident_id)
    found = promise_of(resident, promise_id) or abort(404)
    form, said = AddingPress(), request.form.get("kept")
    if not found.is_ours:
        abort(404)  # nobody marks a resident's promise
    if not form.validate() or said not in [one.value for one in Kept]:
        abort(400)
    db.session.add(models.KeptAnswer(promise_id=found.id, kept=Kept(said)))
    db.session.commit()
    flash(_("Thank you. Your answer stands."))
    return redirect(url_for(".promise", resident_id=resident_id, promise_id=promise_id), 303)


@bp.post("/residents/<int:resident_id>/promises/<int:promise_id>/notes")
@open_to(Role.COACH)
def add_note(resident_id, promise_id):
    """Staff say something beside the answer, never over it."""
    resident, found = _promise_or_404(resident_id, promise_id)
    if found.answer is None:
        abort(404)
    form = PromiseNoteForm()
    if not form.validate():
        return _promise_page(resident, found, form), 422
    by = {"typed_by_id": current_user.id, "language": str(get_locale())}
    db.session.add(models.PromiseNote(promise_id=found.id, words=form.words.data, **by))
    db.session.commit()
    return redirect(url_for(".promise", resident_id=resident_id, promise_id=promise_id), 303)


def _promise_or_404(resident_id: int, promise_id: int) -> tuple[Person, Promise]:
    resident = resident_or_404(resident_id)
    return resident, promise_of(resident, promise_id) or abort(404)


def _promise_page(resident: Person, found: Promise, form: PromiseNoteForm | None = None) -> str:
    page = {"kept": KEPT, "press": Press(formdata=None), "form": form or PromiseNoteForm(formdata=None)}
    return render_template("deals/promise.html", resident=resident, promise=found, **page)


def _new_page(resident: Person, side: str, form: PromiseForm) -> str:
    return render_template("deals/new.html", resident=resident, ours=side == "landlord", form=form)


def _form_of(found: Promise) -> PromiseForm:
    face = found.face
    return (
        OurPromiseForm(obj=face, version=face.id) if found.is_ours else PromiseForm(words=face.words, version=face.id)
    )


def _said(form: PromiseForm) -> dict[str, Any]:
    """What a form holds, who typed it, and in which language the page was."""
    ours = {"who": form.who.data, "due_on": form.due_on.data} if isinstance(form, OurPromiseForm) else {}
    return {"words": form.words.data, "typed_by_id": current_user.id, "language": str(get_locale()), **ours}
