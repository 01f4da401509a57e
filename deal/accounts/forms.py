"""The forms of invitations, signing in and staff."""

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, HiddenField, PasswordField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, ValidationError

from deal.accounts.codes import CODE_LENGTH
from deal.accounts.fields import DIGITS, CodeField, PinField, chosen_pin_field, sign_in_name_field
from deal.accounts.secrets import is_easy_password
from deal.forms import Form, LineField, OneOfField, WordsField, choices_of, one_line_break
from deal.people import Person

MOST_AT_ONCE = 50  # letters: they are printed while the coach waits
MOST_NAMED = 10  # lines that one sentence names


class InviteForm(Form):
    name = LineField(
        _l("What do they like to be called?"),
        needed=_l("Write the name they like to be called."),
        description=_l("It stands on the letter and on their pages."),
        render_kw={"autocomplete": "off"},
    )
    label = LineField(
        _l("A label for you (you can leave this empty)"),
        most=40,
        too_long=_l("Make the label shorter: up to 40 characters."),
        description=_l("To tell two people of one name apart, such as Oak Court. They can see it too."),
        render_kw={"autocomplete": "off"},
    )
    adult = BooleanField(
        _l("This person is 18 or over"),
        validators=[InputRequired(_l("Tick the box if this person is 18 or over. Deal is for adults only."))],
    )
    all_the_same = BooleanField(_l("Yes, invite them all the same"))  # asked where one of that name said no thanks


class InviteManyForm(Form):
    people = TextAreaField(
        _l("Who is invited? One person a line"),
        filters=[one_line_break],
        description=_l(
            "The name they like to be called. If you want a label, put it behind a comma: Nia, Oak Court. "
            "You can paste two columns from a spreadsheet."
        ),
        render_kw={"rows": 12, "autocomplete": "off", "spellcheck": "false"},
    )
    adult = BooleanField(
        _l("All of these people are 18 or over"),
        validators=[InputRequired(_l("Tick the box if all of them are 18 or over. Deal is for adults only."))],
    )
    different = BooleanField(_l("They are different people: make a letter for each line"))

    invited: Sequence[tuple[str, str]] = ()  # (name, label) of each line that is not empty
    lines: Sequence[int] = ()  # and its number, as the coach counts

    def validate_people(self, field: Any) -> None:
        """A name in each line that is not empty, no name and no label too long; the sentences say which lines."""
        typed = [(n, *_name_and_label(line)) for n, line in enumerate((field.data or "").split("\n"), 1)]
        typed = [one for one in typed if one[1] or one[2]]
        self.invited, self.lines = [(name, label) for _n, name, label in typed], [n for n, _name, _label in typed]
        if not typed:
            raise ValidationError(_("Write at least one name."))
        if no_name := [n for n, name, _label in typed if not name]:
            raise ValidationError(_("There is a label and no name in line %(lines)s.", lines=_listed(no_name)))
        if long := [n for n, name, _label in typed if len(name) > 200]:
            sentence = _("Make the name shorter, up to 200 characters, in line %(lines)s.", lines=_listed(long))
            raise ValidationError(sentence)
        if long := [n for n, _name, label in typed if len(label) > 40]:
            sentence = _("Make the label shorter, up to 40 characters, in line %(lines)s.", lines=_listed(long))
            raise ValidationError(sentence)

    def asks_about(self, twice: list[int]) -> bool:
        """Whether nothing is to be asked; else ask about those places of the list that name somebody a second time."""
        if twice:
            names = [f"{', '.join(filter(None, self.invited[n]))} ({self.lines[n]})" for n in twice]
            sentence = _(
                "Twice in your list, or here already, with the number of the line: %(names)s. "
                "Take them out, or tick the box if they are different people.",
                names=_listed(names, "; "),
            )
            self.different.errors = [sentence]
        return not twice

    def say_why(self, left: int) -> None:
        """Why no letter was made, where nothing has said so yet."""
        many = len(self.invited)
        if many > left:
            sentence = ngettext(
                "Your list has %(many)s, and %(num)s place is left this week. Take some out for now.",
                "Your list has %(many)s, and %(num)s places are left this week. Take some out for now.",
                left,
                many=f"{many:,}",
            )
        else:
            sentence = _("At most %(most)s letters can be made at once. Make them in two goes.", most=MOST_AT_ONCE)
        if left < many or many > MOST_AT_ONCE:
            self.people.errors = [*self.people.errors, sentence]
        elif not self.errors:
            self.form_errors.append(_("No letter was made. Read below why, and try again when that is put right."))


def _name_and_label(line: str) -> tuple[str, str]:
    name, label = [*re.split(r"[\t,;]", line, maxsplit=1), ""][:2]
    return " ".join(name.split()), " ".join(label.split()).rstrip(",; ")


