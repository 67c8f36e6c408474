"""The HTML pages. Their whole state is in the address, and they work without JavaScript."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import accumulate
from typing import get_args
from urllib.parse import quote

from flask import Blueprint, Response, g, render_template, request
from markupsafe import Markup

from searchsvc.api.addresses import Addresses, article_path
from searchsvc.api.citations import FORMATS, CitationFormat
from searchsvc.api.concordance import concordance_links
from searchsvc.api.links import Links, active_filters, pairs, web_address
from searchsvc.api.parameters import LIST_LENGTH, ChartView, parse_chart, parse_nothing, parse_question
from searchsvc.api.serialize import highlight_html
from searchsvc.engines.scoring import MAX_RANK
from searchsvc.errors import NoIndexError, SearchsvcError
from searchsvc.model.article import METADATA, Article
from searchsvc.model.results import Hit, Neighbours, Snippet
from searchsvc.query.ast import TEXT_FIELDS, Term, clauses_of, has_relevance, looks_for_text, named_fields, words_required
from searchsvc.query.parser import parse
from searchsvc.query.request import MAX_DEPTH, MAX_PER_PAGE, PAGE_FACET_VALUES, PAGE_SNIPPETS, Match, SearchRequest
from searchsvc.search.answer import Answer
from searchsvc.search.examples import Example, Task
from searchsvc.search.question import Question
from searchsvc.search.readings import CORRECTION
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.bodies import address_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.citing import citation_file, citation_parts
from searchsvc.web.facets import facet_views
from searchsvc.web.labels import field_order
from searchsvc.web.ladder import ladder
from searchsvc.web.metrics import record_answer
from searchsvc.web.negotiation import note_article
from searchsvc.web.page_numbers import nearby_pages
from searchsvc.web.periods import chart_unit
from searchsvc.web.rendering import RenderedPages
from searchsvc.web.target import request_addresses
from searchsvc.web.timeline import compared_notes, compared_searches, search_chart
from searchsvc.web.versions import example_story, listed_versions, versions_of_hits

_MAX_SHOWN_FIELDS = 1_000  # metadata fields on an article's page; the API has them all
_MAX_SHOWN_VALUES = 100  # values of each of them


def _citation_endpoint(form: CitationFormat) -> str:
    return f"citation_{form.partition('.')[0]}"


_CITATIONS = frozenset(f"pages.{_citation_endpoint(form)}" for form in FORMATS)


def blueprint(service: SearchService) -> Blueprint:
    """Return the routes of the pages."""
    routes = Blueprint("pages", __name__)
    order = field_order(service.settings.field_order)
    home_pages = RenderedPages()

    def render(searcher: Searcher, answer: Answer, view: ChartView) -> str:
        facets = list(facet_views(searcher, answer, view.pairs()))
        if not service.settings.facets:  # else they are in the order of that setting
            facets.sort(key=lambda facet: order(facet.field))
        page = _search_page(searcher, answer, order, view)
        return render_template("search.html", facets=facets, **page)

    @routes.get("/")
    def home() -> str:
        searcher = request_searcher(service)
        found = _search(searcher)  # for the log and the metrics: a page that is known needs no answer
        return render(searcher, *found) if request.args else home_pages.get(lambda: render(searcher, *found))

    @routes.get("/search")
    def search() -> str | Response:
        searcher = request_searcher(service)
        if request.args.get("view") == "kwic":
            return _to_concordance(searcher)
        return render(searcher, *_search(searcher))

    @routes.get("/article/<anything:article_id>")
    def article(article_id: str) -> str:
        return _render_article(request_searcher(service), article_id, order)

    @routes.get("/help", endpoint="help")
    def help_page() -> str:
        searcher = request_searcher(service)
        feed, story = _example_feed(searcher.examples), example_story(searcher)
        return render_template("help.html", examples=_examples(searcher.examples), feed=feed, story=story)

    @routes.get("/site.css")
    def site_css() -> Response:
        return Response(render_template("site.css"), content_type="text/css; charset=utf-8")

    _add_citations(routes, service, order)
    return routes


def _add_citations(routes: Blueprint, service: SearchService, order: Callable[[str], int]) -> None:
    """Add the routes of the citations of articles, in each format."""

    def citation(article_id: str, form: CitationFormat) -> str | Response:
        searcher = request_searcher(service)
        if "article_id" in g:
            return _render_article(searcher, g.article_id, order)
        parse_nothing(address_pairs())
        found, addresses = searcher.article(article_id), request_addresses()
        return citation_file(found, form, addresses.absolute(addresses.to(article_path(found.id))))

    for form in FORMATS:
        rule = f"/article/<anything:article_id>.{form}"
        routes.add_url_rule(rule, _citation_endpoint(form), citation, defaults={"form": form})


def recognize_article(service: SearchService) -> None:
    """Note if an address that ends like that of a citation is the one of an article whose own id ends so.

    It is a page then, in the language of its reader. Only those who may read the archive learn whether there is one.
    """
    if request.endpoint not in _CITATIONS:
        return
    given = request.view_args or {}
    whole_id = f"{given['article_id']}.{given['form']}"
    with suppress(SearchsvcError):  # of an archive without an index: the view answers with the error
        if request_searcher(service).has_article(whole_id):
            note_article(whole_id)


def context() -> dict[str, object]:
    """Return what every template can use, unless its page has a value of its own. Documented in docs/configuration.md."""
    addresses = request_addresses()
    own = addresses.to(quote(request.path, safe="/:@!$&'()*+,;=~"))
    return {"addresses": addresses, "question": Question(), "answer": None, "article": None, "canonical": own}


def message(error: SearchsvcError, status: int) -> Response:
    """Return a page that explains an error and what to do about it."""
    hints = ["searchsvc reindex"] if isinstance(error, NoIndexError) else []
    question = Question(request.args.get("q", "")[:2_000])
    shown = {"status": status, "detail": error.public, "commands": hints, "question": question}
    return Response(render_template("message.html", **shown, canonical=None), status)


def markup(snippet: Snippet, first: int | None = None) -> Markup:
    """Return escaped HTML with the matches marked. With `first`, they have ids for links, numbered from there."""
    return Markup(highlight_html(snippet, first))  # noqa: S704  `highlight_html` escapes the text


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


def _search(searcher: Searcher) -> tuple[Answer, ChartView]:
    """Answer the search of the address, and return what its chart shows."""
    view, given = parse_chart(address_pairs())
    question = parse_question(given, searcher, strict=False)
    unit = chart_unit(searcher.periods(""), question.request)
    shown = replace(
        question.request,
        facets=searcher.listed_facets,
        facet_values=PAGE_FACET_VALUES,
        snippets=PAGE_SNIPPETS,
        date_unit=unit,
    )
    return record_answer(searcher.search(replace(question, request=shown))), view


def _search_page(searcher: Searcher, answer: Answer, order: Callable[[str], int], view: ChartView) -> dict[str, object]:
    question, request = answer.question, answer.question.request
    addresses = request_addresses()
    links = Links(addresses, "/search", question, view.pairs())
    plain = Links(addresses, "/search", question) if view.pairs() else links
    first = (request.page - 1) * request.per_page + 1
    given, compared = links.first_pairs, compared_searches(searcher, question, view)

    def to(other: Question) -> str:
        return Links(addresses, "/search", other, view.pairs()).here()

    return {
        "answer": answer,
        "notes": (*answer.notes, *view.notes, *compared_notes(compared)),
        "canonical": plain.here() if pairs(question) else addresses.to("/"),
        "question": question,
        "links": links,
        "address": addresses.absolute(links.here()),
        "today": dt.date.today(),
        "correction": _correction(answer, view),
        "values": [(each, to(each.question)) for each in answer.values],
        "ladder": list(ladder(answer, to)),
        "hits": [
            (hit, _hit_link(hit.article, links, at, _is_marked(hit))) for at, hit in enumerate(answer.results.hits, first)
        ],
        "others": versions_of_hits(searcher, answer, links),
        "versions": _version_choice(searcher, answer, links),
        "partial": [
            (hit, links.first_at(article_path(hit.article.id)) + ("#match-1" if _is_marked(hit) else ""))
            for hit in answer.partial
        ],
        "timeline": search_chart(searcher, answer, compared, view, addresses),
        "chips": [(each, links.without(each.name, each.value)) for each in active_filters(question)],
        "order": _order(question),
        "words": _words(question),
        "other_match": _other_match(question, searcher.fields),
        "asked_extra": sorted(_asked_extra(request), key=order),
        "start_over": to(Question(question.text, question.match)),
        "pages": nearby_pages(answer.question.request.page, answer.last_page),
        "hidden": [pair for pair in given if pair[0] != "q"],
        "span": [pair for pair in given if pair[0] not in ("from", "to", "date")],
        "files": _files(plain),
        "concordance": concordance_links(addresses, question.on_page(1)).here() if looks_for_text(request.tree) else None,
        "exported": min(answer.results.total, MAX_RANK) if _order(question) == "relevance" else answer.results.total,
    }


def _to_concordance(searcher: Searcher) -> Response:
    """Redirect to the concordance of the search of the address."""
    given = [pair for pair in parse_chart(address_pairs())[1] if pair[0] != "view"]
    question = parse_question(given, searcher, strict=False)
    link = concordance_links(request_addresses(), question.on_page(1)).here()
    return Response(status=303, headers={"Location": link})


def _version_choice(searcher: Searcher, answer: Answer, links: Links) -> tuple[str, str]:
    """Return the other choice of versions, and its address. Return two "" if it would change nothing."""
    if answer.question.request.versions == "all":
        return ("one", links.replacing("versions")) if len(searcher.stories) else ("", "")
    return ("all", links.replacing("versions", "all")) if answer.results.listed < answer.results.total else ("", "")


def _files(links: Links) -> dict[str, str]:
    """Return the addresses of a search as a feed and as files, by format. CSV is for spreadsheets here."""
    found = {kind: links.first_at(f"/search.{kind}") for kind in ("atom", "jsonl", "ris")}
    return found | {"csv": links.first_at("/search.csv", [("bom", "true")])}


def _correction(answer: Answer, view: ChartView) -> str | None:
    """Return the address of the corrected search. Return None if there is none, or the ladder has it."""
    if answer.correction is None or (not answer.results.total and any(each.why == CORRECTION for each in answer.readings)):
        return None
    return Links(request_addresses(), "/search", answer.correction.question, view.pairs()).here()


def _words(question: Question) -> str:
    """Return whether the hits have all or any of several words. All of them are named only if nothing else is asked."""
    required, tree = words_required(question.request.tree), question.request.tree
    is_plain = all(isinstance(node, Term) for node in clauses_of(tree)) and not any(active_filters(question))
    return required if required != "all" or is_plain else ""


def _asked_extra(request: SearchRequest) -> list[str]:
    """Return the own fields that a search names. Hits show their values."""
    return sorted({*request.filtered_fields, *named_fields(request.tree)} - {*METADATA, *TEXT_FIELDS})


def _examples(found: Iterable[Example]) -> dict[str, list[tuple[Example, str]]]:
    """Return examples with their addresses, by what people want to do."""
    addresses = request_addresses()
    by_task: dict[str, list[tuple[Example, str]]] = {task: [] for task in get_args(Task)}
    for example in found:
        compared = [("vs", example.other)] if example.other else []
        by_task[example.task].append((example, Links(addresses, "/search", Question(example.query), compared).here()))
    return by_task


def _example_feed(found: Iterable[Example]) -> tuple[str, str] | None:
    """Return a query with the address of its feed. Return None without examples."""
    queries = (example.query for example in found if example.task == "words")
    return next(((text, Links(request_addresses(), "/search.atom", Question(text)).here()) for text in queries), None)


def _other_match(question: Question, fields: Collection[str]) -> str:
    """Return the other value of `match`, if it makes a difference to the query. Return "" if it makes none."""
    other: Match = "any" if question.match == "all" else "all"
    changed = parse(question.text, fields, other).tree
    return other if clauses_of(changed) != clauses_of(question.request.tree) else ""


def _render_article(searcher: Searcher, article_id: str, order: Callable[[str], int]) -> str:
    found = searcher.article(article_id)
    view, asked = parse_chart(address_pairs())
    given = [pair for pair in asked if pair[0] != "hit"]
    question = parse_question(given, searcher, strict=False)
    page = _article_page(searcher, found, question, _hit_number(), view)
    metadata = sorted(_metadata(found, searcher.fields), key=lambda field: order(field[0]))[:_MAX_SHOWN_FIELDS]
    return render_template("article.html", metadata=metadata, **page)


def _article_page(
    searcher: Searcher, article: Article, question: Question, number: int, view: ChartView
) -> dict[str, object]:
    title, body = searcher.highlight(article, question)
    shown = list(paragraphs(body))
    matches = [len(paragraph.spans) for paragraph in shown]
    around = searcher.neighbours(question, number) if number else Neighbours(None, None, 0)
    addresses = request_addresses()
    links, permanent = Links(addresses, "/search", question, view.pairs()), addresses.to(article_path(article.id))
    return {
        "article": article,
        "question": question,
        "title": title,
        "paragraphs": list(zip(shown, accumulate(matches, initial=1), strict=False)),  # with the number of the first match
        "marks": sum(matches),
        "number": number if number <= around.total else 0,
        "total": around.total,
        "before": _hit_link(around.before, links, number - 1, bool(question.text)) if around.before else None,
        "after": _hit_link(around.after, links, number + 1, bool(question.text)) if around.after else None,
        "back": _back(addresses, question, number, view),
        "permanent": permanent,
        "canonical": permanent,
        "versions": listed_versions(searcher, article, links),
        "similar": [(hit, links.first_at(article_path(hit.article.id))) for hit in _similar(searcher, article)],
        "source_url": web_address(article),
        **citation_parts(article, permanent, addresses.absolute(permanent)),
    }


def _similar(searcher: Searcher, article: Article) -> list[Hit]:
    """Return the articles that are most like an article, without its versions, which are listed by themselves."""
    story, versions = searcher.stories.story_of(article.id)
    found = searcher.similar(article, min(LIST_LENGTH + versions - 1, MAX_PER_PAGE))
    return [hit for hit in found if hit.story != story][:LIST_LENGTH]


def _back(addresses: Addresses, question: Question, number: int, view: ChartView) -> str | None:
    """Return the address of the page of results with an article, at its place there. Return None if there is no search."""
    if not number:
        return Links(addresses, "/search", question, view.pairs()).here() if pairs(question) else None
    page = 1 + (number - 1) // question.request.per_page
    return f"{Links(addresses, '/search', question.on_page(page), view.pairs()).here()}#hit-{number}"


def _hit_number() -> int:
    """Return the number of the article among the hits of its search, or 0 if it is missing or invalid."""
    text = request.args.get("hit", "")
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    return number if number <= MAX_DEPTH else 0


def _hit_link(article: Article, links: Links, number: int, is_marked: bool) -> str:
    """Return the address of a hit, at its first match in the text if it may have one."""
    link = links.first_at(article_path(article.id), [("hit", str(number))])
    return f"{link}#match-1" if is_marked else link


def _is_marked(hit: Hit) -> bool:
    """Return whether a hit has a match in its text."""
    return any(snippet.spans for snippet in hit.snippets)


def _order(question: Question) -> str:
    """Return the actual order of the hits. Without words there is no relevance, so the newest come first."""
    request = question.request
    return "newest" if request.sort == "relevance" and not has_relevance(request.tree) else request.sort


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
