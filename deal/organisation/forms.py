"""The forms of the landlord's settings."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Self

from flask import g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import FileField
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import TextArea

from deal.clock import today, week_of
from deal.dates import DayField
from deal.db import db
from deal.forms import LineField, NumberField, VersionedForm, WordsField, telephone
from deal.organisation.pictures import as_png
from deal.settings import WeeklyPlaces, change_settings, landlord, languages, lock_settings, places_in, weekly_places


def in_force() -> dict[str, Any]:
    """What stands in the settings, by the names of the boxes: beside one of words its Welsh, as name_cy."""
    boxes: dict[str, Any] = {}
    for name, value in vars(landlord()).items():
        both = value if isinstance(value, dict) else {}
        boxes |= {name: both.get("en", ""), f"{name}_cy": both.get("cy", "")} if both else {name: value}
    return boxes


class LandlordForm(VersionedForm):
    """Boxes named as the settings are; beside one of words stands the one for its Welsh, whose name ends with _cy."""

    @classmethod
    def opened(cls) -> Self:
        """Filled with what is in force."""
        form = cls(formdata=None, data=in_force())
        form.starts_from({name: value for name, value in in_force().items() if name in form})
        return form

    def keep(self) -> int | None:
        """A dated, signed row for each that changed; or the status of the page that says why not. Commits."""
        lock_settings()
        now_set = {name: value for name, value in in_force().items() if name in self}
        if status := self.refused(now_set):
            return status
        said = {name: self[name].data or "" for name in now_set}
        words = {name: {"en": said[name], "cy": said[f"{name}_cy"]} for name in said if f"{name}_cy" in said}
        plain = {name: value for name, value in said.items() if not name.endswith("_cy")}
        change_settings(plain | words, current_user)
        db.session.commit()
        return None


class SectionForm(LandlordForm):
    """One section of the settings: saving it changes nothing of the others. Welsh is asked for only where it is on."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if "cy" not in languages():
            for name in [one for one in self._fields if one.endswith("_cy")]:
                del self[name]


PHONE = {"type": "tel", "class": "govuk-input--width-20"}
LONG_LINE: dict[str, Any] = {"widget": TextArea(), "render_kw": {"rows": 3}}
FOUR_ROWS, EIGHT_ROWS = {"rows": 4}, {"rows": 8}


class NamesForm(SectionForm):
    """Who we are, and whom to ring."""

    sent_to = "organisation.change_names"
    service_name = LineField(_l("Name of the service"), needed=_l("Write a name for the service."), most=60)
    service_name_cy = LineField(_l("Name of the service in Welsh (you can leave this empty)"), most=60)
    organisation = LineField(
        _l("Name of your organisation"), needed=_l("Write the name of your organisation."), most=80
    )
    organisation_cy = LineField(_l("Name of your organisation in Welsh (you can leave this empty)"), most=80)
    phone = LineField(
        _l("Telephone number for residents"),
        needed=_l("Write the number that residents can ring."),
        most=40,
        checks=[telephone],
        description=_l("It is on every page and letter, for somebody who cannot sign in."),
        render_kw=PHONE,
    )
    repairs_phone = LineField(
        _l("Telephone number for repairs"),
        most=40,
        checks=[telephone],
        description=_l("About me does not report repairs, and says where to ring. Empty: the number above."),
        render_kw=PHONE,
    )
    complaints = LineField(
        _l("How to complain"),
        most=300,
        description=_l("A sentence or two behind the words: Want to complain? You can leave this empty."),
        **LONG_LINE,
    )
    complaints_cy = LineField(_l("How to complain, in Welsh (you can leave this empty)"), most=300, **LONG_LINE)


class HelpForm(SectionForm):
    """Danger, and who else helps."""

    sent_to = "organisation.change_help"
    danger = WordsField(
        _l("When somebody is in danger: whom to ring, and where to write it down"),
        description=_l("Coaches find it under “Need help now?”. Deal itself keeps no such notes."),
        render_kw=FOUR_ROWS,
    )
    danger_cy = WordsField(_l("The same in Welsh (you can leave this empty)"), render_kw=FOUR_ROWS)
    help_lines = WordsField(
        _l("Who else helps"),
        description=_l("For the page Need help now? Each on a line of its own, with a number to ring."),
        render_kw=FOUR_ROWS,
    )
    help_lines_cy = WordsField(_l("Who else helps, in Welsh (you can leave this empty)"), render_kw=FOUR_ROWS)


