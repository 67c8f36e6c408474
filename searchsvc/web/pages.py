"""The pages: everything in the address, complete without JavaScript."""

import datetime as dt
from collections.abc import Iterator

from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup

from searchsvc import answers
from searchsvc.address import Links, Question, chips, parameter
from searchsvc.errors import NoIndexError, SearchsvcError
from searchsvc.model import METADATA, Article, Snippet
from searchsvc.service import Answer, SearchService
from searchsvc.tree import has_relevance
from searchsvc.web.timeline import timeline, written

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
        answer = service.search(service.ask(request.args.items(multi=True), strict=False))
        return render_template("search.html", **_search_page(answer))

    @routes.get("/article/<path:article_id>")
    def article(article_id: str) -> str:
        found = service.article(article_id)
        question = service.ask(request.args.items(multi=True), strict=False)
        title, body = service.highlight(found, question)
        return render_template(
            "article.html",
            article=found,
            question=question,
            title=title,
            paragraphs=list(paragraphs(body)),
            metadata=list(_metadata(found)),
            back=Links("/search", question).here() if question.pairs() else None,
            source_url=found.url if found.url.startswith(("http://", "https://")) else None,
        )

    return routes


def message(error: SearchsvcError, status: int) -> Response:
    """A page that says what is wrong and what to do."""
    hints = ["searchsvc reindex"] if isinstance(error, NoIndexError) else []
    text = request.args.get("q", "")[:2_000]
    page = render_template("message.html", status=status, detail=str(error), commands=hints, question=Question(text))
    return current_app.response_class(page, status)


def markup(snippet: Snippet) -> Markup:
    """Escaped HTML with the matches marked."""
    return Markup(answers.marked(snippet))  # noqa: S704  escaped by `marked`, here and nowhere else


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
    links = Links("/search", question)
    facets = {facet.field: facet for facet in answer.results.facets}
    articles = {"q": question.text, "match": question.match if question.match != "all" else ""}
    return {
        "answer": answer,
        "question": question,
        "links": links,
        "parameter": parameter,
        "correction": Links("/search", answer.correction.question).here() if answer.correction else None,
        "without": [(each, Links("/search", each.without).here()) for each in answer.clauses if each.total_without],
        "hits": [(hit, _article_link(hit.article, articles)) for hit in answer.results.hits],
        "facets": [facet for facet in answer.results.facets if facet.unit is None and facet.values],
        "shown_values": SHOWN_VALUES,
        "timeline": timeline(facets["date"], question.request.dates, links) if "date" in facets else None,
        "chips": [(_chip(name, text), links.without(name, value)) for name, value, text in chips(question)],
        "order": _order(question),
        "start_over": Links("/search", Question(question.text, question.match)).here(),
        "pages": _pages(answer),
        "hidden": [pair for pair in question.on_page(1).pairs() if pair[0] != "q"],
    }


def _chip(name: str, text: str) -> str:
    return written(text) if name == "date" else text


def _order(question: Question) -> str:
    """The order of the hits as it is: without words, there is no best match."""
    request = question.request
    return "newest" if request.sort == "relevance" and not has_relevance(request.tree) else request.sort


def _article_link(article: Article, query: dict[str, str]) -> str:
    pairs = [(name, value) for name, value in query.items() if value]
    return Links(answers.article_path(article.id), Question(), pairs).here()


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
