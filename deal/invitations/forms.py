"""The forms of letters: inviting one person or a pasted list, a letter's code, the first PIN."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from deal.auth.forms import CodeField, NewPinField
from deal.auth.tokens import CODE_LENGTH
from deal.clock import day_of
from deal.forms import Form, LineField, OneOfField, TicksField, choices_of, one_line_break
from deal.invitations.models import Key, PossibleDuplicate, key_of, may_be_one
from deal.invitations.pasted_list import MOST_LABEL, Line, Pasted, read
from deal.names import isolated

MOST_AT_ONCE = 50  # letters: they are printed while the coach waits
MOST_NAMED = 10  # lines that one sentence names
FAULTS: tuple[tuple[Any, Callable[[Line], bool]], ...] = (
    (_l("There is a label and no name in line %(lines)s."), lambda line: not line.name),
    (_l("Make the name shorter, up to 200 characters, in line %(lines)s."), lambda line: len(line.name) > 200),
    (_l("Make the label shorter, up to 40 characters, in line %(lines)s."), lambda line: len(line.label) > MOST_LABEL),
)
ORDERS = {
    "name": _l("The name they like to be called"),
    "surname": _l("The surname, as in “Jones, Ann”: turn the names round"),
}


def why_doubtful(double: PossibleDuplicate) -> str:
    """What the coach is told before somebody is invited who may be theirs already."""
    name = isolated(double.person.full_name)
    if double.said_no_at:
        day = format_date(day_of(double.said_no_at), "d MMMM y")
        return _("%(name)s said no thanks on %(day)s.", name=name, day=day)
    return _("%(name)s is one of your people already.", name=name)


class InviteForm(Form):
    sent_to = "invitations.make_invitation"
    name = LineField(
        _l("What do they like to be called?"),
        needed=_l("Write the name they like to be called."),
        description=_l("It is on the letter and on their pages."),
        render_kw={"autocomplete": "off"},
    )
    label = LineField(
        _l("A label for you (you can leave this empty)"),
        most=MOST_LABEL,
        too_long=_l("Make the label shorter: up to 40 characters."),
        description=_l("To tell two people of one name apart, such as Oak Court. They can see it too."),
        render_kw={"autocomplete": "off"},
    )
    adult = BooleanField(
        _l("This person is 18 or over"),
        validators=[InputRequired(_l("Tick the box if this person is 18 or over. Deal is for adults only."))],
    )
    all_the_same = BooleanField(_l("Yes, invite them all the same"))  # asked where they may be somebody known

    @property
    def invited(self) -> list[tuple[str, str]]:
        return [(self.name.data or "", self.label.data or "")]

    def asks(self, possible_duplicates: Sequence[PossibleDuplicate | None]) -> bool:
        """Whether it has to be asked first if this is somebody else; then the sentence stands at the box to tick."""
        (double,) = possible_duplicates
        if double and not self.all_the_same.data:
            sentence = _("If you mean somebody else, or still want to invite them, tick the box.")
            self.all_the_same.errors = [f"{why_doubtful(double)} {sentence}"]
        return bool(self.all_the_same.errors)


class RenewForm(Form):
    """Those whose letters ran out and who get a new one."""

    people = TicksField(_l("Who gets a new letter?"), coerce=int, validate_choice=False)

    def validate_people(self, field: Any) -> None:
        if not field.data:
            raise ValidationError(_l("Tick who gets a new letter."))
        field.data = field.data[:MOST_AT_ONCE]


def _no_place_for(many: int, left: int) -> str:
    if left >= MOST_AT_ONCE:
        return _("At most %(most)s letters can be made at once.", most=MOST_AT_ONCE)
    return ngettext(
        "Your list has %(many)s, and %(num)s place is left this week.",
        "Your list has %(many)s, and %(num)s places are left this week.",
        left,
        many=f"{many:,}",
    )


class InviteManyForm(Form):
    sent_to = "invitations.make_invitations"
    people = TextAreaField(
        _l("Who is invited? One person a line"),
        filters=[one_line_break],
        description=_l(
            "The name they like to be called. If you want a label, put it behind a comma: Nia, Oak Court. "
            "You can paste columns from a spreadsheet. You see all names before a letter is made."
        ),
        render_kw={"rows": 12, "autocomplete": "off", "spellcheck": "false"},
    )
    adult = BooleanField(
        _l("All of these people are 18 or over"),
        id="adults",
        validators=[InputRequired(_l("Tick the box if all of them are 18 or over. Deal is for adults only."))],
    )
    order = OneOfField(_l("What stands in front of the comma?"), choices=choices_of(ORDERS))
    shown_turned = HiddenField()  # "yes" where the names were turned round on the page that was pressed
    different = BooleanField(_l("Yes, make a letter for each line"))
    first = HiddenField()  # so many of them get a letter now, where there is no place for all

    pasted: Pasted = Pasted()
    doubts: Sequence[Sequence[str]] = ()  # for each line, in sentences

    @property
    def invited(self) -> list[tuple[str, str]]:
        """Name and label of each who gets a letter now."""
        return [(line.name, line.label) for line in self.pasted.lines[: self.many_now]]

    @property
    def many_now(self) -> int:
        """How many get a letter now: all, or the first of them."""
        first, many = self.first.data or "", len(self.pasted.lines)
        return int(first) if first.isdecimal() and len(first) < 4 and 0 < int(first) < many else many

    @property
    def rest(self) -> str:
        """The lines of the others as they were pasted, below their headings."""
        lines, others = (self.people.data or "").split("\n"), self.pasted.lines[self.many_now :]
        headings = lines[: self.pasted.lines[0].number - 1] if self.pasted.has_headings else []
        return "\n".join([*headings, *lines[others[0].number - 1 :]]) if others else ""

    def validate_people(self, field: Any) -> None:
        """A name in each line that is not empty, no name and no label too long; the sentences say which lines."""
        self.pasted = read(field.data or "", turned=self.turned)
        lines = self.pasted.lines
        if not lines:
            raise ValidationError(_("Write at least one name."))
        for sentence, is_wrong in FAULTS:
            if wrong := [str(line.number) for line in lines if is_wrong(line)]:
                more = " …" if len(wrong) > MOST_NAMED else ""
                raise ValidationError(str(sentence) % {"lines": ", ".join(wrong[:MOST_NAMED]) + more})

    @property
    def turned(self) -> bool:
        """Whether the coach said that surnames stand first."""
        return self.order.data == "surname"

    @property
    def asks_order(self) -> bool:
        """Whether it looks as if surnames stood first."""
        return any(line.surname_first for line in self.pasted.lines)

    @property
    def is_doubtful(self) -> bool:
        return any(self.doubts)

    def fits(self, places: Mapping[str, Any]) -> bool:
        """Whether letters can be made now: for all, or for the first of them; else, or then, a sentence says why."""
        many, room = len(self.pasted.lines), min(places["left"], MOST_AT_ONCE)
        if places["pause"] or not places["confirmed"]:
            self.form_errors.append(_("No letter was made. Read below why, and try again when that is put right."))
        elif many > room:
            self.first.data = str(room)
            self.form_errors.append(_no_place_for(many, places["left"]))
        return places["open"]

    def look_at(self, possible_duplicates: Sequence[PossibleDuplicate | None]) -> None:
        """Note what is doubtful about each line, for the page that shows them."""
        keys, self.shown_turned.data = [key_of(*one) for one in self.invited], "yes" if self.turned else ""
        self.doubts = [
            list(self._doubts_about(place, keys, double)) for place, double in enumerate(possible_duplicates)
        ]

    def _doubts_about(self, place: int, keys: Sequence[Key], double: PossibleDuplicate | None) -> Iterator[str]:
        line = self.pasted.lines[place]
        if double:
            yield why_doubtful(double)
        before = next((one for one in range(place) if may_be_one(keys[one], keys[place])), None)
        if before is not None:
            yield _("Twice in your list: in line %(line)s too.", line=self.pasted.lines[before].number)
        marks = {
            _("This looks like a heading, not like a person."): line.heading,
            _("Is this the surname first?"): line.surname_first and not self.order.data,
            _("This has no letters: is it a name?"): not any(map(str.isalpha, line.name)),
            _("The label was too long. This is how it begins."): line.cut,
        }
        yield from (sentence for sentence, holds in marks.items() if holds)

    def asks(self, possible_duplicates: Sequence[PossibleDuplicate | None]) -> bool:
        """Whether something has to be answered or shown first; the sentences stand where the answers belong."""
        turned_since = self.turned != (self.shown_turned.data == "yes")
        self.look_at(possible_duplicates)
        if self.asks_order and not self.order.data:
            self.order.errors = [_("Choose what stands in front of the comma.")]
        elif self.is_doubtful and not self.different.data:
            self.different.errors = [
                _("Look at the lines with a mark. Change the list, or tick the box if all is well.")
            ]
        return bool(self.errors) or turned_since


LAYOUTS = {
    "normal": _l("As usual"),
    "easy": _l("Easy to read: one idea a line, with pictures"),
    "large": _l("Large print"),
}


class LettersForm(Form):
    layout = OneOfField(
        _l("How shall they look?"), _l("Choose how they shall look."), choices=choices_of(LAYOUTS), default="normal"
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


class PinForm(Form):
    pin = NewPinField()
    own_phone = BooleanField(
        _l("This phone is only mine: remember my sign-in name"), description=_l("We never remember your PIN.")
    )
