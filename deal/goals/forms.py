"""The forms of goals, steps and check-ins, of showing a goal and of reading words back."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.validators import ValidationError

from deal.accounts.auth_forms import PinField
from deal.drafts.forms import read_together
from deal.forms import SCALE, Form, LineField, OneOfField, VersionedForm, WordsField, choices_of, optional_number
from deal.goals.models import Goal, SharedGoal, State

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

    def offer(self, goal: Goal) -> "StateForm":
        """What may follow what the goal is now."""
        self.state.choices = choices_of({state: STATES[state] for state in goal.may_become})
        return self

    def words_fit(self) -> bool:
        """A goal that changed needs the new words; where it did not, new words would be lost."""
        changed, said = self.state.data == State.CHANGED.value, self.words.said is not None
        if changed and not said:
            self.words.errors = [_("Write what you want now.")]
        elif said and not changed:
            self.words.errors = [_("You wrote new words. Choose that it changed into another goal, or empty this box.")]
        return changed == said


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


def forms_of(goal: Goal, shared: SharedGoal | None) -> dict[str, Form]:
    """The forms on a goal's page, as they are before anything is sent."""
    read_together(CheckInForm, StepForm, ChangeWordingForm, StateForm)
    face, fresh = goal.face, {"formdata": None, "version": goal.version}
    holds = shared if shared and shared.wording_id == face.id else None
    choice = holds and ("named" if holds.named else "unnamed")
    return {
        "check_in": CheckInForm(formdata=None),
        "step": StepForm(formdata=None),
        "rewording": ChangeWordingForm(words=face.words, why=face.why, sure=face.sure, **fresh),
        "state": StateForm(**fresh).offer(goal),
        "sharing": ShareForm(formdata=None, choice=choice, version=face.id),
    }


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
