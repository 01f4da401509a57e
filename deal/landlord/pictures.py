"""The pictures beside the ideas of the easy-to-read letter: ours, or those that a manager supplies."""

import io
from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import func, select, update
from wtforms import FileField, ValidationError

from deal.access import open_to
from deal.db import db
from deal.forms import Press, VersionedForm, press_or_400
from deal.landlord.views import bp
from deal.people import Role
from deal.settings import landlord
from deal.summaries.letters import PLACES, LetterPicture, letter_pictures
from deal.undo import cannot_be_undone

MOST_PIXELS = 30_000_000  # a quarter of a gigabyte, while one is read
PLACE = f"<any({','.join(map(repr, PLACES))}):place>"  # in an address
MOST_A_SIDE = 900  # where it is printed 3 cm wide


class PictureForm(VersionedForm):
    """A picture for one place."""

    picture = FileField(
        _l("Another picture"),
        description=_l("PNG or JPEG, smaller than 2 MB."),
        render_kw={"accept": ".png,.jpg,.jpeg"},
    )
    png = b""

    def __init__(self, place: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.picture.id = f"picture-{place}"  # five of them stand on one page

    def validate(self, extra_validators: Any = None) -> bool:
        """The bytes of a picture are no letters."""
        g.unreadable = False
        return super().validate(extra_validators)

    def validate_picture(self, field: FileField) -> None:
        """It becomes a PNG as we print it."""
        sent = request.files.get(field.name)
        content = sent.read() if sent else b""
        if not content:
            raise ValidationError(_("Choose a picture first."))
        self.png = as_png(content)


def as_png(content: bytes) -> bytes:
    """A still picture, upright, small, on white, and nothing else that the file held: not where it was taken."""
    from PIL import Image, ImageFile, ImageOps  # not before somebody brings a picture: the web starts without it

    ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint says True, for whoever reads pictures in its process
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as found:
            moves = found.format == "PNG" and getattr(found, "is_animated", False)  # a JPEG's second is a preview
            if moves or found.width * found.height > MOST_PIXELS:
                raise ValueError
            small = _in_shades(found)
            small.thumbnail((MOST_A_SIDE, MOST_A_SIDE))  # first, so that the rest is little work
            drawn = ImageOps.exif_transpose(small).convert("RGBA")
    except Exception as error:  # what damaged files make of Pillow has no end
        raise ValidationError(
            _("We cannot use this file. Choose a PNG or JPEG picture that does not move, of at most 30 million pixels.")
        ) from error
    white, out = Image.new("RGB", drawn.size, "white"), io.BytesIO()
    white.paste(drawn, mask=drawn)
    white.save(out, "PNG")
    return out.getvalue()


def _in_shades(found: Any) -> Any:
    """So that lines stay when it shrinks: two colours and palettes have no shades between, 16 bits would be cut off."""
    if found.mode.startswith("I"):
        return found.convert("I").point(lambda shade: shade * (1 / 256)).convert("L")
    return found.convert("RGBA") if found.mode in ("1", "P") else found


@bp.get("/settings/pictures")
@open_to(Role.MANAGER)
def pictures():
    """Each idea of the letter with the picture that is printed beside it now."""
    return _page()


@bp.post(f"/settings/pictures/{PLACE}")
@open_to(Role.MANAGER)
@cannot_be_undone("what stood there before is gone at once, as the page says")
def keep_picture(place):
    """Print this picture from now on."""
    form = PictureForm(place)
    if not form.validate():
        return _page(place, form), 422
    row = letter_pictures().get(place)
    if form.png != (row and row.png) and not form.is_fresh(row and row.id):
        return _page(place, form), 409
    _set(place, form.png)
    flash(_("Your picture is kept. Letters show it from now on."))
    return redirect(url_for(".pictures", _anchor=place), 303)


@bp.post(f"/settings/pictures/{PLACE}/away")
@open_to(Role.MANAGER)
@cannot_be_undone("what stood there before is gone at once, as the page says")
def take_picture_away(place):
    """Print ours again; theirs is gone."""
    press_or_400()
    _set(place, None)
    flash(_("Your picture is taken away. Letters show ours again."))
    return redirect(url_for(".pictures", _anchor=place), 303)


@bp.get(f"/settings/pictures/{PLACE}.png")
@open_to(Role.MANAGER)
def picture(place):
    """The landlord's own picture for that place."""
    newest = select(LetterPicture.png).filter_by(place=place).order_by(LetterPicture.id.desc()).limit(1)
    png = db.session.scalar(newest)
    return Response(png, mimetype="image/png") if png else abort(404)


def _set(place: str, png: bytes | None) -> None:
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


def _page(place: str = "", form: PictureForm | None = None) -> str:
    kept = letter_pictures()
    forms = {one: PictureForm(one, formdata=None, version=kept[one].id if one in kept else 0) for one in PLACES}
    if form:
        forms[place] = form
    somebody = {"name": "…", "phone": landlord().phone or "…"}
    page = {"forms": forms, "form": form, "press": Press(formdata=None), "somebody": somebody}
    return render_template("landlord/pictures.html", kept=kept, **page)
