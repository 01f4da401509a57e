"""Where the dots, bars and words of small pictures stand, in the units of their SVG; templates draw them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

TOP, TICKS, ROOM = 24, (0, 5, 10), 6  # of a chart: its upper end, the scale of a line, how many bars have room
MOST_MARKS = 12  # figures above a line: more would run into each other


class Bar(NamedTuple):
    """Of a sparkline."""

    x: int
    y: float
    height: float


class Point(NamedTuple):
    """A dot, or a bar by the middle of its upper end, and what stands above it."""

    x: float
    y: float
    mark: Any
    mark_y: float
    whole_y: float | None = None  # of a bar: how high what it is a part of is, where that is more


class Chart(NamedTuple):
    points: list[Point]
    labels: list[tuple[float, str, str]]  # where it stands, its anchor, its words
    bottom: int
    ticks: Sequence[tuple[int, float]] = ()

    @property
    def path(self) -> str:
        """From dot to dot."""
        return "M" + " L".join(f"{one.x} {one.y}" for one in self.points)


def sparkline(values: Sequence[tuple[float | None, float | None]]) -> list[Bar]:
    """A bar for each value beside the whole it is part of; none where there is no figure, a line where it is 0."""
    width, height, gap = 20, 32, 4
    top = max((most or 0 for pair in values for most in pair), default=0) or 1
    drawn = []
    for number, (value, _whole) in enumerate(values):
        if value is not None:
            high = round(max(height * value / top, 1), 1)
            drawn.append(Bar(number * (width + gap), round(height - high, 1), high))
    return drawn


def bar_chart(labels: Sequence[str], figures: Sequence[Any]) -> Chart:
    """Bars from the left; each figure has a value, or None for a gap, and may have a whole and a mark."""
    bottom, chart = 60, Chart([], [], 60)
    most = max(1, *(most or 0 for one in figures for most in (one.value, one.whole)))
    for place, (label, one) in enumerate(zip(labels, figures, strict=True)):
        x = round(28 + 304 * place / (ROOM - 1), 1)
        chart.labels.append((x, "middle", label))
        if one.value is not None:
            y, whole_y = (_height(value, most, bottom) for value in (one.value, one.whole or one.value))
            mark_y = round(min(y, whole_y) - 6, 1)
            chart.points.append(Point(x, y, one.mark or one.value, mark_y, whole_y if whole_y < y else None))
    return chart


def line_chart(labels: Sequence[str], values: Sequence[int], flat: bool = False) -> Chart:
    """Dots on a scale from 0 to 10, joined by a line; `flat` takes less height."""
    bottom, last = 104 if flat else 150, len(values) - 1
    chart = Chart([], [], bottom, [(tick, _height(tick, TICKS[-1], bottom)) for tick in TICKS])
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        x, y = round(42 + 288 * place / last, 1), _height(value, TICKS[-1], bottom)
        if last < 4 or place in (0, last):
            chart.labels.append((x, {0: "start", last: "end"}.get(place, "middle"), label))
        mark = value if last < MOST_MARKS else None
        chart.points.append(Point(x, y, mark, _above(y, chart.ticks)))
    return chart


def _height(value: float, most: float, bottom: int) -> float:
    return round(bottom - (bottom - TOP) * value / most, 1)


def _above(y: float, ticks: Sequence[tuple[int, float]]) -> float:
    """Where a figure stands above its dot: not struck through by the line of a tick."""
    words_y = y - 10
    for _tick, tick_y in ticks:
        if words_y - 12 < tick_y < words_y + 2:
            words_y = tick_y - 3
    return round(words_y, 1)
