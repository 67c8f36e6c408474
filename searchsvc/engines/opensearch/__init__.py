"""OpenSearch: a cluster of many machines, for archives that one does not hold."""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from searchsvc.config import Settings
from searchsvc.engines.opensearch.client import NOTE, Cluster, noted
from searchsvc.engines.opensearch.engine import OpenSearchEngine
from searchsvc.engines.opensearch.indices import made, point_to, sweep
from searchsvc.engines.opensearch.mapping import SCHEMA_VERSION
from searchsvc.engines.opensearch.writer import OpenSearchPartWriter, OpenSearchWriter
from searchsvc.engines.protocol import Backend, DistributedWriting, Engine, IndexWriter, SharedWriter
from searchsvc.errors import NoIndexError


@lru_cache(maxsize=8)
def kind_of(settings: Settings) -> Backend:
    """The engine on the cluster of these settings."""
    cluster = Cluster(settings)

    def open_(folder: Path, language: str) -> Engine:
        index = noted(folder)
        if index is None:
            raise NoIndexError(f"{folder} does not say which index of the cluster it is")
        return OpenSearchEngine(cluster, index, language)

    def write(folder: Path, language: str, _expected_bytes: int) -> IndexWriter:
        return OpenSearchWriter(cluster, folder, language)

    def begin(folder: Path) -> None:
        made(cluster, folder)

    def join(folder: Path, language: str) -> SharedWriter:
        return OpenSearchPartWriter(cluster, folder, language)

    def on_publish(live: Path, kept: Iterable[Path]) -> None:
        point_to(cluster, live)
        sweep(cluster, live, kept)

    return Backend(
        "opensearch", SCHEMA_VERSION, open_, write, frozenset((NOTE,)), on_publish, DistributedWriting(begin, join)
    )
