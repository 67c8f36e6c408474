"""The target of a request (RFC 9110): which scheme, host and prefix are believed, and which hosts are answered."""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Flask, g, request
from flask.globals import request_ctx
from werkzeug.exceptions import BadRequest, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from searchsvc.api.addresses import Addresses
from searchsvc.config import Settings
from searchsvc.hosts import authority, is_address, is_loopback, split_authority

HEALTH_PATHS = ("/healthz", "/readyz")
"""Paths that answer to every host, since probes ask by the address of a machine. They reveal nothing."""
_PREFIX = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?")
_ON_LOOPBACK = (
    "unknown host name: this service answers to localhost only, so that no website can read it under a name of its own. "
    "For other names, set hosts (SEARCHSVC_HOSTS), or proxies (SEARCHSVC_PROXIES) behind a reverse proxy"
)


def request_addresses() -> Addresses:
    """Return the addresses of the service as the current request reaches it, without origin if its host is refused."""
    addresses: Addresses = g.get("addresses", Addresses())
    return addresses


def _use_in_url_for(addresses: Addresses) -> None:
    """Let `url_for` make the same addresses. Flask takes the prefix as WSGI has it, which is not percent-encoded."""
    if adapter := request_ctx.url_adapter:
        adapter.script_name = addresses.to("/")


class Target:
    """What the requests to a service may say about their target."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def install(self, app: Flask) -> None:
        """Check every request of an application before any hook or route builds an address from it."""
        app.wsgi_app = self._behind_proxies(app.wsgi_app)  # type: ignore[method-assign]  # as Flask's documentation does it
        app.before_request(self._check)

    def as_forwarded(self, environ: dict[str, Any]) -> dict[str, Any]:
        """Return a request as the application will see it, with what trusted proxies say about the client."""
        forwarded = dict(environ)
        self._behind_proxies(lambda _environ, _start: ())(forwarded, lambda *_: None)
        return forwarded

    def _behind_proxies(self, application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        if not (trusted := self._settings.proxies):
            return application
        return ProxyFix(application, x_for=trusted, x_proto=trusted, x_host=trusted, x_prefix=trusted)

    def _check(self) -> None:
        """Normalize the target of the request. Raise BadRequest if it has none, and SecurityError for a wrong one."""
        if self._settings.proxies:
            request.scheme = "https" if request.scheme.lower() == "https" else "http"
            if not _PREFIX.fullmatch(request.root_path):
                raise SecurityError("X-Forwarded-Prefix must be a path, such as /archive")
        host, port = self._authority()
        request.host = f"{host}:{port}" if port not in ("", "443" if request.is_secure else "80") else host
        if request.path not in HEALTH_PATHS:
            self._check_host(host)
        g.addresses = Addresses(quote(request.root_path.rstrip("/")), request.host_url.rstrip("/"))
        _use_in_url_for(g.addresses)

    def _check_host(self, host: str) -> None:
        """Raise SecurityError if the host is none of those that the service answers to."""
        if hosts := self._settings.hosts:
            if not any(host == name or (name.startswith(".") and f".{host}".endswith(name)) for name in hosts):
                raise SecurityError("unknown host name")
        elif self._is_on_loopback() and not is_loopback(host) and host != self._settings.host:
            raise SecurityError(_ON_LOOPBACK)

    def _is_on_loopback(self) -> bool:
        """Return whether only this machine can reach the service, without a proxy that could pass on other names."""
        # The server's name is the address that it listens on, which other servers take from options of their own.
        own, server = self._settings.host, request.environ.get("SERVER_NAME", "")
        return not self._settings.proxies and is_loopback(server) and (is_loopback(own) or not is_address(own))

    def _authority(self) -> tuple[str, str]:
        """Return the host and the port of the request. Raise BadRequest unless it names one (RFC 9112, section 3.2)."""
        environ, target = request.environ, request.environ.get("RAW_URI", "")
        given = environ.get("HTTP_HOST")
        if given is None and environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
            raise BadRequest("the request has no Host header")
        try:
            if "://" in target and not target.startswith("/") and not self._settings.proxies:
                return split_authority(urlsplit(target).netloc)  # an address in full counts instead of the header
            return split_authority(authority(environ["SERVER_NAME"], environ["SERVER_PORT"]) if given is None else given)
        except ValueError:
            raise SecurityError("unknown host name") from None
