"""The form of a summary."""

from typing import Any

from flask_babel import lazy_gettext as _l

from deal.forms import Form, TicksField, choices_of
from deal.summaries.models import MOST_WHOLE, PICKED, Summary


class ShowsForm(Form):
    """Which goals the resident wants first on their summary, and what else."""

    goals = TicksField(
        _l("Which goals shall stand on the first page?"),
        description=_l("Up to three. Tick none, and the newest stand there."),
    )

    shows = TicksField(
        _l("What else shall it show?"),
        description=_l("Only what you tick. You can change this at any time."),
        choices=choices_of(
            {
                "chart": _l("A small chart of how it has been going"),
                "who_matters": _l("Who or what matters most to me"),
                "in_the_way": _l("What got in the way"),
            }
        ),
    )

    def __init__(self, summary: Summary, **kwargs: Any) -> None:
        picked = {"shows": summary.shows, "goals": summary.shows}
        super().__init__(data=picked, **kwargs)
        live = [*summary.goals, *summary.other_goals] if summary.other_goals else []
        self.goals.choices = choices_of({PICKED % goal.id: goal.face.words[:80] for goal in live})

    @property
    def chosen(self) -> list[str]:
        """What SummaryChoice keeps."""
        return [*(self.shows.data or []), *(self.goals.data or [])[:MOST_WHOLE]]
