"""What the pages of a question share: loading it, and the name of its place."""

from typing import Any

from flask import abort, url_for
from flask_login import current_user

from deal.assessment.models import HELPED, Answer, Assessment, answers_in, assessment_of
from deal.assessment.questions import Question
from deal.assessment.ways import Answers
from deal.people import Person


def question_or_404(resident: Person, number: int, key: str) -> tuple[Assessment, Answers, Question]:
    """The question of that way through; one of another version is not there."""
    assessment = assessment_of(resident, number) or abort(404)
    found = next((one for one in assessment.question_set.questions() if one.key == key), None)
    return assessment, answers_in(assessment), found or abort(404)


def place_of(assessment: Assessment, question: Question) -> str:
    """Where a draft of this question is kept: the path of its page, by which taking back finds it too.

    What is typed beside a helper has a place of its own.
    """
    way: dict[str, Any] = {"resident_id": assessment.resident_id, "number": assessment.id, "key": question.key}
    return url_for("assessment.question", **way) + (HELPED if current_user.helper else "")


def is_closed(answer: Answer | None) -> bool:
    """Whether somebody sits beside the resident who was not there when this was said."""
    return bool(current_user.helper and answer and not answer.open_to_a_helper(current_user.helped_since))
