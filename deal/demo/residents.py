"""The demonstration's residents: lives.toml, dated back from today, as rows of the tables."""

import tomllib
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import insert

from deal.assessment.models import Answer, Assessment, FirstTalkWait, Pulse
from deal.audit import AccessLog, LastViewed
from deal.auth.models import SignIn
from deal.blockers.models import Blocker
from deal.clock import day_of, start_of, today
from deal.contact.models import ContactPreferences
from deal.conversations.models import Chat, Conversation, Note
from deal.db import db
from deal.deals.models import Agreement, Deal, DealPart, KeptAnswer, Promise, PromiseNote, PromiseWording
from deal.goals.models import CheckIn, Goal, GoalState, SharedGoal, Step, Wording
from deal.invitations.models import Consent, Invitation
from deal.names import name_key
from deal.people import Assignment, Person, Role
from deal.printing.models import SummaryChoice
from deal.questions.models import Kind, Question
from deal.settings import PROMISE

BATCH = 20_000  # rows kept in memory
WORDS, _told = (tomllib.loads(Path(__file__).with_name(f"{one}.toml").read_text("utf-8")) for one in ("words", "lives"))
LIVES = _told["life"]


class Rows:
    """Rows on their way into the database, with their numbers."""

    def __init__(self) -> None:
        self.today = today()  # one day, however long the loading takes
        self.waiting: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        self.last: dict[Any, int] = defaultdict(int)
        self.common: dict[str, Any] = {}  # for each table that has such columns: whose rows these are

    def add(self, table: Any, **values: Any) -> int:
        """Take a row; the number it will have."""
        self.last[table] += 1
        common = {key: value for key, value in self.common.items() if key in table.__table__.columns}
        self.waiting[table].append(common | {"id": self.last[table]} | values)
        return self.last[table]

    def at(self, days_ago: int, minute: float) -> datetime:
        """The minute of the landlord's day."""
        return (start_of(self.today - timedelta(days=days_ago)) + timedelta(minutes=minute)).astimezone(UTC)

    def office_at(self, days_ago: int, minute: float) -> datetime:
        """The minute of that day, or of the Friday before it."""
        weekend = max((self.today - timedelta(days=days_ago)).weekday() - 4, 0)
        return self.at(days_ago + weekend, minute)

    def dated(self, told: dict[str, Any]) -> dict[str, Any]:
        """With moments instead of days ago: in the morning of `_at`, at the beginning of `_on`."""
        minutes = {key: 660 if key.endswith("at") else 0 for key in told if key[-3:] in ("_at", "_on", "at")}
        return told | {key: self.at(told[key], minute) for key, minute in minutes.items()}

    def add_person(self, role: Role, made_at: datetime, name: str, label: str = "", **values: Any) -> int:
        keys = {"name_key": name_key(name), "label_key": name_key(label)}
        return self.add(Person, role=role, made_at=made_at, name=name, label=label, **keys, **values)

    def flush(self, most: int = 0) -> None:
        """Write what waits, once there are more than so many."""
        if sum(map(len, self.waiting.values())) > most:
            parents_first = db.metadata.sorted_tables
            for table in sorted(self.waiting, key=lambda one: parents_first.index(one.__table__)):
                for _columns, alike in groupby(sorted(self.waiting.pop(table), key=sorted), key=sorted):
                    db.session.execute(insert(table.__table__), list(alike))


class Meant(NamedTuple):
    """What a deal may be about: a goal's or a promise's words, from when, until when."""

    part: dict[str, int]
    since: datetime
    until: datetime | None


class Who(NamedTuple):
    """Whose rows these are: their number, their coach's, and which of the residents they are; the first is 0."""

    id: int
    coach: int
    number: int


def add_life(rows: Rows, who: Who, told: dict[str, Any], questions: list[Question], invited: dict[str, Any]) -> None:
    """All that is told of a resident, from the letter to the newest check-in. Days are counted back from today."""
    theirs = ("resident_id", "person_id", "said_by_id", "typed_by_id", "added_by_id", "by_id")
    coach = dict.fromkeys(("coach_id", "staff_id", "made_by_id"), who.coach)
    rows.common = dict.fromkeys(theirs, who.id) | coach | {"language": told.get("language", "en")}
    rows.add(Assignment, since=invited["made_at"], by_id=None, language=None)
    _add_letter(rows, told, 580 + who.number * 37 % 500, invited)
    if "opened" not in told:
        return
    finished_at, hope = _add_about_me(rows, who, told, questions)
    talks = _add_talks(rows, who, told)
    if finished_at or talks:
        rows.add(FirstTalkWait, since=finished_at, talked_on=day_of(talks[0]) if talks else None)
    goals: list[int] = []
    meant = [_add_goal(rows, who, one, goals, hope) for one in told.get("goals", [])]
    for place, one in enumerate(told.get("promises", [])):
        meant.append(_add_promise(rows, who, one, talks[one["talk"]] + timedelta(minutes=10 + place)))
    for talk in told.get("deals", []):
        _add_deal(rows, who, told.get("paper", ""), meant, talks[talk] + timedelta(hours=7.5))
    for one in told.get("blockers", []) if who.number < len(LIVES) else []:  # no more than can be read
        by = who.id if one.get("passed_words") in (None, one.get("words")) else who.coach
        rows.add(Blocker, **rows.dated(one), by_id=by, passed_language="en" if "passed_words" in one else None)
    if "shows" in told:
        rows.add(SummaryChoice, shows=told["shows"], chosen_at=rows.at(1, 700))


