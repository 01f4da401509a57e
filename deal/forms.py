"""What every form of Deal has in common: fields that keep words; of two presses of one page one counts."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar, Self
from urllib.parse import unquote_to_bytes

from flask import abort, current_app, g, render_template, request
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, RadioField, SelectChoice, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from deal.config import MOST_SENT
from deal.drafts.forms import DraftedForm
from deal.idempotency import keep_once
from deal.names import one_line

MOST_CHARACTERS = 10_000


def read_the_body() -> None:
    """Before every POST: note whether all that was sent are letters.

    Werkzeug turns bytes that are no UTF-8 (a lone surrogate among them) silently into other characters; a NUL
    cannot be kept by PostgreSQL. The form then says so and shows what did arrive.
    """
    g.unreadable = False
    if request.method == "POST":
        if request.mimetype == "multipart/form-data":
            request.max_content_length = current_app.config["MOST_IN_FILES"]
        elif (request.content_length or 0) > current_app.config["MAX_CONTENT_LENGTH"]:
            if current_user.is_authenticated:  # they are given back what they typed, so it is read all the same
                request.max_content_length = MOST_SENT
                request.form  # noqa: B018  it stays read
            abort(413)
        body = request.get_data(cache=True, parse_form_data=False)
        if request.mimetype == "application/x-www-form-urlencoded":
            body = unquote_to_bytes(body)
        try:
            g.unreadable = "\0" in body.decode("utf-8")
        except UnicodeDecodeError:
            g.unreadable = True


def one_line_break(value: str | None) -> str | None:
    """A browser's CRLF becomes LF, and nothing else: words are kept letter for letter."""
    return value.replace("\r\n", "\n") if value else value


def has_words(value: str | None) -> bool:
    """Whether there is anything but white space."""
    return bool(value and value.strip())


class WordsField(TextAreaField):
    """A person's own words: never trimmed, at most 10,000 characters, empty allowed unless `needed`."""

    def __init__(self, label: Any, needed: Any = None, **kwargs: Any) -> None:
        required = [DataRequired(needed)] if needed else []
        super().__init__(label, [*required, not_too_long], filters=[one_line_break], **kwargs)

    @property
    def said(self) -> str | None:
        """The words, or None where there are none."""
        return self.data if has_words(self.data) else None

    @property
    def can_be_spoken(self) -> bool:
        """Whether it is the first box on the page: a phone's keyboard may have a microphone."""
        return g.setdefault("first_box", self) is self


def not_too_long(_form: FlaskForm, field: Any) -> None:
    """A browser counts a line break as one character, and so do we."""
    if field.data and len(field.data) > MOST_CHARACTERS:
        too_long = _l("That is %(number)s characters. We can keep up to 10,000: please make it a little shorter.",
                      number=f"{len(field.data):,}")  # fmt: skip
        raise ValidationError(too_long)


class LineField(StringField):
    """One line, such as a name: white space at its ends is no part of it."""

    def __init__(
        self, label: Any, needed: Any = None, most: int = 200, too_long: Any = None, checks: Any = (), **kwargs: Any
    ) -> None:
        message = too_long or _l("Please use at most %(most)s characters.", most=most)
        required = [DataRequired(needed)] if needed else []
        super().__init__(label, [*required, Length(max=most, message=message), *checks], filters=[one_line], **kwargs)


# a number to ring: in full, as people write it, or 116 123 and its like
TELEPHONE = r"116 ?[0-9]{3}|[+0](?:[ -]?[0-9]){7,13}"


def telephone(_form: FlaskForm, field: Any) -> None:
    """Refuse what can be no telephone number; nothing at all is none."""
    number = re.sub(r"[ ().-]", "", field.data or "")
    if number and not re.fullmatch(TELEPHONE, number):
        raise ValidationError(
            _l("That cannot be a telephone number. Write all of it, with numbers, such as 01632 960123.")
        )


class TelephoneField(LineField):
    """A number that can be rung; empty allowed unless `needed`."""

    def __init__(self, label: Any, needed: Any = None, **kwargs: Any) -> None:
        kw = {"type": "tel", "autocomplete": "off", "class": "govuk-input--width-20"}
        super().__init__(label, needed, most=40, checks=[telephone], render_kw=kw, **kwargs)


NOT_OFFERED = _l("That is not one of the choices. Please choose from the list.")


def choices_of(labels: Mapping[Any, Any]) -> list[SelectChoice]:
    """What a field offers: a label for each value that is sent, or for each of an enum's."""
    return [SelectChoice(value=getattr(one, "value", one), label=label) for one, label in labels.items()]


SCALE = choices_of({str(number): str(number) for number in range(11)})


