"""All that a resident said, a page at a time; and taking it back, so that no word of it is left."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from flask import url_for
from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from deal.assessment.models import Answer, Assessment, Suggestion, Translation
from deal.blockers.models import forget_words_from
from deal.clock import now
from deal.contact.models import Ending
from deal.conversations.models import Conversation, Note
from deal.db import db, empty_the_journal, lock
from deal.deals.models import DealPart, Promise, PromiseWording, Side
from deal.drafts.models import forget_drafts_at
from deal.goals.models import CheckIn, Goal, GoalState, Step, Wording
from deal.manager_requests.models import ManagerRequest
from deal.pagination import Page, page_of
from deal.people import Person
from deal.questions.models import Question, Section

Said = Answer | Wording | Step | CheckIn | GoalState | Ending | Note | Suggestion | ManagerRequest | PromiseWording

# what is left of a row whose words were taken back
NOTHING: dict[type, dict[str, Any]] = {
    Answer: {"words": None, "choices": [], "number": None, "skipped": True, "superseded_at": None},
    Wording: {"words": "", "why": None, "sure": None, "quoted_answer_id": None},
    CheckIn: {"number": None, "helped": None, "in_the_way": None, "celebrate": None},
    Note: {"words": ""},
    Step: {"words": "", "who": ""},
    GoalState: {"reason": None},  # the state itself stands
    Ending: {"reason": None},
    Suggestion: {"words": ""},
    ManagerRequest: {"words": None},  # that they asked, and the answer, stand
    PromiseWording: {"words": "", "superseded_at": None},
}


def answers_page(resident: Person, after: str | None) -> Page:
    """(answer, when that way through began): the newest way first, by question, what holds before what it followed."""
    earlier = db.case((Answer.superseded_at.is_(None), 0), else_=1)
    query = select(Answer, Assessment.started_at).join(Assessment, Assessment.id == Answer.assessment_id)
    query = query.join(Answer.question).join(Question.section).where(Answer.resident_id == resident.id)
    asked = contains_eager(Answer.question).contains_eager(Question.section)
    query = query.options(asked, joinedload(Answer.typed_by), joinedload(Answer.report_by))
    query = query.options(selectinload(Answer.translations))
    place = -Answer.assessment_id, Section.position, Question.position, earlier, -Answer.id
    return page_of(query, *place, after=after, size=100)


def by_way(rows: Sequence[Any]) -> list[tuple[Any, list[tuple[Any, list[list[Answer]]]]]]:
    """Those answers as they are read: when a way through began, its sections, in each every question's versions."""
    ways = groupby(rows, key=lambda row: (row[0].assessment_id, row[1]))
    return [(began, _by_section([row[0] for row in rows])) for (_number, began), rows in ways]


def _by_section(answers: list[Answer]) -> list[tuple[Any, list[list[Answer]]]]:
    return [
        (section, [list(versions) for _question, versions in groupby(said, key=lambda one: one.question_id)])
        for section, said in groupby(answers, key=lambda one: one.question.section)
    ]


def _on_goals(table: Any, by: Any) -> Select:
    """What was said about a goal by whoever has that goal."""
    return select(table).join(Goal, Goal.id == table.goal_id).where(by == Goal.resident_id)


def _or_taken_back(reason: Any) -> Any:
    """The condition that a reason was said, or taken back."""
    return reason.is_not(None) | reason.class_.taken_back_at.is_not(None)


_NOTES = select(Note, Conversation.talked_on).join(Conversation, Conversation.id == Note.conversation_id)
_NOTES = _NOTES.options(joinedload(Note.typed_by))

# everybody's words by kind, as addresses name it, and whose they are. A step that staff typed is no word of the
# resident's; a note of theirs belongs to the talk, unless it is what the resident takes away
KINDS: dict[str, tuple[Select, Any]] = {
    "answer": (select(Answer).options(joinedload(Answer.question)), Answer.resident_id),
    "goal": (_on_goals(Wording, Wording.said_by_id).options(joinedload(Wording.typed_by)), Goal.resident_id),
    "step": (_on_goals(Step, Step.added_by_id), Goal.resident_id),
    "check-in": (_on_goals(CheckIn, CheckIn.said_by_id).options(joinedload(CheckIn.typed_by)), Goal.resident_id),
    "reason": (_on_goals(GoalState, GoalState.by_id).where(_or_taken_back(GoalState.reason)), Goal.resident_id),
    "ending": (
        select(Ending).where(Ending.by_id == Ending.resident_id, _or_taken_back(Ending.reason)),
        Ending.resident_id,
    ),
    "note": (_NOTES.where((Note.typed_by_id == Conversation.resident_id) | Note.taking_away), Conversation.resident_id),
    "suggestion": (select(Suggestion), Suggestion.resident_id),
    "ask": (select(ManagerRequest).where(_or_taken_back(ManagerRequest.words)), ManagerRequest.resident_id),
    "promise": (
        select(PromiseWording)
        .join(Promise, Promise.id == PromiseWording.promise_id)
        .where(Promise.side == Side.RESIDENT)
        .options(joinedload(PromiseWording.typed_by)),
        Promise.resident_id,
    ),
}
KINDS["wording"] = KINDS["goal"]  # a goal is all its wordings, a wording an earlier one alone
# what staff type for residents as theirs, or about a talk with them
TYPED = {"wording": KINDS["wording"], "check-in": KINDS["check-in"], "note": (_NOTES, Conversation.resident_id)}

