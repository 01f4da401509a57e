"""A coach types in what a resident says or has written on paper: all questions at once, word for word."""

from collections.abc import Iterator
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import update
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField

from deal.access import open_to, resident_or_404
from deal.accounts.models import consent_of, shut_letter
from deal.assessment import bp
from deal.assessment.forms import QuestionForm, answer_from, form_class, said_in, version_of
from deal.assessment.models import Answer, Assessment, answers_in, finish, newest_assessment, newest_number
from deal.assessment.questions import Question, QuestionSet, booklet_reference, current_question_set
from deal.assessment.ways import Answers
from deal.db import db, lock, now
from deal.forms import VersionedForm
from deal.names import isolated
from deal.people import Person, Role


class TypeInForm(VersionedForm):
    """The end of the page; each question has a form of its own above it."""

    drafted = True
    moved = _l("Answers were changed while your page was open. Look at them, then press Save again.")
    finished = BooleanField(_l("That was all: About me is finished"))

    def draft_content(self) -> Any:
        """It stands in the forms of the questions: a draft is always shown."""
        return object()


class Typed:
    """The page as somebody fills it in: a form for each question that the resident has not answered themselves.

    It fills what is open in their newest way through: a new one would put what is typed here before their own words.
    """

    def __init__(self, resident: Person, sent: MultiDict | None) -> None:
        self.resident = resident
        self.assessment = newest_assessment(resident)
        self.questions: QuestionSet = self.assessment.question_set if self.assessment else current_question_set()
        self.answers: Answers = answers_in(self.assessment) if self.assessment else {}
        open_ones = [one for one in self.questions.questions() if not self.is_their_own(one)]
        self.form = TypeInForm(formdata=sent)
        sent = MultiDict(self.form.draft.fields) if self.form.draft else sent
        self.forms = {one.key: _form_for(one, self.answers.get(one.key), sent) for one in open_ones}
        self.form.parts = [*self.forms.values()]
        self.reference = booklet_reference(self.questions, resident)
        self.sent = sent or MultiDict()
        self.version = " ".join(map(version_of, self.answers.values())) or "0"

    def is_their_own(self, question: Question) -> bool:
        """Typed by the resident, or taken back: theirs to change."""
        answer = self.answers.get(question.key)
        return bool(answer and (answer.taken_back_at or (answer.has_content and not answer.typed_by_staff)))

    def is_fresh(self) -> bool:
        """Whether the answers are those that stood there when the page was opened; else the page says so."""
        return self.form.is_fresh(self.version)

    def says_something(self) -> bool:
        """Whether there is anything to keep: an empty page begins no way through and ends none."""
        if self.answers or any(not form.answer()["skipped"] for form in self.forms.values()):
            return True
        self.form.form_errors.append(_l("There is nothing here to keep yet."))
        return False

    def displaced(self, question: Question) -> str:
        """What was typed for a question that the resident has answered meanwhile."""
        answer = self.answers.get(question.key)
        return "" if answer is None or answer.taken_back_at else self.sent.get(f"{question.key}-words", "")

    def validate(self) -> bool:
        """Every form; their errors stand in the one summary of the page."""
        good = [form.validate() for form in self.forms.values()]
        return all([self.form.validate(), *good])

    def sentences(self) -> list[tuple[str, str]]:
        """What to put right: (sentence, the field's id)."""
        forms = [self.form, *self.forms.values()]
        own = [(str(sentence), "main-content") for sentence in self.form.form_errors]
        return own + [(str(one.errors[0]), one.id) for form in forms for one in form if one.errors]

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
        if self.form.finished.data:
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


@bp.get("/residents/<int:resident_id>/about-me/type-in")
@open_to(Role.COACH)
def type_in(resident_id):
    """All questions on one page, with what was typed and not saved."""
    resident = resident_or_404(resident_id)
    if consent_of(resident) is None:
        return redirect(url_for("accounts.agreement", resident_id=resident_id), 303)
    typed = Typed(resident, None)
    typed.form.starts_from(typed.version)
    return _page(typed)


@bp.post("/residents/<int:resident_id>/about-me/type-in")
@open_to(Role.COACH)
def typed_in(resident_id):
    """Keep what was typed; the resident is asked whether that is what they said."""
    resident = resident_or_404(resident_id)
    if consent_of(resident) is None:
        return redirect(url_for("accounts.agreement", resident_id=resident_id), 303)
    # first, so that nobody saves between what is read here and what is kept
    lock(Person, resident.id)
    lock(Assessment, newest_number(resident))
    typed = Typed(resident, request.form)
    if not typed.is_fresh():
        return _page(typed), 409
    if not (typed.validate() and typed.says_something()):
        return _page(typed), 422
    typed.store()
    db.session.commit()
    flash(_("That is kept. Read it back to %(name)s when you can.", name=isolated(resident.full_name)))
    return redirect(url_for("goals.read_back", resident_id=resident_id), 303)


def _page(typed: Typed) -> str:
    page = {"resident": typed.resident, "typed": typed, "faults": typed.sentences()}
    return render_template("assessment/type_in.html", has_errors=bool(page["faults"]), **page)