def _listed(things: Sequence[Any], divider: str = ", ") -> str:
    return divider.join(str(one) for one in things[:MOST_NAMED]) + (" …" if len(things) > MOST_NAMED else "")


class LettersForm(Form):
    layout = OneOfField(
        _l("How shall they look?"),
        choices=choices_of(
            {
                "normal": _l("As usual"),
                "easy": _l("Easy to read: one idea a line, with pictures"),
                "large": _l("Large print"),
            }
        ),
        default="normal",
        needed=_l("Choose how they shall look."),
    )


class CodeForm(Form):
    drafted = False  # a secret
    code = CodeField(
        _l("Your code"),
        _l("Type the code from your letter."),
        _l("A code has 15 letters and numbers. You typed %(num)s."),
        CODE_LENGTH,
        description=_l("It is in large letters on your letter. Dashes and capitals do not matter."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class SignInForm(Form):
    name = sign_in_name_field(_l("Eight letters and numbers. They are on your card."))
    pin = PinField(_l("Your PIN"), _l("Type your PIN."), "current-password")
    next = HiddenField()
    held = HiddenField()


class StaffSignInForm(Form):
    email = LineField(
        _l("Your e-mail address"),
        needed=_l("Type your e-mail address and your password."),
        most=254,
        render_kw={"type": "email", "autocomplete": "username"},
    )
    password = PasswordField(
        _l("Your password"),
        validators=[InputRequired(_l("Type your password."))],
        render_kw={"autocomplete": "current-password"},
    )
    next = HiddenField()
    held = HiddenField()


class NewPinForm(Form):
    """A resident who forgot the PIN chooses a new one, with the number that the coach read out."""

    name = sign_in_name_field(_l("Eight letters and numbers. Your coach can read it out too."))
    number = CodeField(
        _l("The number that your coach read out"),
        _l("Type the number that your coach read out."),
        _l("The number from your coach has 8 digits. You typed %(num)s."),
        8,
        DIGITS,
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )
    pin = chosen_pin_field()


class PinForm(Form):
    pin = chosen_pin_field()
    own_phone = OneOfField(
        _l("Is this phone or computer only yours?"),
        choices=choices_of({"yes": _l("Yes, only mine"), "no": _l("No, others use it too")}),
        needed=_l("Choose yes or no."),
        description=_l("If it is, we remember your sign-in name here. We never remember your PIN."),
    )


class ChangePinForm(Form):
    """A resident knows their PIN and wants another one."""

    present = PinField(_l("The PIN that you have now"), _l("Type the PIN that you have now."), "current-password")
    pin = chosen_pin_field()


class CoachForm(Form):
    role = OneOfField(
        _l("What do they do?"),
        choices=choices_of({"coach": _l("Coach"), "manager": _l("Manager")}),
        default="coach",
        needed=_l("Choose coach or manager."),
    )
    name = LineField(_l("Their name, as residents will see it"), needed=_l("Write their name."))
    email = LineField(
        _l("Their work e-mail address"),
        needed=_l("Write their e-mail address. They sign in with it."),
        most=254,
        description=_l("They sign in with it. Deal sends no e-mail."),
        render_kw={"type": "email"},
    )
    phone = LineField(_l("Their telephone number"), most=40, render_kw={"type": "tel"})
    languages = LineField(_l("The languages they speak"))
    about = WordsField(
        _l("A line about them, for residents"), description=_l("Such as: I used to be a baker, and I like walking.")
    )

    def validate_email(self, field: Any) -> None:
        Email(_l("That does not look like an e-mail address. Please check it."))(self, field)

    def validate_phone(self, field: Any) -> None:
        """Residents are told to ring their coach, so a coach needs a number."""
        if self.role.data == "coach" and not field.data:
            raise ValidationError(_l("Write the coach's telephone number. Residents need it."))


class PasswordForm(Form):
    """A member of staff chooses a password."""

    password = PasswordField(
        _l("Choose a password"),
        validators=[Length(min=12, max=200, message=_l("Use 12 characters or more. Three words are a good password."))],
        description=_l("12 characters or more. Three words are a good password."),
        render_kw={"autocomplete": "new-password"},
    )

    def __init__(self, person: Person, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.person = person

    def validate_password(self, field: Any) -> None:
        """What many people have, and what belongs to this person or place, is guessed first."""
        if not field.errors and is_easy_password(field.data, self.person):
            sentence = _l(
                "That password is easy to guess: many have it, or a name is in it. "
                "Three words that have nothing to do with you or us are a good one."
            )
            raise ValidationError(sentence)


class ChangePasswordForm(PasswordForm):
    """Staff know their password and want another one."""

    present = PasswordField(
        _l("The password that you have now"),
        validators=[InputRequired(_l("Type the password that you have now."))],
        render_kw={"autocomplete": "current-password"},
    )
