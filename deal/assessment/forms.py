"""One form for each kind of question."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectMultipleField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from deal.assessment.models import Answer, Kind, Question
from deal.forms import SCALE, Form, WordsField, has_words, optional_number
from deal.settings import in_our_language

NOT_OFFERED = _l("That is not one of the choices. Please choose from the list.")


class TicksField(SelectMultipleField):
    """Tick any of the choices."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: Any) -> None:
        """Nothing but what is offered."""
        offered = {key for key, _label in self.choices}
        if not set(self.data or []) <= offered:
            raise ValueError(NOT_OFFERED)


class OneOfField(RadioField):
    """Choose one, or none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """What cannot be one of the choices is told so in our words."""
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(NOT_OFFERED) from error

    def pre_validate(self, form: Any) -> None:
        """Nothing but what is offered; nothing chosen is fine."""
        if self.data is not None and self.data not in {value for value, _label in self.choices}:
            raise ValueError(NOT_OFFERED)


class QuestionForm(Form):
    """What every question page has; the kinds add their fields."""

    def answer(self) -> dict[str, Any]:
        """What was said: words, choices and number, as Answer keeps them."""
        words = self["words"].data if "words" in self else None
        said = {
            "words": words if has_words(words) else None,
            "choices": _as_list(self["choices"].data) if "choices" in self else [],
            "number": self["number"].data if "number" in self else None,
        }
        return said | {"skipped": not any((said["words"], said["choices"], said["number"] is not None))}


def _as_list(chosen: Any) -> list[str]:
    if isinstance(chosen, str):
        return [chosen]
    return list(dict.fromkeys(chosen or []))


def form_for(question: Question, answer: Answer | None) -> QuestionForm:
    """The form of a question, filled with the answer that holds."""
    label, hint = in_our_language(question.prompt), in_our_language(question.hint)

    class ThisQuestion(QuestionForm):
        if question.kind is Kind.WORDS:
            words = WordsField(label, description=hint)
        elif question.kind is Kind.TICKS:
            choices = TicksField(label, description=hint, choices=question.options())
            words = WordsField(_l("Something else"))
        elif question.kind is Kind.SCALE:
            ends = {"scale": True, "low": in_our_language(question.low), "high": in_our_language(question.high)}
            number = OneOfField(label, description=hint, choices=SCALE, coerce=optional_number, render_kw=ends)
        else:
            choices = OneOfField(label, description=hint, choices=question.options(), validators=[Optional()])

    said = {"words": answer.words, "number": answer.number, "choices": answer.choices} if answer else {}
    if question.kind is Kind.CHOICE and answer:
        said["choices"] = next(iter(answer.choices), None)
    return ThisQuestion(data=said)
