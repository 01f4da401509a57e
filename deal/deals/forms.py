"""The forms of promises and of agreeing."""

from datetime import timedelta
from typing import Any, ClassVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext as _lp
from wtforms import HiddenField
from wtforms.validators import InputRequired, ValidationError

from deal.clock import today
from deal.dates import DayField
from deal.deals.models import Kept, Promise
from deal.forms import Form, LineField, VersionedForm, WordsField

# Welsh answers with the verb of the question
KEPT = {
    Kept.YES: _lp("was it kept?", "Yes"),
    Kept.PARTLY: _l("Partly"),
    Kept.NO: _lp("was it kept?", "No"),
    Kept.NOT_YET: _l("Not yet"),
}


PROMISE = {
    "label": _l("What is the promise?"),
    "needed": _l("Write the promise in a few words."),
    "render_kw": {"rows": 4},
}


class PromiseForm(VersionedForm):
    """A resident's promise: words, and nothing to be held to."""

    sent_to, sent_with = "deals.add_promise", {"side": "resident"}
    words = WordsField(**PROMISE)


class OurPromiseForm(PromiseForm):
    """The landlord's promise: words, a name and a day."""

    sent_with: ClassVar = {"side": "landlord"}
    words = WordsField(**PROMISE, id="our-words")
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


class ChangePromiseForm(PromiseForm):
    """Other words, unless it was let go, or the resident has said whether it was kept."""

    sent_to = "deals.change_words"

    def __init__(self, promise: Promise, **kwargs: Any) -> None:
        super().__init__(obj=promise.current_wording, **kwargs)
        self.promise = promise

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        if good and self.promise.is_fixed:
            self.form_errors.append(_("The words of this promise stay as they are now. You can write a new promise."))
        return good and not self.promise.is_fixed


class ChangeOurPromiseForm(ChangePromiseForm, OurPromiseForm):
    pass


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
