"""What a resident's summary shows, and everything that stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Select, func, select
from sqlalchemy.orm import Mapped, mapped_column

from deal.assessment.models import Answer, what_holds
from deal.assessment.ways import HOPES, MATTERS, strengths
from deal.conversations.models import next_chat
from deal.db import db, now, today
from deal.deals.models import Promised, Side, how_many_promised, promised_with
from deal.goals.models import READ, CheckIn, Goal, State, Step, Wording, check_ins_of, goals_of
from deal.people import Person, who_is_there

EXTRAS = ("chart", "who_matters", "in_the_way")


class SummaryChoice(db.Model):
    """What else the resident wants on their summary, from this moment on; the newest holds, none is all off."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    shows: Mapped[list[str]] = mapped_column(JSON)
    chosen_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_summary_choice_resident_id_id", "resident_id", "id"),)


def chosen_by(resident: Person) -> list[str]:
    """The extras that the resident ticked."""
    return db.session.scalar(_chosen(resident)) or []


def _chosen(resident: Person) -> Select:
    newest = select(SummaryChoice.shows).where(SummaryChoice.resident_id == resident.id)
    return newest.order_by(SummaryChoice.id.desc()).limit(1)


Piece = tuple[str, str]  # somebody's words, and their language


@dataclass(frozen=True)
class Summary:
    """A resident's story so far."""

    resident: Person
    coach: Person | None
    day: date
    next_chat: date | None
    goals: list[Goal]  # live, for the first page: those that the resident picked before the newest
    other_goals: list[Goal]  # the other live ones
    done: list[Step]  # of the goals of the first page, newest first
    next: list[Step]
    charts: list[tuple[Goal, list[CheckIn]]]  # their check-ins with a number, oldest first
    celebrations: list[Piece]  # newest first, as is all that follows
    reached: list[Piece]
    in_the_way: list[Piece]
    promises: list[Promised]
    strengths: list[Answer]
    matters: list[Answer]
    hopes: list[Answer]
    shows: list[str]
    who_matters: Answer | None
    unseen: dict[str, int]  # how many more there are than were read, by what they are
    waiting: int  # what staff typed and nobody read back, left out here

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show yet."""
        told = (self.goals, self.strengths, self.hopes, self.matters, self.reached, self.promises)
        return not any(told)


MOST_WHOLE = 3  # goals on the first page
MOST_LIVE = 100  # goals that are read
MOST_CHECK_INS = 120
PICKED = "goal %s"  # among what the resident chose: a goal of their own for the first page


def summary_of(resident: Person, unread: bool = False) -> Summary:
    """Gather the story, bounded: their own pick, then the newest, whatever the length of the history.

    What staff typed stands in the resident's own voice once it was read back; with `unread` it is there before.
    """
    assessment, found = what_holds(resident)
    answers = {key: answer for key, answer in found.items() if unread or not is_unread(answer)}
    said = {key: answer for key, answer in answers.items() if answer.has_content}
    chosen, *counts = _counts(resident, unread)
    shows = chosen or []
    all_goals = [goal for goal in goals_of(resident, most=MOST_LIVE, others=MOST_LIVE) if agreed(goal)]
    goals = [goal for goal in all_goals if unread or not is_unread(goal.face)]
    live = sorted((goal for goal in goals if goal.state is State.LIVE), key=lambda goal: PICKED % goal.id not in shows)
    shown = live[:MOST_WHOLE]
    check_ins = check_ins_of([goal.id for goal in goals], most=MOST_CHECK_INS)
    steps = [step for goal in shown for step in goal.steps if not step.taken_back_at]
    done = sorted((step for step in steps if step.done_at), key=lambda step: str(step.done_at), reverse=True)
    in_the_way = [(one.in_the_way, one.language) for one in check_ins if one.in_the_way]
    celebrations = [(one.celebrate, one.language) for one in check_ins if one.celebrate]
    reached = [(goal.face.words, goal.face.language) for goal in goals if goal.state is State.REACHED]
    promises = promised_with(resident)
    ours = sum(one.is_ours for one in promises)
    read = (len(live), len(reached), len(celebrations), len(in_the_way), ours, len(promises) - ours)
    totals = zip(COUNTED, counts, read, strict=True)
    return Summary(
        resident=resident,
        coach=who_is_there(resident),
        day=today(),
        next_chat=next_chat(resident),
        goals=shown,
        other_goals=live[MOST_WHOLE:],
        done=done,
        next=[step for step in steps if not step.done_at],
        charts=[(goal, _numbers(goal, check_ins)) for goal in shown if len(_numbers(goal, check_ins)) > 1],
        celebrations=celebrations,
        reached=reached,
        in_the_way=in_the_way if "in_the_way" in shows else [],
        promises=promises,
        strengths=strengths(assessment, answers) if assessment else [],
        matters=[said[key] for key in MATTERS if key in said],
        hopes=[said[key] for key in HOPES if key in said],
        shows=shows,
        who_matters=said.get("who-matters") if "who_matters" in shows else None,
        unseen={name: total - len_read for name, total, len_read in totals},
        waiting=len(found) - len(answers) + len(all_goals) - len(goals),
    )


COUNTED = ("goals", "reached", "celebrations", "in_the_way", "ours", "theirs")


def _counts(resident: Person, unread: bool) -> Sequence[Any]:
    """What they ticked, and how many there are of each, in one statement."""
    stands = Wording.not_agreed_at.is_(None) & Wording.taken_back_at.is_(None) & (READ | db.literal(unread))
    goals = select(func.count()).select_from(Goal).join(Goal.face).where(Goal.resident_id == resident.id, stands)
    said = goals.join(CheckIn, CheckIn.goal_id == Goal.id)
    said = said.where(CheckIn.not_agreed_at.is_(None), CheckIn.taken_back_at.is_(None))
    counts = [goals.where(Goal.state == state).scalar_subquery() for state in (State.LIVE, State.REACHED)]
    counts += [said.where(field != "").scalar_subquery() for field in (CheckIn.celebrate, CheckIn.in_the_way)]
    promised = [how_many_promised(resident, side) for side in (Side.LANDLORD, Side.RESIDENT)]
    return list(db.session.execute(select(_chosen(resident).scalar_subquery(), *counts, *promised)).one())


def agreed(goal: Goal) -> bool:
    """Whether a goal has words that the resident did not refuse and has not taken back."""
    return goal.face is not None and not (goal.face.not_agreed_at or goal.face.taken_back_at)


def is_unread(said: Any) -> bool:
    """Whether staff typed this answer or wording, and the resident has not said yes or no to it."""
    return bool(said.typed_by_staff and said.awaits_read_back)


def _numbers(goal: Goal, check_ins: Sequence[CheckIn]) -> list[CheckIn]:
    return [one for one in reversed(check_ins) if one.goal_id == goal.id and one.number is not None][-8:]
