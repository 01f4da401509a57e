"""What was typed and is not saved: kept as it arrives, or carried through signing in, for that person alone.

It comes from the script, from a button that leaves, or from a page of another session.
"""

import json
import re
from typing import Any

from cryptography.fernet import InvalidToken
from flask import abort, flash, g, redirect, render_template, request
from flask_babel import format_time
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import update

from deal.access import EVERYONE, allow_in_assisted_mode, audience_of, may_send, open_to
from deal.auth import bp
from deal.auth.forms import NewPinForm
from deal.auth.sessions import login, whose_sign_in_ran_out
from deal.clock import now
from deal.config import box_for
from deal.db import db, number_sent
from deal.drafts import models as drafts
from deal.drafts.models import Draft, FormState, keep_sent, sent_state, state_in
from deal.forms import NOT_LETTERS, EmptyForm
from deal.people import Role
from deal.undo import cannot_be_undone

HOURS = 12
NEVER_HELD = {"csrf_token", "held", *drafts.SECRET}
NEVER_SHOWN = {"number", *drafts.TECHNICAL}  # of a form that does not say what its boxes are
AGAIN = "#again"  # behind the address to go on to: what was sent there has to be filled in again

Fields = list[tuple[str, str]]


def sent_fields() -> Fields:
    """The fields of this POST, without secrets."""
    state = state_in(request.form)
    never = NEVER_HELD.union(state.never if state else ())
    return [(key, value) for key, value in request.form.items(multi=True) if key not in never]


def written(fields: Fields) -> list[str]:
    """What somebody wrote, to be shown to them: the boxes that the form names, or all that is nothing technical."""
    state = state_in(dict(fields))
    return [
        value for name, value in fields if value.strip() and (name in state.boxes if state else name not in NEVER_SHOWN)
    ]


def is_secret() -> bool:
    """Whether this POST is a form of secrets with nothing else written in it: it has to be filled in again."""
    state = state_in(request.form)
    return bool(state and state.never and not written(sent_fields()))


def seal(person_id: int) -> str:
    """This POST's address and fields, encrypted for one person."""
    sent = json.dumps([request.full_path.rstrip("?"), sent_fields()])
    return box_for(f"held for {person_id}").encrypt(sent.encode()).decode()


def unseal(held: str | None, person_id: int) -> tuple[str, Fields] | None:
    """The address and the fields, where they were this person's and are not older than 12 hours."""
    try:
        sent = box_for(f"held for {person_id}").decrypt((held or "").encode(), ttl=HOURS * 3600)
    except (InvalidToken, UnicodeEncodeError):
        return None
    path, fields = json.loads(sent)
    return path, [(key, value) for key, value in fields]


def go_on_to(address: str) -> Any:
    """The page to go on to; it says so where something has to be filled in again."""
    if address.endswith(AGAIN):
        flash(_("Please do it again."))
    return redirect(address.removesuffix(AGAIN), 303)


def held_page(path: str, fields: Fields | None = None) -> str:
    """What was held, or is sent just now, with a button that sends it again."""
    fields = sent_fields() if fields is None else fields
    return render_template("auth/held.html", path=path, fields=fields, typed=written(fields), press=EmptyForm())


def local(address: str | None) -> str | None:
    """The address, where it is a page of ours."""
    return address if re.fullmatch(r"/(?![/\\])[^\s\\]*", address or "") else None


def keep_for(path: str) -> FormState | None:
    """Keep what is sent to this address as a draft of whoever opened its form, whose state it gives. Commits.

    From a browser that nobody is signed in on and that was not theirs, nothing: it may have no more than the page's
    source. What it sends is carried through signing in alone.
    """
    state = sent_state()
    if state is None or not (path == state.path or path.startswith("/draft")):
        return None
    theirs = current_user.is_authenticated or whose_sign_in_ran_out() == state.by
    if theirs and not g.unreadable:
        keep_sent(state)
    return state


