"""What the demonstration's people and landlord promised each other, the deals they agreed, and how it felt to them."""

from datetime import datetime, timedelta
from itertools import takewhile
from random import Random
from typing import Any

from deal.assessment.models import Assessment
from deal.assessment.pulse import Feels, Pulse
from deal.conversations.models import Conversation
from deal.conversations.pulse import TalkPulse
from deal.db import day_of, now
from deal.deals.models import Agreement, Deal, DealPart, Kept, KeptAnswer, Promise, PromiseNote, PromiseWording, Side
from deal.demo.life import Life
from deal.demo.rows import in_turn, local, words
from deal.goals.models import Goal, State, Wording

SAYS = (*[Feels.YES] * 7, Feels.NOT_SURE, Feels.NO)


def promise_each_other(life: Life) -> None:
    """Promises at the talks that the words name, and the deal at the end of some of them."""
    if "promises" not in life.told:
        return
    talks = [row["written_at"] for row in life.rows.waiting[Conversation] if row["resident_id"] == life.id]
    made = [_promise(life, told, talks[told["talk"]], place) for place, told in enumerate(life.told["promises"])]
    for talk in life.told.get("deals", []):
        _agree(life, local(day_of(talks[talk]), 1075), made)  # when the goals of that day are written down


def _promise(life: Life, told: dict[str, Any], talked_at: datetime, place: int) -> dict[str, Any]:
    """A promise with all that hangs on it; its wording's number, and from when until when it is meant."""
    ours = "days" in told
    at = talked_at + timedelta(minutes=10 + place)
    gone_at = life._after((life.today - day_of(at)).days, 0.5) if told.get("let_go") else None
    side = {"side": Side.LANDLORD if ours else Side.RESIDENT, "let_go_at": gone_at, "let_go_by_id": gone_at and life.id}
    number = life.rows.add(Promise, resident_id=life.id, made_at=at, **side)
    due_on = day_of(at) + timedelta(days=told["days"]) if ours else None
    coach = in_turn(words()["coach"], life.number)["name"]
    row = {"promise_id": number, "language": life.language}
    who = {"who": told.get("who", coach), "due_on": due_on} if ours else {}
    typed_by = life.coach if ours or told.get("typed") else life.id
    wording = life.rows.add(PromiseWording, words=told["words"], typed_by_id=typed_by, at=at, **row, **who)
    if due_on and "kept" in told and due_on < life.today:
        kept, said_at = Kept(told["kept"]), local(due_on, 1090)
        life.rows.add(KeptAnswer, promise_id=number, kept=kept, at=said_at)
        gone_at = said_at if kept is Kept.YES else gone_at
        if "beside" in told:
            life.rows.add(PromiseNote, words=told["beside"], typed_by_id=life.coach, at=local(due_on, 1130), **row)
    return {"wording": wording, "from": at, "until": gone_at}


def _agree(life: Life, at: datetime, promises: list[dict[str, Any]]) -> None:
    """Both agree to what was meant at that moment: on their phones, or on paper where the words say who saw it."""
    on, seen_by = day_of(at), life.told.get("paper", "")
    number = life.rows.add(Deal, resident_id=life.id, made_at=at, agreed_on=on, fingerprint=f"demonstration {life.id}")
    goals = {row["id"]: row for row in life.rows.waiting[Goal] if row["resident_id"] == life.id}
    live = {one for one, row in goals.items() if row["state"] is State.LIVE or row["changed_at"] > at}
    faces = [row for row in life.rows.waiting[Wording] if row["goal_id"] in live and row["is_face"] and row["at"] < at]
    for row in faces:
        life.rows.add(DealPart, deal_id=number, wording_id=row["id"])
    for one in promises:
        if one["from"] < at and not (one["until"] and one["until"] < at):
            life.rows.add(DealPart, deal_id=number, promise_wording_id=one["wording"])
    for side, by in ((Side.LANDLORD, life.coach), (Side.RESIDENT, life.coach if seen_by else life.id)):
        who = {"by_id": by, "seen_by": seen_by, "at": at + timedelta(minutes=5)}
        life.rows.add(Agreement, deal_id=number, side=side, agreed_on=on, **who)


def say_how_it_felt(life: Life) -> None:
    """Most answer, and most of those say yes."""
    chance = Random(f"felt {life.seed} {life.number}")

    def of(table):
        return list(takewhile(lambda row: row["resident_id"] == life.id, reversed(life.rows.waiting[table])))

    for way in of(Assessment):
        if way["finished_at"] and chance.random() < 0.8:
            said = {"at": way["finished_at"] + timedelta(minutes=2), "feels": chance.choice(SAYS)}
            life.rows.add(Pulse, resident_id=life.id, assessment_id=way["id"], **said)
    for talk in of(Conversation):
        for by, later, share in ((talk["coach_id"], 0, 0.7), (life.id, 26, 0.5)):
            at, feels = talk["written_at"] + timedelta(hours=later), chance.choice(SAYS)
            if chance.random() < share and at < now():
                life.rows.add(TalkPulse, conversation_id=talk["id"], by_id=by, feels=feels, at=at)
