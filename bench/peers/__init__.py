"""What users could pick instead, each set up as its own documentation recommends, doing the same work on the same articles.

That work: ten hits in order with their titles and a snippet each, the exact number of hits, the counts of three fields, and
the counts by month. Queries come as Asks, which each peer writes in its own language.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import orjson

FACETS = ("source", "topic", "bias")
HITS = 10
SNIPPET_WORDS = 30

PEERS = {
    "searchsvc": "own",
    "raw": "raw_tantivy",
    "fts5": "fts5",
    "fts5-whole": "fts5_whole",
    "datasette": "datasette_",
    "xapian": "xapian_",
    "postgres": "postgres",
    "whoosh": "whoosh_flask",
    "opensearch": "opensearch_",
}
"""Names, and the module of each."""


@dataclass(frozen=True)
class Ask:
    """A query of one kind. `how` says what its words mean: all, any, phrase, prefix or fuzzy."""

    kind: str
    words: tuple[str, ...]
    how: str = "all"
    field: str = ""
    days: tuple[str, str] | None = None
    filters: Mapping[str, str] | None = None
    newest: bool = False
    page: int = 1


class Answer(NamedTuple):
    """What has to be there for an answer to count: the total, hits with snippets, and the counts of each facet."""

    total: int
    hits: list[tuple[str, str]]
    counts: Mapping[str, Any]


class Peer(ABC):
    """One of them. `kinds` are those of Asks that it cannot answer."""

    label: ClassVar[str]
    cannot: ClassVar[tuple[str, ...]] = ()
    indexes: ClassVar[bool] = True
    """Whether it has an index of its own."""
    counts_cpu: ClassVar[bool] = True
    """Whether all processor time of indexing is counted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def build(self, articles: Path) -> None:
        """Index a file of articles, with everything that is recommended to be done before searching."""

    @abstractmethod
    def open(self) -> None:
        """Get ready to answer."""

    @abstractmethod
    def ask(self, ask: Ask) -> Answer:
        """Answer, with all of the work."""

    def processes(self) -> list[int]:
        """Those whose memory is the peer's, this one left out."""
        return []

    def indexing_servers(self) -> list[int]:
        """Return the servers that run before indexing begins, and do a part of it."""
        return []

    @abstractmethod
    def close(self) -> None:
        """Stop what was started."""


def read(articles: Path) -> Iterator[dict[str, Any]]:
    """The articles of a file: id, title, text, source, topic, bias and date, the last four where there are any."""
    with articles.open("rb") as file:
        yield from map(orjson.loads, file)


def peer(name: str, folder: Path) -> Peer:
    """The peer of this name, with all it keeps in a folder."""
    made: Peer = import_module(f"bench.peers.{PEERS[name]}").PEER(folder)
    return made


def month(article: Mapping[str, Any]) -> str:
    """The month of an article, such as 2016-09; "" for none."""
    return str(article.get("date", ""))[:7]
