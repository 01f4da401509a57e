"""What a coach sees of everybody at once: Today, each in the first list that fits, and People, found and sorted."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import abort, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import and_, or_, select

from deal.access import open_to, resident_url
from deal.audit import log_access
from deal.caseload import bp
from deal.caseload.assignments import assignment_reason
from deal.caseload.forms import HoursForm
from deal.caseload.lines import Line, beginning, everybody_of, newest_words_of, place_of, progress_of
from deal.caseload.models import CoachHours
from deal.clock import now, today
from deal.conversations.forms import HOW
from deal.conversations.models import words_to_come
from deal.db import db
from deal.forms import EmptyForm
from deal.invitations.models import CODE_LIVES, Invitation, letters_to
from deal.invitations.views import names_to_invite
from deal.names import name_key
from deal.pagination import Page, page_of, page_of_rows
from deal.people import Person, Role, assigned_now

STAGES = {
    "invited": _l("Letter not opened"),
    "run_out": _l("The letter ran out"),
    "opened": _l("Letter opened"),
    "signed_in": _l("Signed in"),
    "about_me": _l("About me begun"),
    "finished": _l("About me finished"),
    "talking": _l("Talking"),
    "not_now": _l("Resting"),
    "moved": _l("Moved away"),
    "no_thanks": _l("Said no thanks"),
    "not_me": _l("The letter reached somebody else"),
    "taken_back": _l("Letter taken back"),
}
SHOWS: dict[str, tuple[Any, Callable[[Line], Any]]] = {
    "all": (_l("Everybody"), lambda _one: True),
    "waiting": (_l("Waiting"), lambda one: one.waiting_since),
    "quiet": (_l("Not spoken lately"), lambda one: one.is_quiet),
    "not_opened": (_l("Letter not opened"), lambda one: one.not_opened),
    "mine": (_l("My own"), lambda one: not one.is_cover),
    "covering": (_l("I cover for"), lambda one: one.is_cover),
}
SORTS: dict[str, tuple[Any, Callable[[Line], date | datetime | None]]] = {
    "name": (_l("Name"), lambda _one: None),
    "waiting": (_l("Waiting since"), lambda one: one.waiting_since),
    "talk": (_l("Last talk"), lambda one: one.talked_on),
    "chat": (_l("Next chat"), lambda one: one.next_chat_on),
    "promise": (_l("Promise of ours"), lambda one: one.promise_due_on),
}


@bp.get("/people")
@open_to(Role.COACH)
def find():
    """Those of mine who were looked for, or all; where it is one alone, their own page."""
    typed = request.args.get("q", "").replace("\0", "")[:200]
    everybody = everybody_of(current_user, date.max)
    found = looked_for(everybody, typed)
    if typed and len(found) == 1:
        return redirect(resident_url(found[0].id), 303)
    return _people_page(everybody, found, typed)


def _people_page(everybody: list[Line], found: list[Line], typed: str) -> str:
    """With the last five whose page this coach opened, unless they look for somebody."""
    show, sort = _one_of(SHOWS, "show"), _one_of(SORTS, "sort")
    shown = filter(SHOWS[show][1], found)
    page = page_of_rows(shown, place_by(sort), f"people by {sort}", request.args.get("after"), size=50)
    opened = [one for one in everybody if one.seen_at and show == "all" and not typed]
    opened.sort(key=lambda one: one.seen_at, reverse=True)  # type: ignore[arg-type,return-value]
    return render_template(
        "caseload/find.html",
        typed=typed,
        page=page,
        shows=SHOWS,
        sorts=SORTS,
        show=show,
        sort=sort,
        counts={key: sum(bool(fits(line)) for line in found) for key, (_name, fits) in SHOWS.items()},
        why=assignment_reason(current_user, [one.id for one in page.rows]),
        stages=stages_of(page.rows),
        opened=opened[:5],
    )


def _one_of(choices: dict[str, Any], name: str) -> str:
    """What the address says, which is one of these; the first unless it says."""
    chosen = request.args.get(name) or next(iter(choices))
    return chosen if chosen in choices else abort(404)


def looked_for(lines: Iterable[Line], typed: str) -> list[Line]:
    """Those who have each typed word somewhere in their name or label; O Brien is also typed as one word."""
    words = name_key(typed).split()[:10]
    keys = ((line, line.name_key.replace(" ", ""), line.label_key.replace(" ", "")) for line in lines)
    return [line for line, name, label in keys if all(word in name or word in label for word in words)]


def place_by(sort: str) -> Callable[[Line], list[Any]]:
    """The earliest day first, whoever has none last; then by name."""
    day_of_line = SORTS[sort][1]

    def place(line: Line) -> list[Any]:
        when = day_of_line(line)
        number = when.timestamp() if isinstance(when, datetime) else when.toordinal() if when else 0
        return [when is None, number, line.name_key, line.id]

    return place


def stages_of(lines: Sequence[Line]) -> dict[int, str]:
    """How far each has come, in words."""
    progress = progress_of([line.id for line in lines if line.stage == "about_me"])
    said = {line.id: str(STAGES[line.stage]) for line in lines}
    for who, (done, many) in progress.items():
        said[who] = _("About me: %(done)s of %(many)s", done=done, many=many)
    return said


LINES = 10  # of a list, on one page


@dataclass(frozen=True)
class List:
    """One list of Today: who fits, in what order, and what stands on another list's line where they fit here too."""

    key: str
    fits: Callable[[Line], Any]
    order: Callable[[Line], Any]
    also: Any = None
    lines: list[tuple[Line, list[Any]]] = field(default_factory=list)

    def page(self, number: str) -> Page:
        """Ten of them; `after` is the number of the next page."""
        if not number.isdecimal() or len(number) > 6:
            abort(404)
        end = int(number) * LINES
        return Page(self.lines[max(end - LINES, 0) : end], str(int(number) + 1) if len(self.lines) > end else None)


def lists_for(coach: Person) -> list[List]:
    """Today's lists, filled: a person stands in the first that fits, once, whoever waits longest first."""
    until = today() + timedelta(days=6)
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
    letters = letters_to(*assigned_now(coach), or_(ran_out, Invitation.not_me_at.is_not(None)))
    here = letters.where(Invitation.withdrawn_at.is_(None)).join(Invitation.resident)
    here = here.where(Person.closes_at.is_(None), Person.secret_hash.is_(None))
    return page_of(here, Invitation.id, after=after, size=LINES)


@bp.get("/today", endpoint="today")
@open_to(Role.COACH)
def today_page():
    """What today asks for, list by list."""
    told = db.session.scalar(select(CoachHours.id).filter_by(coach_id=current_user.id, week=HoursForm.week_asked()))
    return desk(None if told else HoursForm(formdata=None))


def desk(hours: HoursForm | None) -> str:
    """The page; whose words stand on it can read that the coach has seen them."""
    lists = {one.key: one for one in lists_for(current_user)}
    pages = {key: one.page(request.args.get(key) or "1") for key, one in lists.items()}
    said = newest_words_of([line for line, _also in pages["news"].rows])
    log_access("caseload.today", said)
    return render_template(
        "caseload/today.html",
        today=today(),
        lists=lists,
        pages=pages,
        said=said,
        beginning=beginning,
        how=HOW,
        why=assignment_reason(current_user, [line.id for one in pages.values() for line, _also in one.rows]),
        to_write=words_to_come(current_user, request.args.get("write")),
        letters=letters_to_renew(current_user, request.args.get("letters")),
        press=EmptyForm(formdata=None),
        form=hours,
        kept=names_to_invite(),
    )
