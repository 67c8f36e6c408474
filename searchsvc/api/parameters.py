"""The parameters of a search, the same on pages, API and command line, parsed into a Question.

q         the query                    from, to   first and last day: 2022, 2022-12 or 2022-12-23
match     all | any                    date       a year, month or day of the date facet (repeat for alternatives)
sort      relevance | newest | oldest  page, per_page
section, source, place, author, tag, language: an exact value of the field (repeat for alternatives)
filter    FIELD:VALUE for any field, -FIELD:VALUE for articles without it, FIELD:10..20 for numbers: see `filters`
versions  one | all: one hit of each story, or every article; files and feeds always have every article
cursor    the cursor of the previous answer, or * for the first page; replaces page, and reaches any depth
facet     for programs: a field to count, or date, or none (repeat for several)
fields    for programs: a member of the results besides id and title (repeat for several)
snippets  for programs: the most fragments of each result; highlight: html | spans | both
bom       of CSV: true for a byte order mark, by which spreadsheets know UTF-8
prefix    in a list of values: keep values with a word that starts with it
order     in a list of values: count | value
letter    in a list of values: keep values whose first word begins with it, or with a digit: 0-9
least     on the page with a list of values, most: filter by numbers from one to the other; show: go to the results
vs        another search to compare over time, under the same filters (repeat for up to four)
unit      of time, for several searches over time: year | month | week | day
per       what their shares are of: archive | filters; smooth: the periods of their averages
burst     a period that is explained, or peak for the one with the most hits
chart     on pages: articles | share, what the bars of the chart stand for
text      a quotation that is to be checked
limit     of suggestions, of similar articles, or of what was printed of a quotation
lang      the language of messages: en | de | fr | es | hi | ar | zh
a, b      the ids of two articles that are compared
left, right  in a concordance: a word beside the match, which has other values of sort: see `concordance`
view      on the page of results: kwic for the concordance
hit       on an article's page: the number of the hit in its search, from 1
"""

import datetime as dt
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields, replace
from time import perf_counter
from typing import Any, Literal, NamedTuple, Protocol, get_args

from searchsvc.api import schema
from searchsvc.api.filters import spell_name
from searchsvc.api.parameter_reader import (
    CHART,
    COMPARED,
    DATES,
    LANG,
    NONE,
    PARAMETERS,
    QUOTATION,
    Pairs,
    ParameterReader,
)
from searchsvc.errors import NotFoundError, UserError
from searchsvc.messages import Message
from searchsvc.query import Note
from searchsvc.query.ast import Node
from searchsvc.query.parser import ParsedQuery
from searchsvc.query.request import (
    MAX_DEPTH,
    MAX_PER_PAGE,
    MAX_QUERY,
    PER_PAGE,
    SNIPPETS,
    Match,
    SearchRequest,
    Sort,
    VersionChoice,
)
from searchsvc.search.number_values import NumberValues, range_notes, with_range_values
from searchsvc.search.question import Question
from searchsvc.search.quotations import MAX_CHARACTERS, Quotation
from searchsvc.search.trends import MAX_SEARCHES

Highlight = Literal["both", "html", "spans"]
HIGHLIGHTS: tuple[Highlight, ...] = get_args(Highlight)
SHAPE = ("facet", "fields", "snippets", "highlight")
"""Parameters that programs have besides those of the pages."""
CSV = ("bom",)
"""Parameters of exports as CSV, besides those of a search."""
MAX_SNIPPETS = 5
CHOSEN_FIELDS = (
    *(each.name for each in fields(schema.Metadata) if each.name not in ("id", "title")),
    "story",
    "versions",
    "more_versions",
    "other_versions",
    "score",
)
"""Members of the results that a program can choose. `snippets` and `highlight` choose the others."""
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

    @property
    def numbers(self) -> Callable[[str], NumberValues]: ...

    def parse(self, text: str, match: Match) -> ParsedQuery: ...


