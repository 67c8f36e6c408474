"""The budget of a file: what exceeds it is reported, and other files are read."""

import json
import os
import time
import zipfile
from pathlib import Path

import pytest

from searchsvc.corpus import Item, ReaderPool, ReaderProcesses, ReadFailure, inspect_file, walk
from searchsvc.corpus.budget import MEMORY_BYTES, TimeBudget
from searchsvc.errors import UserError
from searchsvc.indexer import reindex
from searchsvc.model.article import Article
from tests.conftest import Archive

pytestmark = pytest.mark.slow
HUNGRY, BARELY_PARSED = (
    json.dumps({"title": "x", "values": []}).replace("[]", f"[{item * number}0]")
    for item, number in (("[{}],", 4_100_000), ('{"":0},', 1_500_000))
)
"""Lines of JSON whose objects need 650 MB as they are parsed, and 300 MB as they are parsed and again for the record."""
BLANKS = " " * 20_000_000  # which grant 10 seconds, so that the second also exceeds the memory where Python is slow


def write_slow_archive(file: Path) -> None:
    """Write a small archive of pages whose tags are never closed, each of which takes a twentieth of a second to read."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(800):
            archive.writestr(f"{number}.html", "<p>word " * 1_000)


def items(archive: Archive) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    with ReaderPool(walk(archive.corpus), (), 2) as readers:
        for batch in readers.batches():
            found.setdefault(batch.source.path, []).extend(batch.items)
    return found


def test_a_file_that_takes_too_long_is_reported_and_what_was_read_of_it_is_kept(archive: Archive) -> None:
    archive.write({f"{number}.txt": f"Title: {number}\n\nText." for number in range(3)})
    write_slow_archive(archive.corpus / "slow.zip")
    begun = time.monotonic()
    found = items(archive)
    assert time.monotonic() - begun < 60
    *pages, failure = found.pop("slow.zip")
    assert failure == ReadFailure("takes more processor time than 3 s and 0.5 s for each MB", "slow.zip")
    assert pages
    assert all(isinstance(page, Article) for page in pages)
    assert [type(item) for found_items in found.values() for item in found_items] == [Article] * 3


@pytest.mark.parametrize("hungry", [HUNGRY, BARELY_PARSED], ids=["parsing", "making a record"])
def test_a_file_that_needs_too_much_memory_is_reported_and_the_next_one_is_read(archive: Archive, hungry: str) -> None:
    archive.write(
        {"a.jsonl": f'{{"title": "first"}}\n{BLANKS}\n{hungry}\n{{"title": "next"}}\n', "b.txt": "Title: b\n\nText."}
    )
    found = items(archive)
    first, failure, following = found["a.jsonl"]
    assert failure == ReadFailure(f"needs more than {MEMORY_BYTES // 2**20} MB of memory", "a.jsonl#2")
    assert [type(item) for item in (first, following)] == [Article] * 2
    assert [type(item) for item in found["b.txt"]] == [Article]


def test_large_files_of_small_articles_are_within_the_budget(archive: Archive) -> None:
    records = [{"title": f"Number {number}", "body": "<p>Some <b>tea</b>.</p>" * 3} for number in range(4_000)]
    archive.write({"a.json": json.dumps({"articles": records}), "b.jsonl": "\n".join(map(json.dumps, records))})
    report = reindex(archive.settings)
    assert (report.articles, report.failures) == (8_000, ())


def test_a_file_of_many_failures_lists_the_first_of_them(archive: Archive) -> None:
    archive.write({"a.jsonl": "{}\n" * 5_000 + '{"title": "x"}\n'})
    *failures, article, rest = items(archive)["a.jsonl"]
    assert failures == [ReadFailure("has no text", f"a.jsonl#{number}") for number in range(1, 1_001)]
    assert isinstance(article, Article)
    assert rest == ReadFailure("has 4,000 more parts that cannot be read", "a.jsonl")


def test_single_files_are_inspected_within_the_budget(tmp_path: Path) -> None:
    file = tmp_path / "slow.zip"
    write_slow_archive(file)
    assert len(inspect_file(file, (), 2).items) == 2
    assert inspect_file(file, (), 800).items == [
        ReadFailure("takes more processor time than 3 s and 0.5 s for each MB", "slow.zip")
    ]


def spin(budget: TimeBudget) -> list[int]:
    budget.begin()
    while True:
        pass


def fill_memory(_budget: TimeBudget) -> list[int]:
    return [bytearray(2 * MEMORY_BYTES)[0]]


def grow(_budget: TimeBudget) -> list[int]:
    return [len(b"x" * 300_000_000), os.getpid()]


def number_of_process(_budget: TimeBudget) -> list[int]:
    return [os.getpid()]


def test_a_process_is_kept_for_the_next_task_unless_it_has_grown_or_died() -> None:
    processes = ReaderProcesses()
    (first,) = processes.run(number_of_process)
    assert processes.run(number_of_process) == [first]
    assert processes.run(grow) == [300_000_000, first]
    (second,) = processes.run(number_of_process)
    assert second != first
    with pytest.raises(UserError, match="takes more processor time than 3 s"):
        processes.run(spin)
    with pytest.raises(UserError, match="needs more than 500 MB of memory"):
        processes.run(fill_memory)
    (third,) = processes.run(number_of_process)
    assert third not in (first, second, os.getpid())
