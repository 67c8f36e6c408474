"""The catalogue of all articles: its parts, and what it knows of changes."""

import datetime as dt
import json
from itertools import chain

import pytest

from searchsvc.errors import UnavailableError
from searchsvc.search.catalogue import Catalogue, Entry
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from tests.conftest import Archive


def catalogue(searcher: Searcher) -> Catalogue:
    return Catalogue(searcher.generation, searcher.engine, part=10)


def numbered(archive: Archive, count: int) -> Searcher:
    rows = ({"id": f"{number:03}", "body": "tea", "date": "2020-01-02"} for number in range(count))
    return archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}).service().acquire()


@pytest.mark.parametrize("count", [1, 9, 10, 11, 30])
def test_parts_have_every_article_once(archive: Archive, count: int) -> None:
    found = catalogue(numbered(archive, count))
    parts = [[entry.id for entry in found.entries(part)] for part in range(len(found.parts))]
    assert [*chain.from_iterable(parts)] == [f"{number:03}" for number in range(count)]
    assert [len(part) for part in parts[:-1]] == [10] * (len(parts) - 1)
    assert 0 < len(parts[-1]) <= 10


def test_articles_are_listed_under_the_ids_of_the_index(archive: Archive) -> None:
    line = json.dumps({"id": "same", "body": "tea"})
    archive.write({"a.jsonl": line, "b.jsonl": line.replace("tea", "other tea"), "c.jsonl": line})
    searcher = archive.service().acquire()
    listed = {entry.id for entry in catalogue(searcher).entries(0)}
    assert listed == {article.id for article in searcher.scan(Question())}


def test_dates_are_left_out_without_an_engine(archive: Archive) -> None:
    searcher = numbered(archive, 1)
    assert [*catalogue(searcher).entries(0)] == [Entry("000", dt.date(2020, 1, 2))]
    assert [*Catalogue(searcher.generation, None).entries(0)] == [Entry("000", None)]


def test_a_generation_that_has_been_deleted_is_said(archive: Archive) -> None:
    searcher = numbered(archive, 1)
    searcher.generation.manifest.unlink()
    with pytest.raises(UnavailableError, match="cannot be read at the moment"):
        _ = catalogue(searcher).parts
