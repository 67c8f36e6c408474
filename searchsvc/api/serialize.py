"""Answers as JSON data: the one shape that the API and the commands' `--json` print. Documented in docs/api.md."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from searchsvc.api.links import Links
from searchsvc.api.parameters import ValueListing, parameter
from searchsvc.errors import UserError
from searchsvc.model.article import Article
from searchsvc.model.results import Facet, FacetValue, Hit, Snippet, Suggestion
from searchsvc.search.facet_values import FacetPage
from searchsvc.search.question import Question
from searchsvc.search.service import Answer, Live
from searchsvc.search.suggestions import Clause, Correction


def answer_data(answer: Answer) -> dict[str, Any]:
    """The answer to a search."""
    question, results = answer.question, answer.results
    request = question.request
    links = Links("/api/search", question)
    return {
        "query": {
            "text": question.text,
            "parsed": str(request.tree),
            "match": question.match,
            "any_words": answer.any_words,
            "notes": [{"message": note.message, "position": note.position} for note in answer.notes],
            "suggestion": _correction_data(answer.correction) if answer.correction else None,
            "clauses": [_clause_data(clause) for clause in answer.clauses],
        },
        "total": results.total,
        "page": None if question.by_cursor else request.page,
        "per_page": request.per_page,
        "cursor": answer.cursor,
        "pages": answer.pages,
        "took_ms": round(answer.took_ms, 2),
        "index": index_data(answer.live),
        "results": [_hit_data(hit) for hit in results.hits],
        "facets": {facet.field: _facet_data(facet, links) for facet in results.facets},
        "links": {
            "self": links.here(),
            "next": _next_page(answer, links),
            "prev": links.page(request.page - 1) if request.page > 1 else None,
            "html": Links("/search", question).here(),
            "atom": Links("/search.atom", question.on_page(1)).here(),
            "csv": Links("/search.csv", question.on_page(1)).here(),
            "jsonl": Links("/search.jsonl", question.on_page(1)).here(),
        },
    }


def _next_page(answer: Answer, links: Links) -> str | None:
    """The next page by its number, or by cursor where numbers end."""
    question = answer.question
    if not question.by_cursor and question.request.page < answer.last_page:
        return links.page(question.request.page + 1)
    after = answer.results.next
    return links.after(after, answer.live.generation.name) if after is not None and answer.cursor else None


def _correction_data(correction: Correction) -> dict[str, Any]:
    question = correction.question
    return {"text": question.text, "total": correction.total, "link": Links("/api/search", question).here()}


def _clause_data(clause: Clause) -> dict[str, Any]:
    return {
        "clause": clause.text,
        "parameter": clause.parameter,
        "total": clause.total,
        "total_without": clause.total_without,
        "without": Links("/api/search", clause.without).here(),
    }


def explained_data(article: Article, reasons: Mapping[str, str]) -> dict[str, Any]:
    """What a reader made of a file: each field that has a value, and where it was found, null for what kept its name."""
    found = {name: value for name, value in article_data(article).items() if value and name not in ("path", "extra")}
    fields = {name: {"value": value, "from": reasons.get(name)} for name, value in found.items()}
    extra = {f"x.{name}": {"value": values, "from": None} for name, values in article.extra.items()}
    return {"path": article.path, "fields": fields | extra}


def values_data(facet_page: FacetPage, question: Question, listing: ValueListing) -> dict[str, Any]:
    """A page of the values of a field."""
    links = Links("/api/search", question.on_page(1))
    path = f"/api{values_path(facet_page.field)}"
    pages = {
        "next": facet_page.page + 1 if facet_page.page < facet_page.pages else None,
        "prev": facet_page.page - 1 or None,
    }
    return {
        "field": facet_page.field,
        "total": facet_page.total,
        "complete": facet_page.complete,
        "page": facet_page.page,
        "pages": facet_page.pages,
        "values": [_value_data(value, parameter(facet_page.field), links) for value in facet_page.values],
        "links": {
            name: Links(path, question.on_page(number), listing.pairs()).here() if number else None
            for name, number in pages.items()
        },
    }


def similar_data(article_id: str, hits: Iterable[Hit]) -> dict[str, Any]:
    """Articles like another."""
    return {"id": article_id, "results": [_hit_data(hit) for hit in hits]}


def suggestions_data(text: str, suggestions: list[Suggestion]) -> dict[str, Any]:
    """What a text may become: words and titles apart, each in its order."""
    words = [{"text": each.text, "articles": each.articles} for each in suggestions if each.id is None]
    titles = [{"text": each.text, "id": each.id} for each in suggestions if each.id is not None]
    return {"text": text, "words": words, "titles": titles}


def index_data(live: Live) -> dict[str, Any]:
    """Which generation answered."""
    return {
        "generation": live.generation.name,
        "engine": live.info.engine,
        "articles": live.info.articles,
        "updated": live.info.created,
    }


def article_data(article: Article) -> dict[str, Any]:
    """A whole article."""
    return {**_metadata(article), "body": article.body}


def change_data(article_id: str, path: str, generation: str | None) -> dict[str, Any]:
    """What was changed in the corpus, and the generation that shows it, None where that is to come."""
    return {"id": article_id, "path": path, "generation": generation}


def article_path(article_id: str) -> str:
    """The address of an article's page."""
    return f"/article/{quote(article_id, safe='')}"


