"""The forms of what got in the way, of passing it on, and of the managers' page "Needs an answer"."""

import re
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import SelectField
from wtforms.validators import ValidationError

from deal.blockers.models import PASSABLE, Heading, Whose
from deal.clock import today
from deal.dates import DayField
from deal.db import db, number_sent
from deal.forms import NOT_OFFERED, Form, LineField, OneOfField, VersionedForm, WordsField, choices_of
from deal.names import APOSTROPHES, name_key
from deal.people import Person, Role, names_apart

WHOSE = {
    Whose.MINE: _l("Mine"),
    Whose.SOMEBODY: _l("Somebody else's"),
    Whose.LANDLORD: _l("The landlord's"),
    Whose.SERVICE: _l("Another service's"),
    Whose.UNKNOWN: _l("I don't know"),
}


class _NamelessForm(Form):
    """Words that go to the managers."""

    about: Person  # whose name may not stand in them

    def validate_words(self, field: Any) -> None:
        """No word of the resident's name, and not their label, stands in them, however it is written."""
        first, *rest = self.about.name.split()
        names = {first, self.about.label, *(word for word in rest if len(word) > 2)} - {""}
        parted = (field.data or "").translate(dict.fromkeys(map(ord, APOSTROPHES), " "))  # Nia's, as well as O'Brien
        words = f"{name_key(field.data or '', most=None)} {name_key(parted, most=None)}"
        for name in sorted(names):
            if (key := name_key(name)) and re.search(rf"(?<!\w){re.escape(key)}(?!\w)", words):
                raise ValidationError(_("“%(name)s” would tell who it is. Please say it without.", name=name))


class PassOnForm(_NamelessForm):
    sent_to = "blockers.pass_on"
    words = WordsField(
        _l("The words as the managers would read them"),
        needed=_l("There are no words here to pass on. Write some, or choose No."),
        description=_l("You can change them. Leave out names, and what would tell that it is you."),
        render_kw={"rows": 4},
    )


class ForManagersForm(_NamelessForm):
    """The coach writes it afresh."""

    sent_to = "blockers.write_for_managers"
    words = WordsField(
        _l("What gets in the way, for the managers"),
        needed=_l("Write what gets in the way."),
        description=_l("Write it afresh: no names, no address, nothing that tells who it is. They read it first."),
        render_kw={"rows": 4},
    )
    whose = OneOfField(
        _l("Whose is it to change?"),
        needed=_l("Choose whose it is to change."),
        choices=choices_of({one: WHOSE[one] for one in PASSABLE}),
    )


class FromListField(SelectField):
    """Choose one from a list that may be long, of (number, name); the first of it is nothing.

    Their choice is the number, as text.
    """

    def __init__(self, label: Any, nothing: Any = "", those: Any = (), **kwargs: Any) -> None:
        super().__init__(label, choices=[], invalid_choice_message=NOT_OFFERED, **kwargs)
        self.offer(nothing, those)

    def offer(self, nothing: Any, those: Any) -> None:
        self.choices = choices_of({"": nothing} | {str(number): name for number, name in those})


class GatherForm(Form):
    sent_to = "manager_requests.gather_them"
    heading = FromListField(_l("Under which heading?"))
    words = LineField(_l("The new heading"), description=_l("A few plain words that everybody may read."))

    def __init__(self) -> None:
        super().__init__()
        self.ticked = set(request.form.getlist("blocker"))
        query = select(Heading).order_by(Heading.answered_at.is_not(None), Heading.id.desc())  # the open ones first
        those = db.session.scalars(query.limit(200))
        self.heading.offer(_("A new heading"), [(one.id, one.words) for one in those])

    def validate(self, extra_validators: Any = None) -> bool:
        """Something is ticked."""
        good = super().validate(extra_validators)
        if not self.ticked:
            self.form_errors.append(_("Tick what belongs together."))
        return good and bool(self.ticked)

    def validate_words(self, field: Any) -> None:
        """One heading is named."""
        if not self.heading.data and not field.data:
            raise ValidationError(_("Write the new heading, or choose one that is there."))
        if self.heading.data and field.data:
            raise ValidationError(
                _("You wrote a new heading and chose one that is there. Empty this box, or choose a new one.")
            )


class HeadingForm(VersionedForm):
    sent_to = "blockers.change_heading"
    title = LineField(
        _l("The heading"), needed=_l("Write the heading."), description=_l("A few plain words that everybody may read.")
    )
    owner = FromListField(_l("Who looks after it?"))
    due_on = DayField(_l("By which day?"), description=_l("You can leave this empty."))

    def __init__(self, heading: Heading, **kwargs: Any) -> None:
        """Filled with what holds; only whoever has left and is shown can still be read in it, not chosen."""
        super().__init__(data=as_it_stands(heading), **kwargs)
        if not self.is_submitted() or kwargs:
            self.starts_from(as_it_stands(heading))
        self.day_before = heading.due_on  # may stay, also when it has passed
        here = Person.closes_at.is_(None) | Person.id.in_((number_sent(self.owner.data), heading.owner_id))
        query = select(Person).where(Person.role != Role.RESIDENT, here).order_by(Person.name_key, Person.id)
        people = db.session.scalars(query.limit(500)).all()
        named = names_apart(people, "email")
        self.left = {str(one.id): one.name for one in people if one.is_closed}
        names = {
            one.id: _("%(name)s (has left)", name=named[one.id]) if one.is_closed else named[one.id] for one in people
        }
        self.owner.offer(_("Nobody yet"), names.items())

    def validate_owner(self, field: Any) -> None:
        if field.data in self.left:
            raise ValidationError(
                _("%(name)s has left. Choose somebody else, or nobody yet.", name=self.left[field.data])
            )

    def validate_due_on(self, field: Any) -> None:
        if field.data and field.data != self.day_before and field.data < today():
            raise ValidationError(_l("That day has passed. Choose today or a day to come."))


def as_it_stands(heading: Heading) -> dict[str, Any]:
    """By the names of the boxes."""
    return {"title": heading.words, "owner": str(heading.owner_id or ""), "due_on": heading.due_on}


class ChangeForm(VersionedForm):
    sent_to = "blockers.answer"
    done = OneOfField(
        _l("What became of it?"),
        choices=choices_of({"yes": _l("We changed it"), "no": _l("We cannot change it, and say why")}),
        needed=_l("Choose what became of it."),
    )
    words = WordsField(
        _l("In plain words"),
        needed=_l("Write what you changed, or why not."),
        description=_l("Residents, coaches and managers all read this. No names."),
        render_kw={"rows": 4},
    )
