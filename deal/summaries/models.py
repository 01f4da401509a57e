"""What a resident's summary shows, and everything that stands in it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, ForeignKey, Index, String, exists, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deal.assessment.models import Answer, Assessment, what_holds
from deal.assessment.ways import HOPES, MATTERS, strengths
from deal.clock import now, today
from deal.conversations.models import Conversation, Reach, next_chat
from deal.db import db
from deal.deals.models import Deal, Promise, Side, how_many_promised, promised_with
from deal.goals.models import READ, CheckIn, Goal, State, Wording, check_ins_of, goals_of
from deal.people import Coaching, NeverSees, Person, who_is_there


class SummaryChoice(db.Model):
    """What else the resident wants on their summary, from this moment on; the newest holds, none is all off."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    shows: Mapped[list[str]] = mapped_column(JSON)
    chosen_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_summary_choice_resident_id_id", "resident_id", "id"),)


class ToPrint(NamedTuple):
    """What there is to print about somebody, and what is left out of it."""

    shows: list[str] | None  # as they chose last
    deal_id: int | None  # what both agreed last
    promises: int  # that stand
    unread: int  # words that staff typed and nobody has read back: on no paper of theirs
    message_is_safe: bool | None


def to_print(resident: Person) -> ToPrint:
    """In one statement."""
    chosen = select(SummaryChoice.shows).where(SummaryChoice.resident_id == resident.id)
    newest = chosen.order_by(SummaryChoice.id.desc()).limit(1)
    deal = select(func.max(Deal.id)).where(Deal.resident_id == resident.id, Deal.agreed_on.is_not(None))
    promised = how_many_promised(resident, Side.LANDLORD) + how_many_promised(resident, Side.RESIDENT)
    typed = Answer.resident_id == resident.id, Answer.typed_by_id != resident.id, Answer.read_back_at.is_(None)
    still = ~Answer.skipped, Answer.superseded_at.is_(None), Answer.taken_back_at.is_(None)
    goals = select(func.count()).select_from(Goal).join(Goal.face).where(Goal.resident_id == resident.id, ~READ)
    goals = goals.where(Wording.not_agreed_at.is_(None), Wording.taken_back_at.is_(None))
    unread = select(func.count(Answer.id)).where(*typed, *still).scalar_subquery() + goals.scalar_subquery()
    safe = select(Reach.message_is_safe).where(Reach.resident_id == resident.id).scalar_subquery()
    asked = newest.scalar_subquery(), deal.scalar_subquery(), promised, unread, safe
    return ToPrint(*db.session.execute(select(*asked)).one())


def goals_to_pick(resident: Person) -> Sequence[Wording]:
    """The words of the goals that the story may begin with, newest first."""
    query = select(Wording).join(Goal, Goal.id == Wording.goal_id).where(Goal.resident_id == resident.id, READ)
    query = query.where(Goal.state == State.LIVE, Wording.superseded_at.is_(None))
    query = query.where(Wording.not_agreed_at.is_(None), Wording.taken_back_at.is_(None))
    return db.session.scalars(query.order_by(Goal.id.desc()).limit(MOST_LIVE)).all()


MOST_WHOLE = 3  # goals on the first page
MOST_LIVE = 100  # goals that are read
MOST_CHECK_INS = 120
PICKED = "goal %s"  # among what the resident chose: a goal of their own for the first page


