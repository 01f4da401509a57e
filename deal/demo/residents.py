"""The demonstration's residents: lives.toml, dated back from today, as rows of the tables."""

import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from deal.access import Look, Seen
from deal.accounts.auth_models import SignIn
from deal.accounts.codes import hash_of
from deal.accounts.invitation_models import Consent, Invitation
from deal.assessment.models import Answer, Assessment, Wait
from deal.assessment.pulse import Pulse
from deal.assessment.questions import Kind, Question
from deal.conversations.models import Chat, Conversation, Note
from deal.conversations.pulse import TalkPulse
from deal.conversations.reach import Reach
from deal.db import day_of, db, start_of, today
from deal.deals.models import Agreement, Deal, DealPart, KeptAnswer, Promise, PromiseNote, PromiseWording
from deal.goals.models import CheckIn, Goal, GoalState, SharedGoal, Step, Wording
from deal.learning.models import Blocker
from deal.names import name_key
from deal.people import Coaching, Person, Role
from deal.settings import PROMISE
from deal.summaries.models import SummaryChoice

BATCH = 20_000  # rows kept in memory
WORDS, _told = (tomllib.loads(Path(__file__).with_name(f"{one}.toml").read_text("utf-8")) for one in ("words", "lives"))
LIVES = _told["life"]


class Rows:
    """Rows on their way into the database, with their numbers."""

    def __init__(self) -> None:
        self.today = today()  # one day, however long the loading takes
        self.waiting: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        self.last: dict[Any, int] = defaultdict(int)

    def add(self, table: Any, common: dict[str, Any], **values: Any) -> int:
        """Take a row, with those of the common values that it has columns for; the number it will have."""
        self.last[table] += 1
        columns = table.__table__.columns
        common = {key: value for key, value in common.items() if key in columns}
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
        return self.add(Person, keys, role=role, made_at=made_at, name=name, label=label, **values)

    def flush(self, most: int = 0) -> None:
        """Write what waits, once there are more than so many."""
        if sum(map(len, self.waiting.values())) > most:
            parents_first = db.metadata.sorted_tables
            for table in sorted(self.waiting, key=lambda one: parents_first.index(one.__table__)):
                for _columns, alike in groupby(sorted(self.waiting.pop(table), key=sorted), key=sorted):
                    db.session.execute(insert(table.__table__), list(alike))


@dataclass
class Life:
    """What is told of a resident, and where the rows of it hang. Days are counted back from today."""

    rows: Rows
    told: dict[str, Any]
    number: int  # the first is 0
    id: int
    coach: int
    invited_at: datetime
    code: str
    # the wordings of goals and promises: which, from when, until when
    meant: list[tuple[dict[str, int], datetime, datetime | None]] = field(default_factory=list)
    goals: list[int] = field(default_factory=list)
    hope: int | None = None  # the answer that a goal may quote

    def __post_init__(self) -> None:
        them = ("resident_id", "person_id", "said_by_id", "typed_by_id", "added_by_id", "by_id")
        self.at, self.office_at = self.rows.at, self.rows.office_at
        coach = dict.fromkeys(("coach_id", "staff_id", "made_by_id"), self.coach)
        self.common = dict.fromkeys(them, self.id) | coach | {"language": self.told.get("language", "en")}

    def add(self, table: Any, **values: Any) -> int:
        return self.rows.add(table, self.common, **values)


def live(life: Life, questions: list[Question]) -> None:
    """From the letter to the newest check-in."""
    life.add(Coaching, since=life.invited_at, by_id=None, language=None)
    _letter(life)
    if "opened" not in life.told:
        return
    finished_at = _about_me(life, questions)
    talks = _talks(life)
    if finished_at or talks:
        life.add(Wait, since=finished_at, talked_on=day_of(talks[0]) if talks else None)
    for told in life.told.get("goals", []):
        _goal(life, told, life.office_at(told["day"], 1000 + 5 * len(life.goals)))
    for place, told in enumerate(life.told.get("promises", [])):
        _promise(life, told, talks[told["talk"]] + timedelta(minutes=10 + place))
    for talk in life.told.get("deals", []):
        _agree(life, talks[talk])
    for told in life.told.get("blockers", []) if life.number < len(LIVES) else []:  # no more of them than can be read
        by = life.id if told.get("passed_words") in (None, told.get("words")) else life.coach
        life.add(Blocker, **life.rows.dated(told), by_id=by, passed_language="en" if "passed_words" in told else None)
    if "shows" in life.told:
        life.add(SummaryChoice, shows=life.told["shows"], chosen_at=life.at(1, 700))


