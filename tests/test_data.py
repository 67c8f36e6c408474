"""Real articles: what the service answers is what counting by hand gives."""

import json
import lzma
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.config import EMBEDDED, Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.search.service import SearchService
from searchsvc.verify.audit import audit
from tests.searching import ask

pytestmark = [pytest.mark.data, pytest.mark.slow]
ENGLISH = Analyzer("english")


@pytest.fixture(scope="module")
def records(data: Path) -> list[dict[str, Any]]:
    with lzma.open(data / "reuters.jsonl.xz") as file:
        return [json.loads(line) for line in file]


@pytest.fixture(scope="module")
def reuters(data: Path, tmp_path_factory: pytest.TempPathFactory) -> SearchService:
    folder = tmp_path_factory.mktemp("reuters")
    (folder / "corpus").mkdir()
    # A copy, since links out of a corpus are not followed.
    shutil.copyfile(data / "reuters.jsonl.xz", folder / "corpus" / "reuters.jsonl.xz")
    settings = Settings(corpus=folder / "corpus", index=folder / "index")
    reindex(settings)
    return SearchService(settings)


def _counted(service: SearchService, pairs: list[tuple[str, str]], field: str) -> dict[str, int]:
    results = ask(service, [*pairs, ("facet", field)], choose_facets=True).results
    facets = {facet.field: facet.values for facet in results.facets}
    values = results.dates.values if results.dates is not None else facets[field]
    return {value.value: value.count for value in values if value.count}


def _top(counts: Counter[str]) -> dict[str, int]:
    """Those that cannot be missing among the fifty most frequent."""
    least = counts.most_common(50)[-1][1] if len(counts) > 50 else 0
    return {value: count for value, count in counts.items() if count > least}


@pytest.mark.parametrize("query", ["cocoa", "wheat", "yen"])
def test_facet_counts_are_those_of_the_file(reuters: SearchService, records: list[dict[str, Any]], query: str) -> None:
    hits = [record for record in records if _has_word(record, query)]
    answer = ask(reuters, [("q", query)])
    assert answer.results.total == len(hits) > 50
    for field, name in (("place", "places"), ("topics", "topics")):
        expected = Counter(value for record in hits for value in set(record[name]))
        counted = _counted(reuters, [("q", query)], field)
        assert {value: counted.get(value) for value in _top(expected)} == _top(expected)
        assert set(counted) <= set(expected)
    months = Counter(record["date"][:7] for record in hits if record["date"])
    assert _counted(reuters, [("q", query), ("date", "1987")], "date") == dict(months)
    april = Counter(record["date"][:10] for record in hits if record["date"][:7] == "1987-04")
    assert _counted(reuters, [("q", query), ("date", "1987-04")], "date") == dict(april)


def test_filtered_counts_are_those_of_the_file(reuters: SearchService, records: list[dict[str, Any]]) -> None:
    pairs = [("place", "japan"), ("place", "usa"), ("filter", "topics:trade")]
    both = [record for record in records if {"japan", "usa"} & set(record["places"]) and "trade" in record["topics"]]
    assert ask(reuters, pairs).results.total == len(both)
    without_own = Counter(value for record in records if "trade" in record["topics"] for value in set(record["places"]))
    counted = _counted(reuters, pairs, "place")
    assert {value: counted[value] for value in _top(without_own)} == _top(without_own)


def test_only_the_record_without_text_is_left_out(reuters: SearchService, records: list[dict[str, Any]]) -> None:
    without = sum(1 for record in records if not record["title"].strip() and not record["text"].strip())
    assert reuters.acquire().info.articles == len(records) - without
    assert reuters.acquire().info.failures == without


def _has_word(record: dict[str, Any], stem: str) -> bool:
    return stem in ENGLISH.terms(f"{record['title']} {record['text']}")


@pytest.mark.parametrize("engine", EMBEDDED)
def test_engines_answer_random_queries_on_real_articles_as_a_plain_scan_does(
    engine: str, records: list[dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / "corpus").mkdir()
    lines = (json.dumps(record) for record in records[:: len(records) // 1_000])
    (tmp_path / "corpus" / "some.jsonl").write_text("\n".join(lines))
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index", engine=engine)
    reindex(settings)
    live = SearchService(settings).acquire()
    number = {"tantivy": 80, "whoosh": 40}[engine]  # Whoosh takes longer
    found = audit(live.engine, live.info, number, seed=random.randrange(2**31))
    assert found.differences == ()
    assert found.compared > 0.9 * number
