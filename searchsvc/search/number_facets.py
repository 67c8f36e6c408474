"""Facets of fields whose values are numbers: how many hits have a number within each of a few round bounds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING

from searchsvc.engines.protocol import Engine
from searchsvc.model.number_ranges import NumberRange, number_of
from searchsvc.query.ast import Node
from searchsvc.query.request import SearchRequest
from searchsvc.search.remembered import MAX_VALUES, Scope, Value

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

MAX_BUCKETS = 10
LEAST_SHARE = 0.9  # of the values, from which on a field counts as one of numbers
LEAST_NUMBERS = 3  # different ones: fewer are listed like any other values
_OUTLIERS = 0.01  # of the hits at each end, which the outermost buckets take without a bound
_MAX_WHOLE = 2.0**53  # beyond it, floats have no ones
_PRECISION, _LEAST_SPAN = 1e-12, 1e-300  # parts of a number, and differences, that floats can tell apart and divide


@dataclass(frozen=True, slots=True)
class NumberBucket:
    """A range of numbers, and the number of hits with a value in it. The outermost ranges may have one end only."""

    range: NumberRange
    count: int


@dataclass(frozen=True, slots=True)
class NumberFacet:
    """The numbers of a field among the hits, in ascending order, counted without the filters of the field.

    There are no buckets if no hit has a number.
    """

    field: str
    buckets: tuple[NumberBucket, ...] = ()


def is_numeric(values_of: Callable[[str], Sequence[Value]], fields: Mapping[str, tuple[int, int]], field: str) -> bool:
    """Return whether nearly all values of a field are numbers, several of them, and not more than can be counted.

    `fields` has the number of articles with each field, and about how many values they have.
    """
    _, about = fields.get(field, (0, 0))
    values = values_of(field) if about < MAX_VALUES else ()
    numbers = sum(number_of(each.value) is not None for each in values)
    return len(values) < MAX_VALUES and numbers >= max(LEAST_NUMBERS, LEAST_SHARE * len(values))


def number_facet(searcher: "Searcher", tree: Node, scope: Scope, field: str) -> NumberFacet:
    """Return the facet of a numeric field. `scope` is that of the search without the filters of the field."""
    request = scope.request(tree)
    found = searcher.engine.facet(request, field).values
    counted = sorted((number, each.count) for each in found if (number := number_of(each.value)) is not None)
    ranges = round_ranges(counted)
    articles, _ = searcher.info.fields[field]
    if sum(each.articles for each in searcher.remembered.values(field)) <= articles:  # no article has two
        counts = [_sum(counted, each) for each in ranges]
    else:
        numbers = searcher.numbers(field)
        counts = [_count(searcher.engine, request, field, numbers.fill(each)) for each in ranges]
    return NumberFacet(field, tuple(map(NumberBucket, ranges, counts)))


def round_ranges(counted: Sequence[tuple[float, int]]) -> tuple[NumberRange, ...]:
    """Return up to `MAX_BUCKETS` ranges with round bounds for ascending numbers and how often each occurs.

    Ranges of whole numbers do not overlap. Those of others share their bounds, since both ends of a range belong to it.
    """
    if not counted:
        return ()
    (least, _), (most, _) = counted[0], counted[-1]
    low, high = _bulk(counted)
    if low == high:
        low, high = least, most
    whole = all(number.is_integer() for number, _ in counted) and max(-least, most) < _MAX_WHOLE
    bounds = _bounds(low, high, whole=whole)
    ranges = [NumberRange(low, high - 1 if whole else high) for low, high in pairwise(bounds)]
    if ranges and least < bounds[0]:
        ranges[0] = replace(ranges[0], least=None)
    if ranges and (most >= bounds[-1] if whole else most > bounds[-1]):
        ranges[-1] = replace(ranges[-1], most=None)
    return tuple(ranges)


def _bulk(counted: Sequence[tuple[float, int]]) -> tuple[float, float]:
    """Return the numbers between which nearly all others are."""
    few = _OUTLIERS * sum(count for _, count in counted)
    return _beyond(counted, few), _beyond(reversed(counted), few)


def _beyond(counted: Iterable[tuple[float, int]], few: float) -> float:
    """Return the first number that has more than a few occurrences up to it."""
    number = seen = 0.0
    for number, count in counted:  # noqa: B007  the last one stays
        seen += count
        if seen > few:
            break
    return number


def _bounds(low: float, high: float, *, whole: bool) -> list[float]:
    """Return the multiples of a round step around two numbers. Return [] if floats cannot tell them apart."""
    span = high - low
    if not isfinite(span) or 0 < span < max(_LEAST_SPAN, _PRECISION * max(abs(low), abs(high))):
        return []
    exponent = floor(log10(span / MAX_BUCKETS)) if span else 0
    for step in (factor * 10.0**power for power in (exponent, exponent + 1) for factor in (1, 2, 5)):
        first, last = floor(low / step), floor(high / step) + 1 if whole else ceil(high / step)
        if last - first <= MAX_BUCKETS and (step >= 1 or not whole):
            digits = max(0, 1 - floor(log10(step)))
            return [round(number * step, digits) for number in range(first, max(last, first + 1) + 1)]
    return []


def _sum(counted: Iterable[tuple[float, int]], wanted: NumberRange) -> int:
    least = -float("inf") if wanted.least is None else wanted.least
    most = float("inf") if wanted.most is None else wanted.most
    return sum(count for number, count in counted if least <= number <= most)


def _count(engine: Engine, request: SearchRequest, field: str, wanted: NumberRange) -> int:
    return engine.count(replace(request, ranges={**request.ranges, field: (wanted,)}))
