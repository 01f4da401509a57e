"""What got in the way of the demonstration's people, what their landlord changed, and what staff say each week."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import func, select

from deal.db import db, start_of, today, week_of
from deal.demo.rows import in_turn, words
from deal.goals.models import CheckIn, Goal, State, Wording
from deal.goals.sharing import SharedGoal
from deal.kpis.weekly import BusinessAnswer, CoachHours, Hurts
from deal.learning.models import Blocker, Change, Heading, Whose
from deal.people import Coaching


def add_blockers(staff: list[int]) -> None:
    """Blockers of each kind, two headings with an answer, and a check-in that says what got in the way."""
    headings = [_heading(told, staff[0]) for told in words()["heading"]]
    db.session.add_all(headings)
    db.session.flush()
    begun = select(Goal.resident_id, func.min(Goal.made_at)).where(Goal.resident_id <= len(staff) + 12)
    since = dict(db.session.execute(begun.group_by(Goal.resident_id)).all())
    coached = select(Coaching.resident_id, Coaching.coach_id).where(Coaching.resident_id.in_(since))
    coaches = dict(db.session.execute(coached).all())
    for told in words()["blocker"]:
        resident = len(staff) + 1 + told["who"]
        if resident in since and since[resident] < _at(told["days"]):
            db.session.add(_blocker(told, resident, coaches[resident], headings))
    told_so = select(CheckIn).where(CheckIn.in_the_way.is_not(None), CheckIn.said_by_id.in_(since))
    if check_in := db.session.scalar(told_so.order_by(CheckIn.id).limit(1)):
        row = {"resident_id": check_in.said_by_id, "by_id": check_in.said_by_id, "language": check_in.language}
        db.session.add(Blocker(check_in=check_in, whose=Whose.UNKNOWN, opened_at=check_in.at, **row))
    _share_a_goal(len(staff) + 1)


def _share_a_goal(resident: int) -> None:
    """The first of the residents lets one goal be shown, with the name."""
    own = select(Wording).join(Goal, Goal.id == Wording.goal_id).where(Goal.resident_id == resident, Goal.own_words)
    if face := db.session.scalar(own.where(Goal.state == State.LIVE, Wording.is_face).order_by(Goal.id).limit(1)):
        db.session.add(SharedGoal(goal_id=face.goal_id, resident_id=resident, wording_id=face.id, named=True))


def _at(days_ago: int) -> datetime:
    return start_of(today() - timedelta(days=days_ago)) + timedelta(hours=11)


def _heading(told: dict[str, Any], manager: int) -> Heading:
    at = _at(told["answered"])
    change = Change(words=told["change"], done=told["done"], language="en", at=at, by_id=manager)
    days = {"made_at": _at(told["days"]), "answered_at": at, "removed_at": at if told["done"] else None}
    who = {"made_by_id": manager, "owner_id": manager}
    return Heading(words=told["words"], language="en", changes=[change], **days, **who)


def _blocker(told: dict[str, Any], resident: int, coach: int, headings: list[Heading]) -> Blocker:
    own, opened_at, said = told.get("own", False), _at(told["days"]), told.get("said")
    row = Blocker(resident_id=resident, whose=Whose(told["whose"]), words=told["words"])
    row.language = told.get("language", "en")
    row.opened_at, row.by_id = opened_at, coach if "passed" in told and not own else resident
    row.passed_words = told["words"] if own else told.get("passed")
    row.passed_language = "en" if row.passed_words else None
    row.passed_on = start_of(today() - timedelta(days=told["days"] - 1)) if said == "yes" else None
    row.kept_at = opened_at + timedelta(days=1) if said == "no" else None
    if "heading" in told:
        row.heading = headings[told["heading"]]
        row.gathered_at = max(row.heading.made_at, opened_at + timedelta(days=2))
    return row


def tell_each_week(staff: list[int], weeks: int) -> None:
    """The manager's answers, the last for this week, and the first coaches' hours in the weeks before."""
    chance, this_week = Random("weeks"), week_of(today())
    told = words()["weekly"]
    for back in range(weeks):
        monday = this_week - timedelta(weeks=back)
        said = in_turn(told, back)
        row = {"words": said["words"], "language": "en", "by_id": staff[0], "at": start_of(monday)}
        db.session.add(BusinessAnswer(week=monday, hurts=Hurts(said["hurts"]), **row))
        hours = {coach: chance.randrange(5, 14) for coach in staff[1:5]} if back else {}
        db.session.add_all(CoachHours(coach_id=one, week=monday, hours=number) for one, number in hours.items())
