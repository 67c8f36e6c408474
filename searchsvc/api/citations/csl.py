"""CSL-JSON, the input of citation processors, by the schema of the Citation Style Language 1.0.2."""

from typing import Any

import orjson

from searchsvc.api.citations.fields import address_of, line
from searchsvc.api.citations.names import Name, names_of
from searchsvc.model.article import Article
from searchsvc.model.languages import language_tag


def csl_json(article: Article, address: str = "") -> str:
    """Return the item of an article, as the only one of a list."""
    return orjson.dumps([csl(article, address)], option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()


def csl(article: Article, address: str = "") -> dict[str, Any]:
    """Return the item of an article, without what is not known."""
    date = article.date
    item = {
        "id": article.id,
        "type": "article-newspaper" if article.source else "article",
        "title": line(article.title),
        "author": list(map(_name, names_of(article))),
        "container-title": line(article.source),
        "issued": {"date-parts": [[date.year, date.month, date.day]]} if date else None,
        "section": line(article.section),
        "keyword": ", ".join(map(line, article.tag)),
        "language": language_tag(article.language),
        "URL": address_of(article, address),
    }
    return {name: value for name, value in item.items() if value}


def _name(name: Name) -> dict[str, str]:
    if name.is_whole:
        return {"literal": name.family}
    parts = {
        "family": name.family,
        "given": name.given,
        "non-dropping-particle": name.particle,
        "suffix": name.suffix,
    }
    return {part: text for part, text in parts.items() if text}
