"""The forms of conversations."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms.validators import InputRequired, ValidationError

from deal.conversations.models import How
from deal.db import today
from deal.forms import DayField, Form, OneOfField, WordsField, choices_of

HOW = {
    How.PHONE: _l("On the phone"),
    How.HOME: _l("At home"),
    How.TEXT: _l("By text"),
    How.CAFE: _l("In a café"),
    How.WALK: _l("On a walk"),
    How.FRIEND: _l("With a friend there"),
    How.ELSEWHERE: _l("Somewhere else"),
}


class TalkForm(Form):
    """We talked."""

    talked_on = DayField(_l("Which day?"), default=today, validators=[InputRequired(_l("Choose the day you talked."))])
    how = OneOfField(
        _l("How?"),
        needed=_l("Choose how you talked."),
        choices=choices_of({how.value: label for how, label in HOW.items()}),
        default=How.PHONE.value,
    )
    words = WordsField(
        _l("What was said (you can leave this empty)"),
        description=_l("They can read this, and so might others at home."),
    )
    next_on = DayField(_l("The next chat (you can leave this empty)"))

    def validate_talked_on(self, field: Any) -> None:
        """A talk has happened."""
        if field.data and field.data > today():
            raise ValidationError(_l("That day is still to come. Choose the day you talked."))
        if field.data and field.data < today() - timedelta(days=366):
            raise ValidationError(_l("That is more than a year ago. Please check the day."))

    def validate_next_on(self, field: Any) -> None:
        """The next chat is to come, and not years away."""
        if field.data and not today() <= field.data <= today() + timedelta(days=366):
            raise ValidationError(_l("The next chat has to be today or in the coming year."))


class NoteForm(Form):
    """Words for a talk, added later."""

    words = WordsField(
        _l("What was said"),
        needed=_l("Write what was said."),
        description=_l("They can read this, and so might others at home."),
    )


class NotWhatISaidForm(Form):
    """The resident does not agree with a note."""

    words = WordsField(_l("What would you say?"), description=_l("You can leave this empty."))
