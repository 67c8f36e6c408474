"""The indexes of an archive in the cluster, one for each generation, and the alias of the live one."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple

import orjson

from searchsvc.durable import sync_folder, write_durably
from searchsvc.engines.opensearch.client import Cluster, translating_errors
from searchsvc.engines.opensearch.mapping import MAX_RANK_WINDOW, SCHEMA_VERSION, index_mapping
from searchsvc.errors import DAMAGED, OTHER_VERSION, RECOVERY_ADVICE, NoIndexError, UnavailableError, UserError

REPLICA_SECONDS = 3_600
"""Time that publication waits for the replicas of a new index. Later ones are made while it is searched."""
START_SECONDS = 30  # time that the cluster may take to start a new index
POINTER = "opensearch.json"  # the only file in the engine's folder, which names its index in the cluster
_SEQUENTIAL = {"search.concurrent_segment_search.mode": "none"}
"""The setting that makes counts exact. By default, OpenSearch 3 counts groups of segments concurrently, and only the most
frequent values of each: of the 1,000 most frequent words of 24,000 articles, it counted 154 too low and left out 28."""
_GENERATION = re.compile(r"(?:draft-|distributed-)?g(\d{6,})")


class IndexPointer(NamedTuple):
    """The name of a generation's index, and the number of its shards."""

    name: str
    shards: int


def create(cluster: Cluster, folder: Path) -> IndexPointer:
    """Create an index and write its pointer. If the folder has a pointer, the new index is a clone of that one."""
    base, owner = find_pointer(folder), owner_of(folder)
    name = _index_name(cluster, folder)
    with translating_errors("creating the index"):
        if base:
            require_schema(cluster, base)
        _delete_leftover(cluster, name, owner, base.name if base else "")
        pointer = _clone(cluster, base, name) if base else _create_empty(cluster, name, owner)
    write_pointer(folder, pointer)
    return pointer


def _clone(cluster: Cluster, base: IndexPointer, name: str) -> IndexPointer:
    settings = _SEQUENTIAL | {"number_of_replicas": 0, "refresh_interval": "-1", "blocks.write": None}
    _start(cluster, "PUT", f"/{base.name}/_clone/{name}", {"settings": {"index": settings}})
    return IndexPointer(name, base.shards)


def _create_empty(cluster: Cluster, name: str, owner: str) -> IndexPointer:
    pointer = IndexPointer(name, cluster.settings.opensearch_shards)
    settings = _SEQUENTIAL | {"number_of_replicas": 0, "refresh_interval": "-1"}
    settings |= {"number_of_shards": pointer.shards, "max_result_window": MAX_RANK_WINDOW}
    _start(cluster, "PUT", f"/{name}", {"settings": {"index": settings}, "mappings": index_mapping(owner)})
    return pointer


def finalize(cluster: Cluster, index: str) -> None:
    """Make what was written durable and searchable, replicate it, and make the index read-only."""
    replicas = cluster.settings.opensearch_replicas
    settings = {"refresh_interval": "-1", "number_of_replicas": replicas, "blocks.write": True}
    cluster.ask("POST", f"/{index}/_refresh")
    cluster.ask("POST", f"/{index}/_flush", wait_if_ongoing="true", request_timeout=600)
    cluster.ask("PUT", f"/{index}/_settings", {"index": settings})
    # A node that fails must not take a published index with it. Replicas that have no node are not waited for: once the
    # cluster has worked off its most languid events, it has begun all others.
    waiting = {"wait_for_events": "languid", "wait_for_no_initializing_shards": "true", "timeout": f"{REPLICA_SECONDS}s"}
    cluster.ask("GET", f"/_cluster/health/{index}", **waiting, request_timeout=REPLICA_SECONDS + 30, ignore=408)


def require_schema(cluster: Cluster, pointer: IndexPointer) -> None:
    """Raise NoIndexError if another version of this program wrote the index. Its fields have other meanings."""
    meta = _meta(cluster.ask("GET", f"/{pointer.name}/_mapping")[pointer.name])
    if meta.get("schema") != SCHEMA_VERSION:
        raise NoIndexError(
            f"the index {pointer.name} in the cluster was made by another version of searchsvc: {RECOVERY_ADVICE}",
            public=OTHER_VERSION,
        )


