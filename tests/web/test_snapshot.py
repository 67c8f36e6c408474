"""Every answer comes from one generation, whenever another is published while it is computed."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from searchsvc.indexer.reindex import reindex
from searchsvc.web.app import create_app
from tests.conftest import Archive

ADDRESSES = [
    "/?sort=oldest",
    "/search?q=tea",
    "/search?q=tae",
    "/search?q=tea+nowhere",
    "/search?q=nowhere&section=Kitchen",
    "/search?q=tea&page=2&date=2020",
    "/article/only-old?q=tea",
    "/article/a3?q=tea&hit=2",
    "/facets/section?q=tea",
    "/search.atom?q=tea",
    "/search.csv?q=tea",
    "/search.jsonl?q=tea&sort=oldest",
    "/opensearch/suggest?q=te",
    "/api/search?q=tea&facet=section&facet=date",
    "/api/search?q=tae",
    "/api/search?q=tea&cursor=*&per_page=5",
    "/api/articles/only-old",
    "/api/similar/only-old",
    "/api/suggest?q=tea+te",
    "/api/facets/section?prefix=k",
    "/readyz",
]
_TIMES = re.compile(rb'"took_ms":[\d.]+|[\d.]+ ms|<updated>[^<]*')
_HOOKED = re.compile(r"searchsvc/(search/(searcher|completions|readings|corrections)|engines/tantivy/engine)\.py$")


class Publisher:
    """Makes either of two published generations live, by the one rename that publishing is."""

    def __init__(self, archive: Archive) -> None:
        self._index = archive.settings.index
        archive.write({"a.jsonl": _lines("old", range(12), extra="only-old")})
        self.old = reindex(archive.settings).generation
        archive.write({"a.jsonl": _lines("new", range(30), extra="only-new")})
        self.new = reindex(archive.settings).generation

    def publish(self, name: str | None) -> None:
        named = self._index / "CURRENT.new"
        named.write_text(f"{name}\n")
        named.replace(self._index / "CURRENT")


def _lines(word: str, numbers: range, extra: str) -> str:
    def row(article_id: str, number: int) -> dict[str, Any]:
        return {
            "id": article_id,
            "title": f"{word} tea {number}",
            "text": f"{word} tea and milk, teapot {number}",
            "date": f"{2019 + number % 3}-0{1 + number % 9}-11",
            "section": f"Kitchen {word} {number % 4}",
        }

    rows = [row(f"a{number}", number) for number in numbers]
    return b"\n".join(map(orjson.dumps, [*rows, row(extra, 1)])).decode()


@pytest.fixture
def publisher(archive: Archive) -> Publisher:
    return Publisher(archive)


@pytest.fixture
def pages(archive: Archive, publisher: Publisher) -> FlaskClient:
    return create_app(archive.settings).test_client()


def _body(client: FlaskClient, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200, address
    return _TIMES.sub(b"", response.data)


@contextmanager
def _at_call(number: int, act: Callable[[], None]) -> Iterator[list[int]]:
    """Act when the given call into the searcher or the engine begins. Yields the list of the numbers of calls."""
    calls: list[int] = []

    def profile(frame: FrameType, event: str, _argument: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_name[0] != "<" and _HOOKED.search(code.co_filename):
            calls.append(len(calls) + 1)
            if len(calls) == number:
                act()

    sys.setprofile(profile)
    try:
        yield calls
    finally:
        sys.setprofile(None)


@pytest.mark.slow
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_generation_published_between_any_two_calls_changes_nothing(
    pages: FlaskClient, publisher: Publisher, address: str
) -> None:
    publisher.publish(publisher.old)
    with _at_call(0, lambda: None) as calls:
        expected = _body(pages, address)
    assert calls
    for number in calls:
        publisher.publish(publisher.old)
        with _at_call(number, lambda: publisher.publish(publisher.new)):
            assert _body(pages, address) == expected, f"at call {number} of {len(calls)}"
    assert pages.get("/api/articles/only-new").status_code == 200  # the new generation is live afterwards
