"""The forms of promises and of agreeing."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms import HiddenField
from wtforms.validators import InputRequired, ValidationError

from deal.clock import today
from deal.dates import DayField
from deal.deals.models import Kept
from deal.forms import Form, LineField, VersionedForm, WordsField

# Welsh answers with the verb of the question
KEPT = {
    Kept.YES: _lp("was it kept?", "Yes"),
    Kept.PARTLY: _l("Partly"),
    Kept.NO: _lp("was it kept?", "No"),
    Kept.NOT_YET: _l("Not yet"),
}


class PromiseForm(VersionedForm):
    """A resident's promise: words, and nothing to be held to."""

    words = WordsField(
        _l("What is the promise?"), needed=_l("Write the promise in a few words."), render_kw={"rows": 4}
    )


class OurPromiseForm(PromiseForm):
    """The landlord's promise: words, a name and a day."""

    words = WordsField(
        _l("What is the promise?"),
        id="our-words",
        needed=_l("Write the promise in a few words."),
        render_kw={"rows": 4},
    )
    who = LineField(_l("Who does it?"), needed=_l("Write the name of the person who does it."))
    due_on = DayField(
        _l("By which day?"),
        description=_l("Something small, within seven days, is a good beginning."),
        default=lambda: today() + timedelta(days=7),
        validators=[InputRequired(_l("Choose a day."))],
    )

    def validate_due_on(self, field: Any) -> None:
        """A promise is about what comes; other words for one may leave its day as it was."""
        if field.data and field.data < today() and field.data != field.object_data:
            raise ValidationError(_l("That day has passed. Choose today or a day to come."))
        if field.data and field.data > today() + timedelta(days=366):
            raise ValidationError(_l("That is more than a year away. Please choose a nearer day."))


class NewPromiseForm(PromiseForm):
    sent_to, sent_with = "deals.add_promise", {"side": "resident"}


class NewOurPromiseForm(OurPromiseForm):
    sent_to, sent_with = "deals.add_promise", {"side": "landlord"}


class ChangePromiseForm(PromiseForm):
    sent_to = "deals.change_words"


class ChangeOurPromiseForm(OurPromiseForm):
    sent_to = "deals.change_words"


class PromiseNoteForm(Form):
    sent_to = "deals.add_note"
    words = WordsField(
        _l("What would you like to say about it?"),
        id="note",
        needed=_l("Write a few words."),
        description=_l("They can read this. Their answer stays as it is."),
        render_kw={"rows": 3},
    )


class AgreeForm(Form):
    """One press, to what was on the page."""

    shown = HiddenField()


class PaperForm(AgreeForm):
    sent_to = "deals.agreed_on_paper"
    agreed_on = DayField(
        _l("Which day did you both agree?"),
        within=(-366, 0),
        otherwise=_l("Choose the day it was agreed: today, or a day in the past year."),
        default=today,
        validators=[InputRequired(_l("Choose the day."))],
    )
    seen_by = LineField(_l("Who saw it?"), needed=_l("Write the name of somebody who saw it."))
