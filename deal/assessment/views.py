"""About me, as a resident walks through it: one question a page, each answer stored before the next shows."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select, update

from deal.access import allow_in_assisted_mode, open_to, own_or_404, resident_or_404, resident_url
from deal.assessment import bp, models
from deal.assessment.flow import Answers, asked, how_far, next_unanswered, sorted_out, way_of
from deal.assessment.forms import QuestionForm, answer_from, form_class, said_in, version_of
from deal.assessment.models import Answer, Assessment, Report, answers_in, assessment_of, newest_assessment
from deal.assessment.translations import beside
from deal.clock import now
from deal.db import db, lock
from deal.forms import AddingForm, validate_or_400
from deal.names import isolated
from deal.people import Person, Role
from deal.questions.models import MAY_BRING_UP_REPAIRS, Question, current_question_set
from deal.undo import nothing_to_undo


def question_or_404(resident: Person, number: int, key: str) -> tuple[Assessment, Answers, Question]:
    """The question of that way through; one of another version is not there."""
    assessment = assessment_of(resident, number) or abort(404)
    found = next((one for one in assessment.question_set.questions() if one.key == key), None)
    return assessment, answers_in(assessment), found or abort(404)


def is_closed(answer: Answer | None) -> bool:
    """Whether somebody sits beside the resident who was not there when this was said."""
    if answer is None or not current_user.helper:
        return False
    return answer.helper is None or answer.given_at < current_user.helped_since


@bp.get("/residents/<int:resident_id>/about-me")
@open_to(Role.RESIDENT)
def about_me(resident_id):
    """Start, carry on, look again, or do it all once more."""
    resident = own_or_404(resident_id)
    assessment = newest_assessment(resident)
    answers = answers_in(assessment) if assessment else {}
    ways = select(Assessment).where(Assessment.resident_id == resident.id).order_by(Assessment.id.desc()).limit(20)
    return render_template(
        "assessment/about_me.html",
        resident=resident,
        ways=db.session.scalars(ways).all() if assessment else [],
        shown=[one for core in (True, False) for one in asked(assessment, answers, core)] if assessment else [],
        **how_far(assessment, answers),
    )


@bp.post("/residents/<int:resident_id>/about-me")
@open_to(Role.RESIDENT)
@allow_in_assisted_mode
def start(resident_id):
    """Begin a way through, on the newest version of the questions; a finished one is done again only where they ask."""
    resident = own_or_404(resident_id)
    validate_or_400(AddingForm)
    begun = newest_assessment(resident)
    if begun is None or (begun.finished_at and "again" in request.form):
        questions = current_question_set()
        begun = Assessment(resident_id=resident.id, question_set_id=questions.id)
        db.session.add(begun)
        db.session.commit()
    if "again" not in request.form:
        nothing_to_undo()
    assessment = assessment_of(resident, begun.id) or abort(404)
    return redirect(_at(assessment, next_unanswered(assessment, answers_in(assessment))), 303)


@bp.get("/residents/<int:resident_id>/about-me/<int:number>/<key>")
@open_to(Role.RESIDENT)
@allow_in_assisted_mode
def question(resident_id, number, key):
    assessment, answers, asked_now = question_or_404(own_or_404(resident_id), number, key)
    if is_closed(answers.get(key)):
        return redirect(url_for(".helped", resident_id=resident_id), 303)
    form = form_class(asked_now)(data=said_in(asked_now, answers.get(key)))
    moved = not form.starts_from(version_of(answers.get(key)))  # since the draft in it was begun
    return _question_page(form, assessment, answers, asked_now, moved)


@bp.post("/residents/<int:resident_id>/about-me/<int:number>/<key>")
@open_to(Role.RESIDENT)
@allow_in_assisted_mode
def answer(resident_id, number, key):
    """Store the answer, then show the next question; where another one was saved meanwhile, both are shown first."""
    resident = own_or_404(resident_id)
    lock(Assessment, number)  # two tabs at once take turns
    assessment, answers, asked_now = question_or_404(resident, number, key)
    if is_closed(answers.get(key)):
        abort(409)
    form = form_class(asked_now)(data=said_in(asked_now, answers.get(key)))
    if not form.validate():
        return _question_page(form, assessment, answers, asked_now), 422
    if not _answer_is_kept(form, assessment, asked_now, answers.get(key)):
        return _question_page(form, assessment, answers, asked_now, moved=True), 409
    if request.form.get("do") == "later":
        flash(_("Saved. You can go on whenever you like."))
    return redirect(_after(assessment, asked_now), 303)


def _answer_is_kept(form: QuestionForm, assessment: Assessment, asked_now: Question, before: Answer | None) -> bool:
    """Keep what was said, unless another answer was saved meanwhile. Commits.

    Nothing said: Save and Skip keep that as an answer, coming back later leaves the question open.
    """
    do = request.form.get("do")
    if not form.answer()["skipped"] or (before is None and do != "later") or do == "save":
        said = answer_from(form, assessment, asked_now)
        if not (form.is_fresh(version_of(before)) or said.says_the_same_as(before)):
            return False
        models.save_answer(said, before)
        db.session.commit()
    return True


@bp.get("/residents/<int:resident_id>/about-me/<int:number>/check")
@open_to(Role.RESIDENT)
def check(resident_id, number):
    """What was said, each to be changed; what was left empty, folded; and more questions as an offer."""
    resident = own_or_404(resident_id)
    assessment = assessment_of(resident, number) or abort(404)
    answers = answers_in(assessment)
    return render_template(
        "assessment/check.html",
        resident=resident,
        assessment=assessment,
        answers=answers,
        question=next_unanswered(assessment, answers),
        beside=beside(answers.values()),
        **sorted_out(assessment, answers),
    )


@bp.post("/residents/<int:resident_id>/about-me/<int:number>/finish")
@open_to(Role.RESIDENT)
@allow_in_assisted_mode
def finished(resident_id, number):
    """The short way is done: from now on the coach knows."""
    assessment = assessment_of(own_or_404(resident_id), number) or abort(404)
    validate_or_400()
    models.finish(assessment)
    db.session.commit()
    return redirect(url_for(".done", resident_id=resident_id, number=number), 303)


@bp.post("/residents/<int:resident_id>/answers/<int:answer_id>/report")
@open_to(Role.COACH)
def report(resident_id, answer_id):
    """Reported for them, or they do not want that. What was pressed first stays; newer words are asked about anew."""
    resident = resident_or_404(resident_id)
    query = select(Answer.words).join(Answer.question).where(Question.key.in_(MAY_BRING_UP_REPAIRS))
    query = query.where(Answer.id == answer_id, Answer.resident_id == resident.id)
    found = db.session.execute(query).first() or abort(404)
    which = request.form.get("report")
    if which not in [one.value for one in Report]:
        abort(400)
    validate_or_400()
    if found.words is None:
        flash(_("%(name)s has taken these words back. Nothing is written down.", name=isolated(resident.full_name)))
    else:
        _keep_report(answer_id, Report(which))
        flash(_("That is written down. %(name)s can read it.", name=isolated(resident.full_name)))
    return redirect(resident_url(resident_id, "#words"), 303)


def _keep_report(answer_id: int, which: Report) -> None:
    """Of two presses the first one holds. Commits."""
    still_open = update(Answer).where(Answer.id == answer_id, Answer.report.is_(None))
    db.session.execute(still_open.values(report=which, report_at=now(), report_by_id=current_user.id))
    db.session.commit()


def _question_page(
    form: QuestionForm, assessment: Assessment, answers: Answers, asked_now: Question, moved: bool = False
) -> str:
    # what they said before is theirs alone to read
    earlier = select(Answer).filter_by(assessment_id=assessment.id, question_id=asked_now.id)
    earlier = earlier.where(Answer.superseded_at.is_not(None)).order_by(Answer.id.desc()).limit(20)
    return render_template(
        "assessment/question.html",
        form=form,
        assessment=assessment,
        question=asked_now,
        answer=answers.get(asked_now.key),
        shown=None if is_closed(answers.get(asked_now.shows or "")) else answers.get(asked_now.shows or ""),
        way=way_of(assessment, answers, asked_now),
        earlier=[] if current_user.helper else db.session.scalars(earlier).all(),
        changing="change" in request.args,
        moved=moved,
    )


def _after(assessment: Assessment, asked_now: Question) -> str:
    """Where to go from an answer: the next question, the page to check them all, or home."""
    if request.form.get("do") == "later":
        return resident_url(assessment.resident_id)
    following = way_of(assessment, answers_in(assessment), asked_now).next
    return _at(assessment, None if "change" in request.args else following)


def _at(assessment: Assessment, asked_next: Question | None) -> str:
    numbers: dict[str, Any] = {"resident_id": assessment.resident_id, "number": assessment.id}
    return url_for(".question", key=asked_next.key, **numbers) if asked_next else url_for(".check", **numbers)
