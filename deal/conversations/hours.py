"""About how many hours did Deal take a coach last week? Asked on Today from Monday on, until it is answered."""

from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey, UniqueConstraint, exists, select
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import HiddenField
from wtforms.validators import ValidationError

from deal.clock import now, today, week_of
from deal.db import db
from deal.forms import Form, NumberField
from deal.people import Person


class CoachHours(db.Model):
    """About how many hours Deal took a coach in a week. Nobody else sees it, managers only a figure of all coaches."""

    coach_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    week: Mapped[date] = mapped_column(index=True)  # a Monday
    hours: Mapped[int]
    at: Mapped[datetime] = mapped_column(default=now)

    __table_args__ = (UniqueConstraint("coach_id", "week"),)


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
    hours = NumberField(
        _l("How many hours, about?"),
        least=0,
        most=80,
        description=_l(
            "Talks, writing and everything around them. A guess is good enough. Nobody sees yours: managers see one "
            "number for all coaches together, and only when at least 3 have told."
        ),
    )


def last_week() -> date:
    """The Monday of the week that is over."""
    return week_of(today()) - timedelta(days=7)


def hours_to_ask(coach: Person) -> HoursForm | None:
    """The question, unless this coach has answered it for last week."""
    told = exists().where(CoachHours.coach_id == coach.id, CoachHours.week == last_week())
    return None if db.session.scalar(select(told)) else HoursForm(formdata=None)
