"""Boxes for PINs and codes: what was meant counts, however it is typed; what cannot be one is told why."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import PasswordField
from wtforms.validators import DataRequired, StopValidation, ValidationError

from deal.accounts.codes import ALPHABET, NAME_LENGTH, TAKEN_FOR, plain
from deal.accounts.secrets import is_easy_pin
from deal.forms import Form, LineField

PIN_LENGTH = 6
DIGITS = "0123456789"


class CodeField(LineField):
    """A code of so many signs; `has` says how many, and with %(num)s how many were typed."""

    def __init__(self, label: Any, needed: Any, has: Any, length: int, alphabet: str = ALPHABET, **kwargs: Any) -> None:
        super().__init__(label, needed, **kwargs)
        self.has, self.length, self.alphabet = has, length, alphabet

    @property
    def code(self) -> str:
        """The signs that count."""
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
            sentence = _(
                "There is no %(sign)s in our codes and names. It may be one of these: %(others)s.",
                sign=sign,
                others=others,
            )
            return sentence
        return _("There is no %(sign)s in our codes and names. Look at that sign once more.", sign=sign)


def sign_in_name_field(hint: Any) -> CodeField:
    """The name on somebody's card."""
    has = _l("A sign-in name has 8 letters and numbers. You typed %(num)s.")
    boxed = {"autocomplete": "username", "autocapitalize": "characters", "spellcheck": "false"}
    needed = _l("Type your sign-in name.")
    return CodeField(_l("Your sign-in name"), needed, has, NAME_LENGTH, description=hint, render_kw=boxed)


class PinField(PasswordField):
    """Six digits of any script; left empty it says what is `needed`."""

    def __init__(
        self, label: Any, needed: Any = None, autocomplete: str = "off", checks: Any = (), **kwargs: Any
    ) -> None:
        first = [DataRequired(needed)] if needed else []
        boxed = {"inputmode": "numeric", "autocomplete": autocomplete}
        super().__init__(label, [*first, _six_digits, *checks], filters=[plain], render_kw=boxed, **kwargs)


def _six_digits(_form: Form, field: Any) -> None:
    typed = field.data or ""
    if typed.strip(DIGITS):
        raise StopValidation(_("A PIN has six numbers, and no letters."))
    if typed and len(typed) != PIN_LENGTH:
        raise StopValidation(_("A PIN has six numbers. You typed %(num)s.", num=len(typed)))


def chosen_pin_field() -> PinField:
    """A PIN that somebody chooses."""
    return PinField(
        _l("Choose a PIN of six numbers"),
        _l("Choose a PIN: type six numbers."),
        "new-password",
        [_easy_to_guess],
        description=_l("Not a birthday, and not 123456. Nobody who works here can see it."),
    )


def _easy_to_guess(_form: Form, field: Any) -> None:
    """A PIN like 123456 protects nobody."""
    if is_easy_pin(field.data):
        raise ValidationError(_("That number is easy to guess. Please choose another one."))
