"""The JSON about versions of texts as dataclasses, like those of `schema`."""

from dataclasses import dataclass
from typing import Literal

from searchsvc.api.schema import Index, Metadata, Strict


@dataclass
class Version(Metadata):
    """An article that is a version of a text."""

    shared: float
    """The part of all passages of five words of this version and the requested one that both have, from 0 to 1."""


@dataclass
class Versions(Strict):
    """A page of the versions of the text of an article, itself included."""

    id: str
    story: str
    """The id of the earliest version."""
    total: int
    page: int
    pages: int
    results: tuple[Version, ...]
    """The earliest first, undated ones last."""


@dataclass
class Story(Strict):
    """An article that has several versions in the archive."""

    story: str
    """The id of the earliest version."""
    versions: int
    earliest: Metadata


@dataclass
class Stories(Strict):
    """The stories of most versions."""

    total: int
    """Number of stories of several versions."""
    articles: int
    """Number of articles that they have."""
    index: Index
    results: tuple[Story, ...]


@dataclass
class Run(Strict):
    """Words that both articles have, that only `a` has (delete), or that only `b` has (insert)."""

    kind: Literal["equal", "delete", "insert"]
    text: str
    """As `a` has it, or `b` if it is inserted."""
    a: tuple[int, int] | None
    """The place in the body of `a`, [start, end) in characters. Null if it is inserted."""
    b: tuple[int, int] | None
    """The same in the body of `b`. Null if it is deleted."""


@dataclass
class Diff(Strict):
    """What differs between the texts of two articles, word by word."""

    a: Metadata
    b: Metadata
    shared: float
    """The part of all passages of five words of both that both have, from 0 to 1."""
    complete: bool
    """False if only the first 10,000 words behind the first difference are compared."""
    runs: tuple[Run, ...]
