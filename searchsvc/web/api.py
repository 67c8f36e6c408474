"""The JSON API. Documented in docs/api.md."""

from http import HTTPStatus
from typing import Any

import orjson
from flask import Blueprint, Response, request

from searchsvc.address import read_limit, read_listing
from searchsvc.answers import answer_data, article_data, problem_data, similar_data, suggestions_data, values_data
from searchsvc.errors import SearchsvcError
from searchsvc.service import SearchService


def blueprint(service: SearchService) -> Blueprint:
    """The API's addresses, answered by this service."""
    routes = Blueprint("api", __name__)

    @routes.get("/api/search")
    def search() -> Response:
        question = service.ask(request.args.items(multi=True), choose_facets=True)
        return _json(answer_data(service.search(question)))

    @routes.get("/api/articles/<path:article_id>")
    def article(article_id: str) -> Response:
        return _json(article_data(service.article(article_id)))

    @routes.get("/api/articles/<path:article_id>/similar")
    def similar(article_id: str) -> Response:
        given = read_limit(request.args.items(multi=True))
        return _json(similar_data(article_id, service.similar(article_id, given.limit)))

    @routes.get("/api/suggest")
    def suggest() -> Response:
        given = read_limit(request.args.items(multi=True), text=True)
        return _json(suggestions_data(given.text, service.suggest(given.text, given.limit)))

    @routes.get("/api/facets/<path:name>")
    def values(name: str) -> Response:
        listing, given = read_listing(request.args.items(multi=True))
        question = service.ask(given)
        return _json(values_data(service.values(name.removeprefix("x."), question, listing), question, listing))

    @routes.get("/healthz")
    def health() -> Response:
        return _json({"status": "ok"})

    return routes


def problem(error: SearchsvcError, status: int) -> Response:
    """An error as RFC 9457 has it."""
    answer = _json(problem_data(HTTPStatus(status).phrase, status, error))
    answer.status_code = status
    answer.content_type = "application/problem+json"
    return answer


def _json(data: dict[str, Any]) -> Response:
    # An archive may hold anything; what is not valid Unicode was replaced when it was read.
    return Response(orjson.dumps(data, option=orjson.OPT_UTC_Z), content_type="application/json")
