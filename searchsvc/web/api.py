"""The JSON API. Documented in docs/api.md."""

from http import HTTPStatus
from typing import Any

import orjson
from flask import Blueprint, Response, render_template, request

from searchsvc.api.parameters import read_limit, read_listing
from searchsvc.api.serialize import answer_data, article_data, problem_data, similar_data, suggestions_data, values_data
from searchsvc.errors import SearchsvcError
from searchsvc.search.service import SearchService
from searchsvc.web.metrics import record_answer
from searchsvc.web.openapi import EXAMPLES, OPERATIONS, PROBLEMS, WRITING, document


def blueprint(service: SearchService) -> Blueprint:
    """The API's addresses, answered by this service."""
    routes = Blueprint("api", __name__)

    @routes.get("/api/search")
    def search() -> Response:
        question = service.ask(request.args.items(multi=True), choose_facets=True)
        answer = _json(data := answer_data(record_answer(service.search(question))))
        answer.headers["Link"] = _links(data["links"])
        return answer

    @routes.get("/api/articles/<anything:article_id>")
    def article(article_id: str) -> Response:
        return _json(article_data(service.article(article_id)))

    @routes.get("/api/articles/<anything:article_id>/similar")
    def similar(article_id: str) -> Response:
        given = read_limit(request.args.items(multi=True))
        return _json(similar_data(article_id, service.similar(service.article(article_id), given.limit)))

    @routes.get("/api/suggest")
    def suggest() -> Response:
        given = read_limit(request.args.items(multi=True), text=True)
        return _json(suggestions_data(given.text, service.suggest(given.text, given.limit)))

    @routes.get("/api/facets/<anything:name>")
    def values(name: str) -> Response:
        listing, given = read_listing(request.args.items(multi=True))
        question = service.ask(given)
        return _json(values_data(service.values(name.removeprefix("x."), question, listing), question, listing))

    _add_what_it_is(routes, service)
    return routes


def _add_what_it_is(routes: Blueprint, service: SearchService) -> None:
    """How the service is, and what its API is."""

    @routes.get("/healthz")
    def health() -> Response:
        return _json({"status": "ok"})

    @routes.get("/readyz")
    def ready() -> Response:
        service.live().engine.count()
        return _json({"status": "ok"})

    @routes.get("/api/openapi.json")
    def described() -> Response:
        return _json(document(service.settings.title, writing=bool(service.settings.write_token)))

    @routes.get("/api/docs")
    def documentation() -> str:
        root = request.url_root.rstrip("/")
        examples = [(language, text.format(root=root)) for language, text in EXAMPLES]
        operations = (*OPERATIONS, *(WRITING if service.settings.write_token else ()))
        return render_template("api.html", operations=operations, examples=examples, problems=PROBLEMS)


def _links(links: dict[str, str | None]) -> str:
    """The Link header (RFC 8288) of an answer: the pages around it, and the same search elsewhere."""
    types = {"html": "text/html", "atom": "application/atom+xml", "csv": "text/csv", "jsonl": "application/x-ndjson"}
    around = [f'<{links[name]}>; rel="{name}"' for name in ("self", "next", "prev") if links[name]]
    return ", ".join([*around, *(f'<{links[name]}>; rel="alternate"; type="{kind}"' for name, kind in types.items())])


def problem(error: SearchsvcError, status: int) -> Response:
    """An error as RFC 9457 has it."""
    name = PROBLEMS[status][0] if status in PROBLEMS else "bad-request"
    answer = _json(problem_data(f"/api/docs#{name}", HTTPStatus(status).phrase, status, error))
    answer.status_code = status
    answer.content_type = "application/problem+json"
    return answer


def _json(data: dict[str, Any]) -> Response:
    # An archive may hold anything; what is not valid Unicode was replaced when it was read.
    return Response(orjson.dumps(data, option=orjson.OPT_UTC_Z), content_type="application/json")
