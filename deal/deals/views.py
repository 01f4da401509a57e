"""Promises: written down by either side, let go by the side whose they are, and answered by the resident alone."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from deal.access import open_to, own_or_404, resident_or_404
from deal.db import db, now
from deal.deals import bp
from deal.deals.forms import KEPT, OurPromiseForm, PromiseForm, PromiseNoteForm
from deal.deals.models import Kept, KeptAnswer, Promise, PromiseNote, PromiseWording, Side, promise_of, promises_page
from deal.forms import Press
from deal.people import Person, Role, who_is_there


@bp.get("/residents/<int:resident_id>/promises")
@open_to(Role.RESIDENT, Role.COACH)
def promises(resident_id):
    """Every promise of both sides, those that were kept or let go too."""
    resident = resident_or_404(resident_id)
    page = promises_page(resident, request.args.get("after"))
    return render_template("deals/promises.html", resident=resident, page=page, kept=KEPT)


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
    if not Press().validate():
        abort(400)
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
    form, said = Press(), request.form.get("kept")
    if not found.is_ours:
        abort(404)  # nobody marks a resident's promise
    if not form.validate() or said not in [one.value for one in Kept]:
        abort(400)
    db.session.add(KeptAnswer(promise_id=found.id, kept=Kept(said)))
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
    db.session.add(PromiseNote(promise_id=found.id, words=form.words.data, **by))
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
