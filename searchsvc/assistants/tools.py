"""The tools: functions that answer an assistant from the archive.

To add one, write a method of `Tools` and add its name to `TOOLS`. Its parameters and their descriptions become the schema
of the tool, its docstring the description, and its answer the schema of the result. Errors are raised as everywhere else.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from pydantic import Field

from searchsvc.api import Addresses, parse_question, serialize
from searchsvc.api.filters import spell_name
from searchsvc.api.listing_parameters import ValueListing
from searchsvc.api.parameters import parse_quotation, parse_search
from searchsvc.api.quotation_schema import QuotationCheck
from searchsvc.api.quotations import quotation_check
from searchsvc.api.trend_parameters import parse_trends
from searchsvc.api.trends import share
from searchsvc.assistants.answers import (
    ArticleText,
    ArticleVersions,
    Facets,
    FieldCounts,
    FoundArticle,
    FoundArticles,
    PeriodCounts,
    QueryTotal,
    TrendCounts,
    ValueCount,
    VersionOf,
)
from searchsvc.errors import UserError
from searchsvc.messages import Message
from searchsvc.model.article import Article
from searchsvc.model.limits import MAX_PER_PAGE, Match, Sort, VersionChoice
from searchsvc.model.results import FacetValue, Hit, Snippet
from searchsvc.search import SearchService
from searchsvc.search.answer import Answer
from searchsvc.search.trends import MAX_SEARCHES, Trend, Trends, TrendUnit

TOOLS = ("search", "get_article", "list_facets", "trends", "versions", "check_quote")
"""The names of the tools, in the order in which they are listed."""
PART = 20_000
"""Characters of an article that are returned at once, unless more are asked for."""
MAX_PART = 100_000
MAX_PERIODS = 400
"""Periods of trends. The API has more."""
URI = "searchsvc://article/"
"""The beginning of the address of an article's resource. Its id, percent-encoded, follows."""

_Query = Annotated[
    str,
    Field(
        description='Words that articles must have, in any form. "in quotes" exactly so; -without; a OR b; prefix*; typo~; '
        "title:word, author:name, date:2022-12, date:2020..2022. Empty for all articles."
    ),
]
_Filters = Annotated[
    list[str],
    Field(description="FIELD:VALUE, -FIELD:VALUE without it, FIELD:10..20 for numbers. list_facets tells which there are."),
]
_From = Annotated[str, Field(description="First day, month or year: 2022-12-23, 2022-12 or 2022.")]
_To = Annotated[str, Field(description="Last day, month or year.")]
_VERSIONS = "one: the best version of each story; all: every article."
_Pairs = list[tuple[str, str]]


