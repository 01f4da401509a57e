"""The demonstration: made-up people over the last twelve weeks, the same for the same seed but for the days.

What they say is in demo_words.toml. Rows are written as the application would have, in bulk and in one transaction.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from flask import g
from sqlalchemy import func, insert, select, text, update

from deal.access import Look
from deal.accounts.codes import ALPHABET, NAME_LENGTH, grouped, hash_of, made_from
from deal.accounts.models import Consent, Invitation, SignIn
from deal.accounts.secrets import hasher, is_easy_pin
from deal.assessment.models import Answer, Assessment, Kind, Question, QuestionSet, Wait, current_question_set
from deal.conversations.models import Conversation, How, Note
from deal.db import day_of, db, now, start_of, today, week_of
from deal.goals.models import CheckIn, Goal, GoalState, State, Step, Wording
from deal.people import Coaching, Person, Role, name_key
from deal.settings import PROMISE, ConfirmedSentence, Setting, WeeklyPlaces, landlord
from deal.summaries.models import EXTRAS, SummaryChoice

RESIDENTS = 45
WEEKS = 12
PLACES = 18
BATCH = 20_000  # rows kept in memory
# parents first
TABLES: tuple[Any, ...] = (
    *(Person, Coaching, Invitation, Consent, SignIn, Assessment, Answer, Wait, Conversation, Note),
    *(Goal, Wording, GoalState, Step, CheckIn, SummaryChoice, Look),
)
# how the goals that the words leave open came to be said, and where they stand: dealt out in turn
SAID = ("own", "quoted", "read_back", "own", "typed", "quoted", "own")
STANDS = ("live", "reached", "live", "changed", "live", "resting", "live", "set_aside", "live", "back", "reached")
# what became of letters four weeks old and older, in turn
LETTERS = ("in",) * 7 + ("run_out",) + ("in",) * 5 + ("no_thanks", "talked_first") + ("in",) * 5 + ("renewed", "not_me")


@cache
def words() -> dict[str, Any]:
    """The people and what they say."""
    return tomllib.loads(Path(__file__).with_name("demo_words.toml").read_text(encoding="utf-8"))


def is_loaded() -> bool:
    """Whether this database holds a demonstration."""
    return landlord().demonstration is not None


def load(residents: int = RESIDENTS, seed: int = 1) -> None:
    """Fill an empty database. Commits once, at the end."""
    first_day = week_of(today() - timedelta(weeks=WEEKS))
    begun = start_of(first_day) + timedelta(hours=9)
    rows = Rows()
    staff = list(_add_staff(rows, residents, seed, begun))
    _settle(rows, {"seed": seed, "residents": residents, "loaded_at": now().isoformat()}, staff[0], begun)
    pin_hash = hasher.hash(pin_of(seed))
    questions = current_question_set()
    for number, (invited_at, recent) in enumerate(_invited(residents)):
        resident = len(staff) + 1 + number
        coach = staff[1 + number % (len(staff) - 1)]
        Life(rows, seed, number, resident, coach, invited_at, questions, pin_hash).live(recent)
        rows.flush(BATCH)
    rows.flush()
    _set_sequences()
    db.session.commit()
    g.pop("landlord", None)


def people() -> list[dict[str, Any]]:
    """Who can sign in, where and how: the manager, the first coaches, residents with much to read."""
    if not is_loaded():
        return []
    seed = landlord().demonstration["seed"]  # type: ignore[index]
    staff = select(Person).where(Person.role != Role.RESIDENT).order_by(Person.id).limit(4)
    residents = select(Person).where(Person.role == Role.RESIDENT, Person.sign_in_name.is_not(None))
    shown = [*db.session.scalars(staff), *db.session.scalars(residents.order_by(Person.id).limit(3))]
    return [_way_in(person, seed) for person in shown]


def unopened_code() -> str:
    """The code of a letter that nobody has opened yet; empty where there is none left."""
    loaded = landlord().demonstration
    if loaded is None:
        return ""
    newest = select(Invitation).where(Invitation.opened_at.is_(None), Invitation.withdrawn_at.is_(None))
    newest = newest.where(~Invitation.renewal).order_by(Invitation.made_at.desc(), Invitation.id.desc()).limit(50)
    for invitation in db.session.scalars(newest):
        code = code_of(loaded["seed"], invitation.resident_id)
        if invitation.is_alive and invitation.code_hash == hash_of(code):
            return grouped(code)
    return ""


def _way_in(person: Person, seed: int) -> dict[str, Any]:
    if person.is_resident:
        ways = {"page": "/sign-in", "fields": {"name": person.sign_in_name, "pin": pin_of(seed)}}
        home = f"/residents/{person.id}"
    else:
        ways = {"page": "/staff/sign-in", "fields": {"email": person.email, "password": password_of(seed)}}
        home = "/today" if person.is_coach else "/numbers"
    return {"role": person.role.value, "name": person.name, **ways, "home": home}


def pin_of(seed: int) -> str:
    """The PIN that all residents share."""
    chance = Random(f"pin {seed}")
    pins = (f"{chance.randrange(10**6):06}" for _ in iter(int, 1))
    return next(pin for pin in pins if not is_easy_pin(pin))


def password_of(seed: int) -> str:
    """The password that all staff share."""
    return " ".join(Random(f"password {seed}").sample(words()["nouns"], 3))


def code_of(seed: int, resident: int) -> str:
    """The code of a resident's first letter."""
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
        self.waiting: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        self.last: dict[Any, int] = defaultdict(int)
        self.empty = {table: dict.fromkeys(table.__table__.columns.keys()) for table in TABLES}

    def add(self, table: Any, **values: Any) -> int:
        """Take a row; the number it will have."""
        self.last[table] += 1
        self.waiting[table].append(self.empty[table] | {"id": self.last[table]} | values)
        return self.last[table]

    def flush(self, most: int = 0) -> None:
        """Write what waits, once there are more than so many."""
        if sum(map(len, self.waiting.values())) <= most:
            return
        for table in TABLES:
            if waiting := self.waiting.pop(table, None):
                # a goal stands behind the one it became
                waiting = sorted(waiting, key=lambda row: row["became_id"] or 0) if table is Goal else waiting
                db.session.execute(insert(table.__table__), waiting)