class Summary:
    """A resident's story so far, bounded: their own pick, then the newest, whatever the length of the history.

    What staff typed stands in the resident's own voice once it was read back; with `unread` it is there before.
    """

    def __init__(self, resident: Person, unread: bool = False) -> None:
        self.resident, self.coach = resident, who_is_there(resident)
        self.day, self.next_chat = today(), next_chat(resident)
        assessment, found = what_holds(resident)
        answers = {key: answer for key, answer in found.items() if unread or not is_unread(answer)}
        said = {key: answer for key, answer in answers.items() if answer.has_content}
        chosen, *counts = _counts(resident, unread)
        self.shows: list[str] = chosen or []

        goals = [goal for goal in goals_of(resident, most=MOST_LIVE, others=MOST_LIVE) if agreed(goal)]
        goals = [goal for goal in goals if unread or not is_unread(goal.face)]
        live = [goal for goal in goals if goal.state is State.LIVE]
        live.sort(key=lambda goal: PICKED % goal.id not in self.shows)
        self.goals, self.other_goals = live[:MOST_WHOLE], live[MOST_WHOLE:]  # those for the first page, the other ones
        steps = [step for goal in self.goals for step in goal.steps if not step.taken_back_at]
        done = [step for step in steps if step.done_at]
        self.done = sorted(done, key=lambda step: str(step.done_at), reverse=True)
        self.next = [step for step in steps if not step.done_at]
        check_ins = check_ins_of([goal.id for goal in goals], most=MOST_CHECK_INS)
        numbers = [(goal, _numbers(goal, check_ins)) for goal in self.goals]
        self.charts = [(goal, some) for goal, some in numbers if len(some) > 1]  # oldest first

        # pieces, the newest first: somebody's words, and their language
        self.celebrations = [(one.celebrate, one.language) for one in check_ins if one.celebrate]
        in_the_way = [(one.in_the_way, one.language) for one in check_ins if one.in_the_way]
        self.in_the_way = in_the_way if "in_the_way" in self.shows else []
        self.reached = [(goal.face.words, goal.face.language) for goal in goals if goal.state is State.REACHED]
        self.promises = promised_with(resident)
        self.strengths = strengths(assessment, answers) if assessment else []
        self.matters = [said[key] for key in MATTERS if key in said]
        self.hopes = [said[key] for key in HOPES if key in said]
        self.who_matters = said.get("who-matters") if "who_matters" in self.shows else None

        ours = sum(one.is_ours for one in self.promises)
        read = (len(live), len(self.reached), len(self.celebrations), len(in_the_way), ours, len(self.promises) - ours)
        # how many more there are than were read
        self.unseen = {name: total - known for name, total, known in zip(COUNTED, counts, read, strict=True)}


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
    chosen = select(SummaryChoice.shows).where(SummaryChoice.resident_id == resident.id)
    newest = chosen.order_by(SummaryChoice.id.desc()).limit(1).scalar_subquery()
    return list(db.session.execute(select(newest, *counts, *promised)).one())


def agreed(goal: Goal) -> bool:
    """Whether a goal has words that the resident did not refuse and has not taken back."""
    return goal.face is not None and not (goal.face.not_agreed_at or goal.face.taken_back_at)


def is_unread(said: Any) -> bool:
    """Whether staff typed this answer or wording, and the resident has not said yes or no to it."""
    return bool(said.typed_by_staff and said.awaits_read_back)


def _numbers(goal: Goal, check_ins: Sequence[CheckIn]) -> list[CheckIn]:
    return [one for one in reversed(check_ins) if one.goal_id == goal.id and one.number is not None][-8:]


CARD_LENGTH = 8  # of its number


class Card(db.Model):
    """A card that was printed, what it asks about, and who typed in what came back. Its number stands on it alone."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    number_hash: Mapped[str] = mapped_column(String(64), unique=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    assessment_id: Mapped[int | None] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    promise_id: Mapped[int | None] = mapped_column(ForeignKey("promise.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[datetime] = mapped_column(default=now)
    typed_at: Mapped[datetime | None]
    typed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    resident: Mapped[Person] = relationship(foreign_keys=resident_id)
    conversation: Mapped[Conversation | None] = relationship()
    assessment: Mapped[Assessment | None] = relationship()
    promise: Mapped[Promise | None] = relationship()

    def is_about(self, staff: Person) -> bool:
        """Whether this coach coached or covered for whoever sent it, or was named as one who never sees their words."""
        coached = exists().where(Coaching.resident_id == self.resident_id, Coaching.coach_id == staff.id)
        named = exists().where(NeverSees.resident_id == self.resident_id, NeverSees.staff_id == staff.id)
        return bool(db.session.scalar(select(coached | named)))
