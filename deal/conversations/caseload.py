"""People: everybody of a coach with how far they have come, found, filtered and sorted; and whom they opened last."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from deal.access import open_to
from deal.accounts import bp as accounts
from deal.accounts.coaching import how_theirs
from deal.conversations.lines import Line, everybody_of, progress_of
from deal.names import name_key
from deal.pagination import page_of_rows
from deal.people import Role

SIZE = 50
LAST_OPENED = 5
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


@accounts.get("/people")
@open_to(Role.COACH)
def find():
    """Those of mine who were looked for, or all; where it is one alone, their own page."""
    typed = request.args.get("q", "").replace("\0", "")[:200]
    everybody = everybody_of(current_user, date.max)
    found = looked_for(everybody, typed)
    if typed and len(found) == 1:
        return redirect(url_for("home.resident", resident_id=found[0].id), 303)
    show, sort = _one_of(SHOWS, "show"), _one_of(SORTS, "sort")
    page = page_of_rows(
        filter(SHOWS[show][1], found), place_by(sort), f"people by {sort}", request.args.get("after"), SIZE
    )
    numbers = [one.id for one in page.rows]
    known: dict[str, Any] = {"why": how_theirs(current_user, numbers), "stages": stages_of(page.rows)}
    known |= {"shows": SHOWS, "sorts": SORTS, "show": show, "sort": sort, "counts": counts_of(found)}
    known["opened"] = last_opened(everybody) if show == "all" and not typed else []
    return render_template("accounts/find.html", typed=typed, page=page, **known)


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


def counts_of(lines: Sequence[Line]) -> dict[str, int]:
    """How many of them each list shows."""
    return {key: sum(bool(fits(line)) for line in lines) for key, (_name, fits) in SHOWS.items()}


def last_opened(lines: Iterable[Line]) -> list[Line]:
    """The last five whose page this coach opened, the newest first."""
    opened = [line for line in lines if line.seen_at]
    return sorted(opened, key=lambda line: line.seen_at, reverse=True)[:LAST_OPENED]  # type: ignore[arg-type,return-value]


def stages_of(lines: Sequence[Line]) -> dict[int, str]:
    """How far each has come, in words."""
    progress = progress_of([line.id for line in lines if line.stage == "about_me"])
    said = {line.id: str(STAGES[line.stage]) for line in lines}
    for who, (done, many) in progress.items():
        said[who] = _("About me: %(done)s of %(many)s", done=done, many=many)
    return said
