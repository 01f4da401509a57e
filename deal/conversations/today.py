"""The coach's Today: everybody once, in the first list that fits, with what else waits named on the line."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import abort, render_template, request
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import and_, func, select

from deal.access import Seen, open_to
from deal.accounts.coaching import how_theirs
from deal.accounts.models import Invitation, letters_to
from deal.assessment.models import Answer, Assessment, Wait
from deal.conversations import bp
from deal.conversations.endings import Standing, newest_standing
from deal.conversations.models import Chat, Conversation, newest_chat, words_to_come
from deal.db import Page, db, page_of, today
from deal.deals.models import promises_due
from deal.forms import Press
from deal.goals.models import CheckIn
from deal.people import Coaching, Person, Role, coaching_now
from deal.settings import landlord

LINES = 10  # of a list, on one page


@dataclass(frozen=True)
class Line:
    id: int
    name: str
    label: str
    name_key: str
    signed_in: bool
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
    invited_at: datetime | None
    no_thanks: bool
    not_me: bool
    promise_due_on: date | None = None  # the landlord's next one without an answer

    full_name = Person.full_name

    @property
    def next_on(self) -> date | None:
        """The day of the next chat, where one is going to take place."""
        return self.chat.day if self.chat and self.chat.takes_place else None

    @property
    def said_at(self) -> datetime | None:
        """When they last answered or told how it is going."""
        return max(filter(None, (self.answered_at, self.checked_in_at)), default=None)

    @property
    def has_news(self) -> bool:
        """They said something since the coach last looked."""
        return self.said_at is not None and (self.seen_at is None or self.said_at > self.seen_at)


@dataclass(frozen=True)
class List:
    """One list of Today: who fits, in what order, and what stands on another list's line where they fit here too."""

    key: str
    fits: Callable[[Line], Any]
    order: Callable[[Line], Any]
    also: Any = None
    lines: list[tuple[Line, list[Any]]] = field(default_factory=list)

    def page(self, number: str | None) -> Page:
        """Ten of them; `after` is the number of the next page."""
        if not (number or "1").isdecimal() or len(number or "") > 6:
            abort(404)
        begin = (int(number or 1) - 1) * LINES
        more = len(self.lines) > begin + LINES
        return Page(self.lines[max(begin, 0) : begin + LINES], str(int(number or 1) + 1) if more else None)


def lists_for(coach: Person) -> list[List]:
    """Today's lists, filled: a person stands in the first that fits, once."""
    day, week_ends = today(), today() + timedelta(days=6 - today().weekday())
    quiet_since = day - timedelta(weeks=landlord().quiet_weeks)

    def days_to_promise(one: Line) -> Any:
        """Today's and this week's, then those whose day has passed, the last one first."""
        days = (one.promise_due_on - day).days if one.promise_due_on else 0
        return days < 0, abs(days), one.name_key

    def is_quiet(one: Line) -> bool:
        """No talk for so many weeks, and none to come; never somebody who said "not now"."""
        silent = one.talked_on and one.talked_on < quiet_since and not one.next_on
        return bool(silent) and one.standing is not Standing.NOT_NOW

    def last_first(one: Line) -> float:
        return -one.said_at.timestamp() if one.said_at else 0

    lists = [
        List("waiting", lambda one: one.waits_since and not one.talked_first_on, lambda one: one.waits_since),
        List(
            "chats",
            lambda one: one.next_on and one.next_on <= week_ends,
            lambda one: (one.next_on, one.name_key),
            _l("a chat this week"),
        ),
        List("promises", lambda one: one.promise_due_on, days_to_promise, _l("a promise of ours")),
        List("news", lambda one: one.has_news, last_first, _l("something new to read")),
        List("quiet", is_quiet, lambda one: (one.talked_on, one.name_key), _l("not spoken lately")),
        List("others", lambda _one: True, lambda one: (one.name_key, one.id)),
    ]
    for line in residents_of(coach):
        fitting = [one for one in lists if one.fits(line)]
        fitting[0].lines.append((line, [one.also for one in fitting[1:] if one.also]))
    for one in lists:
        one.lines.sort(key=lambda pair, order=one.order: order(pair[0]))  # type: ignore[misc]
    return lists


def residents_of(coach: Person) -> list[Line]:
    """Everybody whom this coach coaches or covers for now, in one statement; not those who have gone."""
    rows = db.session.execute(
        select(
            *(Person.id, Person.name, Person.label, Person.name_key, Person.secret_hash.is_not(None)),
            *(Wait.since, Wait.asked_at, Wait.talked_on),
            _newest(func.max(Conversation.talked_on), Conversation.resident_id),
            Chat,
            _newest(func.max(Answer.given_at), Answer.resident_id, Answer.typed_by_id == Person.id),
            _newest(func.max(CheckIn.at), CheckIn.said_by_id, CheckIn.typed_by_id == Person.id),
            *(Seen.at, newest_standing(Person.id)),
            _newest(func.max(Assessment.started_at), Assessment.resident_id),
            Invitation.made_at,
            and_(Invitation.no_thanks_at.is_not(None), Invitation.agreed_at.is_(None)),
            Invitation.not_me_at.is_not(None),
        )
        .join(Coaching, Coaching.resident_id == Person.id)
        .outerjoin(Wait, Wait.of(Person.id))
        .outerjoin(Chat, and_(Chat.id == newest_chat(Person.id), Chat.ended_at.is_(None)))
        .outerjoin(Invitation, and_(Invitation.resident_id == Person.id, Invitation.withdrawn_at.is_(None)))
        .outerjoin(Seen, and_(Seen.resident_id == Person.id, Seen.staff_id == coach.id))
        .where(*coaching_now(coach))
    )
    days = promises_due(coach, today() + timedelta(days=6 - today().weekday()))  # by the end of this week
    lines = (replace(Line(*row), promise_due_on=days.get(row[0])) for row in rows)
    return [one for one in lines if not (one.no_thanks or one.not_me or _is_gone(one))]


def _is_gone(line: Line) -> bool:
    """Moved away or died; or their letter was taken back before they said a word."""
    silent = not (line.signed_in or line.invited_at or line.begun_at or line.talked_on)
    return silent or line.standing in (Standing.MOVED, Standing.DIED)


def _newest(what: Any, whose: Any, *conditions: Any) -> Any:
    return select(what).where(whose == Person.id, *conditions).correlate(Person).scalar_subquery()


def astray_letters(coach: Person, after: str | None = None) -> Page:
    """Letters that reached somebody else, newest first: each wants a new one."""
    astray = letters_to(*coaching_now(coach)).where(
        Invitation.not_me_at.is_not(None), Invitation.withdrawn_at.is_(None)
    )
    here = astray.join(Invitation.resident).where(Person.closes_at.is_(None))
    return page_of(here, Invitation.id.desc(), after=after, size=LINES)


@bp.get("/today", endpoint="today")
@open_to(Role.COACH)
def today_page():
    """What today asks for, list by list."""
    lists = {one.key: one for one in lists_for(current_user)}
    pages = {key: one.page(request.args.get(key)) for key, one in lists.items()}
    page = {"lists": lists, "pages": pages, "press": Press()}
    page["astray"] = astray_letters(current_user, request.args.get("astray"))
    shown = [line.id for one in pages.values() for line, _also in one.rows]
    page |= {"why": how_theirs(current_user, shown), "to_write": words_to_come(current_user, request.args.get("write"))}
    return render_template("conversations/today.html", today=today(), **page)
