"""The seam between the service and what finds articles: one protocol, made of values, that every engine fulfils.

An engine keeps one generation in one folder. It takes a SearchRequest and gives Results, and whatever its library throws
leaves it as EngineError. Engines do not know each other, nor generations, files or pages.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from searchsvc.analysis.term_dictionary import TermDictionary
from searchsvc.model.article import Article
from searchsvc.model.results import Facet, Hit, Results, Snippet, Suggestion
from searchsvc.query.request import SearchRequest

MAX_FACET_VALUES = 50
"""Values of a field that a search counts."""
MAX_LISTED_VALUES = 60_000
"""Values of a field that can be listed; Tantivy refuses to count more than 65,000."""


class FieldStats(NamedTuple):
    """How many articles have a metadata field, and about how many different values it has."""

    articles: int
    values: int


class Engine(Protocol):
    """Answers from one generation. Safe to share between threads; goes on answering after its folder is removed."""

    def search(self, request: SearchRequest) -> Results:
        """Exact total, one page of hits, and the facets asked for; raises EngineError."""

    def total(self, request: SearchRequest) -> int:
        """The exact number of hits alone; raises EngineError."""

    def values(self, request: SearchRequest, field: str) -> Facet:
        """The values of a metadata field among the hits, the most frequent first: the first `MAX_LISTED_VALUES`.

        Counted as facets are, as if the field itself were not filtered.
        """

    def get(self, article_id: str) -> Article | None:
        """The article with this id, None where there is none."""

    def highlight(self, article: Article, request: SearchRequest) -> tuple[Snippet, Snippet]:
        """Whole title and whole body with what the request's tree finds in them."""

    def similar(self, article: Article, limit: int) -> tuple[Hit, ...]:
        """The articles that have most in common with this one, which is left out, the nearest first."""

    def suggest(self, text: str, limit: int) -> list[Suggestion]:
        """What a text that is being typed may become: up to `limit` words, the most frequent first, then as many titles.

        Words complete the last one typed; titles have all of them. Nothing where no letter was typed.
        """

    def vocabulary(self) -> TermDictionary:
        """The archive's most frequent words."""

    def scan(self, request: SearchRequest) -> Iterator[Article]:
        """Every article that a request finds, in its order, read as they are taken; by relevance, the first 100,000."""

    def count(self) -> int:
        """The number of articles."""

    def coverage(self, fields: Iterable[str]) -> Mapping[str, FieldStats]:
        """The metadata fields among these that any article has."""


class IndexWriter(Protocol):
    """Writes one generation; nothing is durable before `commit`."""

    def add(self, article: Article, stored: bytes) -> None:
        """Add an article whose id is not in the index (delete it first); `stored` is what `stored.dump` makes of it."""

    def delete(self, article_id: str) -> None:
        """Remove the article with this id, if there is one."""

    def commit(self) -> None:
        """Make all of it durable and searchable. The writer cannot be used any more."""

    def close(self) -> None:
        """Give up the folder; what was not committed is lost. Does nothing after `commit`."""


class SharedWriter(Protocol):
    """Writes a part of one generation, while other machines write others."""

    def add(self, article: Article, stored: bytes, rank: int) -> None:
        """Add an article; of several with one id, whoever adds them and when, the one with the highest rank stays."""

    def delete(self, article_id: str) -> None:
        """Remove the article with this id, if there is one."""

    def finish(self) -> None:
        """Wait until everything that was added here is there to be committed."""

    def commit(self) -> None:
        """Make what all have written durable and searchable. Nobody can write it any more."""

    def close(self) -> None:
        """Give up what was not finished."""


@dataclass(frozen=True, slots=True)
class DistributedWriting:
    """How several machines write one generation: one of them begins it in a folder that all see, and every one joins."""

    begin: Callable[[Path], None]
    join: Callable[[Path, str], SharedWriter]


@dataclass(frozen=True, slots=True)
class Backend:
    """How to use one engine. `schema` goes up whenever an index that an older version wrote would be misread.

    `open` and `write` take the engine's folder and the language of the archive; `write` also takes the bytes of text to
    expect, and makes a new index where the folder is empty. `mutable_files` names the files that writing changes in place,
    which a clone has to copy; all others may be shared by hard links. `on_publish` is told which folder is live now, and
    which are kept: for engines that have something outside of these. `parting` is None where only one machine can write.
    """

    name: str
    schema: int
    open: Callable[[Path, str], Engine]
    write: Callable[[Path, str, int], IndexWriter]
    mutable_files: frozenset[str]
    on_publish: Callable[[Path, Iterable[Path]], None] = lambda _live, _kept: None
    parting: DistributedWriting | None = None
