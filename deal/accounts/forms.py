"""The forms of letters, signing in and staff."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField
from wtforms.validators import Email, InputRequired, Length, ValidationError

from deal.accounts.codes import CODE_LENGTH
from deal.accounts.fields import DIGITS, CodeField, PinField, chosen_pin_field, sign_in_name_field
from deal.accounts.secrets import is_easy_password
from deal.forms import Form, LineField, OneOfField, WordsField, choices_of
from deal.people import Person


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
