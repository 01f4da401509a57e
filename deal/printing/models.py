"""What a resident's summary shows, and everything that stands in it; prints, and pictures in letters."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, Select, String, UniqueConstraint, exists, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deal.assessment.flow import HOPES, MATTERS, strengths
from deal.assessment.models import Answer, Assessment, current_answers
from deal.clock import now, today
from deal.contact.models import ContactPreferences
from deal.conversations.models import Conversation, next_chat
from deal.db import db
from deal.deals.models import Deal, Promise, Side, how_many_promised, promised_with
from deal.goals.models import IS_CONFIRMED, CheckIn, Goal, State, Wording, check_ins_of, goals_of
from deal.people import Assignment, Person, StaffExclusion, current_contact

MOST_WHOLE = 3  # goals on the first page
MOST_LIVE = 100  # goals that are read
MOST_CHECK_INS = 120
PICKED = "goal %s"  # among what the resident chose: a goal of their own for the first page
STANDS = Wording.not_agreed_at.is_(None) & Wording.taken_back_at.is_(None)


class SummaryChoice(db.Model):
    """What else the resident wants on their summary, from this moment on; the newest holds, none is all off."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    shows: Mapped[list[str]] = mapped_column(JSON)
    chosen_at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (Index("ix_summary_choice_resident_id_id", "resident_id", "id"),)


class LetterPicture(db.Model):
    """A picture of the landlord's own for a place in the easy letter; the newest row holds, without a png it is ours.

    Earlier rows say who and when, and no picture: one that is taken away may have shown somebody.
    """

    place: Mapped[str] = mapped_column(String(20))
    png: Mapped[bytes | None]
    set_at: Mapped[datetime] = mapped_column(default=now)
    set_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    set_by: Mapped[Person] = relationship()

    __table_args__ = (Index("ix_letter_picture_place_id", "place", "id"),)


