"""What somebody wrote while their sign-in ran out: carried through signing in, readable for that person alone."""

import json

from cryptography.fernet import Fernet, InvalidToken
from flask import request

from deal.config import box_for

HOURS = 12
# the fields in which people write: the others are shown to nobody
WRITTEN = {"words", "why", "step", "helped", "in_the_way", "celebrate", "reason", "name", "label", "who", "about"}
WRITTEN |= {"way", "times", "taking_away", "answer"}
WRITTEN |= {f"{name}{language}" for name in ("prompt", "hint", "low", "high", "more") for language in ("", "_cy")}
NEVER_HELD = {"csrf_token", "pin", "again", "present", "password", "held"}

Fields = list[tuple[str, str]]


def sent_fields() -> Fields:
    """The fields of this POST, without secrets."""
    return [(key, value) for key, value in request.form.items(multi=True) if key not in NEVER_HELD]


def written(fields: Fields) -> list[str]:
    """What somebody wrote, to be shown to them."""
    return [value for name, value in fields if (name in WRITTEN or name.endswith("-words")) and value.strip()]


def seal(person_id: int) -> str:
    """This POST's address and fields, encrypted for one person."""
    return _box(person_id).encrypt(json.dumps([request.full_path.rstrip("?"), sent_fields()]).encode()).decode()


def unseal(held: str | None, person_id: int) -> tuple[str, Fields] | None:
    """The address and the fields, where they were this person's and are not older than 12 hours."""
    try:
        path, fields = json.loads(_box(person_id).decrypt((held or "").encode(), ttl=HOURS * 3600))
    except (InvalidToken, UnicodeEncodeError):
        return None
    return path, [(key, value) for key, value in fields]


def _box(person_id: int) -> Fernet:
    return box_for(f"held for {person_id}")
