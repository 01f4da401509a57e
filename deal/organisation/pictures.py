"""A picture that a manager brings for the easy-to-read letter, made into what we print."""

import io
from typing import Any

from flask_babel import gettext as _
from wtforms import ValidationError

MOST_PIXELS = 30_000_000  # a quarter of a gigabyte, while one is read
MOST_A_SIDE = 900  # where it is printed 3 cm wide


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
