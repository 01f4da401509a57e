"""The coach's Today: everybody once, in the first list that fits, with what else waits named on the line."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any

from flask import abort, render_template, request
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import and_, or_

from deal.access import leave_looks, open_to
from deal.accounts.coaching import how_theirs
from deal.accounts.invitation_models import CODE_LIVES, Invitation, letters_to
from deal.accounts.invitations import names_to_invite
from deal.conversations import bp
from deal.conversations.forms import HOW
from deal.conversations.hours import HoursForm, hours_to_ask
from deal.conversations.lines import Line, everybody_of, newest_words_of, place_of
from deal.conversations.models import words_to_come
from deal.db import Page, now, page_of, today
from deal.forms import Press
from deal.people import Person, Role, coaching_now

LINES = 10  # of a list, on one page


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


def last_day_ahead() -> date:
    """Today looks seven days ahead."""
    return today() + timedelta(days=6)


def lists_for(coach: Person) -> list[List]:
    """Today's lists, filled: a person stands in the first that fits, once, whoever waits longest first."""
    until = last_day_ahead()
    lists = [
        List("cannot", lambda one: one.cannot_at, lambda one: one.cannot_at),
        List("waiting", lambda one: one.waiting_since, lambda one: one.waits_since),
        List(
            "chats",
            lambda one: one.next_chat_on and one.next_chat_on <= until,
            lambda one: (one.next_chat_on, (one.chat and one.chat.time) or time.min, one.name_key),
            _l("a chat in the next seven days"),
        ),
        List("promises", lambda one: one.promises, lambda one: (place_of(one.promise_due_on), one.name_key)),
        List("news", lambda one: one.has_news, lambda one: one.said_at, _l("something new to read")),
        List("quiet", lambda one: one.is_quiet, lambda one: (one.talked_on, one.name_key), _l("not spoken lately")),
    ]
    for line in everybody_of(coach, until):
        fitting = [] if line.is_gone else [one for one in lists if one.fits(line)]
        if fitting:
            fitting[0].lines.append((line, [one.also for one in fitting[1:] if one.also]))
    for one in lists:
        one.lines.sort(key=lambda pair, order=one.order: order(pair[0]))  # type: ignore[misc]
    return lists


def letters_to_renew(coach: Person, after: str | None = None) -> Page:
    """Letters that ran out before they were opened, or reached somebody else; the oldest first."""
    unopened = Invitation.opened_at.is_(None), Invitation.no_thanks_at.is_(None), Invitation.shut_at.is_(None)
    ran_out = and_(*unopened, Invitation.used_at.is_(None), Invitation.made_at <= now() - CODE_LIVES)
    letters = letters_to(*coaching_now(coach), or_(ran_out, Invitation.not_me_at.is_not(None)))
    here = letters.where(Invitation.withdrawn_at.is_(None)).join(Invitation.resident)
    here = here.where(Person.closes_at.is_(None), Person.secret_hash.is_(None))
    return page_of(here, Invitation.id, after=after, size=LINES)


@bp.get("/today", endpoint="today")
@open_to(Role.COACH)
def today_page():
    """What today asks for, list by list."""
    return desk(hours_to_ask(current_user))


def desk(hours: HoursForm | None) -> str:
    """The page; whose words stand on it can read that the coach has seen them."""
    lists = {one.key: one for one in lists_for(current_user)}
    pages = {key: one.page(request.args.get(key)) for key, one in lists.items()}
    shown = {key: [line for line, _also in one.rows] for key, one in pages.items()}
    page: dict[str, Any] = {"lists": lists, "pages": pages, "said": newest_words_of(shown["news"])}
    page |= {"why": how_theirs(current_user, [line.id for lines in shown.values() for line in lines])}
    page |= {"to_write": words_to_come(current_user, request.args.get("write"))}
    page |= {"letters": letters_to_renew(current_user, request.args.get("letters")), "press": Press(formdata=None)}
    leave_looks("conversations.today", page["said"])
    return render_template(
        "conversations/today.html", today=today(), how=HOW, form=hours, kept=names_to_invite(), **page
    )