bp.after_app_request(drafts.drop_what_is_saved)


def _about_drafts(view: Any) -> Any:
    """Label a view of drafts: for whoever is signed in, with a helper too, and nothing to undo."""
    return open_to(*Role)(allow_in_assisted_mode(cannot_be_undone("it is about what is not saved yet")(view)))


@bp.post("/draft")
@_about_drafts
def keep_draft():
    """The script sends what is typed, a moment after a pause and when the page is left; one sentence, as JSON."""
    state = _own_state_or_404()
    if g.unreadable:
        return {"sentence": str(NOT_LETTERS)}, 422
    others = keep_sent(state)
    if others is None:
        return {"sentence": _("Something was taken back here while your page was open. Load it again.")}, 409
    if others:
        return {"sentence": _("You typed something else here, on another page or device. Both are kept.")}, 409
    return {"sentence": _("Kept at %(time)s", time=format_time(now(), "HH:mm"))}


@bp.post("/draft/leave")
@_about_drafts
def leave_page():
    """The language switch, or Back: the words of the page are kept on the way."""
    _keep_what_is_new(_own_state_or_404())
    return redirect(local(request.form.get("leave_to")) or "/", 303)


@bp.post("/draft/use")
@_about_drafts
def use_draft():
    """What was typed on another page or device comes into the boxes; what stood in them is kept beside it."""
    state, number = _own_state_or_404(), number_sent(request.form.get("draft_row"))
    _keep_what_is_new(state)
    chosen = Draft.id == number, Draft.author_id == state.by, Draft.place == state.place
    db.session.execute(update(Draft).where(*chosen).values(kept_at=now()))
    db.session.commit()
    return redirect(state.on, 303)


@bp.post("/draft/throw-away")
@_about_drafts
def throw_draft_away():
    """That draft is gone, and with the one in the boxes what was typed since; else that is kept."""
    state = _own_state_or_404()
    number, _space, here = request.form.get("draft_row", "").partition(" ")
    thrown = Draft.id == number_sent(number)
    if here:
        thrown |= Draft.page == state.page
    else:
        _keep_what_is_new(state)
    drafts.drop_drafts(Draft.author_id == state.by, Draft.place == state.place, thrown)
    db.session.commit()
    flash(_("That is thrown away."))
    return redirect(state.on, 303)


def answer_to_another_session() -> Any:
    """Where a form comes that was opened in another session: sign in first, or who is signed in now.

    What was typed is kept for whoever opened the form, and shown to nobody else. None where it is no such form.
    """
    if request.endpoint is None or audience_of(request.endpoint) in (EVERYONE, frozenset()):
        return _new_pin_again() if request.endpoint == "auth.set_new_pin" else None
    if not current_user.is_authenticated:
        return login.unauthorized()
    state = keep_for(request.path)
    if state is None:
        return None
    if request.endpoint == "auth.keep_draft":
        return {"sentence": _("You have been signed out.")}, 401
    if state.by == current_user.id and is_secret():
        return go_on_to(state.on + AGAIN)
    if state.by == current_user.id:
        return held_page(request.full_path.rstrip("?")), 409
    return render_template("auth/somebody_else.html"), 409


def _new_pin_again() -> Any:
    """Back showed the page on which a number was used."""
    form = NewPinForm(formdata=None)
    form.form_errors.append(
        _("That did not work. If you have a new PIN already, sign in with it. If not, fill this in again.")
    )
    return render_template("auth/new_pin.html", form=form), 400


def _own_state_or_404() -> FormState:
    """The state of a form of the reader's, which they may still send."""
    state = sent_state()
    if state is None or state.by != current_user.id or not may_send(*drafts.matched(state.path)):
        abort(404)
    return state


def _keep_what_is_new(state: FormState) -> None:
    if not (g.unreadable or drafts.says_what_it_showed(state)):
        keep_sent(state)
