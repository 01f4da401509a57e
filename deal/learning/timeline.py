"""All that happened to one person, newest first: answers, talks, goals, promises, what got in the way, coaches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from flask import abort, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import (
    Select,
    String,
    Subquery,
    and_,
    cast,
    exists,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload, selectinload

from deal.accounts.coaching import Turn, turns_of
from deal.assessment.forms import FEELS
from deal.assessment.models import Answer, Assessment, answers_held
from deal.assessment.translations import beside
from deal.clock import day_of
from deal.conversations.forms import HOW
from deal.conversations.models import Conversation, Note, talk_of, talk_to_ask_about
from deal.db import Instant, db
from deal.deals.forms import KEPT
from deal.deals.models import Deal, KeptAnswer, Promise, PromiseWording
from deal.forms import Press
from deal.goals.forms import STATES
from deal.goals.models import CheckIn, Goal, GoalState, State, Step, Wording
from deal.learning.forms import WHOSE, BlockerForm
from deal.learning.models import Blocker, Heading, blocker_from, in_the_way, number_sent
from deal.pagination import page_of
from deal.people import Coaching, Person, names_apart

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

_earlier_wording, _earlier_promise, _earlier_state = aliased(Wording), aliased(PromiseWording), aliased(GoalState)
_WORDED = exists().where(_earlier_wording.goal_id == Wording.goal_id, _earlier_wording.id < Wording.id)
_PROMISED = exists().where(_earlier_promise.promise_id == PromiseWording.promise_id)
_PROMISED = _PROMISED.where(_earlier_promise.id < PromiseWording.id)
_BEGUN = exists().where(_earlier_state.goal_id == GoalState.goal_id, _earlier_state.id < GoalState.id)


@dataclass(frozen=True)
class Source:
    """Where events of one kind come from."""

    name: str
    group: str  # under which filter they stand
    at: Any  # when each happened: an instant, or a day
    whose: Any  # the column with the resident's number
    which: Any = None  # a condition
    number: Any = None  # by which an address names it, where that is not the number of its row
    clock: str = ""  # of a day

    @property
    def table(self) -> Any:
        return self.at.class_

    def events(self, kind: int, resident: Person) -> Select:
        """(at, kind, id) of each."""
        at = _on(self.at, self.clock) if self.clock else self.at
        query = select(at.label("at"), literal_column(str(kind)).label("kind"), self.table.id.label("id"))
        if self.whose.class_ is not self.table:
            query = query.join(self.whose.class_)
        query = query.where(self.whose == resident.id, self.at.is_not(None))
        return query if self.which is None else query.where(self.which)


# in the order in which they are read where they happened at one instant, the first one last
SOURCES = (
    Source("begun", "answers", Assessment.started_at, Assessment.resident_id),
    Source(
        *("answer", "answers", Answer.given_at, Answer.resident_id),
        which=~Answer.skipped | Answer.taken_back_at.is_not(None),
    ),
    Source("finished", "answers", Assessment.finished_at, Assessment.resident_id),
    Source(
        *("coach", "coaches", Coaching.since, Coaching.resident_id),
        which=Coaching.until.is_(None) | (Coaching.until > Coaching.since),
    ),
    Source("talk", "talks", Conversation.talked_on, Conversation.resident_id, clock=FIRST),
    Source("goal", "goals", Wording.at, Goal.resident_id, which=~_WORDED, number=Wording.goal_id),
    Source("wording", "goals", Wording.at, Goal.resident_id, which=_WORDED),
    Source("state", "goals", GoalState.at, Goal.resident_id, which=(GoalState.state != State.LIVE) | _BEGUN),
    Source("step", "goals", Step.done_at, Goal.resident_id),
    Source("check-in", "goals", CheckIn.at, Goal.resident_id),
    Source(
        *("promise", "promises", PromiseWording.at, Promise.resident_id),
        which=~_PROMISED,
        number=PromiseWording.promise_id,
    ),
    Source("promise-words", "promises", PromiseWording.at, Promise.resident_id, which=_PROMISED),
    Source("kept", "promises", KeptAnswer.at, Promise.resident_id),
    Source("let-go", "promises", Promise.let_go_at, Promise.resident_id),
    Source("deal", "promises", Deal.agreed_on, Deal.resident_id, clock=LAST),
    Source("blocker", "blockers", Blocker.opened_at, Blocker.resident_id),
)
KIND = {one.name: kind for kind, one in enumerate(SOURCES)}


def _on(day: Any, clock: str) -> Any:
    """A column of days as instants of UTC, as each database stores them."""
    moment = cast(day, String) + f" {clock}.000000"
    return type_coerce(moment, Instant) if db.engine.dialect.name == "sqlite" else cast(moment + "+00", Instant)


class Place(NamedTuple):
    """Where an event stands on the line: when it happened, of which source, the number of its row."""

    at: datetime
    kind: int
    id: int


@dataclass(frozen=True)
class Event:
    """Something that happened, and the row that says it."""

    at: datetime
    kind: str
    row: Any  # none for About me begun and finished, and for a deal
    number: int
    goal: Wording | None = None  # the words of the goal that it is about, as they are now
    promise: Promise | None = None
    promised: PromiseWording | None = None  # and those of the promise

    @property
    def anchor(self) -> str:
        """Its place on the page."""
        return f"{self.kind}-{self.number}"


@dataclass(frozen=True)
class Timeline:
    """One page of what happened."""

    events: Sequence[Event]
    after: str | None

    @property
    def days(self) -> list[tuple[date, list[Event]]]:
        """The landlord's days with what happened on each, the newest first."""
        return [(day, list(those)) for day, those in groupby(self.events, key=lambda one: day_of(one.at))]


