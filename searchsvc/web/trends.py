"""Routes for several searches over time: the page, JSON and CSV."""

from flask import Blueprint, Response

from searchsvc.api.bursts import burst_csv, explain
from searchsvc.api.serialize import to_json
from searchsvc.api.trend_parameters import parse_trends
from searchsvc.api.trends import CSV, ShownTrends, trends_csv, trends_file, trends_json
from searchsvc.search.service import SearchService
from searchsvc.web.attachments import attach
from searchsvc.web.bodies import address_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.routing import api_route
from searchsvc.web.target import request_addresses
from searchsvc.web.trend_page import add_page


def blueprint(service: SearchService) -> Blueprint:
    """Return the routes of trends."""
    routes = Blueprint("trends", __name__)

    @api_route(routes, "/trends")
    def trends() -> Response:
        searcher = request_searcher(service)
        questions, view, _ = parse_trends(address_pairs(), searcher)
        found = searcher.trends(questions, view.unit or "year", view.per or "archive")
        shown = ShownTrends(found, view, explain(searcher, found, view))
        answer = trends_json(shown, searcher.generation.name, searcher.info, request_addresses())
        return Response(to_json(answer), content_type="application/json")

    @routes.get(CSV)
    def table() -> Response:
        searcher = request_searcher(service)
        questions, view, _ = parse_trends(address_pairs(), searcher)
        found = searcher.trends(questions, view.unit or "year", view.per or "archive")
        peak = explain(searcher, found, view)
        lines = burst_csv(peak) if view.burst else trends_csv(found, view.smooth)
        answer = Response("".join(lines), content_type="text/csv; charset=utf-8")
        return attach(answer, trends_file(found, service.settings.title, peak.period if peak else ""))

    add_page(routes, service)
    return routes
