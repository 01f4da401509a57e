"""The deal: promises of either side, whether the landlord's were kept, agreeing to both halves, every version."""

from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from deal.access import open_to, own_or_404, resident_or_404
from deal.clock import now, today
from deal.db import db, insert_into, lock
from deal.deals import bp, models
from deal.deals.forms import (
    KEPT,
    AgreeForm,
    ChangeOurPromiseForm,
    ChangePromiseForm,
    NewOurPromiseForm,
    NewPromiseForm,
    OurPromiseForm,
    PaperForm,
    PromiseForm,
    PromiseNoteForm,
)
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
from deal.drafts.forms import read_together
from deal.forms import AddingPress, Form, Press, press_or_400
from deal.idempotency import insert_once
from deal.people import Person, Role, who_is_there


@bp.get("/residents/<int:resident_id>/deal")
@open_to(Role.RESIDENT, Role.COACH)
def index(resident_id):
    """Our deal: its goals, both halves, what is agreed; or with a version, one as both agreed it."""
    resident, version = resident_or_404(resident_id), request.args.get("version", "")
    if not version:
        return _deal_page(halves_of(resident))
    number = int(version) if version.isdecimal() and len(version) < 10 else 0
    found = models.agreed_deal_of(resident, number) or abort(404)
    page = models.agreed_page(resident, request.args.get("after"))
    return render_template("deals/deal.html", resident=resident, deal=found, page=page)


@bp.post("/residents/<int:resident_id>/deal/agree")
@open_to(Role.RESIDENT, Role.COACH)
def agree(resident_id):
    """I agree; we agree: to what was on the page, and to nothing else."""
    halves, form = halves_of(resident_or_404(resident_id)), AgreeForm()
    side = Side.RESIDENT if current_user.is_resident else Side.LANDLORD
    if not form.validate() or not _is_still(halves, form):
        return _deal_page(halves, "agree", form), 409
    _agree_to(halves, form, [side], today())
    return redirect(url_for(".index", resident_id=resident_id), 303)


@bp.post("/residents/<int:resident_id>/deal/paper")
@open_to(Role.COACH)
def agreed_on_paper(resident_id):
    """Both agreed on paper: which day, and who saw it."""
    halves, form = halves_of(resident_or_404(resident_id)), PaperForm()
    if not form.validate() or not _is_still(halves, form):
        return _deal_page(halves, "paper", form), 422
    _agree_to(halves, form, list(Side), form.agreed_on.data or today(), form.seen_by.data)
    return redirect(url_for(".index", resident_id=resident_id), 303)


def _deal_page(halves: Halves, sent: str = "", form: Form | None = None) -> str:
    """The deal as it is now; the form that was sent and not kept is open, with its words in it."""
    resident = halves.resident
    return render_template(
        "deals/index.html",
        halves=halves,
        resident=resident,
        kept=KEPT,
        agreed_by=models.agreements_to(halves.key) if halves.wants_agreeing else {},
        forms=_forms(halves) | ({sent: form.drawn_first()} if form else {}),
        form=form,
        sent=sent,
    )


def _forms(halves: Halves) -> dict[str, Form]:
    """The forms on the page of the deal, as they are before anything is sent."""
    read_together(PaperForm, NewOurPromiseForm, NewPromiseForm)
    coach = current_user if current_user.is_coach else who_is_there(halves.resident)
    return {
        "agree": AgreeForm(formdata=None, shown=halves.key),
        "paper": PaperForm(formdata=None, shown=halves.key),
        "landlord": NewOurPromiseForm(formdata=None, who=coach and coach.name),
        "resident": NewPromiseForm(formdata=None),
    }


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
    flash(_("That is our deal.") if found.agreed_on else _("Saved. It is a deal when both have agreed."))


@bp.post("/residents/<int:resident_id>/promises/new/<any(landlord, resident):side>")
@open_to(Role.RESIDENT, Role.COACH)
def add_promise(resident_id, side):
    """Keep the promise and its first wording together."""
    resident = resident_or_404(resident_id)
    form = NewOurPromiseForm() if side == "landlord" else NewPromiseForm()
    if not form.validate():
        return _deal_page(halves_of(resident), side, form), 422
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


@bp.post("/residents/<int:resident_id>/promises/<int:promise_id>/words")
@open_to(Role.RESIDENT, Role.COACH)
def change_words(resident_id, promise_id):
    """A new wording beside the old one, unless it was answered or let go while the page was open."""
    resident, found = _promise_or_404(resident_id, promise_id)
    form = ChangeOurPromiseForm(obj=found.face) if found.is_ours else ChangePromiseForm()
    good = form.validate()
    if good and found.is_fixed:
        form.form_errors.append(_("The words of this promise stay as they are now. You can write a new promise."))
        good = False
    if not good or not form.is_fresh(found.face.id):
        return _promise_page(resident, found, "rewording", form), 422 if not good else 409
    db.session.add(PromiseWording(promise_id=found.id, **_said(form)))
    db.session.commit()
    flash(_("Saved. You can still read the old words below."))
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
    flash(_("Thank you. We saved your answer."))
    if request.form.get("back") == "person":  # asked on their own page: what comes next is there
        return redirect(url_for("home.resident", resident_id=resident_id), 303)
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
        return _promise_page(resident, found, "note", form), 422
    by = {"typed_by_id": current_user.id, "language": str(get_locale())}
    db.session.add(models.PromiseNote(promise_id=found.id, words=form.words.data, **by))
    db.session.commit()
    return redirect(url_for(".promise", resident_id=resident_id, promise_id=promise_id), 303)


def _promise_or_404(resident_id: int, promise_id: int) -> tuple[Person, Promise]:
    resident = resident_or_404(resident_id)
    return resident, promise_of(resident, promise_id) or abort(404)


def _promise_page(resident: Person, found: Promise, sent: str = "", form: Form | None = None) -> str:
    face, kind = found.face, ChangeOurPromiseForm if found.is_ours else ChangePromiseForm
    read_together(kind, PromiseNoteForm)
    forms: dict[str, Form] = {
        "rewording": kind(formdata=None, obj=face, version=face.id),
        "note": PromiseNoteForm(formdata=None),
    }
    forms |= {sent: form.drawn_first()} if form else {}
    page = {"kept": KEPT, "press": Press(formdata=None), "form": form, "forms": forms, "sent": sent}
    return render_template("deals/promise.html", resident=resident, promise=found, **page)


def _said(form: PromiseForm) -> dict[str, Any]:
    """What a form holds, who typed it, and in which language the page was."""
    ours = {"who": form.who.data, "due_on": form.due_on.data} if isinstance(form, OurPromiseForm) else {}
    return {"words": form.words.data, "typed_by_id": current_user.id, "language": str(get_locale()), **ours}
