"""A translation may stand beside an answer, marked with who made it; the answer itself is never translated over."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import ForeignKey, String, Text, func, select, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from deal.access import open_to, resident_or_404
from deal.assessment import bp
from deal.assessment.models import Answer, what_holds
from deal.db import db, now
from deal.forms import Form, LineField, OneOfField, WordsField, choices_of
from deal.people import Person, Role
from deal.settings import languages


class Translation(db.Model):
    """An answer's words in another language, and who put them into it."""

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    language: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(200))  # as they are known: a name, "her daughter", a program
    typed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id", deferrable=True, initially="DEFERRED"))
    at: Mapped[datetime] = mapped_column(default=now)
    typed_by: Mapped[Person] = relationship()


HOLDS = Answer.superseded_at.is_(None), Answer.words.is_not(None)
NAMES = {"en": _l("English"), "cy": _l("Cymraeg")}


def beside(answers: Iterable[Answer]) -> defaultdict[int, list[Translation]]:
    """What stands beside these answers, by the answer's number: the newest translation into each language."""
    numbers = [one.id for one in answers if one.words]
    newest = select(func.max(Translation.id)).where(Translation.answer_id.in_(numbers))
    newest = newest.group_by(Translation.answer_id, Translation.language)
    found: defaultdict[int, list[Translation]] = defaultdict(list)
    for row in db.session.scalars(select(Translation).where(Translation.id.in_(newest)).order_by(Translation.id)):
        found[row.answer_id].append(row)
    return found


class TranslationForm(Form):
    words = WordsField(_l("The same in another language"), needed=_l("Write the words in the other language."))
    language = OneOfField(
        _l("Which language is that?"),
        needed=_l("Choose the language."),
        choices=lambda: choices_of({one: NAMES[one] for one in languages()}),
    )
    made_by = LineField(
        _l("Who made it?"),
        description=_l("For example a name, or the program that was used."),
        needed=_l("Write who made it, so that everybody knows."),
    )


@bp.get("/residents/<int:resident_id>/answers/<int:answer_id>/translation")
@open_to(Role.RESIDENT, Role.COACH)
def translation(resident_id, answer_id):
    """Put an answer into another language."""
    resident = resident_or_404(resident_id)
    return _page(resident, _answer_or_404(resident, answer_id), TranslationForm())


@bp.post("/residents/<int:resident_id>/answers/<int:answer_id>/translation")
@open_to(Role.RESIDENT, Role.COACH)
def translate(resident_id, answer_id):
    """It stands beside the answer, whose own words stay as they are."""
    resident = resident_or_404(resident_id)
    answer, form = _answer_or_404(resident, answer_id), TranslationForm()
    if not form.validate():
        return _page(resident, answer, form), 422
    _hold(answer)
    put = {name: form[name].data for name in ("words", "language", "made_by")}
    db.session.add(Translation(answer_id=answer.id, typed_by_id=current_user.id, **put))
    db.session.commit()
    flash(_("The translation stands beside the answer now."))
    return redirect(_way_back(resident), 303)


def _page(resident: Person, answer: Answer, form: TranslationForm) -> str:
    page = {"resident": resident, "answer": answer, "beside": beside([answer])[answer.id], "form": form}
    return render_template("assessment/translation.html", way_back=_way_back(resident), **page)


def _way_back(resident: Person) -> str:
    return url_for("privacy.words" if current_user.is_resident else "home.resident", resident_id=resident.id)


def _answer_or_404(resident: Person, number: int) -> Answer:
    """An answer with words that hold; for a coach, one that stands on the resident's page."""
    hers = select(Answer).where(Answer.id == number, Answer.resident_id == resident.id, *HOLDS)
    answer = db.session.scalar(hers.options(joinedload(Answer.question))) or abort(404)
    if current_user.is_coach and answer not in what_holds(resident)[1].values():
        abort(404)
    return answer


def _hold(answer: Answer) -> None:
    """Nobody takes the answer back or changes it before the translation is stored; where somebody just did, 404."""
    same = update(Answer).where(Answer.id == answer.id, *HOLDS).values(words=Answer.words)
    if db.session.connection().execute(same).rowcount == 0:
        abort(404)
