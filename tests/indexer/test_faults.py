"""Every system call of a reindex with each embedded engine: it fails, or the process is killed there."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from searchsvc.config import EMBEDDED, Settings
from searchsvc.corpus import read_file
from searchsvc.engines import backend_for
from searchsvc.index import GenerationStore
from searchsvc.indexer import reindex
from searchsvc.search import SearchService
from tests.conftest import SOAK, Archive
from tests.faults import KINDS, Fault, Faults, faults_at, quick_folder, tried
from tests.indexer.test_crash import contents

# What Whoosh cannot write it leaves to the garbage collection.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]

EVERY = dict.fromkeys(KINDS, 1) if SOAK else {"KILL": 9, "ENOSPC": 12}
"""The kinds of faults. The suite tries two of them, at every n-th call, and `make soak` all of them at every call."""
WARNING = "nothing was published"


def update(settings: Settings) -> str:
    """Update the index. Return the generation, or `unread: ` and the reason if a file could not be read."""
    report = reindex(settings)
    return f"unread: {report.failures[0].reason}" if report.failures else str(report.generation)


def warm_up() -> None:
    """Load everything that a reindex and its reading process load. Tantivy is not used: it would leave threads behind."""
    for engine in EMBEDDED:
        backend_for(engine, Settings())
    with quick_folder() as folder:
        settings = prepared(folder, "whoosh")
        for file in settings.corpus.iterdir():
            list(read_file(file, file.name))
        reindex(settings)
        SearchService(settings).rollback()


def prepared(folder: Path, engine: str) -> Settings:
    """Return an archive of three generations, whose corpus has changed since: a new and a changed file."""
    archive = Archive(folder)
    archive.settings = replace(archive.settings, engine=engine, keep=2)
    for number in range(3):
        rows = (json.dumps({"id": each, "title": f"t{each}", "body": f"common w{number}"}) for each in range(4 + number))
        archive.write({"a.jsonl": "\n".join(rows), "b.txt": f"Title: B\n\ncommon {number}", "c.txt": "Title: C\n\ncommon"})
        reindex(archive.settings)
    archive.write({"b.txt": "Title: B\n\ncommon last", "d.txt": "Title: D\n\ncommon"})
    return archive.settings


@pytest.fixture(scope="module")
def faults() -> Iterator[Faults]:
    found = Faults(warm_up)
    yield found
    found.close()


@pytest.fixture(params=EMBEDDED)
def original(request: pytest.FixtureRequest) -> Iterator[Settings]:
    with quick_folder() as folder:
        (folder / "original").mkdir()
        yield prepared(folder / "original", request.param)


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("kind", EVERY)
def test_a_reindex_that_fails_anywhere_loses_nothing_and_the_next_one_repairs(
    faults: Faults, original: Settings, kind: str
) -> None:
    numbers = count()
    root = original.index.parent

    def copied() -> Settings:
        # Each has a folder of its own, since Tantivy watches those that it has opened.
        folder = root.with_name(f"copy{next(numbers)}")
        shutil.copytree(root, folder)
        return replace(original, corpus=folder / "corpus", index=folder / "index")

    before, reference = contents(original), copied()
    calls = faults.calls(update, reference, reading=True)
    after = contents(reference)

    def attempt(fault: Fault) -> None:
        settings = copied()
        outcome = faults.run(fault, update, settings)
        assert outcome.killed or outcome.value or outcome.error.startswith(("ServiceError", "NoIndexError", "UserError"))
        found = contents(settings)
        # A fault that no disk has: the process that reads cannot write to its pipe. That counts as a fault of the file.
        breaks_pipe = "with status" in outcome.value
        if outcome.value.startswith("unread"):
            kept = (before, after, {}) if breaks_pipe else (before, after)
            assert all(found.get(each) in [some.get(each) for some in kept] for each in before), outcome
        else:
            assert found == (after if outcome.value else before if WARNING in outcome.error else found), outcome
            assert found in (before, after), outcome
        require_clean(settings, fault)
        reindex(settings, full=breaks_pipe)
        assert contents(settings) == after
        require_clean(settings, None)
        shutil.rmtree(settings.index.parent, ignore_errors=True)  # Tantivy may lock the index at this moment

    assert tried(faults_at(calls, kind, EVERY[kind]), attempt) > 10


def require_clean(settings: Settings, fault: Fault | None) -> None:
    """Fail if a draft is taken for a generation, or if any trace of it is left although the process could clean up."""
    store = GenerationStore(settings.index)
    numbers = [int(generation.name[1:]) for generation in store.generations()]
    assert numbers == [*range(numbers[0], numbers[-1] + 1)]
    assert len(numbers) <= 3
    assert store.live() == store.generations()[-1]
    left = {path.name for path in settings.index.iterdir() if path.name.startswith(("draft-", "CURRENT."))}
    assert not left or (fault is not None and fault.lasts), f"{left} left behind"
