"""What a coach has at hand: questions to ask, whom to ring when somebody is in danger, a text to bring people back."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user

from deal.settings import languages

BUNDLED = Path(__file__).with_name("prompts.toml")


@dataclass(frozen=True)
class Moment:
    """A moment of a talk, and open questions for it: each text in every language it has."""

    title: dict[str, str]
    prompts: tuple[dict[str, str], ...]


def prompts() -> tuple[list[Moment], str]:
    """The landlord's own prompts, or those that came with Deal; and a sentence where the landlord's cannot be used."""
    own = Path(current_app.instance_path) / "prompts.toml"
    try:
        return moments_in(own.read_text(encoding="utf-8")), ""
    except FileNotFoundError:
        sentence = ""
    except (OSError, ValueError) as error:
        current_app.logger.error("the landlord's prompts.toml cannot be used: %s", type(error).__name__)
        sentence = _("Your organisation's own questions cannot be read just now. These came with Deal.")
    return moments_in(BUNDLED.read_text(encoding="utf-8")), sentence


@lru_cache(maxsize=4)
def moments_in(text: str) -> list[Moment]:
    """The moments of such a file; ValueError where it is not one."""
    try:
        table = tomllib.loads(text)["moment"]
        return [Moment(_words(one["title"]), tuple(map(_words, one["prompts"]))) for one in table]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("no file of prompts") from error


def _words(text: dict[str, Any]) -> dict[str, str]:
    words = {language: words for language, words in text.items() if isinstance(words, str)}
    if not words.get("en"):
        raise ValueError("a text without English")
    return words


def texts() -> list[tuple[str, str, str]]:
    """What brings somebody back: (language, text, the address that opens a phone's messages with it).

    No name of theirs, of the service or of the landlord, no number and no link: others may read it.
    """
    said = []
    for language in languages():
        with force_locale(language):
            text = something_new()
        said.append((language, text, f"sms:?&body={quote(text, safe='')}"))
    return said


def something_new() -> str:
    """What a text or a postcard says, in the page's language."""
    return _("%(coach)s here, there is something new on your page", coach=current_user.name)
