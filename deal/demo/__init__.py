"""The demonstration: made-up people over the last twelve weeks, the same on every day but for the days.

Rows are written as the application would have, in bulk and in one transaction.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from flask import g
from sqlalchemy import select, text, update

from deal.auth.passwords import hasher, is_easy_pin
from deal.auth.tokens import ALPHABET, NAME_LENGTH, code_hash_of, derive_code, grouped
from deal.blockers.models import Change, Heading
from deal.caseload.models import CoachHours
from deal.clock import now, start_of, today, week_of
from deal.db import db
from deal.demo.residents import BATCH, LIVES, WORDS, Rows, Who, add_life
from deal.invitations.models import Invitation
from deal.kpis.models import BusinessAnswer
from deal.kpis.snapshots import freeze
from deal.people import Person, Role
from deal.questions.models import Question, QuestionSet, current_question_set
from deal.settings import PROMISE, ConfirmedSentence, Setting, WeeklyPlaces, landlord

RESIDENTS = len(LIVES)
WEEKS = 12
PLACES = 18


def is_loaded() -> bool:
    return landlord().demonstration is not None


def load(residents: int = RESIDENTS, seed: int = 1) -> None:
    """Fill an empty database. Commits once, at the end, and then freezes the figures of the weeks that are over."""
    rows = Rows()
    begun = start_of(week_of(rows.today) - timedelta(weeks=WEEKS)) + timedelta(hours=9)
    staff = list(_add_staff(rows, residents, seed, begun))
    _add_landlord(rows, {"seed": seed, "residents": residents, "loaded_at": now().isoformat()}, staff, begun)
    pin_hash = hasher.hash(_pin_of(seed))
    questions = sorted(current_question_set().questions(), key=lambda question: not question.core)
    for number in range(residents):
        _add_resident(rows, seed, number, residents, staff, pin_hash, questions)
        rows.flush(BATCH)
    rows.flush()
    if db.engine.dialect.name == "postgresql":  # it counts on by itself only for numbers that it gave
        for name in (table.__tablename__ for table in rows.last):
            highest = f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), max(id)) FROM \"{name}\""
            db.session.execute(text(highest))
    db.session.commit()
    g.pop("landlord", None)
    freeze(rows.today)


def people() -> list[dict[str, Any]]:
    """Who can sign in, where and how: the manager, the first coaches, residents with much to read."""
    if not is_loaded():
        return []
    pin, password = (make(landlord().demonstration["seed"]) for make in (_pin_of, _password_of))  # type: ignore[index]
    staff = select(Person).where(Person.role != Role.RESIDENT).order_by(Person.id).limit(4)
    residents = select(Person).where(Person.role == Role.RESIDENT, Person.sign_in_name.is_not(None))
    shown = []
    for one in (*db.session.scalars(staff), *db.session.scalars(residents.order_by(Person.id).limit(3))):
        way = {"page": "/staff/sign-in", "fields": {"email": one.email, "password": password}}
        if one.is_resident:
            way = {"page": "/sign-in", "fields": {"name": one.sign_in_name, "pin": pin}}
        home = f"/residents/{one.id}" if one.is_resident else "/today" if one.is_coach else "/numbers"
        shown.append({"role": one.role.value, "name": one.name, **way, "home": home})
    return shown


def unopened_code() -> str:
    """The code of a letter that nobody has opened yet; empty where there is none left."""
    seed = (landlord().demonstration or {}).get("seed", 0)
    unopened = select(Invitation).where(Invitation.opened_at.is_(None), Invitation.withdrawn_at.is_(None))
    for invitation in db.session.scalars(unopened.order_by(Invitation.made_at.desc(), Invitation.id.desc()).limit(50)):
        code = _code_of(seed, invitation.resident_id)
        if invitation.is_alive and invitation.code_hash == code_hash_of(code):
            return grouped(code)
    return ""


def _code_of(seed: int, resident: int) -> str:
    return derive_code(f"demonstration {seed} {resident}", "invitation")


def _pin_of(seed: int) -> str:
    """The PIN that all residents share."""
    chance = Random(f"pin {seed}")
    while is_easy_pin(pin := f"{chance.randrange(10**6):06}"):
        pass
    return pin


def _password_of(seed: int) -> str:
    """The password that all staff share."""
    return " ".join(Random(f"password {seed}").sample(WORDS["nouns"], 3))


def _name(number: int) -> str:
    """A made-up name for that number; there are many before one comes again."""
    first, last = WORDS["first"], WORDS["last"]
    turn, place = divmod(number, len(first))
    return f"{first[place]} {last[(place * 7 + turn) % len(last)]}"


def _add_staff(rows: Rows, residents: int, seed: int, begun: datetime) -> Iterator[int]:
    """The manager, then the coaches, one for 60 residents: their numbers."""
    add = partial(rows.add_person, made_at=begun, secret_hash=hasher.hash(_password_of(seed)))
    yield add(Role.MANAGER, **WORDS["manager"])
    known = WORDS["coach"]
    for number in range(max(len(known), -(-residents // 60))):
        another = {"name": _name(number), "email": f"coach{number + 1}@larkfield.example"}
        yield add(Role.COACH, **known[number % len(known)] | ({} if number < len(known) else another))


def _add_landlord(rows: Rows, mark: dict[str, Any], staff: list[int], begun: datetime) -> None:
    """The mark of a demonstration, what the manager would have set and written, and the coaches' hours."""
    manager = staff[0]
    rows.flush()
    signed = {"set_at": begun, "set_by_id": manager}
    db.session.add(Setting(key="demonstration", value=mark))
    db.session.add_all(Setting(key=key, value=value, **signed) for key, value in WORDS["landlord"].items())
    confirmed = {"confirmed_at": begun, "confirmed_by_id": manager}
    db.session.add_all(ConfirmedSentence(wording=sentence, **confirmed) for sentence in PROMISE)
    db.session.add(WeeklyPlaces(week=week_of(rows.today) - timedelta(weeks=WEEKS), places=PLACES, **signed))
    # the questions were there before the first answer
    db.session.execute(update(QuestionSet).values(published_at=begun))
    rows.common = {"language": "en", "version": 1} | dict.fromkeys(("by_id", "made_by_id", "owner_id"), manager)
    for table, key in ((Heading, "heading"), (Change, "change")):
        for told in WORDS[key]:
            rows.add(table, **rows.dated(told))
    chance, weekly = Random("weeks"), WORDS["weekly"]
    for back in range(WEEKS):
        monday = week_of(rows.today) - timedelta(weeks=back)
        rows.add(BusinessAnswer, week=monday, at=start_of(monday), **weekly[back % len(weekly)])
        for coach in staff[1:5] if back else []:
            rows.add(CoachHours, coach_id=coach, week=monday, hours=chance.randrange(5, 14), at=start_of(monday))


