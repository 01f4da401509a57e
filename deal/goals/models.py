"""Goals in the resident's own words: every wording kept, steps, check-ins, and each change of state a dated row."""

import enum
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, and_, select
from sqlalchemy.orm import Mapped, aliased, contains_eager, joinedload, mapped_column, relationship, selectinload

from deal.assessment.flow import HOPES, SURE, WHY
from deal.assessment.models import Answer, ReadBack
from deal.clock import now, start_of, today, week_of
from deal.db import Version, db, index_where, number_sent, supersede, values_of
from deal.pagination import Page, page_of
from deal.people import Person, Typed
from deal.questions.models import Question


class State(enum.Enum):
    """Where a goal stands. There is no failed and no overdue."""

    LIVE = "live"  # doing it now
    RESTING = "resting"
    CHANGED = "changed"  # into another goal
    REACHED = "reached"  # done it
    SET_ASIDE = "set_aside"


# what may follow what; a goal that changed lives on in the one it became
FOLLOWS = {
    State.LIVE: (State.REACHED, State.RESTING, State.CHANGED, State.SET_ASIDE),
    State.RESTING: (State.LIVE, State.REACHED, State.CHANGED, State.SET_ASIDE),
    State.SET_ASIDE: (State.LIVE,),
    State.REACHED: (State.LIVE,),
    State.CHANGED: (),
}


class Goal(db.Model):
    """Something the resident wants."""

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)
    state: Mapped[State] = mapped_column(values_of(State), default=State.LIVE)
    own_words: Mapped[bool] = mapped_column(default=False)  # whether its face is; kept in the same transaction
    became_id: Mapped[int | None] = mapped_column(ForeignKey("goal.id"))
    version: Mapped[int] = mapped_column()  # counts changes, against two editors
    changed_at: Mapped[datetime] = mapped_column(default=now)  # of its face or its state

    current_wording: Mapped["Wording"] = relationship(
        primaryjoin=lambda: and_(Wording.goal_id == Goal.id, Wording.superseded_at.is_(None)), viewonly=True
    )
    wordings: Mapped[list["Wording"]] = relationship(passive_deletes=True)
    states: Mapped[list["GoalState"]] = relationship(passive_deletes=True)
    steps: Mapped[list["Step"]] = relationship(order_by="Step.id", passive_deletes=True)
    became: Mapped["Goal | None"] = relationship(remote_side=id)

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        Index("ix_goal_resident_id_id", "resident_id", "id"),
        Index("ix_goal_state_own_words", "state", "own_words", "resident_id"),
    )

    @property
    def may_become(self) -> tuple[State, ...]:
        return FOLLOWS[self.state]

    @property
    def next_step(self) -> "Step | None":
        """The first step that is not done."""
        return next((one for one in self.steps if not (one.done_at or one.taken_back_at)), None)


class Wording(Typed, Version, db.Model):
    """One version of a goal's words; a new one never erases an old one."""

    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id", ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(Text)
    why: Mapped[str | None] = mapped_column(Text)  # why it matters
    sure: Mapped[int | None]  # how sure they are, 0 to 10
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    read_back_at: Mapped[datetime | None]  # the resident confirmed what somebody typed for them
    read_back_how: Mapped[ReadBack | None] = mapped_column(values_of(ReadBack))
    not_agreed_at: Mapped[datetime | None]  # "that's not what I said": never the face, never printed
    quoted_answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="SET NULL"), index=True)
    taken_back_at: Mapped[datetime | None]  # by the resident: no word of it is left
    said_by: Mapped[Person] = relationship(foreign_keys=said_by_id)
    answer: Mapped[Answer | None] = relationship()  # that it quotes

    __table_args__ = (
        Index("ix_wording_goal_id_id", "goal_id", "id"),
        index_where("superseded_at IS NULL", "uq_wording_one_holds", "goal_id", unique=True),
    )

    @property
    def typed_by_staff(self) -> bool:
        """Whether somebody else typed it."""
        return self.typed_by_id != self.said_by_id

    @property
    def awaits_read_back(self) -> bool:
        """Whether the resident has still to say that this is what they said."""
        return self.typed_by_staff and not (self.read_back_at or self.not_agreed_at or self.taken_back_at)

    @property
    def own_words(self) -> bool:
        """Typed by the resident, or typed for them and read back."""
        return self.taken_back_at is None and (not self.typed_by_staff or self.read_back_at is not None)

    def says_no_more_than(self, other: "Wording") -> bool:
        """Whether every letter of it stands in the other."""
        return self.words == other.words and self.why in (None, other.why) and self.sure in (None, other.sure)


