"""Pages and API over HTTP."""

import logging
import os
from pathlib import Path

from flask import Flask, Response, request
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.exceptions import HTTPException

from searchsvc.config import Settings, load_settings
from searchsvc.errors import NoIndexError, NotFoundError, SearchsvcError, UserError
from searchsvc.service import SearchService
from searchsvc.web import api, feeds, pages

_log = logging.getLogger(__name__)

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application; without settings, those of the environment and of searchsvc.toml in the working directory."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False  # ids of articles are addresses, as a rule, and have double slashes
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters |= {"marked": pages.markup, "day": pages.written_day, "number": "{:,}".format}
    settings = settings or load_settings(os.environ, Path("searchsvc.toml"))
    service = SearchService(settings)
    app.jinja_env.globals["site"] = settings
    if settings.templates is not None:
        own = FileSystemLoader(settings.templates)
        app.jinja_loader = ChoiceLoader([own, *filter(None, [app.jinja_loader])])
    app.register_blueprint(api.blueprint(service))
    app.register_blueprint(pages.blueprint(service))
    app.register_blueprint(feeds.blueprint(service))
    app.register_error_handler(SearchsvcError, _answer_error)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _answer_fault)
    app.after_request(_add_headers)
    return app


def _status_of(error: SearchsvcError) -> int:
    match error:
        case NotFoundError():
            return 404
        case UserError():
            return 400
        case NoIndexError():
            return 503
        case _:
            return 500


def _answer_error(error: SearchsvcError) -> Response:
    status = _status_of(error)
    return _answer_fault(error) if status == 500 else _answer(error, status)


def _answer_http_error(error: HTTPException) -> Response:
    """What Flask itself refuses: an address that does not exist, a method that it does not take."""
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
    on_api = request.path == "/api" or request.path.startswith("/api/")
    answer = api.problem(error, status) if on_api else pages.message(error, status)
    if status == 503:
        answer.headers["Retry-After"] = "10"
    return answer


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
