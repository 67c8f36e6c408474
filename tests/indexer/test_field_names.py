"""Archives whose field names are data: the most frequent fields are indexed, and all are kept."""

import json
import os
import random
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from searchsvc.api.parameters import parse_question
from searchsvc.config import environment
from searchsvc.errors import UserError
from searchsvc.indexer import reindex
from searchsvc.indexer.field_names import MAX_COUNTED, MAX_FIELDS, FieldNames, most_frequent
from searchsvc.model.article import METADATA, Article
from searchsvc.query.request import SearchRequest
from searchsvc.search.service import SearchService
from searchsvc.verify import audit
from searchsvc.web.app import create_app
from searchsvc.web.labels import in_words
from tests.conftest import ENGINES, Archive


@pytest.fixture(params=ENGINES)
def archive(request: pytest.FixtureRequest, archive_of: Callable[[str], Archive]) -> Archive:
    """An archive for every engine, one after the other."""
    return archive_of(request.param)


def article(*names: str) -> Article:
    return Article("1", "T", "", "p", source="S", extra=dict.fromkeys(names, ("v",)))


def records(prefix: str, first: int, number: int, **common: str) -> str:
    """Return records of which each has ten fields of its own, besides those that all have."""
    lines = []
    for each in range(first, first + number):
        own = {f"user{each}_{n}": f"v{n % 3}" for n in range(10)}
        lines.append(json.dumps({"id": f"{prefix}{each}", "title": f"Title {each}", "body": "Some tea.", **common, **own}))
    return "\n".join(lines)


def require_exact_facets(archive: Archive) -> None:
    """Fail if a facet of a sample of the fields differs from what the articles have, or if a random request does."""
    searcher = SearchService(archive.settings).acquire()
    own = searcher.own_fields()
    names = [*(name for name in own if not name.startswith("user")), *random.Random(1).sample(own, 20)]
    expected: dict[str, Counter[str]] = {name: Counter() for name in names}
    for each in searcher.engine.scan(SearchRequest()):
        for name in names:
            expected[name].update(each.extra.get(name, ()))
    for name in names:
        facet = searcher.engine.facet(SearchRequest(), name)
        assert {value.value: value.count for value in facet.values} == expected[name]
        assert searcher.info.fields[name][0] == sum(expected[name].values())
    found = audit(searcher.engine, searcher.info, 30, seed=2)
    assert (found.differences, found.compared > 0) == ((), True)


@pytest.mark.slow
def test_names_are_counted_and_kept_up_to_a_limit() -> None:
    names = FieldNames(["known"])
    whole = article("a", "known")
    assert names.restrict(whole) is whole
    for number in range(MAX_COUNTED):
        names.restrict(article(f"n{number}"))
    assert len(names.counts) == MAX_COUNTED
    assert names.restrict(article("a", "new", "n0", "known")).extra.keys() == {"a", "n0", "known"}
    assert (names.counts["a"], names.counts["known"], names.counts["new"]) == (2, 2, 0)


def test_only_known_names_are_indexed_once_they_are_complete() -> None:
    names = FieldNames(["known"], is_complete=True)
    assert names.restrict(article("new", "known")).extra.keys() == {"known"}


def test_very_long_names_are_not_indexed() -> None:
    assert FieldNames().restrict(article("é" * 501, "é" * 500)).extra.keys() == {"é" * 500}


def test_the_most_frequent_fields_are_chosen_besides_those_that_every_archive_may_have() -> None:
    counts = {f"n{number:05}": 1 for number in range(2 * MAX_FIELDS)} | {"mood": 5, "z": 2} | dict.fromkeys(METADATA, 1)
    chosen = most_frequent(counts)
    assert len(chosen) == MAX_FIELDS + len(METADATA)
    assert {*METADATA, "mood", "z", f"n{MAX_FIELDS - 3:05}"} <= set(chosen)
    assert f"n{MAX_FIELDS - 2:05}" not in chosen
    assert most_frequent({"b": 1, "source": 1}) == ["source", "b"]


