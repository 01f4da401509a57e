"""The forms of what is rarely changed about somebody."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.validators import InputRequired

from deal.accounts.hand_over import CoverForm, GiveForm
from deal.conversations.endings import Standing
from deal.forms import Form, OneOfField, choices_of
from deal.people import Person


class CoverOneForm(CoverForm):
    sent_to = "home.keep_cover_of_one"
    ids = "cover-"


class HandOverForm(GiveForm):
    sent_to = "home.hand_on"
    ids = "hand-over-"
    told = BooleanField(
        _l("I have told them, and who it will be"),
        validators=[InputRequired(_l("Tell them first, then tick the box. It must not come as a surprise."))],
    )


class GoneForm(Form):
    sent_to = "home.say_gone"
    standing = OneOfField(
        _l("What happened?"),
        choices=choices_of({Standing.MOVED: _l("They moved away"), Standing.DIED: _l("They have died")}),
        needed=_l("Choose what happened."),
    )

    def __init__(self, _resident: Person, **kwargs: Any) -> None:
        super().__init__(**kwargs)
