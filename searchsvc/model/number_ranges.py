"""Ranges of numbers, as filters write them: `10..20`, `10..` or `..20`."""

import re
from dataclasses import dataclass, field
from math import isfinite

MAX_RANGES = 10
"""Ranges that one search can have: each may find thousands of values."""
_NUMBER_PATTERN = r"[+-]?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?"
_NUMBER = re.compile(_NUMBER_PATTERN, re.ASCII)
_RANGE = re.compile(rf"({_NUMBER_PATTERN})?\.\.({_NUMBER_PATTERN})?", re.ASCII)


def number_of(value: str) -> float | None:
    """Return the number that a metadata value is. Return None if it is none, or too large for a float."""
    number = float(value) if _NUMBER.fullmatch(value) else None
    return number if number is not None and isfinite(number) else None


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers from `least` to `most`, both included. None leaves an end open.

    `values` are the values of the archive that are such numbers. Engines know no numbers, and look for these.
    """

    least: float | None
    most: float | None
    values: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def parse(cls, text: str) -> "NumberRange | None":
        """Return the range, whose ends may be in the wrong order. Return None for any other text."""
        found = _RANGE.fullmatch(text) if ".." in text else None
        if found is None:
            return None
        least, most = (number_of(end) if end else None for end in found.groups())
        is_whole = all(number is not None or not end for number, end in zip((least, most), found.groups(), strict=True))
        return cls(least, most) if any(found.groups()) and is_whole else None

    @property
    def is_empty(self) -> bool:
        """True if the range ends before it begins."""
        return self.least is not None and self.most is not None and self.least > self.most

    def __str__(self) -> str:
        return f"{_written(self.least)}..{_written(self.most)}"


def _written(end: float | None) -> str:
    return "" if end is None else str(int(end)) if end.is_integer() and abs(end) < 10**15 else repr(end)
