"""Where the lines, dots and bars of a small chart stand: 360 wide; templates/macros/chart.html draws it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

LEAST_NAMED = 5  # with fewer points each is named, not only the first and the last
MOST_MARKED = 12  # dots of a line
TOP = 24


class Mark(NamedTuple):
    """A dot, or a bar in the outline of the whole that it is part of; `y` is its top."""

    x: float
    y: float
    whole: float
    text: Any
    text_y: float


class Chart(NamedTuple):
    """All that is drawn."""

    left: int
    right: int
    bottom: int
    ticks: list[tuple[float, Any]]  # y, number
    path: str
    marks: list[Mark]
    names: list[tuple[float, str, str]]  # x, text-anchor, label


def chart_of(points: Sequence[tuple], ticks: Sequence[int], bars: int, flat: bool) -> Chart:
    """Of (label, value or None, what stands on it, whole or None): so many `bars` have room, from the left, or a line.

    The last of `ticks` is the top of the scale; None is a gap.
    """
    left, right, bottom = (4, 356, 60) if bars else (34, 338, 104 if flat else 150)
    margin, last = (24 if bars else 8), (bars or len(points)) - 1

    def y_of(value: float) -> float:
        return bottom - (bottom - TOP) * value / (ticks[-1] or 1)

    lines = [(y_of(tick), tick) for tick in ([0] if bars else ticks)]
    marks: list[Mark] = []
    names, path, command = [], "", "M"
    for number, (label, value, text, whole) in enumerate(points):
        share = number / last if last > 0 else 0.5
        x = round(left + margin + (right - left - 2 * margin) * share, 1)
        if bars or len(points) < LEAST_NAMED or number in (0, last):
            names.append((x, _anchor(number, last, bars), label))
        if value is not None:
            y = round(y_of(value), 1)
            high = round(y_of(whole), 1) if whole else y
            marks.append(Mark(x, y, high, text, min(y, high) - 6 if bars else _clear_of(lines, y - 10)))
            path += f"{command}{x} {y} "
        command = "M" if value is None else "L"
    if not bars and len(marks) > MOST_MARKED:
        marks = [one._replace(text=None) for one in marks]
    return Chart(left, right, bottom, lines, path.strip(), marks, names)


def _anchor(number: int, last: int, bars: int) -> str:
    if bars or last == 0 or 0 < number < last:
        return "middle"
    return "start" if number == 0 else "end"


def _clear_of(lines: list[tuple[float, Any]], y: float) -> float:
    """Where a number stands that no line strikes through."""
    for struck, _tick in lines:
        if y - 12 < struck < y + 2:
            y = struck - 3
    return y
