"""Authentication of private archives: a bearer token for programs, and a session for browsers after login."""

import hmac
from collections.abc import Iterable
from urllib.parse import quote, urlsplit

from flask import Blueprint, Flask, Response, g, render_template, request
from werkzeug.exceptions import Forbidden

from searchsvc.config import Settings
from searchsvc.errors import UserError
from searchsvc.messages import Message
from searchsvc.search.service import SearchService
from searchsvc.web.negotiation import bearer_token, wants_page
from searchsvc.web.sessions import Sessions
from searchsvc.web.static_files import STATIC_ENDPOINTS
from searchsvc.web.target import request_addresses

PUBLIC_ENDPOINTS = (
    *(*STATIC_ENDPOINTS, "api.health", "api.ready", "auth.login_page", "auth.login", "auth.logout"),
    *("pages.site_css", "site.robots"),
)
"""Endpoints that need no token. They reveal nothing about the archive."""
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="searchsvc"'}
"""The header of every answer with status 401 (RFC 9110, section 11.6.1)."""


class UnauthorizedError(UserError):
    """A request without a valid token."""


class Tokens:
    """The tokens of a service. Those that a client gives in vain are logged and limited."""

    def __init__(self, settings: Settings) -> None:
        # Only a service with tokens needs the library that counts, which takes 35 ms to import.
        from searchsvc.web.limits import WrongTokenLimit  # noqa: PLC0415

        self.known = tuple(filter(None, (settings.read_token, settings.write_token)))
        self._wrong = WrongTokenLimit()

    def match(self, given: str, *valid: str, cost: int = 1) -> bool:
        """Return whether a client gave one of the valid tokens. A token that the service does not know has a cost.

        Raise TooManyRequests, whatever the token, if the client has given too many unknown ones.
        """
        self._wrong.check()
        if not _is_one_of(given, self.known):
            self._wrong.record(cost)
        return _is_one_of(given, valid)

    def match_bearer(self, *valid: str) -> bool:
        """Return whether the request has one of the valid tokens in its header. Raise TooManyRequests as `match` does."""
        given = bearer_token()
        return given is not None and self.match(given, *valid)

    def would_match_bearer(self, *valid: str) -> bool:
        """Return whether `match_bearer` will return true for this request, which counts its token only then."""
        given = bearer_token()
        return given is not None and not self._wrong.is_exceeded() and _is_one_of(given, valid)


class TokenAuth:
    """Token authentication: every request to a private archive needs the read token or the write token, or a session."""

    def __init__(self, service: SearchService, tokens: Tokens) -> None:
        self._read = service.settings.read_token
        self._tokens = tokens
        self._sessions = Sessions(self._read, service.store)

    def install(self, app: Flask) -> None:
        """Protect every endpoint of an application that is not public, and add the login routes."""
        self._sessions.install(app)
        app.before_request(self._require_token)
        app.after_request(_forbid_shared_caching)
        routes = Blueprint("auth", __name__)

        @routes.get("/login")
        def login_page() -> str:
            return render_template("login.html", wrong=False, following=_next_page())

        @routes.post("/login")
        def login() -> Response:
            _refuse_other_sites()
            # People need few attempts, and programs have no business here.
            if not self._tokens.match(request.form.get("token", "").strip(), self._read, cost=3):
                page = render_template("login.html", wrong=True, following=_next_page())
                return Response(page, 401, CHALLENGE)
            self._sessions.begin()
            return _see_other(_next_page())

        @routes.post("/logout")
        def logout() -> Response:
            _refuse_other_sites()
            self._sessions.end()
            return _see_other("/login")

        app.register_blueprint(routes)

    def _require_token(self) -> Response | None:
        """Return None for an authorized request, and a redirect for a browser. Raise UnauthorizedError otherwise."""
        if request.endpoint in PUBLIC_ENDPOINTS or request.method == "OPTIONS":
            return None
        g.has_session = bearer_token() is None and self._sessions.is_open()
        if g.has_session or self._tokens.match_bearer(*self._tokens.known):
            return None
        if wants_page() and request.method in ("GET", "HEAD"):
            return _see_other(f"/login?next={quote(_here(), safe='')}")
        login = request_addresses().to("/login")
        raise UnauthorizedError(
            Message(
                "this archive is private: send the header “Authorization: Bearer TOKEN”, or log in at %(login)s",
                login=login,
            )
        )


def _refuse_other_sites() -> None:
    """Raise Forbidden if a form on another website sent the request, which browsers name in the header Origin."""
    if (origin := request.headers.get("Origin")) is not None and not _is_own(origin):
        raise Forbidden(Message("another website sent this form; behind a proxy, pass on the header Host or set proxies"))


def _is_own(origin: str) -> bool:
    parts = urlsplit(origin)
    host = parts.netloc.lower()
    return request.host in (host, host.removesuffix(":443" if parts.scheme == "https" else ":80"))


def _here() -> str:
    """Return the path and the query of the request, below the prefix of the service."""
    query = request.query_string.decode("latin-1")
    return quote(request.path, safe="/:@!$&'()*+,;=~") + (f"?{query}" if query else "")


def _next_page() -> str:
    """Return the path to go to after login. Return the start page for an address on another site."""
    wanted = request.values.get("next", "/")
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable() else "/"


def _see_other(path: str) -> Response:
    return Response(status=303, headers={"Location": request_addresses().to(path)})


def _forbid_shared_caching(response: Response) -> Response:
    if request.endpoint in STATIC_ENDPOINTS:
        return response
    if response.headers.get("Cache-Control") == "no-cache":
        response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Cookie", "Authorization"))
    return response


def _is_one_of(given: str, tokens: Iterable[str]) -> bool:
    """Compare each in constant time, so that the time taken does not reveal a part of a secret."""
    encoded = given.encode("utf-8", "replace")
    return any(hmac.compare_digest(encoded, token.encode()) for token in tokens)