@dataclass(frozen=True, slots=True)
class Shape:
    """What a program wants to be told of a search: parameters that do not change its hits.

    `facets` are in order, with None for that of dates. They are None if it leaves the choice to the archive. `fields` are
    the members of each hit besides `id` and `title`, or () for all.
    """

    facets: tuple[str | None, ...] | None = None
    fields: tuple[str, ...] = ()
    snippets: int = SNIPPETS
    highlight: Highlight = "both"

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters, without those that have their default value."""
        facets = [NONE] if self.facets == () else map(_facet_name, self.facets or ())
        found = [("facet", name) for name in facets] + [("fields", name) for name in self.fields]
        found += [("snippets", str(self.snippets))] if self.snippets != SNIPPETS else []
        return found + ([("highlight", self.highlight)] if self.highlight != "both" else [])


def parse_question(pairs: Pairs, archive: Archive, *, strict: bool = True, names: Collection[str] = PARAMETERS) -> Question:
    """Parse the parameters of a search in an archive, of which `names` can be given.

    Raise UserError for an invalid value and for an unknown parameter. If not `strict`, as on pages, most of them are
    ignored with a note, since readers edit addresses, and links carry parameters of other programs.
    """
    begun = perf_counter()
    given = ParameterReader(pairs, archive.fields, names, strict=strict, mend=not strict)
    return read_question(given, archive, (*archive.default_facets, None), begun)


def parse_search(pairs: Pairs, archive: Archive) -> tuple[Question, Shape]:
    """Parse the parameters of a search by a program. Raise UserError for an invalid value or an unknown parameter.

    If it does not choose the facets, those are counted that take little time.
    """
    begun = perf_counter()
    given = ParameterReader(pairs, archive.fields, (*PARAMETERS, *SHAPE))
    fields, snippets = given.choices("fields", CHOSEN_FIELDS), given.number("snippets", SNIPPETS, MAX_SNIPPETS, least=0)
    shape = Shape(given.facets, fields, snippets, given.choice("highlight", HIGHLIGHTS))
    facets = (*archive.quick_facets, None) if shape.facets is None else shape.facets
    return read_question(given, archive, facets, begun, snippets), shape


def parse_csv(pairs: Pairs, archive: Archive) -> tuple[Question, bool]:
    """Parse a search whose hits are exported as CSV, and `bom`. Raise UserError for an invalid value or parameter."""
    given = ParameterReader(pairs, archive.fields, (*PARAMETERS, *CSV))
    return read_question(given, archive, (), perf_counter()), given.choice("bom", ("false", "true")) == "true"


def read_question(
    given: ParameterReader, archive: Archive, facets: Sequence[str | None], begun: float, snippets: int = SNIPPETS
) -> Question:
    """Return the question that parameters ask of an archive. Raise UserError for an invalid value."""
    text, match = _query_text(given), given.choice("match", get_args(Match))
    parsed = archive.parse(text, match)
    sort = given.choice("sort", get_args(Sort))
    after, generation = given.cursor(sort, parsed.tree)
    language = given.language()
    asked = replace(_request(given, parsed.tree, facets, snippets), sort=sort, after=after)
    request = with_range_values(asked, archive.numbers)
    notes = (*parsed.notes, *given.notes, *map(Note, range_notes(request, archive.numbers)))
    parse_ms = (perf_counter() - begun) * 1000
    return Question(text, match, notes, request, bool(given.one("cursor")), generation, language, parse_ms)


def versus(question: Question, text: str, archive: Archive) -> Question:
    """Return another search under the same filters. Raise UserError if it is too long."""
    text = _checked_query(text, "vs")
    parsed = archive.parse(text, question.match)
    return replace(question, text=text, notes=parsed.notes, request=replace(question.request, tree=parsed.tree))


class ChartView(NamedTuple):
    """What the chart of a page shows: the searches besides that of the page, and articles or shares of the archive."""

    versus: tuple[str, ...] = ()
    shows_shares: bool = False
    notes: tuple[Note, ...] = ()

    def pairs(self) -> list[tuple[str, str]]:
        """Return the parameters, without those that have their default value."""
        return [("vs", text) for text in self.versus] + ([("chart", "share")] if self.shows_shares else [])


def parse_chart(pairs: Pairs) -> tuple[ChartView, list[tuple[str, str]]]:
    """Parse what the chart of a page shows, and return it and the other parameters.

    Searches beyond the limit, and those that are too long, are ignored with a note.
    """
    pairs = list(pairs)
    given = [(name, value.replace("\x00", " ").strip()) for name, value in pairs if name in CHART]
    texts = list(dict.fromkeys(value for name, value in given if name == "vs" and value))
    others, notes = fitting_searches(texts)
    return ChartView(others, ("chart", "share") in given, notes), [pair for pair in pairs if pair[0] not in CHART]


def fitting_searches(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """Return those of the searches that a chart compares with its own, and notes on the others.

    Others are too long, or beyond the limit.
    """
    fitting = [text for text in texts if len(text) <= MAX_QUERY]
    notes = []
    if len(fitting) < len(texts):
        notes.append(Message("a search of more than %(limit)s characters was left out of the chart", limit=MAX_QUERY))
    if len(fitting) >= MAX_SEARCHES:
        detail = Message("the chart compares %(number)s searches at most: the first of them are shown", number=MAX_SEARCHES)
        notes.append(detail)
    return tuple(fitting[: MAX_SEARCHES - 1]), tuple(map(Note, notes))


def parse_quotation(pairs: Pairs, archive: Archive, *, strict: bool = True) -> Quotation:
    """Parse the parameters of the check of a quotation in an archive, as `parse_question` does."""
    given = ParameterReader(pairs, archive.fields, QUOTATION, strict=strict)
    text, limit = _quoted_text(given), given.number("limit", PER_PAGE, MAX_PER_PAGE)
    request = _filtered(given, per_page=limit)
    if given.notes:  # an answer without the filters that were meant would be wrong, and one that nothing can match useless
        raise UserError(given.notes[0].message, param="from" if strict else None)
    given.language()
    return Quotation(text, with_range_values(request, archive.numbers))


def parse_nothing(pairs: Pairs) -> None:
    """Raise UserError if there is any parameter."""
    ParameterReader(pairs, (), ())


def parse_full(pairs: Pairs) -> bool:
    """Parse `full`, true or false. Raise UserError for anything else."""
    return ParameterReader(pairs, (), ("full",)).choice("full", ("false", "true")) == "true"


def parse_limit(pairs: Pairs) -> int:
    """Parse `limit`. Raise UserError for an invalid value or another parameter."""
    given = ParameterReader(pairs, (), ("limit", LANG))
    given.language()
    return given.number("limit", LIST_LENGTH, MAX_PER_PAGE)


def parse_versions(pairs: Pairs) -> tuple[int, int]:
    """Parse `page` and `per_page` of a list of versions. Raise UserError for an invalid value or another parameter."""
    given = ParameterReader(pairs, (), ("page", "per_page", LANG))
    given.language()
    return given.number("page", 1, MAX_DEPTH), given.number("per_page", PER_PAGE, MAX_PER_PAGE)


def parse_version_page(pairs: Pairs) -> tuple[int, list[Note]]:
    """Parse the number of a page with versions. An invalid value and other parameters are ignored with a note."""
    given = ParameterReader(pairs, (), ("page", LANG), strict=False, mend=True)
    given.language()
    return given.number("page", 1, MAX_DEPTH), given.notes


def parse_compared(pairs: Pairs, *, strict: bool = True) -> tuple[str, str, list[Note]]:
    """Parse the ids `a` and `b` of two articles. Raise UserError if one is missing.

    If `strict`, raise UserError for an invalid value and for another parameter too. If not, as on pages, these are ignored
    with a note.
    """
    given = ParameterReader(pairs, (), (*COMPARED, LANG), strict=strict, mend=not strict)
    given.language()
    one, other = map(given.one, COMPARED)
    for name, value in zip(COMPARED, (one, other), strict=True):
        if not value:
            raise UserError(Message("%(name)s is missing: give the ids of two articles as a and b", name=name), param=name)
    return one, other, given.notes


def parse_article(pairs: Pairs, archive: Archive) -> tuple[Question | None, Highlight]:
    """Parse the query that is to be highlighted in an article, None if there is none, and how. Raise UserError."""
    given = ParameterReader(pairs, (), ("q", "match", "highlight", LANG))
    given.language()
    text, match = _query_text(given), given.choice("match", get_args(Match))
    parsed = archive.parse(text, match)
    question = Question(text, match, parsed.notes, SearchRequest(tree=parsed.tree)) if text else None
    return question, given.choice("highlight", HIGHLIGHTS)


def parse_completion(pairs: Pairs, archive: Archive) -> tuple[Question, int]:
    """Parse a partly typed search, and `limit`. Raise UserError for an invalid value or another parameter."""
    given: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for name, value in pairs:
        given[name == "limit"].append((name, value))
    return parse_question(given[False], archive), parse_limit(given[True])


def _query_text(given: ParameterReader) -> str:
    """Return the query. Pages cut one that is too long, with a note, so that links that add to a query never fail."""
    text = given.one("q")
    if given.mends and len(text) > MAX_QUERY:
        given.notes.append(Note(Message("the query was cut after its first %(limit)s characters", limit=MAX_QUERY)))
        text = text[:MAX_QUERY].rpartition(" ")[0] or text[:MAX_QUERY]
    return _checked_query(text, "q")


def _checked_query(text: str, name: str) -> str:
    if len(text) > MAX_QUERY:
        counts = {"number": len(text), "limit": MAX_QUERY}
        detail = Message("the query has %(number)s characters; the limit is %(limit)s", **counts)
        raise UserError(detail, param=name, position=MAX_QUERY)
    return text.replace("\x00", " ").strip()


def _quoted_text(given: ParameterReader) -> str:
    """Return a quotation as texts of the archive are read: with composed characters and lines that end with LF."""
    text = unicodedata.normalize("NFC", given.one("text")).replace("\r\n", "\n").replace("\x00", " ").strip()
    if len(text) > MAX_CHARACTERS:
        counts = {"number": len(text), "limit": MAX_CHARACTERS}
        detail = Message("the passage has %(number)s characters; the limit is %(limit)s: check it in parts", **counts)
        raise UserError(detail, param="text", position=MAX_CHARACTERS)
    return text


def _days(given: ParameterReader) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and the last day. If they are in the wrong order, they are swapped, or no article can match."""
    start, end = given.period("from"), given.period("to")
    if start and end and start.first > end.last:
        if given.mends:
            days = {"start": end.first, "end": start.last}
            swapped = Message("“From” was after “To”, so they were swapped: %(start)s to %(end)s", **days)
            given.notes.append(Note(swapped))
            return end.first, start.last
        written = {"start": str(start.first), "end": str(end.last)}
        given.notes.append(Note(Message("from (%(start)s) is after to (%(end)s), so no article can match", **written)))
    return start and start.first, end and end.last


