"""What somebody wrote while their sign-in ran out: carried through signing in, readable for that person alone."""

import json

from cryptography.fernet import Fernet, InvalidToken
from flask import request

from deal.config import box_for
from deal.drafts.models import SECRET, TECHNICAL, state_in

HOURS = 12
NEVER_HELD = {"csrf_token", "held", *SECRET}
NEVER_SHOWN = {"number", *TECHNICAL}  # of a form that does not say what its boxes are

Fields = list[tuple[str, str]]


def sent_fields() -> Fields:
    """The fields of this POST, without secrets."""
    state = state_in(request.form)
    never = NEVER_HELD.union(state.never if state else ())
    return [(key, value) for key, value in request.form.items(multi=True) if key not in never]


def written(fields: Fields) -> list[str]:
    """What somebody wrote, to be shown to them: the boxes that the form names, or all that is nothing technical."""
    state = state_in(dict(fields))
    return [
        value for name, value in fields if value.strip() and (name in state.boxes if state else name not in NEVER_SHOWN)
    ]


def is_secret() -> bool:
    """Whether this POST is a form of secrets with nothing else written in it: it has to be filled in again."""
    state = state_in(request.form)
    return bool(state and state.never and not written(sent_fields()))


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
