"""The forms of goals, steps and check-ins, of showing a goal and of reading words back."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import ValidationError

from deal.auth.forms import PinField
from deal.forms import SCALE, Form, LineField, OneOfField, VersionedForm, WordsField, choices_of, optional_number
from deal.goals.models import MOST_STEPS, Goal, State, may_be_shared

SMALL = {"rows": 3}  # a box among others
SURE = {"scale": True, "low": _l("Not sure at all"), "high": _l("Very sure")}
STATES = {
    State.LIVE: _l("Doing it now"),
    State.RESTING: _l("Resting"),
    State.CHANGED: _l("Changed into another goal"),
    State.REACHED: _l("Done it"),
    State.SET_ASIDE: _l("Set aside"),
}
# what is said when a goal comes to stand there
WARM = {
    State.LIVE: _l("Good to have it back."),
    State.RESTING: _l("A rest is fine. It is here for you when you want it."),
    State.CHANGED: _l("Goals grow, as people do. Here is the new one."),
    State.REACHED: _l("Done! That is something to be proud of."),
    State.SET_ASIDE: _l("That is fine. It stays here, should you want it again."),
}


class WordingForm(Form):
    draft_about = ("quoted",)
    words = WordsField(_l("What do you want?"), needed=_l("Write the goal in a few words."))
    why = WordsField(_l("Why does it matter to you?"), description=_l("You can leave this empty."), render_kw=SMALL)
    sure = OneOfField(
        _l("How sure do you feel that you can make a start?"), choices=SCALE, coerce=optional_number, render_kw=SURE
    )
    quoted = HiddenField()


class GoalForm(WordingForm):
    step = WordsField(_l("What is a first small step?"), description=_l("You can leave this empty."), render_kw=SMALL)


class ChangeWordingForm(WordingForm, VersionedForm):
    """Other words for a goal that is there."""

    sent_to = "goals.change_words"
    words = WordsField(_l("What do you want?"), id="wording", needed=_l("Write the goal in a few words."))


class StepForm(Form):
    sent_to = "goals.add_step"
    words = WordsField(_l("A small step"), id="step", needed=_l("Write the step in a few words."), render_kw=SMALL)
    who = LineField(_l("Who does it?"), description=_l("Leave this empty if it is you."))

    def __init__(self, goal: Goal, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.is_full = len(goal.steps) >= MOST_STEPS

    def validate(self, extra_validators: Any = None) -> bool:
        """A goal has room for so many."""
        good = super().validate(extra_validators)
        if good and self.is_full:
            sentence = _("There are 50 steps on this goal, and more do not fit. Perhaps it is time for a new goal?")
            self.form_errors.append(sentence)
        return good and not self.is_full


class NumberForm(Form):
    """A check-in of one number, for a page with several goals."""

    number = OneOfField(
        _l("From 0 to 10, how is it going?"),
        choices=SCALE,
        coerce=optional_number,
        render_kw={"scale": True, "low": _l("Hard just now"), "high": _l("Really well")},
    )


def number_form(goal: Goal) -> NumberForm:
    """For a goal that stands beside others: no two of its boxes have one id."""
    form = NumberForm(formdata=None)
    form.number.id = f"number-{goal.id}"
    return form


class CheckInForm(NumberForm):
    sent_to = "goals.add_check_in"
    helped = WordsField(_l("What helped?"), render_kw=SMALL)
    in_the_way = WordsField(_l("What got in the way?"), render_kw=SMALL)
    celebrate = WordsField(_l("Is there something to celebrate?"), description=_l("It can be small."), render_kw=SMALL)

    def validate(self, extra_validators: Any = None) -> bool:
        """Something, however little, has to be there to keep."""
        good = super().validate(extra_validators)
        said = self.helped.said or self.in_the_way.said or self.celebrate.said
        if good and not said and self.number.data is None:
            self.form_errors.append(_l("There is nothing to save yet. Choose a number or write a word."))
            return False
        return good


class StateForm(VersionedForm):
    sent_to = "goals.change_state"
    state = OneOfField(_l("Choose what fits"), needed=_l("Choose one."), choices=[])
    reason = WordsField(_l("Would you like to say why?"), description=_l("You can leave this empty."), render_kw=SMALL)
    words = WordsField(_l("What do you want now?"), id="other-goal", render_kw=SMALL)
    moved = _l("This goal was changed while your page was open. Look at it, then choose again.")

    def __init__(self, goal: Goal, **kwargs: Any) -> None:
        """It offers what may follow what the goal is now."""
        super().__init__(**kwargs)
        self.state.choices = choices_of({state: STATES[state] for state in goal.may_become})

    def validate(self, extra_validators: Any = None) -> bool:
        """A goal that changed needs the new words; where it did not, new words would be lost."""
        good = super().validate(extra_validators)
        changed, said = self.state.data == State.CHANGED.value, self.words.said is not None
        if good and changed and not said:
            self.words.errors = [_("Write what you want now.")]
        elif good and said and not changed:
            self.words.errors = [_("You wrote new words. Choose that it changed into another goal, or empty this box.")]
        return good and changed == said


class ShareForm(VersionedForm):
    choice = OneOfField(
        _l("May we show it?"),
        choices=choices_of(
            {"named": _l("Yes, with my name"), "unnamed": _l("Yes, without my name"), "no": _l("No, do not show it")}
        ),
        needed=_l("Choose yes or no."),
    )
    # the version is of the words that were read: a yes is to these alone
    moved = _l("The words changed while your page was open. Read them below, then choose again.")

    def is_what_they_read(self, goal: Goal) -> bool:
        """Whether a yes may be kept; else a sentence says why not."""
        if self.is_fresh(goal.current_wording.id) and not may_be_shared(goal):
            self.form_errors.append(_("This goal cannot be shown now. Read below why."))
        return not self.form_errors


class ReadBackForm(Form):
    """The resident confirms on the coach's device, or has done so on paper."""

    how = OneOfField(
        _l("How do they say yes?"),
        choices=choices_of(
            {"pin": _l("They type their PIN here"), "paper": _l("They put their initials beside it on paper")}
        ),
        needed=_l("Choose how they say yes."),
    )
    pin = PinField(_l("Their PIN"))

    def validate_pin(self, field: Any) -> None:
        """Initials on paper need none."""
        if self.how.data == "pin" and not field.data:
            raise ValidationError(_("Type the PIN, or use paper."))