def _add_resident(
    rows: Rows, seed: int, number: int, residents: int, staff: list[int], pin_hash: str, questions: list[Question]
) -> None:
    """The next life; of fewer residents than lives, those that stand evenly between the first and the last."""
    told = LIVES[number * RESIDENTS // residents if residents < RESIDENTS else number % RESIDENTS]
    coach = staff[1 + (number + number // RESIDENTS) % (len(staff) - 1)]
    days = told.get("invited", today().weekday() - number % 5)
    invited_at = min(rows.office_at(max(days, 0), 570 + number * 37 % 430), now() - timedelta(minutes=5))
    row = {"name": told["name"] if number < RESIDENTS else _name(number), "label": told.get("label", "")}
    if "opened" in told:
        row |= {"sign_in_name": _sign_in_name(seed, rows.last[Person] + 1), "secret_hash": pin_hash}
    resident = rows.add_person(Role.RESIDENT, invited_at, **row)
    letter = {"made_at": invited_at, "code_hash": code_hash_of(_code_of(seed, resident))}
    add_life(rows, Who(resident, coach, number), told, questions, letter)


def _sign_in_name(seed: int, resident: int) -> str:
    """A name of the usual length, another for each resident: multiplying by what has no common factor mixes them."""
    number = resident * (Random(f"names {seed}").randrange(10**9, 10**10) * len(ALPHABET) + 1)
    return "".join(ALPHABET[number // len(ALPHABET) ** place % len(ALPHABET)] for place in range(NAME_LENGTH))
