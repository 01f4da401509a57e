"""One form for each kind of question, and the one at their end."""

from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from flask_login import current_user

from deal.assessment.models import Answer, Assessment, Feels
from deal.assessment.questions import Kind, Question
from deal.assessment.tick_pictures import picture_beside
from deal.forms import (
    SCALE,
    Form,
    LineField,
    OneOfField,
    TicksField,
    VersionedForm,
    WordsField,
    choices_of,
    optional_number,
)
from deal.settings import in_our_language, languages

LANGUAGES = {"en": _l("English"), "cy": _l("Cymraeg")}


class QuestionForm(VersionedForm):
    """What every question page has; the kinds add their fields."""

    drafted = True  # ticks and numbers too
    # most often by the same person, on another device
    moved = _l("Something else was saved here while your page was open. Look at it, then press Save again.")

    def answer(self) -> dict[str, Any]:
        """What was said: words, choices and number, as Answer keeps them."""
        words = self["words"].said if "words" in self else None
        chosen, number, unreadable = (
            self[name].data if name in self else None for name in ("choices", "number", "unreadable")
        )
        choices = [chosen] if isinstance(chosen, str) else list(dict.fromkeys(chosen or []))
        said = {"words": words, "choices": choices, "number": number, "unreadable": bool(unreadable)}
        return said | {"skipped": not (words or choices or number is not None or unreadable)}


def form_class(question: Question) -> type[QuestionForm]:
    """The fields of a question, by its kind."""
    label, hint = in_our_language(question.prompt), in_our_language(question.hint)

    class ThisQuestion(QuestionForm):
        if question.kind is Kind.WORDS:
            words = WordsField(label, description=hint)
        elif question.kind is Kind.TICKS:
            beside = {"pictures": {choice["key"]: picture_beside(choice) for choice in question.choices}}
            choices = TicksField(label, description=hint, choices=choices_of(question.options()), render_kw=beside)
            words = WordsField(_l("Something else"), render_kw={"rows": 3})
        elif question.kind is Kind.SCALE:
            ends = {"scale": True, "low": in_our_language(question.low), "high": in_our_language(question.high)}
            number = OneOfField(label, description=hint, choices=SCALE, coerce=optional_number, render_kw=ends)
        else:
            choices = OneOfField(label, description=hint, choices=choices_of(question.options()))

    return ThisQuestion


def answer_from(form: QuestionForm, assessment: Assessment, question: Question) -> Answer:
    """What a form says, typed by whoever is signed in."""
    return Answer(
        assessment_id=assessment.id,
        resident_id=assessment.resident_id,
        question_id=question.id,
        language=str(get_locale()),
        typed_by_id=current_user.id,
        helper=current_user.helper,
        **form.answer(),
    )


def said_in(question: Question, answer: Answer | None) -> dict[str, Any]:
    """What a form of the question is filled with, where this answer holds."""
    if answer is None:
        return {}
    choices = next(iter(answer.choices), None) if question.kind is Kind.CHOICE else answer.choices
    return {"words": answer.words, "number": answer.number, "choices": choices}


def form_for(question: Question, answer: Answer | None) -> QuestionForm:
    """The form of a question, filled with the answer that holds."""
    return form_class(question)(data=said_in(question, answer))


def version_of(answer: Answer | None) -> str:
    """Changes when the answer does."""
    return f"{answer.id}{'-' if answer.taken_back_at else ''}" if answer else "0"


# Welsh answers with the verb of the question
FEELS = {
    Feels.YES: _lp("did this feel right?", "Yes"),
    Feels.NO: _lp("did this feel right?", "No"),
    Feels.NOT_SURE: _l("I am not sure"),
}
YOU_SAID = {
    Feels.YES: _l("Thank you. You said: Yes."),
    Feels.NO: _l("Thank you. You said: No."),
    Feels.NOT_SURE: _l("Thank you. You said: I am not sure."),
}


class PulseForm(Form):
    sent_to = "assessment.felt"
    feels = OneOfField(
        _l("Did this feel right?"),
        description=_l("Your coach does not see this. You can leave it empty."),
        choices=choices_of(FEELS),
    )
    words = WordsField(
        _l("Is there a better question we could have asked?"),
        description=_l("Managers will read this. They will not know it is you. Leave out names."),
        render_kw={"rows": 3},
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Both may be left empty, but then there is nothing to send."""
        good = super().validate(extra_validators)
        if good and not self.feels.data and not self.words.said:
            self.form_errors.append(_l("There is nothing here to send yet. You can also leave it empty and go on."))
            return False
        return good


class TranslationForm(Form):
    words = WordsField(_l("The same in another language"), needed=_l("Write the words in the other language."))
    language = OneOfField(
        _l("Which language is that?"),
        needed=_l("Choose the language."),
        choices=lambda: choices_of({one: LANGUAGES[one] for one in languages()}),
    )
    made_by = LineField(
        _l("Who made it?"),
        description=_l("For example a name, or the program that was used."),
        needed=_l("Write who made it, so that everybody knows."),
    )