def _filtered(given: ParameterReader, **others: Any) -> SearchRequest:
    """Return a request with the filters and the days that were given."""
    start, end = _days(given)
    filters: dict[str, Any] = {"filters": given.filters, "ranges": given.ranges, "excluded": given.excluded}
    return SearchRequest(**filters, dates=given.dates(), start=start, end=end, **others)


def _request(given: ParameterReader, tree: Node, facets: Sequence[str | None], snippets: int) -> SearchRequest:
    request = _filtered(
        given,
        tree=tree,
        snippets=snippets,
        versions=given.choice("versions", get_args(VersionChoice)),
        page=given.number("page", 1, MAX_DEPTH),
        per_page=given.number("per_page", PER_PAGE, MAX_PER_PAGE),
        facets=tuple(name for name in facets if name is not None),
        date_facet=None in facets,
    )
    if given.one("cursor"):
        return replace(request, page=1)
    if request.page * request.per_page > MAX_DEPTH:
        detail = Message(
            "page %(page)s is beyond the first %(limit)s hits: narrow the search, or continue by cursor",
            page=str(request.page),
            limit=MAX_DEPTH,
        )
        raise NotFoundError(detail, param="page")
    return request


def _facet_name(field: str | None) -> str:
    """Return the name of a facet as the parameter writes it."""
    if field is None:
        return DATES
    return f"\\{field}" if field in (DATES, NONE) else spell_name(field)
