"""The form of what is rarely changed about somebody."""

from flask_babel import lazy_gettext as _l

from deal.conversations.models import Standing
from deal.forms import Form, OneOfField, choices_of


class GoneForm(Form):
    sent_to = "home.say_gone"
    standing = OneOfField(
        _l("What happened?"),
        choices=choices_of({Standing.MOVED: _l("They moved away"), Standing.DIED: _l("They have died")}),
        needed=_l("Choose what happened."),
    )
