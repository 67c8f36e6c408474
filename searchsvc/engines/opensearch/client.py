"""The connection to a cluster, and the guard around every call."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from opensearchpy import OpenSearch
from opensearchpy.exceptions import (
    AuthenticationException,
    AuthorizationException,
    ConnectionError,  # noqa: A004  the library's own
    NotFoundError,
    OpenSearchException,
    SerializationError,
    SSLError,
    TransportError,
)
from opensearchpy.serializer import JSONSerializer

from searchsvc.config import Settings
from searchsvc.errors import RECOVERY_ADVICE, EngineError, NoIndexError, SearchsvcError, UnavailableError

SEARCH_SECONDS = 20
"""How long a search may take, below gunicorn's own patience."""
WRITE_SECONDS = 120
SHARD_SECONDS = 10
"""How long a part of an index may be missing before what is written to it is sent again."""
_TOO_MANY = 429
_PASSING = (_TOO_MANY, 502, 503, 504)


class _Json(JSONSerializer):
    """Reads answers several times as fast as the library does."""

    def loads(self, s: str) -> Any:
        """What an answer says; raises SerializationError where it is no JSON."""
        try:
            return orjson.loads(s)
        except orjson.JSONDecodeError as error:
            raise SerializationError(s, error) from error


@dataclass(frozen=True)
class Cluster:
    """A cluster as the settings name it. Nothing is asked of it before it is used."""

    settings: Settings

    @cached_property
    def client(self) -> OpenSearch:
        """The library's client: it asks another node where one does not answer."""
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
            serializer=_Json(),
        )

    def ask(self, method: str, path: str, body: Any = None, **parameters: Any) -> Any:
        """What the cluster answers; what it raises is for `translating_errors`."""
        given = orjson.dumps(body) if isinstance(body, dict) else body
        headers = {"content-type": "application/json"}
        return self.client.transport.perform_request(method, path, params=parameters, body=given, headers=headers)

    def bulk(self, lines: bytes) -> Mapping[str, Any] | None:
        """Write many documents at once: what became of each; None where the cluster was too busy to take any."""
        headers = {"content-type": "application/x-ndjson"}
        waiting = {"request_timeout": WRITE_SECONDS, "timeout": f"{SHARD_SECONDS}s"}
        try:
            answer: Mapping[str, Any] = self.client.transport.perform_request(
                "POST", "/_bulk", body=lines, headers=headers, params=waiting
            )
        except TransportError as error:
            if error.status_code == _TOO_MANY:
                return None
            raise
        return answer

    def exists(self, index: str) -> bool:
        """Whether there is an index of this name."""
        return bool(self.client.indices.exists(index=index))


@contextmanager
def translating_errors(doing: str) -> Iterator[None]:
    """Let nothing but our own errors out: the cluster's as EngineError, its absence as UnavailableError."""
    try:
        yield
    except SearchsvcError:
        raise
    except AuthorizationException as error:
        if "block" in str(error.error):  # what the cluster does when its disks are nearly full
            raise EngineError(f"OpenSearch takes nothing while {doing}; are its disks full? ({_reason(error)})") from error
        raise EngineError(f"OpenSearch refuses the user while {doing}: {_reason(error)}") from error
    except AuthenticationException as error:
        raise EngineError(
            f"OpenSearch refuses the user while {doing} ({error.status_code}): see SEARCHSVC_OPENSEARCH_USER and _PASSWORD"
        ) from error
    except SSLError as error:
        raise EngineError(
            f"OpenSearch cannot be trusted while {doing} ({error.info}): see SEARCHSVC_OPENSEARCH_CA"
        ) from error
    except ConnectionError as error:
        raise UnavailableError(f"OpenSearch does not answer while {doing} ({error.error})") from error
    except NotFoundError as error:
        raise NoIndexError(f"the live index is gone from the cluster ({_reason(error)}): {RECOVERY_ADVICE}") from error
    except TransportError as error:
        kind = UnavailableError if error.status_code in _PASSING else EngineError
        raise kind(f"OpenSearch failed while {doing}: {_reason(error)}") from error
    except OpenSearchException as error:
        raise EngineError(f"OpenSearch failed while {doing}: {error}") from error


def _reason(error: TransportError) -> str:
    """The cluster's own words: the root cause, where it names one."""
    info = error.info
    if isinstance(info, dict) and isinstance(info.get("error"), dict):
        causes = info["error"].get("root_cause") or [info["error"]]
        return f"{error.status_code} {causes[0].get('reason', info['error'].get('reason', ''))}"
    return f"{error.status_code} {error.error}"


NOTE = "opensearch.json"
"""The one file of a generation's engine: the rest is in the cluster."""


class Noted(NamedTuple):
    """The index that a generation is, and the number of its shards."""

    name: str
    shards: int


def note(folder: Path, index: Noted) -> None:
    """Write down which index a generation is."""
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{NOTE}.new"
    new.write_bytes(orjson.dumps(index._asdict()))
    new.replace(folder / NOTE)


def noted(folder: Path) -> Noted | None:
    """The index that a generation is; None where none was noted."""
    file = folder / NOTE
    return Noted(**orjson.loads(file.read_bytes())) if file.exists() else None
