"""The forms with which residents disown what staff typed, and name staff who must never read their words."""

from flask_babel import lazy_gettext as _l

from deal.forms import EmptyForm, Form, TicksField, WordsField


class NotWhatISaidForm(Form):
    words = WordsField(_l("What would you say?"), description=_l("You can leave this empty."))


class OwnWordsForm(Form):
    words = WordsField(_l("What would you say?"), needed=_l("Write it in your own words."))


# by the kind of what staff typed: a check-in is told anew on the goal's page
NOT_MINE: dict[str, type[Form]] = {"wording": OwnWordsForm, "note": NotWhatISaidForm, "check-in": EmptyForm}


class NeverForm(Form):
    staff = TicksField(_l("Tick the name of anybody who must never read your words."))