# the parts of "My words" behind the answers, and their order: the newest first, a goal's face before what it followed
PARTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "goals": ("goal", (-Wording.goal_id, db.case((Wording.superseded_at.is_(None), 0), else_=1), -Wording.id)),
    "steps": ("step", (Step.id.desc(),)),
    "check_ins": ("check-in", (CheckIn.id.desc(),)),
    "reasons": ("reason", (GoalState.id.desc(),)),
    "endings": ("ending", (Ending.id.desc(),)),
    "notes": ("note", (Note.id.desc(),)),
    "suggestions": ("suggestion", (Suggestion.id.desc(),)),
    "promises": ("promise", (PromiseWording.promise_id.desc(), PromiseWording.id.desc())),
}


def part_page(resident: Person, part: str, after: str | None) -> Page:
    """A page of one part; "answers" is the first of them."""
    if part == "answers":
        return answers_page(resident, after)
    kind, place = PARTS[part]
    query, whose = KINDS[kind]
    return page_of(query.where(whose == resident.id), *place, after=after, size=50)


def said_by(resident: Person, kind: str, number: int) -> Said | None:
    """What this resident said, by its kind and number."""
    row = _row_of(KINDS, resident, kind, number)
    return None if kind == "wording" and row and not (row.superseded_at or row.taken_back_at) else row


def typed_for(resident: Person, kind: str, number: int) -> Wording | CheckIn | Note | None:
    """What somebody else typed for this resident and what was not taken back, by its kind and number."""
    row = _row_of(TYPED, resident, kind, number)
    return None if row is None or row.typed_by_id == resident.id or row.taken_back_at else row


def _row_of(kinds: dict[str, tuple[Select, Any]], resident: Person, kind: str, number: int) -> Any:
    if kind not in kinds:
        return None
    query, whose = kinds[kind]
    table = query.column_descriptions[0]["entity"]
    return db.session.scalar(query.where(whose == resident.id, table.id == number))


def take_back(row: Said, kind: str) -> None:
    """Every version of it is gone, and the day stands in its place; pressing twice does it once. Commits."""
    if row.taken_back_at:
        return
    left = dict(NOTHING[type(row)])
    if isinstance(row, Answer):
        _leave_one_answer(row)
    elif isinstance(row, Wording) and kind == "goal":
        _leave_one_wording(row)
        left["superseded_at"] = None
    elif isinstance(row, PromiseWording):
        whose = row.promise.resident_id
        forget_drafts_at(whose, url_for("deals.change_words", resident_id=whose, promise_id=row.promise_id))
        _leave_one(row, PromiseWording.promise_id == row.promise_id, DealPart.promise_wording_id)
    elif isinstance(row, CheckIn):
        forget_words_from(row.id)
    db.session.execute(update(type(row)).where(type(row).id == row.id).values(taken_back_at=now(), **left))
    if isinstance(row, Answer):  # last, because whoever translated it at this moment has held it
        db.session.execute(delete(Translation).where(Translation.answer_id == row.id))
    db.session.commit()
    empty_the_journal()


def _leave_one_answer(row: Answer) -> None:
    """Without a draft and without other versions; whoever saves at this moment takes turns with it."""
    way: dict[str, Any] = {"resident_id": row.resident_id, "number": row.assessment_id, "key": row.question.key}
    resident: dict[str, Any] = {"resident_id": row.resident_id}
    forget_drafts_at(
        row.resident_id,
        url_for("assessment.question", **way),
        url_for("assessment.type_in", **resident),
        url_for("assessment.translate", answer_id=row.id, **resident),
        f"{url_for('goals.new', **resident)}#quoted={row.id}",
    )
    lock(Assessment, row.assessment_id)
    same = Answer.assessment_id == row.assessment_id, Answer.question_id == row.question_id
    db.session.execute(delete(Answer).where(*same, Answer.id != row.id))


def _leave_one_wording(row: Wording) -> None:
    """As above; a page open for changing the goal hears that something changed."""
    forget_drafts_at(row.said_by_id, url_for("goals.change_words", resident_id=row.said_by_id, goal_id=row.goal_id))
    changed = {"own_words": False, "changed_at": now(), "version": Goal.version + 1}
    db.session.execute(update(Goal).where(Goal.id == row.goal_id).values(**changed))
    _leave_one(row, Wording.goal_id == row.goal_id, DealPart.wording_id)


def _leave_one(row: Any, versions: Any, in_deal: Any) -> None:
    """Of its versions only this; the deals in which another one stood point to what is left of it."""
    table = type(row)
    in_deals = in_deal.in_(select(table.id).where(versions))
    db.session.execute(update(DealPart).where(in_deals).values({in_deal: row.id}))
    db.session.execute(delete(table).where(versions, table.id != row.id))
