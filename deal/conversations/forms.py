"""The forms of conversations."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import InputRequired, ValidationError

from deal.assessment.pulse import FEELS
from deal.conversations.models import How
from deal.dates import DayField
from deal.db import today
from deal.forms import Form, OneOfField, VersionedForm, WordsField, choices_of, has_words

HOW = {
    How.PHONE: _l("On the phone"),
    How.HOME: _l("At home"),
    How.TEXT: _l("By text"),
    How.CAFE: _l("In a café"),
    How.WALK: _l("On a walk"),
    How.FRIEND: _l("With a friend there"),
    How.ELSEWHERE: _l("Somewhere else"),
}


class NoteForm(VersionedForm):
    """The version is the newest row that the page knew of."""

    words = WordsField(_l("What was said"), description=_l("They can read this, and so might others at home."))
    taking_away = WordsField(
        _l("One thing they are taking away, in their words"),
        description=_l("Ask: What is one thing you are taking away? You can leave this empty."),
        render_kw={"rows": 2},
    )
    feels = OneOfField(
        _l("Did this feel right to you?"),
        description=_l(
            "You can leave this empty. They do not see it. Managers see this only as a figure of many, "
            "when at least 3 coaches have answered."
        ),
        choices=choices_of(FEELS),
    )

    def validate_words(self, field: Any) -> None:
        """Either of the two is enough."""
        if not has_words(field.data) and not has_words(self.taking_away.data):
            raise ValidationError(_l("Write what was said."))


class TalkForm(NoteForm):
    talked_on = DayField(_l("Which day?"), default=today, validators=[InputRequired(_l("Choose the day you talked."))])
    how = OneOfField(_l("How?"), needed=_l("Choose how you talked."), choices=choices_of(HOW), default=How.PHONE.value)
    words = WordsField(
        _l("What was said (you can leave this empty)"),
        description=_l("They can read this, and so might others at home."),
    )
    next_on = DayField(
        _l("The next chat (you can leave this empty)"),
        within=(0, 366),
        otherwise=_l("The next chat has to be today or in the coming year."),
    )

    again = BooleanField(_l("Yes, this is another talk"))

    def validate_words(self, field: Any) -> None:
        """They can come later."""

    def asks_whether_again(self) -> bool:
        """Ask, unless it was answered; one talk is easily written down twice."""
        if not self.again.data:
            self.again.errors = [_l("You wrote down a talk on this day already. Is this another one?")]
        return not self.again.data

    def validate_talked_on(self, field: Any) -> None:
        if field.data and field.data > today():
            raise ValidationError(_l("That day is still to come. Choose the day you talked."))
        if field.data and field.data < today() - timedelta(days=366):
            raise ValidationError(_l("That is more than a year ago. Please check the day."))


class NotWhatISaidForm(Form):
    words = WordsField(_l("What would you say?"), description=_l("You can leave this empty."))
