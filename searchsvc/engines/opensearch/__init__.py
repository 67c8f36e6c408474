"""OpenSearch: a cluster of many machines, for archives that one does not hold."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from searchsvc.config import Settings
from searchsvc.engines import Engine, EngineKind, Writer
from searchsvc.engines.opensearch.client import NOTE, Cluster, guarded, noted
from searchsvc.engines.opensearch.reader import OpenSearchEngine
from searchsvc.engines.opensearch.schema import SCHEMA_VERSION
from searchsvc.engines.opensearch.writer import OpenSearchWriter, owner_of
from searchsvc.errors import NoIndexError


@lru_cache(maxsize=8)
def kind_of(settings: Settings) -> EngineKind:
    """The engine on the cluster of these settings."""
    cluster = Cluster(settings)

    def open_(folder: Path, language: str) -> Engine:
        index = noted(folder)
        if index is None:
            raise NoIndexError(f"{folder} does not say which index of the cluster it is")
        return OpenSearchEngine(cluster, index, language)

    def write(folder: Path, language: str, _expected_bytes: int) -> Writer:
        return OpenSearchWriter(cluster, folder, language)

    def published(live: Path, kept: Iterable[Path]) -> None:
        _point_to(cluster, live)
        _sweep(cluster, live, kept)

    return EngineKind("opensearch", SCHEMA_VERSION, open_, write, frozenset((NOTE,)), published)


def _point_to(cluster: Cluster, live: Path) -> None:
    """Have the archive's name in the cluster stand for the live generation, from one moment to the next."""
    index, name = noted(live), cluster.settings.opensearch_index
    if index is None:
        return
    with guarded("naming the live index"):
        others = {"remove": {"index": f"{name}-*", "alias": name, "must_exist": False}}
        cluster.ask("POST", "/_aliases", {"actions": [others, {"add": {"index": index.name, "alias": name}}]})


def _sweep(cluster: Cluster, live: Path, kept: Iterable[Path]) -> None:
    """Delete this archive's indexes that no generation needs any more, but for the last one, which may be asked still."""
    wanted = {index.name for folder in (live, *kept) if (index := noted(folder)) is not None}
    with guarded("removing old indexes"):
        found = cluster.ask("GET", f"/{cluster.settings.opensearch_index}-*/_mapping")
        own = (name for name, described in found.items() if _owner(described) == owner_of(live))
        for name in sorted(set(own) - wanted)[:-1]:
            cluster.ask("DELETE", f"/{name}")


def _owner(described: Mapping[str, Any]) -> str:
    return str(described["mappings"].get("_meta", {}).get("owner", ""))
