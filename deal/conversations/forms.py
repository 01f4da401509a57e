"""The forms of conversations."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import InputRequired, ValidationError

from deal.assessment.forms import FEELS
from deal.clock import today
from deal.conversations.models import Chat, Conversation, How
from deal.dates import DayField, TimeField
from deal.forms import NOT_OFFERED, EmptyForm, LineField, OneOfField, VersionedForm, WordsField, choices_of, has_words

HOW = {
    How.PHONE: _l("On the phone"),
    How.HOME: _l("At home"),
    How.TEXT: _l("By text"),
    How.CAFE: _l("In a café"),
    How.WALK: _l("On a walk"),
    How.FRIEND: _l("With a friend there"),
    How.ELSEWHERE: _l("Somewhere else"),
}


class ChatFields(VersionedForm):
    """When and where the next chat is. All of it may be left empty; without a day there is none."""

    next_on = DayField(
        _l("When is the next chat?"),
        within=(0, 366),
        otherwise=_l("The next chat has to be today or in the coming year."),
    )
    next_time = TimeField(
        _l("At what time? (you can leave this empty)"),
        description=_l("Such as 14:00 or 2pm."),
        render_kw={"class": "govuk-input--width-5", "autocomplete": "off"},
    )
    next_how = SelectField(
        _l("How?"), choices=choices_of(HOW), default=How.PHONE.value, invalid_choice_message=NOT_OFFERED
    )
    next_place = LineField(
        _l("In which place? (you can leave this empty)"),
        most=100,
        description=_l("Such as: the café by the station. They can read this, and so might others at home."),
    )

    @staticmethod
    def data_of(chat: Chat | None) -> dict[str, Any]:
        """What stands in the boxes: the chat that is going to take place, to be seen before another takes its place."""
        if not chat:
            return {}
        return {"next_on": chat.day, "next_time": chat.time, "next_how": chat.how.value, "next_place": chat.place}

    def validate_next_on(self, field: Any) -> None:
        """A time or a place is nothing without its day."""
        if not field.data and not field.errors and (self.next_time.raw_data or [""])[0].strip():
            raise ValidationError(_l("Write the day of the next chat too."))

    @staticmethod
    def version_of(chat: Chat | None, talk: Conversation | None = None) -> str:
        """What the page knew of: which chat was planned, if the resident can make it, and the newest talk."""
        return f"{talk.id if talk else 0} {f'{chat.id}-{chat.takes_place}' if chat and chat.is_ahead else 0}"

    @property
    def chat(self) -> dict[str, Any] | None:
        """The next chat as it is said here."""
        if not self.next_on.data:
            return None
        how, place = How(self.next_how.data), self.next_place.data or None
        return {"day": self.next_on.data, "time": self.next_time.data, "how": how, "place": place}


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


class TalkForm(ChatFields, NoteForm):
    talked_on = DayField(_l("Which day?"), default=today, validators=[InputRequired(_l("Choose the day you talked."))])
    how = OneOfField(_l("How?"), needed=_l("Choose how you talked."), choices=choices_of(HOW), default=How.PHONE.value)
    words = WordsField(
        _l("What was said (you can leave this empty)"),
        description=_l("They can read this, and so might others at home."),
    )

    def newer_talk(self, newest: Conversation | None) -> Conversation | None:
        """The newest talk, where the page did not know of it; to be asked before `is_fresh`."""
        known = (self.version.data or "").partition(" ")[0]
        return newest if newest and known not in ("", str(newest.id)) else None

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


class CannotForm(EmptyForm):
    chat = HiddenField()  # the one that the page showed
