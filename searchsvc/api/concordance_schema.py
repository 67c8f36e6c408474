"""The JSON of concordances as dataclasses, like those of `schema`."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from searchsvc.api.schema import Index, Note, PageLinks, Strict


@dataclass
class ConcordanceLine(Strict):
    """A match of a search with the text around it."""

    id: str
    title: str
    date: date | None
    source: str
    language: str
    field: Literal["title", "body"]
    number: int
    """The number of the match among those of the title or the body, from 1, as they are marked on the article's page."""
    before: str
    match: str
    after: str
    link: str
    """The page of the article at this match."""


@dataclass
class NeighbourWord(Strict):
    """A word that stands next to matches, without capitals and accents."""

    word: str
    count: int
    """Number of lines in which it stands there."""
    link: str
    """The lines with this word there, or with any word if it is the one that was asked for."""


@dataclass
class ConcordanceLinks(PageLinks):
    """The same lines elsewhere."""

    self: str
    html: str
    csv: str


@dataclass
class ConcordanceAnswer(Strict):
    """A page of the matches of a search, each in its line."""

    text: str
    parsed: str
    match: Literal["all", "any"]
    notes: tuple[Note, ...]
    sort: Literal["right", "right2", "right3", "left", "left2", "left3", "newest", "oldest", "source"]
    left: str
    """The word to the left of all lines, or "" for any."""
    right: str
    articles: int
    """Number of articles that the search finds."""
    matches: int
    """Number of matches in them, estimated with three digits if `estimated`."""
    estimated: bool
    """True if not all of these articles were read. Then the lines are a sample, too."""
    complete: bool
    """False if the lines are a fair sample."""
    read: int
    """Number of lines that were read, all of them or the sample."""
    total: int
    """Number of those that have the words `left` and `right` beside the match."""
    page: int
    pages: int
    results: tuple[ConcordanceLine, ...]
    left_words: tuple[NeighbourWord, ...]
    """The most frequent words to the left of these lines."""
    right_words: tuple[NeighbourWord, ...]
    index: Index
    links: ConcordanceLinks
