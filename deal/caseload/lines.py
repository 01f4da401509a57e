"""Everybody whom a coach coaches or covers for now, a line each and all in one statement: for Today and for People."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from deal.assessment.models import Answer, Assessment, FirstTalkWait
from deal.audit import LastViewed
from deal.clock import now, today
from deal.contact.models import Standing, newest_standing
from deal.conversations.models import Chat, Conversation, newest_chat
from deal.db import db
from deal.deals.models import Due, promises_due
from deal.goals.models import CheckIn
from deal.invitations.models import CODE_LIVES, Invitation
from deal.people import Assignment, Person, assigned_now
from deal.questions.models import Question, Section
from deal.settings import landlord


@dataclass(frozen=True)
class Line:
    id: int
    name: str
    label: str
    name_key: str
    label_key: str
    signed_in: bool
    is_cover: bool
    waits_since: datetime | None
    asked_at: datetime | None  # for a call
    talked_first_on: date | None
    talked_on: date | None
    chat: Chat | None  # that is planned
    answered_at: datetime | None
    checked_in_at: datetime | None
    seen_at: datetime | None
    standing: Standing | None
    begun_at: datetime | None
    under_way: bool  # About me, begun and not finished
    invited_at: datetime | None
    opened_at: datetime | None  # their letter
    no_thanks: bool
    not_me: bool
    promises: list[Due] = field(kw_only=True)  # of the landlord's, due and without an answer

    full_name = Person.full_name

    @property
    def promise_due_on(self) -> date | None:
        """The day of the first one."""
        return self.promises[0].due_on if self.promises else None

    @property
    def waiting_since(self) -> datetime | None:
        """Since when they wait for a first talk."""
        return self.waits_since if not self.talked_first_on else None

    @property
    def said_at(self) -> datetime | None:
        """When they last answered or told how it is going."""
        return max(filter(None, (self.answered_at, self.checked_in_at)), default=None)

    @property
    def has_news(self) -> bool:
        """They said something since the coach last looked."""
        return self.said_at is not None and (self.seen_at is None or self.said_at > self.seen_at)

    @property
    def next_chat_on(self) -> date | None:
        """The day of the next chat, where one is going to take place."""
        return self.chat.day if self.chat and self.chat.takes_place else None

    @property
    def cannot_at(self) -> datetime | None:
        """When they said that they can't make it, and nothing is planned since."""
        return self.chat.cannot_at if self.chat else None

    @property
    def is_quiet(self) -> bool:
        """No talk for so many weeks, and none to come; never somebody who said "not now", or who has gone."""
        quiet_since = today() - timedelta(weeks=landlord().quiet_weeks)
        silent = self.talked_on and self.talked_on < quiet_since and not self.next_chat_on
        return bool(silent) and self.standing in (None, Standing.HERE)

    @property
    def not_opened(self) -> bool:
        """Their letter was not opened yet, or ran out before it was."""
        return self.stage in ("invited", "run_out")

    @property
    def stage(self) -> str:
        """One word for how far they have come with us."""
        if self.standing in (Standing.MOVED, Standing.DIED, Standing.NOT_NOW):
            return self.standing.value
        places = {
            "talking": self.talked_on,
            "finished": self.begun_at and not self.under_way,
            "about_me": self.begun_at,
            "signed_in": self.signed_in,
            "no_thanks": self.no_thanks,
            "not_me": self.not_me,
            "taken_back": not self.invited_at,
            "run_out": self.invited_at and self.invited_at < now() - CODE_LIVES,
            "opened": self.opened_at,
        }
        return next((place for place, holds in places.items() if holds), "invited")

    @property
    def is_gone(self) -> bool:
        """Moved away or died; or said no thanks; or their letter reached nobody, and they have said no word."""
        return self.stage in ("moved", "died", "taken_back") or self.no_thanks or self.not_me


