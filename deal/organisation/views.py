"""The landlord's settings, the promise and the weekly places, set by managers."""

from typing import Any

from flask import Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select, update

from deal.access import open_to
from deal.auth.tokens import CODE_LENGTH
from deal.clock import now
from deal.db import db
from deal.drafts.forms import read_together
from deal.forms import EmptyForm, validate_or_400
from deal.invitations.models import Invitation
from deal.invitations.views import Letter
from deal.organisation import bp
from deal.organisation.forms import SECTIONS, PictureForm, PlacesForm, SectionForm
from deal.people import Person, Role
from deal.printing.letters import PLACES, letter_pictures, letters_lead_nowhere, letters_pdf
from deal.printing.models import LetterPicture
from deal.printing.views import printed
from deal.settings import PROMISE, ConfirmedSentence, change_settings, confirmations, landlord, pause, settings_history
from deal.undo import cannot_be_undone

PLACE = f"<any({','.join(map(repr, PLACES))}):place>"  # of a picture, in an address


@bp.get("/settings")
@open_to(Role.MANAGER)
def settings():
    """Everything that a manager sets, in sections, with who set it and when."""
    return _page(request.args.get("section", ""))


@bp.post("/settings/names", endpoint="change_names")
@bp.post("/settings/limits", endpoint="change_limits")
@bp.post("/settings/help", endpoint="change_help")
@bp.post("/settings/welsh", endpoint="change_welsh")
@bp.post("/settings/places", endpoint="set_places")
@open_to(Role.MANAGER)
def change():
    """Keep one section: a dated, signed row for each setting that changed, or for the places from a week on."""
    section = request.path.rpartition("/")[2]
    form = SECTIONS[section]()
    if status := form.keep():
        return _page(section, form), status
    return _saved(section)


@bp.post("/settings/promise")
@open_to(Role.MANAGER)
def confirm():
    """Confirm one sentence of the promise, in the wording that was on the page."""
    validate_or_400()
    wording = request.form.get("sentence", "")
    if wording not in PROMISE:
        abort(404)
    if wording not in confirmations():
        db.session.add(ConfirmedSentence(wording=wording, confirmed_by_id=current_user.id))
        db.session.commit()
    return redirect(url_for(".settings", section="promise", _anchor="section-promise"), 303)


@bp.post("/settings/pause")
@open_to(Role.MANAGER)
def set_pause():
    """Pause invitations, or invite again; pressed where somebody else was quicker, it changes nothing."""
    validate_or_400()
    if request.form.get("paused") not in ("yes", "no"):
        abort(400)
    change_settings({"paused": request.form["paused"] == "yes"}, current_user)
    db.session.commit()
    return _saved("pause", _("Invitations are paused.") if landlord().paused else _("People can be invited again."))


@bp.get("/settings/sample-letter.pdf")
@open_to(Role.MANAGER)
def sample_letter():
    """A letter to nobody, whose code opens nothing: to see how it looks, and whether a phone gets to its address."""
    nobody = Person(role=Role.RESIDENT, name=_("Nobody"))
    letter = Letter(Invitation(resident=nobody, made_at=now()), CODE_LENGTH * "A")
    return printed(lambda: letters_pdf([letter]), _("sample-letter.pdf"))


def _saved(section: str, sentence: str | None = None) -> Any:
    """On to the section; without its anchor: the page begins at its top, where the sentence is read."""
    flash(sentence or _("Saved."))
    return redirect(url_for(".settings", section=section), 303)


def _page(opened: str, form: SectionForm | PlacesForm | None = None) -> str:
    """The page with one section open, and its form as it was sent."""
    read_together(*SECTIONS.values())
    forms: dict[str, Any] = {name: section.opened() for name, section in SECTIONS.items()}
    places = forms["places"].rows
    if form:
        forms[opened] = form
    return render_template(
        "organisation/settings.html",
        form=form,
        forms=forms,
        opened=opened,
        promise=PROMISE,
        confirmed=confirmations(),
        places=places,
        pause=pause(),
        history=settings_history(),
        labels={field.name: field.label.text for section in forms.values() for field in section},
        press=EmptyForm(formdata=None),
        address=current_app.config["PUBLIC_URL"],
        nowhere=letters_lead_nowhere(),
    )


# -- the pictures beside the ideas of the easy-to-read letter: ours, or those that a manager supplies


@bp.get("/settings/pictures")
@open_to(Role.MANAGER)
def pictures():
    """Each idea of the letter with the picture that is printed beside it now."""
    return _pictures_page()


@bp.post(f"/settings/pictures/{PLACE}")
@open_to(Role.MANAGER)
@cannot_be_undone("what stood there before is gone at once, as the page says")
def keep_picture(place):
    """Print this picture from now on."""
    form = PictureForm(place)
    if not form.validate():
        return _pictures_page(place, form), 422
    row = letter_pictures().get(place)
    if form.png != (row and row.png) and not form.is_fresh(row and row.id):
        return _pictures_page(place, form), 409
    _set_picture(place, form.png)
    flash(_("Saved. Letters show your picture from now on."))
    return redirect(url_for(".pictures", _anchor=place), 303)


@bp.post(f"/settings/pictures/{PLACE}/away")
@open_to(Role.MANAGER)
@cannot_be_undone("what stood there before is gone at once, as the page says")
def take_picture_away(place):
    """Print ours again; theirs is gone."""
    validate_or_400()
    _set_picture(place, None)
    flash(_("Your picture is taken away. Letters show ours again."))
    return redirect(url_for(".pictures", _anchor=place), 303)


@bp.get(f"/settings/pictures/{PLACE}.png")
@open_to(Role.MANAGER)
def picture(place):
    """The landlord's own picture for that place."""
    newest = select(LetterPicture.png).filter_by(place=place).order_by(LetterPicture.id.desc()).limit(1)
    png = db.session.scalar(newest)
    return Response(png, mimetype="image/png") if png else abort(404)


def _set_picture(place: str, png: bytes | None) -> None:
    """A dated, signed row where this changes anything, so that a second press does not; the earlier pictures go."""
    row = letter_pictures().get(place)
    if png != (row and row.png):
        db.session.add(LetterPicture(place=place, png=png, set_by_id=current_user.id))
        db.session.commit()
        # only now: of two managers at once each sees what the other kept
        newest = select(func.max(LetterPicture.id)).filter_by(place=place).scalar_subquery()
        earlier = update(LetterPicture).filter_by(place=place).where(LetterPicture.id < newest)
        db.session.execute(earlier.values(png=None))
        db.session.commit()


def _pictures_page(place: str = "", form: PictureForm | None = None) -> str:
    kept = letter_pictures()
    forms = {one: PictureForm(one, formdata=None, version=kept[one].id if one in kept else 0) for one in PLACES}
    if form:
        forms[place] = form
    return render_template(
        "organisation/pictures.html",
        kept=kept,
        forms=forms,
        form=form,
        press=EmptyForm(formdata=None),
        somebody={"name": "…", "phone": landlord().phone or "…"},
    )
