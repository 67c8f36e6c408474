"""The order of day and month in the dates of a column, such as `05/04/2021`.

One value does not tell, but its neighbours do: `13/04/2021` has the day first, and so has the whole column. Dates
with years of two digits are decided apart, because a column with both is made of two others.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from searchsvc.corpus.metadata.dates import numeric_date
from searchsvc.corpus.metadata.written_dates import NumericDate


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
    dates. It is called once, at the first date that leaves a choice and has neighbours.
    """

    def __init__(self, read_ahead: Callable[[], Iterable[tuple[str, Mapping[str, Any]]]]) -> None:
        self._read_ahead = read_ahead
        self._votes: Mapping[_Column, Counter[bool]] | None = None
        self._undecided: Counter[_Column] = Counter()

    def order(self, path: str, name: str, date: NumericDate, *, has_neighbours: bool = True) -> DateOrder:
        """Return the order of a column, for a date that leaves a choice. For one without neighbours, nothing is read."""
        column = _Column(path, name, date.has_short_year)
        order = _decide(self._counted_votes().get(column, Counter())) if has_neighbours else MONTH_FIRST
        if not order.is_decided:
            self._undecided[column] += 1
        return order

    def _counted_votes(self) -> Mapping[_Column, Counter[bool]]:
        if self._votes is None:
            self._votes = _count_votes(self._read_ahead())
        return self._votes

    def undecided(self) -> Iterator[tuple[str, str]]:
        """Yield the path and a sentence for each column with dates that could be read in two ways."""
        for column, dates in self._undecided.items():
            what = f"{dates:,} dates" if dates > 1 else "1 date"
            text = f"has {what} in “{column.name}” that can be read in two ways, and were read month first: 5/4 is 4 May"
            yield column.path, text


def _count_votes(records: Iterable[tuple[str, Mapping[str, Any]]]) -> Mapping[_Column, Counter[bool]]:
    """Return how many dates of each column have the day first, and how many the month."""
    votes: dict[_Column, Counter[bool]] = defaultdict(Counter)
    for path, dates in records:
        for name, value in dates.items():
            date = numeric_date(value)
            if date is not None and (is_day_first := date.is_day_first) is not None:
                votes[_Column(path, name, date.has_short_year)][is_day_first] += 1
    return votes


def _decide(votes: Counter[bool]) -> DateOrder:
    if votes[True] == votes[False]:
        return MONTH_FIRST
    is_day_first = votes[True] > votes[False]
    order = "day first" if is_day_first else "month first"
    return DateOrder(is_day_first, f"{order}, like {votes[is_day_first]:,} of {votes.total():,} dates that leave no choice")
