"""Links to searches, articles and lists of values. All of them begin with the prefix of the service."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from typing import NamedTuple
from urllib.parse import quote, urlencode

from searchsvc.api.addresses import Addresses
from searchsvc.api.cursors import encode
from searchsvc.api.filters import filter_pair, needs_escape
from searchsvc.api.parameter_reader import LANG, Pairs
from searchsvc.model.article import METADATA, Article
from searchsvc.model.cursors import Cursor
from searchsvc.model.number_ranges import NumberRange
from searchsvc.query.lexer import within_quotes
from searchsvc.query.request import MAX_QUERY, PER_PAGE
from searchsvc.search.question import Question
from searchsvc.search.quotations import Quotation


def pairs(question: Question) -> list[tuple[str, str]]:
    """Return the parameters of a search in canonical order, without those that have their default value."""
    request = question.request
    found = [
        ("q", question.text),
        ("match", question.match if question.match != "all" else ""),
        ("sort", request.sort if request.sort != "relevance" else ""),
        ("from", request.start.isoformat() if request.start else ""),
        ("to", request.end.isoformat() if request.end else ""),
        *(("date", value) for value in request.dates),
        *(filter_pair(name, value, excluded=excluded) for name, value, excluded in request.field_filters()),
        ("versions", request.versions if request.versions != "one" else ""),
        ("per_page", str(request.per_page) if request.per_page != PER_PAGE else ""),
        ("page", str(request.page) if request.page > 1 else ""),
        ("cursor", encode(request.after, question.generation) if question.by_cursor else ""),
        (LANG, question.language),
    ]
    return [pair for pair in found if pair[1]]


def for_counting(question: Question) -> Question:
    """Return a search without what only concerns its list of hits: their order, their number, and folded versions."""
    return replace(question, request=replace(question.request, sort="relevance", per_page=PER_PAGE, versions="one"))


class Links:
    """Links to a search and its variations, under one path."""

    def __init__(self, addresses: Addresses, path: str, question: Question, extra: Pairs = ()) -> None:
        self._addresses = addresses
        self._here = addresses.to(path)
        self._question = question
        self._extra = list(extra)
        self._first = pairs(question.on_page(1))
        self._first_query = _encoded(tuple(self.first_pairs))
        self._others: dict[str, str] = {}  # the query string without a parameter, by its name
        self._adders: dict[tuple[str, bool], Callable[[str], str]] = {}  # what adds a filter by a value, by its field

    @property
    def first_pairs(self) -> list[tuple[str, str]]:
        """The parameters of the first page."""
        return [*self._first, *self._extra]

    def here(self) -> str:
        is_first = self._question.on_page(1) is self._question
        return self.page(1) if is_first else self._to(pairs(self._question))

    def first_at(self, path: str, extra: Pairs = ()) -> str:
        """Return the first page of the search under another path, with further parameters."""
        return _with_query(self._addresses.to(path), "&".join(filter(None, (self._first_query, _encoded(tuple(extra))))))

    def page(self, number: int) -> str:
        if number == 1:
            return _with_query(self._here, self._first_query)
        before_language = len(self._first) - bool(self._question.language)
        return self._to([*self._first[:before_language], ("page", str(number)), *self._first[before_language:]])

    def after(self, after: Cursor, generation: str) -> str:
        return self._to(pairs(self._question.on_page_after(after, generation)))

    def replacing(self, name: str, *values: str) -> str:
        """Return the first page of the search with other values, or none, of one parameter."""
        if name not in self._others:  # a histogram replaces the date once for each bar
            kept = ((key, value) for key, value in self._first if key != name)
            self._others[name] = _encoded((*kept, *self._extra))
        others = (f"{_quoted(name)}={_quoted(value)}" for value in values)
        return _with_query(self._here, "&".join(filter(None, (self._others[name], *others))))

    def without(self, name: str, value: str) -> str:
        """Return the first page of the search without one value of a parameter."""
        return self._to([pair for pair in self._first if pair != (name, value)])

    def toggling(self, name: str, value: str, selected: bool) -> str:
        """Return the first page of the search with a value selected, or deselected if it is selected."""
        if selected:
            return self.without(name, value)
        return self._adding(name, "") + _quoted(value)

    def selecting(self, field: str, value: str, selected: bool) -> str:
        """Return the first page of the search with a value of a metadata field selected, or deselected if it is."""
        if not selected and value not in self._question.request.excluded.get(field, ()):
            return self._adding_value(field, excluded=False)(value)
        pair = filter_pair(field, value)
        return self.without(*pair) if selected else self._instead(filter_pair(field, value, excluded=True), pair)

    def excluding(self, field: str, value: str, excluded: bool, selected: bool = False) -> str:
        """Return the first page of the search without the articles that have a value, or with them if it is excluded."""
        if not excluded and not selected:
            return self._adding_value(field, excluded=True)(value)
        pair = filter_pair(field, value, excluded=True)
        return self.without(*pair) if excluded else self._instead(filter_pair(field, value), pair)

    def adding_values(self, field: str) -> tuple[Callable[[str], str], Callable[[str], str]]:
        """Return functions that select and exclude a value of a field that is neither selected nor excluded."""
        return self._adding_value(field, excluded=False), self._adding_value(field, excluded=True)

    def _adding_value(self, field: str, *, excluded: bool) -> Callable[[str], str]:
        known = self._adders.get((field, excluded))
        if known is None:  # hits and facets have hundreds of values of a few fields
            known = self._adders[field, excluded] = self._adder(field, excluded=excluded)
        return known

    def _adder(self, field: str, *, excluded: bool) -> Callable[[str], str]:
        start = self._adding(*filter_pair(field, "", excluded=excluded))
        if field in METADATA and not excluded:
            return lambda value: start + _quoted(value)
        return lambda value: start + _quoted(value if not needs_escape(value) else f"\\{value}")

    def _adding(self, name: str, value: str) -> str:
        """Return the first page of the search with one more parameter, whose value can be continued."""
        here = f"{self._first_query}&" if self._first_query else ""
        return f"{self._here}?{here}{_quoted(name)}={_quoted(value)}"

    def _instead(self, old: tuple[str, str], new: tuple[str, str]) -> str:
        return self._to([*(pair for pair in self._first if pair != old), new])

    def _to(self, pairs: Iterable[tuple[str, str]]) -> str:
        return _with_query(self._here, _encoded((*pairs, *self._extra)))


def _with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


_MAX_PHRASE = MAX_QUERY - 2  # characters between the quotation marks
_encoded = lru_cache(maxsize=1_000)(urlencode)  # a page has the same parameters in a dozen of its addresses
_quoted = lru_cache(maxsize=20_000)(partial(quote, safe=""))


def phrase_query(text: str) -> str:
    """Return the query for a text word for word, or for its beginning if it is longer than a query may be."""
    words = within_quotes(text)
    if len(words) > _MAX_PHRASE:
        words = words[:_MAX_PHRASE].rpartition(" ")[0] or words[:_MAX_PHRASE]
    return f'"{words}"'


def quotation_search(addresses: Addresses, path: str, quotation: Quotation) -> str | None:
    """Return the search for all articles with a quotation, earliest first. Return None if it is too long for a query."""
    if len(within_quotes(quotation.text)) > _MAX_PHRASE:
        return None
    request = replace(quotation.request, sort="oldest", per_page=PER_PAGE)
    return Links(addresses, path, Question(phrase_query(quotation.text), request=request)).here()


class ActiveFilter(NamedTuple):
    """A filter of a search: the parameter with its value, and the field and value that they mean. Dates have no field."""

    name: str
    value: str
    field: str = ""
    shown: str | NumberRange = ""
    excluded: bool = False


def active_filters(question: Question) -> Iterator[ActiveFilter]:
    """Yield the filters of a search."""
    request = question.request
    span = (("from", request.start), ("to", request.end))
    yield from (ActiveFilter(name, day.isoformat()) for name, day in span if day)
    yield from (ActiveFilter("date", value) for value in request.dates)
    for field, value, excluded in request.field_filters():
        yield ActiveFilter(*filter_pair(field, value, excluded=excluded), field, value, excluded)


def web_address(article: Article) -> str | None:
    """Return the article's address on the web. Return None if it is no http address, since other schemes can run code."""
    return article.url if article.url.startswith(("http://", "https://")) else None
