"""Undo: what one press wrote can be taken back whole, by whoever pressed, for ten minutes.

A press that writes over words cannot be undone, because the journal keeps none; nor can one on which something was
built since.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from enum import Enum
from secrets import token_hex
from time import time
from typing import Any

from flask import Blueprint, Flask, Response, current_app, flash, g, redirect, render_template, request, session
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Table, and_, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from deal.access import EVERYONE, allow_in_assisted_mode, audience_of, open_to
from deal.clock import now, start_of, today
from deal.db import db
from deal.drafts.models import Draft, drop_drafts, give_back, hold_sent
from deal.forms import validate_or_400
from deal.idempotency import (
    NOT_CONTENT,
    Submission,
    answer_again,
    answers_again,
    earlier_press,
    idempotency_key,
    knows_by_itself,
    record_outcome,
    where_it_stood,
)
from deal.journal import NOT_JOURNALED, Journal, Rows, mark, plain, stamp
from deal.people import Role

bp = Blueprint("undo", __name__)
MINUTES = 10
OF_THE_PAGE = {*NOT_CONTENT, "once", "version", "keeps"}  # differ each time that a page is opened


def cannot_be_undone(_why: str) -> Callable:
    """Label a view whose presses stay, and say why."""

    def label(view: Callable) -> Callable:
        view.cannot_be_undone = _why  # type: ignore[attr-defined]
        return view

    return label


def nothing_to_undo() -> None:
    """This press only opened a page for words that are to come: no undoing is offered."""
    g.pop("journal", None)


def why_not(endpoint: str) -> str:
    """Why presses of a page cannot be undone, or nothing."""
    if audience_of(endpoint) is EVERYONE:
        return "it is about signing in, or about this browser"
    return getattr(current_app.view_functions[endpoint], "cannot_be_undone", "")


def init_app(app: Flask) -> None:
    """A journal for each press of somebody who is signed in, and the button on the page that follows."""
    app.register_blueprint(bp)
    app.before_request(_begin)
    app.after_request(record_outcome)
    app.after_request(_end)  # is called before that
    app.context_processor(lambda: {"undo_offered": _offered})


def _begin() -> Any:
    """Before a press: begin a journal. A second press of a page changes nothing, where what the first wrote holds.

    Nor do the same words that are sent again from a page that was opened anew.
    """
    if request.method != "POST" or not current_user.is_authenticated or request.endpoint is None:
        return None
    if knows_by_itself():
        return None
    stays = why_not(request.endpoint)
    row = earlier_press(*(() if stays else [and_(*_mine(), Submission.sent == _sent())]))
    if row and (row.journal is None or _holds(row.journal)):
        return answer_again(row)
    if row and row.key == idempotency_key():  # it was changed since: this is another press
        row.key = token_hex()
        db.session.commit()
    if not stays:
        g.journal = Journal()
    return None


def _holds(journal: dict[str, Any]) -> bool:
    """Whether what a press wrote is there and says the same, whatever was added to it since."""
    if not all(_rows(table, made).keys() == made.keys() for table, made in _tables(journal["made"])):
        return False
    return all(_is_as_changed(table, rows, but="version") for table, rows in _tables(journal["changed"]))


def _sent() -> str:
    """What was sent, in short, but for what differs each time that the page is opened."""
    fields = [one for one in request.form.items(multi=True) if one[0] not in OF_THE_PAGE]
    return mark([request.full_path, sorted(fields)])


def _end(answer: Response) -> Response:
    """After a press that was kept: store its journal, and offer to undo it on the page that comes."""
    if request.method == "GET":
        return _land(answer)
    journal, row = g.pop("journal", None), g.get("submission")
    if journal is None or row is None or answer.status_code != 303:
        return answer
    written = journal.written()
    if written is None:
        if journal.before or journal.new:
            session.pop("undo", None)
        return answer
    forget_old_journals(Submission.person_id == row.person_id)
    row.journal, row.form_page = written, where_it_stood(answer.location)
    row.sent = _sent() if journal.has_new_words else None
    hold_sent(row.id, row.person_id)
    session["undo"] = {"id": row.id, "until": int(time()) + MINUTES * 60}
    return answer


def _offered() -> int | None:
    """The number of what can be undone: on the page that came after the press, each time that it is opened."""
    offer = session.get("undo")
    if not (offer and offer["until"] >= time() and request.method == "GET" and current_user.is_authenticated):
        return None
    if "on" not in offer:
        session["undo"] = offer | {"on": request.path}
    return offer["id"] if offer.get("on", request.path) == request.path else None


@bp.post("/undo/<int:undo_id>")
@open_to(Role.RESIDENT, Role.COACH, Role.MANAGER)
@allow_in_assisted_mode
@answers_again
@cannot_be_undone("it is the undoing itself")
def undo(undo_id):
    """All that hung on the press is as it was before; where that cannot be, the page says why."""
    validate_or_400()
    if session.get("undo", {}).get("id") == undo_id:
        session.pop("undo")
    give_back(undo_id, current_user.id)  # writes first: on SQLite nobody builds on it from here on
    taken = delete(Submission).where(Submission.id == undo_id, *_mine())
    found = db.session.execute(taken.returning(Submission.journal, Submission.form_page)).first()
    if found and _undone(found.journal):
        flash(_("That is undone."))
        session["undone_on"] = found.form_page
        return redirect(found.form_page, 303)
    db.session.rollback()
    sentence = _("Something was added to this since. It cannot be undone here.") if found else _why_gone(undo_id)
    return render_template("undo.html", sentence=sentence), 409


def _land(answer: Response) -> Response:
    """After undoing: the first page, where the one on which the form stood is not there any more."""
    page = session.pop("undone_on", None)
    if answer.status_code == 404 and page == request.full_path.rstrip("?"):
        flash(_("That is undone."))
        return redirect("/", 303)  # type: ignore[return-value]
    return answer


def _why_gone(number: int) -> str:
    since = now() - timedelta(minutes=MINUTES)
    mine = Submission.id == number, Submission.person_id == current_user.id, Submission.made_at >= since
    if db.session.scalar(select(Submission.id).where(*mine)):
        return _("This was pressed on another phone or computer, or before you came to help. It cannot be undone here.")
    return _("It cannot be undone any more: more than ten minutes have passed, or it was undone already.")


def _mine() -> tuple[Any, ...]:
    """Of whoever pressed, in the sign-in in which they did; not of a helper who came later."""
    since = now() - timedelta(minutes=MINUTES)
    since = max(since, current_user.helped_since or since)
    own = Submission.person_id == current_user.id, Submission.sign_in_id == current_user.sign_in_id
    return *own, Submission.made_at >= since, Submission.journal.is_not(None)


def _undone(journal: dict[str, Any]) -> bool:
    """Whether everything is as it was before the press. Commits, or leaves all as it is."""
    if not all(_stamps(table, rows) == rows for table, rows in _tables(journal["made"])):
        return False
    if not all(_is_as_changed(table, rows) for table, rows in _tables(journal["changed"])) or _built_on(journal):
        return False
    try:
        _reverse(journal)
        db.session.commit()
    except IntegrityError:
        return False
    return True


def _tables(by_name: Rows) -> Iterator[tuple[Table, Any]]:
    return ((db.metadata.tables[name], rows) for name, rows in by_name.items())


def _rows(table: Table, numbers: Any) -> dict[str, dict[str, Any]]:
    # on PostgreSQL nobody can refer to a row that is held so; SQLite is held whole by the first DELETE
    held = select(table).where(table.c.id.in_([int(one) for one in numbers])).with_for_update()
    rows = db.session.execute(held).mappings()
    return {str(row["id"]): dict(row) for row in rows}


def _stamps(table: Table, numbers: Any) -> dict[str, str]:
    return {number: stamp(table, row) for number, row in _rows(table, numbers).items()}


def _is_as_changed(table: Table, changed: dict[str, Any], but: str = "") -> bool:
    rows = _rows(table, changed)
    return all(
        number in rows and (name == but or mark(plain(rows[number][name])) == after)
        for number, columns in changed.items()
        for name, (_old, after) in columns.items()
    )


def _built_on(journal: dict[str, Any]) -> bool:
    """Whether a row refers to one that the press made, and was not made or changed by it itself."""
    others = []
    for table in db.metadata.sorted_tables:
        own = [int(one) for what in ("made", "changed") for one in journal[what].get(table.name, ())]
        for key in table.foreign_keys:
            made = [int(one) for one in journal["made"].get(key.column.table.name, ())]
            if made and table.name not in NOT_JOURNALED:
                others.append(exists().where(key.parent.in_(made), table.c.id.not_in(own)))
    return bool(others) and bool(db.session.scalar(select(or_(*others))))


def _reverse(journal: dict[str, Any]) -> None:
    """Let go of what was made, take it away, then put the rest back: so no reference and no rule is ever broken."""
    _put_back(journal["changed"], references=True)
    for table in reversed(db.metadata.sorted_tables):
        if made := journal["made"].get(table.name):
            db.session.execute(delete(table).where(table.c.id.in_([int(one) for one in made])))
    _put_back(journal["changed"], references=False)
    for table, rows in _tables(journal["gone"]):
        values = [{name: _decoded(table.c[name], value) for name, value in row.items()} for row in rows]
        db.session.execute(insert(table), values)


def _put_back(changed: Rows, references: bool) -> None:
    for table, rows in _tables(changed):
        refers = {column.name for column in table.columns if bool(column.foreign_keys) is references}
        for number, columns in rows.items():
            if old := {name: _decoded(table.c[name], columns[name][0]) for name in columns.keys() & refers}:
                db.session.execute(update(table).where(table.c.id == int(number)).values(**old))


def _decoded(column: Any, value: Any) -> Any:
    """What JSON cannot hold: an enum's value, a moment, a day or a time."""
    kind = column.type.python_type
    if value is None:
        return None
    if issubclass(kind, Enum):
        return kind(value)
    return kind.fromisoformat(value) if hasattr(kind, "fromisoformat") else value


def forget_old_journals(*conditions: Any) -> None:
    """Nothing can be undone any more after ten minutes; of the moment only the day is left. The caller commits.

    What somebody says without their name could else be told by the minute at which they pressed.
    """
    old = Submission.made_at < now() - timedelta(minutes=MINUTES), Submission.sign_in_id.is_not(None), *conditions
    drop_drafts(Draft.submission_id.in_(select(Submission.id).where(*old)))
    left: dict[str, Any] = {"journal": None, "sent": None, "form_page": None, "sign_in_id": None, "told": None}
    db.session.execute(update(Submission).where(*old).values(made_at=start_of(today()), **left))


def forget_what_was_sent_about(resident_id: int) -> None:
    """Words were taken back: none that were sent stay here to come back, nor their marks. The caller commits."""
    about = Submission.resident_id == resident_id
    drop_drafts(Draft.submission_id.in_(select(Submission.id).where(about)))
    db.session.execute(update(Submission).where(about).values(sent=None, told=None))
