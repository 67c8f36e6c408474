"""Routes for several searches over time, as JSON and as CSV."""

from flask import Blueprint, Response

from searchsvc.api.parameters import parse_trends
from searchsvc.api.serialize import to_json
from searchsvc.api.trends import CSV, trends_csv, trends_file, trends_json
from searchsvc.search.service import SearchService
from searchsvc.web.attachments import attach
from searchsvc.web.bodies import address_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.routing import api_route
from searchsvc.web.target import request_addresses


def blueprint(service: SearchService) -> Blueprint:
    """Return the routes of trends."""
    routes = Blueprint("trends", __name__)

    @api_route(routes, "/trends")
    def trends() -> Response:
        searcher = request_searcher(service)
        found = searcher.trends(*parse_trends(address_pairs(), searcher))
        answer = trends_json(found, searcher.generation.name, searcher.info, request_addresses())
        return Response(to_json(answer), content_type="application/json")

    @routes.get(CSV)
    def table() -> Response:
        searcher = request_searcher(service)
        found = searcher.trends(*parse_trends(address_pairs(), searcher))
        answer = Response("".join(trends_csv(found)), content_type="text/csv; charset=utf-8")
        return attach(answer, trends_file(found, service.settings.title))

    return routes
