"""What every form of Deal has in common: fields that keep words, and the once key against a double press."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from flask import abort, g, request
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    StopValidation,
    ValidationError,
)
from wtforms.widgets import CheckboxInput, ListWidget

from deal.db import today
from deal.drafts.forms import DraftedForm
from deal.drafts.models import STATE

MOST_CHARACTERS = 10_000
NOT_CONTENT = {"csrf_token", STATE}


def read_the_body() -> None:
    """Before every POST: note whether all that was sent are letters.

    Werkzeug turns bytes that are no UTF-8 (a lone surrogate among them) silently into other characters; a NUL
    cannot be kept by PostgreSQL. The form then says so and shows what did arrive.
    """
    g.unreadable = False
    if request.method == "POST":
        body = request.get_data(cache=True, parse_form_data=False)
        g.unreadable = not _all_letters(body, request.mimetype)


def _all_letters(body: bytes, mimetype: str) -> bool:
    from urllib.parse import unquote_to_bytes

    if mimetype == "application/x-www-form-urlencoded":
        body = unquote_to_bytes(body)
    try:
        return "\0" not in body.decode("utf-8")
    except UnicodeDecodeError:
        return False


def one_line_break(value: str | None) -> str | None:
    """A browser's CRLF becomes LF, and nothing else: words are kept letter for letter."""
    return value.replace("\r\n", "\n") if value else value


def has_words(value: str | None) -> bool:
    """Whether there is anything but white space."""
    return bool(value and value.strip())


class WordsField(TextAreaField):
    """A person's own words: never trimmed, at most 10,000 characters, empty allowed unless `needed`."""

    def __init__(self, label: Any, needed: Any = None, **kwargs: Any) -> None:
        checks: list[Any] = [SaysSomething(needed)] if needed else []
        super().__init__(label, [*checks, not_too_long], filters=[one_line_break], **kwargs)

    @property
    def said(self) -> str | None:
        """The words, or None where there are none."""
        return self.data if has_words(self.data) else None


class SaysSomething:
    """White space alone is no words."""

    field_flags: ClassVar = {"required": True}

    def __init__(self, message: Any) -> None:
        self.message = message

    def __call__(self, form: FlaskForm, field: Any) -> None:
        if not has_words(field.data):
            raise StopValidation(self.message)


def not_too_long(_form: FlaskForm, field: Any) -> None:
    """A browser counts a line break as one character, and so do we."""
    if field.data and len(field.data) > MOST_CHARACTERS:
        raise ValidationError(
            _l(
                "That is %(number)s characters. We can keep up to 10,000: please make it a little shorter.",
                number=f"{len(field.data):,}",
            )
        )


class LineField(StringField):
    """One line, such as a name: white space at its ends is no part of it."""

    def __init__(self, label: Any, needed: Any = None, most: int = 200, too_long: Any = None, **kwargs: Any) -> None:
        message = too_long or _l("Please use at most %(most)s characters.", most=most)
        checks: list[Any] = [DataRequired(needed)] if needed else []
        super().__init__(label, [*checks, Length(max=most, message=message)], filters=[_one_line], **kwargs)


def _one_line(value: str | None) -> str | None:
    return " ".join(value.split()) if value else value


class DayField(DateField):
    """A day as the browser's own date picker sends it; within so many days of today, or else a sentence says so."""

    data: Any  # a date, where there is one

    def __init__(self, label: Any, within: tuple[int, int] | None = None, otherwise: Any = None, **kwargs: Any) -> None:
        super().__init__(label, format=["%Y-%m-%d", "%d/%m/%Y", "%d %m %Y"], **kwargs)
        self.within, self.otherwise = within, otherwise

    def pre_validate(self, form: FlaskForm) -> None:
        """No day before the first of them or behind the last."""
        if self.data and self.within and not self.within[0] <= (self.data - today()).days <= self.within[1]:
            raise ValidationError(self.otherwise)

    def process_formdata(self, valuelist: list[str]) -> None:
        """An empty day is no mistake; one that is no day, or lies in another age, is."""
        sent = "".join(valuelist).strip()
        try:
            super().process_formdata([sent] if sent else [])
        except ValueError:
            self.data = None
        if sent and not _in_our_age(self.data):
            self.data = None
            raise ValueError(_l("Write the day like this: 27 3 2026, or choose it."))


def _in_our_age(day: date | None) -> bool:
    return day is not None and date(2000, 1, 1) <= day <= date(2100, 1, 1)


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
        self.sentence = _l("Write a whole number from %(least)s to %(most)s.", least=least, most=most)
        checks = [InputRequired(self.sentence), NumberRange(least, most, self.sentence)]
        kw = {"inputmode": "numeric", "class": "govuk-input--width-4", "type": "text"}
        super().__init__(label, validators=checks, render_kw=kw, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        """What is no number is told so in our words."""
        try:
            super().process_formdata([value.strip()[:9] for value in valuelist])
        except ValueError as error:
            raise ValueError(self.sentence) from error


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


NOT_LETTERS = _l("Some letters did not reach us as you typed them. Look at your words below and press Save again.")


class Form(DraftedForm):
    """A page's form: its once key stands for this filling-in of it, so that a double press counts once."""

    once = HiddenField(default=lambda: secrets.token_urlsafe(16))

    def validate(self, extra_validators: Any = None) -> bool:
        """As WTForms does, and refuse what did not arrive as letters."""
        good = super().validate(extra_validators)
        if g.get("unreadable"):
            self.form_errors.append(NOT_LETTERS)
            return False
        if not self.knows_its_drafts():
            self.form_errors.append(
                _l("You typed something else here, on another page or device. Read it below, then press Save again.")
            )
            return False
        return good

    @property
    def once_key(self) -> str:
        """A double press has the same key; going back and changing the words makes another one."""
        sent = sorted((key, value) for key, value in request.form.items(multi=True) if key not in NOT_CONTENT)
        who = current_user.id if current_user.is_authenticated else 0
        stamp = repr((who, request.path, sent if self.once.data else secrets.token_hex()))
        return hashlib.sha256(stamp.encode()).hexdigest()

    @property
    def token(self) -> str:
        """What a code is made from: random, of this page's filling-in and this address alone."""
        return f"{self.once.data or secrets.token_urlsafe(16)} {request.path}"


class VersionedForm(Form):
    """A form about something that others may change meanwhile: it carries the version that its page showed."""

    version = HiddenField()

    def is_fresh(self, current: object) -> bool:
        """Whether nothing changed since the page was opened; from here on the page knows what is there now."""
        seen, self.version.data = self.version.data, str(current)
        return seen in (None, "", str(current))


class Press(Form):
    """A form that is one button."""


def press_or_400() -> Press:
    """The press of that button; one that did not come as it was sent changes nothing."""
    press = Press()
    return press if press.validate() else abort(400)


def optional_number(value: str) -> int | None:
    """Coerces a radio's 0 to 10; nothing chosen is None."""
    return None if value in (None, "", "None") else int(value)
