"""A day typed into three boxes, as GOV.UK Frontend's date input has it; and a time of day, typed as people say it."""

import re
from datetime import date, time
from typing import Any

from babel.dates import get_month_names
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import Field
from wtforms.utils import unset_value
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from deal.clock import today

PARTS = {"day": _l("Day"), "month": _l("Month"), "year": _l("Year")}
MISSING = {
    "day": _l("The day is missing. Write a number, such as 27."),
    "month": _l("The month is missing. Write a number from 1 to 12."),
    "year": _l("The year is missing. Write four numbers, such as 2026."),
}


class DayField(Field):
    """A day, or None where all three boxes are empty; `within` so many days of today, or `otherwise` says so.

    One value alone ("2026-03-27", "27/3/2026") is read too: drafts and pending posts may hold one, and people paste.
    """

    data: Any  # a date, where there is one

    def __init__(self, label: Any, within: tuple[int, int] | None = None, otherwise: Any = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.within, self.otherwise = within, otherwise
        self.typed: list[str] | None = None
        self.wrong: set[str] = set()

    @property
    def boxes(self) -> list[dict[str, Any]]:
        """As govukDateInput draws them: what was typed, letter for letter, or else the day that stands there.

        Marked where a sentence says why; the first such box has the field's own id: the error summary leads to it.
        """
        day = self.data
        shown = self.typed or ([str(day.day), str(day.month), str(day.year)] if day else ["", "", ""])
        wrong = (self.wrong or set(PARTS)) if self.errors else set()
        first = next((part for part in PARTS if part in wrong), "day")
        return [
            {
                "name": part,
                "label": PARTS[part],
                "value": value,
                "id": self.id if part == first else f"{self.id}-{part}",
                "classes": f"govuk-input--width-{4 if part == 'year' else 2}{' govuk-input--error' * (part in wrong)}",
                "attributes": {"aria-invalid": "true"} if part in wrong else {},
            }
            for part, value in zip(PARTS, shown, strict=True)
        ]

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Gather the three boxes."""
        self.typed, self.wrong = None, set()
        names = [f"{self.name}-{part}" for part in PARTS]
        if formdata is not None and any(name in formdata for name in names):
            formdata = MultiDict([(self.name, formdata.get(name, "")) for name in names])
        super().process(formdata, data, extra_filters)

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read them; a field that was not sent at all stays as it is."""
        if not valuelist:
            return
        self.typed = [*valuelist, "", ""][:3]
        parts = [one.strip() for one in self.typed]
        filled = [one for one in parts if one]
        # InputRequired looks at the first value alone
        self.raw_data, self.data = [" ".join(filled)], None
        if len(filled) == 1:
            parts = self.typed = _three_parts(filled[0]) or self.typed
        if filled:
            self.data = self._read(dict(zip(PARTS, parts, strict=True)))

    def pre_validate(self, form: Any) -> None:
        """No day before the first of them or behind the last."""
        if self.data and self.within and not self.within[0] <= (self.data - today()).days <= self.within[1]:
            raise ValidationError(self.otherwise)

    def _read(self, parts: dict[str, str]) -> date:
        missing = [part for part in PARTS if not parts[part]]
        if len(missing) == 2:
            self._refuse(_l("Write the day, the month and the year."), *missing)
        if missing:
            self._refuse(MISSING[missing[0]], *missing)
        day, month, year = _number(parts["day"]), _month(parts["month"]), _number(parts["year"])
        if not 1 <= month <= 12:
            self._refuse(_l("Write the month as a number from 1 to 12."), "month")
        if not 1 <= day <= 31:
            self._refuse(_l("Write the day as a number from 1 to 31."), "day")
        if not 2000 <= year <= 2100:
            self._refuse(_l("Write the year with four numbers, such as 2026."), "year")
        try:
            return date(year, month, day)
        except ValueError:
            name = get_month_names(locale=get_locale())[month]
            sentence = _l("There is no %(day)s %(month)s in %(year)s.", day=day, month=name, year=year)
            return self._refuse(sentence, "day")

    def _refuse(self, sentence: Any, *wrong: str) -> Any:
        self.wrong = set(wrong)
        raise ValueError(sentence)


TIME = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?([ap]m|y[bph])?")  # Welsh: in the morning, afternoon, evening


class TimeField(Field):
    """A time of day, or None where the box is empty: "14:00", "2pm", "2.30 pm"."""

    widget = TextInput()
    data: Any  # a time, where there is one

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        return self.data.strftime("%H:%M") if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read it; an hour that may be before or after noon is asked about."""
        text = "".join(valuelist[:1]).casefold().replace("a.m", "am").replace("p.m", "pm")
        text, self.data = "".join(text.split()).rstrip("."), None
        if not text:
            return
        found = TIME.fullmatch(text)
        hour, minute, half = (int(found[1]), int(found[2] or 0), found[3]) if found else (24, 0, None)
        if half and hour <= 12:
            hour = hour % 12 + (0 if half in ("am", "yb") else 12)
        elif 1 <= hour <= 6 and not text.startswith("0"):
            raise ValueError(_l("Is that in the morning or in the afternoon? Write it such as 2pm or 14:00."))
        if hour > 23 or minute > 59:
            raise ValueError(_l("Write the time such as 14:00 or 2pm."))
        self.data = time(hour, minute)


def _three_parts(text: str) -> list[str] | None:
    """Day, month and year of one value, where it has them: the year first only with four digits."""
    parts = re.split(r"[\s/.-]+", text)
    return (parts[::-1] if len(parts[0]) == 4 else parts) if len(parts) == 3 else None


def _number(text: str) -> int:
    """Digits of any script; 0 where it is no number."""
    return int(text) if text.isdecimal() and len(text) <= 4 else 0


def _month(text: str) -> int:
    """Its number, or its name or short name in either language."""
    named = {
        name.casefold().rstrip("."): number
        for language in ("en", "cy")
        for width in ("wide", "abbreviated")
        for number, name in get_month_names(width, locale=language).items()
    }
    return _number(text) or named.get(text.casefold().rstrip("."), 0)
