"""The forms of About me: of each kind of question, of all of them at once, of its end, of who helps and of paper."""

from collections.abc import Iterator
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from flask_login import current_user
from sqlalchemy import update
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField
from wtforms.validators import InputRequired

from deal.assessment.flow import Answers
from deal.assessment.models import Answer, Assessment, Feels, answers_in, finish, newest_assessment
from deal.auth.models import Helper
from deal.clock import now, today
from deal.dates import DayField
from deal.db import db
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
from deal.invitations.models import shut_letter
from deal.people import Person
from deal.questions.models import Kind, Question, QuestionSet, booklet_reference, current_question_set
from deal.questions.tick_pictures import picture_beside
from deal.settings import languages, localized

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
    label, hint = localized(question.prompt), localized(question.hint)

    class ThisQuestion(QuestionForm):
        if question.kind is Kind.WORDS:
            words = WordsField(label, description=hint)
        elif question.kind is Kind.TICKS:
            beside = {"pictures": {choice["key"]: picture_beside(choice) for choice in question.choices}}
            choices = TicksField(label, description=hint, choices=choices_of(question.options()), render_kw=beside)
            words = WordsField(_l("Something else"), render_kw={"rows": 3})
        elif question.kind is Kind.SCALE:
            ends = {"scale": True, "low": localized(question.low), "high": localized(question.high)}
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


def version_of(answer: Answer | None) -> str:
    """Changes when the answer does."""
    return f"{answer.id}{'-' if answer.taken_back_at else ''}" if answer else "0"


class TypeInForm(VersionedForm):
    """A form for each question that the resident has not answered themselves; the end of the page is its own.

    It fills what is open in their newest way through: a new one would put what is typed here before their own words.
    """

    drafted = True
    moved = _l("Answers were changed while your page was open. Look at them, then press Save again.")
    finished = BooleanField(_l("That was all: About me is finished"))

    def __init__(self, resident: Person, sent: MultiDict | None) -> None:
        super().__init__(formdata=sent)
        self.resident = resident
        self.assessment = newest_assessment(resident)
        self.questions: QuestionSet = self.assessment.question_set if self.assessment else current_question_set()
        self.answers: Answers = answers_in(self.assessment) if self.assessment else {}
        sent = MultiDict(self.draft.fields) if self.draft else sent
        open_ones = [one for one in self.questions.questions() if not self.is_their_own(one)]
        self.forms = {one.key: _form_for(one, self.answers.get(one.key), sent) for one in open_ones}
        self.parts = [*self.forms.values()]
        self.sent = sent or MultiDict()
        self.reference = booklet_reference(self.questions, resident)
        self.as_it_stands = " ".join(map(version_of, self.answers.values())) or "0"

    def draft_content(self) -> Any:
        """It stands in the forms of the questions: a draft is always shown."""
        return object()

    def is_their_own(self, question: Question) -> bool:
        """Typed by the resident, or taken back: theirs to change."""
        answer = self.answers.get(question.key)
        return bool(answer and (answer.taken_back_at or (answer.has_content and not answer.typed_by_staff)))

    def says_something(self) -> bool:
        """Whether there is anything to keep: an empty page begins no way through and ends none."""
        if self.answers or any(not form.answer()["skipped"] for form in self.forms.values()):
            return True
        self.form_errors.append(_l("There is nothing here to keep yet."))
        return False

    def displaced(self, question: Question) -> str:
        """What was typed for a question that the resident has answered meanwhile."""
        answer = self.answers.get(question.key)
        return "" if answer is None or answer.taken_back_at else self.sent.get(f"{question.key}-words", "")

    def validate(self, extra_validators: Any = None) -> bool:
        """Every form; their errors stand in the one summary of the page."""
        good = [form.validate() for form in self.parts]
        return all([super().validate(extra_validators), *good])

    def sentences(self) -> list[tuple[str, str]]:
        """What to put right: (sentence, the field's id)."""
        own = [(str(sentence), "main-content") for sentence in self.form_errors]
        return own + [(str(one.errors[0]), one.id) for form in (self, *self.parts) for one in form if one.errors]

    def store(self) -> None:
        """An answer for each question that says something new, in two statements; the caller commits."""
        if self.assessment is None:
            self.assessment = Assessment(resident_id=self.resident.id, question_set_id=self.questions.id)
            db.session.add(self.assessment)
            db.session.flush()
        new = list(self._new_answers(self.assessment))
        held = Answer.assessment_id == self.assessment.id, Answer.superseded_at.is_(None)
        held_before = update(Answer).where(*held, Answer.question_id.in_([one.question_id for one in new]))
        db.session.execute(held_before.values(superseded_at=now()))
        db.session.add_all(new)
        shut_letter(self.resident)
        if self.finished.data:
            finish(self.assessment)

    def _new_answers(self, assessment: Assessment) -> Iterator[Answer]:
        for question in self.questions.questions():
            form, before = self.forms.get(question.key), self.answers.get(question.key)
            if form and not (before is None and form.answer()["skipped"]):  # an empty box says nothing
                answer = answer_from(form, assessment, question)
                if not answer.says_the_same_as(before):
                    yield answer


def _form_for(question: Question, answer: Answer | None, sent: MultiDict | None) -> QuestionForm:
    class TypedQuestion(form_class(question)):  # type: ignore[misc]
        unreadable = BooleanField(_l("Some of it could not be read"))

    data = said_in(question, answer) | {"unreadable": bool(answer and answer.unreadable)}
    return TypedQuestion(formdata=sent, data=data, prefix=question.key, meta={"csrf": False})


class AgreementForm(Form):
    """They agreed to the promise on paper: which day, and that the coach saw it."""

    sent_to = "assessment.keep_agreement"
    on_paper = DayField(
        _l("On which day did they agree?"),
        within=(-366 * 100, 0),
        otherwise=_l("That day is still to come. Choose the day they agreed."),
        default=today,
        validators=[InputRequired(_l("Choose the day they agreed."))],
        description=_l("The day that they wrote on the paper."),
    )
    seen = BooleanField(
        _l("I saw the paper, and these are the words on it"),
        validators=[InputRequired(_l("Tick the box if you saw the paper yourself."))],
    )


HELPERS = {Helper.FRIEND: _l("A friend or family"), Helper.COACH: _l("My coach"), Helper.OTHER: _l("Somebody else")}


class HelperForm(Form):
    helper = OneOfField(_l("Who is helping you?"), choices=choices_of(HELPERS), needed=_l("Choose who is helping you."))


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
