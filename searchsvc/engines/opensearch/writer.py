"""Articles into an index of a cluster: many at once, on several connections, with patience where it is busy."""

import re
import socket
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from hashlib import blake2b
from pathlib import Path
from secrets import token_hex
from time import sleep
from typing import Any

import orjson

from searchsvc.analysis import Analyzer
from searchsvc.engines.opensearch.client import Cluster, Noted, guarded, note, noted
from searchsvc.engines.opensearch.schema import MAX_RANK_WINDOW, document, document_id, mapping
from searchsvc.errors import EngineError, UnavailableError, UserError
from searchsvc.model import Article

CHUNK_BYTES = 4_000_000
"""Bytes of documents that are sent at once."""
CONNECTIONS = 3
"""Requests under way; while all are, nothing more is made ready."""
START_SECONDS = 30
"""How long the cluster may take to start a new index."""
RETRIES = 6
"""Times that documents are sent which the cluster was too busy to take; the pauses double, from a tenth of a second."""
_BUSY = (429, 502, 503, 504)
_GENERATION = re.compile(r"(?:draft-)?g(\d{6,})")

_Action = tuple[bytes, bytes]
"""What to do, and the document; no document where one is deleted."""


class OpenSearchWriter:
    """Writes one index, which nobody searches before it is committed."""

    def __init__(self, cluster: Cluster, folder: Path, language: str) -> None:
        self._cluster = cluster
        self._analyzer = Analyzer(language)
        self._owner = owner_of(folder)
        index = self._made(folder)
        note(folder, index)
        self._index = index.name
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="bulk")
        self._under_way: set[Future[None]] = set()
        self._actions: list[_Action] = []
        self._bytes = 0
        self._deleting = False

    def add(self, article: Article, stored: bytes) -> None:
        """Add an article whose id is not in the index; `stored` is what `stored.dump` makes of it."""
        what = orjson.dumps({"index": {"_id": document_id(article.id)}})
        self._take((what, document(article, stored, self._analyzer)))

    def delete(self, article_id: str) -> None:
        """Remove the article with this id, if there is one."""
        self._take((orjson.dumps({"delete": {"_id": document_id(article_id)}}), b""))

    def commit(self) -> None:
        """Have the cluster keep all of it, make it searchable, and let nobody change it any more."""
        self._flush()
        self._wait_for_all()
        own = self._cluster.settings
        with guarded("committing"):
            kept = {"refresh_interval": "-1", "number_of_replicas": own.opensearch_replicas, "blocks.write": True}
            self._cluster.ask("POST", f"/{self._index}/_refresh")
            self._cluster.ask("POST", f"/{self._index}/_flush", wait_if_ongoing="true", request_timeout=600)
            self._cluster.ask("PUT", f"/{self._index}/_settings", {"index": kept})

    def close(self) -> None:
        """Let go of the connections; what was not committed is never searched, and goes with its draft."""
        for future in self._under_way:
            future.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    # The index

    def _made(self, folder: Path) -> Noted:
        """A new index: an empty one, or a clone of the one that the folder says is carried on."""
        base = noted(folder)
        name = _index_name(self._cluster, folder)
        with guarded("making the index"):
            self._remove_leftover(name, base.name if base else "")
            shape = {"number_of_replicas": 0, "refresh_interval": "-1"}
            if base:
                cloned = {"settings": {"index": shape | {"blocks.write": None}}}
                self._start("PUT", f"/{base.name}/_clone/{name}", cloned)
                return Noted(name, base.shards)
            shards = self._cluster.settings.opensearch_shards
            shape |= {"number_of_shards": shards, "max_result_window": MAX_RANK_WINDOW}
            self._start("PUT", f"/{name}", {"settings": {"index": shape}, "mappings": mapping(self._owner)})
        return Noted(name, shards)

    def _start(self, method: str, path: str, described: Mapping[str, Any]) -> None:
        waiting = {"timeout": f"{START_SECONDS}s", "request_timeout": START_SECONDS + 30}
        answer = self._cluster.ask(method, path, described, **waiting)
        if not answer["shards_acknowledged"]:
            raise UnavailableError(
                f"the cluster did not start the new index within {START_SECONDS} s: see whether its disks are full, or "
                "nodes are missing"
            )

    def _remove_leftover(self, name: str, base: str) -> None:
        """Remove what a draft of this name has left; raises UserError where it belongs to another archive."""
        if not self._cluster.exists(name):
            return
        described = self._cluster.ask("GET", f"/{name}")[name]
        cloned_from = described["settings"]["index"].get("resize", {}).get("source", {}).get("name", "")
        # A clone that was never started has no mapping yet.
        if described["mappings"].get("_meta", {}).get("owner") != self._owner and (not base or cloned_from != base):
            raise UserError(
                f"the index {name} in the cluster belongs to another archive: name this one otherwise with "
                "SEARCHSVC_OPENSEARCH_INDEX",
                param="opensearch_index",
            )
        self._cluster.ask("DELETE", f"/{name}")

    # Sending

    def _take(self, action: _Action) -> None:
        self._actions.append(action)
        self._bytes += len(action[0]) + len(action[1])
        if self._bytes >= CHUNK_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._actions:
            return
        deletes = _deletes(self._actions)
        if deletes or self._deleting:  # an article may be deleted and then added anew: in this order
            self._wait_for_all()
        self._deleting = deletes
        while len(self._under_way) >= CONNECTIONS:
            done, self._under_way = wait(self._under_way, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
        self._under_way.add(self._pool.submit(self._send, self._actions))
        self._actions, self._bytes = [], 0

    def _wait_for_all(self) -> None:
        done, self._under_way = wait(self._under_way)
        for future in done:
            future.result()

    def _send(self, actions: list[_Action]) -> None:
        """Send documents until the cluster has taken each; raises EngineError where it refuses one for good."""
        pause = 0.1
        for _ in range(RETRIES):
            actions = self._left(actions)
            if not actions:
                return
            sleep(pause)
            pause *= 2
        raise EngineError(f"OpenSearch was too busy {RETRIES} times in a row to take {len(actions):,} articles")

    def _left(self, actions: list[_Action]) -> list[_Action]:
        """Send documents once: those that have to be sent again."""
        header = orjson.dumps(self._index)
        lines = b"".join(_line(what, header) + (data + b"\n" if data else b"") for what, data in actions)
        with guarded("writing articles"):
            answer = self._cluster.bulk(lines)
        if not answer["errors"]:
            return []
        outcomes = [next(iter(item.values())) for item in answer["items"]]
        busy = [number for number, outcome in enumerate(outcomes) if outcome["status"] in _BUSY]
        refused = next((each for each in outcomes if each["status"] >= 400 and each["status"] not in (404, *_BUSY)), None)
        if refused is not None:
            raise EngineError(f"OpenSearch refuses an article: {_reason(refused)}")
        if busy and _deletes(actions):  # in their order again
            return actions[busy[0] :]
        return [actions[number] for number in busy]


def _deletes(actions: list[_Action]) -> bool:
    """Whether there is an article to delete, so that the order counts."""
    return any(not data for _, data in actions)


def _line(what: bytes, index: bytes) -> bytes:
    return what.replace(b'{"_id"', b'{"_index":' + index + b',"_id"', 1) + b"\n"


def _reason(outcome: Mapping[str, Any]) -> str:
    error = outcome.get("error", {})
    return f"{outcome['status']} {error.get('reason', '')}"[:500]


def _index_name(cluster: Cluster, folder: Path) -> str:
    """That of a generation is its number behind the archive's name."""
    number = _GENERATION.fullmatch(folder.parent.name)
    return f"{cluster.settings.opensearch_index}-{number[1] if number else token_hex(6)}"


def owner_of(folder: Path) -> str:
    """Which archive an engine's folder is of, among those that share a cluster."""
    place = f"{socket.gethostname()}:{folder.resolve().parents[1]}"
    return blake2b(place.encode(), digest_size=8).hexdigest()
