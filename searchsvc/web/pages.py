"""The pages: everything in the address, complete without JavaScript."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate
from typing import get_args

from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup

from searchsvc.api import serialize
from searchsvc.api.links import Links, active_filters, pairs
from searchsvc.api.parameters import LIST_LENGTH, ValueListing, parameter, read_listing
from searchsvc.errors import NoIndexError, SearchsvcError
from searchsvc.model.article import METADATA, Article
from searchsvc.model.periods import facet_scope
from searchsvc.model.results import Facet, Snippet
from searchsvc.query.ast import TEXT_FIELDS, And, Or, has_relevance, named_fields
from searchsvc.query.request import MAX_DEPTH
from searchsvc.search.facet_values import FacetPage, Order
from searchsvc.search.question import Question
from searchsvc.search.service import Answer, SearchService
from searchsvc.web.metrics import record_answer
from searchsvc.web.timeline import Timeline, spelled_period, timeline

SHOWN_VALUES = 8
"""Values of a facet that are shown at once; the others unfold."""
SHOWN_PAGES = 2
"""Pages before and after this one that the paging links to."""


def blueprint(service: SearchService) -> Blueprint:
    """The pages' addresses, answered by this service."""
    routes = Blueprint("pages", __name__)

    @routes.get("/")
    @routes.get("/search")
    def search() -> str:
        answer = record_answer(service.search(service.ask(request.args.items(multi=True), strict=False)))
        return render_template("search.html", **_search_page(answer))

    @routes.get("/article/<anything:article_id>")
    def article(article_id: str) -> str:
        found = service.article(article_id)
        given = [pair for pair in request.args.items(multi=True) if pair[0] != "hit"]
        question = service.ask(given, strict=False)
        return render_template("article.html", **_article_page(service, found, question, _hit_number()))

    @routes.get("/facets/<anything:name>")
    def facet(name: str) -> str:
        listing, given = read_listing(request.args.items(multi=True))
        question = service.ask(given, strict=False)
        facet_page = service.values(name.removeprefix("x."), question, listing)
        return render_template("facet.html", **_facet_page(facet_page, question, listing))

    @routes.get("/site.css")
    def colours() -> Response:
        return Response(render_template("site.css"), content_type="text/css; charset=utf-8")

    return routes


def message(error: SearchsvcError, status: int) -> Response:
    """A page that says what is wrong and what to do."""
    hints = ["searchsvc reindex"] if isinstance(error, NoIndexError) else []
    text = request.args.get("q", "")[:2_000]
    page = render_template("message.html", status=status, detail=str(error), commands=hints, question=Question(text))
    return current_app.response_class(page, status)


def markup(snippet: Snippet, first: int | None = None) -> Markup:
    """Escaped HTML with the matches marked; from number `first` on, each can be jumped to."""
    return Markup(serialize.highlight_html(snippet, first))  # noqa: S704  escaped by `highlight_html`, here and nowhere else


def written_day(day: dt.date | None) -> str:
    """A day as people write it: 23 December 2022."""
    return f"{day.day} {day:%B} {day.year}" if day else ""


def paragraphs(text: Snippet) -> Iterator[Snippet]:
    """The paragraphs of a text, each with its part of the marks."""
    position = 0
    for paragraph in text.text.split("\n\n"):
        end = position + len(paragraph)
        spans = ((max(a, position) - position, min(b, end) - position) for a, b in text.spans if a < end and b > position)
        if paragraph.strip():
            yield Snippet(paragraph, tuple(spans))
        position = end + 2


def _search_page(answer: Answer) -> dict[str, object]:
    question = answer.question
    request = question.request
    links = Links("/search", question)
    facets = {facet.field: facet for facet in answer.results.facets}
    first = (request.page - 1) * request.per_page + 1
    # Where nothing has all the words, what leads on from here asks for any of them.
    shown = replace(question, match="any") if answer.any_words else question
    return {
        "answer": answer,
        "question": question,
        "links": links,
        "parameter": parameter,
        "correction": Links("/search", answer.correction.question).here() if answer.correction else None,
        "without": [(each, Links("/search", each.without).here()) for each in answer.clauses if each.total_without],
        "hits": [(hit, _hit_link(hit.article, shown, first + at)) for at, hit in enumerate(answer.results.hits)],
        "facets": [facet for facet in answer.results.facets if facet.unit is None and facet.values],
        "shown_values": SHOWN_VALUES,
        "timeline": _timeline(answer, facets["date"], links) if "date" in facets else None,
        "chips": [(_chip(name, text), links.without(name, value)) for name, value, text in active_filters(question)],
        "order": _order(question),
        "words": _words(answer),
        "asked_extra": sorted({*request.filters, *named_fields(request.tree)} - {*METADATA, *TEXT_FIELDS}),
        "start_over": Links("/search", Question(question.text, question.match)).here(),
        "pages": _pages(answer),
        "hidden": [pair for pair in pairs(question.on_page(1)) if pair[0] != "q"],
        "span": [pair for pair in pairs(question.on_page(1)) if pair[0] not in ("from", "to", "date")],
        "files": {kind: Links(f"/search.{kind}", shown.on_page(1)).here() for kind in ("atom", "csv", "jsonl")},
        "more": {facet.field: _values_link(facet.field, question) for facet in answer.results.facets},
    }