def everybody_of(coach: Person, until: date) -> list[Line]:
    """Each of them with the promises of ours that are due by then; also those who have gone and are not closed yet."""
    under_way = aliased(Assessment)
    rows = db.session.execute(
        select(
            *(Person.id, Person.name, Person.label, Person.name_key, Person.label_key, Person.secret_hash.is_not(None)),
            *(Assignment.cover, FirstTalkWait.since, FirstTalkWait.asked_at, FirstTalkWait.talked_on),
            _newest(func.max(Conversation.talked_on), Conversation.resident_id),
            Chat,
            _newest(func.max(Answer.given_at), Answer.resident_id, Answer.typed_by_id == Person.id),
            _newest(func.max(CheckIn.at), CheckIn.said_by_id, CheckIn.typed_by_id == Person.id),
            *(LastViewed.at, newest_standing(Person.id)),
            _newest(func.max(Assessment.started_at), Assessment.resident_id),
            exists().where(under_way.resident_id == Person.id, under_way.finished_at.is_(None)),
            *(Invitation.made_at, Invitation.opened_at),
            and_(Invitation.no_thanks_at.is_not(None), Invitation.agreed_at.is_(None)),
            Invitation.not_me_at.is_not(None),
        )
        .join(Assignment, Assignment.resident_id == Person.id)
        .outerjoin(FirstTalkWait, FirstTalkWait.of(Person.id))
        .outerjoin(Chat, and_(Chat.id == newest_chat(Person.id), Chat.ended_at.is_(None)))
        .outerjoin(Invitation, and_(Invitation.resident_id == Person.id, Invitation.withdrawn_at.is_(None)))
        .outerjoin(LastViewed, and_(LastViewed.resident_id == Person.id, LastViewed.staff_id == coach.id))
        .where(*assigned_now(coach))
    )
    due = promises_due(coach, until)
    return [Line(*row, promises=sorted(due.get(row[0], []), key=lambda one: place_of(one.due_on))) for row in rows]


def place_of(day: date | None) -> tuple[bool, date]:
    """What we promised for today first, so that no old one hides it; then whoever has waited longest."""
    return day != today(), day or date.max


def _newest(what: Any, whose: Any, *conditions: Any) -> Any:
    return select(what).where(whose == Person.id, *conditions).correlate(Person).scalar_subquery()


MOST = 140  # characters


def newest_words_of(lines: list[Line]) -> dict[int, dict[str, str]]:
    """The beginning of what these said since the coach last looked, the newest of each; one statement."""
    if not lines:
        return {}
    not_asked = select(Question.id).where(Question.key == "not-ask")  # what nobody should ask about is no beginning
    holds = Answer.superseded_at.is_(None), Answer.words.is_not(None), Answer.question_id.not_in(not_asked)
    own_answer = Answer.typed_by_id == Person.id, *holds
    said = or_(CheckIn.celebrate.is_not(None), CheckIn.helped.is_not(None), CheckIn.in_the_way.is_not(None))
    own_check_in = CheckIn.typed_by_id == Person.id, CheckIn.taken_back_at.is_(None), said
    query = select(Person.id, Answer, CheckIn).select_from(Person)
    query = query.outerjoin(Answer, Answer.id == _newest(func.max(Answer.id), Answer.resident_id, *own_answer))
    query = query.outerjoin(CheckIn, CheckIn.id == _newest(func.max(CheckIn.id), CheckIn.said_by_id, *own_check_in))
    seen = {one.id: one.seen_at for one in lines}
    found = {}
    for number, answer, check_in in db.session.execute(query.where(Person.id.in_(seen))):
        both = [(answer.given_at, answer.words, answer.language)] if answer else []
        if check_in:
            words = check_in.celebrate or check_in.helped or check_in.in_the_way
            both.append((check_in.at, words, check_in.language))
        if new := [one for one in both if seen[number] is None or one[0] > seen[number]]:
            _at, words, language = max(new)
            found[number] = {"words": beginning(words), "language": language}
    return found


def beginning(words: str) -> str:
    """The first words, up to the last one that fits."""
    if len(words) <= MOST:
        return words
    room = words[:MOST]
    return (room.rpartition(" ")[0] or room) + " …"


def progress_of(residents: list[int]) -> dict[int, tuple[int, int]]:
    """Of those in the middle of About me: how many questions of the short way are answered, and how many there are."""
    core = Question.core, Section.question_set_id == Assessment.question_set_id
    all_of_them = select(func.count(Question.id)).join(Question.section).where(*core)
    answered = select(func.count(Answer.id)).join(Answer.question).where(Question.core, Answer.superseded_at.is_(None))
    answered = answered.where(Answer.assessment_id == Assessment.id)
    counts = (one.correlate(Assessment).scalar_subquery() for one in (answered, all_of_them))
    query = select(Assessment.resident_id, *counts).where(Assessment.resident_id.in_(residents))
    rows = db.session.execute(query.where(Assessment.finished_at.is_(None)))
    return {resident_id: (done, many) for resident_id, done, many in rows}
