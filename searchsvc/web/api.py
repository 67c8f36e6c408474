"""Routes of the JSON API. Documented in docs/api.md."""

from collections.abc import Sequence
from http import HTTPStatus

from flask import Blueprint, Response, render_template, request

from searchsvc.api import serialize
from searchsvc.api.links import mounted
from searchsvc.api.parameters import parse_completion, parse_limit, parse_listing, parse_question
from searchsvc.api.schema import SearchLinks
from searchsvc.errors import NotFoundError, SearchsvcError
from searchsvc.query.request import SearchRequest
from searchsvc.search.service import SearchService
from searchsvc.web.caching import request_searcher
from searchsvc.web.metrics import record_answer
from searchsvc.web.openapi import PROBLEMS, Operation, document, problem_type


def blueprint(service: SearchService, operations: Sequence[Operation]) -> Blueprint:
    """Return the routes of the API, two of which describe its operations."""
    routes = Blueprint("api", __name__)

    @routes.get("/api/search")
    def search() -> Response:
        searcher = request_searcher(service)
        question = parse_question(request.args.items(multi=True), searcher, choose_facets=True)
        answer = serialize.search_answer(record_answer(searcher.search(question)))
        response = _json(answer)
        response.headers["Link"] = _link_header(answer.links)
        return response

    @routes.get("/api/articles/<anything:article_id>")
    def article(article_id: str) -> Response:
        try:
            return _json(serialize.article(request_searcher(service).article(article_id)))
        except NotFoundError:
            # The address of similar articles was once ID/similar, which is the address of an article with such an id, too.
            if article_id.endswith("/similar") and article_id != "/similar":
                return similar(article_id.removesuffix("/similar"))
            raise

    @routes.get("/api/similar/<anything:article_id>")
    def similar(article_id: str) -> Response:
        limit = parse_limit(request.args.items(multi=True))
        searcher = request_searcher(service)
        return _json(serialize.similar(article_id, searcher.similar(searcher.article(article_id), limit)))

    _add_lists(routes, service)
    _add_operations(routes, service, operations)
    return routes


def _add_lists(routes: Blueprint, service: SearchService) -> None:
    @routes.get("/api/suggest")
    def suggest() -> Response:
        searcher = request_searcher(service)
        question, limit = parse_completion(request.args.items(multi=True), searcher)
        return _json(serialize.suggestions(question.text, searcher.suggest(question.text, limit, question)))

    @routes.get("/api/facets/<anything:name>")
    def values(name: str) -> Response:
        listing, given = parse_listing(request.args.items(multi=True))
        searcher = request_searcher(service)
        question = parse_question(given, searcher)
        page = searcher.facet_page(name.removeprefix("x."), question, listing.prefix, listing.order)
        return _json(serialize.values(page, question, listing))


def _add_operations(routes: Blueprint, service: SearchService, operations: Sequence[Operation]) -> None:
    @routes.get("/healthz")
    def health() -> Response:
        return _json({"status": "ok"})

    @routes.get("/readyz")
    def ready() -> Response:
        request_searcher(service).count(SearchRequest())
        return _json({"status": "ok"})

    @routes.get("/api/openapi.json")
    def described() -> Response:
        return _json(document(service.settings.title, operations, mounted("")))

    @routes.get("/api/docs")
    def documentation() -> str:
        root = request.url_root.rstrip("/")
        return render_template("api.html", operations=operations, root=root, problems=PROBLEMS)


def _link_header(links: SearchLinks) -> str:
    """Return the Link header (RFC 8288) of an answer: the adjacent pages, and the same search in other formats."""
    types = {"html": "text/html", "atom": "application/atom+xml", "csv": "text/csv", "jsonl": "application/x-ndjson"}
    types["ris"] = "application/x-research-info-systems"
    around = [f'<{link}>; rel="{name}"' for name in ("self", "next", "prev") if (link := getattr(links, name))]
    others = [f'<{getattr(links, name)}>; rel="alternate"; type="{kind}"' for name, kind in types.items()]
    return ", ".join([*around, *others])


def problem(error: SearchsvcError, status: int) -> Response:
    """Return an error as problem details (RFC 9457)."""
    answer = _json(serialize.problem(mounted(problem_type(status)), HTTPStatus(status).phrase, status, error))
    answer.status_code = status
    answer.content_type = "application/problem+json"
    return answer


def _json(data: object) -> Response:
    return Response(serialize.to_json(data), content_type="application/json")
