"""Every system call of cloning, publishing, pruning and rolling back: it fails, or the process is killed there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchsvc.index import GenerationStore
from tests.faults import KINDS, Fault, Faults, faults_at, quick_folder, tried
from tests.index.test_store import names, publish

pytestmark = pytest.mark.slow

BEFORE = ["g000001", "g000002", "g000003"]
KEEP = 3
EVERY = {"KILL": 1, "ENOSPC": 1}
"""The kinds of faults that the suite tries at every call. `make soak` does so with all of them."""


def warm_up() -> None:
    """Load nothing: publishing imports nothing late."""


def publish_and_prune(folder: Path) -> str:
    """Publish a clone of the live generation with one more file, and delete the oldest."""
    store = GenerationStore(folder)
    published = publish(store, **{"meta.json": "[]", "new": "words"})
    with store.write_lock():
        store.prune(KEEP)
    return published.name


def roll_back(folder: Path) -> str:
    store = GenerationStore(folder)
    with store.write_lock():
        return store.rollback().name


@pytest.fixture(scope="module")
def faults() -> Iterator[Faults]:
    found = Faults(warm_up)
    yield found
    found.close()


@pytest.fixture
def original() -> Iterator[Path]:
    """An index folder of three generations."""
    with quick_folder() as folder:
        for number in range(3):
            publish(GenerationStore(folder / "original"), **{f"file{number}": "words"})
        yield folder / "original"


def copied(original: Path) -> GenerationStore:
    """Return a new copy of an index folder."""
    folder = original.with_name("index")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(original, folder)
    return GenerationStore(folder)


def live_name(store: GenerationStore) -> str:
    """Return the name of the live generation, whose files are all intact."""
    live = store.live()
    assert live is not None, "no live generation"
    assert list(live.verify_checksums()) == []
    return live.name


def require_no_draft(store: GenerationStore) -> None:
    """Fail if the folder has anything but published generations."""
    left = {path.name for path in store.folder.iterdir() if path.name.startswith(("draft-", "CURRENT."))}
    assert not left, f"{left} left behind"


@pytest.mark.parametrize("kind", KINDS)
def test_a_publication_that_fails_anywhere_leaves_no_trace_and_the_next_one_repairs(
    faults: Faults, original: Path, kind: str
) -> None:
    calls = faults.calls(publish_and_prune, copied(original).folder, reading=True)

    def attempt(fault: Fault) -> None:
        store = copied(original)
        outcome = faults.run(fault, publish_and_prune, store.folder)
        live = live_name(store)
        assert live == "g000004" or not outcome.value, f"{live} is live after {outcome}"
        require_published_only(store, live)
        if not fault.lasts:
            require_no_draft(store)
            assert live == "g000004" or names(store) == BEFORE
        assert publish_and_prune(store.folder) == ("g000005" if live == "g000004" else "g000004")
        require_no_draft(store)
        assert (len(names(store)), names(store)[-1]) == (KEEP, live_name(store))

    assert tried(faults_at(calls, kind, EVERY.get(kind, 4)), attempt) > 10


def require_published_only(store: GenerationStore, live: str) -> None:
    """Fail if a draft, or half a generation, can be pruned or rolled back to."""
    for generation in store.generations():
        assert generation.name in (*BEFORE, live)
        assert list(generation.verify_checksums()) == []
    earlier = store.earlier()
    assert earlier is None or earlier.name in BEFORE


@pytest.mark.parametrize("kind", KINDS)
def test_a_rollback_that_fails_anywhere_loses_nothing_and_can_be_repeated(
    faults: Faults, original: Path, kind: str
) -> None:
    calls = faults.calls(roll_back, copied(original).folder, reading=True)

    def attempt(fault: Fault) -> None:
        store = copied(original)
        outcome = faults.run(fault, roll_back, store.folder)
        live = live_name(store)
        # A generation whose files cannot be read counts as damaged, so that the one before is taken.
        assert live == outcome.value or (live in BEFORE and not outcome.value), f"{live} is live after {outcome}"
        assert names(store) == BEFORE
        if live == "g000003":
            assert roll_back(store.folder) == "g000002"
        with store.write_lock():
            require_no_draft(store)
        assert names(store) == BEFORE

    assert tried(faults_at(calls, kind), attempt) > 10
