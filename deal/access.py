"""Who may open what: the label on every view, the guard before every request, the loader, the look.

| view is open to      | signed out      | the wrong role | the right role, another's row |
|----------------------|-----------------|----------------|-------------------------------|
| nobody (no label)    | 404             | 404            | 404                           |
| EVERYONE             | opens           | opens          | -                             |
| roles                | sign in         | 404            | 404, from resident_or_404     |
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from flask import abort, current_app, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import Connection, ForeignKey, Index, String, UniqueConstraint, case, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from deal.clock import now
from deal.db import db, insert_into
from deal.people import Person, Role, coached_by

# Audit: who looked, and when they looked last.


class Look(db.Model):
    """Staff opened a resident's words: who, which page, in which hour. The resident reads it."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    page: Mapped[str] = mapped_column(String(60))  # the endpoint
    hour: Mapped[datetime]  # its first instant
    staff: Mapped[Person] = relationship(foreign_keys=staff_id)

    __table_args__ = (
        UniqueConstraint("resident_id", "staff_id", "page", "hour"),
        Index("ix_look_resident_id_id", "resident_id", "id"),
    )


class Seen(db.Model):
    """When staff last opened a resident's own page, and the time before that: what came since is marked as new."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    before: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("resident_id", "staff_id"),)


SITTING = timedelta(minutes=30)  # opening the page again within it is the same look


def last_seen(resident: Person) -> datetime | None:
    """When the reader last looked before this sitting; this look is kept. Commits."""
    at = now()
    again = {"at": at, "before": case((Seen.at >= at - SITTING, Seen.before), else_=Seen.at)}
    insert = insert_into(Seen).values(resident_id=resident.id, staff_id=current_user.id, at=at)
    seen = insert.on_conflict_do_update(index_elements=["resident_id", "staff_id"], set_=again)
    last = db.session.scalar(seen.returning(Seen.before))
    db.session.commit()
    return last


# looks are never changed, and go only with the resident whose they are
TRIGGERS = {
    "sqlite": (
        "CREATE TRIGGER IF NOT EXISTS look_is_never_changed BEFORE UPDATE ON look "
        "BEGIN SELECT RAISE(ABORT, 'a look is never changed'); END",
        "CREATE TRIGGER IF NOT EXISTS look_goes_with_its_resident BEFORE DELETE ON look "
        "WHEN EXISTS (SELECT 1 FROM person WHERE id = OLD.resident_id) "
        "BEGIN SELECT RAISE(ABORT, 'a look goes only with its resident'); END",
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION look_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'UPDATE' OR EXISTS (SELECT 1 FROM person WHERE id = OLD.resident_id) THEN "
        "RAISE EXCEPTION 'a look is never changed, and goes only with its resident'; END IF; RETURN OLD; END $$",
        "CREATE OR REPLACE TRIGGER look_is_kept BEFORE UPDATE OR DELETE ON look "
        "FOR EACH ROW EXECUTE FUNCTION look_is_kept()",
    ),
}


def drop_triggers(connection: Connection) -> None:
    """Take SQLite's triggers away while a migration remakes tables."""
    if connection.dialect.name == "sqlite":
        for name in ("look_is_never_changed", "look_goes_with_its_resident"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))


def make_triggers(connection: Connection) -> None:
    """Make the triggers again where a migration dropped them; safe to repeat."""
    for statement in TRIGGERS[connection.dialect.name]:
        connection.execute(text(statement))


def leave_looks(page: str | None, residents: Iterable[int]) -> None:
    """The reader opened words of theirs on that page; one statement for all of them. Commits."""
    hour = now().replace(minute=0, second=0, microsecond=0)
    looks = [{"resident_id": one, "staff_id": current_user.id, "page": page, "hour": hour} for one in residents]
    if looks:
        db.session.execute(insert_into(Look).values(looks).on_conflict_do_nothing())
        db.session.commit()


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


def also_with_a_helper(view: Callable) -> Callable:
    """Label a view that opens while somebody sits beside the resident; all others of theirs stay closed."""
    view.with_a_helper = True  # type: ignore[attr-defined]
    return view


def audience_of(endpoint: str) -> frozenset:
    """Who may open an endpoint: nobody, where its view says nothing."""
    if endpoint == "static":
        return EVERYONE
    return getattr(current_app.view_functions[endpoint], "audience", frozenset())


def guard() -> Any:
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
    if not current_user.helper or _opens_with_a_helper(request.endpoint):
        return None
    if request.method == "POST":  # what another tab sends is shown back and not kept
        abort(409)
    return redirect(url_for("assessment.helped", resident_id=current_user.id), 303)


def _opens_with_a_helper(endpoint: str) -> bool:
    return hasattr(current_app.view_functions[endpoint], "with_a_helper")


def resident_or_404(resident_id: int) -> Person:
    """The resident, for themselves and for their coach now; for anybody else there is no such page.

    Staff leave a look, once for each page and hour: the one write that a GET may make.
    """
    resident = _may_open(resident_id) or abort(404)
    if not current_user.is_resident:
        leave_looks(request.endpoint, [resident_id])
    return resident


def _may_open(resident_id: int) -> Person | None:
    if current_user.is_resident and current_user.id == resident_id:
        return current_user._get_current_object()
    return coached_by(current_user, resident_id) if current_user.is_coach else None


def may_send(endpoint: str | None, values: dict[str, Any]) -> bool:
    """Whether the reader may send a form to that view now, about whom the address names. It leaves no look."""
    if endpoint is None or current_user.role not in audience_of(endpoint):
        return False
    if current_user.helper and not _opens_with_a_helper(endpoint):
        return False
    return "resident_id" not in values or _may_open(values["resident_id"]) is not None


def own_or_404(resident_id: int) -> Person:
    """The resident, for themselves alone."""
    resident = resident_or_404(resident_id) if current_user.is_resident else None
    return resident or abort(404)
