"""What a number of four weeks is: a class with its name, its definition, its query and its words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self

from flask_babel import gettext as _
from flask_babel import ngettext

from deal.clock import day_of

LEAST_COACHES = 3
Parts = Sequence[tuple[str, int | float | str | None]]  # what, and the figure


@dataclass(frozen=True)
class Told:
    """One number: large, what it is made of, and its bar. `parts` from `beside` on are not in the large figure."""

    figure: str
    parts: Parts
    beside: int = 0
    value: float | None = None  # how high its bar is
    whole: float | None = None  # of what it is a part
    mark: str = ""  # what stands on the bar, where that is not its value
    short: str = ""  # under the bars, where the large figure is a sentence
    sentences: list[str] = field(default_factory=list)  # that managers wrote


@dataclass(frozen=True)
class Number:
    """Each number counts itself from an instant up to another; its fields are kept when a block is frozen.

    So are its definition and what it cannot tell: reworded later, they stay there as they were.
    """

    stands: ClassVar[bool] = False  # a state, which managers read as it is now; else what happened in four weeks
    title: ClassVar[Any]
    definition: ClassVar[Any]
    cannot_tell: ClassVar[Any]

    @classmethod
    def count(cls, start: datetime, end: datetime) -> Self:
        """In one statement."""
        raise NotImplementedError

    def told(self) -> Told:
        """In words, as it is published: on the sheet, in what is exported, and in what the tile is made of."""
        raise NotImplementedError

    def tile(self) -> Told:
        """In short: the figure of the tile, and how high its bar is."""
        return self.told()

    def change_from(self, before: float, value: float) -> str:
        """The change of the tile's value, in words."""
        num = round(abs(value - before))
        if num and value > before:
            return ngettext("%(num)s more than before", "%(num)s more than before", num)
        return ngettext("%(num)s fewer than before", "%(num)s fewer than before", num) if num else _("as before")


def weeks_in(start: datetime, end: datetime) -> list[date]:
    """The Mondays from one instant up to another."""
    return [day_of(start) + timedelta(days=days) for days in range(0, (day_of(end) - day_of(start)).days, 7)]


def within(column: Any, start: Any, end: Any) -> tuple[Any, Any]:
    """The conditions that a column lies from `start` up to `end`."""
    return column >= start, column < end