# the same in a query: typed by the resident, or typed for them and read back
IS_CONFIRMED = (Wording.typed_by_id == Wording.said_by_id) | Wording.read_back_at.is_not(None)


class GoalState(db.Model):
    """A goal's state from this moment on: who changed it, and why in the resident's words."""

    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id", ondelete="CASCADE"), index=True)
    state: Mapped[State] = mapped_column(values_of(State))
    reason: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]  # the reason, by the resident; the state itself stands
    by: Mapped[Person] = relationship()

    __table_args__ = (Index("ix_goal_state_state_at", "state", "at"),)


class Step(db.Model):
    """A small thing to do next, by the resident, the coach or someone they name."""

    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id", ondelete="CASCADE"), index=True)
    words: Mapped[str] = mapped_column(Text)
    who: Mapped[str] = mapped_column(String(200), default="")  # who does it; empty: the resident
    language: Mapped[str] = mapped_column(String(10))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    added_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    taken_back_at: Mapped[datetime | None]  # by the resident, where they added it: no word of it is left


class CheckIn(Typed, db.Model):
    """How it is going: all of it may be left empty."""

    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id", ondelete="CASCADE"))
    number: Mapped[int | None]  # 0 to 10, by the resident
    helped: Mapped[str | None] = mapped_column(Text)
    in_the_way: Mapped[str | None] = mapped_column(Text)
    celebrate: Mapped[str | None] = mapped_column(Text)
    said_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    not_agreed_at: Mapped[datetime | None]  # "that's not what I said": never printed
    taken_back_at: Mapped[datetime | None]  # by the resident: nothing of it is left

    __table_args__ = (Index("ix_check_in_goal_id_id", "goal_id", "id"),)


# the order in which somebody reads their goals: doing it now first, newest first
_ORDER = State.LIVE, State.RESTING, State.REACHED, State.CHANGED, State.SET_ASIDE
_PLACE = db.case(*((Goal.state == state, place) for place, state in enumerate(_ORDER)), else_=9)
MOST_SHOWN = 30
MOST_STEPS = 50  # of one goal


def goals_of(resident: Person, most: int = MOST_SHOWN, others: int = 0) -> list[Goal]:
    """A resident's goals with their faces and steps, live ones first, newest first within a state.

    At most so many; `others` is room for that many more, which no number of live ones takes.
    """
    other = aliased(Goal)
    live = select(other.id).where(other.resident_id == resident.id, other.state == State.LIVE)
    newest = live.order_by(other.id.desc()).limit(most)
    query = (
        select(Goal)
        .where(Goal.resident_id == resident.id)
        .options(joinedload(Goal.current_wording), joinedload(Goal.steps))
    )
    query = query.where((Goal.state != State.LIVE) | Goal.id.in_(newest))
    return list(db.session.scalars(query.order_by(_PLACE, -Goal.id).limit(most + others)).unique())


def goals_page(resident: Person, after: str | None) -> Page:
    """All goals of a resident in the same order, a page at a time."""
    query = select(Goal).where(Goal.resident_id == resident.id)
    query = query.options(selectinload(Goal.steps), selectinload(Goal.current_wording))
    return page_of(query, _PLACE, -Goal.id, after=after, size=MOST_SHOWN)


def check_ins_of(goal_ids: list[int], most: int) -> Sequence[CheckIn]:
    """The newest check-ins of these goals that the resident agrees with, newest first."""
    stand = CheckIn.not_agreed_at.is_(None), CheckIn.taken_back_at.is_(None)
    agreed = select(CheckIn).where(CheckIn.goal_id.in_(goal_ids), *stand)
    return db.session.scalars(agreed.order_by(CheckIn.id.desc()).limit(most)).all()


def quotable(resident: Person, number: str | None) -> Answer | None:
    """The answer of that number, where it is this resident's and has words that a goal may quote."""
    held = Answer.resident_id == resident.id, Answer.superseded_at.is_(None)  # what was before, they alone may read
    found = db.session.scalar(select(Answer).where(Answer.id == number_sent(number), *held))
    return found if found and found.words else None


