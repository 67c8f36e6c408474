"""Every system call of putting an article into the corpus: it fails, or the process is killed there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchsvc.corpus import read_file, walk
from searchsvc.corpus.uploads import Draft, delete_leftovers, dump_record, put_path, remove
from searchsvc.model.article import Article
from tests.faults import KINDS, Fault, Faults, faults_at, quick_folder, tried

pytestmark = pytest.mark.slow

PATH = put_path("x")


def put(corpus: Path, title: str = "new") -> str:
    delete_leftovers(corpus)
    with Draft(corpus, PATH, dump_record({"id": "x", "title": title})) as draft:
        draft.publish()
    return title


def delete(corpus: Path) -> str:
    remove(corpus, PATH)
    return "deleted"


def warm_up() -> None:
    """Load nothing: a put imports nothing late."""


@pytest.fixture(scope="module")
def faults() -> Iterator[Faults]:
    found = Faults(warm_up)
    yield found
    found.close()


def titles(corpus: Path) -> list[str]:
    """Return the titles of all articles that a reindex would read."""
    items = [item for source in walk(corpus) for item in read_file(source.file, source.path)]
    return [item.title if isinstance(item, Article) else f"not an article: {item}" for item in items]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("before", [[], ["old"]])
def test_a_put_that_fails_anywhere_changes_all_or_nothing(faults: Faults, kind: str, before: list[str]) -> None:
    with quick_folder() as corpus:

        def reset() -> None:
            shutil.rmtree(corpus / "api", ignore_errors=True)
            for title in before:
                put(corpus, title)

        def attempt(fault: Fault) -> None:
            reset()
            outcome = faults.run(fault, put, corpus)
            assert titles(corpus) == ["new"] if outcome.value else titles(corpus) in (before, ["new"]), outcome
            if not fault.lasts:
                assert len(list((corpus / "api").glob("*"))) == len(titles(corpus)), "a temporary file is left behind"
            assert put(corpus, "next") == "next"
            assert [file.name for file in (corpus / "api").iterdir()] == [Path(PATH).name]
            assert titles(corpus) == ["next"]

        reset()
        calls = faults.calls(put, corpus, reading=True)
        assert tried(faults_at(calls, kind), attempt) > 5


@pytest.mark.parametrize("kind", ["KILL", "EIO"])
def test_a_deletion_that_fails_anywhere_deletes_all_or_nothing(faults: Faults, kind: str) -> None:
    with quick_folder() as corpus:

        def attempt(fault: Fault) -> None:
            put(corpus)
            outcome = faults.run(fault, delete, corpus)
            assert titles(corpus) == [] if outcome.value else titles(corpus) in (["new"], [])
            assert delete(corpus) == "deleted"
            assert titles(corpus) == []

        put(corpus)
        assert tried(faults_at(faults.calls(delete, corpus), kind), attempt) > 1
