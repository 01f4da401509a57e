"""What was typed and is not saved, as it arrives: from the script, from a button that leaves, from another session."""

from typing import Any

from flask import abort, flash, g, redirect, render_template, request
from flask_babel import format_time
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import update

from deal.access import EVERYONE, also_with_a_helper, audience_of, may_send, open_to
from deal.accounts import bp
from deal.accounts.forms import NewPinForm
from deal.accounts.held import is_secret
from deal.accounts.models import OneTimeKind, invitation_by_code, one_time_code
from deal.accounts.sessions import remembered_name
from deal.accounts.sign_in import AGAIN, ask_to_sign_in, go_on_to, held_page, keep_for, local
from deal.db import db, now
from deal.drafts.models import (
    Draft,
    FormState,
    drop_drafts,
    drop_what_is_saved,
    keep_sent,
    matched,
    says_what_it_showed,
    sent_state,
)
from deal.forms import NOT_LETTERS
from deal.people import Role
from deal.undo import cannot_be_undone

ALL = (Role.RESIDENT, Role.COACH, Role.MANAGER)

bp.after_app_request(drop_what_is_saved)


@bp.post("/draft")
@open_to(*ALL)
@also_with_a_helper
@cannot_be_undone("it is about what is not saved yet")
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
@open_to(*ALL)
@also_with_a_helper
@cannot_be_undone("it is about what is not saved yet")
def leave_page():
    """The language switch, or Back: the words of the page are kept on the way."""
    _keep_what_is_new(_own_state_or_404())
    return redirect(local(request.form.get("leave_to")) or "/", 303)


@bp.post("/draft/use")
@open_to(*ALL)
@also_with_a_helper
@cannot_be_undone("it is about what is not saved yet")
def use_draft():
    """What was typed on another page or device comes into the boxes; what stood in them is kept beside it."""
    state = _own_state_or_404()
    _keep_what_is_new(state)
    chosen = Draft.id == _draft_row(), Draft.author_id == state.by, Draft.place == state.place
    db.session.execute(update(Draft).where(*chosen).values(kept_at=now()))
    db.session.commit()
    return redirect(state.on, 303)


@bp.post("/draft/throw-away")
@open_to(*ALL)
@also_with_a_helper
@cannot_be_undone("it is about what is not saved yet")
def throw_draft_away():
    """That draft is gone, and with the one in the boxes what was typed since; else that is kept."""
    state = _own_state_or_404()
    thrown = Draft.id == _draft_row()
    if request.form.get("draft_row", "").endswith(" here"):
        thrown |= Draft.page == state.page
    else:
        _keep_what_is_new(state)
    drop_drafts(Draft.author_id == state.by, Draft.place == state.place, thrown)
    db.session.commit()
    flash(_("That is thrown away."))
    return redirect(state.on, 303)


def answer_to_another_session() -> Any:
    """Where a form comes that was opened in another session: sign in first, or who is signed in now.

    What was typed is kept for whoever opened the form, and shown to nobody else. None where it is no such form.
    """
    if request.endpoint is None or audience_of(request.endpoint) in (EVERYONE, frozenset()):
        return _answer_to_who_comes_in()
    if not current_user.is_authenticated:
        return ask_to_sign_in()
    state = keep_for(request.path)
    if state is None:
        return None
    if request.endpoint == "accounts.keep_draft":
        return {"sentence": _("You have been signed out.")}, 401
    if state.by == current_user.id and is_secret():
        return go_on_to(state.on + AGAIN)
    if state.by == current_user.id:
        return held_page(request.full_path.rstrip("?")), 409
    return render_template("accounts/somebody_else.html"), 409


def _answer_to_who_comes_in() -> Any:
    """Where Back showed the page on which a code was used: that it was done already, or what to do."""
    if request.endpoint == "accounts.set_new_pin":
        form = NewPinForm(formdata=None, name=remembered_name())
        form.form_errors.append(
            _("That did not work. If you have a new PIN already, sign in with it. If not, fill this in again.")
        )
        return render_template("accounts/new_pin.html", form=form), 400
    code = (request.view_args or {}).get("code")
    found = code and (invitation_by_code(code) or one_time_code(OneTimeKind.JOIN, code))
    return redirect(request.path, 303) if found and found.used_at else None


def _own_state_or_404() -> FormState:
    """The state of a form of the reader's, which they may still send."""
    state = sent_state()
    if state is None or state.by != current_user.id or not may_send(*matched(state.path)):
        abort(404)
    return state


def _keep_what_is_new(state: FormState) -> None:
    if not (g.unreadable or says_what_it_showed(state)):
        keep_sent(state)


def _draft_row() -> int:
    number = request.form.get("draft_row", "").partition(" ")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0