def _words(answer: Answer) -> str:
    """How many of several words the hits have: all or any; "" where that is not the question."""
    question = answer.question
    if answer.any_words or (question.match == "any" and isinstance(question.request.tree, Or)):
        return "any"
    return "all" if question.match == "all" and isinstance(question.request.tree, And) else ""


def _timeline(answer: Answer, facet: Facet, links: Links) -> Timeline | None:
    request = answer.question.request
    return timeline(facet, request, links, answer.live.periods(facet_scope(request.dates)))


def _values_link(field: str, question: Question) -> str:
    return Links(serialize.values_path(field), question.on_page(1)).here()


def _facet_page(facet_page: FacetPage, question: Question, listing: ValueListing) -> dict[str, object]:
    path = serialize.values_path(facet_page.field)
    first = question.on_page(1)
    return {
        "listed": facet_page,
        "question": question,
        "listing": listing,
        "name": parameter(facet_page.field),
        "links": Links("/search", first),
        "here": path,
        "hidden": [pair for pair in pairs(first) if pair[0] != "q"],
        "kept": pairs(first),
        "orders": {order: Links(path, first, listing._replace(order=order).pairs()).here() for order in get_args(Order)},
        "page_link": lambda number: Links(path, question.on_page(number), listing.pairs()).here(),
    }


def _article_page(service: SearchService, article: Article, question: Question, number: int) -> dict[str, object]:
    title, body = service.highlight(article, question)
    shown = list(paragraphs(body))
    before, after = service.around(question, number) if number else (None, None)
    return {
        "article": article,
        "question": question,
        "title": title,
        "paragraphs": numbered(shown),
        "marks": sum(len(paragraph.spans) for paragraph in shown),
        "metadata": list(_metadata(article)),
        "before": _hit_link(before, question, number - 1) if before else None,
        "after": _hit_link(after, question, number + 1) if after else None,
        "back": _back_link(question, number) if number or pairs(question) else None,
        "permanent": serialize.article_path(article.id),
        "similar": [(hit, serialize.article_path(hit.article.id)) for hit in service.similar(article, LIST_LENGTH)],
        "source_url": serialize.web_address(article),
    }


def _back_link(question: Question, number: int) -> str:
    """The page of results that has the hit of this number; the first where the number is not known, 0."""
    page = 1 + max(number - 1, 0) // question.request.per_page
    return Links("/search", question.on_page(page)).here()


def numbered(shown: list[Snippet]) -> list[tuple[Snippet, int]]:
    """The paragraphs, each with the number of the first mark in it."""
    starts = accumulate((len(paragraph.spans) for paragraph in shown), initial=1)
    return list(zip(shown, starts, strict=False))


def _hit_number() -> int:
    """Which hit of its search the article is; 0 where the address does not say."""
    text = request.args.get("hit", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    return number if number <= MAX_DEPTH else 0


def _hit_link(article: Article, question: Question, number: int) -> str:
    """The article's page, which knows the search that it was found by."""
    return Links(serialize.article_path(article.id), question.on_page(1), [("hit", str(number))]).here()


def _chip(name: str, text: str) -> str:
    return spelled_period(text) if name == "date" else text


def _order(question: Question) -> str:
    """The order of the hits as it is: without words, there is no best match."""
    request = question.request
    return "newest" if request.sort == "relevance" and not has_relevance(request.tree) else request.sort


def _pages(answer: Answer) -> list[int]:
    """Numbers of pages to link to: the first, and those around this one."""
    page, last = answer.question.request.page, answer.last_page
    around = range(max(1, page - SHOWN_PAGES), min(last, page + SHOWN_PAGES) + 1)
    return sorted({1, *around}) if last > 1 else []


def _metadata(article: Article) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each metadata field with its values and the address of a search for each."""
    own = {name: getattr(article, name) for name in METADATA}
    for name, found in {**own, **article.extra}.items():
        values = (found,) if isinstance(found, str) else found
        shown = [(value, Links("/search", Question()).toggling(parameter(name), value, selected=False)) for value in values]
        if any(values):
            yield name, shown[:100]
