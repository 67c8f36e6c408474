"""Authentication of private archives: a bearer token for programs, and a cookie for browsers after login."""

import hmac
from urllib.parse import quote

from flask import Blueprint, Flask, Response, redirect, render_template, request

from searchsvc.config import Settings
from searchsvc.errors import UserError

COOKIE = "searchsvc"
COOKIE_SECONDS = 30 * 86_400
PUBLIC_ENDPOINTS = ("static", "api.health", "api.ready", "auth.login_page", "auth.login", "pages.site_css")
"""Endpoints that need no token. They reveal nothing about the archive."""


class UnauthorizedError(UserError):
    """A request without a valid token."""


class TokenAuth:
    """Token authentication: every request to a private archive needs the read token or the write token."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.read_token
        self._tokens = tuple(filter(None, (settings.read_token, settings.write_token)))
        # The cookie does not reveal the token, and a new token makes old cookies invalid.
        self._cookie = hmac.new(self._token.encode(), b"searchsvc read", "sha256").hexdigest()

    def install(self, app: Flask) -> None:
        """Protect every endpoint of an application that is not public, and add the login routes."""
        app.before_request(self._require_token)
        app.after_request(_forbid_shared_caching)
        routes = Blueprint("auth", __name__)

        @routes.get("/login")
        def login_page() -> str:
            return render_template("login.html", wrong=False, following=_next_page())

        @routes.post("/login")
        def login() -> Response:
            if not _equal(request.form.get("token", ""), self._token):
                return Response(render_template("login.html", wrong=True, following=_next_page()), 401)
            answer = Response(status=303, headers={"Location": _next_page()})
            answer.set_cookie(COOKIE, self._cookie, COOKIE_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure)
            return answer

        @routes.post("/logout")
        def logout() -> Response:
            answer = Response(status=303, headers={"Location": "/login"})
            answer.delete_cookie(COOKIE)
            return answer

        app.register_blueprint(routes)

    def _require_token(self) -> Response | None:
        """Return None for an authorized request, and a redirect for a browser. Raise UnauthorizedError otherwise."""
        if request.endpoint in PUBLIC_ENDPOINTS or request.method == "OPTIONS":
            return None
        if has_token(*self._tokens) or _equal(request.cookies.get(COOKIE, ""), self._cookie):
            return None
        if request.accept_mimetypes.accept_html and not request.path.startswith("/api/") and request.method == "GET":
            return redirect(f"/login?next={quote(request.full_path.rstrip('?'), safe='')}", 303)  # type: ignore[return-value]
        raise UnauthorizedError(
            "this archive is private: send the header “Authorization: Bearer TOKEN”, or log in at /login"
        )


def has_token(*tokens: str) -> bool:
    """Return whether the request carries one of these bearer tokens (RFC 6750)."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return kind.casefold() == "bearer" and any(_equal(given.strip(), token) for token in tokens)


def _forbid_shared_caching(response: Response) -> Response:
    if response.headers.get("Cache-Control") == "no-cache":
        response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Cookie", "Authorization"))
    return response


def _equal(given: str, expected: str) -> bool:
    """Compare in constant time, so that the time taken does not reveal a part of the secret."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _next_page() -> str:
    """Return the path to go to after login. Return the start page for an address on another site."""
    wanted = request.values.get("next", "/")
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable() else "/"
