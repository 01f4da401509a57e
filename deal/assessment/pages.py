"""What the pages of a question share: loading it, and the name of its place."""

from typing import Any

from flask import abort, url_for

from deal.assessment.models import Assessment, answers_in, assessment_of
from deal.assessment.questions import Question
from deal.assessment.ways import Answers
from deal.people import Person


def question_or_404(resident: Person, number: int, key: str) -> tuple[Assessment, Answers, Question]:
    """The question of that way through; one of another version is not there."""
    assessment = assessment_of(resident, number) or abort(404)
    found = next((one for one in assessment.question_set.questions() if one.key == key), None)
    return assessment, answers_in(assessment), found or abort(404)


def place_of(assessment: Assessment, question: Question) -> str:
    """Where a draft of this question is kept: the path of its page, by which taking back finds it too."""
    way: dict[str, Any] = {"resident_id": assessment.resident_id, "number": assessment.id, "key": question.key}
    return url_for("assessment.question", **way)
