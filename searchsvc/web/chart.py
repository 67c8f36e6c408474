"""The geometry of charts that are as wide as their column: bars and lines over slots, with a scale of round numbers.

Horizontal places are percentages of the width, and vertical ones are pixels. So a chart fits any column without a script,
and its text keeps its size. Labels that would run into each other are hidden by classes: `w0` to `w3` name the widths of
the column at which a text has room. The style sheet shows it at those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from math import ceil, floor, log10
from typing import NamedTuple

HEIGHT = 88
"""Pixels between the top of a scale and its zero."""
WIDTHS = (200, 280, 440, 640)
"""The narrowest charts, in pixels, of the classes `w0` to `w3`."""
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
MAX_VALUES = 15
"""More bars than these have no numbers above them."""
LINE_WIDTH = 1_000
"""The width of the coordinates of lines, which are stretched to the width of the column."""
_LETTER, _SPACE = 6.5, 8  # pixels of a letter, and beside a text
_WIDEST = 12.0  # percent of the width that a bar takes at most
_INTERVALS = 4  # of a scale, at most


class Slot(NamedTuple):
    """A place on the axis, such as a year or a range of numbers.

    `said` is its accessible name. `link` is None if it leads nowhere. Labels are thinned to every second, fifth … `number`.
    A `faint` slot is drawn paler, because its value says little. `first` and `last` are its days where `key` is no date.
    """

    key: str
    number: int
    label: str
    said: str
    link: str | None
    selected: bool = False
    faint: bool = False
    first: str = ""
    last: str = ""


class Tick(NamedTuple):
    """A round number of the scale, and its place in pixels from the top."""

    value: float
    y: float


@dataclass(frozen=True, slots=True)
class Scale:
    """Round numbers from zero to the top of the chart."""

    top: float
    height: int
    ticks: tuple[Tick, ...]

    @property
    def width(self) -> int:
        """Return the pixels that the numbers take."""
        return round(max(len(f"{tick.value:,}") for tick in self.ticks) * _LETTER) + _SPACE

    def y(self, value: float) -> float:
        """Return the place of a value, which is cut at the top. Values above zero are at least two pixels high."""
        height = min(self.height, max(2.0, value * self.height / self.top)) if value else 0.0
        return round(self.height - height, 1)


class Column(NamedTuple):
    """A slot with its place: the left edge, the middle and the width as percentages, and the widths with its label."""

    slot: Slot
    x: float
    middle: float
    width: float
    label_at: str


class Bar(NamedTuple):
    """A column with its bar. `value_at` are the widths at which its number has room."""

    column: Column
    value: float
    value_at: str
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars and their scale."""

    bars: tuple[Bar, ...]
    scale: Scale

    @property
    def columns(self) -> list[Column]:
        return [bar.column for bar in self.bars]


@dataclass(frozen=True, slots=True)
class Point:
    """A value of a line: percent from the left, and pixels from the top."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """Points, and the pieces of the line through them as coordinates of SVG, in `width`. Gaps part the pieces."""

    points: tuple[Point, ...]
    pieces: tuple[str, ...]
    width: int = LINE_WIDTH


def bar_chart(
    slots: Sequence[Slot],
    values: Sequence[float],
    *,
    most: float | None = None,
    steps: Sequence[int] = STEPS,
    height: int = HEIGHT,
) -> BarChart:
    """Return the bars of values, of which there is one for each slot. Bars higher than `most` are cut."""
    scale = round_scale(max(values) if most is None else most, height)
    gap = max(0.14 * 100 / len(slots), (100 / len(slots) - _WIDEST) / 2)
    width = _percent(100 / len(slots) - 2 * gap)
    values_at = _widths_with_room(len(slots), max(map(_value_pixels, values))) if len(slots) <= MAX_VALUES else ""

    def bar(column: Column, value: float) -> Bar:
        y = scale.y(value)
        return Bar(column, value, values_at if value else "", _percent(column.x + gap), width, y, round(height - y, 1))

    return BarChart(tuple(map(bar, columns(slots, steps), values)), scale)


def columns(slots: Sequence[Slot], steps: Sequence[int] = STEPS) -> tuple[Column, ...]:
    """Return the places of slots side by side."""
    width, thinned = 100 / len(slots), _label_steps(slots, steps)
    rounded_width = _percent(width)
    return tuple(
        Column(slot, _percent(at * width), _percent((at + 0.5) * width), rounded_width, _label_widths(slot.number, thinned))
        for at, slot in enumerate(slots)
    )


def line(values: Sequence[float | None], scale: Scale) -> Line:
    """Return the line through values, of which there is one for each slot. None is a gap."""
    width = 100 / len(values)
    places = [
        None if value is None else Point(_percent((at + 0.5) * width), scale.y(value)) for at, value in enumerate(values)
    ]
    pieces = (list(piece) for is_point, piece in groupby(places, bool) if is_point)
    return Line(tuple(filter(None, places)), tuple(map(_coordinates, pieces)))


def round_scale(most: float, height: int = HEIGHT) -> Scale:
    """Return a scale of up to four equal steps that reaches `most`. Its numbers are whole if `most` is an int."""
    raw = most / _INTERVALS or 1
    power = 10.0 ** floor(log10(raw))
    step = next(times * power for times in (1, 2, 5, 10) if times * power >= raw * 0.999_999)
    step = max(1, round(step)) if isinstance(most, int) else step
    number = max(1, ceil(most / step - 1e-9))
    ticks = (Tick(_plain(at * step), round(height - at * height / number, 1)) for at in range(number + 1))
    return Scale(number * step, height, tuple(ticks))


def rounded(value: float) -> float:
    """Return a number with three digits that count, as an int if these are no decimals."""
    if value == 0:
        return 0
    return _plain(round(value, 2 - floor(log10(abs(value)))) if abs(value) < 100 else round(value))


def _plain(number: float) -> float:
    number = round(number, 9)
    return int(number) if number == int(number) else number


def _percent(number: float) -> float:
    return round(number, 3)


def _coordinates(piece: Sequence[Point | None]) -> str:
    return " ".join(f"{point.x * LINE_WIDTH / 100:.1f},{point.y:.1f}" for point in piece if point)


def _value_pixels(value: float) -> float:
    return len(f"{rounded(value):,}") * _LETTER + 2


def _widths_with_room(number: int, pixels: float) -> str:
    """Return the classes of the widths in which this number of texts fits side by side."""
    return " ".join(f"w{at}" for at, width in enumerate(WIDTHS) if number * pixels <= width)


def _label_steps(slots: Sequence[Slot], steps: Sequence[int]) -> tuple[int, ...]:
    """Return every how many slots have a label at each width."""
    pixels = max(len(slot.label) for slot in slots) * _LETTER + _SPACE
    return tuple(_step(len(slots) * pixels / width, steps) for width in WIDTHS)


def _step(least: float, steps: Sequence[int]) -> int:
    return next((step for step in steps if step >= least), ceil(least))


@lru_cache(maxsize=2_000)
def _label_widths(number: int, thinned: tuple[int, ...]) -> str:
    return " ".join(f"w{at}" for at, step in enumerate(thinned) if number % step == 0)
