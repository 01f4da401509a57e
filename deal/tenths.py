"""Shares of what people said, felt or did, told so that nobody's answer shows even where all agree."""

from flask_babel import gettext as _

from deal.settings import landlord

LEAST, MOST = 2, 8  # told as "2 in 10 or fewer" and "8 in 10 or more"


def least_people() -> int:
    """How many different people must stand behind a figure; never under 5, whatever is stored."""
    return max(5, landlord().least_people)


def no_finer(tenths: int) -> int:
    """Tenths without the ends of the scale: of 5 people or more, all of them look like all but one."""
    return min(max(tenths, LEAST), MOST)


def in_tenths(part: int, whole: int) -> int:
    """The nearest tenth, from 2 to 8; 2 stands for 2 in 10 or fewer, and 8 for 8 in 10 or more."""
    return no_finer((part * 20 + whole) // (whole * 2))


def in_words(tenths: int | None) -> str:
    """Such a share, as it is told everywhere; None stands for too few people."""
    if tenths is None:
        return _("Too few answered to show a figure.")
    if tenths <= LEAST:
        return _("2 in 10 or fewer")
    return _("about %(tenths)s in 10", tenths=tenths) if tenths < MOST else _("8 in 10 or more")
