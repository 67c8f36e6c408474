"""The page and the route of the API that check a quotation: was it printed, and where first?

The page sends the passage in the body of the request: it may not be public yet, and addresses end up in histories and logs.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import orjson
from flask import Blueprint, Response, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import UnsupportedMediaType

from searchsvc.api.links import Links, article_path, mounted, phrase_query, quotation_search
from searchsvc.api.parameters import parse_quotation
from searchsvc.api.serialize import difference_html, quotation_check, to_json
from searchsvc.errors import UserError
from searchsvc.model.quotations import Printing
from searchsvc.query.request import PER_PAGE
from searchsvc.search.question import Question
from searchsvc.search.quotations import MAX_CHARACTERS, Quotation, QuotationCheck
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.caching import request_searcher

MAX_LINK = 2_000  # characters of an address that all programs pass on whole
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_PATH = "/quote"
_Pairs = list[tuple[str, str]]


def blueprint(service: SearchService) -> Blueprint:
    """Return the routes that check quotations."""
    routes = Blueprint("quotations", __name__)

    @routes.route("/api/quote", methods=["GET", "POST"])
    def check() -> Response:
        searcher = request_searcher(service)
        found = searcher.check_quotation(parse_quotation(_given_pairs(), searcher))
        return Response(to_json(quotation_check(found)), content_type="application/json")

    @routes.route(_PATH, methods=["GET", "POST"])
    def page() -> Response:
        searcher, given = request_searcher(service), _given_pairs()
        found, problem = _check(searcher, given)
        results = _results(found) if found else {}
        html = render_template("quote.html", problem=problem, **_form(searcher, given), **results)
        return Response(html, 400 if problem else 200)

    return routes


def _check(searcher: Searcher, given: _Pairs) -> tuple[QuotationCheck | None, UserError | None]:
    """Return what the archive has of the quotation, or the error in the parameters. Return neither if there is no text."""
    if not any(value.strip() for name, value in given if name == "text"):
        return None, None
    try:
        return searcher.check_quotation(parse_quotation(given, searcher, strict=False)), None
    except UserError as error:
        return None, error  # the page has to keep the passage


def _form(searcher: Searcher, given: _Pairs) -> dict[str, object]:
    """Return what the form begins with: the parameters as they were given, whether or not they are valid."""
    values = dict(reversed(given))
    fields = [(name, value) for name, value in given if name == "date" or name.removeprefix("x.") in searcher.fields]
    return {
        "here": mounted(_PATH),
        "text": values.get("text", ""),
        "days": [(name, values.get(name, "")) for name in ("from", "to")],
        "filters": [(name, value) for name, value in fields if value and name not in ("text", "limit", "from", "to")],
        "max_characters": MAX_CHARACTERS,
    }


def _results(check: QuotationCheck) -> dict[str, object]:
    quotation = check.quotation
    return {
        "check": check,
        "printings": [_Result.of(each, quotation) for each in check.printings],
        "everything": quotation_search("/search", quotation),
        "any_words": Links("/search", Question(phrase_query(quotation.text).strip('"'), "any")).here(),
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
        article = Links(article_path(printing.article.id), Question(phrase_query(printing.passage)))
        same_words = quotation_search("/search", replace(quotation, text=printing.passage))
        return cls(printing, html, article.here(), same_words)


def _link(quotation: Quotation) -> str | None:
    """Return the address of the check, which has the passage in it. Return None if it is too long."""
    found = Links(_PATH, Question(request=replace(quotation.request, per_page=PER_PAGE)), [("text", quotation.text)]).here()
    return found if len(found) <= MAX_LINK else None


def _given_pairs() -> _Pairs:
    """Return the parameters in the address and in the body. Raise UserError for JSON that has none."""
    given = list(request.args.items(multi=True))
    if request.method != "POST":
        return given
    if request.is_json:
        return [*given, *_json_pairs(request.get_data())]
    if request.mimetype not in ("", *_FORMS):
        raise UnsupportedMediaType("the body must be application/json or application/x-www-form-urlencoded")
    return [*given, *request.form.items(multi=True)]


def _json_pairs(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield the parameters in a JSON object. The values of a list are alternatives, and null is no value."""
    try:
        members = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UserError(f"the body is not valid JSON: {error}") from None
    if not isinstance(members, dict):
        raise UserError("the body must be a JSON object of parameters")
    for name, value in members.items():
        for each in value if isinstance(value, list) else [] if value is None else [value]:
            yield name, _text(name, each)


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise UserError(f"{name} must be a string, a whole number, or a list of them", param=name[:200])
    return str(value)
