"""Facets on pages: values to select and to exclude, histograms of numbers, and the page of all values of a field."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, get_args

from flask import Blueprint, Response, render_template
from flask_babel import gettext

from searchsvc.api.addresses import values_path
from searchsvc.api.filters import filter_pair
from searchsvc.api.links import Links, pairs
from searchsvc.api.listing_parameters import ValueListing, parse_choice, parse_page_listing
from searchsvc.api.parameter_reader import Pairs
from searchsvc.api.parameters import ChartView, parse_chart, parse_question
from searchsvc.model.number_ranges import NumberRange
from searchsvc.model.results import FacetValue, FieldFacet
from searchsvc.query.request import PAGE_FACET_VALUES
from searchsvc.search.answer import Answer
from searchsvc.search.facet_values import FacetPage, Order
from searchsvc.search.number_facets import NumberFacet
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.bodies import address_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.labels import language, range_text
from searchsvc.web.target import request_addresses

HEIGHT = 48
"""The height of the highest bar of a histogram, in units of its drawing."""
BAR = 10
"""The width of a bar, with the gap beside it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of a facet. `count` is None if it was not counted.

    `toggle` selects the value, or lets go of it if it is selected or excluded. `exclude` is "" for these.
    """

    value: str
    count: int | None
    selected: bool
    excluded: bool
    toggle: str
    exclude: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a histogram: its numbers in words, its hits, and its place in the drawing."""

    text: str
    count: int
    selected: bool
    link: str
    x: int
    height: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """The numbers of a field among the hits, and the form for a range of them.

    `least` and `most` are the ends of the range that is set, or "". `kept` are the other parameters of the search.
    """

    bars: tuple[Bar, ...]
    least: str
    most: str
    kept: list[tuple[str, str]]

    @property
    def width(self) -> int:
        return BAR * len(self.bars)


@dataclass(frozen=True, slots=True)
class FacetView:
    """A facet as a page shows it: its values, or a histogram. `more` is the address of all its values."""

    field: str
    entries: tuple[Entry, ...]
    histogram: Histogram | None
    more: str
    has_more: bool


def blueprint(service: SearchService) -> Blueprint:
    """Return the route of the pages with all values of a field."""
    routes = Blueprint("facets", __name__)

    @routes.get("/facets/<anything:name>")
    def values(name: str) -> str | Response:
        view, asked = parse_chart(address_pairs())
        listing, rest, notes = parse_page_listing(asked)
        choice, given = parse_choice(rest)
        searcher = request_searcher(service)
        question = parse_question(given, searcher, strict=False)
        if choice.is_final and name in searcher.fields:
            return _to_results(name, question, choice.numbers, view)
        page = searcher.facet_page(name, question, *listing)
        shown = _page(searcher, page, question, listing, view)
        return render_template("facet.html", notes=(*question.notes, *notes), **shown)

    return routes


class FacetTexts(NamedTuple):
    """What a screen reader says that a click does. The value that is excluded stands between `before` and `after`."""

    add: str
    remove: str
    before: str
    after: str


def facet_texts() -> FacetTexts:
    """Return the texts in the language of the interface. To translate them for each value takes time."""
    return _texts(language())


@lru_cache(maxsize=50)
def _texts(_locale: str) -> FacetTexts:
    before, _, after = gettext("Exclude %(value)s", value="\0").partition("\0")
    return FacetTexts(gettext("add filter"), gettext("remove filter"), before, after)


def facet_views(searcher: Searcher, answer: Answer, extra: Pairs = ()) -> Iterator[FacetView]:
    """Yield the facets of a page of results that have values. Links keep the parameters of the page that are `extra`."""
    question, counted = answer.question, {facet.field: facet for facet in answer.results.facets}
    links = Links(request_addresses(), "/search", question, extra)
    for field in searcher.page_facets:
        more = links.first_at(values_path(field))
        if field not in counted:
            histogram = histogram_of(searcher.number_facet(field, question), question, extra)
            if histogram.bars or histogram.least or histogram.most:
                yield FacetView(field, (), histogram, more, has_more=True)
        elif counted[field].values:
            yield _of_values(counted[field], question, links, more)


def _of_values(facet: FieldFacet, question: Question, links: Links, more: str) -> FacetView:
    """Return the view of the most frequent values, and of those that are selected or excluded."""
    first, others = facet.values[:PAGE_FACET_VALUES], facet.values[PAGE_FACET_VALUES:]
    shown = [*first, *(each for each in others if each.selected)]
    entries = [*_entries(facet.field, shown, question, links), *_unlisted(facet.field, shown, question, links)]
    return FacetView(facet.field, tuple(entries), None, more, bool(others or facet.other))


