"""Errors of a cluster, and which of ours they become."""

import pytest
from opensearchpy.exceptions import TransportError

from searchsvc.engines.opensearch.client import translating_errors
from searchsvc.errors import EngineError, ServiceError, UnavailableError


def failing(status: int, kind: str) -> TransportError:
    """Return the library's error for an answer like those of OpenSearch."""
    cause = {"type": kind, "reason": "[node-1] said so"}
    error = {"root_cause": [cause], "type": "search_phase_execution_exception", "reason": "all shards failed"}
    return TransportError(status, "search_phase_execution_exception", {"error": error, "status": status})


@pytest.mark.parametrize(
    ("status", "kind", "transient"),
    [
        (500, "node_not_connected_exception", True),
        (500, "node_disconnected_exception", True),
        (503, "no_shard_available_action_exception", True),
        (429, "rejected_execution_exception", True),
        (500, "null_pointer_exception", False),
        (400, "query_shard_exception", False),
    ],
)
def test_only_errors_that_pass_are_said_to_pass(status: int, kind: str, transient: bool) -> None:
    expected = rf"while searching: {status} \[node-1\] said so"
    with pytest.raises(ServiceError, match=expected) as raised, translating_errors("searching"):
        raise failing(status, kind)
    assert isinstance(raised.value, UnavailableError) is transient


@pytest.mark.parametrize("info", [{}, {"error": "no handler"}, "<html>", {"error": {"reason": "bad", "type": "x"}}])
def test_errors_in_other_forms_are_translated_too(info: object) -> None:
    with pytest.raises(EngineError, match=r"while searching: 500 (busy|bad)"), translating_errors("searching"):
        raise TransportError(500, "busy", info)
