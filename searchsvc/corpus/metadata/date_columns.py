"""The order of day and month in the dates of a column, such as `05/04/2021`.

One value does not tell, but its neighbours do: `13/04/2021` has the day first, and so has the whole column. Dates
with years of two digits are decided apart, because a column with both is made of two others.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from searchsvc.corpus.metadata.dates import numeric_date
from searchsvc.corpus.metadata.written_dates import NumericDate

ENOUGH_DATES = 1_000  # that leave no choice: if nearly all of these agree, the others are not looked at
_NEARLY_ALL = 0.99


class DateOrder(NamedTuple):
    """Whether the dates of a column have the day first, and why they are read so."""

    day_first: bool
    reason: str
    is_decided: bool = True


class _Column(NamedTuple):
    """The dates of one name in the records of a file or of a member of an archive."""

    path: str
    name: str
    has_short_years: bool


MONTH_FIRST = DateOrder(False, "month first, since nothing tells that the day is", is_decided=False)
"""The order of a date without neighbours."""

OrderOf = Callable[[str, NumericDate], DateOrder]
"""A function that returns how a date which leaves a choice is read, given the name of its column."""


class DateColumns:
    """The columns of dates in a file, each read one way throughout, as most of its dates are that leave no choice.

    `read_ahead` reads the records of the file: the path of the file or member that each is from, and its fields that are
    dates. It is called once, at the first date that leaves a choice and has neighbours, and is read as far as it takes to
    decide. Close the columns to end it.
    """

    def __init__(self, read_ahead: Callable[[], Iterator[tuple[str, Mapping[str, Any]]]]) -> None:
        self._read_ahead = read_ahead
        self._ahead: Iterator[tuple[str, Mapping[str, Any]]] | None = None
        self._votes: dict[_Column, Counter[bool]] = defaultdict(Counter)  # dates with the day first, and with the month
        self._orders: dict[_Column, DateOrder] = {}
        self._undecided: Counter[_Column] = Counter()

    def order(self, path: str, name: str, date: NumericDate, *, has_neighbours: bool = True) -> DateOrder:
        """Return the order of a column, for a date that leaves a choice. For one without neighbours, nothing is read."""
        column = _Column(path, name, date.has_short_year)
        order = self._order(column) if has_neighbours else MONTH_FIRST
        if not order.is_decided:
            self._undecided[column] += 1
        return order

    def _order(self, column: _Column) -> DateOrder:
        if column not in self._orders:
            self._orders[column] = _decide(self._count_votes(column))
        return self._orders[column]

    def _count_votes(self, column: _Column) -> Counter[bool]:
        """Return the votes of a column. Read on until they are enough, or to the end of the file."""
        votes = self._votes[column]
        if self._ahead is None:
            self._ahead = self._read_ahead()
        while not _is_enough(votes) and (record := next(self._ahead, None)) is not None:
            self._add_votes(*record)
        return votes

    def _add_votes(self, path: str, dates: Mapping[str, Any]) -> None:
        for name, value in dates.items():
            date = numeric_date(value)
            if date is not None and (is_day_first := date.is_day_first) is not None:
                self._votes[_Column(path, name, date.has_short_year)][is_day_first] += 1

    def undecided(self) -> Iterator[tuple[str, str]]:
        """Yield the path and a sentence for each column with dates that could be read in two ways."""
        for column, dates in self._undecided.items():
            what = f"{dates:,} dates" if dates > 1 else "1 date"
            text = f"has {what} in “{column.name}” that can be read in two ways, and were read month first: 5/4 is 4 May"
            yield column.path, text

    def close(self) -> None:
        """End the reading ahead."""
        self._ahead = None


def _is_enough(votes: Counter[bool]) -> bool:
    return votes.total() >= ENOUGH_DATES and max(votes.values()) >= _NEARLY_ALL * votes.total()


def _decide(votes: Counter[bool]) -> DateOrder:
    if votes[True] == votes[False]:
        return MONTH_FIRST
    is_day_first = votes[True] > votes[False]
    order = "day first" if is_day_first else "month first"
    return DateOrder(is_day_first, f"{order}, like {votes[is_day_first]:,} of {votes.total():,} dates that leave no choice")
