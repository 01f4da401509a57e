"""All that happened to one person, newest first: answers, talks, goals, promises, what got in the way, coaches."""

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from flask import abort, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy.orm import aliased, joinedload, selectinload

from deal.assessment.forms import FEELS
from deal.assessment.models import Answer, Assessment, answers_held
from deal.assessment.translations import beside
from deal.blockers.forms import WHOSE
from deal.blockers.models import Blocker, Heading, blocker_from, in_the_way
from deal.caseload.assignments import AssignmentPeriod, assignment_periods
from deal.clock import day_of
from deal.conversations.forms import HOW
from deal.conversations.models import Conversation, Note, talk_of, talk_to_ask_about
from deal.db import Instant, db, number_sent
from deal.deals.forms import KEPT
from deal.deals.models import Deal, KeptAnswer, Promise, PromiseWording
from deal.goals.forms import STATES
from deal.goals.models import CheckIn, Goal, GoalState, State, Step, Wording
from deal.pagination import Page, page_of
from deal.people import Assignment, Person, names_apart
from deal.residents.forms import BlockerForm

SIZE = 25

# the filters, by their word in the address
GROUPS = {
    "answers": _l("About me"),
    "talks": _l("Talks"),
    "goals": _l("Goals"),
    "promises": _l("Promises"),
    "blockers": _l("In the way"),
    "coaches": _l("Coaches"),
}

# of what has a day and no hour: below what was written down that day, or above it. Both lie on the landlord's day
FIRST, LAST = "00:00:00", "22:59:59"


def _is_first(row: Any, of: str) -> sa.ColumnElement[bool]:
    """The condition that no earlier row of its table has the same in that column."""
    earlier = aliased(row)
    return ~sa.exists().where(getattr(earlier, of) == getattr(row, of), earlier.id < row.id)


_NEW_GOAL, _NEW_PROMISE = _is_first(Wording, "goal_id"), _is_first(PromiseWording, "promise_id")
_CHANGED = (GoalState.state != State.LIVE) | ~_is_first(GoalState, "goal_id")
_SAID = ~Answer.skipped | Answer.taken_back_at.is_not(None)
_BEGAN = Assignment.until.is_(None) | (Assignment.until > Assignment.since)


@dataclass(frozen=True)
class Source:
    """Where events of one kind come from."""

    name: str
    group: str  # under which filter they stand
    at: Any  # when each happened: an instant, or a day
    whose: Any  # the column with the resident's number
    which: Any = None  # a condition
    number: str = "id"  # the column by which an address names it
    clock: str = ""  # of a day

    @property
    def table(self) -> Any:
        return self.at.class_

    def events(self, kind: int, resident: Person) -> sa.Select:
        """(at, kind, id) of each."""
        at = _on(self.at, self.clock) if self.clock else self.at
        query = sa.select(at.label("at"), sa.literal_column(str(kind)).label("kind"), self.table.id.label("id"))
        if self.whose.class_ is not self.table:
            query = query.join(self.whose.class_)
        query = query.where(self.whose == resident.id, self.at.is_not(None))
        return query if self.which is None else query.where(self.which)


