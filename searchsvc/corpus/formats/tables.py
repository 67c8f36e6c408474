"""Tables: CSV and TSV as spreadsheets, databases and programs write them. A bad row costs itself only."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import BinaryIO, NamedTuple, TextIO

from searchsvc.corpus.decisions import decide
from searchsvc.corpus.decoding import MAX_TEXT_BYTES, decode_stream
from searchsvc.corpus.record import ReadFailure, Record
from searchsvc.errors import UserError

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SAMPLE_LINES, _SAMPLE_CHARACTERS = 50, 100_000  # from which the delimiter and the columns are found out
_MAX_GIVEN_BACK = 100_000  # lines that are read again; from then on, every line is a row
_DELIMITER_LINE = re.compile(r'"?sep=(.)"?,*\s*', re.IGNORECASE)  # the first line for Excel
_UNNAMED = re.compile(r"(?:Unnamed: \d+)?", re.IGNORECASE)
_ESCAPED_QUOTE = re.compile(r'\\"(?=[^,;\t|\r\n])')
_MAX_PREAMBLE = 10  # rows of a title above the table
_MOSTLY = 0.8  # of the rows

csv.field_size_limit(MAX_TEXT_BYTES)

Records = Iterator[Record | ReadFailure]
Row = list[str]


def read_csv(stream: BinaryIO) -> Records:
    """Yield the record of each row under the names of the first row, delimited by commas, semicolons, tabs or bars."""
    return _read_table(decode_stream(stream))


def read_tsv(stream: BinaryIO) -> Records:
    """Yield the record of each row under the names of the first row, delimited by tabs unless there are none."""
    return _read_table(decode_stream(stream), "\t")


class Dialect(NamedTuple):
    """How the cells of a row are separated, and how quotation marks in them are escaped, besides being doubled."""

    delimiter: str
    escape: str | None

    def parse(self, lines: Iterable[str], *, strict: bool) -> Row | None:
        """Return the next row, or None at the end. Raise csv.Error if it is not well formed."""
        return next(csv.reader(lines, delimiter=self.delimiter, escapechar=self.escape, strict=strict), None)


class Layout(NamedTuple):
    """How a table is written: its dialect, the number of rows above the names of its columns, and these names."""

    dialect: Dialect
    preamble: int
    names: Row
    fitting: float  # share of the rows that have a value for each name


def _read_table(text: TextIO, usual: str = "") -> Records:
    lines = _Lines(text)
    declared = _DELIMITER_LINE.fullmatch(lines.sample()[0]) if lines.sample() else None
    if declared:
        next(lines)
    is_usual = usual and any(usual in line for line in lines.sample()[:1])
    layout = _find_layout(lines.sample(), declared[1] if declared else usual if is_usual else "")
    if not any(layout.names):
        raise UserError("is empty: its first line should name the columns")
    delimiter = layout.dialect.delimiter
    decide("columns", f"{len(layout.names)}, separated by {DELIMITERS.get(delimiter, delimiter)}")
    for row in islice(_read_rows(lines, layout.dialect), layout.preamble + 1, None):
        if isinstance(row, ReadFailure):
            yield row
            continue
        row = _without_surplus(row, len(layout.names))  # noqa: PLW2901
        if len(row) > len(layout.names):
            yield ReadFailure(f"has {len(row)} values for {len(layout.names)} columns")
        elif any(row):
            yield Record(_fields(layout.names, row))


def _fields(names: Sequence[str], row: Row) -> dict[str, str | list[str]]:
    """Return the values of a row by name. Values of several columns of one name are a list. A row's number is left out."""
    fields: dict[str, str | list[str]] = {}
    for position, (name, value) in enumerate(zip(names, row, strict=False)):
        known = fields.get(name)
        if position == 0 and _UNNAMED.fullmatch(name) and value.isdigit():
            continue
        if not known or not value:
            fields[name] = known or value
        elif isinstance(known, list):
            known.append(value)
        else:
            fields[name] = [known, value]
    return fields


def _without_surplus(row: Row, columns: int) -> Row:
    """Return a row without the empty cells behind its last column."""
    return row[:columns] if not any(row[columns:]) else row


def _find_layout(sample: Sequence[str], delimiter: str) -> Layout:
    """Return the layout of several columns in which most rows of a sample fit to the names, then that of most columns."""
    escape = "\\" if any(map(_ESCAPED_QUOTE.search, sample)) else None
    layouts = [_layout_with(sample, Dialect(each, escape)) for each in (delimiter or DELIMITERS)]
    return max(layouts, key=lambda found: (len(found.names) > 1, found.fitting, len(found.names)))


def _layout_with(sample: Sequence[str], dialect: Dialect) -> Layout:
    rows = [row for row in _read_rows(_Lines(iter(sample)), dialect) if not isinstance(row, ReadFailure)]
    rows = rows[:-1] if len(rows) > 2 and len(sample) >= _SAMPLE_LINES else rows  # the sample may end within a row
    begin = next((number for number, row in enumerate(rows) if any(row)), 0)
    layout = _layout_from(rows, begin, dialect)
    titled = next((number for number, row in enumerate(rows[:_MAX_PREAMBLE]) if sum(map(bool, row)) > 1), begin)
    below_title = _layout_from(rows, titled, dialect)
    return below_title if len(below_title.names) > 2 and below_title.fitting > max(_MOSTLY, layout.fitting) else layout


def _layout_from(rows: Sequence[Row], begin: int, dialect: Dialect) -> Layout:
    """Return the layout of a table whose columns are named in the row with this number."""
    names = [name.strip().removeprefix("\ufeff") for name in rows[begin]] if rows else []
    others = [_without_surplus(row, len(names)) for row in rows[begin + 1 :] if any(row)]
    if _have_unnamed_first(names, others):
        names = ["", *names]
    fitting = sum(len(row) == len(names) for row in others) / len(others) if others else 0
    return Layout(dialect, begin, names, fitting)


def _have_unnamed_first(names: Row, rows: Sequence[Row]) -> bool:
    """Return whether the first column is one of numbers without a name, as in tables by R."""
    return len(rows) > 0 and all(len(row) == len(names) + 1 and row[0].isdigit() for row in rows)


class _Lines:
    """The lines of a text, of which some can be looked at beforehand, and given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._ahead: list[str] = []
        self.taken: list[str] = []  # since it was cleared

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._ahead.pop() if self._ahead else next(self._lines)
        self.taken.append(line)
        return line

    def sample(self) -> list[str]:
        """Return the next lines without taking them."""
        if not self._ahead:
            characters = 0
            for line in islice(self._lines, _SAMPLE_LINES):
                self._ahead.insert(0, line)
                characters += len(line)
                if characters > _SAMPLE_CHARACTERS:
                    break
        return self._ahead[::-1]

    def give_back(self, lines: Sequence[str]) -> None:
        self._ahead.extend(reversed(lines))


def _read_rows(lines: _Lines, dialect: Dialect) -> Iterator[Row | ReadFailure]:
    """Yield each row, and a failure for one whose quotation mark is not closed. The rows that it has swallowed follow."""
    given_back = 0
    while True:
        lines.taken.clear()
        try:
            row = dialect.parse(lines if given_back < _MAX_GIVEN_BACK else islice(lines, 1), strict=True)
        except csv.Error:
            taken = lines.taken[:]
            lines.give_back(taken[1:])
            given_back += len(taken) - 1
            row = dialect.parse(taken, strict=False) if len(taken) == 1 else None
            if row is None:
                yield ReadFailure("is not well formed: a quotation mark in this row is not closed")
                continue
        if row is None:
            return
        yield row
