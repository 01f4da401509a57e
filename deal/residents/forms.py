"""The forms of the coach's page about one person."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField
from wtforms.validators import ValidationError

from deal.blockers.forms import WHOSE
from deal.contact.models import Standing
from deal.conversations.forms import ChatFields
from deal.forms import Form, OneOfField, TelephoneField, VersionedForm, WordsField, choices_of


class ChatForm(ChatFields):
    """The next chat alone. The version is the row that the page knew of."""

    sent_to = "residents.plan_chat"


class PhoneForm(VersionedForm):
    """For the coach: a resident's number, which they said yes to."""

    sent_to = "residents.keep_phone"
    phone = TelephoneField(_l("Their telephone number"))
    yes = BooleanField(_l("They said yes: we may keep this number"))

    def validate_yes(self, field: Any) -> None:
        """No number of anybody's without their yes; taking it away needs none."""
        if self.phone.data and not field.data:
            raise ValidationError(_l("Ask them first. Tick this when they said yes."))


class GoneForm(Form):
    sent_to = "residents.say_gone"
    standing = OneOfField(
        _l("What happened?"),
        choices=choices_of({Standing.MOVED: _l("They moved away"), Standing.DIED: _l("They have died")}),
        needed=_l("Choose what happened."),
    )


class BlockerForm(Form):
    sent_to = "residents.add_blocker"
    draft_about = ("check_in", "conversation")
    words = WordsField(_l("What got in the way?"), render_kw={"rows": 3})
    whose = OneOfField(
        _l("Whose is it to change?"),
        description=_l(
            "The landlord's may be a rule or a form, another service's a bus or a college. You can leave this empty."
        ),
        choices=choices_of(WHOSE),
    )
    check_in = HiddenField()
    conversation = HiddenField()

    def validate_words(self, field: Any) -> None:
        """Where no check-in says it, there has to be a word."""
        if not self.check_in.data and not field.said:
            raise ValidationError(_l("Write what got in the way. A word or two is enough."))
