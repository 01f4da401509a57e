"""The way through About me: which questions are asked, in what order, and where somebody is."""

from dataclasses import dataclass
from typing import Any

from deal.assessment.models import Answer, Assessment
from deal.questions.models import Question, count_of_core_questions

Answers = dict[str, Answer]

MATTERS = ("heart", "good-day")  # the questions whose answers say what matters to somebody
HOPES = ("hope-most", "year-from-now", "love-to-do")  # and what they hope for
SURE, WHY = "how-sure", "why-that-number"  # about the hope that the first of them shows


@dataclass(frozen=True)
class Way:
    """The questions somebody is walking through, and their place among them."""

    questions: list[Question]
    place: int  # from 1

    @property
    def back(self) -> Question | None:
        return self.questions[self.place - 2] if self.place > 1 else None

    @property
    def next(self) -> Question | None:
        return self.questions[self.place] if self.place < len(self.questions) else None


def asked(assessment: Assessment, answers: Answers, core: bool) -> list[Question]:
    """The short way through, or the further questions; without those that show an answer left empty."""
    empty = {key for key, answer in answers.items() if not answer.has_content}
    return [one for one in assessment.question_set.questions() if one.core is core and one.shows not in empty]


def way_of(assessment: Assessment, answers: Answers, question: Question) -> Way:
    """The way that a question lies on; one that is no longer asked stands at its end."""
    questions = asked(assessment, answers, question.core)
    if question not in questions:
        questions = [*questions, question]
    return Way(questions, questions.index(question) + 1)


def next_unanswered(assessment: Assessment, answers: Answers) -> Question | None:
    """The first question of the short way without an answer, or None where all have one."""
    return next((one for one in asked(assessment, answers, core=True) if one.key not in answers), None)


def how_far(assessment: Assessment | None, answers: Answers) -> dict[str, Any]:
    """Where they are: how many questions of the short way have an answer, of how many, and the next one."""
    core = asked(assessment, answers, core=True) if assessment else []
    told = sum(question.key in answers for question in core)
    count = len(core) if assessment else count_of_core_questions()
    page = {"assessment": assessment, "answers": answers, "told": told, "count": count}
    return page | {"question": next_unanswered(assessment, answers) if assessment else None}


def sorted_out(assessment: Assessment, answers: Answers) -> dict[str, list[Question]]:
    """The questions that something was said to, those left empty, and the further ones that nobody has seen yet."""
    seen = [one for one in assessment.question_set.questions() if one.key in answers]
    told = [one for one in seen if not answers[one.key].skipped or answers[one.key].taken_back_at]
    further = [one for one in asked(assessment, answers, core=False) if one.key not in answers]
    return {"said": told, "empty": [one for one in seen if one not in told], "further": further}


def strengths(assessment: Assessment, answers: Answers) -> list[Answer]:
    """What somebody told us they are good at: what they said in the first section, but for what they care about."""
    told = (answers.get(one.key) for one in assessment.question_set.sections[0].questions if one.key not in MATTERS)
    return [answer for answer in told if answer and answer.has_content]