class TicksField(SelectMultipleField):
    """Tick any of the choices, or none."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, invalid_choice_message=NOT_OFFERED, **kwargs)


class NumberField(IntegerField):
    """A whole number within bounds, with our own sentence where it is none."""

    def __init__(self, label: Any, least: int, most: int, **kwargs: Any) -> None:
        sentence = _l("Write a whole number from %(least)s to %(most)s.", least=least, most=most)
        checks = [InputRequired(sentence), NumberRange(least, most, sentence)]
        kw = {"inputmode": "numeric", "class": "govuk-input--width-4", "type": "text"}
        super().__init__(label, checks, invalid_value_message=sentence, render_kw=kw, **kwargs)


class OneOfField(RadioField):
    """Choose one; none is no mistake, unless `needed` says what to do."""

    def __init__(self, label: Any, needed: Any = None, **kwargs: Any) -> None:
        checks = [InputRequired(needed)] if needed else [Optional()]
        messages = {"invalid_value_message": NOT_OFFERED, "invalid_choice_message": NOT_OFFERED}
        super().__init__(label, checks, **messages, **kwargs)

    def pre_validate(self, form: FlaskForm) -> None:
        """Nothing but what is offered."""
        if self.data is not None:
            super().pre_validate(form)


TYPED_ELSEWHERE = _l("You typed something else here, on another page or device. Read it below, then press Save again.")
NOT_LETTERS = _l("Some letters did not reach us as you typed them. Look at your words below and press Save again.")


class Form(DraftedForm):
    """A page's form: `once` stands for this filling-in of it, so that a double press is kept once."""

    adds: ClassVar[bool] = True  # whether a second press would be one too many
    once = HiddenField(default=lambda: secrets.token_urlsafe(16))

    def validate(self, extra_validators: Any = None) -> bool:
        """As WTForms does, and refuse what did not arrive as letters. What is good is kept once: see idempotency."""
        good, knows = super().validate(extra_validators), self.knows_its_drafts()
        refused = NOT_LETTERS if g.get("unreadable") else None if knows else TYPED_ELSEWHERE
        if refused:
            self.form_errors.append(refused)
        elif good and not self._prefix:
            keep_once(self.adds)
        return good and not refused

    def apart(self, name: str) -> Self:
        """Its boxes' ids begin with this: several forms with boxes of the same name stand on one page."""
        for field in self:
            field.id = f"{name}-{field.name}"
        return self

    @property
    def token(self) -> str:
        """What a code is made from: random, of this page's filling-in and this address alone."""
        return f"{self.once.data or secrets.token_urlsafe(16)} {request.path}"


class VersionedForm(Form):
    """A form about something that others may change meanwhile: it carries the version that its page showed."""

    version = HiddenField()
    moved: Any = _l("Somebody changed this while your page was open. Look at it, then press Save again.")

    def starts_from(self, current: object) -> bool:
        """The page shows this (a number, or the fields by name), or a draft that may have begun from something older.

        False where it did: a sentence says so, as `is_fresh` does.
        """
        if self.draft is not None:
            return self.is_fresh(current)
        self.version.data = _version_of(current)
        return True

    def is_fresh(self, current: object) -> bool:
        """Whether what is sent may be kept; else a sentence says so, and pressing again keeps it.

        Fields by name are compared one by one: where only somebody else changed one, theirs stays; where both did,
        what stands now is shown beside it. A press that carries no version counts as it is.
        """
        shown, now_is = self.version.data or "", _version_of(current)
        self.version.data = now_is
        if shown in ("", now_is):
            return True
        if isinstance(current, Mapping):
            by_others = {one.partition(":")[0] for one in set(now_is.split()) - set(shown.split())}
            return not [name for name in by_others if self._changed_too(name, current[name], shown.split())]
        self.form_errors.append(self.moved)
        return False

    def refused(self, current: object) -> int | None:
        """The status where nothing is kept: 422 for what wants putting right, 409 for what moved meanwhile."""
        if not self.validate():
            return 422
        return None if self.is_fresh(current) else 409

    def _changed_too(self, name: str, value: Any, shown: list[str]) -> bool:
        """Whether this person changed what others changed to that value, otherwise; what they left becomes theirs."""
        field = self[name]
        if f"{name}:{_digest(field.data)}" in shown:
            field.process_data(value)
            field.raw_data = None
            return False
        if _digest(field.data) == _digest(value):
            return False
        labels = {one.value: one.label for one in getattr(field, "choices", None) or ()}
        field.stands_now = labels.get(value, value) or _l("(empty)")
        field.errors = [VersionedForm.moved]
        return True


def _version_of(current: object) -> str:
    if isinstance(current, Mapping):
        return " ".join(f"{name}:{_digest(value)}" for name, value in current.items())
    return "0" if current is None else str(current)


def _digest(value: Any) -> str:
    """In short what stands in a field; nothing and an empty text are one."""
    return hashlib.sha256(str("" if value is None else value).encode("utf-8", "replace")).hexdigest()[:12]


def forms_of_page(sent: Form | None, **forms: Form) -> dict[str, Form]:
    """The forms of one page; the one that was sent and not kept stands in the place of its kind, with its words."""
    return {name: sent.drawn_first() if sent and type(sent) is type(one) else one for name, one in forms.items()}


class EmptyForm(Form):
    """A form that is one button and says what is so: pressed again, that is made so again."""

    adds = False


class AddingForm(EmptyForm):
    """A button that makes something each time that its page is opened anew."""

    adds = True


def validate_or_400(kind: type[EmptyForm] = EmptyForm) -> EmptyForm:
    """The press of that button; one that did not come as it was sent changes nothing."""
    press = kind()
    return press if press.validate() else abort(400)


def optional_number(value: str) -> int | None:
    """Coerces a radio's 0 to 10; nothing chosen is None."""
    return None if value in (None, "", "None") else int(value)


def form_page(template: str, form: Any, **page: Any) -> tuple[str, int]:
    """A page with its form: 422 where what was sent has to be put right, 409 where it is about what stands no more."""
    shown = render_template(template, form=form, **page)
    if form is None or not form.is_submitted():
        return shown, 200
    return shown, 409 if getattr(form, "moved", None) in form.form_errors else 422
