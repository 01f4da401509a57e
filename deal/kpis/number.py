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
class KpiView:
    """A number in words: as it is published, on the sheet and in files, and in short, on its tile."""

    figure: str
    parts: Parts  # what it is made of; those from `beside` on are not in the large figure
    beside: int = 0
    value: float | None = None  # how high its bar is
    whole: float | None = None  # of what it is a part
    mark: str = ""  # what stands on the bar, where that is not its value
    short: str = ""  # under the bars, where the large figure is a sentence
    sentences: list[str] = field(default_factory=list)  # that managers wrote
    tile: str = ""  # the figure of the tile, where it is another
    tile_value: float | None = None  # how high the tile's bar is, where it is another


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

    def told(self) -> KpiView:
        """In words."""
        raise NotImplementedError

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
