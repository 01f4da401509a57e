"""The forms that add and suspend staff."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Email, Optional, ValidationError

from deal.caseload.assignments import who_may_go
from deal.caseload.forms import AssignmentForm, CoachField, nobody_for
from deal.clock import today
from deal.dates import DayField
from deal.forms import Form, LineField, OneOfField, WordsField, choices_of


class CoachForm(Form):
    sent_to = "staff.add_staff"
    role = OneOfField(
        _l("What do they do?"),
        choices=choices_of({"coach": _l("Coach"), "manager": _l("Manager")}),
        default="coach",
        needed=_l("Choose coach or manager."),
    )
    name = LineField(_l("Their name, as residents will see it"), needed=_l("Write their name."))
    email = LineField(
        _l("Their work e-mail address"),
        needed=_l("Write their e-mail address. They sign in with it."),
        most=254,
        description=_l("They sign in with it. Deal sends no e-mail."),
        render_kw={"type": "email"},
    )
    phone = LineField(_l("Their telephone number"), most=40, render_kw={"type": "tel"})
    languages = LineField(_l("The languages they speak"))
    about = WordsField(
        _l("A line about them, for residents"), description=_l("Such as: I used to be a baker, and I like walking.")
    )

    def validate_email(self, field: Any) -> None:
        Email(_l("That does not look like an e-mail address. Please check it."))(self, field)

    def validate_phone(self, field: Any) -> None:
        """Residents are told to ring their coach, so a coach needs a number."""
        if self.role.data == "coach" and not field.data:
            raise ValidationError(_l("Write the coach's telephone number. Residents need it."))


class SuspendForm(AssignmentForm):
    """Who looks after the people of somebody who cannot sign in any more."""

    without = {"first", "many"}

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

    @property
    def days(self) -> tuple[date, date | None] | None:
        return (today(), self.last.data) if self.plan.data == "cover" else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Where it is nobody, no coach has to be chosen."""
        if self.plan.data == "nobody":
            self.to.validators = [Optional()]
        return super().validate(extra_validators)

    def validate_to(self, field: Any) -> None:
        """Somebody whom not all of them shut out."""
        chosen = field.coaches.get(field.data) if self.plan.data != "nobody" else None
        if chosen and not who_may_go(self.whom, chosen, 1):
            raise ValidationError(nobody_for(chosen))
