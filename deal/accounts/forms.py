"""The forms of letters, signing in and staff."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField
from wtforms.validators import Email, EqualTo, Length, Regexp, ValidationError

from deal.accounts.secrets import is_easy_pin
from deal.forms import Form, LineField, OneOfField, WordsField, choices_of


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
    code = LineField(
        _l("Your code"),
        needed=_l("Type the code from your letter."),
        description=_l("It is in large letters on your letter. Dashes and capitals do not matter."),
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


def easy_to_guess(_form: Form, field: Any) -> None:
    """A PIN like 123456 protects nobody."""
    if not field.errors and is_easy_pin(field.data):
        raise ValidationError(_l("That number is easy to guess. Please choose another one."))


class SignInForm(Form):
    name = LineField(
        _l("Your sign-in name"),
        needed=_l("Type your sign-in name and your PIN."),
        description=_l("Eight letters and numbers. They are on your card."),
        render_kw={"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"},
    )
    pin = PasswordField(_l("Your PIN"), render_kw={"inputmode": "numeric", "autocomplete": "current-password"})
    next = HiddenField()
    held = HiddenField()


class StaffSignInForm(Form):
    email = LineField(
        _l("Your e-mail address"),
        needed=_l("Type your e-mail address and your password."),
        most=254,
        render_kw={"type": "email", "autocomplete": "username"},
    )
    password = PasswordField(_l("Your password"), render_kw={"autocomplete": "current-password"})
    next = HiddenField()
    held = HiddenField()


class NewPinForm(Form):
    """A resident who forgot the PIN chooses a new one, with the number that the coach read out."""

    name = LineField(
        _l("Your sign-in name"),
        needed=_l("Type your sign-in name."),
        description=_l("Eight letters and numbers. Your coach can read it out too."),
        render_kw={"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"},
    )
    number = LineField(
        _l("The number that your coach read out"),
        needed=_l("Type the number that your coach read out."),
        render_kw={"inputmode": "numeric", "autocomplete": "one-time-code"},
    )
    pin = PasswordField(
        _l("Choose a PIN of six numbers"),
        validators=[
            Regexp(r"^[0-9]{6}\Z", message=_l("The PIN needs six numbers, such as a 2 and five more.")),
            easy_to_guess,
        ],
        description=_l("Not a birthday, and not 123456. Nobody who works here can see it."),
        render_kw={"inputmode": "numeric", "autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("Type the same six numbers again"),
        validators=[EqualTo("pin", message=_l("The two PINs are not the same. Please type both again."))],
        render_kw={"inputmode": "numeric", "autocomplete": "new-password"},
    )


class PinForm(Form):
    pin, again = NewPinForm.pin, NewPinForm.again
    own_phone = OneOfField(
        _l("Is this phone or computer only yours?"),
        choices=choices_of({"yes": _l("Yes, only mine"), "no": _l("No, others use it too")}),
        needed=_l("Choose yes or no."),
        description=_l("If it is, we remember your sign-in name here. We never remember your PIN."),
    )


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
    password = PasswordField(
        _l("Choose a password"),
        validators=[Length(min=12, max=200, message=_l("Use 12 characters or more. Three words are a good password."))],
        description=_l("12 characters or more. Three words are a good password."),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("Type the same password again"),
        validators=[EqualTo("password", message=_l("The two passwords are not the same. Please type both again."))],
        render_kw={"autocomplete": "new-password"},
    )

    def validate_password(self, field: Any) -> None:
        """One sign over and over, or a short pattern, is no password."""
        if len(set(field.data or "")) < 5:
            raise ValidationError(_l("That password is easy to guess. Please choose another one."))
