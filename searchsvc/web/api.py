"""Routes of the JSON API. Documented in docs/api.md."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus

from flask import Blueprint, Response, render_template

from searchsvc.api import serialize
from searchsvc.api.exports import MEDIA_TYPES
from searchsvc.api.listing_parameters import parse_listing
from searchsvc.api.parameter_reader import COMPARED
from searchsvc.api.parameters import (
    parse_article,
    parse_compared,
    parse_completion,
    parse_limit,
    parse_nothing,
    parse_question,
    parse_search,
    parse_versions,
)
from searchsvc.api.schema import Query, SearchLinks
from searchsvc.api.versions import diff_json, versions_json
from searchsvc.errors import NotFoundError, SearchsvcError
from searchsvc.model.article import Article
from searchsvc.query.request import SearchRequest
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.bodies import Pairs, address_pairs, json_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.catalogues import translated
from searchsvc.web.metrics import record_answer
from searchsvc.web.openapi import document
from searchsvc.web.operations import PROBLEMS, UNDESCRIBED, Operation, problem_type
from searchsvc.web.routing import api_route
from searchsvc.web.target import request_addresses


def blueprint(service: SearchService, operations: Sequence[Operation]) -> Blueprint:
    """Return the routes of the API, two of which describe its operations."""
    routes = Blueprint("api", __name__)

    @api_route(routes, "/search")
    def search() -> Response:
        return _search(service, address_pairs())

    @api_route(routes, "/search", "POST")
    def post_search() -> Response:
        return _search(service, json_pairs())

    @api_route(routes, "/articles/<anything:article_id>")
    def article(article_id: str) -> Response:
        searcher = request_searcher(service)
        question, highlight = parse_article(address_pairs(), searcher)
        found = searcher.article(article_id)
        highlighted = searcher.highlight(found, question) if question else None
        return _json(serialize.article_answer(found, searcher.stories.story_of(found.id), highlighted, highlight))

    @api_route(routes, "/similar/<anything:article_id>")
    def similar(article_id: str) -> Response:
        limit = parse_limit(address_pairs())
        searcher = request_searcher(service)
        return _json(serialize.similar(article_id, searcher.similar(searcher.article(article_id), limit)))

    _add_versions(routes, service)
    _add_lists(routes, service)
    _add_operations(routes, service, operations)
    return routes


def _search(service: SearchService, given: Pairs) -> Response:
    searcher = request_searcher(service)
    question, shape = parse_search(given, searcher)
    answer = serialize.search_answer(record_answer(searcher.search(question)), request_addresses(), shape)
    if question.language:
        _translate(answer.query)
    response = _json(serialize.chosen(answer, shape))
    response.headers["Link"] = _link_header(answer.links)
    return response


def _translate(query: Query) -> None:
    """Replace the messages of an answer by those in the language of the request."""
    query.notes = tuple(replace(note, message=translated(note.message)) for note in query.notes)
    query.readings = tuple(replace(each, why=translated(each.why)) for each in query.readings)


def _add_versions(routes: Blueprint, service: SearchService) -> None:
    @api_route(routes, "/versions/<anything:article_id>")
    def versions(article_id: str) -> Response:
        page, per_page = parse_versions(address_pairs())
        searcher = request_searcher(service)
        return _json(versions_json(searcher.story_reader.versions(searcher.article(article_id), page, per_page)))

    @api_route(routes, "/diff")
    def diff() -> Response:
        *ids, _ = parse_compared(address_pairs())
        searcher = request_searcher(service)
        one, other = (_article(searcher, article_id, name) for name, article_id in zip(COMPARED, ids, strict=True))
        return _json(diff_json(searcher.story_reader.compare(one, other)))


def _article(searcher: Searcher, article_id: str, name: str) -> Article:
    """Return an article. Raise NotFoundError, naming the parameter, if there is none with this id."""
    try:
        return searcher.article(article_id)
    except NotFoundError as error:
        raise NotFoundError(error.public, param=name) from error


def _add_lists(routes: Blueprint, service: SearchService) -> None:
    @api_route(routes, "/suggest")
    def suggest() -> Response:
        searcher = request_searcher(service)
        question, limit = parse_completion(address_pairs(), searcher)
        return _json(serialize.suggestions(question.text, searcher.suggest(question.text, limit, question)))

    @api_route(routes, "/facets/<anything:name>")
    def values(name: str) -> Response:
        listing, given = parse_listing(address_pairs())
        searcher = request_searcher(service)
        question = parse_question(given, searcher)
        page = searcher.facet_page(name, question, *listing)
        numbers = searcher.number_facet(name, question) if searcher.is_numeric(name) else None
        return _json(serialize.values(page, question, listing, request_addresses(), numbers))


def _add_operations(routes: Blueprint, service: SearchService, operations: Sequence[Operation]) -> None:
    @routes.get("/healthz")
    def health() -> Response:
        parse_nothing(address_pairs())
        return _json({"status": "ok"})

    @routes.get("/readyz")
    def ready() -> Response:
        parse_nothing(address_pairs())
        request_searcher(service).count(SearchRequest())
        return _json({"status": "ok"})

    @api_route(routes, "/openapi.json")
    def described() -> Response:
        parse_nothing(address_pairs())
        private = bool(service.settings.read_token)
        fields: Collection[str] = ()
        with suppress(SearchsvcError):  # without an index, it describes any archive
            fields = request_searcher(service).fields
        return _json(document(service.settings.title, operations, request_addresses().prefix, fields, private=private))

    @api_route(routes, "/docs")
    def documentation() -> str:
        addresses = request_addresses()
        search = addresses.absolute(addresses.to(serialize.SEARCH))
        return render_template("api.html", operations=operations, search=search, addresses=addresses, problems=PROBLEMS)


def _link_header(links: SearchLinks) -> str:
    """Return the Link header (RFC 8288) of an answer: the adjacent pages, and the same search in other formats."""
    types = [("html", "text/html"), ("atom", "application/atom+xml"), *MEDIA_TYPES.items()]
    around = [f'<{link}>; rel="{name}"' for name in ("self", "next", "prev") if (link := getattr(links, name))]
    others = [f'<{getattr(links, name)}>; rel="alternate"; type="{kind}"' for name, kind in types]
    return ", ".join([*around, *others])


def problem(error: SearchsvcError, status: int) -> Response:
    """Return an error as problem details (RFC 9457)."""
    addresses = request_addresses()
    kind = addresses.absolute(addresses.to(problem_type(status))) if addresses.origin else UNDESCRIBED
    described = serialize.problem(kind, HTTPStatus(status).phrase, status, error)
    answer = _json(described | {"detail": translated(error.public)})
    answer.status_code = status
    answer.content_type = "application/problem+json"
    return answer


def _json(data: object) -> Response:
    return Response(serialize.to_json(data), content_type="application/json")