class LimitsForm(SectionForm):
    """How long things may take, and how few people a figure may be of."""

    sent_to = "organisation.change_limits"
    contact_days = NumberField(
        _l("Within how many days is a coach in touch after About me?"),
        least=1,
        most=28,
        description=_l("Residents read this as a promise."),
    )
    quiet_weeks = NumberField(_l("After how many weeks without a talk does Today say so?"), least=1, most=52)
    least_people = NumberField(
        _l("How many people must have told us something before managers see a figure of it?"),
        least=5,
        most=100,
        description=_l("So that nobody can be guessed. It holds for what is published from now on, never backwards."),
    )
    moved_months = NumberField(
        _l("For how many months can somebody who moved away still sign in?"),
        least=1,
        most=60,
        description=_l("For as long their coach can open their pages. Then they are closed to both."),
    )


class WelshForm(SectionForm):
    """Whether residents are shown Welsh."""

    sent_to = "organisation.change_welsh"
    welsh_checked_by = LineField(
        _l("Who has checked the Welsh?"),
        description=_l("Welsh is shown to residents only when you write here who checked it."),
    )


class LearnedForm(LandlordForm):
    sent_to = "kpis.keep_learned"
    hope_to_learn = WordsField(
        _l("What we hope to learn"),
        description=_l("Other places read this page. Write nobody's name."),
        render_kw=EIGHT_ROWS,
    )
    hope_to_learn_cy = WordsField(_l("The same in Welsh (you can leave this empty)"), render_kw=EIGHT_ROWS)
    learned = WordsField(
        _l("What we learned"),
        description=_l("Also what went badly, and what you would not do again."),
        render_kw=EIGHT_ROWS,
    )
    learned_cy = WordsField(_l("The same in Welsh (you can leave this empty)"), render_kw=EIGHT_ROWS)


class PlacesForm(VersionedForm):
    """How many people may be invited in a week."""

    sent_to = "organisation.set_places"
    rows: Sequence[WeeklyPlaces] = ()
    week = DayField(
        _l("From which week on?"),
        default=lambda: week_of(today()),
        validators=[InputRequired(_l("Choose a day in the first week."))],
        description=_l("Any day of that week. Weeks begin on Monday."),
    )
    places = NumberField(_l("How many people a week?"), least=0, most=500, description=_l("15 to 20 is a good start."))

    def validate_week(self, field: Any) -> None:
        """A past week's places are history."""
        if field.data and week_of(field.data) < week_of(today()):
            raise ValidationError(_l("That week is over. Choose this week or a later one."))
        if field.data and field.data > today() + timedelta(days=730):
            raise ValidationError(_l("That is more than two years away. Please check the day."))

    @classmethod
    def opened(cls) -> Self:
        """With as many as there are now; `rows` are the last settings, the furthest week first."""
        rows = weekly_places()
        form = cls(formdata=None, places=rows[0].places if rows else 18)
        form.rows = rows
        form.starts_from(_newest(rows))
        return form

    def keep(self) -> int | None:
        """A row where that changes anything; or the status of the page that says why not. Commits."""
        lock_settings()
        if status := self.refused(_newest(weekly_places())):
            return status
        week = week_of(self.week.data)
        if places_in(week) != self.places.data:
            db.session.add(WeeklyPlaces(week=week, places=self.places.data, set_by_id=current_user.id))
            db.session.commit()
        return None


def _newest(rows: Sequence[WeeklyPlaces]) -> int | None:
    return max((row.id for row in rows), default=None)


SECTIONS: dict[str, type[SectionForm] | type[PlacesForm]] = {
    "names": NamesForm, "places": PlacesForm, "limits": LimitsForm, "help": HelpForm, "welsh": WelshForm
}  # fmt: skip


class PictureForm(VersionedForm):
    """A picture for one place."""

    picture = FileField(
        _l("Another picture"),
        description=_l("PNG or JPEG, smaller than 2 MB."),
        render_kw={"accept": ".png,.jpg,.jpeg"},
    )
    png = b""

    def __init__(self, place: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.picture.id = f"picture-{place}"  # five of them stand on one page

    def validate(self, extra_validators: Any = None) -> bool:
        """The bytes of a picture are no letters."""
        g.unreadable = False
        return super().validate(extra_validators)

    def validate_picture(self, field: FileField) -> None:
        """It becomes a PNG as we print it."""
        sent = request.files.get(field.name)
        content = sent.read() if sent else b""
        if not content:
            raise ValidationError(_("Choose a picture first."))
        self.png = as_png(content)
