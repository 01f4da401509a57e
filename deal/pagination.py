"""One page of a long list, by keyset."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.fernet import InvalidToken
from flask import abort
from sqlalchemy import Select, tuple_
from sqlalchemy.sql import operators

from deal.config import box_for
from deal.db import Instant, Row, db


@dataclass(frozen=True)
class Page:
    """A stretch of a long list, and where the next one begins (None at the end)."""

    rows: Sequence[Any]
    after: str | None


def page_of(query: Select, *keys: Any, after: str | None = None, size: int = 25) -> Page:
    """One page by keyset: rows ordered by the keys, from just behind the place that `after` names.

    The keys are columns, all ascending or all .desc(), the last of them unique. `after` is sealed, because rows have
    numbers that not every reader may learn; one that is damaged, or another list's, is a 404.
    """
    down = getattr(keys[0], "modifier", None) is operators.desc_op
    columns = [key.element if down else key for key in keys]
    name = ", ".join(map(str, columns))
    query = query.add_columns(*(column.label(f"key_{n}") for n, column in enumerate(columns))).order_by(*keys)
    if after:
        place = tuple_(*(_bound(*one) for one in zip(columns, _opened(name, after), strict=True)))
        query = query.where(tuple_(*columns) < place if down else tuple_(*columns) > place)
    rows = db.session.execute(query.limit(size + 1)).unique().all()
    width = len(columns)
    shown = [row[0] if len(row) == width + 1 else row[:-width] for row in rows[:size]]
    return Page(shown, _sealed(name, list(rows[size - 1][-width:])) if len(rows) > size else None)


def page_of_rows(rows: Iterable[Row], key: Callable[[Row], list[Any]], name: str, after: str | None, size: int) -> Page:
    """The same of rows that were read already: by a key that JSON can hold, of the list of that name."""
    place = _opened(name, after) if after else None
    ordered = [one for one in sorted(rows, key=key) if place is None or key(one) > place]
    return Page(ordered[:size], _sealed(name, key(ordered[size - 1])) if len(ordered) > size else None)


def _sealed(name: str, place: list[Any]) -> str:
    return box_for(f"place behind {name}").encrypt(json.dumps(place, default=str).encode()).decode()


def _opened(name: str, after: str) -> list[Any]:
    try:
        return json.loads(box_for(f"place behind {name}").decrypt(after.encode()))
    except (InvalidToken, UnicodeEncodeError):
        abort(404)


def _bound(column: Any, value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(column.type, Instant) else value