class PrintJob(db.Model):
    """What somebody asked to be printed, and how far it is. Both go after a day."""

    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    options: Mapped[dict[str, Any]]  # people: numbers; layout; language
    asked_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)  # people
    left_out: Mapped[int] = mapped_column(default=0)  # whom the asker may not open any more
    tries: Mapped[int] = mapped_column(default=0)  # of the part it is at
    taken_by: Mapped[str | None] = mapped_column(String(32))  # which worker
    beat_at: Mapped[datetime | None]  # that worker's last sign of life
    finished_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    fault: Mapped[str | None] = mapped_column(String(20))  # one of FAULTS

    @property
    def total(self) -> int:
        """How many people were chosen."""
        return len(self.options["people"])

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens."""
        return bool(self.finished_at or self.cancelled_at or self.fault)


class PrintFile(db.Model):
    """A part of what was printed, stored once."""

    job_id: Mapped[int] = mapped_column(ForeignKey("print_job.id", ondelete="CASCADE"))
    part: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)  # empty where everybody was left out, or it was thrown away
    people: Mapped[list[int]] = mapped_column(JSON, default=list)  # whose papers are in it
    begun_at: Mapped[datetime] = mapped_column(default=now)  # before anything of theirs was read for it

    __table_args__ = (UniqueConstraint("job_id", "part"),)


class Worker(db.Model):
    """One row: when a worker was last seen, and the last day that had its daily work."""

    beat_at: Mapped[datetime]
    daily_on: Mapped[date | None]


class ToPrint(NamedTuple):
    """What there is to print about somebody, and what is left out of it."""

    shows: list[str] | None  # as they chose last
    deal_id: int | None  # what both agreed last
    promises: int  # that stand
    unread: int  # words that staff typed and nobody has read back: on no paper of theirs
    message_is_safe: bool | None


def to_print(resident: Person) -> ToPrint:
    """In one statement."""
    deal = select(func.max(Deal.id)).where(Deal.resident_id == resident.id, Deal.agreed_on.is_not(None))
    promised = how_many_promised(resident, Side.LANDLORD) + how_many_promised(resident, Side.RESIDENT)
    typed = Answer.resident_id == resident.id, Answer.typed_by_id != resident.id, Answer.read_back_at.is_(None)
    still = ~Answer.skipped, Answer.superseded_at.is_(None), Answer.taken_back_at.is_(None)
    answers = select(func.count(Answer.id)).where(*typed, *still).scalar_subquery()
    unread = answers + _how_many_goals(resident).where(~IS_CONFIRMED).scalar_subquery()
    safe = (
        select(ContactPreferences.message_is_safe)
        .where(ContactPreferences.resident_id == resident.id)
        .scalar_subquery()
    )
    asked = _chosen_by(resident), deal.scalar_subquery(), promised, unread, safe
    return ToPrint(*db.session.execute(select(*asked)).one())


def goals_to_pick(resident: Person) -> Sequence[Wording]:
    """The words of the goals that the story may begin with, newest first."""
    query = (
        select(Wording)
        .join(Goal, Goal.id == Wording.goal_id)
        .where(Goal.resident_id == resident.id, IS_CONFIRMED, STANDS)
    )
    query = query.where(Goal.state == State.LIVE, Wording.superseded_at.is_(None))
    return db.session.scalars(query.order_by(Goal.id.desc()).limit(MOST_LIVE)).all()


def _chosen_by(resident: Person) -> Any:
    """What they ticked last."""
    chosen = select(SummaryChoice.shows).where(SummaryChoice.resident_id == resident.id)
    return chosen.order_by(SummaryChoice.id.desc()).limit(1).scalar_subquery()


def _how_many_goals(resident: Person) -> Select:
    """With words that were neither refused nor taken back."""
    return (
        select(func.count()).select_from(Goal).join(Goal.current_wording).where(Goal.resident_id == resident.id, STANDS)
    )


class Summary:
    """A resident's story so far, bounded: their own pick, then the newest, whatever the length of the history.

    What staff typed stands in the resident's own voice once it was read back; with `unread` it is there before.
    """

    def __init__(self, resident: Person, unread: bool = False) -> None:
        self.resident, self.coach = resident, current_contact(resident)
        self.day, self.next_chat = today(), next_chat(resident)
        assessment, found = current_answers(resident)
        answers = {key: answer for key, answer in found.items() if unread or not _is_unread(answer)}
        said = {key: answer for key, answer in answers.items() if answer.has_content}
        chosen, *counts = _counts(resident, unread)
        self.shows: list[str] = chosen or []

        goals = [goal for goal in goals_of(resident, most=MOST_LIVE, others=MOST_LIVE) if _stands(goal, unread)]
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
        self.reached = [
            (goal.current_wording.words, goal.current_wording.language) for goal in goals if goal.state is State.REACHED
        ]
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
    goals = _how_many_goals(resident).where(IS_CONFIRMED | db.literal(unread))
    said = goals.join(CheckIn, CheckIn.goal_id == Goal.id)
    said = said.where(CheckIn.not_agreed_at.is_(None), CheckIn.taken_back_at.is_(None))
    counts = [goals.where(Goal.state == state).scalar_subquery() for state in (State.LIVE, State.REACHED)]
    counts += [said.where(field != "").scalar_subquery() for field in (CheckIn.celebrate, CheckIn.in_the_way)]
    promised = [how_many_promised(resident, side) for side in (Side.LANDLORD, Side.RESIDENT)]
    return list(db.session.execute(select(_chosen_by(resident), *counts, *promised)).one())


def _stands(goal: Goal, unread: bool) -> bool:
    """Whether a goal has words that the resident did not refuse and has not taken back."""
    current_wording = goal.current_wording
    return bool(
        current_wording
        and not (current_wording.not_agreed_at or current_wording.taken_back_at)
        and (unread or not _is_unread(current_wording))
    )


def _is_unread(said: Answer | Wording) -> bool:
    """Whether staff typed it, and the resident has not said yes or no to it."""
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
        coached = exists().where(Assignment.resident_id == self.resident_id, Assignment.coach_id == staff.id)
        named = exists().where(StaffExclusion.resident_id == self.resident_id, StaffExclusion.staff_id == staff.id)
        return bool(db.session.scalar(select(coached | named)))