def _add_staff(rows: Rows, residents: int, seed: int, begun: datetime) -> Iterator[int]:
    secret_hash = hasher.hash(password_of(seed))
    known, first, last = (words()[key] for key in ("coach", "first", "last"))
    yield _add_person(rows, Role.MANAGER, begun, secret_hash=secret_hash, **words()["manager"])
    for number in range(max(len(known), -(-residents // 60))):
        person = known[number % len(known)]
        if number >= len(known):
            name = f"{first[number % len(first)]} {last[number // len(first) % len(last)]}"
            person = person | {"name": name, "email": f"coach{number + 1}@larkfield.example"}
        yield _add_person(rows, Role.COACH, begun, secret_hash=secret_hash, **person)


def _add_person(rows: Rows, role: Role, made_at: datetime, name: str, **values: Any) -> int:
    blank = {"label": "", "phone": "", "languages": "", "about": ""}
    values = blank | values | {"name": name, "name_key": name_key(name), "made_at": made_at}
    return rows.add(Person, role=role, **values)


def _settle(rows: Rows, mark: dict[str, Any], manager: int, begun: datetime) -> None:
    """The mark before anything else, then what the manager would have set."""
    rows.flush()
    signed = {"set_at": begun + timedelta(minutes=20), "set_by_id": manager}
    confirmed = {"confirmed_at": begun + timedelta(minutes=40), "confirmed_by_id": manager}
    db.session.add(Setting(key="demonstration", value=mark))
    db.session.add_all(Setting(key=key, value=value, **signed) for key, value in words()["landlord"].items())
    db.session.add_all(ConfirmedSentence(wording=sentence, **confirmed) for sentence in PROMISE)
    db.session.add(WeeklyPlaces(week=day_of(begun), places=PLACES, **signed))
    # the questions were there before the first answer
    db.session.execute(update(QuestionSet).values(published_at=begun))
    db.session.flush()


def _invited(residents: int) -> Iterator[tuple[datetime, bool]]:
    """When each was invited, the first one first; some of them this week."""
    this_week = min(9, residents // 6 + (residents > 1))
    monday = week_of(today())
    end = now() - timedelta(minutes=5)
    past = [today() - timedelta(days=days) for days in range(7 * WEEKS - 1, 6, -1)]
    days = [monday + timedelta(days=days) for days in range(7)]
    # on a Monday before the office opens, the newest letters are from Friday
    open_days = [day for day in days if _local(day, 570) < end] or [monday - timedelta(days=3)]
    for count, stretch, recent in ((residents - this_week, past, False), (this_week, open_days, True)):
        stretch = [day for day in stretch if day.weekday() < 5]
        for number in range(count):
            place = (number + 0.5) / count * len(stretch)
            day = stretch[int(place)]
            opens, closes = _local(day, 570), min(_local(day, 1000), end)
            yield opens + (closes - opens) * (place % 1), recent


def _local(day: date, minute: float) -> datetime:
    """The minute of the landlord's day."""
    return (start_of(day) + timedelta(minutes=minute)).astimezone(UTC)


def _set_sequences() -> None:
    """PostgreSQL counts on by itself only for numbers that it gave."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in TABLES:
        name = table.__tablename__
        highest = f'SELECT setval(pg_get_serial_sequence(\'"{name}"\', \'id\'), max(id)) FROM "{name}"'
        db.session.execute(text(highest))
