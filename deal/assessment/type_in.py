"""A coach types in what a resident says or has written on paper: all questions at once, word for word."""

from collections.abc import Iterator
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import update
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField
from wtforms.validators import InputRequired

from deal.access import open_to, resident_or_404
from deal.accounts import form_page
from deal.accounts.invitation_models import Consent, consent_of, shut_letter
from deal.accounts.welcome import promise_shown
from deal.assessment import bp
from deal.assessment.forms import QuestionForm, answer_from, form_class, said_in, version_of
from deal.assessment.models import Answer, Assessment, answers_in, finish, newest_assessment, newest_number
from deal.assessment.questions import Question, QuestionSet, booklet_reference, current_question_set
from deal.assessment.ways import Answers
from deal.clock import now, today
from deal.dates import DayField
from deal.db import db, lock
from deal.forms import Form, VersionedForm
from deal.names import isolated
from deal.people import Person, Role
from deal.settings import PROMISE


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


@bp.get("/residents/<int:resident_id>/about-me/type-in")
@open_to(Role.COACH)
def type_in(resident_id):
    """All questions on one page, with what was typed and not saved; before that, what they have to agree to."""
    resident = resident_or_404(resident_id)
    consent = consent_of(resident)
    if consent is None:
        return _agreement_page(resident, AgreementForm())
    form = TypeInForm(resident, None)
    form.starts_from(form.as_it_stands)
    return _page(form, consent)


@bp.post("/residents/<int:resident_id>/agreement")
@open_to(Role.COACH)
def keep_agreement(resident_id):
    """Keep the day on the paper, the wording and who saw it."""
    resident, form = resident_or_404(resident_id), AgreementForm()
    if not form.validate():
        return _agreement_page(resident, form)
    seen = {"on_paper": form.on_paper.data, "seen_by_id": current_user.id}
    db.session.add(Consent(resident_id=resident.id, **promise_shown(), **seen))
    db.session.commit()
    return redirect(url_for(".type_in", resident_id=resident_id), 303)


@bp.post("/residents/<int:resident_id>/about-me/type-in")
@open_to(Role.COACH)
def typed_in(resident_id):
    """Keep what was typed; the resident is asked whether that is what they said."""
    resident = resident_or_404(resident_id)
    if consent_of(resident) is None:
        return redirect(url_for(".type_in", resident_id=resident_id), 303)
    # first, so that nobody saves between what is read here and what is kept
    lock(Person, resident.id)
    lock(Assessment, newest_number(resident))
    form = TypeInForm(resident, request.form)
    if not form.is_fresh(form.as_it_stands):
        return _page(form), 409
    if not (form.validate() and form.says_something()):
        return _page(form), 422
    form.store()
    db.session.commit()
    flash(_("Saved. Read it back to %(name)s when you can.", name=isolated(resident.full_name)))
    return redirect(url_for("goals.read_back", resident_id=resident_id), 303)


def _agreement_page(resident: Person, form: AgreementForm) -> tuple[str, int]:
    return form_page("assessment/agreement.html", form, resident=resident, promise=PROMISE)


def _page(form: TypeInForm, consent: Consent | None = None) -> str:
    page = {"resident": form.resident, "typed": form, "faults": form.sentences(), "consent": consent}
    return render_template("assessment/type_in.html", has_errors=bool(page["faults"]), **page)
