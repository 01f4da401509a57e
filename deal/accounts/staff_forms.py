"""The forms that add and suspend staff."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import Email, ValidationError

from deal.forms import Form, LineField, OneOfField, WordsField, choices_of


class CoachForm(Form):
    sent_to = "accounts.add_staff"
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
