"""Static files, of the service and of its operator. Addresses have a hash, so that browsers keep them for a year."""

import os
from hashlib import blake2b
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from flask import Flask, Response, request, send_file
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

OWN = "own"
"""The endpoint of the operator's files, as templates name it: `url_for("own", filename="logo.svg")`."""
ICON = "favicon"
STATIC_ENDPOINTS = ("static", OWN, ICON)
"""Endpoints of files that are the same for everybody, also for those who may not read a private archive."""
OWN_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".ico": "image/vnd.microsoft.icon",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
}
"""The media types of the operator's files by their suffixes. Other files are not served."""
MAX_OWN_BYTES = 5 * 2**20
"""The size of the largest file that is served, since files are answered from memory."""
HASH = "v"
"""The parameter in the address of a static file that changes with its content."""
_FOR_A_YEAR = "public, max-age=31536000, immutable"
_ICON_SECONDS = 86_400
_MAX_KNOWN = 500  # files whose hashes are remembered
_CHECKED_SECONDS = {"static": 1.0, OWN: 0.0}  # for which a hash holds: a page names six files of the service


class _Known(NamedTuple):
    """The hash of a file, the state in which the file had it, and when that was checked last."""

    file: str
    state: tuple[int, int]
    hash: str
    checked: float


class StaticFiles:
    """The static files of the service, and those in the folder of its operator, if there is one."""

    def __init__(self, own: Path | None) -> None:
        self._own = own.resolve() if own else None
        self._shared = Path()
        self._known: dict[tuple[str, str], _Known] = {}

    def install(self, app: Flask) -> None:
        """Add the routes of the files, and the hashes to all addresses that `url_for` makes of them."""
        self._shared = Path(app.static_folder or "")
        app.add_url_rule("/favicon.ico", ICON, self._send_icon)
        if self._own is not None:
            app.add_url_rule("/own/<path:filename>", OWN, self._send_own)
        app.url_defaults(self._add_hash)
        app.after_request(self._finish)

    def _send_own(self, filename: str) -> Response:
        """Return a file of the operator. Raise NotFound if there is none, or none of a type that is served."""
        file = self._file(OWN, filename)
        if file is None:
            raise NotFound
        return send_file(file, OWN_TYPES[file.suffix.lower()])

    def _send_icon(self) -> Response:
        """Return the icon that browsers ask for by themselves. The operator's replaces that of the service."""
        file = self._file(OWN, "favicon.ico") or self._shared / "favicon.ico"
        return send_file(file, OWN_TYPES[".ico"], max_age=_ICON_SECONDS)

    def _file(self, endpoint: str, filename: str) -> Path | None:
        """Return a static file. Return None if there is none, or if it is not to be served."""
        if endpoint == "static":
            joined = safe_join(str(self._shared), filename)
            return Path(joined) if joined and Path(joined).is_file() else None
        return _own_file(self._own, filename) if self._own is not None else None

    def _add_hash(self, endpoint: str, values: dict[str, Any]) -> None:
        if endpoint in ("static", OWN) and (found := self._hash(endpoint, values.get("filename", ""))):
            values[HASH] = found

    def _hash(self, endpoint: str, filename: str) -> str | None:
        """Return the hash of a file. A known one is read again only if it has changed."""
        known, now = self._known.get((endpoint, filename)), monotonic()
        if known is not None and now < known.checked + _CHECKED_SECONDS[endpoint]:
            return known.hash
        if known is not None and _state(known.file) == known.state:
            self._known[endpoint, filename] = known._replace(checked=now)
            return known.hash
        file = self._file(endpoint, filename)
        if file is None or (state := _state(str(file))) is None:
            return None
        if len(self._known) >= _MAX_KNOWN:
            self._known.clear()
        found = blake2b(file.read_bytes(), digest_size=6).hexdigest()
        self._known[endpoint, filename] = _Known(str(file), state, found, now)
        return found

    def _finish(self, response: Response) -> Response:
        """Say how long the answer may be kept, and read it into memory.

        An address with another hash is that of a file that has changed, or will have: what it has now is not kept.
        """
        if request.endpoint not in STATIC_ENDPOINTS or response.status_code not in (200, 304):
            return response
        asked = request.args.get(HASH)
        if asked and asked == self._hash(request.endpoint, (request.view_args or {}).get("filename", "")):
            response.headers["Cache-Control"] = _FOR_A_YEAR
        if response.status_code == 200:  # Flask-Compress does not close the files that it streams
            response.direct_passthrough = False
            response.make_sequence()
        else:
            response.close()  # the body is not sent, so the server would not close the file
        return response


def folder_version(folder: Path | None) -> str:
    """Return what changes when a file in a folder does, or "" if there is no folder."""
    if folder is None:
        return ""
    names = (f"{path}/{name}" for path, _, files in os.walk(folder) for name in files)
    return blake2b(f"{sorted((name, _state(name)) for name in names)}".encode(), digest_size=8).hexdigest()


def _own_file(folder: Path, filename: str) -> Path | None:
    """Return a file of the operator of a known type. Return None for hidden ones, and for those outside of the folder."""
    if any(part.startswith(".") for part in filename.split("/")) or not safe_join(str(folder), filename):
        return None
    try:
        file = (folder / filename).resolve(strict=True)  # where symbolic links lead
        served = file.is_file() and file.is_relative_to(folder) and file.stat().st_size <= MAX_OWN_BYTES
    except (OSError, ValueError):  # there is none, or its name is no name of a file
        return None
    return file if served and file.suffix.lower() in OWN_TYPES else None


def _state(file: str) -> tuple[int, int] | None:
    """Return what changes when a file does. Return None if it is gone."""
    try:
        state = os.stat(file)  # noqa: PTH116  a Path takes three times as long
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size
