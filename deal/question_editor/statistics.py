"""For each question of a version: how often it was answered, skipped, and left at."""

from datetime import timedelta
from typing import NamedTuple

from flask_babel import lazy_gettext as _l
from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from deal.assessment.models import Answer, Assessment
from deal.clock import now
from deal.db import db
from deal.questions.models import Question, QuestionSet, Section
from deal.settings import localized
from deal.tenths import in_tenths, in_words, least_people

DEFINED = (
    (_l("Answered"), _l("Of the times that people came to it: something was said, and holds now.")),
    (_l("Skipped"), _l("Of the times that people came to it: it was left empty. That is an answer too.")),
    (
        _l("Left at"),
        _l(
            "Of the times that people came to it: About me was begun and not finished, nothing was said for "
            "14 days, and this is the first question of the short way without an answer."
        ),
    ),
)


class QuestionFigure(NamedTuple):
    """One question: the ways through on which it was answered, skipped, left at, and how many people's first two are.

    What holds counts: what was taken back is neither an answer nor skipped.
    """

    key: str
    question: str
    core: bool
    answered: int
    skipped: int
    people: int
    left_at: int

    @property
    def told(self) -> list[str]:
        """How many times of ten it was answered, skipped and left at: counts of a few people would name them."""
        counts = self.answered, self.skipped, self.left_at
        enough = self.people >= least_people()
        said = [in_words(in_tenths(count, sum(counts)) if enough else None) for count in counts]
        return said if self.core else [*said[:2], "–"]


def figures_of(question_set: QuestionSet) -> list[QuestionFigure]:
    """A row for each question, in their order; two statements, whatever the number of residents."""
    said, left, nobody = _said(question_set), _left_at(question_set), (0, 0, 0)
    return [
        QuestionFigure(one.key, localized(one.prompt), one.core, *said.get(one.id, nobody),
                       left.get((one.section.position, one.position), 0))
        for one in question_set.questions()
    ]  # fmt: skip


_HOLDS = Answer.superseded_at.is_(None)


def _said(question_set: QuestionSet) -> dict[int, tuple[int, int, int]]:
    something = ~Answer.skipped & Answer.taken_back_at.is_(None)
    whose = func.count(Answer.resident_id.distinct()).filter(something | Answer.skipped)
    counts = func.count().filter(something), func.count().filter(Answer.skipped), whose
    query = select(Answer.question_id, *counts).join(Question).join(Section).group_by(Answer.question_id)
    rows = db.session.execute(query.where(Section.question_set_id == question_set.id, _HOLDS))
    return {question: (answered, skipped, people) for question, answered, skipped, people in rows}


def _left_at(question_set: QuestionSet) -> dict[tuple[int, int], int]:
    """By the place of the question; one that shows an answer left empty is not asked."""
    asked, shown, place = aliased(Question), aliased(Question), Section.position * 1000
    empty, newer = aliased(Answer), aliased(Answer)
    since = now() - timedelta(days=14)
    late = select(newer.id).where(newer.assessment_id == Assessment.id, newer.given_at >= since)
    here = and_(Answer.assessment_id == Assessment.id, Answer.question_id == asked.id, _HOLDS)
    nothing = empty.skipped | empty.taken_back_at.is_not(None)
    not_asked = select(empty.id).join(shown, shown.id == empty.question_id).where(
        empty.assessment_id == Assessment.id, empty.superseded_at.is_(None), shown.key == asked.shows, nothing
    )  # fmt: skip
    firsts = (
        select(func.min(place + asked.position).label("place"))
        .select_from(Assessment)
        .join(Section, Section.question_set_id == Assessment.question_set_id)
        .join(asked, and_(asked.section_id == Section.id, asked.core))
        .outerjoin(Answer, here)
        .where(Assessment.question_set_id == question_set.id, Assessment.finished_at.is_(None))
        .where(Assessment.started_at < since, Answer.id.is_(None), ~late.exists(), ~not_asked.exists())
        .group_by(Assessment.id)
        .subquery()
    )
    rows = db.session.execute(select(firsts.c.place, func.count()).group_by(firsts.c.place))
    return {divmod(place, 1000): count for place, count in rows}