# in the order in which they are read where they happened at one instant, the first one last
SOURCES = (
    Source("begun", "answers", Assessment.started_at, Assessment.resident_id),
    Source("answer", "answers", Answer.given_at, Answer.resident_id, _SAID),
    Source("finished", "answers", Assessment.finished_at, Assessment.resident_id),
    Source("coach", "coaches", Assignment.since, Assignment.resident_id, _BEGAN),
    Source("talk", "talks", Conversation.talked_on, Conversation.resident_id, clock=FIRST),
    Source("goal", "goals", Wording.at, Goal.resident_id, _NEW_GOAL, number="goal_id"),
    Source("wording", "goals", Wording.at, Goal.resident_id, ~_NEW_GOAL),
    Source("state", "goals", GoalState.at, Goal.resident_id, _CHANGED),
    Source("step", "goals", Step.done_at, Goal.resident_id),
    Source("check-in", "goals", CheckIn.at, Goal.resident_id),
    Source("promise", "promises", PromiseWording.at, Promise.resident_id, _NEW_PROMISE, number="promise_id"),
    Source("promise-words", "promises", PromiseWording.at, Promise.resident_id, ~_NEW_PROMISE),
    Source("kept", "promises", KeptAnswer.at, Promise.resident_id),
    Source("let-go", "promises", Promise.let_go_at, Promise.resident_id),
    Source("deal", "promises", Deal.agreed_on, Deal.resident_id, clock=LAST),
    Source("blocker", "blockers", Blocker.opened_at, Blocker.resident_id),
)
KIND = {one.name: kind for kind, one in enumerate(SOURCES)}


def _on(day: Any, clock: str) -> Any:
    """A column of days as instants of UTC, as each database stores them."""
    moment = sa.cast(day, sa.String) + f" {clock}.000000"
    return sa.type_coerce(moment, Instant) if db.engine.dialect.name == "sqlite" else sa.cast(moment + "+00", Instant)


@dataclass(frozen=True)
class Event:
    """Something that happened, and the row that says it."""

    at: datetime
    kind: str
    number: int
    row: Any  # none for About me begun and finished, and for a deal
    goal: Wording | None = None  # the words of the goal that it is about, as they are now
    promise: Promise | None = None

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"{self.kind}-{self.number}"


def timeline_of(
    resident: Person, group: str | None = None, after: str | None = None, at: str = "", own: bool = True
) -> Page:
    """A page of what happened, `group` alone or all: newest first, or from the event on that `at` names.

    Somebody else than the resident reads no answer that another one has followed.
    """
    arms = {one.name: one.events(kind, resident) for kind, one in enumerate(SOURCES) if group in (None, one.group)}
    if "answer" in arms and not own:
        arms["answer"] = arms["answer"].where(Answer.id.in_([one.id for one in answers_held(resident).values()]))
    place = sa.union_all(*arms.values()).subquery("event").c
    query = sa.select(place.at, place.kind, place.id)
    if at and (begins := _place_of(resident, at)) is not None:
        query = query.where(sa.tuple_(place.at, place.kind, place.id) <= begins)
    found = page_of(query, place.at.desc(), place.kind.desc(), place.id.desc(), after=after, size=SIZE)
    return Page(_events(found.rows, resident) if found.rows else [], found.after)


def _place_of(resident: Person, anchor: str) -> Any:
    """Where on the line an event stands, by its place on the page; nothing where there is no such event."""
    name, _dash, number = anchor.rpartition("-")
    if name not in KIND or not (sent := number_sent(number)):
        return None
    source = SOURCES[KIND[name]]
    column = getattr(source.table, source.number)
    row = db.session.execute(source.events(KIND[name], resident).where(column == sent)).first()
    return None if row is None else sa.tuple_(sa.literal(row.at, Instant), row.kind, row.id)


_TABLES = (
    *(Answer, Assignment, Conversation, Wording, GoalState, Step, CheckIn),
    *(PromiseWording, KeptAnswer, Promise, Blocker),
)
_goal, _promise = aliased(Wording), aliased(Promise)
_WITH = (
    joinedload(Answer.question),
    joinedload(Answer.typed_by),
    selectinload(Answer.translations),
    joinedload(Assignment.coach),
    joinedload(Assignment.by),
    joinedload(Conversation.coach),
    selectinload(Conversation.notes).joinedload(Note.typed_by),
    joinedload(Wording.typed_by),
    joinedload(GoalState.by),
    joinedload(CheckIn.typed_by),
    joinedload(PromiseWording.typed_by),
    joinedload(_promise.current_wording),
    joinedload(Blocker.by),
    joinedload(Blocker.check_in),
    joinedload(Blocker.heading).joinedload(Heading.change),
)