def _letter(life: Life) -> None:
    """A letter and what became of it, which is nothing yet where no more is told."""
    minute = 580 + life.number * 37 % 500
    row = {f"{key}_at": life.at(life.told[key], minute) for key in life.told.keys() & {"opened", "no_thanks", "not_me"}}
    if "no_thanks_at" in row:
        row["opened_at"] = row["no_thanks_at"] - timedelta(minutes=2)
    elif "opened_at" in row:
        agreed, used, ended, runs_out = (row["opened_at"] + timedelta(minutes=later) for later in (2, 5, 75, 725))
        row |= {"agreed_at": agreed, "used_at": used}
        life.add(Consent, agreed_at=agreed, wording="\n".join(PROMISE), language="en")
        life.add(SignIn, began_at=used, ended_at=ended, runs_out_at=runs_out)
    life.add(Invitation, made_at=life.invited_at, code_hash=hash_of(life.code), **row)


def _about_me(life: Life, questions: list[Question]) -> datetime | None:
    """The answers, a minute each; when the short way was done, if it was."""
    told = life.told
    begun = life.at(told.get("asked", told["opened"]), 586 + life.number * 37 % 500)
    asked = [one for one in questions if one.key in told["answers"] or (one.core and "stopped" not in told)]
    finished = None if "stopped" in told else begun + timedelta(minutes=sum(one.core for one in asked) + 1)
    row = {"question_set_id": asked[0].section.question_set_id, "started_at": begun, "finished_at": finished}
    number = life.add(Assessment, **row)
    for minute, question in enumerate(asked, 1):
        _answer(life, question, number, begun + timedelta(minutes=minute + (not question.core)))
    if finished and "pulse" in told:
        life.add(Pulse, assessment_id=number, feels=told["pulse"], at=finished + timedelta(minutes=2))
    return finished


def _answer(life: Life, question: Question, assessment: int, at: datetime) -> None:
    said, typed = life.told["answers"].get(question.key), life.told.get("typed")
    if question.key == "how-sure" and said is None:
        return  # it is asked only of those who told a hope
    part = {Kind.WORDS: "words", Kind.SCALE: "number"}.get(question.kind, "choices")
    row = {"assessment_id": assessment, "question_id": question.id} | (
        {"skipped": True} if said is None else {part: said}
    )
    row |= {"typed_by_id": life.coach} if typed in ("coach", "read_back") else {}
    row |= {"helper": "friend"} if typed == "friend" else {}
    row |= {"read_back_at": at + timedelta(days=1), "read_back_how": "paper"} if typed == "read_back" else {}
    if question.key == "asked-for" and life.number % 4 == 1 and " " in row.get("words", ""):
        first_go = row | {"words": row["words"].rsplit(" ", 1)[0], "superseded_at": at}
        life.add(Answer, given_at=at - timedelta(seconds=40), **first_go)
    number = life.add(Answer, given_at=at, **row)
    if question.key == "hope-most" and said:
        life.hope = number


def _talks(life: Life) -> list[datetime]:
    """Conversations, their notes and how they felt; when they were."""
    talks = []
    for place, told in enumerate(life.told.get("talks", [])):
        at = life.office_at(told["day"], 590 + (life.number * 37 + place * 60) % 380)
        talk = life.add(Conversation, how=told["how"], talked_on=day_of(at), written_at=at)
        own_at = life.at(told["day"] - 1, 620) if "own" in told else None
        life.add(Note, conversation_id=talk, words=told["words"], typed_by_id=life.coach, at=at, not_agreed_at=own_at)
        if own_at:
            life.add(Note, conversation_id=talk, words=told["own"], at=own_at)
        for by, felt, later in ((life.coach, "coach_felt", 0), (life.id, "felt", 26)):
            if felt in told:
                life.add(TalkPulse, conversation_id=talk, by_id=by, feels=told[felt], at=at + timedelta(hours=later))
        life.add(Look, page="home.resident", hour=at.replace(minute=0, second=0))
        talks.append(at)
    if talks:
        life.add(Seen, at=talks[-1])
        _chat(life, life.told["talks"][-1], talks[-1])
        _reach(life, talks[0])
    return talks


def _chat(life: Life, told: dict[str, Any], at: datetime) -> None:
    """The chat that was planned at the last talk: two of three at a time of day, some at a place."""
    if "next" in told:
        clock = time(10 + life.number % 6, life.number % 2 * 30) if life.number % 3 != 1 else None
        row = {"day": day_of(life.office_at(told["next"], 600)), "time": clock, "how": told["how"], "made_at": at}
        life.add(Chat, place=told.get("next_place"), cannot_at=None, ended_at=None, **row)


