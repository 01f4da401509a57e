"""The forms of signing in; boxes for PINs and codes, in which what was meant counts."""

from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, PasswordField
from wtforms.validators import DataRequired, InputRequired, Length, StopValidation, ValidationError

from deal.auth.passwords import is_easy_password, is_easy_pin
from deal.auth.sessions import remembered_name
from deal.auth.tokens import ALPHABET, NAME_LENGTH, TAKEN_FOR, plain
from deal.forms import Form, LineField
from deal.people import Person

PIN_LENGTH = 6
DIGITS = "0123456789"


class CodeField(LineField):
    """A code of so many signs; `has` says how many, and with %(num)s how many were typed."""

    def __init__(self, label: Any, needed: Any, has: Any, length: int, alphabet: str = ALPHABET, **kwargs: Any) -> None:
        super().__init__(label, needed, **kwargs)
        self.has, self.length, self.alphabet = has, length, alphabet

    @property
    def code(self) -> str:
        return plain(self.data)

    def pre_validate(self, form: Any) -> None:
        """Name the sign that no code has, or say how many are wanted."""
        strange = next((sign for sign in self.code if sign not in self.alphabet), None)
        if strange:
            raise StopValidation(self._about(strange))
        if self.code and len(self.code) != self.length:
            raise StopValidation(str(self.has) % {"num": len(self.code)})

    def _about(self, sign: str) -> str:
        if self.alphabet == DIGITS:
            return _("This number has digits only, and no %(sign)s. Look at it once more.", sign=sign)
        if others := TAKEN_FOR.get(sign):
            said = {"sign": sign, "others": others}
            return _("There is no %(sign)s in our codes and names. It may be one of these: %(others)s.", **said)
        return _("There is no %(sign)s in our codes and names. Look at that sign once more.", sign=sign)


def sign_in_name_field(hint: Any) -> CodeField:
    """The name on somebody's card; the one that this phone remembers stands there already."""
    has = _l("A sign-in name has 8 letters and numbers. You typed %(num)s.")
    boxed = {"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"}
    more = {"description": hint, "render_kw": boxed, "default": remembered_name}
    return CodeField(_l("Your sign-in name"), _l("Type your sign-in name."), has, NAME_LENGTH, **more)


class PinField(PasswordField):
    """Six digits of any script; left empty it says what is `needed`."""

    def __init__(self, label: Any, needed: Any = None, autocomplete: str = "off", **kwargs: Any) -> None:
        checks = [DataRequired(needed)] if needed else []
        boxed = {"inputmode": "numeric", "autocomplete": autocomplete}
        super().__init__(label, checks, filters=[plain], render_kw=boxed, **kwargs)

    def pre_validate(self, form: Any) -> None:
        typed = self.data or ""
        if typed.strip(DIGITS):
            raise StopValidation(_("A PIN has six numbers, and no letters."))
        if typed and len(typed) != PIN_LENGTH:
            raise StopValidation(_("A PIN has six numbers. You typed %(num)s.", num=len(typed)))


class NewPinField(PinField):
    """A PIN that somebody chooses; one like 123456 protects nobody."""

    def __init__(self, **kwargs: Any) -> None:
        label, needed = _l("Choose a PIN of six numbers"), _l("Choose a PIN: type six numbers.")
        hint = _l("Not a birthday, and not 123456. Nobody who works here can see it.")
        super().__init__(label, needed, "new-password", description=hint, **kwargs)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if not validation_stopped and is_easy_pin(self.data or ""):
            raise ValidationError(_("That number is easy to guess. Please choose another one."))


def password_field(label: Any, needed: Any) -> PasswordField:
    boxed = {"autocomplete": "current-password"}
    return PasswordField(label, validators=[InputRequired(needed)], render_kw=boxed)


class SignInForm(Form):
    name = sign_in_name_field(_l("Eight letters and numbers. They are on your card."))
    pin = PinField(_l("Your PIN"), _l("Type your PIN."), "current-password")
    own_phone = BooleanField(_l("This phone is only mine: remember my sign-in name"))
    next = HiddenField(default=lambda: request.args.get("next"))
    held = HiddenField()


class StaffSignInForm(Form):
    email = LineField(
        _l("Your e-mail address"),
        needed=_l("Type your e-mail address and your password."),
        most=254,
        render_kw={"type": "email", "autocomplete": "username"},
    )
    password = password_field(_l("Your password"), _l("Type your password."))
    next = HiddenField(default=lambda: request.args.get("next"))
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
    pin = NewPinField()


class ChangePinForm(Form):
    """A resident knows their PIN and wants another one."""

    present = PinField(_l("The PIN that you have now"), _l("Type the PIN that you have now."), "current-password")
    pin = NewPinField()
    secret = "pin"
    wrong = _l("That is not the PIN that you have now. Try once more, or ask your coach for a new one.")
    same = _l("That is the PIN that you have already. Choose another one.")
    changed = _l("Your PIN is changed.")


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

    present = password_field(_l("The password that you have now"), _l("Type the password that you have now."))
    secret = "password"
    wrong = _l("That is not the password that you have now. Try once more, or ask a manager for a new link.")
    same = _l("That is the password that you have already. Choose another one.")
    changed = _l("Your password is changed.")
