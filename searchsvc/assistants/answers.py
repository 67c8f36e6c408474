"""The answers of tools as dataclasses. They are those of the API, without what an assistant only pays for reading."""

from dataclasses import dataclass

from searchsvc.api.schema import Metadata


@dataclass
class FoundArticle(Metadata):
    """An article that a search has found."""

    uri: str
    """The resource with the whole article."""
    story: str
    """The id of the earliest version of its text: its own if that is the earliest, or the only one."""
    versions: int
    """The number of articles that share most of this text, itself included. The tool versions lists them."""
    snippets: tuple[str, ...]
    """The passages that match, with the matches between « and »."""


@dataclass
class FoundArticles:
    """A page of the articles that a search has found."""

    query: str
    total: int
    """The exact number of articles."""
    stories: int | None
    """The exact number of their stories, of each of which there is one result. Null if every article is a result."""
    page: int
    pages: int
    """Pages that can be asked for."""
    notes: tuple[str, ...]
    """What of the query was ignored, cut or changed."""
    suggestions: tuple[str, ...]
    """Queries that find more, if little was found, with the number of articles of each."""
    results: tuple[FoundArticle, ...]


@dataclass
class ArticleText(Metadata):
    """An article, or a part of its text."""

    uri: str
    body: str
    start: int
    """The place in the whole text at which this part begins, in characters."""
    length: int
    """Characters of the whole text."""
    next_start: int | None
    """The start of the next part, or null if this one is the last."""


@dataclass
class ValueCount:
    """A value of a field, or a year, a month or a day, and the number of articles that have it."""

    value: str
    count: int


@dataclass
class FieldCounts:
    """The most frequent values of a field, or periods of time. `other` counts further values."""

    field: str
    values: tuple[ValueCount, ...]
    other: int


@dataclass
class Facets:
    """The fields by which the articles of a search can be narrowed."""

    total: int
    """The exact number of articles of the search."""
    facets: tuple[FieldCounts, ...]


@dataclass
class PeriodCounts:
    """A year, a month, a week or a day."""

    period: str
    """Such as 2022, 2022-12, 2022-W51 (ISO 8601) or 2022-12-23."""
    articles: int
    """Number of articles that the whole archive has of these days."""
    counts: tuple[int, ...]
    """Number of articles that each query finds, in their order."""
    per_1000: tuple[float, ...]
    """The same per 1,000 articles of the archive. Compare these: archives grow."""


@dataclass
class QueryTotal:
    """A query over time. `undated` and `outside` count its articles without a date, and those not in the periods."""

    query: str
    total: int
    outside: int
    undated: int
    notes: tuple[str, ...]


@dataclass
class TrendCounts:
    """How often queries find something over time. Periods of which the archive has no articles are left out."""

    unit: str
    queries: tuple[QueryTotal, ...]
    periods: tuple[PeriodCounts, ...]


@dataclass
class VersionOf(Metadata):
    """A version of the text of an article."""

    uri: str
    shared: float
    """The part of all passages of five words of this version and the requested one that both have, from 0 to 1."""


@dataclass
class ArticleVersions:
    """A page of the versions of the text of an article, itself included, the earliest first."""

    total: int
    page: int
    pages: int
    results: tuple[VersionOf, ...]
