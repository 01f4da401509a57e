"""The demonstration: made-up people over the last twelve weeks, the same for the same seed but for the days.

What they say is in words.toml. Rows are written as the application would have, in bulk and in one transaction.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from flask import g
from sqlalchemy import select, text, update

from deal.accounts.codes import grouped, hash_of
from deal.accounts.models import Invitation
from deal.accounts.secrets import hasher
from deal.assessment.questions import QuestionSet, current_question_set
from deal.db import day_of, db, now, start_of, today, week_of
from deal.demo.deals import promise_each_other, say_how_it_felt
from deal.demo.learning import add_blockers, tell_each_week
from deal.demo.life import Life
from deal.demo.rows import BATCH, Rows, add_person, code_of, in_turn, local, password_of, pin_of, words
from deal.kpis.blocks import freeze
from deal.people import Person, Role
from deal.settings import PROMISE, ConfirmedSentence, Setting, WeeklyPlaces, landlord

RESIDENTS = 45
WEEKS = 12
PLACES = 18


def is_loaded() -> bool:
    return landlord().demonstration is not None


def load(residents: int = RESIDENTS, seed: int = 1) -> None:
    """Fill an empty database. Commits once, at the end, and then freezes the figures of the weeks that are over."""
    first_day = week_of(today() - timedelta(weeks=WEEKS))
    begun = start_of(first_day) + timedelta(hours=9)
    rows = Rows()
    staff = list(_add_staff(rows, residents, seed, begun))
    _settle(rows, {"seed": seed, "residents": residents, "loaded_at": now().isoformat()}, staff[0], begun)
    pin_hash = hasher.hash(pin_of(seed))
    questions = sorted(current_question_set().questions(), key=lambda question: not question.core)
    for number, (invited_at, weeks) in enumerate(_invited(residents, rows.today)):
        life = Life(rows, seed, number, staff, invited_at, weeks, pin_hash)
        life.live(questions)
        promise_each_other(life)
        say_how_it_felt(life)
        rows.flush(BATCH)
    rows.flush()
    _set_sequences(rows)
    add_blockers(staff)
    tell_each_week(staff, WEEKS)
    db.session.commit()
    g.pop("landlord", None)
    freeze(rows.today)


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


def _add_staff(rows: Rows, residents: int, seed: int, begun: datetime) -> Iterator[int]:
    secret_hash = hasher.hash(password_of(seed))
    known, first, last = (words()[key] for key in ("coach", "first", "last"))
    yield add_person(rows, Role.MANAGER, begun, secret_hash=secret_hash, **words()["manager"])
    for number in range(max(len(known), -(-residents // 60))):
        person = in_turn(known, number)
        if number >= len(known):
            name = f"{in_turn(first, number)} {in_turn(last, number // len(first))}"
            person = person | {"name": name, "email": f"coach{number + 1}@larkfield.example"}
        yield add_person(rows, Role.COACH, begun, secret_hash=secret_hash, **person)


def _settle(rows: Rows, mark: dict[str, Any], manager: int, begun: datetime) -> None:
    """The mark of a demonstration, and what the manager would have set."""
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


def _invited(residents: int, day: date) -> Iterator[tuple[datetime, float]]:
    """When each was invited, the first one first, some of them this week; and about how many weeks ago.

    What happened since follows from the weeks, which are the same on every day that the demonstration is loaded.
    """
    this_week = min(9, residents // 6 + (residents > 1))
    monday = week_of(day)
    end = now() - timedelta(minutes=5)
    past = [day - timedelta(days=days) for days in range(7 * WEEKS - 1, 6, -1)]
    days = [monday + timedelta(days=days) for days in range(7)]
    # on a Monday before the office opens, the newest letters are from Friday
    open_days = [one for one in days if local(one, 570) < end] or [monday - timedelta(days=3)]
    for count, stretch, most in ((residents - this_week, past, WEEKS), (this_week, open_days, 0)):
        stretch = [one for one in stretch if one.weekday() < 5]
        for number in range(count):
            place = (number + 0.5) / count * len(stretch)
            on = stretch[int(place)]
            opens, closes = local(on, 570), min(local(on, 1000), end)
            weeks = most and most - (most - 1) * (number + 0.5) / count
            yield opens + (closes - opens) * (place % 1), weeks


def _set_sequences(rows: Rows) -> None:
    """PostgreSQL counts on by itself only for numbers that it gave."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in rows.last:
        name = table.__tablename__
        highest = f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), max(id)) FROM \"{name}\""
        db.session.execute(text(highest))
