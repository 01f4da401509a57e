"""A form that is sent twice is kept once: the first press leaves a row, and the second one goes where that led."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import file_digest, sha256
from time import sleep
from typing import Any

from flask import Response, abort, current_app, flash, g, redirect, request, session
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import JSON, ForeignKey, String, delete, inspect, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from deal.clock import now
from deal.db import Row, db
from deal.drafts.models import STATE, matched, sent_state

ANSWERED_WITHIN = timedelta(seconds=2)  # of keeping it
DAYS = 30  # as long as a page may be open and be sent
NOT_CONTENT = {"csrf_token", STATE}  # differ each time that a page is sent, whatever stands in its boxes


class Submission(db.Model):
    """A form that was sent and kept, and for ten minutes what is needed to undo it."""

    key: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    sign_in_id: Mapped[int | None]  # until it cannot be undone any more
    made_at: Mapped[datetime] = mapped_column(default=now, index=True)
    next_page: Mapped[str | None]  # what came after it; none while its answer is being made
    form_page: Mapped[str | None]  # where its form stood
    # rows made, rows changed with the values before and after, rows taken away; none where it cannot be undone
    journal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    sent: Mapped[str | None] = mapped_column(String(24))  # where it made words: a mark, to know them when sent again
    told: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # the sentences on the page after it


def answers_again(view: Callable) -> Callable:
    """Label a view that knows a second press by itself: it shows the same code again, or says why it cannot."""
    view.answers_again = True  # type: ignore[attr-defined]
    return view


def idempotency_key() -> str:
    """A second press has the same key; going back and changing the words makes another one."""
    sent = sorted((name, value) for name, value in request.form.items(multi=True) if name not in NOT_CONTENT)
    files = [(name, _digest(file.stream)) for name, file in sorted(request.files.items())]
    of_this_page = request.form.get("once") or secrets.token_hex()
    return sha256(repr((current_user.id, request.path, of_this_page, sent, files)).encode()).hexdigest()


def _digest(file: Any) -> str:
    """Of a whole file, however far it was read; whoever reads on begins at its start."""
    file.seek(0)
    said = file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return said


def earlier_press(*alike: Any) -> Submission | None:
    """What a first press of this page kept; else the newest press that is alike by these conditions."""
    key = idempotency_key()
    query = select(Submission).where(or_(Submission.key == key, *alike))
    return db.session.scalar(query.order_by(Submission.key != key, Submission.id.desc()).limit(1))


def knows_by_itself() -> bool:
    """Whether the view of this request is labelled so."""
    return hasattr(current_app.view_functions.get(request.endpoint or ""), "answers_again")


def keep_once(adds: bool = True) -> None:
    """Write down that this form is kept, as the first write of its request; the caller commits.

    Of two presses at once the second one waits here until the first is kept, and goes where that led.
    """
    if "submission" in g or request.method != "POST" or not current_user.is_authenticated or knows_by_itself():
        return
    key = idempotency_key() if adds else secrets.token_hex()  # what says what is so may be said again
    row = Submission(key=key, person_id=current_user.id, sign_in_id=current_user.sign_in_id)
    row.resident_id = (request.view_args or {}).get("resident_id")
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        abort(answer_again(earlier_press() or abort(409)))
    g.submission = row


def let_go() -> None:
    """Roll back, for what reads and writes beside this request; `keep_once` again before anything is kept."""
    db.session.rollback()
    g.pop("submission", None)


def answer_again(row: Submission) -> Any:
    """What came after that press, in the same words while they are kept; one that is being answered is waited for.

    Where the machine stopped between keeping and answering it, that is the page of the form, which shows what stands.
    """
    while not row.next_page and now() - row.made_at < ANSWERED_WITHIN:
        sleep(0.1)
        db.session.refresh(row)
    saved = [_("This is saved already.")]
    for sentence in saved if row.told is None or row.key != idempotency_key() else row.told:
        flash(sentence)
    return redirect(row.next_page or where_it_stood("/"), 303)


def where_it_stood(otherwise: str) -> str:
    """The page on which the form of this request stood; where nothing says that, another one."""
    if (state := sent_state()) and state.by == current_user.id:
        return state.on
    return request.full_path.rstrip("?") if matched(request.path, "GET")[0] else otherwise


def record_outcome(answer: Response) -> Response:
    """A form that was refused after all is not kept: it can be sent again. One that failed half-way cannot."""
    row = g.pop("submission", None)
    if row is None:
        return answer
    if answer.status_code == 303:
        row.next_page = answer.location
        row.told = [str(sentence) for _category, sentence in session.get("_flashes", ())]
        db.session.commit()
        return answer
    key = row.key
    db.session.rollback()
    if answer.status_code < 500 and inspect(row).persistent:  # something was committed all the same, such as who looked
        db.session.execute(delete(Submission).where(Submission.key == key))
        db.session.commit()
    return answer


def insert_once(row: Row, **same: Any) -> Row:
    """Store the row, or give the one that another press stored, by what is unique about it. Rolls back then."""
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        stored = db.session.scalar(select(type(row)).filter_by(**same))
        if stored is None:
            raise
        return stored
    return row


def forget_old_submissions() -> None:
    """A page that was open for 30 days cannot be sent any more; the caller commits."""
    db.session.execute(delete(Submission).where(Submission.made_at < now() - timedelta(days=DAYS)))
