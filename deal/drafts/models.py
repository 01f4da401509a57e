"""What somebody typed and has not saved: one draft for every form with a box of words, for their own eyes."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import Response, current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from deal.clock import now
from deal.db import db, insert_into, number_sent

HELPED = "#helped"  # behind a draft's place: typed while somebody sat beside them, and shown only then
MOST_DRAFTS = 200  # of one person: the oldest go
DAYS = 30
FORGOTTEN = "forgotten"  # instead of a page: words that stood here were taken back at that moment
STATE = "draft"  # the hidden field that says which form this is, and what it showed
BUTTONS = {"do", "leave_to", "draft_row"}
NOT_KEPT = {"csrf_token", "held", "next", "keeps", STATE, *BUTTONS}  # of the page, not of the person
SECRET = {"pin", "present", "password", "code"}  # never kept, and never shown
TECHNICAL = {"once", "version"} | NOT_KEPT | SECRET

Fields = Mapping[str, Sequence[str]]


class Draft(db.Model):
    """What one open page keeps of a form; gone when the form is saved, or after 30 days."""

    author_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    place: Mapped[str] = mapped_column(String(200))  # the address that the form is sent to, and what it is about
    # one opening of the form: two tabs never overwrite each other
    page: Mapped[str] = mapped_column(String(20), default=lambda: secrets.token_urlsafe(9))
    version: Mapped[int] = mapped_column(default=1)  # counts up with every keep
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)  # as the form sends them, its `once` and version too
    kept_at: Mapped[datetime] = mapped_column(default=now, index=True)
    # saved by that press, and hidden unless it is undone
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)

    __table_args__ = (UniqueConstraint("author_id", "place", "page"), Index("ix_draft_place", "place"))

    @property
    def seen(self) -> str:
        """Stands for these words at this moment."""
        return f"{self.id}.{self.version}"

    def words(self, boxes: Iterable[str]) -> dict[str, str]:
        """What stands in the boxes, by name, without the empty ones."""
        return words_in(self.fields, boxes)


@dataclass(frozen=True)
class FormState:
    """Which form this is, who opened it, and which drafts it showed: signed, so that nobody can make one up."""

    by: int  # the person to whom it was shown
    place: str
    on: str  # the page on which it stands
    page: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    seen: Sequence[str] = ()
    replaces: Sequence[str] = ()  # of those: what stands in its boxes, and none that stands beside
    boxes: Sequence[str] = ()  # the names of the fields in which people write
    never: Sequence[str] = ()
    opened: float = field(default_factory=lambda: now().timestamp())
    shown: str | None = None  # a digest of the words that stood in the boxes

    @property
    def path(self) -> str:
        return self.place.partition("#")[0]

    def sealed(self) -> str:
        return _signer().dumps(asdict(self))

    def showed(self, draft: Draft) -> bool:
        """Whether whoever had this form open knows those words."""
        return draft.page == self.page or draft.seen in self.seen


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="draft")


def state_in(fields: Mapping[str, str]) -> FormState | None:
    """The state that came with a form, where we made it and it is not older than a draft may be."""
    try:
        return FormState(**_signer().loads(fields.get(STATE, ""), max_age=DAYS * 86_400))
    except (BadData, TypeError):
        return None


def sent_state() -> FormState | None:
    """Of the form that this request sends."""
    return state_in(request.form) if request.method == "POST" else None


def words_in(fields: Fields, boxes: Iterable[str]) -> dict[str, str]:
    """What stands in the boxes, by name, without the empty ones; one kind of line break."""
    said = ((name, "\n".join(fields.get(name, ())).replace("\r\n", "\n")) for name in boxes)
    return {name: value for name, value in said if value.strip()}


def sent_fields(state: FormState) -> dict[str, list[str]]:
    never = (NOT_KEPT | SECRET).union(state.never)
    sent = ((name, values) for name, values in request.form.lists() if name not in never)
    return {name: [value.replace("\r\n", "\n") for value in values] for name, values in sent}


def says_what_it_showed(state: FormState) -> bool:
    """Whether the boxes that were sent hold what the page showed."""
    return state.shown == digest(words_in(sent_fields(state), state.boxes))


def digest(words: Mapping[str, str]) -> str:
    """A short stand-in for words, to see later whether they were changed."""
    return sha256(repr(sorted(words.items())).encode()).hexdigest()[:16]


def drafts_at(place: str, author_id: int) -> Sequence[Draft]:
    """What somebody has not saved at a place, the newest first: more than one where two pages were open."""
    if place not in g.get("drafts_read", ()):
        read_drafts([place], author_id)
    return g.drafts_read.pop(place)


def read_drafts(places: Sequence[str], author_id: int) -> None:
    """Read those of several forms of one page in one statement, before the forms are made."""
    mine = select(Draft).where(Draft.author_id == author_id, Draft.place.in_(places), Draft.page != FORGOTTEN)
    mine = mine.where(Draft.submission_id.is_(None)).order_by(Draft.kept_at.desc(), Draft.id.desc())
    rows = db.session.scalars(mine.limit(5 * len(places))).all()
    g.drafts_read = {one: [row for row in rows if row.place == one][:5] for one in places}


def keep_sent(state: FormState) -> list[Draft] | None:
    """Keep what this request sends, for whoever opened the form, in place of what its boxes showed. Commits.

    Gives the other drafts of the place: what another page or device keeps, and this one has never shown; None where
    words were taken back since, and nothing is kept.
    """
    if _is_forgotten(state):
        return None
    keeps = number_sent(request.form.get("keeps"))
    about = {"resident_id": matched(state.path)[1].get("resident_id"), "place": state.place, "page": state.page}
    row = {"fields": sent_fields(state), "kept_at": now()}
    insert = insert_into(Draft).values(author_id=state.by, version=keeps or 1, **about, **row)
    newer = row | {"version": keeps or Draft.version + 1}
    late = insert.excluded.version >= Draft.version if keeps else None  # what left the page earlier is old
    keys = ["author_id", "place", "page"]
    try:
        db.session.execute(insert.on_conflict_do_update(index_elements=keys, set_=newer, where=late))
    except IntegrityError:  # the author, or whom it is about, was removed meanwhile
        db.session.rollback()
        return None
    rows = drafts_at(state.place, state.by)
    replaced = [one.id for one in rows if one.page != state.page and one.seen in state.replaces]
    mine = Draft.author_id == state.by
    newest = select(Draft.id).where(mine).order_by(Draft.kept_at.desc(), Draft.id.desc()).limit(MOST_DRAFTS)
    db.session.execute(delete(Draft).where(mine, Draft.id.in_(replaced) | Draft.id.not_in(newest)))
    db.session.commit()
    return [one for one in rows if not state.showed(one)]


def matched(path: str, method: str = "POST") -> tuple[str | None, dict[str, Any]]:
    """The endpoint that such a request to this address comes to, and the values in the address."""
    try:
        return current_app.create_url_adapter(request).match(path, method=method)  # type: ignore[union-attr,return-value]
    except (HTTPException, RequestRedirect):
        return None, {}


def drop_drafts(*conditions: Any) -> None:
    """The caller commits."""
    db.session.execute(delete(Draft).where(*conditions))


def forget_drafts_at(resident_id: int, *places: str) -> None:
    """Words were taken back that may stand in drafts there: they go, and a page open since before keeps none.

    The caller commits.
    """
    drop_drafts(Draft.place.in_([*places, *(place + HELPED for place in places)]))
    at = {"author_id": resident_id, "resident_id": resident_id, "page": FORGOTTEN, "fields": {}}
    db.session.add_all(Draft(place=place, **at) for place in places)


def _is_forgotten(state: FormState) -> bool:
    taken_back = Draft.place == state.place.removesuffix(HELPED), Draft.page == FORGOTTEN
    since = db.session.scalar(select(Draft.kept_at).where(*taken_back).order_by(Draft.id.desc()).limit(1))
    return since is not None and state.opened <= since.timestamp()


def drop_old_drafts() -> None:
    """The caller commits."""
    drop_drafts(Draft.kept_at < now() - timedelta(days=DAYS))


def saved() -> None:
    """The form that this request sends is saved, though the answer is no redirect: its drafts go."""
    g.form_is_saved = True


def drop_what_is_saved(answer: Response) -> Response:
    """After a POST that was kept: its drafts are none any more.

    Where the machine dies before, the draft has the `once` of the form that was saved: pressed again, it is kept once.
    """
    if answer.status_code != 303 and "form_is_saved" not in g:
        return answer
    rows = g.get("drafts_sent")
    if rows is None and (state := sent_state()) and state.path == request.path:  # an earlier press kept it
        rows = [one.id for one in drafts_at(state.place, state.by) if state.showed(one)]
    if rows:
        drop_drafts(Draft.id.in_(rows))
        db.session.commit()
    return answer


def hold_sent(submission_id: int, person_id: int) -> None:
    """Hold the words that this request sends, hidden, as long as its press can be undone. The caller commits."""
    state = sent_state()
    if state is None or state.by != person_id or state.path != request.path:
        return
    fields = sent_fields(state)
    if words_in(fields, state.boxes):
        about = {"resident_id": (request.view_args or {}).get("resident_id"), "place": state.place}
        db.session.add(Draft(author_id=person_id, fields=fields, submission_id=submission_id, **about))


def give_back(submission_id: int, person_id: int) -> None:
    """The press is undone: its words stand in the form again, as not saved. The caller commits."""
    held = Draft.submission_id == submission_id, Draft.author_id == person_id
    db.session.execute(update(Draft).where(*held).values(submission_id=None, kept_at=now()))
