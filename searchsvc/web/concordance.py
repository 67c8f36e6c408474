"""The concordance of a search as a page, as JSON and as CSV."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, get_args

from flask import Blueprint, Response, render_template

from searchsvc.api.concordance import (
    CSV,
    PAGE,
    Side,
    concordance_csv,
    concordance_json,
    concordance_links,
    line_link,
    neighbour_view,
    parse_concordance,
)
from searchsvc.api.exports import file_name
from searchsvc.api.links import Links, active_filters
from searchsvc.api.serialize import to_json
from searchsvc.errors import OverloadError, UserError
from searchsvc.search.concordance import LINES, MAX_EXPORTED, Concordance, Neighbour, Order, View
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.bodies import address_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.catalogues import translated
from searchsvc.web.feeds import Exports
from searchsvc.web.page_numbers import nearby_pages
from searchsvc.web.routing import api_route
from searchsvc.web.target import request_addresses

SIDES: dict[str, tuple[Order, ...]] = {
    "left": ("left", "left2", "left3"),
    "right": ("right", "right2", "right3"),
    "article": ("newest", "oldest", "source"),
}
"""The orders of lines, as the page groups them."""


def blueprint(service: SearchService, exports: Exports) -> Blueprint:
    """Return the routes of concordances."""
    routes = Blueprint("concordance", __name__)

    @api_route(routes, "/concordance")
    def lines() -> Response:
        searcher = request_searcher(service)
        question, view = parse_concordance(address_pairs(), searcher)
        found = searcher.concordances.read(question, view)
        answer = concordance_json(found, searcher.generation.name, searcher.info, request_addresses())
        if question.language:
            answer.notes = tuple(replace(note, message=translated(note.message)) for note in answer.notes)
        return Response(to_json(answer), content_type="application/json")

    @routes.get(PAGE)
    def page() -> Response:
        searcher = request_searcher(service)
        question, view = parse_concordance(address_pairs(), searcher, strict=False)
        found, problem = _read(searcher, question, view)
        html = render_template("concordance.html", problem=problem, **_page(question, view), **_results(found))
        return Response(html, 400 if problem else 200)

    @routes.get(CSV)
    def table() -> Response:
        searcher = request_searcher(service)
        question, view = parse_concordance(address_pairs(), searcher)
        addresses = request_addresses()
        article = Links(addresses, PAGE, question)
        found = searcher.concordances.all_lines(question, view)
        rows = concordance_csv(found, lambda line: addresses.absolute(line_link(line, article)))
        name = file_name(question, service.settings.title, "csv")
        return exports.answer((row.encode() for row in rows), "text/csv; charset=utf-8", f"concordance-{name}")

    return routes


def _read(searcher: Searcher, question: Question, view: View) -> tuple[Concordance | None, UserError | None]:
    """Return the concordance, or the error in the search. Return neither if nothing is searched for."""
    if not question.text:
        return None, None
    try:
        return searcher.concordances.read(question, view), None
    except OverloadError:
        raise
    except UserError as error:
        return None, error  # the page has to keep the search


def _page(question: Question, view: View) -> dict[str, object]:
    """Return what the page has without lines too: its form, and the search that it is for."""
    addresses = request_addresses()
    links, results = concordance_links(addresses, question, view), Links(addresses, "/search", question.on_page(1))
    return {
        "question": question,
        "view": view,
        "here": addresses.to(PAGE),
        "kept": [pair for pair in links.first_pairs if pair[0] not in ("q", "left", "right")],
        "chips": [(each, links.without(each.name, each.value)) for each in active_filters(question)],
        "chosen": [
            (side, word, _view_link(question, neighbour_view(view, side, word)))
            for side, word in zip(get_args(Side), view[1:], strict=True)
            if word
        ],
        "back": results.here(),
        "links": links,
    }


def _results(found: Concordance | None) -> dict[str, object]:
    if found is None:
        return {"found": None}
    question, addresses = found.question, request_addresses()
    links, article = concordance_links(addresses, question, found.view), Links(addresses, PAGE, question)
    sides: dict[Side, tuple[Neighbour, ...]] = {"left": found.left, "right": found.right}
    number = question.request.page
    return {
        "found": found,
        "first": (number - 1) * LINES + 1,
        "lines": [(line, line_link(line, article)) for line in found.lines],
        "sides": [
            (side, _words(found, side, words)) for side, words in sides.items() if words and not getattr(found.view, side)
        ],
        "orders": {
            side: [(order, _view_link(question, found.view._replace(order=order))) for order in orders]
            for side, orders in SIDES.items()
        },
        "pages": nearby_pages(number, found.pages),
        "csv": links.first_at(CSV),
        "most": MAX_EXPORTED,
    }


class NeighbourLink(NamedTuple):
    """A word beside the matches, and the address of its lines."""

    word: str
    lines: int
    link: str


def _words(found: Concordance, side: Side, words: Sequence[Neighbour]) -> list[NeighbourLink]:
    return [NeighbourLink(*each, _view_link(found.question, neighbour_view(found.view, side, each.word))) for each in words]


def _view_link(question: Question, view: View) -> str:
    """Return the address of the first page of a view."""
    return concordance_links(request_addresses(), question, view).page(1)
