"""Documents into an index: many at once, on several connections, with patience where the cluster is busy."""

from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from time import sleep
from typing import Any

import orjson

from searchsvc.engines.opensearch.client import Cluster, translating_errors
from searchsvc.errors import EngineError

CHUNK_BYTES = 4_000_000
"""Bytes of documents that are sent at once."""
CONNECTIONS = 3
"""Requests under way; while all are, nothing more is made ready."""
RETRIES = 12
"""Times that documents are sent which the cluster was too busy to take."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 10.0
"""Pauses in between, of which each is twice as long as the one before: a minute in all."""
_BUSY = (429, 502, 503, 504)
_FINE = (404, 409)
"""What was to be deleted is not there; what was to be added is there already, from a place that wins."""

_Action = tuple[bytes, bytes]
"""What to do, and the document; no document where one is deleted."""


class Bulk:
    """Sends documents to one index. Nothing is certain before `finish`."""

    def __init__(self, cluster: Cluster, index: str) -> None:
        self._cluster = cluster
        self._header = orjson.dumps(index)
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="bulk")
        self._under_way: set[Future[None]] = set()
        self._actions: list[_Action] = []
        self._bytes = 0
        self._deleting = False

    def add(self, document_id: str, document: bytes, version: int | None = None) -> None:
        """Add a document, or replace it; with a version, only one of the same or a lower version."""
        ranked = {} if version is None else {"version": version, "version_type": "external_gte"}
        self._take((orjson.dumps({"index": {"_id": document_id, **ranked}}), document))

    def delete(self, document_id: str) -> None:
        """Remove a document, if it is there."""
        self._take((orjson.dumps({"delete": {"_id": document_id}}), b""))

    def finish(self) -> None:
        """Wait until the cluster has taken everything; raises EngineError where it does not."""
        self._flush()
        self._wait_for_all()

    def close(self) -> None:
        """Let go of the connections; what is not sent yet is not sent."""
        for future in self._under_way:
            future.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

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
        pause = FIRST_PAUSE_SECONDS
        for _ in range(RETRIES):
            actions = self._left(actions)
            if not actions:
                return
            sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        raise EngineError(f"OpenSearch was too busy {RETRIES} times in a row to take {len(actions):,} articles")

    def _left(self, actions: list[_Action]) -> list[_Action]:
        """Send documents once: those that have to be sent again."""
        lines = b"".join(_line(what, self._header) + (data + b"\n" if data else b"") for what, data in actions)
        with translating_errors("writing articles"):
            answer = self._cluster.bulk(lines)
        if answer is None:
            return actions
        if not answer["errors"]:
            return []
        outcomes = [next(iter(item.values())) for item in answer["items"]]
        busy = [number for number, outcome in enumerate(outcomes) if outcome["status"] in _BUSY]
        for outcome in outcomes:
            if outcome["status"] >= 400 and outcome["status"] not in (*_FINE, *_BUSY):
                raise EngineError(f"OpenSearch refuses an article: {_reason(outcome)}")
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
