"""Better questions that residents and coaches thought of: managers read them without names, days or order."""

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from deal.assessment.pulse import Suggestion
from deal.assessment.questions import current_question_set
from deal.db import Page, block_of, db, page_of, start_of, today
from deal.forms import Form, WordsField


class SuggestForm(Form):
    """A coach's, kept without their name."""

    sent_to = "kpis.suggest"
    words = WordsField(
        _l("A question that we could ask"),
        needed=_l("Write the question."),
        description=_l("Managers read it when these four weeks are over. Your name is not kept with it."),
        render_kw={"rows": 3},
    )

    def keep(self) -> None:
        """As an idea about the questions of now. Commits."""
        better = {"question_set_id": current_question_set().id, "words": self.words.data}
        db.session.add(Suggestion(**better, language=str(get_locale())))
        db.session.commit()


def _of_finished_blocks() -> Select:
    """This block's wait for its end: whoever knows who was here today could tell whose they are."""
    return select(Suggestion).where(Suggestion.at < start_of(block_of(today())), Suggestion.taken_back_at.is_(None))


def suggestions_page(after: str | None = None) -> Page:
    """Those of the blocks that are over, in mixed order."""
    page = page_of(_of_finished_blocks(), Suggestion.id * 7919 % 10_007, Suggestion.id, after=after, size=100)
    return Page(sorted(page.rows, key=lambda one: one.mark), page.after)


def words_of(mark: str | None) -> str | None:
    """The words of the suggestion that an address names."""
    shown = db.session.scalars(_of_finished_blocks()) if mark else ()
    return next((one.words for one in shown if one.mark == mark), None)
