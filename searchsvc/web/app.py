"""Pages and API over HTTP."""

import logging
import os

from flask import Flask, Response, request
from flask_compress import Compress
from flask_cors import CORS
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import PathConverter

from searchsvc.config import Settings, settings_of
from searchsvc.errors import ConflictError, NoIndexError, NotFoundError, SearchsvcError, UnavailableError, UserError
from searchsvc.search.service import SearchService
from searchsvc.web import api, feeds, pages
from searchsvc.web.auth import TokenAuth, UnauthorizedError
from searchsvc.web.caching import Validation
from searchsvc.web.limits import limit
from searchsvc.web.metrics import RequestMetrics

_log = logging.getLogger(__name__)

_TEXTS = [
    *("text/html", "text/css", "text/javascript", "text/csv"),
    *("application/json", "application/problem+json", "application/atom+xml", "application/x-ndjson"),
]
"""What is worth compressing."""
_ALGORITHMS = ["zstd", "br", "gzip"]
"""How, the best first: Zstandard makes a page of hits nearly as small as Brotli in a third of its time."""
_FOR_PROGRAMS = (
    "/search.atom",
    "/search.csv",
    "/search.jsonl",
    "/opensearch.xml",
    "/opensearch/suggest",
    "/healthz",
    "/readyz",
)
"""What programs read beside the API: they are told of errors as it tells them."""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Anything(PathConverter):
    """An id in an address: whatever an archive has made it, slashes in front too."""

    regex = r"[\s\S]+?"
    part_isolating = False


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application; without settings, those of the environment and of its file."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False  # ids of articles are addresses, as a rule, and have double slashes
    app.url_map.converters["anything"] = Anything
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {"marked": pages.markup, "day": pages.written_day, "number": "{:,}".format}
    settings = settings or settings_of(os.environ)
    service = SearchService(settings, prewarm=True)
    app.extensions["searchsvc"] = service
    _configure(app, settings)
    app.register_blueprint(api.blueprint(service))
    app.register_blueprint(pages.blueprint(service))
    app.register_blueprint(feeds.blueprint(service))
    RequestMetrics(service).watch(app)
    if settings.rate_limit:
        limit(app, settings.rate_limit)
    if settings.origins:
        enable_cors(app, settings.origins)
    if settings.write_token:
        # The readers of files are needed only where the archive can be changed.
        from searchsvc.web import uploads  # noqa: PLC0415

        app.register_blueprint(uploads.blueprint(service, settings.write_token))
    if settings.read_token:
        TokenAuth(settings).guard(app)
    validation = Validation(service)
    app.before_request(_refuse_other_types)
    app.before_request(validation.before)
    app.after_request(validation.after)
    Compress(app)
    app.after_request(_hold_whole)
    app.register_error_handler(SearchsvcError, _answer_error)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_fault)
    app.after_request(_add_headers)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    """What the site is called and looks like, and whom in front of it to believe."""
    app.jinja_env.globals["site"] = settings
    if settings.templates is not None:
        own = FileSystemLoader(settings.templates)
        app.jinja_loader = ChoiceLoader([own, *filter(None, [app.jinja_loader])])
    if settings.proxies:
        fixed = ProxyFix(app.wsgi_app, *[settings.proxies] * 3)
        app.wsgi_app = fixed  # type: ignore[method-assign]  # as Flask's documentation does it
    app.config |= {"TRUSTED_HOSTS": list(settings.hosts) or None, "MAX_CONTENT_LENGTH": 64 * 1024}
    app.config |= {"COMPRESS_ALGORITHM": _ALGORITHMS, "COMPRESS_ALGORITHM_STREAMING": _ALGORITHMS[:2]}
    app.config |= {"COMPRESS_MIMETYPES": _TEXTS}


def enable_cors(app: Flask, origins: tuple[str, ...]) -> None:
    """Let the pages of these sites ask the API from browsers; no cookie is believed there, only the token in a header."""
    CORS(
        app,
        resources="/api/.*",
        origins=list(origins),
        methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Prefer"],
        expose_headers=["ETag", "Link", "Location", "Retry-After", "X-Request-ID"],
        max_age=3_600,
    )


def _refuse_other_types() -> Response | None:
    """406 where the API is asked for anything but JSON."""
    accepted = request.accept_mimetypes
    if not _is_on_api() or not accepted or request.path == "/api/docs":
        return None
    if accepted.accept_json or accepted.best_match(["application/problem+json"]):
        return None
    return _answer(
        UserError("the API answers with application/json, which the Accept header leaves out", param="Accept"), 406
    )


def _is_on_api() -> bool:
    return request.path == "/api" or request.path.startswith("/api/")


def _status_of(error: SearchsvcError) -> int:
    match error:
        case UnauthorizedError():
            return 401
        case NotFoundError():
            return 404
        case ConflictError():
            return 409
        case UserError():
            return 400
        case NoIndexError() | UnavailableError():
            return 503
        case _:
            return 500


def _answer_error(error: SearchsvcError) -> Response:
    status = _status_of(error)
    return _answer_fault(error) if status == 500 else _answer(error, status)


def _answer_http_error(error: HTTPException) -> Response:
    """What Flask itself refuses: an address that does not exist, a method that it does not take."""
    if isinstance(error, SecurityError):  # another host: no address can be made, and so no page
        return Response("400: the service is not asked for by this name\n", 400, content_type="text/plain; charset=utf-8")
    if error.code is None or error.code < 400:
        return Response(error.get_response(request.environ).get_data(), error.code or 500, dict(error.get_headers()))
    answer = _answer(UserError(error.description or error.name), error.code)
    if allow := dict(error.get_headers(request.environ)).get("Allow"):
        answer.headers["Allow"] = allow
    return answer


def _answer_fault(error: Exception) -> Response:
    """A fault of the engine or of ours: in full in the log, in one sentence to the asker."""
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _answer(UserError("the service failed to answer; the operator finds the reason in its log"), 500)


def _answer(error: SearchsvcError, status: int) -> Response:
    answer = api.problem(error, status) if _is_on_api() or request.path in _FOR_PROGRAMS else pages.message(error, status)
    if status == 503:
        answer.headers["Retry-After"] = "10"
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="searchsvc"'
    return answer


def _hold_whole(response: Response) -> Response:
    """A static file as data: of a stream that the library compresses, it leaves the file open."""
    if request.endpoint == "static" and response.status_code == 200:
        response.direct_passthrough = False
        response.make_sequence()
    elif request.endpoint == "static" and response.status_code == 304:
        response.close()  # nobody reads the file, and so nobody would close it
    return response


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