def _events(found: Any, resident: Person) -> list[Event]:
    """(at, kind, id) as events with their rows, in one statement; another says whom a coach followed or covered for."""
    these = sa.union_all(
        *(sa.select(sa.literal(kind).label("kind"), sa.literal(number).label("id")) for _at, kind, number in found)
    )
    place = these.subquery("these").c
    query = sa.select(place.kind, place.id, *_TABLES, _goal, _promise).options(*_WITH)
    for table in _TABLES:
        kinds = [kind for kind, one in enumerate(SOURCES) if one.table is table]
        query = query.outerjoin(table, sa.and_(place.kind.in_(kinds), table.id == place.id))
    goal = sa.func.coalesce(Wording.goal_id, GoalState.goal_id, Step.goal_id, CheckIn.goal_id)
    promise = sa.func.coalesce(PromiseWording.promise_id, KeptAnswer.promise_id, Promise.id)
    query = query.outerjoin(_goal, sa.and_(_goal.goal_id == goal, _goal.superseded_at.is_(None)))
    query = query.outerjoin(_promise, _promise.id == promise)
    rows = {(kind, number): rest for kind, number, *rest in db.session.execute(query)}
    turns = (
        {one.row.id: one for one in assignment_periods(resident)}
        if any(one[1] == KIND["coach"] for one in found)
        else {}
    )
    return [_event(at, SOURCES[kind], number, rows[kind, number], turns) for at, kind, number in found]


def _event(at: datetime, source: Source, number: int, rest: list[Any], turns: dict[int, AssignmentPeriod]) -> Event:
    *rows, goal, promise = rest
    row = next((one for one in rows if one is not None), None)
    number = getattr(row, source.number, number)
    if isinstance(row, Assignment):
        row = turns.get(row.id) or AssignmentPeriod(row, None)
    return Event(at, source.name, number, row, goal, promise)


def came_from(resident: Person, form: BlockerForm) -> CheckIn | None:
    """The check-in that a form is about; one, or a talk, that is not this resident's is not there."""
    if form.conversation.data and not talk_of(resident.id, number_sent(form.conversation.data)):
        abort(404)
    return (in_the_way(resident, form.check_in.data) or abort(404)) if form.check_in.data else None


def timeline_page(resident: Person) -> Any:
    """The page as its address says; what was written down already about a check-in is a page of its own."""
    group = request.args.get("kind")
    if group not in (None, *GROUPS):
        abort(404)
    if group not in (None, "blockers") or request.args.get("after"):
        return drawn(resident, group)
    form = BlockerForm(check_in=request.args.get("check-in"), conversation=request.args.get("conversation"))
    check_in = came_from(resident, form)
    if check_in and (known := blocker_from(check_in)):
        return redirect(url_for("blockers.blocker", resident_id=resident.id, blocker_id=known.id), 303)
    return drawn(resident, group, form, check_in)


def drawn(resident: Person, group: str | None, form: BlockerForm | None = None, check_in: CheckIn | None = None) -> str:
    """What happened, below the form for what got in the way where there is one."""
    own = current_user.is_resident
    page = timeline_of(resident, group, request.args.get("after"), request.args.get("at", ""), own)
    turns = [one.row for one in page.rows if one.kind == "coach"]
    answers = [one.row for one in page.rows if one.kind == "answer"]
    return render_template(
        "residents/timeline.html",
        resident=resident,
        page=page,
        days=[(day, list(those)) for day, those in groupby(page.rows, key=lambda one: day_of(one.at))],
        kind=group,
        groups=GROUPS,
        form=form,
        check_in=check_in,
        whose=WHOSE,
        how=HOW,
        kept=KEPT,
        states=STATES,
        feels=FEELS,
        named=names_apart((who for one in turns for who in (one.row.coach, one.row.by, one.other) if who), "phone"),
        beside=beside(answers),
        to_ask=own and talk_to_ask_about(resident),
    )
