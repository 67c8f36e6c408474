"""Whether a request is answered for people, by a page, or for programs, by JSON, a feed or a problem document."""

from flask import g, request

from searchsvc.api.citations import FORMATS

_MACHINE_PATHS = {
    "/search.atom",
    "/search.csv",
    "/search.jsonl",
    "/search.ris",
    "/trends.csv",
    "/concordance.csv",
    "/opensearch.xml",
    "/robots.txt",
    "/favicon.ico",
    "/sitemap.xml",
    "/opensearch/suggest",
    "/healthz",
    "/readyz",
    "/metrics",
}
"""Paths outside the API that programs read. Their errors are problem details, as in the API."""
_CITATIONS = tuple(f".{form}" for form in FORMATS)
_HTML = ("text/html", "application/xhtml+xml")


_PAGES_OF_API = ("/api/docs", "/api/v1/docs")


def is_on_api() -> bool:
    """Return whether the request is one to the API."""
    return _is_on_api(request.path)


def is_for_programs() -> bool:
    """Return whether the path of the request has no page, so that its errors have none either."""
    path = request.path
    is_citation = path.startswith("/article/") and path.endswith(_CITATIONS)
    if is_citation and "article_id" in g:
        return False
    return is_citation or path in _MACHINE_PATHS or path.startswith(("/sitemap/", "/alerts/")) or _is_on_api(path)


def _is_on_api(path: str) -> bool:
    return path == "/api" or path.startswith("/api/")


def note_article(article_id: str) -> None:
    """Note that the address of the request, which ends like that of a citation, is an article's own."""
    g.article_id = article_id


def has_page() -> bool:
    """Return whether the address of the request is one of a page for people."""
    return not is_for_programs() or is_on_docs()


def is_on_docs() -> bool:
    """Return whether the request is one to the page that describes the API."""
    return request.path in _PAGES_OF_API


def wants_page() -> bool:
    """Return whether a browser asks for a page. Programs accept anything, or send a token."""
    accepted = (kind.partition(";")[0] for kind, quality in request.accept_mimetypes if quality)
    return not is_for_programs() and bearer_token() is None and any(kind.strip().lower() in _HTML for kind in accepted)


def bearer_token() -> str | None:
    """Return the bearer token of the request (RFC 6750), or None if it has none."""
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    return given.strip() if kind.casefold() == "bearer" else None
