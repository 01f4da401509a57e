"""The card with a resident's sign-in name as a picture, to keep on a phone. It never holds a PIN."""

import io
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import gettext as _

from deal.people import Person
from deal.settings import landlord, localized

SIZE = (1200, 760)
EDGE = 70
BAND = 150  # the height of the purple bar
CREAM, PURPLE, AMBER, INK = "#fffaf0", "#4b2a7b", "#f2a900", "#241a2e"
TYPEFACE = "atkinson-hyperlegible-next-{weight}.woff2"


def card_of(resident: Person) -> bytes:
    """A PNG: the service, the sign-in name in large letters, where to sign in and whom to ring."""
    from PIL import Image, ImageDraw  # not before somebody wants a picture: the web starts without it

    ours, name = landlord(), resident.sign_in_name or ""
    card = Image.new("RGB", SIZE, CREAM)
    draw = ImageDraw.Draw(card)
    draw.rectangle((0, 0, SIZE[0], BAND), PURPLE)
    draw.rectangle((0, BAND, SIZE[0], BAND + 10), AMBER)
    _line(draw, 75, localized(ours.service_name), 64, "white")
    _line(draw, 240, _("Your sign-in name"), 44)
    _line(draw, 370, f"{name[:4]} {name[4:]}", 150)
    _line(draw, 540, _("Sign in at %(address)s", address=current_app.config["PUBLIC_URL"].partition("//")[2]), 44)
    if ours.phone:
        _line(draw, 640, _("PIN forgotten? Ring %(phone)s", phone=ours.phone), 44)
    kept = io.BytesIO()
    card.save(kept, "PNG", optimize=True)
    return kept.getvalue()


def _line(draw: Any, middle: int, words: str, size: int, colour: str = INK) -> None:
    """One line of text with its middle at that height, smaller where it is too long for the card."""
    weight = 700 if size > 44 else 400
    while size > 16 and draw.textlength(words, _font(weight, size)) > SIZE[0] - 2 * EDGE:
        size -= 2
    draw.text((EDGE, middle), words, colour, _font(weight, size), anchor="lm")


@cache
def _font(weight: int, size: int) -> Any:
    from PIL import ImageFont

    folder = Path(__file__).parent.parent / "static" / "vendor"
    return ImageFont.truetype(str(folder / TYPEFACE.format(weight=weight)), size)