@pytest.mark.slow
def test_the_most_frequent_fields_of_very_many_are_indexed_and_all_are_kept(archive: Archive) -> None:
    archive.write({"a.jsonl": records("a", 0, 150), "z.jsonl": records("z", 150, 50, mood="calm")})
    report = reindex(archive.settings)
    searcher = SearchService(archive.settings).acquire()
    assert report.unindexed_fields == searcher.info.unindexed_fields == 2_001 - MAX_FIELDS
    assert (len(searcher.info.fields), searcher.info.fields["mood"]) == (MAX_FIELDS, (50, 1))
    require_exact_facets(archive)
    (name,) = {f"user199_{number}" for number in range(10)} - searcher.info.fields.keys() and ["user199_9"]
    assert searcher.article("z199").extra[name] == ("v0",)
    with pytest.raises(UserError, match=f"there is no parameter “{name}”"):
        parse_question([(name, "v0")], searcher)
    client = create_app(archive.settings).test_client()
    assert client.get("/api/articles/z199").get_json()["extra"][name] == ["v0"]
    page = client.get("/article/z199").text
    assert f'<dt>{in_words(name)}</dt>\n    <dd><span dir="auto">v0</span></dd>' in page
    assert 'href="/search?filter=mood%3Acalm"' in page


@pytest.mark.slow
def test_which_fields_are_indexed_stays_the_same_until_a_full_reindex(archive: Archive) -> None:
    archive.write({"a.jsonl": records("a", 0, 120, mood="calm")})
    reindex(archive.settings)
    fields = SearchService(archive.settings).acquire().info.fields.keys()
    archive.write({"b.jsonl": records("b", 120, 5, mood="wild", news="yes"), "a.jsonl": records("a", 0, 110, mood="calm")})
    report = reindex(archive.settings)
    found = SearchService(archive.settings).acquire().info
    assert (report.unindexed_fields, found.fields["mood"]) == (201, (115, 2))
    assert found.fields.keys() <= fields
    require_exact_facets(archive)
    report = reindex(archive.settings, full=True)
    assert (report.unindexed_fields, SearchService(archive.settings).acquire().info.fields["news"]) == (152, (5, 1))
    require_exact_facets(archive)


@pytest.mark.slow
def test_fields_become_too_many_while_files_are_added(archive: Archive) -> None:
    archive.write({"a.jsonl": records("a", 0, 90, mood="calm")})
    assert reindex(archive.settings).unindexed_fields == 0
    archive.write({"b.jsonl": records("b", 90, 30, mood="wild", news="yes"), "c.txt": "Title: C\nmood: wild\n\nTea."})
    assert reindex(archive.settings).unindexed_fields == 1_202 - MAX_FIELDS
    searcher = SearchService(archive.settings).acquire()
    assert (searcher.info.fields["mood"], searcher.info.fields["news"]) == ((121, 2), (30, 1))
    require_exact_facets(archive)


def processor_time() -> float:
    """Return the processor time of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["tantivy", "whoosh"])
def test_indexing_very_many_fields_takes_little_longer_than_a_few(tmp_path: Path, engine: str) -> None:
    chance = random.Random(5)
    seconds = {}
    for kind in ("few", "many"):
        (tmp_path / kind).mkdir()
        archive = Archive(tmp_path / kind)
        lines = []
        for number in range(2_000):
            names = (f"f{n}" if kind == "few" else f"user{20 * number + n}" for n in range(20))
            body = " ".join(f"w{chance.randrange(5_000)}" for _ in range(100))
            lines.append(
                json.dumps({"id": f"{number}", "title": "T", "body": body, "lang": "en"} | dict.fromkeys(names, "v"))
            )
        archive.write({"a.jsonl": "\n".join(lines)})
        environ = os.environ | environment(replace(archive.settings, engine=engine))
        begun = processor_time()  # of the command as a whole: what a process has loaded already would be left out
        subprocess.run([sys.executable, "-m", "searchsvc", "reindex"], env=environ, check=True, capture_output=True)
        seconds[kind] = processor_time() - begun
    assert seconds["many"] < 2 * seconds["few"]  # about 1.4 times; they took 8 times as long while all were indexed
