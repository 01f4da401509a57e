"""Residents are passed on to another coach, or get cover; each is told, and may ask for somebody else.

A coach does it for one resident or all of theirs; a manager (member.py) for a coach's people, and sees no name.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar

from flask import abort, flash, redirect, url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Optional, Regexp, ValidationError

from deal.access import open_to, own_or_404
from deal.accounts import bp, coaching, form_page
from deal.dates import DayField
from deal.db import db, now, today
from deal.forms import NOT_OFFERED, OneOfField, Press, VersionedForm, WordsField, choices_of, press_or_400
from deal.names import isolated
from deal.people import Coaching, Person, Role, coach_of, names_apart


class CoachField(SelectField):
    def __init__(self, label: Any, **kwargs: Any) -> None:
        needed = InputRequired(_l("Choose a coach from the list."))
        super().__init__(label, [needed], choices=[], invalid_choice_message=NOT_OFFERED, **kwargs)

    def offer(self, coaches: Iterable[Person]) -> None:
        """These can be chosen; the languages they speak stand beside their names."""
        self.coaches = {str(one.id): one for one in coaches}
        named = names_apart(self.coaches.values(), "email")
        said = {key: " · ".join(filter(None, (named[one.id], one.languages))) for key, one in self.coaches.items()}
        self.choices = choices_of({"": _("Choose a coach"), **said})

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
    many: Any = None  # so many of them; all where there is no such box, or it is empty
    ids: ClassVar[str] = ""  # before those of its boxes, where it stands beside another of its kind

    def __init__(
        self,
        resident: Person | None = None,
        coach: Person | None = None,
        beside: "GiveForm | None" = None,
        **kwargs: Any,
    ) -> None:
        """About a resident, or the people of a coach, or those who have none; perhaps beside a form about the same.

        Offered is neither the coach now, nor whoever asks, nor anybody whom the resident shuts out.
        """
        super().__init__(**kwargs)
        self.whom = select(Person.id).where(Person.id == resident.id) if resident else coaching.people_of(coach)
        coach = coach_of(resident) if resident else coach
        self.coach_now = coach and coach.id
        if kwargs or not self.is_submitted():  # on a page on which another form was sent
            self.starts_from(self.coach_now)
        self.to.offer(beside.to.coaches.values() if beside else coaching.coaches_for(resident, current_user, coach))
        if beside:
            self.people = beside.people
        for box in (self.to, self.words):
            box.id = self.ids + box.name

    @cached_property
    def people(self) -> int:
        return coaching.count_of(self.whom)

    @property
    def days(self) -> tuple[date, date | None] | None:
        """The first and the last day of cover; None where they get another coach for good."""
        return None

    def arranged(self) -> dict[str, Any]:
        """What rows of Coaching say of it: to whom, by whom, with what words, at which press."""
        said = {"coach_id": self.to.chosen.id, "by_id": current_user.id, "words": self.words.said}
        return said | {"language": str(get_locale())}


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

    @property
    def days(self) -> tuple[date, date | None] | None:
        return self.first.data, self.last.data

    def validate_last(self, field: Any) -> None:
        first = self.first.data
        if field.data and first and not first <= field.data <= first + timedelta(days=366):
            raise ValidationError(_l("The last day has to be the first day or later, and within a year."))


class GiveManyForm(GiveForm):
    many = StringField(
        _l("How many of them?"),
        description=_l("Leave this empty for all."),
        render_kw={"inputmode": "numeric", "class": "govuk-input--width-4"},
        validators=[Optional(), Regexp(r"^[1-9][0-9]{0,3}\Z", message=_l("Write a whole number, or leave it empty."))],
    )
    words = WordsField(
        _l("A line for all of them (you can leave this empty)"),
        description=_l("Each of them reads it on their first page."),
        render_kw={"rows": 3},
    )


class CoverManyForm(CoverForm):
    many, words = GiveManyForm.many, GiveManyForm.words


class CoverForForm(CoverManyForm):
    """A manager's, on the page of that coach, as are the next two."""

    sent_to = "accounts.keep_cover_for"


class MoveForm(GiveManyForm):
    sent_to = "accounts.move_people"


class WithoutCoachForm(GiveManyForm):
    """On the page of the staff."""

    sent_to = "accounts.give_a_coach"


def nobody_for(coach: Person) -> str:
    return _("There is nobody whom %(coach)s could take. Choose another coach.", coach=isolated(coach.name))


