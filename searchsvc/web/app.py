"""The Flask application: its routes, hooks, error handlers and configuration."""

import logging
import os
from functools import partial
from typing import NamedTuple

from flask import Flask, Response, request
from flask_compress import Compress
from flask_cors import CORS
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import PathConverter

from searchsvc.alerts.questions import check_alerts
from searchsvc.api.exports import MEDIA_TYPES
from searchsvc.config import Settings, settings_of
from searchsvc.errors import (
    ConflictError,
    NoIndexError,
    NotFoundError,
    OverloadError,
    SearchsvcError,
    UnavailableError,
    UserError,
)
from searchsvc.messages import Message
from searchsvc.search.service import SearchService
from searchsvc.web import (
    alerts,
    api,
    catalogues,
    concordance,
    facets,
    feeds,
    languages,
    pages,
    quotations,
    rendering,
    site,
    trends,
    versions,
)
from searchsvc.web.auth import CHALLENGE, TokenAuth, Tokens, UnauthorizedError
from searchsvc.web.box import BoxTexts
from searchsvc.web.caching import Validation
from searchsvc.web.chart import rounded
from searchsvc.web.dates import format_day, format_number
from searchsvc.web.facts import archive_facts
from searchsvc.web.labels import Labels, named_value
from searchsvc.web.metrics import RequestMetrics
from searchsvc.web.negotiation import is_for_programs, is_on_api, is_on_docs, wants_page
from searchsvc.web.operations import OPERATIONS
from searchsvc.web.outages import Outages
from searchsvc.web.plurals import plural_samples
from searchsvc.web.request_reader import MAX_BODY_BYTES
from searchsvc.web.static_files import StaticFiles
from searchsvc.web.target import Target

_log = logging.getLogger(__name__)

_COMPRESSED_TYPES = [
    *("text/html", "text/css", "text/javascript", "image/svg+xml", "application/xml"),
    *("application/json", "application/problem+json", "application/atom+xml"),
    *MEDIA_TYPES.values(),
]
_ALGORITHMS = ["zstd", "br", "gzip"]
"""In order of preference. Zstandard makes a page of hits nearly as small as Brotli, in a third of the time."""
_FAILED = Message("the service failed to answer; its log has the reason")
_DESCRIPTIONS = {
    404: Message("there is no page at this address"),
    405: Message("this address does not answer to requests of this kind"),
    413: Message("the request is larger than this address accepts"),
}
_STATUSES = (
    *((UnauthorizedError, 401), (NotFoundError, 404), (ConflictError, 409), (OverloadError, 503), (UserError, 400)),
    *((NoIndexError, 503), (UnavailableError, 503)),
)
"""Statuses of errors. The first that fits an error counts, and 500 is the status of all others."""
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Site(NamedTuple):
    """The settings that templates may show. The others, such as tokens, are none of their business."""

    title: str
    intro: str
    accent: str


class Anything(PathConverter):
    """A part of a path that may be any text, such as an article's id. It may begin with slashes."""

    regex = r"[\s\S]+?"
    part_isolating = False


def create_app(settings: Settings | None = None) -> Flask:
    """Return the WSGI application. Settings default to those of the environment and the settings file."""
    app = Flask(__name__)
    rendering.install(app)
    app.url_map.merge_slashes = False  # ids of articles are often URLs, which contain double slashes
    app.url_map.converters["anything"] = Anything
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {"marked": pages.markup, "day": format_day, "number": format_number}
    app.jinja_env.filters["rounded"] = rounded
    app.jinja_env.globals["plural_samples"] = plural_samples
    settings = settings or settings_of(os.environ)
    check_alerts(settings)
    catalogues.install(app)
    service = SearchService(settings, prewarm=True)
    app.extensions["searchsvc"] = service
    _configure(app, settings)
    tokens = Tokens(settings) if settings.read_token or settings.write_token else None
    target = Target(settings)
    _add_routes(app, service, target, tokens)
    _add_hooks(app, service, target, tokens)
    outages = Outages()
    app.after_request(outages.observe)
    app.register_error_handler(SearchsvcError, partial(_answer_error, outages))
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_fault)
    return app


def _add_routes(app: Flask, service: SearchService, target: Target, tokens: Tokens | None) -> None:
    operations = OPERATIONS
    app.extensions["body_limit"] = lambda _environ: MAX_BODY_BYTES  # the server asks before it receives a large body
    if tokens and (write_token := service.settings.write_token):
        # Only a service that accepts uploads needs the readers of files.
        from searchsvc.web import uploads  # noqa: PLC0415

        app.extensions["body_limit"] = lambda environ: uploads.body_limit(
            app, tokens, write_token, target.as_forwarded(environ)
        )
        app.register_blueprint(uploads.blueprint(service, tokens))
        operations += uploads.OPERATIONS
    exports = feeds.Exports(service.settings.threads)
    shown = (pages.blueprint(service), facets.blueprint(service), trends.blueprint(service))
    shared = (*shown, quotations.blueprint(service), versions.blueprint(service), alerts.blueprint(service))
    streamed = tuple(each.blueprint(service, exports) for each in (feeds, site, concordance))
    for routes in (api.blueprint(service, operations), *shared, *streamed):
        app.register_blueprint(routes)