class Tools:
    """The tools of one archive. Each call is answered from one snapshot."""

    def __init__(self, service: SearchService) -> None:
        self._service = service

    def search(
        self,
        query: _Query = "",
        filters: _Filters = [],  # noqa: B006  the schema of the tool shows it
        date_from: _From = "",
        date_to: _To = "",
        match: Annotated[Match, Field(description="Whether articles must have all of the words, or any.")] = "all",
        sort: Annotated[Sort, Field(description="The order of the articles.")] = "relevance",
        versions: Annotated[VersionChoice, Field(description=_VERSIONS)] = "one",
        page: Annotated[int, Field(description="The number of the page, from 1.")] = 1,
        per_page: Annotated[int, Field(description=f"Articles on a page, up to {MAX_PER_PAGE}.")] = 10,
    ) -> FoundArticles:
        """Search the archive. Returns the number of articles and a page of them, with the passages that match.

        Of the versions of one story, only the best is a result, unless you ask for all.
        """
        searcher = self._service.acquire()
        given = [("q", query), ("match", match), ("sort", sort), ("versions", versions)]
        given += [("page", str(page)), ("per_page", str(per_page)), *_narrowing(filters, date_from, date_to)]
        question = parse_question(given, searcher)
        without_facets = replace(question.request, facets=(), date_facet=False)
        return _found(searcher.search(replace(question, request=without_facets)))

    def get_article(
        self,
        id: Annotated[str, Field(description="The id of the article, as a search returns it.")],  # noqa: A002
        start: Annotated[int, Field(ge=0, description="The place in the text to begin at, in characters.")] = 0,
        length: Annotated[int, Field(ge=1, le=MAX_PART, description="Characters of the text to return at most.")] = PART,
    ) -> ArticleText:
        """Read an article: its metadata and its text. Long texts come in parts: continue at `next_start`."""
        article = self._service.acquire().article(id)
        end = start + length
        return ArticleText(
            **vars(serialize.metadata(article)),
            uri=article_uri(article),
            body=article.body[start:end],
            start=start,
            length=len(article.body),
            next_start=end if end < len(article.body) else None,
        )

    def list_facets(
        self,
        query: _Query = "",
        filters: _Filters = [],  # noqa: B006
        date_from: _From = "",
        date_to: _To = "",
        field: Annotated[str, Field(description="A field whose values to list, or date. Empty for the usual ones.")] = "",
        prefix: Annotated[str, Field(description="With a field: only values with a word that begins so.")] = "",
    ) -> Facets:
        """Count the articles of a search by the values of their fields, such as source, author, place, section or date.

        Use it to learn which fields and values there are, before you filter by them.
        """
        searcher = self._service.acquire()
        given = [("q", query), *_narrowing(filters, date_from, date_to)]
        if prefix and not field:
            raise UserError("prefix needs a field", param="prefix")
        if field and field != "date":
            # A misspelt field is an error with a hint.
            question, _ = parse_search([*given, ("facet", spell_name(field))], searcher)
            page = searcher.facet_page(field, question, *ValueListing(prefix, "count"))
            listed = FieldCounts(field, tuple(map(_count, page.values)), max(0, page.total - len(page.values)))
            return Facets(searcher.count(question.request), (listed,))
        chosen = [("facet", "date")] if field else []
        question, _ = parse_search([*given, *chosen, ("snippets", "0"), ("per_page", "1")], searcher)
        return _facets(searcher.search(question, with_help=False))

    def trends(
        self,
        queries: Annotated[list[str], Field(description=f"Queries to compare over time, up to {MAX_SEARCHES}.")],
        filters: _Filters = [],  # noqa: B006
        date_from: _From = "",
        date_to: _To = "",
        match: Annotated[Match, Field(description="Whether articles must have all of the words, or any.")] = "all",
        unit: Annotated[TrendUnit, Field(description="The length of the periods.")] = "year",
    ) -> TrendCounts:
        """Count the articles of one or more queries by year, month, week or day, beside those of the whole archive."""
        searcher = self._service.acquire()
        if not 1 <= len(queries) <= MAX_SEARCHES:
            counts = {"number": len(queries), "limit": MAX_SEARCHES}
            raise UserError(Message("there are %(number)s queries; give 1 to %(limit)s", **counts), param="queries")
        names = ("q", *("vs" for _ in queries[1:]))
        given = [*zip(names, queries, strict=True), ("match", match), ("unit", unit)]
        asked = parse_trends([*given, *_narrowing(filters, date_from, date_to)], searcher)
        return _trends(searcher.trends(asked.questions, unit))

    def versions(
        self,
        id: Annotated[str, Field(description="The id of the article, as a search returns it.")],  # noqa: A002
        page: Annotated[int, Field(ge=1, description="The number of the page, from 1.")] = 1,
        per_page: Annotated[int, Field(ge=1, le=MAX_PER_PAGE, description="Versions on a page.")] = 10,
    ) -> ArticleVersions:
        """List the versions of an article: articles that share most of its text, such as copies of an agency's report.

        The earliest comes first. Cite it if you are asked who reported something first.
        """
        searcher = self._service.acquire()
        found = searcher.story_reader.versions(searcher.article(id), page, per_page)
        results = tuple(
            VersionOf(**vars(serialize.metadata(article)), uri=article_uri(article), shared=round(shared, 3))
            for article, shared in found.versions
        )
        return ArticleVersions(found.total, found.page, found.pages, results)

    def check_quote(
        self,
        text: Annotated[str, Field(description="The quotation: a passage of 3 to 500 words.")],
        filters: _Filters = [],  # noqa: B006
        date_from: _From = "",
        date_to: _To = "",
        limit: Annotated[int, Field(description=f"Articles or passages to return, up to {MAX_PER_PAGE}.")] = 5,
    ) -> QuotationCheck:
        """Check a quotation: find the articles that printed it word for word, the earliest first.

        If there are none, find the passages most like it, and tell the words that differ.
        """
        searcher = self._service.acquire()
        given = [("text", text), ("limit", str(limit)), *_narrowing(filters, date_from, date_to)]
        return quotation_check(searcher.check_quotation(parse_quotation(given, searcher)), Addresses())

    def read_article(self, article_id: str) -> str:
        """Return an article as plain text: metadata, a blank line, and the text, which is cut if it is very long."""
        article = self._service.acquire().article(article_id)
        day, authors = article.date.isoformat() if article.date else "", ", ".join(article.author)
        head = [("Title", article.title), ("Date", day), ("Author", authors), ("Source", article.source)]
        lines = [f"{name}: {value}" for name, value in (*head, ("URL", article.url)) if value]
        cut = (
            f"\n\n[{len(article.body) - MAX_PART:,} characters more: use get_article]"
            if len(article.body) > MAX_PART
            else ""
        )
        return "\n".join([*lines, "", article.body[:MAX_PART] + cut])


