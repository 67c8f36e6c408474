"""Charts as SVG, with a scale of powers of ten, readable on light and on dark pages."""

from collections.abc import Mapping
from html import escape
from math import ceil, floor, log10

WIDTH, ROW, LEFT, RIGHT, TOP, BOTTOM = 760, 26, 150, 70, 62, 30
_COLOURS = ("#0b6e4f", "#8c8c8c", "#2b6cb0", "#6b46c1", "#b7791f", "#c05621", "#c53030", "#1a202c", "#d53f8c")


def bars(title: str, values: Mapping[str, float]) -> str:
    """A bar for each value, with its number."""
    scale = _Scale(list(values.values()))
    body = []
    for number, (name, value) in enumerate(values.items()):
        y = TOP + number * ROW
        body.append(_text(LEFT - 8, y + 17, name, "end"))
        size = f'width="{scale.x(value) - LEFT:.1f}" height="{ROW - 8}"'
        body.append(f'<rect x="{LEFT}" y="{y + 4}" {size} fill="{_colour(number)}"/>')
        body.append(_text(scale.x(value) + 6, y + 17, f"{value:,.1f}"))
    return _chart(title, len(values), scale, body)


def dots(title: str, rows: Mapping[str, Mapping[str, float]]) -> str:
    """A line for each row, with a dot for each of its values; a legend says whose they are."""
    names = list(dict.fromkeys(name for row in rows.values() for name in row))
    scale = _Scale([value for row in rows.values() for value in row.values()])
    body = []
    for number, name in enumerate(names):
        x = 12 + number * (WIDTH - 24) / len(names)
        body.append(f'<circle cx="{x:.0f}" cy="40" r="5" fill="{_colour(number)}"/>' + _text(x + 9, 44, name))
    for number, (kind, row) in enumerate(rows.items()):
        y = TOP + number * ROW + ROW / 2
        body.append(_text(LEFT - 8, y + 4, kind, "end"))
        body.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#e2e2e2"/>')
        body += (
            f'<circle cx="{scale.x(value):.1f}" cy="{y}" r="5" fill="{_colour(names.index(name))}">'
            f"<title>{escape(name)}: {value:,.1f}</title></circle>"
            for name, value in row.items()
        )
    return _chart(title, len(rows), scale, body)


class _Scale:
    """Where a value stands, on a scale of powers of ten."""

    def __init__(self, values: list[float]) -> None:
        self.first = floor(log10(min(values)))
        self.last = max(ceil(log10(max(values))), self.first + 1)

    def x(self, value: float) -> float:
        return LEFT + (log10(value) - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT)


def _chart(title: str, rows: int, scale: _Scale, body: list[str]) -> str:
    height = TOP + rows * ROW + BOTTOM
    below = TOP + rows * ROW
    grid = []
    for power in range(scale.first, scale.last + 1):
        x = scale.x(10**power)
        grid.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{below}" stroke="#cccccc"/>')
        grid.append(_text(x, below + 18, f"{10**power:,g}", "middle"))
    lines = "\n".join([_text(12, 22, title, weight="bold"), *grid, *body])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(title)}" font-family="sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{height}" rx="6" fill="#ffffff"/>\n{lines}\n</svg>\n'
    )


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="{weight}" fill="#222222">{escape(text)}</text>'
    )


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]