def wording_of(answer: Answer) -> Wording:
    """An answer as the words of a goal, said and typed by whoever said and typed the answer, and read back as it was.

    How sure they are, and why, come along where they were asked that about this answer.
    """
    beside = select(Answer).join(Answer.question).where(Answer.assessment_id == answer.assessment_id)
    beside = beside.where(Answer.superseded_at.is_(None), Question.key.in_((SURE, WHY)))
    rows = db.session.scalars(beside.options(contains_eager(Answer.question)))
    held = {one.question.key: one for one in rows if _whose(one) == _whose(answer)}
    if SURE not in held or held[SURE].question.shows != answer.question.key:
        held = {}
    return Wording(
        words=answer.words,
        why=held[WHY].words if WHY in held else None,
        sure=held[SURE].number if SURE in held else None,
        language=answer.language,
        said_by_id=answer.resident_id,
        typed_by_id=answer.typed_by_id,
        read_back_at=answer.read_back_at,
        read_back_how=answer.read_back_how,
        quoted_answer_id=answer.id,
    )


def _whose(answer: Answer) -> tuple[int, bool]:
    return answer.typed_by_id, answer.typed_by_staff and answer.read_back_at is None


def goal_quoting(answer: Answer) -> Goal | None:
    """The goal that was made of an answer."""
    quoting = select(Goal).join(Goal.current_wording).where(Wording.quoted_answer_id == answer.id)
    return db.session.scalar(quoting.order_by(Goal.id.desc()).limit(1))


def hope_to_offer(answers: Mapping[str, Answer], goals: Iterable[Goal]) -> Answer | None:
    """What they hope for (answers by the question's key), where none of their goals is live and it is no goal yet."""
    goals = list(goals)
    if any(goal.state is State.LIVE for goal in goals):
        return None
    made = {goal.current_wording.quoted_answer_id for goal in goals}
    said = (answers[key] for key in HOPES if key in answers)
    return next((one for one in said if one.words and not one.superseded_at and one.id not in made), None)


def reword(goal: Goal, wording: Wording) -> None:
    """Make this wording the goal's face: the one before stays, and the goal keeps whether it is in own words.

    It still comes from the answer that the one before quoted. Somebody else's change in between is a StaleDataError.
    The caller commits.
    """
    wording.quoted_answer_id = wording.quoted_answer_id or goal.current_wording.quoted_answer_id
    supersede(Wording, goal_id=goal.id)
    wording.goal_id = goal.id
    db.session.add(wording)
    goal.own_words, goal.changed_at = wording.own_words, now()


NO_LONGER_WANTED = (State.CHANGED, State.SET_ASIDE)


class SharedGoal(db.Model):
    """The resident's yes to showing exactly this wording. At most one of a goal is not taken back."""

    goal_id: Mapped[int] = mapped_column(ForeignKey("goal.id", ondelete="CASCADE"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    wording_id: Mapped[int] = mapped_column(ForeignKey("wording.id", ondelete="CASCADE"), index=True)
    named: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]  # or said anew since
    wording: Mapped[Wording] = relationship()
    resident: Mapped[Person] = relationship()

    __table_args__ = (index_where("taken_back_at IS NULL", "uq_shared_goal_one_holds", "goal_id", unique=True),)

    @property
    def name(self) -> str | None:
        """Whose it is, where that may be said."""
        return self.resident.name if self.named else None


def may_be_shared(goal: Goal) -> bool:
    """Whether its words are the resident's own, and still what they want."""
    return goal.own_words and goal.state not in NO_LONGER_WANTED


# every week begins elsewhere on a ring on which the shared goals stand: steps of the golden section part it evenly
RING, STEP = 10_007, 6_185


def goal_of_the_week(*here: Any) -> SharedGoal | None:
    """The one shared goal of this week, with its wording and whose it is; one statement.

    `here` are conditions that a Person has not stopped: nobody is shown who has.

    Those shared before Monday take turns; nobody else's coming or going changes whose week it is. Where there are
    none, the first one shared this week is shown.
    """
    monday = week_of(today())
    start = monday.toordinal() // 7 % RING * STEP % RING
    turn = (SharedGoal.id % RING * STEP + start) % RING
    fresh = db.case((SharedGoal.at >= start_of(monday), SharedGoal.id), else_=0)
    stands = Wording.superseded_at.is_(None), Wording.taken_back_at.is_(None), Wording.not_agreed_at.is_(None)
    open_still = Person.closes_at.is_(None) | (Person.closes_at > now())
    query = select(SharedGoal).join(SharedGoal.wording).join(SharedGoal.resident).join(Goal)
    # "not in" because no index helps with it: the database then begins with the few that are shared
    query = query.where(
        SharedGoal.taken_back_at.is_(None), *stands, open_still, *here, Goal.state.not_in(NO_LONGER_WANTED)
    )
    query = query.options(contains_eager(SharedGoal.wording), contains_eager(SharedGoal.resident))
    return db.session.scalar(query.order_by(fresh, turn, SharedGoal.id).limit(1))