def article_uri(article: Article) -> str:
    """Return the address of an article's resource."""
    return URI + quote(article.id, safe="", errors="replace")


def _narrowing(filters: Iterable[str], date_from: str, date_to: str) -> _Pairs:
    days = [pair for pair in (("from", date_from), ("to", date_to)) if pair[1]]
    return [*(("filter", each) for each in filters), *days]


def _found(answer: Answer) -> FoundArticles:
    suggestions = [(each.question.text, each.total) for each in answer.readings]
    if answer.correction is not None:
        suggestions.insert(0, (answer.correction.question.text, answer.correction.total))
    return FoundArticles(
        query=str(answer.question.request.tree),
        total=answer.results.total,
        stories=answer.results.stories,
        page=answer.question.request.page,
        pages=answer.last_page,
        notes=tuple(note.message for note in answer.notes),
        suggestions=tuple(f"{text} ({total:,} articles)" for text, total in suggestions),
        results=tuple(map(_found_article, answer.results.hits)),
    )


def _found_article(hit: Hit) -> FoundArticle:
    return FoundArticle(
        **vars(serialize.metadata(hit.article)),
        uri=article_uri(hit.article),
        story=hit.story or hit.article.id,
        versions=hit.versions,
        snippets=tuple(map(_marked, hit.snippets)),
    )


def _marked(snippet: Snippet) -> str:
    parts, position = [], 0
    for start, end in snippet.spans:
        parts += [snippet.text[position:start], "«", snippet.text[start:end], "»"]
        position = end
    return "".join([*parts, snippet.text[position:]])


def _facets(answer: Answer) -> Facets:
    results = answer.results
    counts = [FieldCounts(spell_name(each.field), tuple(map(_count, each.values)), each.other) for each in results.facets]
    if results.dates is not None:
        counts.append(FieldCounts("date", tuple(map(_count, results.dates.values)), 0))
    return Facets(results.total, tuple(counts))


def _count(value: FacetValue) -> ValueCount:
    return ValueCount(value.value, value.count)


def _trends(found: Trends) -> TrendCounts:
    """Return the periods of which the archive has articles. Raise UserError if they are very many."""
    periods = [name for name in found.periods if found.base.counts.get(name, 0)]
    if len(periods) > MAX_PERIODS:
        counts = {"number": len(periods), "limit": MAX_PERIODS}
        detail = "there are %(number)s periods; the limit is %(limit)s: choose a longer unit, or fewer days"
        raise UserError(Message(detail, **counts), param="unit")
    return TrendCounts(
        found.unit, tuple(map(_query_total, found.trends)), tuple(_period_counts(found, name) for name in periods)
    )


def _query_total(trend: Trend) -> QueryTotal:
    question, notes = trend.question, tuple(note.message for note in trend.question.notes)
    return QueryTotal(question.text, trend.total, trend.earlier + trend.later, trend.undated, notes)


def _period_counts(found: Trends, period: str) -> PeriodCounts:
    articles = found.base.counts.get(period, 0)
    counts = tuple(trend.counts.get(period, 0) for trend in found.trends)
    return PeriodCounts(period, articles, counts, tuple(share(count, articles) or 0 for count in counts))
