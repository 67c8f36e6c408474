"""The connection to a cluster, and the translation of its errors."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson
from opensearchpy import OpenSearch, exceptions
from opensearchpy.serializer import JSONSerializer

from searchsvc.config import Settings
from searchsvc.errors import RECOVERY_ADVICE, EngineError, NoIndexError, SearchsvcError, UnavailableError
from searchsvc.messages import Message

SEARCH_SECONDS = 20  # time that a search may take, shorter than gunicorn's timeout
WRITE_SECONDS = 120
SHARD_SECONDS = 10  # time that a write waits for a missing shard before it is sent again
_TOO_MANY = 429
_NODE_LOST = frozenset(
    (
        "connect_transport_exception",
        "node_closed_exception",
        "node_disconnected_exception",
        "node_not_connected_exception",
    )
)
"""Errors, with status 500, of a search that began while a node was leaving the cluster."""
_UNREACHABLE = Message("the search engine does not answer at the moment: try again")
_GONE = Message(
    "the live index is gone from the cluster: go back with `searchsvc rollback`, or rebuild it with "
    "`searchsvc reindex --full`"
)


class _OrjsonSerializer(JSONSerializer):
    """Parser of answers that is several times as fast as the library's own."""

    def loads(self, s: str) -> Any:
        try:
            return orjson.loads(s)
        except orjson.JSONDecodeError as error:
            raise exceptions.SerializationError(s, error) from error


@dataclass(frozen=True)
class Cluster:
    """The cluster that the settings name. Nothing connects to it before the first request."""

    settings: Settings

    @cached_property
    def client(self) -> OpenSearch:
        """The library's client, which tries another node if one does not answer."""
        own = self.settings
        return OpenSearch(
            list(own.opensearch_url),
            http_auth=(own.opensearch_user, own.opensearch_password) if own.opensearch_user else None,
            ca_certs=str(own.opensearch_ca) if own.opensearch_ca else None,
            timeout=SEARCH_SECONDS,
            max_retries=3,
            retry_on_timeout=False,
            retry_on_status=(502, 503, 504),
            pool_maxsize=max(own.threads, 8),
            serializer=_OrjsonSerializer(),
        )

    def ask(self, method: str, path: str, body: Any = None, **parameters: Any) -> Any:
        """Send a request and return the answer. Errors of the library pass: see `translating_errors`."""
        data = orjson.dumps(body) if isinstance(body, dict) else body
        headers = {"content-type": "application/json"}
        return self.client.transport.perform_request(method, path, params=parameters, body=data, headers=headers)

    def bulk(self, lines: bytes) -> Mapping[str, Any] | None:
        """Write many documents and return the outcome of each. Return None if the cluster was too busy for all of them."""
        headers = {"content-type": "application/x-ndjson"}
        timeouts = {"request_timeout": WRITE_SECONDS, "timeout": f"{SHARD_SECONDS}s"}
        try:
            answer: Mapping[str, Any] = self.client.transport.perform_request(
                "POST", "/_bulk", body=lines, headers=headers, params=timeouts
            )
        except exceptions.TransportError as error:
            if error.status_code == _TOO_MANY:
                return None
            raise
        return answer

    def exists(self, index: str) -> bool:
        """Return whether the cluster has an index of this name."""
        return bool(self.client.indices.exists(index=index))


@contextmanager
def translating_errors(doing: str) -> Iterator[None]:
    """Raise the library's errors as ours: UnavailableError if the cluster cannot be reached, otherwise EngineError."""
    try:
        yield
    except SearchsvcError:
        raise
    except exceptions.AuthorizationException as error:
        if "block" in str(error.error):  # the cluster blocks writes when its disks are nearly full
            raise EngineError(
                f"OpenSearch refused to write while {doing}; are its disks full? ({_reason(error)})"
            ) from error
        raise EngineError(f"OpenSearch rejects the user while {doing}: {_reason(error)}") from error
    except exceptions.AuthenticationException as error:
        raise EngineError(
            f"OpenSearch rejects the user while {doing} ({error.status_code}): "
            "check SEARCHSVC_OPENSEARCH_USER and SEARCHSVC_OPENSEARCH_PASSWORD"
        ) from error
    except exceptions.SSLError as error:
        raise EngineError(
            f"OpenSearch is not trusted while {doing} ({error.info}): check SEARCHSVC_OPENSEARCH_CA"
        ) from error
    except exceptions.ConnectionError as error:
        raise UnavailableError(f"OpenSearch does not answer while {doing} ({error.error})", public=_UNREACHABLE) from error
    except exceptions.NotFoundError as error:
        raise NoIndexError(
            f"the live index is gone from the cluster ({_reason(error)}): {RECOVERY_ADVICE}",
            public=_GONE,
        ) from error
    except exceptions.TransportError as error:
        kind = UnavailableError if _is_transient(error) else EngineError
        raise kind(f"OpenSearch failed while {doing}: {_reason(error)}", public=_UNREACHABLE) from error
    except exceptions.OpenSearchException as error:
        raise EngineError(f"OpenSearch failed while {doing}: {error}") from error


def _is_transient(error: exceptions.TransportError) -> bool:
    return error.status_code in (_TOO_MANY, 502, 503, 504) or _root_cause(error).get("type") in _NODE_LOST


def _reason(error: exceptions.TransportError) -> str:
    """Return the status and the cluster's own message: that of the root cause, if there is one."""
    cause = _root_cause(error)
    return f"{error.status_code} {cause.get('reason', '') if cause else error.error}"


def _root_cause(error: exceptions.TransportError) -> Mapping[str, Any]:
    """Return the cluster's description of an error: that of the root cause, if there is one. Return {} without any."""
    described = error.info.get("error") if isinstance(error.info, dict) else None
    if not isinstance(described, dict):
        return {}
    return {**described, **next(iter(described.get("root_cause") or ()), {})}