def _add_hooks(app: Flask, service: SearchService, target: Target, tokens: Tokens | None) -> None:
    """Add what happens before and after every request. Flask runs the hooks after it in reverse order."""
    settings = service.settings
    RequestMetrics(service).install(app)
    target.install(app)
    languages.install(app, settings)
    if settings.rate_limit:
        from searchsvc.web.limits import enable_rate_limit  # noqa: PLC0415  it loads two libraries

        enable_rate_limit(app, settings.rate_limit)
    if settings.origins:
        enable_cors(app, settings.origins)
    if tokens and settings.read_token:
        TokenAuth(service, tokens).install(app)
    validation = Validation(service)
    app.before_request(_check_accept)
    app.before_request(partial(pages.recognize_article, service))
    app.before_request(validation.before)
    app.after_request(validation.after)
    Compress(app)
    StaticFiles(settings.static).install(app)
    app.after_request(_add_headers)


def _configure(app: Flask, settings: Settings) -> None:
    """Apply the settings: templates, limits and compression."""
    app.jinja_env.globals |= {"site": Site(settings.title, settings.intro, settings.accent), "archive_facts": archive_facts}
    app.context_processor(pages.context)
    labels = Labels(dict(settings.labels))
    app.jinja_env.filters |= {"label": labels, "label_in_sentence": labels.in_sentence, "named": named_value}
    app.jinja_env.globals |= {"box_texts": BoxTexts(labels), "facet_texts": facets.facet_texts}
    app.jinja_env.filters |= {"filter_text": labels.filter_text, "filter_in_sentence": labels.filter_in_sentence}
    if settings.templates is not None:
        # The built-in templates keep an address, so that the operator's can change blocks of those that they replace.
        built_in = list(filter(None, [app.jinja_loader]))
        kept = PrefixLoader({"searchsvc": ChoiceLoader(built_in)})
        app.jinja_loader = ChoiceLoader([FileSystemLoader(settings.templates), *built_in, kept])
    app.config |= {"MAX_CONTENT_LENGTH": MAX_BODY_BYTES}
    app.config |= {"COMPRESS_ALGORITHM": _ALGORITHMS, "COMPRESS_ALGORITHM_STREAMING": _ALGORITHMS[:2]}
    app.config |= {"COMPRESS_MIMETYPES": _COMPRESSED_TYPES}


def enable_cors(app: Flask, origins: tuple[str, ...]) -> None:
    """Allow scripts of other sites to use the API. They send the token in a header, since cookies are not accepted."""
    CORS(
        app,
        resources="/api/.*",
        origins=list(origins),
        methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "Prefer"],
        expose_headers=["ETag", "Link", "Location", "Retry-After", "X-Request-ID"],
        max_age=3_600,
    )


def _check_accept() -> Response | None:
    """Return 406 if the Accept header of a request to the API excludes JSON."""
    accepted = request.accept_mimetypes
    if not is_on_api() or not accepted or is_on_docs():
        return None
    if accepted.accept_json or accepted.best_match(["application/problem+json"]):
        return None
    return _answer(
        UserError("the API answers with application/json, which the Accept header excludes", param="Accept"), 406
    )


def _answer_error(outages: Outages, error: SearchsvcError) -> Response:
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), 500)
    if status == 503 and not isinstance(error, OverloadError):
        outages.report(error)
    return _answer_fault(error) if status == 500 else _answer(error, status)


def _answer_http_error(error: HTTPException) -> Response:
    """Answer an error that Flask raised, such as an unknown address or a method that is not allowed."""
    if isinstance(error, SecurityError):
        if is_for_programs():
            return api.problem(UserError(error.description or error.name), 400)
        # A page would have links to the unknown host.
        return Response(f"400: {error.description}\n", 400, content_type="text/plain; charset=utf-8")
    if error.code is None or error.code < 400:
        return Response(error.get_response(request.environ).get_data(), error.code or 500, dict(error.get_headers()))
    answer = _answer(UserError(_description(error)), error.code)
    answer.headers.extend((name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After"))
    return answer


def _description(error: HTTPException) -> str:
    """Return what an error of Flask means. Errors that we raise say it themselves."""
    own = error.description if error.description != type(error).description else None
    return own or _DESCRIPTIONS.get(error.code or 500) or error.description or error.name


def _answer_fault(error: Exception) -> Response:
    """Log a fault of the service or its engine, and answer without its details."""
    _log.error("%s %s failed", request.method, request.path, exc_info=error)
    return _answer(UserError(_FAILED), 500)


def _answer(error: SearchsvcError, status: int) -> Response:
    as_page = wants_page() if status == 401 else not is_for_programs()
    answer = pages.message(error, status) if as_page else api.problem(error, status)
    if status == 503:
        answer.headers["Retry-After"] = "10"
    if status == 401:
        answer.headers.update(CHALLENGE)
    return answer


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
