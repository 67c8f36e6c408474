"""The parameters of a search, the same on pages, API and command line, parsed into a Question.

q         the query                    from, to   first and last day: 2022, 2022-12 or 2022-12-23
match     all | any                    date       a year, month or day of the date facet (repeat for alternatives)
sort      relevance | newest | oldest  page, per_page
cursor    the cursor of the previous answer, or * for the first page; replaces page, and reaches any depth
prefix    in a list of values: keep values with a word that starts with it
order     in a list of values: count | value
text      a quotation that is to be checked
limit     of suggestions, of similar articles, or of what was printed of a quotation
hit       on an article's page: the number of the hit in its search, from 1
FIELD     an exact value of a metadata field (repeat for alternatives); `x.FIELD` if the name is one of these
"""

import datetime as dt
import unicodedata
from collections.abc import Collection
from time import perf_counter
from typing import NamedTuple, Protocol, get_args

from searchsvc.api.parameter_reader import LISTING, PARAMETERS, QUOTATION, Pairs, ParameterReader
from searchsvc.errors import UserError
from searchsvc.model.cursors import Cursor
from searchsvc.query.ast import Node
from searchsvc.query.parser import ParsedQuery
from searchsvc.query.request import MAX_DEPTH, MAX_PER_PAGE, MAX_QUERY, PER_PAGE, Match, SearchRequest, Sort
from searchsvc.search.facet_values import Order
from searchsvc.search.question import Question
from searchsvc.search.quotations import MAX_CHARACTERS, Quotation

LIST_LENGTH = 5
"""Default number of suggestions of each kind, and of similar articles."""


class Archive(Protocol):
    """The facts about an archive that its parameters depend on."""

    @property
    def fields(self) -> Collection[str]: ...

    @property
    def default_facets(self) -> tuple[str, ...]: ...

    @property
    def quick_facets(self) -> tuple[str, ...]: ...

    def parse(self, text: str, match: Match) -> ParsedQuery: ...


def parse_question(pairs: Pairs, archive: Archive, *, strict: bool = True, choose_facets: bool = False) -> Question:
    """Parse the parameters of a search in an archive.

    Raise UserError for an invalid value. Unknown parameters raise it too if `strict`, and are ignored otherwise, since
    links to pages may carry parameters of other programs. With `choose_facets`, `facet` names the facets to count, and
    without any, those are counted that take little time.
    """
    begun = perf_counter()
    names = (*PARAMETERS, "facet") if choose_facets else PARAMETERS
    given = ParameterReader(pairs, archive.fields, names, strict=strict)
    text, match = _query_text(given), given.choice("match", get_args(Match))
    parsed = archive.parse(text, match)
    after, generation = given.cursor()
    request = _request(given, parsed.tree, after, archive.quick_facets if choose_facets else archive.default_facets)
    parse_ms = (perf_counter() - begun) * 1000
    return Question(text, match, parsed.notes, request, bool(given.one("cursor")), generation, parse_ms)


def parse_quotation(pairs: Pairs, archive: Archive, *, strict: bool = True) -> Quotation:
    """Parse the parameters of the check of a quotation in an archive, as `parse_question` does."""
    given = ParameterReader(pairs, archive.fields, QUOTATION, strict=strict)
    text, limit = _quoted_text(given), given.number("limit", PER_PAGE, MAX_PER_PAGE)
    start, end = _days(given)
    return Quotation(text, SearchRequest(filters=given.filters, dates=given.dates(), start=start, end=end, per_page=limit))


class ValueListing(NamedTuple):
    """The selection and order of a list of values."""

    prefix: str
    order: Order

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters of the listing, without those that have their default value."""
        return [pair for pair in zip(LISTING, self, strict=True) if pair[1] not in ("", get_args(Order)[0])]


def parse_listing(pairs: Pairs) -> tuple[ValueListing, list[tuple[str, str]]]:
    """Parse `prefix` and `order`, and return them and the other parameters. Raise UserError for an invalid value."""
    pairs = list(pairs)
    given = ParameterReader((pair for pair in pairs if pair[0] in LISTING), (), LISTING)
    listing = ValueListing(given.one("prefix")[:MAX_QUERY], given.choice("order", get_args(Order)))
    return listing, [pair for pair in pairs if pair[0] not in LISTING]


def parse_full(pairs: Pairs) -> bool:
    """Parse `full`, true or false. Raise UserError for anything else."""
    return ParameterReader(pairs, (), ("full",)).choice("full", ("false", "true")) == "true"


def parse_limit(pairs: Pairs) -> int:
    """Parse `limit`. Raise UserError for an invalid value or another parameter."""
    return ParameterReader(pairs, (), ("limit",)).number("limit", LIST_LENGTH, MAX_PER_PAGE)


def parse_completion(pairs: Pairs, archive: Archive) -> tuple[Question, int]:
    """Parse a partly typed search, and `limit`. Raise UserError for an invalid value or another parameter."""
    given: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for name, value in pairs:
        given[name == "limit"].append((name, value))
    return parse_question(given[False], archive), parse_limit(given[True])


def _query_text(given: ParameterReader) -> str:
    text = given.one("q").replace("\x00", " ").strip()
    if len(text) > MAX_QUERY:
        detail = f"the query has {len(text):,} characters; the limit is {MAX_QUERY:,}"
        raise UserError(detail, param="q", position=MAX_QUERY)
    return text


def _quoted_text(given: ParameterReader) -> str:
    """Return a quotation as texts of the archive are read: with composed characters and lines that end with LF."""
    text = unicodedata.normalize("NFC", given.one("text")).replace("\r\n", "\n").replace("\x00", " ").strip()
    if len(text) > MAX_CHARACTERS:
        detail = f"the passage has {len(text):,} characters; the limit is {MAX_CHARACTERS:,}: check it in parts"
        raise UserError(detail, param="text", position=MAX_CHARACTERS)
    return text


def _days(given: ParameterReader) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and the last day. Raise UserError if they are in the wrong order."""
    start, end = given.period("from"), given.period("to")
    if start and end and start.first > end.last:
        raise UserError(f"from ({start.first}) is after to ({end.last})", param="from")
    return start and start.first, end and end.last


def _request(given: ParameterReader, tree: Node, after: Cursor | None, default_facets: tuple[str, ...]) -> SearchRequest:
    start, end = _days(given)
    chosen = bool(given.facets or given.date_facet)
    request = SearchRequest(
        tree=tree,
        filters=given.filters,
        dates=given.dates(),
        start=start,
        end=end,
        sort=given.choice("sort", get_args(Sort)),
        page=given.number("page", 1, MAX_DEPTH),
        after=after,
        per_page=given.number("per_page", PER_PAGE, MAX_PER_PAGE),
        facets=given.facets if chosen else default_facets,
        date_facet=given.date_facet or not chosen,
    )
    if request.page * request.per_page > MAX_DEPTH:
        detail = f"page {request.page} is beyond the first {MAX_DEPTH:,} hits: narrow the search, or continue by cursor"
        raise UserError(detail, param="page")
    return request