def switch_alias(cluster: Cluster, live: Path) -> None:
    """Atomically point the archive's alias to the index of the live generation."""
    pointer, alias = find_pointer(live), cluster.settings.opensearch_index
    if pointer is None:
        return
    with translating_errors("switching the alias"):
        remove = {"remove": {"index": f"{alias}-*", "alias": alias, "must_exist": False}}
        cluster.ask("POST", "/_aliases", {"actions": [remove, {"add": {"index": pointer.name, "alias": alias}}]})


def delete_unused(cluster: Cluster, live: Path, kept: Iterable[Path]) -> None:
    """Delete this archive's indexes that no generation needs, except the newest of them, which may still be searched."""
    used = {pointer.name for folder in (live, *kept) if (pointer := find_pointer(folder)) is not None}
    with translating_errors("deleting unused indexes"):
        mappings = cluster.ask("GET", f"/{cluster.settings.opensearch_index}-*/_mapping")
        own = (name for name, described in mappings.items() if _meta(described).get("owner") == owner_of(live))
        for name in sorted(set(own) - used)[:-1]:
            cluster.ask("DELETE", f"/{name}")


def owner_of(folder: Path) -> str:
    """Return the random name of the archive that an engine's folder is in. Create it on the first call.

    It is kept in the index folder, and in the mapping of each index, since several archives may share a cluster.
    """
    file = folder.resolve().parents[1] / ".owner"
    if not file.exists():
        new = file.with_name(".owner.new")
        write_durably(new, token_hex(8).encode())
        new.replace(file)
        sync_folder(file.parent)
    return file.read_text()


def write_pointer(folder: Path, pointer: IndexPointer) -> None:
    """Replace the pointer in an engine's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{POINTER}.new"
    new.write_bytes(orjson.dumps(pointer._asdict()))
    new.replace(folder / POINTER)


def find_pointer(folder: Path) -> IndexPointer | None:
    """Return the pointer in an engine's folder, or None."""
    file = folder / POINTER
    return IndexPointer(**orjson.loads(file.read_bytes())) if file.exists() else None


def read_pointer(folder: Path) -> IndexPointer:
    """Return the pointer in an engine's folder. Raise NoIndexError if there is none."""
    pointer = find_pointer(folder)
    if pointer is None:
        raise NoIndexError(f"{folder} does not name its index in the cluster: {RECOVERY_ADVICE}", public=DAMAGED)
    return pointer


def _meta(described: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = described["mappings"].get("_meta", {})
    return meta


def _start(cluster: Cluster, method: str, path: str, body: Mapping[str, Any]) -> None:
    timeouts = {"timeout": f"{START_SECONDS}s", "request_timeout": START_SECONDS + 30}
    answer = cluster.ask(method, path, body, **timeouts)
    if not answer["shards_acknowledged"]:
        raise UnavailableError(
            f"the cluster did not start the new index within {START_SECONDS} s: check whether its disks are full or "
            "nodes are missing"
        )


def _delete_leftover(cluster: Cluster, name: str, owner: str, base: str) -> None:
    """Delete the index of an earlier draft of this name. Raise UserError if it belongs to another archive."""
    if not cluster.exists(name):
        return
    described = cluster.ask("GET", f"/{name}")[name]
    cloned_from = described["settings"]["index"].get("resize", {}).get("source", {}).get("name", "")
    # A clone that was never started has no mapping yet.
    if _meta(described).get("owner") != owner and (not base or cloned_from != base):
        raise UserError(
            f"the index {name} in the cluster belongs to another archive: choose another name with "
            "SEARCHSVC_OPENSEARCH_INDEX, or delete that index if you have removed its index folder",
            param="opensearch_index",
        )
    cluster.ask("DELETE", f"/{name}")


def _index_name(cluster: Cluster, folder: Path) -> str:
    """Return the name of an index: the archive's name and the number of the generation."""
    number = _GENERATION.fullmatch(folder.parent.name)
    return f"{cluster.settings.opensearch_index}-{number[1] if number else token_hex(6)}"
