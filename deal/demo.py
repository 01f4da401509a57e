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
from sqlalchemy import insert, select, text, update

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
LETTERS = (
    *("in", "in", "run_out", "in", "not_me", "no_thanks", "in", "talked_first", "in", "in", "run_out", "in", "renewed"),
    *("in", "in", "in", "in", "no_thanks", "in", "in"),
)


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
    questions = sorted(current_question_set().questions(), key=lambda question: not question.core)
    for number, (invited_at, weeks) in enumerate(_invited(residents, rows.today)):
        Life(rows, seed, number, staff, invited_at, weeks, pin_hash).live(questions)
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
    while is_easy_pin(pin := f"{chance.randrange(10**6):06}"):
        pass
    return pin


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
        self.today = today()  # one day, however long the loading takes
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
    open_days = [one for one in days if _local(one, 570) < end] or [monday - timedelta(days=3)]
    for count, stretch, most in ((residents - this_week, past, WEEKS), (this_week, open_days, 0)):
        stretch = [one for one in stretch if one.weekday() < 5]
        for number in range(count):
            place = (number + 0.5) / count * len(stretch)
            on = stretch[int(place)]
            opens, closes = _local(on, 570), min(_local(on, 1000), end)
            weeks = most and most - (most - 1) * (number + 0.5) / count
            yield opens + (closes - opens) * (place % 1), weeks


def _local(day: date, minute: float) -> datetime:
    """The minute of the landlord's day."""
    return (start_of(day) + timedelta(minutes=minute)).astimezone(UTC)


