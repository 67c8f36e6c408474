"""Bulk writes to an index: many documents at once, over several connections, with retries if the cluster is busy.

The library's `parallel_bulk` sends nothing again, and its `streaming_bulk` uses one connection. Neither keeps the order of
a deletion and an addition, knows which errors pass, or takes documents that are JSON already.
"""

from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from time import sleep
from typing import Any

import orjson

from searchsvc.engines.opensearch.client import Cluster, translating_errors
from searchsvc.errors import EngineError

CHUNK_BYTES = 4_000_000  # bytes of documents in one request
CONNECTIONS = 3  # Requests in flight. While all connections are in use, no more documents are prepared.
RETRIES = 12  # requests for the same documents if the cluster does not take them
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 10.0  # Each is twice as long as the one before: a minute in all.
# The status of documents that the cluster may take later. With 404, a node does not know the new index yet, or a shard is
# being closed.
_TRANSIENT = (404, 429, 502, 503, 504)
# The error, with status 500, of documents whose shard the cluster took too long to move to another node.
_MOVING = "retry_on_primary_exception"
_HIGHER_VERSION = "version_conflict_engine_exception"  # A higher version of the document exists already.

_Action = tuple[bytes, bytes]  # An action and its document. The document of a deletion is empty.


class Bulk:
    """Sender of documents to one index. Nothing is certain before `finish`."""

    def __init__(self, cluster: Cluster, index: str) -> None:
        self._cluster = cluster
        self._header = orjson.dumps(index)
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="bulk")
        self._in_flight: set[Future[None]] = set()
        self._actions: list[_Action] = []
        self._bytes = 0
        self._deleting = False

    def add(self, document_id: str, document: bytes, version: int | None = None) -> None:
        """Add or replace a document. If a version is given, only replace one of the same or a lower version."""
        versioned = {} if version is None else {"version": version, "version_type": "external_gte"}
        self._append((orjson.dumps({"index": {"_id": document_id, **versioned}}), document))

    def delete(self, document_id: str) -> None:
        """Delete a document, if it exists."""
        self._append((orjson.dumps({"delete": {"_id": document_id}}), b""))

    def finish(self) -> None:
        """Wait until the cluster has accepted everything. Raise EngineError if it does not."""
        self._flush()
        self._wait_for_all()

    def close(self) -> None:
        """Close the connections. Documents that are not sent yet are discarded."""
        for future in self._in_flight:
            future.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _append(self, action: _Action) -> None:
        self._actions.append(action)
        self._bytes += len(action[0]) + len(action[1])
        if self._bytes >= CHUNK_BYTES:
            self._flush()

    def _flush(self) -> None:
        if not self._actions:
            return
        deleting = _has_deletion(self._actions)
        if deleting or self._deleting:  # an article may be deleted and then added again: keep the order
            self._wait_for_all()
        self._deleting = deleting
        while len(self._in_flight) >= CONNECTIONS:
            done, self._in_flight = wait(self._in_flight, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
        self._in_flight.add(self._pool.submit(self._send, self._actions))
        self._actions, self._bytes = [], 0

    def _wait_for_all(self) -> None:
        done, self._in_flight = wait(self._in_flight)
        for future in done:
            future.result()

    def _send(self, actions: list[_Action]) -> None:
        """Send actions until the cluster has accepted each. Raise EngineError if it rejects one or stays too busy."""
        pause = FIRST_PAUSE_SECONDS
        for _ in range(RETRIES):
            actions = self._send_once(actions)
            if not actions:
                return
            sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        raise EngineError(
            f"OpenSearch did not take {len(actions):,} articles in {RETRIES} attempts: check whether nodes are missing or "
            "overloaded"
        )

    def _send_once(self, actions: list[_Action]) -> list[_Action]:
        """Send actions and return those that must be sent again. Raise EngineError if the cluster rejects one."""
        lines = b"".join(_line(action, self._header) + (data + b"\n" if data else b"") for action, data in actions)
        with translating_errors("writing articles"):
            answer = self._cluster.bulk(lines)
        if answer is None:
            return actions
        if not answer["errors"]:
            return []
        failed = {number: outcome for number, outcome in enumerate(_outcomes(answer)) if _has_failed(outcome)}
        for outcome in failed.values():
            if not _is_transient(outcome):
                raise EngineError(f"OpenSearch rejected an article: {outcome['status']} {outcome['error']['reason']}"[:500])
        again = list(failed)
        if again and _has_deletion(actions):  # keep the order: send everything after the first one again
            return actions[again[0] :]
        return [actions[number] for number in again]


def _has_deletion(actions: list[_Action]) -> bool:
    return any(not data for _, data in actions)


def _outcomes(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [next(iter(item.values())) for item in answer["items"]]


def _has_failed(outcome: Mapping[str, Any]) -> bool:
    """Return whether an action failed. Deleting a document that does not exist is no error, despite its status."""
    return "error" in outcome and outcome["error"]["type"] != _HIGHER_VERSION


def _is_transient(outcome: Mapping[str, Any]) -> bool:
    return outcome["status"] in _TRANSIENT or outcome["error"]["type"] == _MOVING


def _line(action: bytes, index: bytes) -> bytes:
    return action.replace(b'{"_id"', b'{"_index":' + index + b',"_id"', 1) + b"\n"
