"""What a resident's summary shows, and everything that stands in it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, mapped_column

from deal.assessment.models import Answer, what_holds
from deal.assessment.ways import HOPES, MATTERS, strengths
from deal.conversations.models import next_chat
from deal.db import Once, db, now, today
from deal.goals.models import CheckIn, Goal, State, Step, check_ins_of, goals_of
from deal.people import Person, who_is_there

EXTRAS = ("chart", "who_matters", "in_the_way")


class SummaryChoice(Once, db.Model):
    """What else the resident wants on their summary, from this moment on; the newest holds, none is all off."""

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    shows: Mapped[list[str]] = mapped_column(JSON)
    chosen_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_summary_choice_resident_id_id", "resident_id", "id"),)


def chosen_by(resident: Person) -> list[str]:
    """The extras that the resident ticked."""
    newest = select(SummaryChoice.shows).where(SummaryChoice.resident_id == resident.id)
    return db.session.scalar(newest.order_by(SummaryChoice.id.desc()).limit(1)) or []


@dataclass(frozen=True)
class GoalOnPaper:
    """A live goal as it is printed."""

    goal: Goal
    done: list[Step]  # newest first
    next: list[Step]
    check_ins: list[CheckIn]  # oldest first


@dataclass(frozen=True)
class Summary:
    """A resident's story so far."""

    resident: Person
    coach: Person | None
    day: date
    next_chat: date | None
    strengths: list[Answer]
    matters: list[Answer]
    hopes: list[Answer]
    goals: list[GoalOnPaper]
    other_goals: list[Goal]  # live ones whose words alone are shown
    reached: list[Goal]
    shows: list[str]
    who_matters: Answer | None
    in_the_way: list[CheckIn]


MOST_WHOLE = 3  # goals with their steps and check-ins; the others with their words alone


def summary_of(resident: Person) -> Summary:
    """Gather the story, bounded: the newest live goals first, whatever the length of the history."""
    assessment, answers = what_holds(resident)
    said = {key: answer for key, answer in answers.items() if answer.has_content}
    faced = [goal for goal in goals_of(resident) if goal.face]
    goals = [goal for goal in faced if not (goal.face.not_agreed_at or goal.face.taken_back_at)]
    live = [goal for goal in goals if goal.state is State.LIVE]
    shown = live[:MOST_WHOLE]
    check_ins = check_ins_of([goal.id for goal in shown], most=60)
    shows = chosen_by(resident)
    return Summary(
        resident=resident,
        coach=who_is_there(resident),
        day=today(),
        next_chat=next_chat(resident),
        strengths=strengths(assessment, answers) if assessment else [],
        matters=[said[key] for key in MATTERS if key in said],
        hopes=[said[key] for key in HOPES if key in said],
        goals=[_on_paper(goal, [one for one in check_ins if one.goal_id == goal.id]) for goal in shown],
        other_goals=live[MOST_WHOLE:],
        reached=[goal for goal in goals if goal.state is State.REACHED][:MOST_WHOLE],
        shows=shows,
        who_matters=said.get("who-matters") if "who_matters" in shows else None,
        in_the_way=[one for one in check_ins if one.in_the_way][:3] if "in_the_way" in shows else [],
    )


def _on_paper(goal: Goal, check_ins: list[CheckIn]) -> GoalOnPaper:
    steps = [step for step in goal.steps if not step.taken_back_at]
    done = sorted((step for step in steps if step.done_at), key=lambda step: str(step.done_at), reverse=True)
    return GoalOnPaper(
        goal=goal,
        done=done[:3],
        next=[step for step in steps if not step.done_at][:3],
        check_ins=[one for one in reversed(check_ins) if one.number is not None][-8:],
    )
