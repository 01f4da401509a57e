"""The forms of how a resident is reached, and of endings."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp

from deal.forms import Form, OneOfField, TelephoneField, VersionedForm, WordsField, choices_of


class EndingForm(Form):
    reason = WordsField(_l("Would you like to say why?"), description=_l("You can leave this empty."))


SAFE = {"yes": True, "no": False, "not-said": None}


class ReachForm(VersionedForm):
    phone = TelephoneField(
        _l("Your telephone number"), description=_l("We keep it only if you write it here. Your coach sees it.")
    )
    way = WordsField(
        _l("What is the best way to reach you?"),
        description=_l("Such as: ring me, send a text, or knock."),
        render_kw={"rows": 3},
    )
    times = WordsField(_l("When is a good time?"), render_kw={"rows": 2})
    message = OneOfField(
        _l("Is it safe to leave you a message?"),
        description=_l("Somebody else might hear it or read it."),
        choices=choices_of(
            {"yes": _lp("is it safe?", "Yes"), "no": _lp("is it safe?", "No"), "not-said": _l("I would rather not say")}
        ),
    )

    def said(self) -> dict[str, Any]:
        """What was said, as Reach keeps it."""
        said = {"way": self.way.said, "times": self.times.said, "phone": self.phone.data or None}
        return said | {"message_is_safe": SAFE.get(self.message.data)}