def _entries(field: str, found: Iterable[FacetValue], question: Question, links: Links) -> Iterator[Entry]:
    unwanted = frozenset(question.request.excluded.get(field, ()))
    with_value, without_value = links.adding_values(field)
    for each in found:
        value = each.value
        if value in unwanted:
            yield _excluded(field, value, each.count, links)
        elif each.selected:
            yield Entry(value, each.count, True, False, links.selecting(field, value, True), "")
        else:
            yield Entry(value, each.count, False, False, with_value(value), without_value(value))


def _unlisted(field: str, shown: Iterable[FacetValue], question: Question, links: Links) -> Iterator[Entry]:
    """Yield the excluded values that are not among those that are shown."""
    known = {each.value for each in shown}
    for value in question.request.excluded.get(field, ()):
        if isinstance(value, str) and value not in known:
            yield _excluded(field, value, None, links)


def _excluded(field: str, value: str, count: int | None, links: Links) -> Entry:
    return Entry(value, count, False, True, links.excluding(field, value, True), "")


def histogram_of(facet: NumberFacet, question: Question, extra: Pairs = ()) -> Histogram:
    """Return the histogram of a facet of numbers. A bar sets its range as the only filter of the field."""
    ranges = question.request.ranges.get(facet.field, ())
    least, most = (str(ranges[0]) if len(ranges) == 1 else "..").split("..")
    kept = [*pairs(question.with_range(facet.field, None)), *extra]
    return Histogram(tuple(_bars(facet, question, extra)), least, most, kept)


def _bars(facet: NumberFacet, question: Question, extra: Pairs) -> Iterator[Bar]:
    most = max((each.count for each in facet.buckets), default=0)
    for number, (wanted, count) in enumerate((each.range, each.count) for each in facet.buckets):
        selected = wanted in question.request.ranges.get(facet.field, ())
        changed = question.with_range(facet.field, None if selected else wanted)
        link = Links(request_addresses(), "/search", changed, extra).here()
        height = max(2, round(HEIGHT * count / most)) if count else 0
        yield Bar(range_text(wanted), count, selected, link, number * BAR, height)


def _to_results(field: str, question: Question, numbers: NumberRange | None, view: ChartView) -> Response:
    """Lead to the results of what was chosen, at an address without the parameters of the page of values."""
    wanted = question.with_range(field, numbers) if numbers else question.on_page(1)
    return Response(status=303, headers={"Location": Links(request_addresses(), "/search", wanted, view.pairs()).here()})


def _histogram(searcher: Searcher, field: str, question: Question, view: ChartView) -> Histogram | None:
    """Return the histogram of a field. Return None if its values are no numbers."""
    if not searcher.is_numeric(field):
        return None
    return histogram_of(searcher.number_facet(field, question), question, view.pairs())


def _page(
    searcher: Searcher, page: FacetPage, question: Question, listing: ValueListing, view: ChartView
) -> dict[str, object]:
    """Return what the template of a page of values needs. Entries that are excluded lead back to this page."""
    addresses, path, first = request_addresses(), values_path(page.field), question.on_page(1)

    def here(**changed: Any) -> str:
        return Links(addresses, path, first, [*listing._replace(**changed).pairs(), *view.pairs()]).here()

    extra = [*listing.pairs(), *view.pairs()]
    entries = _entries(page.field, page.values, first, Links(addresses, path, first, extra))
    boxes = [(entry, filter_pair(page.field, entry.value)) for entry in entries]
    given, shown = [*pairs(first), *view.pairs()], {pair for _, pair in boxes}
    return {
        "listed": page,
        "question": question,
        "listing": listing,
        "canonical": Links(addresses, path, question, listing.pairs()).here(),
        "boxes": boxes,
        "histogram": _histogram(searcher, page.field, question, view),
        "total": searcher.count(question.request),
        "back": Links(addresses, "/search", first, view.pairs()).here(),
        "here": addresses.to(path),
        "hidden": [pair for pair in given if pair[0] != "q"],
        "kept": [pair for pair in given if pair not in shown],  # the others are those of the boxes
        "orders": {order: here(order=order) for order in get_args(Order)},
        "letters": [(letter, here(letter=letter)) for letter in page.letters],
        "all_letters": here(letter=""),
        "page_link": lambda number: Links(addresses, path, question.on_page(number), extra).here(),
    }
