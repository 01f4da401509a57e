"""The form of a summary, and that of papers for several people."""

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms.validators import DataRequired

from deal.assessment.forms import FEELS
from deal.auth.forms import CodeField
from deal.deals.forms import KEPT
from deal.forms import Form, OneOfField, TicksField, WordsField, choices_of, has_words
from deal.goals.models import Wording
from deal.people import Person
from deal.printing.models import CARD_LENGTH, MOST_WHOLE, PICKED, Card
from deal.printing.print_jobs import KINDS, LAYOUTS
from deal.settings import languages

# what a summary shows only where the resident ticks it
EXTRAS = {
    "chart": _l("A small chart of how it has been going"),
    "who_matters": _l("Who or what matters most to me"),
    "in_the_way": _l("What got in the way"),
}


class ShowsForm(Form):
    """Which goals the resident wants first on their summary, and what else."""

    sent_to = "printing.choose"
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


class CardForm(Form):
    """What came back on a card."""

    never_kept = frozenset({"number"})  # it stands on the card alone
    number = CodeField(
        _l("The number on the card"),
        _l("Type the number that is on the card."),
        _l("The number on a card has 8 letters and numbers. You typed %(num)s."),
        CARD_LENGTH,
    )
    feels = OneOfField(_l("Did this feel right?"), choices=choices_of(FEELS))
    kept = OneOfField(_l("Was this promise kept?"), choices=choices_of(KEPT))
    words = WordsField(
        _l("Is there anything we should change?"), description=_l("Word for word. It goes to the managers.")
    )

    refused: Sequence[str] = ()  # why nobody may type in this card

    def takes(self, card: Card) -> bool:
        """Whether this reader may type in that card, and it says anything, and nothing that the card does not ask."""
        if card.is_about(current_user):
            self.refused = [_("Somebody else must type this in: it is about you.")]
        elif card.typed_at:
            self.refused = [_("This card was typed in before.")]
        if self.refused:
            return False
        if self.feels.data and not (card.conversation_id or card.assessment_id):
            self.feels.errors = [_("This card does not ask that. Leave it empty.")]
        if self.kept.data and not card.promise_id:
            self.kept.errors = [_("This card asks about no promise. Leave it empty.")]
        if not (self.feels.data or self.kept.data or has_words(self.words.data)):
            self.form_errors.append(_("There is nothing here to keep yet."))
        return not (self.feels.errors or self.kept.errors or self.form_errors)
