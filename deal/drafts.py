"""What somebody typed and has not saved: one draft for every form with a box of words, for their own eyes."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any, ClassVar

from flask import Response, current_app, g, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from wtforms import HiddenField, PasswordField, StringField

from deal.db import db, insert_into, now

HELPED = "#helped"  # behind a draft's place: typed while somebody sat beside them, and shown only then
MOST_DRAFTS = 200  # of one person: the oldest go
DAYS = 30
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
    page: Mapped[str] = mapped_column(
        String(20), default=lambda: secrets.token_urlsafe(9)
    )  # one opening of the form: two tabs never overwrite each other
    version: Mapped[int] = mapped_column(default=1)  # counts up with every keep
    fields: Mapped[dict[str, Any]] = mapped_column(JSON)  # as the form sends them, its once key and version too
    kept_at: Mapped[datetime] = mapped_column(default=now, index=True)

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
    seen: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)  # the names of the fields in which people write
    never: list[str] = field(default_factory=list)
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


def _sent_fields(state: FormState) -> dict[str, list[str]]:
    never = (NOT_KEPT | SECRET).union(state.never)
    return {
        name: [value.replace("\r\n", "\n") for value in values]
        for name, values in request.form.lists()
        if name not in never
    }


def says_what_it_showed(state: FormState) -> bool:
    """Whether the boxes that were sent hold what the page showed."""
    return state.shown == digest(words_in(_sent_fields(state), state.boxes))


def digest(words: Mapping[str, str]) -> str:
    """A short stand-in for words, to see later whether they were changed."""
    return sha256(repr(sorted(words.items())).encode()).hexdigest()[:16]


def drafts_at(place: str, author_id: int) -> Sequence[Draft]:
    """What somebody has not saved at a place, the newest first: more than one where two pages were open."""
    mine = select(Draft).filter_by(author_id=author_id, place=place)
    return db.session.scalars(mine.order_by(Draft.kept_at.desc(), Draft.id.desc()).limit(5)).all()


def keep_sent(state: FormState) -> list[Draft]:
    """Keep what this request sends, for whoever opened the form; what it knew of is replaced. Commits.

    Gives the other drafts of the place: what another page or device keeps, and this one has never shown.
    """
    number = request.form.get("keeps", "")
    resident_id = matched(state.path)[1].get("resident_id")
    row = {"author_id": state.by, "resident_id": resident_id, "place": state.place, "page": state.page}
    row |= {"fields": _sent_fields(state), "kept_at": now()}
    row["version"] = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
    insert = insert_into(Draft).values(row | {"version": row["version"] or 1})
    newer = {"fields": row["fields"], "kept_at": row["kept_at"], "version": row["version"] or Draft.version + 1}
    # what left the page earlier and arrives later is old
    late = insert.excluded.version >= Draft.version if row["version"] else None
    keys = ["author_id", "place", "page"]
    try:
        db.session.execute(insert.on_conflict_do_update(index_elements=keys, set_=newer, where=late))
    except IntegrityError:  # the author, or whom it is about, was removed meanwhile
        db.session.rollback()
        return []
    rows = drafts_at(state.place, state.by)
    known = [one.id for one in rows if one.page != state.page and one.seen in state.seen]
    mine = Draft.author_id == state.by
    newest = select(Draft.id).where(mine).order_by(Draft.kept_at.desc(), Draft.id.desc()).limit(MOST_DRAFTS)
    db.session.execute(delete(Draft).where(mine, Draft.id.in_(known) | Draft.id.not_in(newest)))
    db.session.commit()
    return [one for one in rows if not state.showed(one)]


def matched(path: str) -> tuple[str | None, dict[str, Any]]:
    """The endpoint that a POST to this address comes to, and the values in the address."""
    try:
        return current_app.create_url_adapter(request).match(path, method="POST")  # type: ignore[union-attr,return-value]
    except (HTTPException, RequestRedirect):
        return None, {}


def drop_drafts(*conditions: Any) -> None:
    """The caller commits."""
    db.session.execute(delete(Draft).where(*conditions))


def drop_drafts_at(*places: str) -> None:
    """Whoever was typing there, alone or with a helper; the caller commits."""
    drop_drafts(Draft.place.in_([*places, *(place + HELPED for place in places)]))


def drop_old_drafts() -> None:
    """Tidy drafts that were left for 30 days; the caller commits."""
    drop_drafts(Draft.kept_at < now() - timedelta(days=DAYS))


def saved() -> None:
    """The form that this request sends is saved, though the answer is no redirect: its drafts go."""
    g.form_is_saved = True


def drop_what_is_saved(answer: Response) -> Response:
    """After a POST that was kept: its drafts are none any more.

    Where the machine dies before, the draft has the once key of the form that was saved: pressed again, it counts once.
    """
    rows = g.get("drafts_sent", ())
    if rows and (answer.status_code == 303 or g.get("form_is_saved")):
        drop_drafts(Draft.id.in_(rows))
        db.session.commit()
    return answer


class DraftedForm(FlaskForm):
    """A form whose boxes are kept as somebody types, and filled with that when the page is opened again."""

    drafted: ClassVar[bool | None] = None  # unless said: where it has a box of words, and no secret
    never_kept: ClassVar[frozenset[str]] = frozenset()  # boxes that are secrets
    sent_to: ClassVar[str | None] = None  # the endpoint, where it is not the page's own address
    draft: Draft | None = None  # what stands in the boxes
    other_drafts: Sequence[Draft] = ()  # what another page or device keeps
    parts: Sequence[FlaskForm] = ()  # forms that stand inside this one
    _rows: Sequence[Draft] = ()

    def process(self, formdata: Any = None, *args: Any, **kwargs: Any) -> None:
        """As WTForms does; a page that is opened shows what was typed there before and not saved."""
        formdata = self.meta.wrap_formdata(self, formdata)
        super().process(formdata, *args, **kwargs)
        if formdata is not None or not self.keeps_drafts:
            return
        fresh, self._rows = self.draft_content(), drafts_at(self.draft_place, current_user.id)
        for row in self._rows:
            super().process(MultiDict(row.fields), *args, **kwargs)
            if self.draft_content() != fresh:
                self.draft = row
                break
        else:  # a draft that says what is saved is none
            super().process(None, *args, **kwargs)
        said = self.draft.words(self.boxes) if self.draft else {}
        self.other_drafts = [one for one in self._rows if one.words(self.boxes) not in ({}, said)] if said else []

    def draft_content(self) -> Any:
        """What stands in the form, to be compared."""
        return {one.name: one.data for one in self if one.name not in TECHNICAL}

    @property
    def boxes(self) -> list[str]:
        """The names of the fields in which people write."""
        fields = [one for form in (self, *self.parts) for one in form]
        if any(isinstance(one, PasswordField) for one in fields):
            return []
        texts = (one for one in fields if isinstance(one, StringField) and not isinstance(one, HiddenField))
        return [one.name for one in texts if one.name not in self.never_kept]

    @property
    def keeps_drafts(self) -> bool:
        """Whether it is a form of somebody signed in with something to keep."""
        if self.drafted is False or self._prefix or not (current_user and current_user.is_authenticated):
            return False
        return bool(self.drafted or self.boxes)

    @cached_property
    def draft_place(self) -> str:
        """The address that it is sent to, and what it is about; what is typed beside a helper has its own place."""
        path, values = request.path, request.view_args or {}
        if (sent := sent_state()) and sent.path == path and not self.sent_to:
            return sent.place
        if self.sent_to:
            rule = next(current_app.url_map.iter_rules(self.sent_to))
            path = url_for(self.sent_to, **{name: values[name] for name in rule.arguments})
        about = (one for one in self if isinstance(one, HiddenField) and one.name not in TECHNICAL and one.data)
        return "#".join([path, *(f"{one.name}={one.data}" for one in about)]) + (HELPED if current_user.helper else "")

    @cached_property
    def form_state(self) -> FormState:
        """What the page carries of it."""
        sent = sent_state()
        on = request.full_path.rstrip("?") if request.method == "GET" else sent.on if sent else self.draft_place
        state = FormState(current_user.id, self.draft_place, on.partition("#")[0], never=sorted(self.never_kept))
        state.seen.extend(one.seen for one in self._rows)
        state.boxes.extend(self.boxes)
        return state

    def sealed_state(self) -> str:
        """As the hidden field carries it, when the page is drawn."""
        shown = {one.name: [one._value()] for form in (self, *self.parts) for one in form if one.name in self.boxes}
        was = digest(words_in(shown, self.boxes)) if request.method == "GET" else None
        return replace(self.form_state, shown=was).sealed()

    @cached_property
    def form_id(self) -> str:
        """Names the form on the page that draws it: buttons outside it may belong to it."""
        drawn = g.setdefault("drawn_forms", [])
        drawn.append(self)
        return f"form-{len(drawn)}"

    def knows_its_drafts(self) -> bool:
        """Whether nothing else was typed here on another page; else the page shows both, and the person chooses."""
        state = sent_state() if self.keeps_drafts else None
        if state is None or state.by != current_user.id or state.path != request.path:
            return True
        self._rows = drafts_at(state.place, state.by)
        sent = words_in(_sent_fields(state), state.boxes)
        others = [one for one in self._rows if not state.showed(one) and one.words(state.boxes) not in ({}, sent)]
        g.drafts_sent = [one.id for one in self._rows]
        self.other_drafts = others
        return not others
