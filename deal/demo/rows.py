"""What the demonstration's people are made of: rows on their way into the database, codes, and the words."""

import tomllib
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert

from deal.accounts.codes import ALPHABET, NAME_LENGTH, made_from
from deal.accounts.secrets import is_easy_pin
from deal.db import db, start_of, today
from deal.goals.models import Goal
from deal.names import name_key
from deal.people import Person, Role

BATCH = 20_000  # rows kept in memory


@cache
def words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def in_turn(things: Sequence[Any], turn: int) -> Any:
    """The one whose turn it is."""
    return things[turn % len(things)]


def pin_of(seed: int) -> str:
    """The PIN that all residents share."""
    chance = Random(f"pin {seed}")
    while is_easy_pin(pin := f"{chance.randrange(10**6):06}"):
        pass
    return pin


def password_of(seed: int) -> str:
    """The password that all staff share."""
    return " ".join(Random(f"password {seed}").sample(words()["nouns"], 3))


def code_of(seed: int, resident: int) -> str:
    return made_from(f"demonstration {seed} {resident}", "invitation")


def sign_in_name(seed: int, resident: int) -> str:
    """A name of the usual length, another for each resident: multiplying by what has no common factor mixes them."""
    size = len(ALPHABET) ** NAME_LENGTH
    factor = Random(f"names {seed}").randrange(size // 3, size // 2) * len(ALPHABET) + 1
    number = resident * factor % size
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(NAME_LENGTH))


class Rows:
    """Rows on their way into the database, with their numbers."""

    def __init__(self) -> None:
        self.today = today()  # one day, however long the loading takes
        self.waiting: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        self.last: dict[Any, int] = defaultdict(int)

    def add(self, table: Any, **values: Any) -> int:
        """Take a row; the number it will have."""
        self.last[table] += 1
        self.waiting[table].append(_empty(table) | {"id": self.last[table]} | values)
        return self.last[table]

    def flush(self, most: int = 0) -> None:
        """Write what waits, once there are more than so many."""
        if sum(map(len, self.waiting.values())) <= most:
            return
        parents_first = db.metadata.sorted_tables
        for table in sorted(self.waiting, key=lambda one: parents_first.index(one.__table__)):
            if waiting := self.waiting.pop(table):
                # a goal stands behind the one it became
                waiting = sorted(waiting, key=lambda row: row["became_id"] or 0) if table is Goal else waiting
                db.session.execute(insert(table.__table__), waiting)


@cache
def _empty(table: Any) -> dict[str, Any]:
    """The plain values that its columns take where nothing is said."""
    defaults = {one.key: one.default for one in table.__table__.columns}
    return {key: one.arg if one is not None and one.is_scalar else None for key, one in defaults.items()}


def add_person(rows: Rows, role: Role, made_at: datetime, name: str, **values: Any) -> int:
    """A person; the number they will have."""
    values |= {"name": name, "name_key": name_key(name), "made_at": made_at}
    values["label_key"] = name_key(values.get("label", ""))
    return rows.add(Person, role=role, **values)


def local(day: date, minute: float) -> datetime:
    """The minute of the landlord's day."""
    return (start_of(day) + timedelta(minutes=minute)).astimezone(UTC)
