"""Blocks of four weeks: worked out while they run, frozen 14 days after their end, and published as they were frozen."""

from datetime import date

from deal.kpis.figures import Figures


def running() -> Figures:
    """The block of today, without what people said or felt."""
    raise NotImplementedError


def published(most: int = 6) -> list[Figures]:
    """The last frozen blocks, the oldest first, in one statement."""
    raise NotImplementedError


def freeze(until: date) -> int:
    """Freeze every block that ended 14 days before that day, and is not frozen yet; how many. Commits."""
    raise NotImplementedError
