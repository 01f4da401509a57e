"""The form of a summary, and that of papers for several people."""

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired

from deal.forms import Form, OneOfField, TicksField, choices_of
from deal.goals.models import Wording
from deal.people import Person
from deal.settings import languages
from deal.summaries.models import MOST_WHOLE, PICKED
from deal.summaries.prints import KINDS, LAYOUTS

# what a summary shows only where the resident ticks it
EXTRAS = {
    "chart": _l("A small chart of how it has been going"),
    "who_matters": _l("Who or what matters most to me"),
    "in_the_way": _l("What got in the way"),
}


class ShowsForm(Form):
    """Which goals the resident wants first on their summary, and what else."""

    sent_to = "summaries.choose"
    goals = TicksField(
        _l("Which goals come first?"), description=_l("Up to three. Tick none, and the newest come first.")
    )

    shows = TicksField(
        _l("What else may it show?"),
        description=_l("Only what you tick. You can change this at any time."),
        choices=choices_of(EXTRAS),
    )

    def __init__(self, shows: list[str] | None, goals: Sequence[Wording], **kwargs: Any) -> None:
        """What they chose last, and the goals that there are: all have room where they are few."""
        super().__init__(data={"shows": shows, "goals": shows}, **kwargs)
        many = goals if len(goals) > MOST_WHOLE else ()
        self.goals.choices = choices_of({PICKED % one.goal_id: one.words[:80] for one in many})

    @property
    def chosen(self) -> list[str]:
        """What SummaryChoice keeps."""
        return [*(self.shows.data or []), *(self.goals.data or [])[:MOST_WHOLE]]


LANGUAGES = {"en": _l("English"), "cy": _l("Welsh")}


def _a_number(sent: Any) -> int:
    """As the databases keep them."""
    if not 0 < int(sent) < 2**31:
        raise ValueError(sent)
    return int(sent)


class PapersForm(Form):
    """Whose papers, and which."""

    kind = OneOfField(
        _l("Which paper?"), choices=choices_of({name: kind.label for name, kind in KINDS.items()}), default="story"
    )
    layout = OneOfField(_l("How shall it look?"), choices=choices_of(LAYOUTS), default="normal")
    language = OneOfField(
        _l("In which language?"),
        default=lambda: str(get_locale()),
        choices=lambda: choices_of({one: LANGUAGES[one] for one in languages()}),
    )
    people = TicksField(
        _l("Whose?"),
        choices=[],
        coerce=_a_number,
        validate_choice=False,
        validators=[DataRequired(_l("Tick at least one person, or press the button for everybody."))],
    )

    def offer(self, rows: Sequence[Person]) -> None:
        """The people of this page."""
        self.people.choices = choices_of({one.id: one.full_name for one in rows})
