"""The environment of a request for the application (WSGI, PEP 3333), made of what h11 has parsed."""

import io
import os
import sys
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import h11

from searchsvc.web.refusals import RefusedRequestError

Address = tuple[str, int]


def wsgi_environ(head: h11.Request, client: Address, server: Address) -> dict[str, Any]:
    """Return the environment of a request, with an empty body. Raise RefusedRequestError if its target is no path."""
    target = head.target.decode("ascii")
    path, query = _parse_target(target)
    prefix = _prefix_of(path)
    environ = {
        "REQUEST_METHOD": head.method.decode("ascii"),
        "SCRIPT_NAME": prefix,
        "PATH_INFO": unquote_to_bytes(path.removeprefix(prefix)).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": target,
        "SERVER_PROTOCOL": f"HTTP/{head.http_version.decode('ascii')}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    _add_fields(environ, head.headers)
    return environ


def _parse_target(target: str) -> tuple[str, str]:
    """Return the path and the query of a request's target (RFC 9112, 3.2), which may be an address in full."""
    if not target.startswith("/") and target != "*":
        try:
            parts = urlsplit(target)
        except ValueError:
            raise RefusedRequestError(400, "the target of the request is not a valid URL") from None
        target = f"{parts.path or '/'}?{parts.query}"
        if not parts.netloc:
            raise RefusedRequestError(400, "the target of the request must be a path, such as /search?q=tea")
    path, _, query = target.partition("#")[0].partition("?")
    return path, query


def _prefix_of(path: str) -> str:
    """Return the variable SCRIPT_NAME if the path begins with it, else "": then a proxy has removed it."""
    prefix = os.environ.get("SCRIPT_NAME", "").rstrip("/")
    return prefix if f"{path}/".startswith(f"{prefix}/") else ""


def _add_fields(environ: dict[str, Any], headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Add the header fields. Those with an underscore are left out, because others would be confused with them."""
    for raw_name, raw_value in headers:
        if b"_" in raw_name:
            continue
        name, value = raw_name.decode("ascii").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
        environ[key] = f"{environ[key]},{value}" if key in environ else value
