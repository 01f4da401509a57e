"""The keys that a database was begun with: it knows their fingerprints, so that a wrong one is noticed."""

import hashlib

from flask import current_app
from sqlalchemy import select

from deal.config import LOSS
from deal.db import db
from deal.people import Person
from deal.settings import FINGERPRINTS, Setting

WRONG_KEY = (
    "{name} is not the key that this database was used with. Put your copy of it back. "
    "With another one {loss}. To go on with this one: deal new-keys"
)
AFTER = {
    "SECRET_KEY": "Everybody signs in again, and words that waited for a sign-in are lost.",
    "CODE_KEY": "Letters under way, numbers for a new PIN and links for staff are dead: make a new one for whoever "
    "waits for one.",
}


class WrongKey(Exception):
    """The message says what is at stake, and how to go on."""


def check_keys() -> None:
    """Raises WrongKey where a key is not the database's; a database that knows none remembers these. Commits."""
    known = _known()
    for name, print_of in _fingerprints().items():
        if known and known.get(name) != print_of and db.session.scalar(select(Person.id).limit(1)):
            raise WrongKey(WRONG_KEY.format(name=name, loss=LOSS[name]))
    accept_keys()


def accept_keys() -> list[str]:
    """From now on the keys of this process are the database's; the names of those that were not. Commits."""
    known, ours = _known(), _fingerprints()
    if known == ours:
        return []
    db.session.add(Setting(key=FINGERPRINTS, value=ours))
    db.session.commit()
    return [name for name in ours if known.get(name) != ours[name]]


def _known() -> dict[str, str]:
    """The fingerprints that the database has, if any."""
    newest = select(Setting.value).filter_by(key=FINGERPRINTS).order_by(Setting.id.desc()).limit(1)
    return db.session.scalar(newest) or {}


def _fingerprints() -> dict[str, str]:
    return {name: hashlib.sha256(current_app.config[name].encode()).hexdigest()[:16] for name in LOSS}