def values_path(field: str) -> str:
    """The address of the page with all values of a metadata field."""
    return f"/facets/{quote(parameter(field), safe='')}"


def web_address(article: Article) -> str | None:
    """Where the article stands on the web; None for an address that must not become a link: it could run something."""
    return article.url if article.url.startswith(("http://", "https://")) else None


def problem_data(kind: str, title: str, status: int, error: Exception) -> dict[str, Any]:
    """What went wrong, as RFC 9457 has it: `kind` is the address of its description."""
    problem = {"type": kind, "title": title, "status": status, "detail": str(error)}
    own = {name: getattr(error, name) for name in ("param", "position", "hint")} if isinstance(error, UserError) else {}
    return problem | {name: value for name, value in own.items() if value is not None}


def highlight_html(snippet: Snippet, first: int | None = None) -> str:
    """HTML: the text escaped, its spans in `<mark>`; with `first`, these have the ids `match-N` from that number on."""
    parts, position = [], 0
    for number, (start, end) in enumerate(snippet.spans, start=first or 0):
        mark = "<mark>" if first is None else f'<mark id="match-{number}" tabindex="-1">'
        parts.append(f"{escape(snippet.text[position:start])}{mark}{escape(snippet.text[start:end])}</mark>")
        position = end
    return "".join(parts) + escape(snippet.text[position:])


def _metadata(article: Article) -> dict[str, Any]:
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url or None,
        "path": article.path,
        "date": article.date,
        "published": article.published,
        "source": article.source or None,
        "section": article.section or None,
        "author": article.author,
        "place": article.place,
        "tag": article.tag,
        "language": article.language or None,
        "extra": article.extra,
    }


def _hit_data(hit: Hit) -> dict[str, Any]:
    return {
        **_metadata(hit.article),
        "score": hit.score,
        "title_html": highlight_html(hit.title),
        "snippets_html": [highlight_html(snippet) for snippet in hit.snippets],
        "snippets": [{"text": snippet.text, "spans": snippet.spans} for snippet in hit.snippets],
    }


def _facet_data(facet: Facet, links: Links) -> dict[str, Any]:
    name = "date" if facet.unit else parameter(facet.field)
    values = [_value_data(value, name, links) for value in facet.values]
    return {"unit": facet.unit, "values": values} if facet.unit else {"values": values, "other": facet.other}


def _value_data(value: FacetValue, name: str, links: Links) -> dict[str, Any]:
    return {
        "value": value.value,
        "count": value.count,
        "selected": value.selected,
        "toggle": links.toggling(name, value.value, value.selected),
    }
