"""Answers as JSON data: the one shape that the API and the commands' `--json` print. Documented in docs/api.md."""

from html import escape
from typing import Any
from urllib.parse import quote

from searchsvc.address import Links, parameter
from searchsvc.errors import UserError
from searchsvc.model import Article, Facet, Hit, Snippet
from searchsvc.service import Answer, Live


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
            "notes": [{"message": note.message, "position": note.position} for note in answer.notes],
            "suggestion": None,
        },
        "total": results.total,
        "page": request.page,
        "per_page": request.per_page,
        "pages": answer.pages,
        "took_ms": round(answer.took_ms, 2),
        "index": index_data(answer.live),
        "results": [_hit_data(hit) for hit in results.hits],
        "facets": {facet.field: _facet_data(facet, links) for facet in results.facets},
        "links": {
            "self": links.here(),
            "next": links.page(request.page + 1) if request.page < answer.last_page else None,
            "prev": links.page(request.page - 1) if request.page > 1 else None,
            "html": Links("/search", question).here(),
            "atom": None,
            "csv": None,
        },
    }


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


def article_path(article_id: str) -> str:
    """The address of an article's page."""
    return f"/article/{quote(article_id, safe='')}"


def problem_data(title: str, status: int, error: Exception) -> dict[str, Any]:
    """What went wrong, as RFC 9457 has it; `param` and `hint` only where there are any."""
    problem = {"type": "about:blank", "title": title, "status": status, "detail": str(error)}
    own = {"param": error.param, "hint": error.hint} if isinstance(error, UserError) else {}
    return problem | {name: value for name, value in own.items() if value is not None}


def marked(snippet: Snippet) -> str:
    """HTML: the text escaped, its spans in `<mark>`."""
    parts, position = [], 0
    for start, end in snippet.spans:
        parts.append(f"{escape(snippet.text[position:start])}<mark>{escape(snippet.text[start:end])}</mark>")
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
        "title_html": marked(hit.title),
        "snippets_html": [marked(snippet) for snippet in hit.snippets],
        "snippets": [{"text": snippet.text, "spans": snippet.spans} for snippet in hit.snippets],
    }


def _facet_data(facet: Facet, links: Links) -> dict[str, Any]:
    name = "date" if facet.unit else parameter(facet.field)
    values = [
        {
            "value": value.value,
            "count": value.count,
            "selected": value.selected,
            "toggle": links.toggling(name, value.value, value.selected),
        }
        for value in facet.values
    ]
    return {"unit": facet.unit, "values": values} if facet.unit else {"values": values, "other": facet.other}
