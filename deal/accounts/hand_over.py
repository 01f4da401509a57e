"""A coach passes a resident on, or gets cover for one; the resident is told, and may ask for somebody else."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import BooleanField, SelectField
from wtforms.validators import InputRequired, ValidationError

from deal.access import open_to, own_or_404, resident_or_404
from deal.accounts import bp
from deal.accounts.coaching import coaches_for, cover, pass_on, turns_of
from deal.dates import DayField
from deal.db import db, now, today
from deal.forms import NOT_OFFERED, Press, VersionedForm, WordsField, choices_of, press_or_400
from deal.names import isolated
from deal.people import Person, Role, coach_of, names_apart


class CoachField(SelectField):
    def __init__(self, label: Any, **kwargs: Any) -> None:
        needed = InputRequired(_l("Choose a coach from the list."))
        super().__init__(label, [needed], choices=[], invalid_choice_message=NOT_OFFERED, **kwargs)

    def offer(self, coaches: Iterable[Person]) -> None:
        """These can be chosen; the languages they speak stand beside their names."""
        self.coaches = {str(one.id): one for one in coaches}
        named = names_apart(self.coaches.values(), "email")
        names = {
            number: " · ".join(filter(None, (named[one.id], one.languages))) for number, one in self.coaches.items()
        }
        self.choices = choices_of({"": _("Choose a coach"), **names})

    @property
    def chosen(self) -> Person:
        """Who was chosen, after the form was found good."""
        return self.coaches[self.data]


class GiveForm(VersionedForm):
    """To whom, and a word to the resident; the version is of who coaches them now."""

    moved = _l("They have another coach since you opened this page. Look at it, then choose again.")

    to = CoachField(_l("To which coach?"))
    words = WordsField(
        _l("A note that comes along (you can leave this empty)"),
        description=_l("They can read this, and so might others at home."),
        render_kw={"rows": 4},
    )

    def __init__(self, resident: Person | None, coach: Person | None = None) -> None:
        """Instead of the resident's coach, or this one; never whoever asks, nor anybody whom the resident shuts out."""
        super().__init__()
        coach = coach_of(resident) if resident else coach
        self.coach_now = coach and coach.id
        if not self.is_submitted():
            self.starts_from(self.coach_now)
        self.to.offer(coaches_for(resident, current_user, coach))

    def arranged(self) -> dict[str, Any]:
        """What rows of Coaching say of it: to whom, by whom, with what words, at which press."""
        said = {"coach_id": self.to.chosen.id, "by_id": current_user.id, "words": self.words.said}
        return said | {"language": str(get_locale())}


class HandOverForm(GiveForm):
    told = BooleanField(
        _l("I have told them, and who it will be"),
        validators=[InputRequired(_l("Tell them first, then tick the box. It must not come as a surprise."))],
    )


class CoverForm(GiveForm):
    to = CoachField(_l("Who covers?"))
    first = DayField(
        _l("From which day?"),
        within=(0, 366),
        otherwise=_l("The first day has to be today or in the coming year."),
        default=today,
        validators=[InputRequired(_l("Choose the first day."))],
    )
    last = DayField(
        _l("Until which day?"),
        description=_l("On the day after, it ends by itself."),
        validators=[InputRequired(_l("Choose the last day."))],
    )

    def validate_last(self, field: Any) -> None:
        first = self.first.data
        if field.data and first and not first <= field.data <= first + timedelta(days=366):
            raise ValidationError(_l("The last day has to be the first day or later, and within a year."))


@bp.get("/residents/<int:resident_id>/hand-over")
@open_to(Role.COACH)
def hand_over(resident_id):
    resident = resident_or_404(resident_id)
    return render_template("accounts/hand_over.html", resident=resident, form=HandOverForm(resident))


@bp.post("/residents/<int:resident_id>/hand-over")
@open_to(Role.COACH)
def hand_on(resident_id):
    """From this moment on the new coach sees the words and the old one does not."""
    resident = resident_or_404(resident_id)
    form = HandOverForm(resident)
    if not form.validate():
        return render_template("accounts/hand_over.html", resident=resident, form=form), 422
    if not form.is_fresh(form.coach_now):
        return render_template("accounts/hand_over.html", resident=resident, form=form), 409
    pass_on([resident.id], form.arranged())
    coach = isolated(form.to.chosen.name)
    flash(_("They are with %(coach)s now. You do not see their words any more.", coach=coach))
    return redirect(url_for("conversations.today"), 303)


@bp.get("/residents/<int:resident_id>/cover")
@open_to(Role.COACH)
def cover_one(resident_id):
    resident = resident_or_404(resident_id)
    return render_template("accounts/cover_one.html", resident=resident, form=CoverForm(resident))


@bp.post("/residents/<int:resident_id>/cover")
@open_to(Role.COACH)
def keep_cover_of_one(resident_id):
    """For those days the other coach sees this resident too."""
    resident = resident_or_404(resident_id)
    form = CoverForm(resident)
    if not form.validate():
        return render_template("accounts/cover_one.html", resident=resident, form=form), 422
    if not form.is_fresh(form.coach_now):
        return render_template("accounts/cover_one.html", resident=resident, form=form), 409
    cover([resident.id], form.arranged(), form.first.data, form.last.data)
    coach, name = isolated(form.to.chosen.name), isolated(resident.full_name)
    flash(_("%(coach)s covers for you with %(name)s.", coach=coach, name=name))
    return redirect(url_for("home.resident", resident_id=resident_id), 303)


@bp.get("/residents/<int:resident_id>/coaches")
@open_to(Role.RESIDENT, Role.COACH)
def coaches(resident_id):
    """Who coached them, from when until when, and what was said about it."""
    resident = resident_or_404(resident_id)
    turns = turns_of(resident)
    staff = [one for turn in turns for one in (turn.row.coach, turn.row.by, turn.other) if one]
    page = {"turns": turns, "named": names_apart(staff, "phone"), "press": Press()}
    return render_template("accounts/coaches.html", resident=resident, **page)


@bp.post("/residents/<int:resident_id>/coaches/<int:coaching_id>/seen")
@open_to(Role.RESIDENT)
def seen_coach(resident_id, coaching_id):
    """All right: it need not be said on the first page any more."""
    resident = own_or_404(resident_id)
    found = next((one.row for one in turns_of(resident) if one.row.id == coaching_id), None) or abort(404)
    press_or_400()
    found.seen_at = found.seen_at or now()
    db.session.commit()
    return redirect(url_for("home.resident", resident_id=resident_id), 303)
