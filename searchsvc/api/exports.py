"""Exports of a search: CSV (RFC 4180), JSON Lines, and RIS, which programs that manage references read."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, assert_never

import orjson

from searchsvc.api.links import web_address
from searchsvc.api.serialize import article as article_json
from searchsvc.model.article import METADATA, Article, ExportFormat

MEDIA_TYPES: dict[ExportFormat, str] = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "ris": "application/x-research-info-systems",
}
_PLAIN = ("id", "title", "date", "published", "url", "path")


def export(articles: Iterable[Article], form: ExportFormat, extra: Iterable[str]) -> Iterator[bytes]:
    """Yield the lines of an export. `extra` names the metadata fields that only this archive has."""
    match form:
        case "jsonl":
            return json_lines(articles)
        case "csv":
            return (line.encode() for line in csv_lines(articles, extra))
        case "ris":
            return (record.encode() for record in ris_records(articles))
        case _:
            assert_never(form)


def csv_lines(articles: Iterable[Article], extra: Iterable[str]) -> Iterator[str]:
    """Yield a header and a line for each article. The values of a field are joined by semicolons."""
    extra = list(extra)
    own_names = [*_PLAIN, *METADATA, "body"]
    yield _csv_line([*own_names[:-1], *(f"extra.{name}" if name in own_names else name for name in extra), "body"])
    for article in articles:
        own = [getattr(article, name) for name in (*_PLAIN, *METADATA)]
        yield _csv_line([*own, *(article.extra.get(name, ()) for name in extra), article.body])


def _csv_line(values: Iterable[Any]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(map(_cell, values))
    return line.getvalue()


def _cell(value: Any) -> str:
    text = "; ".join(value) if isinstance(value, tuple) else str(value or "")
    # An apostrophe keeps spreadsheets from taking text for a formula.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def json_lines(articles: Iterable[Article]) -> Iterator[bytes]:
    """Yield a line of JSON for each article, in the form of the API. A reindex can read the lines again."""
    for article in articles:
        yield orjson.dumps(article_json(article), option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


def ris_records(articles: Iterable[Article]) -> Iterator[str]:
    """Yield a reference for each article. The text of the articles is not part of it."""
    for article in articles:
        lines = [f"{tag}  - {' '.join(text.split())}" for tag, text in _ris_fields(article) if text.strip()]
        yield "\r\n".join(["TY  - NEWS", *lines, "ER  - ", "", ""])


def _ris_fields(article: Article) -> Iterator[tuple[str, str]]:
    """Yield pairs of a tag and its text. Names stay as they are written, since nothing tells which part is the last."""
    yield "ID", article.id
    yield "TI", article.title
    yield from (("AU", name) for name in article.author)
    yield "T2", article.source
    if article.date is not None:
        yield "PY", f"{article.date.year:04}"
        yield "DA", f"{article.date.isoformat().replace('-', '/')}/"
    yield "SE", article.section
    yield from (("CY", name) for name in article.place)
    yield from (("KW", name) for name in article.tag)
    yield "LA", article.language
    yield "UR", web_address(article) or ""