class Life:
    """One resident, from the letter to the newest check-in. Days are counted back from today."""

    def __init__(
        self, rows: Rows, seed: int, number: int, staff: list[int], invited_at: datetime, weeks: float, pin_hash: str
    ) -> None:
        named = [life for life in words()["life"] if "name" in life]
        others = words()["life"][len(named) :]
        self.named = number < len(named)
        self.turn, place = (0, number) if self.named else divmod(number - len(named), len(others))
        self.told = named[number] if self.named else others[place]
        self.rows, self.seed, self.number, self.invited_at = rows, seed, number, invited_at
        self.chance = Random(f"{seed} {number}")
        self.id = len(staff) + 1 + number
        self.coach = staff[1 + number % (3 if self.named else len(staff) - 1)]
        self.today = rows.today
        self.age = (self.today - day_of(invited_at)).days
        self.language = self.told.get("language", "en")
        self.weeks = weeks
        self.pin_hash = pin_hash
        self.hope: int | None = None  # the answer that a goal may quote

    def live(self, questions: list[Question]) -> None:
        """Everything that happened so far."""
        letter = LETTERS[(self.number - 10) % len(LETTERS)] if self.weeks > 5 and not self.named else "in"
        letter = letter if self.weeks else "waiting"
        came_in = letter in ("in", "talked_first", "renewed")
        self._person(self.pin_hash if came_in else None)
        if letter == "renewed":
            again = self.invited_at + timedelta(days=7)
            self._letter("withdrawn", self.invited_at, again)
            self.invited_at, self.age = again, self.age - 7
        early = self.weeks < 2.6
        opened_on = max(2, self.age - 4 - self.number % 3 * 3) if early and came_in else self.age - 1
        at = self._at(opened_on, self.chance.randrange(580, 1100))
        self._letter(letter, self.invited_at, at)
        if not came_in:
            return
        about_me_on = opened_on - (8 if letter == "talked_first" else self.chance.choice((0, 0, 1)))
        begun = at + timedelta(minutes=6) if about_me_on == opened_on else self._at(about_me_on, 640)
        finished = self._about_me(questions, begun, most=6 if early and self.number % 4 == 3 else 99)
        if letter == "talked_first":
            self.hope = None  # said after the goal
        waits = early or (self.weeks < 3.3 and self.number % 3 == 0)
        talks = [] if waits else self._talks(self.age - 4 if letter == "talked_first" else about_me_on - 3)
        if finished or talks:
            since = None if letter == "talked_first" else finished
            talked_on = talks and self.today - timedelta(days=talks[0])
            self.rows.add(Wait, resident_id=self.id, since=since, talked_on=talked_on or None)
        if talks:
            self._goals(talks)
        if talks and (self.number % 6 == 5 or "shows" in self.told):
            shows = self.told.get("shows") or [EXTRAS[self.number % len(EXTRAS)]]
            self.rows.add(SummaryChoice, resident_id=self.id, shows=shows, chosen_at=self._at(1, 700))

    def _at(self, days_ago: int, minute: float) -> datetime:
        return _local(self.today - timedelta(days=days_ago), minute)

    def _after(self, day: int, share: float) -> datetime:
        """Between the day after that one and yesterday; a later moment for a greater share, below 1."""
        days, part = divmod(share * (day - 1), 1)
        return self._at(day - 1 - int(days), 600 + part * 560)

    def _pick(self, key: str) -> str:
        return self.chance.choice(words()["said"][key])

    def _words_for(self, key: str) -> str:
        """What this person says to a question; empty where they say nothing."""
        if key in self.told:
            said = self.told[key][self.turn % len(self.told[key])]
            return words()["long"][key] if said == "LONG" else said
        pool = [] if self.named else words()["said"].get(key, [])
        return pool[(self.number + self.turn) % len(pool)] if pool and self.chance.random() < 0.85 else ""

    def _person(self, pin_hash: str | None) -> None:
        first, last, labels = (words()[key] for key in ("first", "last", "labels"))
        turn, place = divmod(self.number, len(first))
        short = turn == 0 and self.number % 2
        name = first[place] if short else f"{first[place]} {last[(place * 7 + turn) % len(last)]}"
        label = labels[self.number * 7 % len(labels)] if short or self.number % 3 else ""
        name, label = self.told.get("name", name), self.told.get("label", label)
        sign_in = {"secret_hash": pin_hash, "sign_in_name": sign_in_name(self.seed, self.id) if pin_hash else None}
        _add_person(self.rows, Role.RESIDENT, self.invited_at, name, label=label, **sign_in)
        self.rows.add(Coaching, resident_id=self.id, coach_id=self.coach, since=self.invited_at, cover=False)

    def _letter(self, letter: str, made_at: datetime, at: datetime) -> None:
        renewal = letter == "renewed"
        code = made_from(f"renewed {self.seed} {self.id}", "invitation") if renewal else code_of(self.seed, self.id)
        what = {"renewal": renewal, "code_hash": hash_of(code), "made_at": made_at}
        if letter in ("no_thanks", "not_me", "withdrawn"):
            what[f"{letter}_at"] = at
            what["opened_at"] = at - timedelta(minutes=2) if letter == "no_thanks" else None
        elif letter in ("in", "talked_first", "renewed"):
            agreed, used = at + timedelta(minutes=2), at + timedelta(minutes=5)
            what |= {"opened_at": at, "agreed_at": agreed, "used_at": used}
            promise = "\n".join(PROMISE)
            self.rows.add(Consent, resident_id=self.id, agreed_at=agreed, wording=promise, language="en", how="screen")
            ends = {"runs_out_at": used + timedelta(hours=12), "ended_at": used + timedelta(minutes=70)}
            self.rows.add(SignIn, person_id=self.id, began_at=used, **ends)
        self.rows.add(Invitation, resident_id=self.id, made_by_id=self.coach, **what)

    def _about_me(self, questions: list[Question], begun: datetime, most: int) -> datetime | None:
        """The answers; when the short way was done, if it was."""
        further = self.named or self.number % 3 > 0
        asked = [one for one in questions if one.core or (further and most > len(questions))][:most]
        done = most > len(questions)
        finished = begun + timedelta(minutes=sum(one.core for one in asked) + 1) if done else None
        about_me = {"question_set_id": questions[0].section.question_set_id, "started_at": begun}
        way = self.rows.add(Assessment, resident_id=self.id, finished_at=finished, **about_me)
        for minute, question in enumerate(asked, 1):
            if question.key == "how-sure" and not self.hope:
                continue
            at = begun + timedelta(minutes=minute + (1 if not question.core else 0))
            self._answer(question, way, at)
        return finished

    def _answer(self, question: Question, way: int, at: datetime) -> None:
        said = self._said(question)
        row = {"assessment_id": way, "resident_id": self.id, "question_id": question.id, "typed_by_id": self.id}
        row |= {"language": self.language, "skipped": not any(value not in (None, []) for value in said.values())}
        if question.key == "asked-for" and self.number % 4 == 1 and " " in (said["words"] or ""):
            first_go = said | {"words": said["words"].rsplit(" ", 1)[0]}
            before = at - timedelta(seconds=40)
            self.rows.add(Answer, given_at=before, superseded_at=at, **row, **first_go)
        number = self.rows.add(Answer, given_at=at, **row, **said)
        if question.key == "hope-most" and said["words"]:
            self.hope = number

    def _said(self, question: Question) -> dict[str, Any]:
        said: dict[str, Any] = {"words": None, "choices": [], "number": None}
        if question.kind is Kind.WORDS:
            said["words"] = self._words_for(question.key) or None
        elif question.kind is Kind.SCALE:
            said["number"] = self.told.get("how-sure", self.chance.randrange(3, 11))
        elif question.kind is Kind.CHOICE:
            said["choices"] = [self.chance.choice(("yes", "yes", "not-sure", "no"))]
        else:
            keys = [choice["key"] for choice in question.choices]
            told = self.told.get(question.key, [])
            more = 0 if self.named and told else 1 + self.chance.randrange(2)
            ticked = {*told, *self.chance.sample(keys, more)}
            said["choices"] = [key for key in keys if key in ticked]
            if question.key == "hands" and not self.named and self.number % 4 == 0:
                said["words"] = self._pick("something-else")
        return said

    def _talks(self, first: int) -> list[int]:
        """Conversations from that day on, on weekdays; their days."""
        count = min(self.told.get("talks", 9), 1 + int(self.weeks / 3.5))
        days = [self._weekday(round(first - place * (first - 2) / count)) for place in range(count)]
        for place, day in enumerate(days):
            at = self._at(day, 590 + (self.number * 37 + place * 60) % 380)
            coming = days[place + 1] if place + 1 < len(days) else -self._ahead()
            next_on = self.today - timedelta(days=coming) if coming else None
            talk = {"resident_id": self.id, "coach_id": self.coach, "how": self.chance.choice(list(How))}
            days_of = {"talked_on": day_of(at), "next_on": next_on, "written_at": at}
            self._notes(self.rows.add(Conversation, **talk, **days_of), place, at, day, place + 1 == len(days))
            if self.number % 3 == 0:
                look = {"resident_id": self.id, "staff_id": self.coach, "hour": at.replace(minute=0, second=0)}
                for page in ("home.resident", "goals.index"):
                    self.rows.add(Look, page=page, **look)
        return days

    def _weekday(self, day: int) -> int:
        """Back from a weekend to Friday."""
        return day + max((self.today - timedelta(days=day)).weekday() - 4, 0)

    def _ahead(self) -> int:
        ahead = self.told.get("next") or self.chance.choice((0, 2, 5, 8, 13))
        weekday = (self.today + timedelta(days=ahead)).weekday()
        return ahead + 7 - weekday if ahead and weekday > 4 else ahead

    def _notes(self, talk: int, place: int, at: datetime, day: int, last: bool) -> None:
        told = self.told.get("notes", [])
        row = {"conversation_id": talk, "language": self.language}
        own = self.told.get("own_note") if self.named and place == 1 else None
        if told[place:]:
            typed = told[place]
        elif last and self.number % 9 == 4:
            turn = self.number // 9 % 2
            typed, own = words()["said"]["notes_not_agreed"][turn], words()["said"]["own_notes"][turn]
        else:
            typed = self._pick("notes")
        answered = self._after(day, 0.05) if own else None
        self.rows.add(Note, words=typed, typed_by_id=self.coach, at=at, not_agreed_at=answered, **row)
        if own:
            self.rows.add(Note, words=own, typed_by_id=self.id, at=answered, **row)

    def _goals(self, talks: list[int]) -> None:
        told = self.told["goals"]
        if not self.named:
            told = [told[(self.turn + place) % len(told)] for place in range(1 + (self.number % 3 == 0))]
        check_ins: list[dict[str, Any]] = []
        for place, goal in enumerate(told):
            day = talks[min(place // 2, len(talks) - 1)]
            stands = goal.get("state") or ("live" if self.named or place else STANDS[self.number % len(STANDS)])
            made_at = self._at(day, 1000 + 5 * place)
            self._goal(goal, day, made_at, stands, check_ins)
        for check_in in sorted(check_ins, key=lambda row: row["at"]):
            self.rows.add(CheckIn, **check_in)

    def _goal(self, goal: dict, day: int, made_at: datetime, stands: str, check_ins: list[dict]) -> int:
        """A goal with all that hangs on it; its number."""
        goes = {"live": [], "back": [("resting", 0.4), ("live", 0.7)], "changed": [("changed", 0.6)]}
        turns = goes.get(stands, [(stands, 0.85)])
        became = None
        goal_id = self.rows.add(Goal, resident_id=self.id, made_at=made_at, state=State.LIVE)
        row = self.rows.waiting[Goal][-1]
        if stands == "changed":
            follows = self.told["goals"][(self.turn + 2) % len(self.told["goals"])]
            turned_at = self._after(day, 0.6)
            became = self._goal(follows, (self.today - day_of(turned_at)).days, turned_at, "live", check_ins)
        author, changed_at, own_words, count = self._wordings(goal_id, goal, day, made_at)
        self.rows.add(GoalState, goal_id=goal_id, state=State.LIVE, by_id=author, at=made_at)
        for state, share in turns:
            changed_at = self._after(day, share)
            by, reason = self.coach if self.number % 4 == 2 else self.id, goal.get("reason")
            pool = "back" if stands == "back" and state == "live" else state
            reason = reason or (self._pick(pool) if self.number % 5 else None)
            to = {"state": State(state), "by_id": by, "reason": reason}
            self.rows.add(GoalState, goal_id=goal_id, at=changed_at, **to)
            row["state"] = State(state)
        row |= {"became_id": became, "own_words": own_words, "changed_at": changed_at}
        row["version"] = count + len(turns)
        self._steps(goal_id, goal, day, made_at, author, stands)
        check_ins += self._check_ins(goal_id, goal, day, turns[-1][1] if turns else 1.0)
        return goal_id

    def _wordings(self, goal_id: int, goal: dict, day: int, made_at: datetime) -> tuple[int, datetime, bool, int]:
        """Every wording; who typed the first, when the face was typed, if in own words, and how many there are."""
        full = {"why": goal.get("why") or None, "sure": goal.get("sure")}
        row = {"goal_id": goal_id, "language": self.language, "said_by_id": self.id, "is_face": True}
        if "said" in goal or "earlier" in goal:
            later, staff = self._after(day, 0.12), "said" in goal
            author = self.coach if staff else self.id
            first = {"words": goal["said" if staff else "earlier"], "not_agreed_at": later if staff else None}
            before = row | {"is_face": False, "typed_by_id": author, "at": made_at}
            self.rows.add(Wording, **before, **first, **(full if staff else {}))
            own = {} if staff else full
            self.rows.add(Wording, words=goal["words"], typed_by_id=self.id, at=later, **row, **own)
            return author, later, True, 2
        how = goal.get("kind") or SAID[(self.number * 2 + len(goal["steps"])) % len(SAID)]
        author = self.coach if how in ("read_back", "typed") else self.id
        row |= {"read_back_at": made_at} if how == "read_back" else {}
        row |= {"quoted_answer_id": self.hope} if how == "quoted" else {}
        self.rows.add(Wording, words=goal["words"], typed_by_id=author, at=made_at, **row, **full)
        return author, made_at, how != "typed", 1

    def _steps(self, goal_id: int, goal: dict, day: int, made_at: datetime, author: int, stands: str) -> None:
        steps = goal.get("steps", [])
        done = len(steps) if stands == "reached" else goal.get("done", 0)
        for place, step in enumerate(steps):
            who = self._pick("who_steps") if place == 1 and self.number % 4 == 2 else ""
            by, added_at = (self.id, self._after(day, 0.03 * place)) if place else (author, made_at)
            done_at = self._after(day, 0.14 + 0.11 * place) if place < done else None
            row = {"goal_id": goal_id, "language": self.language, "done_at": done_at}
            self.rows.add(Step, words=step, who=who, added_by_id=by, added_at=added_at, **row)

    def _check_ins(self, goal_id: int, goal: dict, day: int, until: float) -> list[dict[str, Any]]:
        told = goal.get("check_ins") or [self._check_in(place) for place in range(1 + int(self.weeks / 3))]
        rows = []
        for place, (number, *said) in enumerate(told):
            typed_by = self.coach if place == 1 and self.number % 5 == 3 else self.id
            row = {"goal_id": goal_id, "said_by_id": self.id, "typed_by_id": typed_by, "language": self.language}
            row |= dict(zip(("helped", "in_the_way", "celebrate"), (one or None for one in said), strict=True))
            at = self._after(day, until * (0.08 + 0.9 * place / len(told)))
            rows.append(row | {"number": None if number < 0 else number, "at": at})
        return rows

    def _check_in(self, place: int) -> list[Any]:
        number = min(10, self.chance.randrange(2, 7) + place) if self.chance.random() < 0.8 else -1
        said = [self._pick(key) if self.chance.random() < 0.45 else "" for key in ("helped", "in_the_way", "celebrate")]
        return [number, *said] if number >= 0 or any(said) else [number, self._pick("helped"), "", ""]


def _set_sequences() -> None:
    """PostgreSQL counts on by itself only for numbers that it gave."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in TABLES:
        name = table.__tablename__
        highest = f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), max(id)) FROM \"{name}\""
        db.session.execute(text(highest))
