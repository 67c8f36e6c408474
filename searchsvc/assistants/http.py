"""The MCP server over HTTP, in a process of its own. As the service, it asks for the read token and for a known host."""

import hmac
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from searchsvc.assistants.server import mcp_server
from searchsvc.config import Settings
from searchsvc.hosts import authority, is_loopback, split_authority

PATH = "/mcp"
MAX_BODY_BYTES = 64 * 1024
MAX_REQUESTS = 64
"""Requests at the same time. Further ones get 503."""
_log = logging.getLogger(__name__)
_Scope = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Scope]]
_Send = Callable[[_Scope], Awaitable[None]]
_App = Callable[[_Scope, _Receive, _Send], Awaitable[None]]


class Guard:
    """Refuses requests for unknown hosts, and those without the token of a private archive."""

    def __init__(self, app: _App, settings: Settings) -> None:
        self._app = app
        self._hosts = settings.hosts
        self._token = settings.read_token

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """Answer a request, or pass it on."""
        headers = {name.lower(): value.decode("latin-1") for name, value in scope.get("headers", ())}
        if scope["type"] == "http" and not self._is_known_host(headers.get(b"host", "")):
            await _refuse(send, 400, "this service does not answer to this host name: set hosts")
        elif scope["type"] == "http" and not self._has_token(headers.get(b"authorization", "")):
            await _refuse(send, 401, "this archive is private: send the header “Authorization: Bearer TOKEN”")
        else:
            await self._app(scope, receive, send)

    def _is_known_host(self, host: str) -> bool:
        try:
            name, _ = split_authority(host)
        except ValueError:
            return False
        return not self._hosts or any(name == each or (each[:1] == "." and name.endswith(each)) for each in self._hosts)

    def _has_token(self, authorization: str) -> bool:
        kind, _, given = authorization.partition(" ")
        # In constant time, so that the time taken does not reveal a part of the token.
        is_right = hmac.compare_digest(given.strip().encode(), self._token.encode())
        return not self._token or (kind.casefold() == "bearer" and is_right)


async def _refuse(send: _Send, status: int, detail: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    headers += [(b"www-authenticate", b'Bearer realm="searchsvc"')] if status == 401 else []
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{detail}\n".encode()})


def application(settings: Settings, version: str) -> Guard:
    """Return the ASGI application. Each request is answered by itself, so that any number of processes can share them."""
    security = TransportSecuritySettings(enable_dns_rebinding_protection=False) if settings.hosts else None
    app = mcp_server(settings, version).streamable_http_app(
        streamable_http_path=PATH,
        json_response=True,
        stateless_http=True,
        max_request_body_size=MAX_BODY_BYTES,
        transport_security=security,
        host=settings.host,
    )
    return Guard(app, settings)


def serve(settings: Settings, version: str) -> None:
    """Serve until ctrl-C."""
    for warning in _warnings(settings):
        _log.warning("%s", warning)
    limits: dict[str, Any] = {"limit_concurrency": MAX_REQUESTS, "timeout_keep_alive": 5, "timeout_graceful_shutdown": 5}
    uvicorn.run(
        application(settings, version), host=settings.host, port=settings.port, log_config=None, access_log=False, **limits
    )


def address(settings: Settings) -> str:
    """Return the address that assistants connect to."""
    return f"http://{authority(settings.host, settings.port)}{PATH}"


def _warnings(settings: Settings) -> Iterable[str]:
    if not is_loopback(settings.host) and not settings.read_token:
        yield f"whoever reaches {address(settings)} can read this archive: set read_token, or listen on 127.0.0.1 only"
