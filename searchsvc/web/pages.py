"""The HTML pages. Their whole state is in the address, and they work without JavaScript."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator
from dataclasses import replace
from itertools import accumulate, islice

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup

from searchsvc.api.addresses import article_path
from searchsvc.api.links import Links, active_filters, pairs, query_path, web_address
from searchsvc.api.parameters import LIST_LENGTH, parse_question
from searchsvc.api.serialize import highlight_html
from searchsvc.errors import NoIndexError, SearchsvcError
from searchsvc.model.article import METADATA, Article
from searchsvc.model.periods import facet_scope
from searchsvc.model.results import Snippet
from searchsvc.query.ast import TEXT_FIELDS, clauses_of, has_relevance, named_fields, words_required
from searchsvc.query.parser import parse
from searchsvc.query.request import MAX_DEPTH, PAGE_FACET_VALUES, Match
from searchsvc.search.answer import Answer
from searchsvc.search.question import Question
from searchsvc.search.readings import CORRECTION, VALUE
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.bodies import address_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.facets import facet_views
from searchsvc.web.metrics import record_answer
from searchsvc.web.target import request_addresses
from searchsvc.web.timeline import spelled_period, timeline

_MAX_SHOWN_FIELDS = 1_000  # metadata fields on an article's page; the API has them all
_MAX_SHOWN_VALUES = 100  # values of each of them


def blueprint(service: SearchService) -> Blueprint:
    """Return the routes of the pages."""
    routes = Blueprint("pages", __name__)

    @routes.get("/", endpoint="home")
    @routes.get("/search")
    def search() -> str:
        searcher = request_searcher(service)
        question = parse_question(address_pairs(), searcher, strict=False)
        request = replace(question.request, facets=searcher.listed_facets, facet_values=PAGE_FACET_VALUES)
        question = replace(question, request=request)
        return render_template("search.html", **_search_page(searcher, record_answer(searcher.search(question))))

    @routes.get("/article/<anything:article_id>")
    def article(article_id: str) -> str:
        searcher = request_searcher(service)
        found = searcher.article(article_id)
        given = [pair for pair in address_pairs() if pair[0] != "hit"]
        question = parse_question(given, searcher, strict=False)
        return render_template("article.html", **_article_page(searcher, found, question, _hit_number()))

    @routes.get("/site.css")
    def site_css() -> Response:
        return Response(render_template("site.css"), content_type="text/css; charset=utf-8")

    return routes


def message(error: SearchsvcError, status: int) -> Response:
    """Return a page that explains an error and what to do about it."""
    hints = ["searchsvc reindex"] if isinstance(error, NoIndexError) else []
    question = Question(request.args.get("q", "")[:2_000])
    page = render_template("message.html", status=status, detail=error.public, commands=hints, question=question)
    return Response(page, status)


def markup(snippet: Snippet, first: int | None = None) -> Markup:
    """Return escaped HTML with the matches marked. With `first`, they have ids for links, numbered from there."""
    return Markup(highlight_html(snippet, first))  # noqa: S704  `highlight_html` escapes the text


def format_day(day: dt.date | None) -> str:
    """Return a day as people write it, such as 23 December 2022, or "" for None."""
    return f"{day.day} {day:%B} {day.year}" if day else ""


def paragraphs(text: Snippet) -> Iterator[Snippet]:
    """Yield the paragraphs of a text, each with its own matches."""
    starts, ends = zip(*text.spans, strict=True) if text.spans else ((), ())
    position = 0
    for paragraph in text.text.split("\n\n"):
        end = position + len(paragraph)
        within = text.spans[bisect_right(ends, position) : bisect_left(starts, end)]
        spans = ((max(a, position) - position, min(b, end) - position) for a, b in within)
        if paragraph.strip():
            yield Snippet(paragraph, tuple(spans))
        position = end + 2


def _search_page(searcher: Searcher, answer: Answer) -> dict[str, object]:
    question = answer.question
    request, dates = question.request, answer.results.dates
    addresses = request_addresses()
    links = Links(addresses, "/search", question)
    first = (request.page - 1) * request.per_page + 1
    given = pairs(question.on_page(1))
    return {
        "answer": answer,
        "examples": [(example, addresses.to(query_path(example.query))) for example in searcher.examples],
        "question": question,
        "links": links,
        "correction": Links(addresses, "/search", answer.correction.question).here() if answer.correction else None,
        "values": [(each, Links(addresses, "/search", each.question).here()) for each in answer.values],
        "readings": [
            (each, markup(Snippet(each.question.text, each.spans)), Links(addresses, "/search", each.question).here())
            for each in answer.readings
            if each.why not in (CORRECTION, VALUE)  # which the page shows already
        ],
        "hits": [(hit, _hit_link(hit.article, links, at)) for at, hit in enumerate(answer.results.hits, first)],
        "partial": [(hit, links.first_at(article_path(hit.article.id))) for hit in answer.partial],
        "facets": list(facet_views(searcher, question, answer.results.facets, links)),
        "timeline": timeline(dates, request, links, searcher.periods(facet_scope(request.dates))) if dates else None,
        "chips": [
            (spelled_period(text) if name == "date" else text, links.without(name, value))
            for name, value, text in active_filters(question)
        ],
        "order": _order(question),
        "words": words_required(request.tree),
        "other_match": _other_match(question, searcher.fields),
        "asked_extra": sorted({*request.filtered_fields, *named_fields(request.tree)} - {*METADATA, *TEXT_FIELDS}),
        "start_over": Links(addresses, "/search", Question(question.text, question.match)).here(),
        "pages": _pages(answer),
        "hidden": [pair for pair in given if pair[0] != "q"],
        "span": [pair for pair in given if pair[0] not in ("from", "to", "date")],
        "files": {kind: links.first_at(f"/search.{kind}") for kind in ("atom", "csv", "jsonl", "ris")},
    }


def _other_match(question: Question, fields: Collection[str]) -> str:
    """Return the other value of `match`, if it makes a difference to the query. Return "" if it makes none."""
    other: Match = "any" if question.match == "all" else "all"
    changed = parse(question.text, fields, other).tree
    return other if clauses_of(changed) != clauses_of(question.request.tree) else ""


def _article_page(searcher: Searcher, article: Article, question: Question, number: int) -> dict[str, object]:
    title, body = searcher.highlight(article, question)
    shown = list(paragraphs(body))
    matches = [len(paragraph.spans) for paragraph in shown]
    before, after = searcher.neighbours(question, number) if number else (None, None)
    addresses = request_addresses()
    links = Links(addresses, "/search", question)
    page = 1 + max(number - 1, 0) // question.request.per_page
    return {
        "article": article,
        "question": question,
        "title": title,
        "paragraphs": list(zip(shown, accumulate(matches, initial=1), strict=False)),  # with the number of the first match
        "marks": sum(matches),
        "metadata": list(islice(_metadata(article, searcher.fields), _MAX_SHOWN_FIELDS)),
        "before": _hit_link(before, links, number - 1) if before else None,
        "after": _hit_link(after, links, number + 1) if after else None,
        "back": Links(addresses, "/search", question.on_page(page)).here() if number or pairs(question) else None,
        "permanent": addresses.to(article_path(article.id)),
        "similar": [(hit, addresses.to(article_path(hit.article.id))) for hit in searcher.similar(article, LIST_LENGTH)],
        "source_url": web_address(article),
    }


def _hit_number() -> int:
    """Return the number of the article among the hits of its search, or 0 if it is missing or invalid."""
    text = request.args.get("hit", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    return number if number <= MAX_DEPTH else 0


def _hit_link(article: Article, links: Links, number: int) -> str:
    return links.first_at(article_path(article.id), [("hit", str(number))])


def _order(question: Question) -> str:
    """Return the actual order of the hits. Without words there is no relevance, so the newest come first."""
    request = question.request
    return "newest" if request.sort == "relevance" and not has_relevance(request.tree) else request.sort


def _pages(answer: Answer) -> list[int]:
    """Return the numbers of the pages to link to: the first, and two on each side of the current one."""
    page, last = answer.question.request.page, answer.last_page
    around = range(max(1, page - 2), min(last, page + 2) + 1)
    return sorted({1, *around}) if last > 1 else []


def _metadata(article: Article, indexed: Collection[str]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yield each metadata field with its values and the address of a search for each, "" if the field is not indexed."""
    links = Links(request_addresses(), "/search", Question())
    own = {name: getattr(article, name) for name in METADATA}
    for name, found in {**own, **article.extra}.items():
        values = ((found,) if isinstance(found, str) else found)[:_MAX_SHOWN_VALUES]
        if any(values):
            is_indexed = name in indexed
            yield (
                name,
                [(value, links.selecting(name, value, selected=False) if is_indexed else "") for value in values],
            )
