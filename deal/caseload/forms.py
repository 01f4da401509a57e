"""The forms of giving somebody another coach, of cover, and of a coach's hours."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, ClassVar

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from wtforms import BooleanField, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Optional, Regexp, ValidationError

from deal.caseload.assignments import coaches_for, people_of
from deal.clock import today, week_of
from deal.dates import DayField
from deal.forms import NOT_OFFERED, Form, NumberField, VersionedForm, WordsField, choices_of
from deal.names import isolated
from deal.people import Person, coach_of, names_apart


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


def nobody_for(coach: Person) -> str:
    return _("There is nobody whom %(coach)s could take. Choose another coach.", coach=isolated(coach.name))


class AssignmentForm(VersionedForm):
    """Which coach, for whom, and a word to them; the version is of who coaches them now."""

    moved = _l("They have another coach since you opened this page. Look at it, then choose again.")
    without: ClassVar[set[str]] = set()  # the boxes that it does not have

    to = CoachField(_l("To which coach?"))
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
    told = BooleanField(
        _l("I have told them, and who it will be"),
        validators=[InputRequired(_l("Tell them first, then tick the box. It must not come as a surprise."))],
    )

    def __init__(
        self,
        sent_to: str,
        resident: Person | None = None,
        coach: Person | None = None,
        coaches: Iterable[Person] | None = None,
        asks_if_told: bool = False,
        **kwargs: Any,
    ) -> None:
        """About a resident, or the people of a coach, or those who have none.

        Offered is neither the coach now, nor whoever asks, nor anybody whom the resident shuts out; `coaches` are
        those, where another form of the page has looked for them.
        """
        self.sent_to = sent_to
        super().__init__(**kwargs)
        for name in self.without:
            del self[name]
        if not asks_if_told:
            del self.told
        if resident:
            del self.many
            coach = coach_of(resident)
            self.words.label.text = _l("A note that comes along (you can leave this empty)")
            self.words.description = _l("They can read this, and so might others at home.")
            self.words.render_kw = {"rows": 4}
        self.whom = select(Person.id).where(Person.id == resident.id) if resident else people_of(coach)
        self.coach_now = coach and coach.id
        if kwargs or not self.is_submitted():  # on a page on which another form was sent
            self.starts_from(self.coach_now)
        self.to.offer(coaches_for(resident, current_user, coach) if coaches is None else coaches)

    @property
    def most(self) -> int | None:
        """So many of them; all where there is no such box, or it is empty."""
        return int(self.many.data) if self.many and self.many.data else None

    @property
    def days(self) -> tuple[date, date | None] | None:
        """The first and the last day of cover; None where they get another coach for good."""
        return None

    def arranged(self) -> dict[str, Any]:
        """What rows of Coaching say of it: to whom, by whom, with what words."""
        said = {"coach_id": self.to.chosen.id, "by_id": current_user.id, "words": self.words.said}
        return said | {"language": str(get_locale())}


class GiveForm(AssignmentForm):
    """They get another coach for good."""

    without = {"first", "last"}


class CoverForm(AssignmentForm):
    """Somebody stands in for some days."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.to.label.text = _l("Who covers?")

    @property
    def days(self) -> tuple[date, date | None] | None:
        return self.first.data, self.last.data

    def validate_last(self, field: Any) -> None:
        first = self.first.data
        if field.data and first and not first <= field.data <= first + timedelta(days=366):
            raise ValidationError(_l("The last day has to be the first day or later, and within a year."))


class WeekForm(Form):
    """It asks about a week, and one that was opened in another week asks again."""

    week = HiddenField(default=lambda: week_of(today()).isoformat())

    def validate_week(self, field: HiddenField) -> None:
        """A page may lie open from Sunday to Monday."""
        sent, field.data = field.data, week_of(today()).isoformat()
        if sent != field.data:
            raise ValidationError(
                _l("A new week has begun since you opened this page. Look at the day, and save again.")
            )


class HoursForm(WeekForm):
    """Asked on Today from Monday on, until it is answered."""

    hours = NumberField(
        _l("How many hours, about?"),
        least=0,
        most=80,
        description=_l(
            "Talks, writing and everything around them. A guess is good enough. Nobody sees yours: managers see one "
            "number for all coaches together, and only when at least 3 have told."
        ),
    )

    @staticmethod
    def week_asked() -> date:
        """The Monday of the week that is over."""
        return week_of(today()) - timedelta(days=7)