def _add_letter(rows: Rows, told: dict[str, Any], minute: int, invited: dict[str, Any]) -> None:
    """A letter and what became of it, which is nothing yet where no more is told."""
    row = {f"{key}_at": rows.at(told[key], minute) for key in ("opened", "no_thanks", "not_me") if key in told}
    if "no_thanks_at" in row:
        row["opened_at"] = row["no_thanks_at"] - timedelta(minutes=2)
    elif "opened_at" in row:
        agreed, used, ended, runs_out = (row["opened_at"] + timedelta(minutes=later) for later in (2, 5, 75, 725))
        row |= {"agreed_at": agreed, "used_at": used}
        rows.add(Consent, agreed_at=agreed, wording="\n".join(PROMISE), language="en")
        rows.add(SignIn, began_at=used, ended_at=ended, runs_out_at=runs_out)
    rows.add(Invitation, **invited, **row)


def _add_about_me(rows: Rows, who: Who, told: dict[str, Any], questions: list[Question]) -> tuple[Any, Any]:
    """The answers, a minute each; when the short way was done, if it was, and the answer that a goal may quote."""
    begun = rows.at(told.get("asked", told["opened"]), 586 + who.number * 37 % 500)
    asked = [one for one in questions if one.key in told["answers"] or (one.core and "stopped" not in told)]
    finished = None if "stopped" in told else begun + timedelta(minutes=sum(one.core for one in asked) + 1)
    of_set = asked[0].section.question_set_id
    number, hope = rows.add(Assessment, question_set_id=of_set, started_at=begun, finished_at=finished), None
    for minute, question in enumerate(asked, 1):
        at, said = begun + timedelta(minutes=minute + (not question.core)), told["answers"].get(question.key)
        if question.key == "how-sure" and said is None:
            continue  # it is asked only of those who told a hope
        row = _answer(who, question, said, told.get("typed"), at) | {"assessment_id": number}
        if question.key == "asked-for" and who.number % 4 == 1 and " " in row.get("words", ""):
            first_go = row | {"words": row["words"].rsplit(" ", 1)[0], "superseded_at": at}
            rows.add(Answer, given_at=at - timedelta(seconds=40), **first_go)
        answer = rows.add(Answer, given_at=at, **row)
        hope = answer if question.key == "hope-most" and said else hope
    if finished and "pulse" in told:
        rows.add(Pulse, assessment_id=number, feels=told["pulse"], at=finished + timedelta(minutes=2))
    return finished, hope


def _answer(who: Who, question: Question, said: Any, typed: str | None, at: datetime) -> dict[str, Any]:
    """What was said, and who typed it where that was not the resident."""
    part = {Kind.WORDS: "words", Kind.SCALE: "number"}.get(question.kind, "choices")
    row: dict[str, Any] = {"question_id": question.id} | ({"skipped": True} if said is None else {part: said})
    if typed in ("coach", "read_back"):
        row["typed_by_id"] = who.coach
    if typed == "read_back":
        row |= {"read_back_at": at + timedelta(days=1), "read_back_how": "paper"}
    return row | ({"helper": "friend"} if typed == "friend" else {})


def _add_talks(rows: Rows, who: Who, told: dict[str, Any]) -> list[datetime]:
    """Conversations; until when the coach has seen all, the next chat, a number to ring. When the talks were."""
    talks = [_add_talk(rows, who, one, place) for place, one in enumerate(told.get("talks", []))]
    if talks:
        rows.add(LastViewed, at=talks[-1])
        last = told["talks"][-1]
        if "next" in last:  # two of three chats are at a time of day
            clock = time(10 + who.number % 6, who.number % 2 * 30) if who.number % 3 != 1 else None
            row = {"day": day_of(rows.office_at(last["next"], 600)), "time": clock, "how": last["how"]}
            rows.add(Chat, place=last.get("next_place"), made_at=talks[-1], cannot_at=None, ended_at=None, **row)
        if "reach" in told:
            rows.add(ContactPreferences, **told["reach"], phone_by_id=who.coach, phone_at=talks[0], changed_at=talks[0])
    return talks


