"""The interface that every engine implements. Only frozen values cross it.

An engine keeps one generation in one folder. Exceptions of its library leave it as EngineError. Engines know neither each
other nor generations, files or pages; highlighting, suggestions and the listing of facet values are done once, above them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from searchsvc.model.article import Article
from searchsvc.model.results import FieldFacet, ResultPage, ScoredArticle, TermCount
from searchsvc.query.request import SearchRequest

MAX_LISTED_VALUES = 60_000  # Values of a field that can be listed. Tantivy refuses to count more than 65,000.


class FieldStats(NamedTuple):
    """The number of articles that have a metadata field, and the approximate number of its distinct values."""

    articles: int
    values: int


class Engine(Protocol):
    """Answers from one generation. Thread-safe, and still usable after its folder has been removed."""

    def search(self, request: SearchRequest) -> ResultPage:
        """Return one page of articles with the exact total and the requested facets. Raise EngineError."""

    def count(self, request: SearchRequest) -> int:
        """Return the exact number of articles that match. Raise EngineError."""

    def facet(self, request: SearchRequest, field: str) -> FieldFacet:
        """Return up to `MAX_LISTED_VALUES` values of a metadata field among the hits, counted without its own filter."""

    def get(self, article_id: str) -> Article | None:
        """Return the article with this id, or None."""

    def get_all(self, article_ids: Sequence[str]) -> list[Article]:
        """Return those of some articles that there are, in the order of their ids here."""

    def numbers(self, request: SearchRequest) -> list[int]:
        """Return the numbers of the articles of one page, in order, without reading them. See `model.article.number_of`."""

    def versions(self, request: SearchRequest) -> list[int]:
        """Return the numbers of all articles that match and that were added as `versioned`, in any order."""

    def more_like(self, article: Article, limit: int) -> list[ScoredArticle]:
        """Return the articles most similar to this one, best first, without the article itself."""

    def scan(self, request: SearchRequest) -> Iterator[Article]:
        """Yield every article that matches, in order. If sorted by relevance, stop after the first 100,000."""

    def terms(self, prefix: str, limit: int) -> list[TermCount]:
        """Return the words as written of all bodies that begin with `prefix`, most frequent first."""

    def field_stats(self, fields: Iterable[str]) -> Mapping[str, FieldStats]:
        """Return the statistics of those of the metadata fields that any article has."""


class IndexWriter(Protocol):
    """Writes one generation. Nothing is durable before `commit`."""

    def add(self, article: Article, stored: bytes, *, versioned: bool = False) -> None:
        """Add an article. Its id must not be in the index. `stored` is the result of `model.article.dump`.

        Articles that have other versions are `versioned`, so that a search can tell them from all others.
        """

    def delete(self, article_id: str) -> None:
        """Delete the article with this id, if it exists."""

    def commit(self) -> None:
        """Make all changes durable and searchable. The writer is unusable afterwards."""

    def close(self) -> None:
        """Release the folder and discard what was not committed. Does nothing after `commit`."""


class SharedWriter(Protocol):
    """Writes part of one generation while other machines write the rest."""

    def add(self, article: Article, stored: bytes, rank: int) -> None:
        """Add an article. Of several articles with one id, the one with the highest rank is kept, whoever adds it."""

    def delete(self, article_id: str) -> None:
        """Delete the article with this id, if it exists."""

    def finish(self) -> None:
        """Wait until everything added here can be committed."""

    def commit(self) -> None:
        """Make the changes of all machines durable and searchable. The generation is read-only afterwards."""

    def close(self) -> None:
        """Discard what was not finished."""


@dataclass(frozen=True, slots=True)
class DistributedWriting:
    """How several machines write one generation: one begins it in a shared folder, then each joins."""

    begin: Callable[[Path], None]
    join: Callable[[Path, tuple[str, ...]], SharedWriter]


@dataclass(frozen=True, slots=True)
class Backend:
    """How to open and write the indexes of one engine.

    `schema_version` is raised whenever this version would misread an older index. `open` takes the engine's folder and the
    languages of the archive, the most frequent first. `writer` takes the folder, the languages by whose rules articles may
    be searched (any, if there are none) and the bytes of text to expect. It creates the index in an empty folder.
    `mutable_files` are the files that writing changes in place: a clone copies them and hard-links all others.
    `lock_files` are the library's own lock files, which belong to no generation.
    `on_publish` receives the live folder and the kept folders, for engines that keep data elsewhere.
    `reopen` opens a writer of an index that was committed, but not published yet; it is `writer` if None.
    `distributed` is None if only one machine can write. A language has rules of its own if at least `language_share` of the
    articles are in it. That is 0 for engines whose indexes have stems, which are made before all articles are known.
    """

    name: str
    schema_version: int
    open: Callable[[Path, tuple[str, ...]], Engine]
    writer: Callable[[Path, tuple[str, ...], int], IndexWriter]
    mutable_files: frozenset[str] = frozenset()
    lock_files: frozenset[str] = frozenset()
    on_publish: Callable[[Path, Iterable[Path]], None] = lambda _live, _kept: None
    reopen: Callable[[Path, tuple[str, ...]], IndexWriter] | None = None
    distributed: DistributedWriting | None = None
    language_share: float = 0.0
