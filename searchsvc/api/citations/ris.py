"""RIS, which Zotero, EndNote and other reference managers import."""

from collections.abc import Iterator

from searchsvc.api.citations.fields import address_of
from searchsvc.api.citations.names import names_of
from searchsvc.model.article import Article


def ris(article: Article, address: str = "") -> str:
    """Return the reference of an article. The text of the article is not part of it."""
    lines = [f"{tag}  - {' '.join(text.split())}" for tag, text in _fields(article, address) if text.strip()]
    return "\r\n".join(["TY  - NEWS", *lines, "ER  - ", "", ""])


def _fields(article: Article, address: str) -> Iterator[tuple[str, str]]:
    yield "ID", article.id
    yield "TI", article.title
    yield from (("AU", name.inverted()) for name in names_of(article))
    yield "T2", article.source
    if article.date is not None:
        yield "PY", f"{article.date.year:04}"
        yield "DA", f"{article.date.isoformat().replace('-', '/')}/"
    yield "SE", article.section
    yield from (("CY", name) for name in article.place)
    yield from (("KW", name) for name in article.tag)
    yield "LA", article.language
    yield "UR", address_of(article, address)