def timeline_of(
    resident: Person, group: str | None = None, after: str | None = None, at: str = "", own: bool = True
) -> Timeline:
    """A page of what happened, `group` alone or all: newest first, or from the event on that `at` names.

    Somebody else than the resident reads no answer that another one has followed.
    """
    events = _events(resident, group, own)
    query = select(events.c.at, events.c.kind, events.c.id)
    if at and (place := _place_of(resident, at)) is not None:
        query = query.where(tuple_(events.c.at, events.c.kind, events.c.id) <= place)
    found = page_of(query, events.c.at.desc(), events.c.kind.desc(), events.c.id.desc(), after=after, size=SIZE)
    return Timeline(_filled([Place(*row) for row in found.rows], resident), found.after)


def _events(resident: Person, group: str | None, own: bool) -> Subquery:
    """(at, kind, id) of all events of one person."""
    arms = {one.name: one.events(kind, resident) for kind, one in enumerate(SOURCES) if group in (None, one.group)}
    if "answer" in arms and not own:
        arms["answer"] = arms["answer"].where(Answer.id.in_([one.id for one in answers_held(resident).values()]))
    return union_all(*arms.values()).subquery("event")


def _place_of(resident: Person, anchor: str) -> Any:
    """Where on the line an event stands, by its place on the page; nothing where there is no such event."""
    name, _dash, number = anchor.rpartition("-")
    if name not in KIND or not number.isdecimal() or len(number) > 9:
        return None
    source = SOURCES[KIND[name]]
    column = source.table.id if source.number is None else source.number
    row = db.session.execute(source.events(KIND[name], resident).where(column == int(number))).first()
    return None if row is None else tuple_(literal(row.at, Instant), row.kind, row.id)


