"""Exports of a search: CSV (RFC 4180), JSON Lines, and RIS, which programs that manage references read."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any, assert_never

import orjson

from searchsvc.api.citations.ris import ris
from searchsvc.api.links import active_filters
from searchsvc.api.serialize import article as article_json
from searchsvc.model.article import METADATA, Article, ExportFormat
from searchsvc.search.question import Question

MEDIA_TYPES: dict[ExportFormat, str] = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "ris": "application/x-research-info-systems",
}
BYTE_ORDER_MARK = "\ufeff"
"""In front of a CSV file, it tells spreadsheets that the text is UTF-8. Other programs take it for a letter."""
MAX_NAME_BYTES = 80
"""Bytes of the name of a file, without its suffix. Windows allows 255 characters for a whole path."""
_WORD = re.compile(r"[^\W_]+")
_PLAIN = ("id", "title", "date", "published", "url", "path")


def export(
    articles: Iterable[Article],
    form: ExportFormat,
    extra: Iterable[str],
    address: Callable[[Article], str] = lambda _: "",
    *,
    bom: bool = False,
) -> Iterator[bytes]:
    """Yield the lines of an export. `extra` names the metadata fields that only this archive has.

    `address` is asked where the archive has an article. With `bom`, CSV begins with a byte order mark.
    """
    match form:
        case "jsonl":
            return json_lines(articles)
        case "csv":
            return (line.encode() for line in chain([BYTE_ORDER_MARK] if bom else [], csv_lines(articles, extra)))
        case "ris":
            return (record.encode() for record in ris_records(articles, address))
        case _:
            assert_never(form)


def csv_lines(articles: Iterable[Article], extra: Iterable[str]) -> Iterator[str]:
    """Yield a header and a line for each article. The values of a field are joined by semicolons."""
    extra = list(extra)
    own_names = [*_PLAIN, *METADATA, "body"]
    yield csv_line([*own_names[:-1], *(f"extra.{name}" if name in own_names else name for name in extra), "body"])
    for article in articles:
        own = [getattr(article, name) for name in (*_PLAIN, *METADATA)]
        yield csv_line([*own, *(article.extra.get(name, ()) for name in extra), article.body])


def csv_line(values: Iterable[Any]) -> str:
    """Return a line of CSV. None is an empty cell, and values of a tuple are joined by semicolons."""
    line = io.StringIO()
    csv.writer(line).writerow(map(_cell, values))
    return line.getvalue()


def _cell(value: Any) -> str:
    text = "; ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
    # An apostrophe keeps spreadsheets from taking text for a formula.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def json_lines(articles: Iterable[Article]) -> Iterator[bytes]:
    """Yield a line of JSON for each article, in the form of the API. A reindex can read the lines again."""
    for article in articles:
        yield orjson.dumps(article_json(article), option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE)


def ris_records(articles: Iterable[Article], address: Callable[[Article], str] = lambda _: "") -> Iterator[str]:
    """Yield a reference for each article. `address` is asked where the archive has it."""
    return (ris(article, address(article)) for article in articles)


def file_name(question: Question, title: str, form: str) -> str:
    """Return a name for the file of a search."""
    return f"{file_stem(question, title)}.{form}"


def file_stem(question: Question, title: str) -> str:
    """Return the name of a search without a suffix: its words, else its filters, else the title of the archive."""
    filters = [str(each.shown) or each.value for each in active_filters(question)]
    words = next(filter(None, (_WORD.findall(text) for text in (question.text, " ".join(filters), title))), ["archive"])
    name = "-".join(words).lower()
    while len(name.encode()) > MAX_NAME_BYTES:
        name = name[:-1]
    return name.rstrip("-")
