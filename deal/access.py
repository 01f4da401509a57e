"""Who may open what: the label on every view, the check before every request, the loader.

| view is open to      | signed out      | the wrong role | the right role, another's row |
|----------------------|-----------------|----------------|-------------------------------|
| nobody (no label)    | 404             | 404            | 404                           |
| EVERYONE             | opens           | opens          | -                             |
| roles                | sign in         | 404            | 404, from resident_or_404     |
"""

from collections.abc import Callable
from typing import Any

from flask import abort, current_app, redirect, request
from flask_login import current_user

from deal.audit import log_access
from deal.people import Person, Role, coached_by

# Access: who may open what.

EVERYONE = frozenset({"everyone"})


def open_to(*roles: Role) -> Callable:
    """Label a view with the roles that may open it."""

    def label(view: Callable) -> Callable:
        view.audience = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return label


def open_to_everyone(view: Callable) -> Callable:
    """Label a view that needs no signing in."""
    view.audience = EVERYONE  # type: ignore[attr-defined]
    return view


def allow_in_assisted_mode(view: Callable) -> Callable:
    """Label a view that opens while somebody sits beside the resident; all others of theirs stay closed."""
    view.in_assisted_mode = True  # type: ignore[attr-defined]
    return view


def audience_of(endpoint: str) -> frozenset:
    """Who may open an endpoint: nobody, where its view says nothing."""
    if endpoint == "static":
        return EVERYONE
    return getattr(current_app.view_functions[endpoint], "audience", frozenset())


def check_access() -> Any:
    """Before every request: let it pass, ask to sign in, or answer as if the page were not there."""
    if request.endpoint is None:  # no such address, or a redirect to one: Flask's own answer
        return None
    audience = audience_of(request.endpoint)
    if audience is EVERYONE:
        return None
    if not audience:
        abort(404)
    if not current_user.is_authenticated:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    if current_user.role not in audience:
        abort(404)
    if not current_user.helper or _opens_in_assisted_mode(request.endpoint):
        return None
    if request.method == "POST":  # what another tab sends is shown back and not kept
        abort(409)
    return redirect(resident_url(current_user.id, "/helped"), 303)


def _opens_in_assisted_mode(endpoint: str) -> bool:
    return hasattr(current_app.view_functions[endpoint], "in_assisted_mode")


def resident_url(resident_id: int, below: str = "") -> str:
    """The address of a resident's first page, or of what stands below it: every room has pages of theirs there."""
    return f"/residents/{resident_id}{below}"


def resident_or_404(resident_id: int) -> Person:
    """The resident, for themselves and for their coach now; for anybody else there is no such page.

    Staff leave a line in the access log, once for each page and hour: the one write that a GET may make.
    """
    resident = _may_open(resident_id) or abort(404)
    if not current_user.is_resident:
        log_access(request.endpoint, [resident_id])
    return resident


def _may_open(resident_id: int) -> Person | None:
    if current_user.is_resident and current_user.id == resident_id:
        return current_user._get_current_object()
    return coached_by(current_user, resident_id) if current_user.is_coach else None


def may_send(endpoint: str | None, values: dict[str, Any]) -> bool:
    """Whether the reader may send a form to that view now, about whom the address names. It leaves no look."""
    if endpoint is None or current_user.role not in audience_of(endpoint):
        return False
    if current_user.helper and not _opens_in_assisted_mode(endpoint):
        return False
    return "resident_id" not in values or _may_open(values["resident_id"]) is not None


def own_or_404(resident_id: int) -> Person:
    """The resident, for themselves alone."""
    resident = resident_or_404(resident_id) if current_user.is_resident else None
    return resident or abort(404)
