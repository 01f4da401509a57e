"""A form that is kept as somebody types, and filled with that when its page is opened again."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from flask import current_app, g, request, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, PasswordField, StringField

from deal.drafts.models import (
    HELPED,
    TECHNICAL,
    Draft,
    FormState,
    digest,
    drafts_at,
    read_drafts,
    sent_fields,
    sent_state,
    words_in,
)


def leaving_form() -> "DraftedForm | None":
    """Of the forms that the page has drawn, the one whose words go along with the links that leave it."""
    drawn = g.get("drawn_forms", [])
    return g.leaving_form if g.get("leaving_form") in drawn else next(iter(drawn), None)


def _place(form: "DraftedForm | type[DraftedForm]", *about: str) -> str:
    """The address that a form is sent to, this page's unless it says another, and what it is about."""
    path, values = request.path, form.sent_with | (request.view_args or {})
    if form.sent_to:
        rule = next(current_app.url_map.iter_rules(form.sent_to))
        path = url_for(form.sent_to, **{name: values[name] for name in rule.arguments})
    return "#".join([path, *about]) + (HELPED if current_user.helper else "")


def read_together(*forms: "type[DraftedForm]") -> None:
    """Read the drafts of several forms of one page at once; to be called before they are made."""
    read_drafts([_place(one) for one in forms], current_user.id)


class DraftedForm(FlaskForm):
    """A form whose boxes are kept as somebody types, and filled with that when the page is opened again."""

    drafted: ClassVar[bool | None] = None  # unless said: where it has a box of words, and no secret
    never_kept: ClassVar[frozenset[str]] = frozenset()  # boxes that are secrets
    sent_to: str | None = None  # the endpoint, where it is not the page's own address
    sent_with: ClassVar[dict[str, str]] = {}  # what that address names, and the page's does not
    draft_about: ClassVar[tuple[str, ...]] = ()  # hidden fields: what it is about
    draft: Draft | None = None  # what stands in the boxes
    other_drafts: Sequence[Draft] = ()  # what another page or device keeps
    parts: Sequence[FlaskForm] = ()  # forms that stand inside this one
    _rows: Sequence[Draft] = ()
    _replaces: Sequence[str] = ()  # the drafts that what is typed here goes on from

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
                self.draft, said = row, row.words(self.boxes)
                self.other_drafts = [one for one in self._rows if one.words(self.boxes) not in ({}, said)]
                break
        else:  # a draft that says what is saved is none
            super().process(None, *args, **kwargs)
        self._replaces = [one.seen for one in self._rows if one not in self.other_drafts]

    def draft_content(self) -> Any:
        """What stands in the form, to be compared: what cannot be read too, such as an impossible day."""
        unread = {one.name: "".join(one.raw_data) for one in self if one.process_errors and one.raw_data}
        return {one.name: unread.get(one.name) or one.data for one in self if one.name not in TECHNICAL}

    def _all_fields(self) -> list[Field]:
        return [one for form in (self, *self.parts) for one in form]

    @property
    def boxes(self) -> list[str]:
        """The names of the fields in which people write."""
        fields = self._all_fields()
        if any(isinstance(one, PasswordField) for one in fields):
            return []
        texts = (one for one in fields if isinstance(one, StringField) and not isinstance(one, HiddenField))
        return [one.name for one in texts if one.name not in self.never_kept]

    @property
    def secrets(self) -> list[str]:
        """The names of the fields that are never kept, nor shown."""
        return [*self.never_kept, *(one.name for one in self if isinstance(one, PasswordField))]

    @property
    def has_state(self) -> bool:
        """Whether the page carries it: to keep drafts, or to say which of its fields are secrets."""
        return self.keeps_drafts or bool(self.secrets and current_user and current_user.is_authenticated)

    @property
    def keeps_drafts(self) -> bool:
        """Whether it is a form of somebody signed in with something to keep."""
        if self.drafted is False or self._prefix or not (current_user and current_user.is_authenticated):
            return False
        return bool(self.drafted or self.boxes)

    @cached_property
    def draft_place(self) -> str:
        """The address that it is sent to, and what it is about; what is typed beside a helper has its own place."""
        if (sent := sent_state()) and sent.path == request.path and not self.sent_to:
            return sent.place
        about = (f"{name}={self[name].data}" for name in self.draft_about if self[name].data)
        return _place(self, *about)

    @cached_property
    def form_state(self) -> FormState:
        """What the page carries of it, as it is drawn."""
        sent = sent_state()
        on = request.full_path.rstrip("?") if request.method == "GET" else sent.on if sent else self.draft_place
        shown = {one.name: [one._value()] for one in self._all_fields() if one.name in self.boxes}
        return FormState(
            by=current_user.id,
            place=self.draft_place,
            on=on.partition("#")[0],
            seen=[one.seen for one in self._rows],
            replaces=self._replaces,
            boxes=self.boxes,
            never=self.secrets,
            shown=digest(words_in(shown, self.boxes)) if request.method == "GET" else None,
        )

    @cached_property
    def form_id(self) -> str:
        """Names the form on the page that draws it: buttons outside it may belong to it."""
        drawn = g.setdefault("drawn_forms", [])
        drawn.append(self)
        return f"form-{len(drawn)}"

    def drawn_first(self) -> Self:
        """The form of its page whose words go along with the links that leave it, where the page draws it."""
        g.leaving_form = self
        return self

    def knows_its_drafts(self) -> bool:
        """Whether nothing else was typed here on another page; else the page shows both, and the person chooses."""
        state = sent_state() if self.keeps_drafts else None
        if state is None or state.by != current_user.id or state.path != request.path:
            return True
        self._rows = drafts_at(state.place, state.by)
        sent = words_in(sent_fields(state), state.boxes)
        others = [one for one in self._rows if not state.showed(one) and one.words(state.boxes) not in ({}, sent)]
        self._replaces = [*state.replaces, *(one.seen for one in self._rows if one.page == state.page)]
        g.drafts_sent = [one.id for one in self._rows]
        self.other_drafts = others
        return not others
