"""One form for each kind of question."""

from typing import Any

from flask_babel import lazy_gettext as _l

from deal.assessment.models import Answer, Draft
from deal.assessment.questions import Kind, Question
from deal.forms import SCALE, Form, OneOfField, TicksField, WordsField, choices_of, has_words, optional_number
from deal.settings import in_our_language


class QuestionForm(Form):
    """What every question page has; the kinds add their fields."""

    def typed(self) -> dict[str, Any]:
        """What stands in the boxes, as a draft keeps it."""
        return {name: self[name].data for name in ("words", "choices", "number") if name in self}

    def answer(self) -> dict[str, Any]:
        """What was said: words, choices and number, as Answer keeps them."""
        words = self["words"].data if "words" in self else None
        said = {
            "words": words if has_words(words) else None,
            "choices": _as_list(self["choices"].data) if "choices" in self else [],
            "number": self["number"].data if "number" in self else None,
        }
        unreadable = bool("unreadable" in self and self["unreadable"].data)
        said_nothing = not any((said["words"], said["choices"], said["number"] is not None, unreadable))
        return said | {"unreadable": unreadable, "skipped": said_nothing}


def _as_list(chosen: Any) -> list[str]:
    if isinstance(chosen, str):
        return [chosen]
    return list(dict.fromkeys(chosen or []))


def form_class(question: Question) -> type[QuestionForm]:
    """The fields of a question, by its kind."""
    label, hint = in_our_language(question.prompt), in_our_language(question.hint)

    class ThisQuestion(QuestionForm):
        if question.kind is Kind.WORDS:
            words = WordsField(label, description=hint)
        elif question.kind is Kind.TICKS:
            choices = TicksField(label, description=hint, choices=choices_of(question.options()))
            words = WordsField(_l("Something else"), render_kw={"rows": 3})
        elif question.kind is Kind.SCALE:
            ends = {"scale": True, "low": in_our_language(question.low), "high": in_our_language(question.high)}
            number = OneOfField(label, description=hint, choices=SCALE, coerce=optional_number, render_kw=ends)
        else:
            choices = OneOfField(label, description=hint, choices=choices_of(question.options()))

    return ThisQuestion


def said_in(question: Question, answer: Answer | None) -> dict[str, Any]:
    """What a form of the question is filled with, where this answer holds."""
    said = {"words": answer.words, "number": answer.number, "choices": answer.choices} if answer else {}
    if question.kind is Kind.CHOICE and answer:
        said["choices"] = next(iter(answer.choices), None)
    return said


def form_for(question: Question, answer: Answer | None, draft: Draft | None = None) -> QuestionForm:
    """The form of a question, filled with what was typed and not saved, or with the answer that holds."""
    return form_class(question)(data=draft.fields if draft else said_in(question, answer))
