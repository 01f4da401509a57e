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


class WrongKey(Exception):
    """The message says what is at stake, and how to go on."""


def check_keys() -> None:
    """Raises WrongKey where a key is not the database's; a database that knows none remembers these. Commits."""
    known = db.session.scalar(select(Setting.value).filter_by(key=FINGERPRINTS).order_by(Setting.id.desc()).limit(1))
    for name, print_of in _fingerprints().items():
        if known and known.get(name) != print_of and db.session.scalar(select(Person.id).limit(1)):
            raise WrongKey(WRONG_KEY.format(name=name, loss=LOSS[name]))
    if known != _fingerprints():
        accept_keys()


def accept_keys() -> None:
    """From now on the keys of this process are the database's. Commits."""
    db.session.add(Setting(key=FINGERPRINTS, value=_fingerprints()))
    db.session.commit()


def _fingerprints() -> dict[str, str]:
    return {name: hashlib.sha256(current_app.config[name].encode()).hexdigest()[:16] for name in LOSS}
