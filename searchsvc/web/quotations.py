"""The page and the route of the API that check a quotation: was it printed, and where first?

The page sends the passage in the body of the request: it may not be public yet, and addresses end up in histories and logs.
"""

from dataclasses import replace
from typing import NamedTuple

from flask import Blueprint, Response, render_template
from markupsafe import Markup

from searchsvc.api.addresses import article_path
from searchsvc.api.links import Links, phrase_query, quotation_search
from searchsvc.api.parameter_reader import FILTERS
from searchsvc.api.parameters import parse_quotation
from searchsvc.api.quotations import difference_html, quotation_check
from searchsvc.api.serialize import to_json
from searchsvc.errors import UserError
from searchsvc.model.quotations import Printing
from searchsvc.query.request import PER_PAGE
from searchsvc.search.question import Question
from searchsvc.search.quotations import MAX_CHARACTERS, Quotation, QuotationCheck
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.bodies import Pairs, given_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.routing import api_route
from searchsvc.web.target import request_addresses

MAX_LINK = 2_000  # characters of an address that all programs pass on whole
_PATH = "/quote"


def blueprint(service: SearchService) -> Blueprint:
    """Return the routes that check quotations."""
    routes = Blueprint("quotations", __name__)

    @api_route(routes, "/quote", "POST")
    @api_route(routes, "/quote")
    def check() -> Response:
        searcher = request_searcher(service)
        found = searcher.check_quotation(parse_quotation(given_pairs(), searcher))
        return Response(to_json(quotation_check(found, request_addresses())), content_type="application/json")

    @routes.route(_PATH, methods=["GET", "POST"])
    def page() -> Response:
        searcher, given = request_searcher(service), given_pairs()
        found, problem = _check(searcher, given)
        results = _results(found) if found else {}
        html = render_template("quote.html", problem=problem, **_form(given), **results)
        return Response(html, 400 if problem else 200)

    return routes


def _check(searcher: Searcher, given: Pairs) -> tuple[QuotationCheck | None, UserError | None]:
    """Return what the archive has of the quotation, or the error in the parameters. Return neither if there is no text."""
    if not any(value.strip() for name, value in given if name == "text"):
        return None, None
    try:
        return searcher.check_quotation(parse_quotation(given, searcher, strict=False)), None
    except UserError as error:
        return None, error  # the page has to keep the passage


def _form(given: Pairs) -> dict[str, object]:
    """Return what the form begins with: the parameters as they were given, whether or not they are valid."""
    values = dict(reversed(given))
    return {
        "here": request_addresses().to(_PATH),
        "text": values.get("text", ""),
        "days": [(name, values.get(name, "")) for name in ("from", "to")],
        "filters": [
            (name, value, value if name == "filter" else f"{name}: {value}")
            for name, value in given
            if value and name in ("date", *FILTERS)
        ],
        "max_characters": MAX_CHARACTERS,
    }


def _results(check: QuotationCheck) -> dict[str, object]:
    quotation, addresses = check.quotation, request_addresses()
    return {
        "check": check,
        "printings": [_Result.of(each, quotation) for each in check.printings],
        "everything": quotation_search(addresses, "/search", quotation),
        "any_words": Links(addresses, "/search", Question(phrase_query(quotation.text).strip('"'), "any")).here(),
        "link": _link(quotation),
    }


class _Result(NamedTuple):
    """A passage with its HTML, and the addresses of its article and of a search for all articles with its words."""

    printing: Printing
    html: Markup
    article: str
    same_words: str | None

    @classmethod
    def of(cls, printing: Printing, quotation: Quotation) -> "_Result":
        html = Markup(difference_html(printing, quotation.text))  # noqa: S704  `difference_html` escapes both texts
        addresses = request_addresses()
        article = Links(addresses, article_path(printing.article.id), Question(phrase_query(printing.passage)))
        same_words = quotation_search(addresses, "/search", replace(quotation, text=printing.passage))
        return cls(printing, html, article.here(), same_words)


def _link(quotation: Quotation) -> str | None:
    """Return the address of the check, which has the passage in it. Return None if it is too long."""
    question = Question(request=replace(quotation.request, per_page=PER_PAGE))
    found = Links(request_addresses(), _PATH, question, [("text", quotation.text)]).here()
    return found if len(found) <= MAX_LINK else None
