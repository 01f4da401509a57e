"""The end of About me: what they are good at; did this feel right; what they would rather have been asked."""

import enum
import hashlib
from datetime import date, datetime, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from deal.access import open_to, own_or_404
from deal.assessment import bp
from deal.assessment.models import Assessment, answers_in, assessment_of
from deal.assessment.ways import asked, strengths
from deal.db import day_of, db, insert_into, now, values_of
from deal.forms import Form, OneOfField, Press, WordsField, choices_of
from deal.people import Person, Role, who_is_there
from deal.settings import landlord


class Feels(enum.Enum):
    """Did this feel right?"""

    YES = "yes"
    NO = "no"
    NOT_SURE = "not-sure"


class Pulse(db.Model):
    """How About me felt to a resident. Managers see it only as a figure of many; coaches never."""

    resident_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="CASCADE"))
    feels: Mapped[Feels] = mapped_column(values_of(Feels))
    at: Mapped[datetime] = mapped_column(default=now, index=True)

    __table_args__ = (UniqueConstraint("assessment_id"),)


class Suggestion(db.Model):
    """A better question that a resident or a coach thought of. Managers read it without the name and the day."""

    # a coach's is nobody's: no name is kept with it
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    question_set_id: Mapped[int] = mapped_column(ForeignKey("question_set.id"))
    words: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(default=now)
    taken_back_at: Mapped[datetime | None]  # by the resident: no word of it is left

    @property
    def mark(self) -> str:
        """What stands for it in an address, and in which order: its number would tell when it came."""
        return hashlib.sha256(self.words.encode()).hexdigest()


# Welsh answers with the verb of the question
FEELS = {
    Feels.YES: _lp("did this feel right?", "Yes"),
    Feels.NO: _lp("did this feel right?", "No"),
    Feels.NOT_SURE: _l("I am not sure"),
}
YOU_SAID = {
    Feels.YES: _l("Thank you. You said: Yes."),
    Feels.NO: _l("Thank you. You said: No."),
    Feels.NOT_SURE: _l("Thank you. You said: I am not sure."),
}


class PulseForm(Form):
    sent_to = "assessment.felt"
    feels = OneOfField(
        _l("Did this feel right?"),
        description=_l("Your coach does not see this. You can leave it empty."),
        choices=choices_of(FEELS),
    )
    words = WordsField(
        _l("Is there a better question we could have asked?"),
        description=_l("Managers will read this. They will not know it is you. Leave out names."),
        render_kw={"rows": 3},
    )

    def validate(self, extra_validators: Any = None) -> bool:
        """Both may be left empty, but then there is nothing to send."""
        good = super().validate(extra_validators)
        if good and not self.feels.data and not self.words.said:
            self.form_errors.append(_l("There is nothing here to send yet. You can also leave it empty and go on."))
            return False
        return good


@bp.get("/residents/<int:resident_id>/about-me/<int:number>/done")
@open_to(Role.RESIDENT)
def done(resident_id, number):
    """What you are good at, on a card, and who will be in touch by when."""
    resident = own_or_404(resident_id)
    assessment = assessment_of(resident, number) or abort(404)
    if assessment.finished_at is None:
        return redirect(url_for(".check", resident_id=resident_id, number=number), 303)
    return _page(resident, assessment, PulseForm())


@bp.post("/residents/<int:resident_id>/about-me/<int:number>/pulse")
@open_to(Role.RESIDENT)
def felt(resident_id, number):
    """How it felt, once for each way through; and a better question, where they thought of one."""
    resident = own_or_404(resident_id)
    assessment = assessment_of(resident, number)
    if assessment is None or assessment.finished_at is None:
        abort(404)
    form = PulseForm()
    if not form.validate():
        return _page(resident, assessment, form), 422
    _keep(form, assessment)
    return redirect(url_for(".done", resident_id=resident_id, number=number), 303)


def in_touch_by(since: datetime) -> date:
    """The day by which a coach is in touch with whoever waits since then, as residents are told."""
    return day_of(since) + timedelta(days=landlord().contact_days)


def _page(resident: Person, assessment: Assessment, form: PulseForm) -> str:
    answers = answers_in(assessment)
    given = db.session.scalar(select(Pulse.feels).filter_by(assessment_id=assessment.id))
    return render_template(
        "assessment/done.html",
        resident=resident,
        assessment=assessment,
        answers=answers,
        press=Press(formdata=None),
        form=form,
        you_said=YOU_SAID[given] if given else None,
        strengths=strengths(assessment, answers),
        coach=who_is_there(resident),
        by=in_touch_by(assessment.finished_at or now()),
        further=[one for one in asked(assessment, answers, core=False) if one.key not in answers],
    )


def _keep(form: PulseForm, assessment: Assessment) -> None:
    """The pulse, and the better question. Commits."""
    resident_id = assessment.resident_id
    if form.words.said:
        better = {"question_set_id": assessment.question_set_id, "words": form.words.data}
        db.session.add(Suggestion(language=str(get_locale()), resident_id=resident_id, **better))
        flash(_("Thank you. Managers can read your question when these four weeks are over, without your name."))
    else:
        flash(_("Thank you. It is saved."))
    if form.feels.data:  # what was said first stands
        pulse = {"assessment_id": assessment.id, "feels": Feels(form.feels.data)}
        db.session.execute(insert_into(Pulse).values(resident_id=resident_id, **pulse).on_conflict_do_nothing())
    db.session.commit()
