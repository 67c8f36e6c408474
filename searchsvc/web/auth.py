"""Who may come in: to a private archive with the read token, programs by a header, people by a cookie after logging in."""

import hmac
from urllib.parse import quote

from flask import Blueprint, Flask, Response, redirect, render_template, request

from searchsvc.config import Settings
from searchsvc.errors import UserError

COOKIE = "searchsvc"
COOKIE_SECONDS = 30 * 86_400
OPEN = ("static", "api.health", "api.ready", "guard.login", "guard.enter", "pages.colours")
"""What is answered to everybody."""


class UnauthorizedError(UserError):
    """Who asks has not said the token that the archive wants."""


class TokenAuth:
    """Lets in who knows the token."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.read_token
        self._tokens = tuple(filter(None, (settings.read_token, settings.write_token)))
        # What lies in the cookie is no use elsewhere, and changes with the token.
        self._pass = hmac.new(self._token.encode(), b"searchsvc read", "sha256").hexdigest()

    def guard(self, app: Flask) -> None:
        """Ask everybody for the token, but for what says nothing of the archive."""
        app.before_request(self._refuse)
        app.after_request(_keep_private)
        routes = Blueprint("guard", __name__)

        @routes.get("/login")
        def login() -> str:
            return render_template("login.html", wrong=False, following=_following())

        @routes.post("/login")
        def enter() -> Response:
            if not _same(request.form.get("token", ""), self._token):
                return Response(render_template("login.html", wrong=True, following=_following()), 401)
            answer = Response(status=303, headers={"Location": _following()})
            answer.set_cookie(COOKIE, self._pass, COOKIE_SECONDS, httponly=True, samesite="Lax", secure=request.is_secure)
            return answer

        @routes.post("/logout")
        def leave() -> Response:
            answer = Response(status=303, headers={"Location": "/login"})
            answer.delete_cookie(COOKIE)
            return answer

        app.register_blueprint(routes)

    def _refuse(self) -> Response | None:
        """Nothing for who may come in; for others a problem, or the way to the login page."""
        if request.endpoint in OPEN or request.method == "OPTIONS":
            return None
        if has_token(*self._tokens) or _same(request.cookies.get(COOKIE, ""), self._pass):
            return None
        if request.accept_mimetypes.accept_html and not request.path.startswith("/api/") and request.method == "GET":
            return redirect(f"/login?next={quote(request.full_path.rstrip('?'), safe='')}", 303)  # type: ignore[return-value]
        raise UnauthorizedError(
            "this archive is private: send the header “Authorization: Bearer TOKEN”, or log in at /login"
        )


def has_token(*tokens: str) -> bool:
    """Whether the request has one of these tokens in its header (RFC 6750)."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return kind.casefold() == "bearer" and any(_same(given.strip(), token) for token in tokens)


def _keep_private(response: Response) -> Response:
    """No cache that several people share may keep an answer."""
    if response.headers.get("Cache-Control") == "no-cache":
        response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Cookie", "Authorization"))
    return response


def _same(given: str, expected: str) -> bool:
    """Compared in a time that says nothing of where they differ."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def _following() -> str:
    """The page to go on to: one of ours, whatever the address says."""
    wanted = request.values.get("next", "/")
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable() else "/"
