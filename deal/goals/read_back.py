"""What somebody typed for a resident is read back: it counts when the resident confirmed it, and how is kept."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms.validators import ValidationError

from deal.access import open_to, resident_or_404
from deal.accounts.forms import PinField
from deal.accounts.secrets import found_by_trying, is_right
from deal.assessment.models import Answer, ReadBack, confirm
from deal.db import db
from deal.forms import Form, OneOfField, Press, choices_of
from deal.goals import bp
from deal.goals.models import Goal, Wording
from deal.names import isolated
from deal.people import Person, Role

MOST = 100  # read back at once; the next ones follow


class ReadBackForm(Form):
    """The resident confirms on the coach's device, or has done so on paper."""

    how = OneOfField(
        _l("How do they say yes?"),
        choices=choices_of(
            {"pin": _l("They type their PIN here"), "paper": _l("They put their initials beside it on paper")}
        ),
        needed=_l("Choose how they say yes."),
    )
    pin = PinField(_l("Their PIN"))

    def validate_pin(self, field: Any) -> None:
        """Initials on paper need none."""
        if self.how.data == "pin" and not field.data:
            raise ValidationError(_("Type the PIN, or use paper."))


@bp.get("/residents/<int:resident_id>/read-back")
@open_to(Role.RESIDENT, Role.COACH)
def read_back(resident_id):
    resident = resident_or_404(resident_id)
    return _page(resident, Press() if current_user.is_resident else ReadBackForm())


@bp.post("/residents/<int:resident_id>/read-back")
@open_to(Role.RESIDENT, Role.COACH)
def confirm_read_back(resident_id):
    """Yes, that is what I said: each that stood on the page, or the one whose button was pressed."""
    resident = resident_or_404(resident_id)
    form: Form = Press() if current_user.is_resident else ReadBackForm()
    if not form.validate() or not _is_their_yes(form, resident):
        return _page(resident, form), 422
    how = ReadBack.OWN if current_user.is_resident else ReadBack(form["how"].data)
    shown = {request.form["one"]} if "one" in request.form else set(request.form.getlist("shown"))
    for said in _unconfirmed(resident):
        if name_of(said) in shown:
            confirm(said, how)
            if isinstance(said, Wording):
                db.session.get_one(Goal, said.goal_id).own_words = True
    db.session.commit()
    flash(_("Thank you. That is kept as your own words.") if current_user.is_resident else _("That is kept."))
    return redirect(url_for(".read_back" if _unconfirmed(resident) else "home.resident", resident_id=resident_id), 303)


def name_of(said: Any) -> str:
    """An answer or a wording, as the page names it."""
    return f"{'answer' if isinstance(said, Answer) else 'wording'}-{said.id}"


def _unconfirmed(resident: Person) -> list[Any]:
    """Answers and goals that somebody typed for them; the resident is also asked about what they said with help."""
    typed = Answer.typed_by_id != resident.id
    theirs = typed | Answer.helper.is_not(None) if current_user.is_resident else typed
    holds = Answer.superseded_at.is_(None), Answer.taken_back_at.is_(None), Answer.read_back_at.is_(None)
    answers = select(Answer).where(Answer.resident_id == resident.id, theirs, *holds, ~Answer.skipped)
    answers = answers.options(joinedload(Answer.typed_by), joinedload(Answer.question)).order_by(Answer.id)
    stands = Wording.is_face, Wording.read_back_at.is_(None), Wording.not_agreed_at.is_(None)
    wordings = select(Wording).join(Goal, Goal.id == Wording.goal_id).where(Goal.resident_id == resident.id, *stands)
    wordings = wordings.where(Wording.typed_by_id != Wording.said_by_id, Wording.taken_back_at.is_(None))
    wordings = wordings.options(joinedload(Wording.typed_by)).order_by(Wording.id)
    return [*db.session.scalars(answers.limit(MOST)), *db.session.scalars(wordings.limit(MOST))]


def _is_their_yes(form: Form, resident: Person) -> bool:
    """Signed in they are themselves; on the coach's device it takes the PIN, or initials on paper."""
    if current_user.is_resident or form["how"].data == "paper":
        return True

    def look() -> Person | None:
        return resident if is_right(resident.secret_hash, form["pin"].data or "") else None

    wrong = _("That is not the PIN of %(name)s. Try once more, or use paper.", name=isolated(resident.full_name))
    return found_by_trying(form["pin"], str(resident.id), look, wrong) is not None


def _page(resident: Person, form: Form) -> str:
    rows = [(name_of(one), one) for one in _unconfirmed(resident)]
    template = "goals/read_back_own.html" if current_user.is_resident else "goals/read_back.html"
    return render_template(template, resident=resident, rows=rows, form=form)
