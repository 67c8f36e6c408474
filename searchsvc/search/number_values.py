"""The values of a metadata field that are numbers, by which filters for ranges of numbers find their articles."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from searchsvc.engines.protocol import MAX_LISTED_VALUES, Engine
from searchsvc.messages import Message
from searchsvc.model.number_ranges import NumberRange, number_of
from searchsvc.query import Note, ParsedQuery
from searchsvc.query.ast import replace_ranges
from searchsvc.query.request import SearchRequest


@dataclass(frozen=True, slots=True)
class NumberValues:
    """The numbers among the values of a field in ascending order, and the values themselves."""

    numbers: list[float]
    values: list[str]
    complete: bool  # False if the field has more values than can be listed: these are then the most frequent

    def fill(self, wanted: NumberRange) -> NumberRange:
        """Return a range with the values in it."""
        first = 0 if wanted.least is None else bisect_left(self.numbers, wanted.least)
        last = None if wanted.most is None else bisect_right(self.numbers, wanted.most)
        return replace(wanted, values=tuple(self.values[first:last]))


def read_numbers(engine: Engine, field: str) -> NumberValues:
    """Return the numbers among the values of a field in a whole archive. Raise EngineError."""
    facet = engine.facet(SearchRequest(), field)
    found = sorted((number, each.value) for each in facet.values if (number := number_of(each.value)) is not None)
    return NumberValues([number for number, _ in found], [value for _, value in found], not facet.other)


def with_range_values(request: SearchRequest, numbers: Callable[[str], NumberValues]) -> SearchRequest:
    """Return a request with the values that are in the ranges of its filters. `numbers` returns those of a field."""
    if not (request.ranges or request.excluded):
        return request
    ranges = {name: tuple(numbers(name).fill(each) for each in of) for name, of in request.ranges.items()}
    excluded = {name: tuple(_filled(each, name, numbers) for each in of) for name, of in request.excluded.items()}
    return replace(request, ranges=ranges, excluded=excluded)


def with_all_values(request: SearchRequest, numbers: Callable[[str], NumberValues]) -> SearchRequest:
    """Return a request with the values that are in the ranges of its filters and of its query."""
    tree = replace_ranges(request.tree, lambda name, wanted: numbers(name).fill(wanted))
    return replace(with_range_values(request, numbers), tree=tree)


def with_tree_values(parsed: ParsedQuery, numbers: Callable[[str], NumberValues]) -> ParsedQuery:
    """Return a parsed query with the values that are in its ranges, and a note for each field of which they see a part."""
    names: dict[str, None] = {}

    def fill(name: str, wanted: NumberRange) -> NumberRange:
        names[name] = None
        return numbers(name).fill(wanted)

    tree = replace_ranges(parsed.tree, fill)
    return ParsedQuery(tree, (*parsed.notes, *map(Note, _notes(names, numbers))))


def range_notes(request: SearchRequest, numbers: Callable[[str], NumberValues]) -> Iterable[str]:
    """Yield a note for each field of which the ranges of a request see a part only."""
    excluded = (name for name, of in request.excluded.items() if _has_range(of))
    return _notes(dict.fromkeys((*request.ranges, *excluded)), numbers)


def _notes(names: Iterable[str], numbers: Callable[[str], NumberValues]) -> Iterator[str]:
    for name in names:
        if not numbers(name).complete:
            yield Message(
                "the field “%(field)s” has very many values: its range was looked for among the %(number)s most frequent "
                "values",
                field=name,
                number=MAX_LISTED_VALUES,
            )


def _filled(value: str | NumberRange, name: str, numbers: Callable[[str], NumberValues]) -> str | NumberRange:
    return numbers(name).fill(value) if isinstance(value, NumberRange) else value


def _has_range(values: Iterable[str | NumberRange]) -> bool:
    return any(isinstance(each, NumberRange) for each in values)
