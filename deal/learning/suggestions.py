"""Better questions that residents and coaches thought of: managers read them without names, days or order."""

from flask import flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from deal.access import open_to
from deal.accounts.pending import local
from deal.assessment.models import Suggestion
from deal.assessment.questions import current_question_set
from deal.clock import block_of, start_of, today
from deal.db import db
from deal.drafts.models import sent_state
from deal.forms import Form, WordsField
from deal.learning import bp
from deal.pagination import Page, page_of
from deal.people import Role


class SuggestForm(Form):
    """It stands folded where a coach reads About me."""

    sent_to = "learning.suggest"
    words = WordsField(
        _l("A question that we could ask"),
        id="better-question",  # it stands on a page with other boxes
        needed=_l("Write the question."),
        description=_l("Managers read it when these four weeks are over. Your name is not kept with it."),
        render_kw={"rows": 3},
    )


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


@bp.post("/suggestions")
@open_to(Role.COACH)
def suggest():
    """Kept without the coach's name; then back to where the form stood."""
    form, stood_on = SuggestForm(), local(getattr(sent_state(), "on", None)) or url_for("conversations.today")
    if not form.validate():
        return render_template("learning/suggest.html", form=form, back=stood_on), 422
    better = {"question_set_id": current_question_set().id, "words": form.words.data, "language": str(get_locale())}
    db.session.add(Suggestion(**better))
    db.session.commit()
    flash(_("Thank you. Managers can read your question when these four weeks are over, without your name."))
    return redirect(stood_on, 303)
