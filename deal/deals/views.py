"""The deal: promises of either side, whether the landlord's were kept, agreeing to both halves, every version."""

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from deal.access import open_to, own_or_404, resident_or_404, resident_url
from deal.clock import now, today
from deal.db import db, insert_into, lock, number_sent, supersede
from deal.deals import bp, forms, models
from deal.deals.forms import KEPT, AgreeForm, PaperForm, PromiseForm
from deal.deals.models import Agreement, Deal, DealPart, Halves, Kept, Promise, PromiseWording, Side
from deal.drafts.forms import read_together
from deal.forms import AddingForm, Form, forms_of_page, validate_or_400
from deal.idempotency import insert_once
from deal.people import Person, Role, current_contact, typed_now


@bp.get("/residents/<int:resident_id>/deal")
@open_to(Role.RESIDENT, Role.COACH)
def index(resident_id):
    """Our deal: its goals, both halves, what is agreed; or with a version, one as both agreed it."""
    resident, version = resident_or_404(resident_id), request.args.get("version", "")
    if not version:
        return _deal_page(models.halves_of(resident))
    found = models.agreed_deal_of(resident, number_sent(version)) or abort(404)
    page = models.agreed_page(resident, request.args.get("after"))
    return render_template("deals/deal.html", resident=resident, deal=found, page=page)


@bp.post("/residents/<int:resident_id>/deal/agree")
@open_to(Role.RESIDENT, Role.COACH)
def agree(resident_id):
    """I agree; we agree: to what was on the page, and to nothing else."""
    halves, form = models.halves_of(resident_or_404(resident_id)), AgreeForm()
    side = Side.RESIDENT if current_user.is_resident else Side.LANDLORD
    if not form.validate() or not _is_still(halves, form):
        return _deal_page(halves, form), 409
    _agree_to(halves, form, [side], today())
    return redirect(url_for(".index", resident_id=resident_id), 303)


@bp.post("/residents/<int:resident_id>/deal/paper")
@open_to(Role.COACH)
def agreed_on_paper(resident_id):
    """Both agreed on paper: which day, and who saw it."""
    halves, form = models.halves_of(resident_or_404(resident_id)), PaperForm()
    if not form.validate() or not _is_still(halves, form):
        return _deal_page(halves, form), 422
    _agree_to(halves, form, list(Side), form.agreed_on.data or today(), form.seen_by.data)
    return redirect(url_for(".index", resident_id=resident_id), 303)


def _deal_page(halves: Halves, sent: Form | None = None) -> str:
    """The deal as it is now; the form that was sent and not kept is open, with its words in it."""
    read_together(PaperForm, forms.OurPromiseForm, PromiseForm)
    resident = halves.resident
    coach = current_user if current_user.is_coach else current_contact(resident)
    return render_template(
        "deals/index.html",
        halves=halves,
        resident=resident,
        kept=KEPT,
        agreed_by=models.agreements_to(halves.key) if halves.wants_agreeing else {},
        form=sent,
        forms=forms_of_page(
            sent,
            agree=AgreeForm(formdata=None, shown=halves.key),
            paper=PaperForm(formdata=None, shown=halves.key),
            landlord=forms.OurPromiseForm(formdata=None, who=coach and coach.name),
            resident=PromiseForm(formdata=None),
        ),
    )


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
    form = forms.OurPromiseForm() if side == "landlord" else PromiseForm()
    if not form.validate():
        return _deal_page(models.halves_of(resident), form), 422
    db.session.add(Promise(resident_id=resident.id, side=Side(side), wordings=[_wording(form)]))
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
    resident = resident_or_404(resident_id)
    lock(Promise, promise_id)  # two who change it take turns
    found = models.promise_of(resident, promise_id) or abort(404)
    form = forms.ChangeOurPromiseForm(found) if found.is_ours else forms.ChangePromiseForm(found)
    if status := form.refused(found.current_wording.id):
        return _promise_page(resident, found, form), status
    supersede(PromiseWording, promise_id=found.id)
    found.wordings.append(_wording(form))
    db.session.commit()
    flash(_("Saved. You can still read the old words below."))
    return redirect(_at(found), 303)


@bp.post("/residents/<int:resident_id>/promises/<int:promise_id>/let-go")
@open_to(Role.RESIDENT, Role.COACH)
def let_go(resident_id, promise_id):
    """It is not meant any more, says the side whose it is; pressing twice does it once."""
    _resident, found = _promise_or_404(resident_id, promise_id)
    if found.is_ours == current_user.is_resident:
        abort(404)
    validate_or_400()
    if found.let_go_at is None:
        found.let_go_at, found.let_go_by_id = now(), current_user.id
        db.session.commit()
    flash(_("That promise is let go. That is all right."))
    return redirect(_at(found), 303)


@bp.post("/residents/<int:resident_id>/promises/<int:promise_id>/kept")
@open_to(Role.RESIDENT)
def kept(resident_id, promise_id):
    """Did the landlord keep it? The newest answer holds, and the earlier ones stay."""
    _resident, found = _promise_or_404(own_or_404(resident_id).id, promise_id)
    form, said = AddingForm(), request.form.get("kept")
    if not found.is_ours:
        abort(404)  # nobody marks a resident's promise
    if not form.validate() or said not in [one.value for one in Kept]:
        abort(400)
    models.answer_if_kept(found, Kept(said))
    db.session.commit()
    flash(_("Thank you. We saved your answer."))
    if request.form.get("back") == "person":  # asked on their own page: what comes next is there
        return redirect(resident_url(resident_id), 303)
    return redirect(_at(found), 303)


@bp.post("/residents/<int:resident_id>/promises/<int:promise_id>/notes")
@open_to(Role.COACH)
def add_note(resident_id, promise_id):
    """Staff say something beside the answer, never over it."""
    resident, found = _promise_or_404(resident_id, promise_id)
    form = forms.PromiseNoteForm() if found.answer else abort(404)
    if not form.validate():
        return _promise_page(resident, found, form), 422
    db.session.add(models.PromiseNote(promise_id=found.id, words=form.words.data, **typed_now()))
    db.session.commit()
    return redirect(_at(found), 303)


def _promise_or_404(resident_id: int, promise_id: int) -> tuple[Person, Promise]:
    resident = resident_or_404(resident_id)
    return resident, models.promise_of(resident, promise_id) or abort(404)


def _at(found: Promise) -> str:
    return url_for(".promise", resident_id=found.resident_id, promise_id=found.id)


def _promise_page(resident: Person, found: Promise, sent: Form | None = None) -> str:
    kind = forms.ChangeOurPromiseForm if found.is_ours else forms.ChangePromiseForm
    read_together(kind, forms.PromiseNoteForm)
    rewording = kind(found, formdata=None, version=found.current_wording.id)
    return render_template(
        "deals/promise.html",
        resident=resident,
        promise=found,
        kept=KEPT,
        form=sent,
        forms=forms_of_page(sent, rewording=rewording, note=forms.PromiseNoteForm(formdata=None)),
    )


def _wording(form: PromiseForm) -> PromiseWording:
    """What a form holds: the landlord's promise has a name and a day too."""
    ours = {"who": form.who.data, "due_on": form.due_on.data} if isinstance(form, forms.OurPromiseForm) else {}
    return PromiseWording(words=form.words.data, **ours, **typed_now())
