"""The form of a summary."""

from flask_babel import lazy_gettext as _l

from deal.forms import Form, TicksField, choices_of


class ShowsForm(Form):
    """What else the resident wants on their summary."""

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