_TABLES = (
    *(Answer, Coaching, Conversation, Wording, GoalState, Step, CheckIn),
    *(PromiseWording, KeptAnswer, Promise, Blocker),
)
_goal, _promise, _promised = aliased(Wording), aliased(Promise), aliased(PromiseWording)
_WITH = (
    joinedload(Answer.question),
    joinedload(Answer.typed_by),
    selectinload(Answer.translations),
    joinedload(Coaching.coach),
    joinedload(Coaching.by),
    joinedload(Conversation.coach),
    selectinload(Conversation.notes).joinedload(Note.typed_by),
    joinedload(Wording.typed_by),
    joinedload(GoalState.by),
    joinedload(CheckIn.typed_by),
    joinedload(PromiseWording.typed_by),
    joinedload(Blocker.by),
    joinedload(Blocker.check_in),
    joinedload(Blocker.heading).joinedload(Heading.change),
)


def _filled(found: Sequence[Place], resident: Person) -> list[Event]:
    """Those events with their rows, all in one statement; another one says whom a coach followed or covered for."""
    rows = {(kind, number): rest for kind, number, *rest in _rows_of(found)} if found else {}
    coached = any(one.kind == KIND["coach"] for one in found)
    turns = {one.row.id: one for one in turns_of(resident)} if coached else {}
    return [_event(one, rows[one.kind, one.id], turns) for one in found]


def _rows_of(found: Sequence[Place]) -> Any:
    """(kind, id, a row or nothing of each table, the goal's words, the promise, its words) of those events."""
    these = union_all(*(select(literal(one.kind).label("kind"), literal(one.id).label("id")) for one in found))
    events = these.subquery("these")
    query = select(events.c.kind, events.c.id, *_TABLES, _goal, _promise, _promised).options(*_WITH)
    for table in _TABLES:
        kinds = [kind for kind, one in enumerate(SOURCES) if one.table is table]
        query = query.outerjoin(table, and_(events.c.kind.in_(kinds), table.id == events.c.id))
    goal = func.coalesce(Wording.goal_id, GoalState.goal_id, Step.goal_id, CheckIn.goal_id)
    promise = func.coalesce(PromiseWording.promise_id, KeptAnswer.promise_id, Promise.id)
    newest = select(func.max(_earlier_promise.id)).where(_earlier_promise.promise_id == _promise.id).scalar_subquery()
    query = query.outerjoin(_goal, and_(_goal.goal_id == goal, _goal.is_face))
    query = query.outerjoin(_promise, _promise.id == promise).outerjoin(_promised, _promised.id == newest)
    return db.session.execute(query)


def _event(found: Place, rest: list[Any], turns: dict[int, Turn]) -> Event:
    source, (*rows, goal, promise, promised) = SOURCES[found.kind], rest
    row = next((one for one in rows if one is not None), None)
    number = found.id if source.number is None else getattr(row, source.number.key)
    if isinstance(row, Coaching):
        row = turns.get(row.id) or Turn(row, None)
    return Event(found.at, source.name, row, number, goal, promise, promised)


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
        return redirect(url_for("learning.blocker", resident_id=resident.id, blocker_id=known.id), 303)
    return drawn(resident, group, form, check_in)


def drawn(resident: Person, group: str | None, form: BlockerForm | None = None, check_in: CheckIn | None = None) -> str:
    """What happened, below the form for what got in the way where there is one."""
    own = current_user.is_resident
    found = timeline_of(resident, group, request.args.get("after"), request.args.get("at", ""), own)
    turns = [one.row for one in found.events if one.kind == "coach"]
    staff = [who for one in turns for who in (one.row.coach, one.row.by, one.other) if who]
    answers = [one.row for one in found.events if one.kind == "answer"]
    page: dict[str, Any] = {"resident": resident, "timeline": found, "kind": group, "groups": GROUPS}
    page |= {"form": form, "check_in": check_in, "whose": WHOSE, "how": HOW, "kept": KEPT, "states": STATES}
    page |= {"named": names_apart(staff, "phone"), "beside": beside(answers) if answers else {}}
    page |= {"to_ask": own and talk_to_ask_about(resident), "feels": FEELS, "press": Press(formdata=None)}
    return render_template("learning/timeline.html", **page)
