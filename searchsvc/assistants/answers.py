"""The answers of tools as dataclasses. They are those of the API, without what an assistant only pays for reading."""

from dataclasses import dataclass

from searchsvc.api.schema import Metadata


@dataclass
class FoundArticle(Metadata):
    """An article that a search has found."""

    uri: str
    """The resource with the whole article."""
    snippets: tuple[str, ...]
    """The passages that match, with the matches between « and »."""


@dataclass
class FoundArticles:
    """A page of the articles that a search has found."""

    query: str
    total: int
    """The exact number of articles."""
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
