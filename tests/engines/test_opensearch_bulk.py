"""Bulk writes of the cluster engine, to a stub that answers each request with given outcomes."""

import json
from typing import Any

import pytest

from searchsvc.config import Settings
from searchsvc.engines.opensearch import bulk
from searchsvc.engines.opensearch.bulk import Bulk
from searchsvc.engines.opensearch.client import Cluster
from searchsvc.errors import EngineError

Outcome = dict[str, Any]

FINE: Outcome = {"status": 201}
BUSY: Outcome = {"status": 429, "error": {"type": "rejected_execution_exception", "reason": "busy"}}
MOVING: Outcome = {"status": 500, "error": {"type": "retry_on_primary_exception", "reason": "moving"}}
OLDER: Outcome = {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "older"}}
UNKNOWN: Outcome = {"status": 404, "error": {"type": "index_not_found_exception", "reason": "no such index"}}
WRONG: Outcome = {"status": 400, "error": {"type": "mapper_parsing_exception", "reason": "no such field"}}
MISSING: Outcome = {"status": 404}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "FIRST_PAUSE_SECONDS", 0.0)


def stub(answers: list[list[Outcome]], received: list[str]) -> Cluster:
    """Return a cluster that answers bulk requests, and records the ids in each."""

    class Stub(Cluster):
        def bulk(self, lines: bytes) -> dict[str, Any]:
            actions = [json.loads(line) for line in lines.splitlines()]
            received.append(" ".join(each["_id"] for action in actions for each in action.values() if "_id" in each))
            outcomes = answers.pop(0)
            return {"errors": outcomes != [FINE] * len(outcomes), "items": [{"index": each} for each in outcomes]}

    return Stub(Settings())


@pytest.mark.parametrize(
    ("deleted", "answers", "received"),
    [
        ("", [[FINE, FINE, FINE]], ["a b c"]),
        ("", [[UNKNOWN, BUSY, MOVING], [FINE, BUSY, FINE], [OLDER]], ["a b c", "a b c", "b"]),
        ("d", [[MISSING, FINE, BUSY, FINE], [FINE, FINE]], ["d a b c", "b c"]),
    ],
    ids=["accepted", "busy documents only", "everything after a busy one if there are deletions"],
)
def test_transient_failures_are_sent_again(deleted: str, answers: list[list[Outcome]], received: list[str]) -> None:
    sent: list[str] = []
    writing = Bulk(stub(answers, sent), "index")
    for document_id in deleted:
        writing.delete(document_id)
    for document_id in "abc":
        writing.add(document_id, b"{}")
    writing.finish()
    writing.close()
    assert sent == received


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ([[WRONG]], "OpenSearch rejected an article: 400 no such field"),
        ([[BUSY]] * bulk.RETRIES, "OpenSearch did not take 1 articles in 12 attempts"),
    ],
)
def test_permanent_failures_are_errors(answers: list[list[Outcome]], message: str) -> None:
    writing = Bulk(stub(answers, []), "index")
    writing.add("a", b"{}")
    with pytest.raises(EngineError, match=message):
        writing.finish()
    writing.close()
