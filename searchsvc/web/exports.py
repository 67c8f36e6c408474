"""Exports of a search: CSV (RFC 4180) and JSON Lines."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from searchsvc.api.parameter_reader import parameter
from searchsvc.api.serialize import article as article_json
from searchsvc.model.article import METADATA, Article

_PLAIN = ("id", "title", "date", "published", "url", "path")


def csv_lines(articles: Iterable[Article], extra: Iterable[str]) -> Iterator[str]:
    """Yield a header and a line for each article. The values of a field are joined by semicolons."""
    extra = list(extra)
    names = [*_PLAIN, *METADATA, *map(parameter, extra), "body"]
    yield _csv_line(names)
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
