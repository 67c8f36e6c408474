"""The indexes that an archive has in a cluster, one for each generation, and the name that stands for the live one."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any

from searchsvc.durable import sync_folder, write_durably
from searchsvc.engines.opensearch.client import Cluster, Noted, note, noted, translating_errors
from searchsvc.engines.opensearch.mapping import MAX_RANK_WINDOW, SCHEMA_VERSION, mapping
from searchsvc.errors import RECOVERY_ADVICE, NoIndexError, UnavailableError, UserError

COPY_SECONDS = 3_600
"""How long publication waits for copies of a new index; what takes longer is made while it is searched."""
START_SECONDS = 30
"""How long the cluster may take to start a new index."""
_GENERATION = re.compile(r"(?:draft-|feeding-)?g(\d{6,})")


def made(cluster: Cluster, folder: Path) -> Noted:
    """A new index, noted in the folder: an empty one, or a clone of the one that the folder says is carried on."""
    base, owner = noted(folder), owner_of(folder)
    name = _index_name(cluster, folder)
    with translating_errors("making the index"):
        if base:
            require_schema(cluster, base)
        _remove_leftover(cluster, name, owner, base.name if base else "")
        shape = {"number_of_replicas": 0, "refresh_interval": "-1"}
        if base:
            index = Noted(name, base.shards)
            cloned = {"settings": {"index": shape | {"blocks.write": None}}}
            _start(cluster, "PUT", f"/{base.name}/_clone/{name}", cloned)
        else:
            index = Noted(name, cluster.settings.opensearch_shards)
            shape |= {"number_of_shards": index.shards, "max_result_window": MAX_RANK_WINDOW}
            _start(cluster, "PUT", f"/{name}", {"settings": {"index": shape}, "mappings": mapping(owner)})
    note(folder, index)
    return index


def sealed(cluster: Cluster, index: str) -> None:
    """Have the cluster keep what was written, make it searchable and copies of it, and let nobody change it any more."""
    kept = {
        "refresh_interval": "-1",
        "number_of_replicas": cluster.settings.opensearch_replicas,
        "blocks.write": True,
    }
    cluster.ask("POST", f"/{index}/_refresh")
    cluster.ask("POST", f"/{index}/_flush", wait_if_ongoing="true", request_timeout=600)
    cluster.ask("PUT", f"/{index}/_settings", {"index": kept})
    # What is published must not be lost with a node. Copies for which there is no node are not waited for: by its most
    # languid event, the cluster has begun those that it can make.
    copied = {"wait_for_events": "languid", "wait_for_no_initializing_shards": "true", "timeout": f"{COPY_SECONDS}s"}
    cluster.ask("GET", f"/_cluster/health/{index}", **copied, request_timeout=COPY_SECONDS + 30, ignore=408)


def require_schema(cluster: Cluster, index: Noted) -> None:
    """Raise NoIndexError where another version of this program made an index, whose fields mean something else."""
    meta = _meta(cluster.ask("GET", f"/{index.name}/_mapping")[index.name])
    if meta.get("schema") != SCHEMA_VERSION:
        raise NoIndexError(
            f"the index {index.name} in the cluster was made by another version of searchsvc: {RECOVERY_ADVICE}"
        )


def point_to(cluster: Cluster, live: Path) -> None:
    """Have the archive's name in the cluster stand for the live generation, from one moment to the next."""
    index, name = noted(live), cluster.settings.opensearch_index
    if index is None:
        return
    with translating_errors("naming the live index"):
        others = {"remove": {"index": f"{name}-*", "alias": name, "must_exist": False}}
        cluster.ask("POST", "/_aliases", {"actions": [others, {"add": {"index": index.name, "alias": name}}]})


def sweep(cluster: Cluster, live: Path, kept: Iterable[Path]) -> None:
    """Delete this archive's indexes that no generation needs any more, but for the last one, which may be asked still."""
    wanted = {index.name for folder in (live, *kept) if (index := noted(folder)) is not None}
    with translating_errors("removing old indexes"):
        found = cluster.ask("GET", f"/{cluster.settings.opensearch_index}-*/_mapping")
        own = (name for name, described in found.items() if _meta(described).get("owner") == owner_of(live))
        for name in sorted(set(own) - wanted)[:-1]:
            cluster.ask("DELETE", f"/{name}")


def owner_of(folder: Path) -> str:
    """Which archive an engine's folder is of, among those that share a cluster: its index folder has the name."""
    file = folder.resolve().parents[1] / ".owner"
    if not file.exists():
        new = file.with_name(".owner.new")
        write_durably(new, token_hex(8).encode())
        new.replace(file)
        sync_folder(file.parent)
    return file.read_text()


def _meta(described: Mapping[str, Any]) -> Mapping[str, Any]:
    meta: Mapping[str, Any] = described["mappings"].get("_meta", {})
    return meta


def _start(cluster: Cluster, method: str, path: str, described: Mapping[str, Any]) -> None:
    waiting = {"timeout": f"{START_SECONDS}s", "request_timeout": START_SECONDS + 30}
    answer = cluster.ask(method, path, described, **waiting)
    if not answer["shards_acknowledged"]:
        raise UnavailableError(
            f"the cluster did not start the new index within {START_SECONDS} s: see whether its disks are full, or "
            "nodes are missing"
        )


def _remove_leftover(cluster: Cluster, name: str, owner: str, base: str) -> None:
    """Remove what a draft of this name has left; raises UserError where it belongs to another archive."""
    if not cluster.exists(name):
        return
    described = cluster.ask("GET", f"/{name}")[name]
    cloned_from = described["settings"]["index"].get("resize", {}).get("source", {}).get("name", "")
    # A clone that was never started has no mapping yet.
    if _meta(described).get("owner") != owner and (not base or cloned_from != base):
        raise UserError(
            f"the index {name} in the cluster belongs to another archive: name this one otherwise with "
            "SEARCHSVC_OPENSEARCH_INDEX; or delete it there, if it is of an index folder that you have removed",
            param="opensearch_index",
        )
    cluster.ask("DELETE", f"/{name}")


def _index_name(cluster: Cluster, folder: Path) -> str:
    """That of a generation is its number behind the archive's name."""
    number = _GENERATION.fullmatch(folder.parent.name)
    return f"{cluster.settings.opensearch_index}-{number[1] if number else token_hex(6)}"