class SuspendForm(GiveForm):
    sent_to = "accounts.suspend_them"
    plan = OneOfField(
        _l("Who looks after their people?"),
        choices=choices_of(
            {
                "cover": _l("Somebody covers for now"),
                "move": _l("They get another coach for good"),
                "nobody": _l("Nobody for now: This week shows them as people without a coach"),
            }
        ),
        needed=_l("Choose who looks after their people, or: nobody for now."),
    )
    to = CoachField(_l("Which coach?"))
    last = DayField(
        _l("Until which day do they cover?"),
        within=(0, 366),
        otherwise=_l("The last day has to be today or in the coming year."),
        description=_l("Leave this empty for: until somebody says."),
    )
    words = GiveManyForm.words

    @property
    def days(self) -> Any:
        return (today(), self.last.data) if self.plan.data == "cover" else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Where it is nobody, no coach has to be chosen."""
        if self.plan.data == "nobody":
            self.to.validators = [Optional()]
        return super().validate(extra_validators)

    def validate_to(self, field: Any) -> None:
        """Somebody whom not all of them shut out."""
        chosen = field.coaches.get(field.data) if self.plan.data != "nobody" else None
        if chosen and not coaching.who_may_go(self.whom, chosen, 1):
            raise ValidationError(nobody_for(chosen))


def arrange(form: GiveForm) -> int:
    """To how many the chosen coach was given; 0 where it was not pressed, or has to be put right. Commits."""
    if not form.validate_on_submit():
        return 0
    if not form.is_fresh(form.coach_now):
        return 0
    most = int(form.many.data) if form.many and form.many.data else None
    chosen = coaching.who_may_go(form.whom, form.to.chosen, most)
    if not chosen:
        form.form_errors.append(nobody_for(form.to.chosen))
    elif form.days:
        coaching.cover(chosen, form.arranged(), *form.days)
    else:
        coaching.pass_on(chosen, form.arranged())
    return len(chosen)


def arrange_many(form: GiveForm) -> int:
    """As `arrange`; the next page says how many they were, and how many were left out."""
    new = arrange(form)
    if not new:
        return 0
    who, left = isolated(form.to.chosen.name), coaching.count_of(form.whom)
    if form.days:
        left -= new
        said = ngettext("%(coach)s covers for %(num)s person.", "%(coach)s covers for %(num)s people.", new, coach=who)
        out = ngettext("%(num)s person is not covered.", "%(num)s people are not covered.", left)
    else:
        said = ngettext("%(coach)s has %(num)s person more.", "%(coach)s has %(num)s people more.", new, coach=who)
        out = ngettext("%(num)s person was not moved.", "%(num)s people were not moved.", left)
    for sentence in (said, out) if left > 0 else (said,):
        flash(sentence)
    return new


@bp.get("/cover")
@bp.post("/cover", endpoint="keep_cover")
@open_to(Role.COACH)
def cover_all():
    """Who stands in for all my people while I am away, and for whom do I?"""
    form = CoverManyForm(coach=current_user)
    if arrange_many(form):
        return redirect(url_for(".cover_all"), 303)
    page = {"covers": coaching.covers_of(current_user), "mine": coaching.covering_for(current_user), "press": Press()}
    return form_page("accounts/cover.html", form, **page)


@bp.post("/cover/<int:person_id>/end")
@open_to(Role.COACH)
def end_my_cover(person_id):
    """I am back: from this moment on that coach sees none of my people."""
    return cover_ended(current_user, person_id, url_for(".cover_all"))


def cover_ended(coach: Person, covering: int, back: str) -> Any:
    press_or_400()
    coaching.end_cover(Coaching.coach_id == covering, Coaching.resident_id.in_(coaching.people_of(coach)))
    db.session.commit()
    flash(_("That cover has ended."))
    return redirect(back, 303)


@bp.post("/residents/<int:resident_id>/coaches/<int:coaching_id>/seen")
@open_to(Role.RESIDENT)
def seen_coach(resident_id, coaching_id):
    """All right: it need not be said on the first page any more."""
    resident = own_or_404(resident_id)
    found = next((one.row for one in coaching.turns_of(resident) if one.row.id == coaching_id), None) or abort(404)
    press_or_400()
    found.seen_at = found.seen_at or now()
    db.session.commit()
    return redirect(url_for("home.resident", resident_id=resident_id), 303)