def _reach(life: Life, at: datetime) -> None:
    """A telephone number, to which they said yes at the first talk."""
    if "reach" in life.told:
        life.add(Reach, **life.told["reach"], phone_by_id=life.coach, phone_at=at, changed_at=at)


def _goal(life: Life, told: dict[str, Any], made_at: datetime) -> None:
    """A goal with all that hangs on it; what it became is told before it."""
    staff, how = "said" in told, told.get("how")
    first, later = told.get("said") or told.get("earlier"), life.at(max(told["day"] - 2, 1), 700)
    author = life.coach if staff or how in ("read_back", "typed") else life.id
    face_at = later if first else made_at
    states = [life.rows.dated(one) for one in told.get("states", [])]
    last: dict[str, Any] = states[-1] if states else {"state": "live", "at": face_at}
    row = {"state": last["state"], "changed_at": last["at"], "own_words": how != "typed"}
    became = life.goals[told["became"]] if "became" in told else None
    goal = life.add(Goal, made_at=made_at, became_id=became, version=1 + bool(first) + len(states), **row)
    life.goals.append(goal)
    hangs = life.common | {"goal_id": goal, "added_at": made_at}
    full = {"why": told.get("why"), "sure": told.get("sure")}
    if first:
        row = {"words": first, "typed_by_id": author, "is_face": False, "not_agreed_at": later if staff else None}
        life.rows.add(Wording, hangs, at=made_at, **row, **(full if staff else {}))
    row = {} if staff else full
    row |= {"read_back_at": made_at, "read_back_how": "pin"} if how == "read_back" else {}
    row |= {"quoted_answer_id": life.hope} if how == "quoted" else {}
    row |= {"words": told["words"], "typed_by_id": life.id if first else author}
    face = life.rows.add(Wording, hangs, at=face_at, is_face=True, **row)
    life.meant.append(({"wording_id": face}, face_at, None if last["state"] == "live" else last["at"]))
    life.rows.add(GoalState, hangs, state="live", by_id=author, at=made_at)
    for table, key in ((GoalState, "states"), (Step, "steps"), (CheckIn, "check_ins")):
        for one in told.get(key, []):
            life.rows.add(table, hangs, **life.rows.dated(one))
    if "shared" in told:
        life.rows.add(SharedGoal, hangs, wording_id=face, named=True, at=life.at(7, 700))


def _promise(life: Life, told: dict[str, Any], at: datetime) -> None:
    """A promise with all that hangs on it."""
    ours = "days" in told
    gone_at = life.at(told["let_go"], 700) if "let_go" in told else None
    side = {"side": "landlord" if ours else "resident", "let_go_at": gone_at}
    number = life.add(Promise, made_at=at, let_go_by_id=gone_at and life.id, **side)
    due_on = day_of(at) + timedelta(days=told["days"]) if ours else None
    row = {"words": told["words"], "typed_by_id": life.coach if ours or "typed" in told else life.id, "at": at}
    wording = life.add(PromiseWording, promise_id=number, who=told.get("who", ""), due_on=due_on, **row)
    since_due = (life.rows.today - due_on).days if due_on else 0
    if since_due > 0 and "kept" in told:
        said_at = life.at(since_due, 1090)
        life.add(KeptAnswer, promise_id=number, kept=told["kept"], at=said_at)
        gone_at = said_at if told["kept"] == "yes" else gone_at
        if "beside" in told:
            row = {"words": told["beside"], "typed_by_id": life.coach, "at": life.at(since_due, 1130)}
            life.add(PromiseNote, promise_id=number, **row)
    life.meant.append(({"promise_wording_id": wording}, at, gone_at))


def _agree(life: Life, talked_at: datetime) -> None:
    """Both agree to what was meant that day: on their phones, or on paper where it is told who saw it."""
    seen_by, at = (
        life.told.get("paper", ""),
        talked_at + timedelta(hours=7.5),
    )  # the day's goals are written down by then
    deal = life.add(Deal, made_at=at, agreed_on=day_of(at), fingerprint=f"demonstration {life.id} {at:%Y-%m-%d}")
    for what, since, until in life.meant:
        if since < at and not (until and until < at):
            life.add(DealPart, deal_id=deal, **what)
    for side, by in (("landlord", life.coach), ("resident", life.coach if seen_by else life.id)):
        row = {"by_id": by, "seen_by": seen_by, "at": at + timedelta(minutes=5)}
        life.add(Agreement, deal_id=deal, side=side, agreed_on=day_of(at), **row)