def _add_talk(rows: Rows, who: Who, told: dict[str, Any], place: int) -> datetime:
    """A conversation, its notes and how it felt; when it was."""
    at = rows.office_at(told["day"], 590 + (who.number * 37 + place * 60) % 380)
    talk = rows.add(Conversation, how=told["how"], talked_on=day_of(at), written_at=at)
    own_at = rows.at(told["day"] - 1, 620) if "own" in told else None
    rows.add(Note, conversation_id=talk, words=told["words"], typed_by_id=who.coach, at=at, not_agreed_at=own_at)
    if own_at:
        rows.add(Note, conversation_id=talk, words=told["own"], at=own_at)
    for by, felt, later in ((who.coach, "coach_felt", 0), (who.id, "felt", 26)):
        if felt in told:
            rows.add(Pulse, conversation_id=talk, by_id=by, feels=told[felt], at=at + timedelta(hours=later))
    rows.add(AccessLog, page="residents.resident", hour=at.replace(minute=0, second=0))
    return at


def _add_goal(rows: Rows, who: Who, told: dict[str, Any], goals: list[int], hope: int | None) -> Meant:
    """A goal with all that hangs on it; what it became is told before it."""
    made_at = rows.office_at(told["day"], 1000 + 5 * len(goals))
    staff, how = "said" in told, told.get("how")
    first, later = told.get("said") or told.get("earlier"), rows.at(max(told["day"] - 2, 1), 700)
    author = who.coach if staff or how in ("read_back", "typed") else who.id
    face_at = later if first else made_at
    states = [rows.dated(one) for one in told.get("states", [])]
    last: dict[str, Any] = states[-1] if states else {"state": "live", "at": face_at}
    row = {"state": last["state"], "changed_at": last["at"], "own_words": how != "typed"}
    became = goals[told["became"]] if "became" in told else None
    goal = rows.add(Goal, made_at=made_at, became_id=became, version=1 + bool(first) + len(states), **row)
    goals.append(goal)
    full = {"why": told.get("why"), "sure": told.get("sure")}
    if first:
        row = {"words": first, "typed_by_id": author, "superseded_at": face_at}
        row |= {"not_agreed_at": later if staff else None}
        rows.add(Wording, goal_id=goal, at=made_at, **row, **(full if staff else {}))
    row = {} if staff else full
    row |= {"read_back_at": made_at, "read_back_how": "pin"} if how == "read_back" else {}
    row |= {"quoted_answer_id": hope} if how == "quoted" else {}
    row |= {"words": told["words"], "typed_by_id": who.id if first else author}
    current_wording = rows.add(Wording, goal_id=goal, at=face_at, **row)
    rows.add(GoalState, goal_id=goal, state="live", by_id=author, at=made_at)
    for state in states:
        rows.add(GoalState, goal_id=goal, **state)
    for step in told.get("steps", []):
        rows.add(Step, goal_id=goal, added_at=made_at, **rows.dated(step))
    for check_in in told.get("check_ins", []):
        rows.add(CheckIn, goal_id=goal, **rows.dated(check_in))
    if "shared" in told:
        rows.add(SharedGoal, goal_id=goal, wording_id=current_wording, named=True, at=rows.at(7, 700))
    return Meant({"wording_id": current_wording}, face_at, None if last["state"] == "live" else last["at"])


def _add_promise(rows: Rows, who: Who, told: dict[str, Any], at: datetime) -> Meant:
    """A promise with all that hangs on it."""
    ours = "days" in told
    gone_at = rows.at(told["let_go"], 700) if "let_go" in told else None
    side = {"side": "landlord" if ours else "resident", "let_go_at": gone_at}
    number = rows.add(Promise, made_at=at, let_go_by_id=gone_at and who.id, **side)
    due_on = day_of(at) + timedelta(days=told["days"]) if ours else None
    row = {"words": told["words"], "typed_by_id": who.coach if ours or "typed" in told else who.id, "at": at}
    wording = rows.add(PromiseWording, promise_id=number, who=told.get("who", ""), due_on=due_on, **row)
    since_due = (rows.today - due_on).days if due_on else 0
    if since_due > 0 and "kept" in told:
        said_at = rows.at(since_due, 1090)
        rows.add(KeptAnswer, promise_id=number, kept=told["kept"], at=said_at)
        gone_at = said_at if told["kept"] == "yes" else gone_at
        if "beside" in told:
            row = {"words": told["beside"], "typed_by_id": who.coach, "at": rows.at(since_due, 1130)}
            rows.add(PromiseNote, promise_id=number, **row)
    return Meant({"promise_wording_id": wording}, at, gone_at)


def _add_deal(rows: Rows, who: Who, seen_by: str, meant: list[Meant], at: datetime) -> None:
    """Both agree to what is meant at that moment: on their phones, or on paper where somebody saw it."""
    deal = rows.add(Deal, made_at=at, agreed_on=day_of(at), fingerprint=f"demonstration {who.id} {at:%Y-%m-%d}")
    for part, since, until in meant:
        if since < at and not (until and until < at):
            rows.add(DealPart, deal_id=deal, **part)
    for side, by in (("landlord", who.coach), ("resident", who.coach if seen_by else who.id)):
        row = {"by_id": by, "seen_by": seen_by, "at": at + timedelta(minutes=5)}
        rows.add(Agreement, deal_id=deal, side=side, agreed_on=day_of(at), **row)
