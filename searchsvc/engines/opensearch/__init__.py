"""The engine on an OpenSearch cluster, for archives that need several machines.

A generation is an index of the cluster, and its folder only names it. One request to the cluster returns hits and facets.
Scores and orders are written in the cluster's query language; only sloppy phrases are verified here. Nodes, shards and
replicas are managed by the cluster, not by this package.
"""

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from searchsvc.config import Settings
from searchsvc.engines.opensearch.client import Cluster
from searchsvc.engines.opensearch.engine import OpenSearchEngine
from searchsvc.engines.opensearch.indices import POINTER, create, delete_unused, read_pointer, switch_alias
from searchsvc.engines.opensearch.mapping import SCHEMA_VERSION
from searchsvc.engines.opensearch.writer import OpenSearchReopenedWriter, OpenSearchSharedWriter, OpenSearchWriter
from searchsvc.engines.protocol import Backend, DistributedWriting, Engine, IndexWriter, SharedWriter

__all__ = ["backend"]


@lru_cache(maxsize=8)
def backend(settings: Settings) -> Backend:
    """Return the backend for the cluster that the settings name."""
    cluster = Cluster(settings)

    def open_(folder: Path, languages: tuple[str, ...]) -> Engine:
        return OpenSearchEngine(cluster, read_pointer(folder), languages)

    def writer(folder: Path, languages: tuple[str, ...], _expected_bytes: int) -> IndexWriter:
        return OpenSearchWriter(cluster, folder, languages)

    def reopen(folder: Path, languages: tuple[str, ...]) -> IndexWriter:
        return OpenSearchReopenedWriter(cluster, folder, languages)

    def begin(folder: Path) -> None:
        create(cluster, folder)

    def join(folder: Path, languages: tuple[str, ...]) -> SharedWriter:
        return OpenSearchSharedWriter(cluster, folder, languages)

    def on_publish(live: Path, kept: Iterable[Path]) -> None:
        switch_alias(cluster, live)
        delete_unused(cluster, live, kept)

    return Backend(
        name="opensearch",
        schema_version=SCHEMA_VERSION,
        open=open_,
        writer=writer,
        mutable_files=frozenset((POINTER,)),
        on_publish=on_publish,
        reopen=reopen,
        distributed=DistributedWriting(begin, join),
    )
