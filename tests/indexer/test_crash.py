"""Never lost: reindexing that is killed, that has no room, or whose disk fails, while others search."""

import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from searchsvc.api.parameters import parse_question
from searchsvc.config import EMBEDDED, Settings
from searchsvc.errors import ServiceError
from searchsvc.indexer import reindex
from searchsvc.model.article import dump, fingerprint
from searchsvc.query.request import SearchRequest
from searchsvc.search.service import SearchService
from tests.conftest import SOAK, Archive
from tests.searching import ask

# What Whoosh cannot write it leaves to the garbage collection.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")]

KILLS = {"tantivy": 1_000, "whoosh": 200} if SOAK else {"tantivy": 15, "whoosh": 3}
FULL_DISKS = 40 if SOAK else 5
ERRORS = 40 if SOAK else 5
RECORDS = 200
CALLS = {"fsync": 12, "fdatasync": 12, "pwrite64": 25, "ftruncate": 2, "rename,renameat": 8, "mkdir": 3, "link,linkat": 5}
"""System calls that write, and about how often a reindex makes them."""


class Changing:
    """An archive whose files change at random: records, pages and texts come, change, move and go."""

    def __init__(self, archive: Archive, seed: int) -> None:
        self.archive = archive
        self.settings = archive.settings
        self._chance = random.Random(seed)
        for _ in range(8):
            self.change()

    def change(self) -> None:
        """Write some file anew, remove one, or give one another name."""
        corpus, chance = self.archive.corpus, self._chance
        files = sorted(corpus.iterdir())
        what = chance.random()
        if what < 0.15 and len(files) > 4:
            chance.choice(files).unlink()
        elif what < 0.3 and files:
            file = chance.choice(files)
            file.rename(corpus / f"moved{chance.randrange(5)}{file.suffix}")
        else:
            self._write()

    def _write(self) -> None:
        chance = self._chance
        name = chance.choice(["a.jsonl", "b.jsonl", "c.txt", "d.html", "e.txt", "broken.json"])
        words = " ".join(f"w{chance.randrange(500)}" for _ in range(20))
        if name.endswith(".jsonl"):
            body = f"common {words}"
            rows = ({"id": chance.randrange(RECORDS), "title": f"t{n % 3}", "body": body} for n in range(RECORDS))
            self.archive.write({name: "".join(json.dumps(row) + "\n" for row in rows)})
        elif name.endswith(".html"):
            self.archive.write({name: f"<title>Page</title><p>common {words}</p>"})
        else:
            self.archive.write({name: f"Title: Text\n\ncommon {words}"})

    def is_as_a_fresh_one(self, folder: Path) -> bool:
        """Whether the index now has exactly what one made from nothing has."""
        fresh = replace(self.settings, index=folder)
        shutil.rmtree(folder, ignore_errors=True)
        reindex(fresh)
        return contents(self.settings) == contents(fresh)


def contents(settings: Settings) -> dict[str, bytes]:
    """The fingerprint of every article in the live generation, whose files are all sound."""
    live = SearchService(settings).acquire()
    assert list(live.generation.verify_checksums()) == []
    found = {article.id: fingerprint(dump(article)) for article in live.engine.scan(SearchRequest())}
    assert len(found) == live.info.articles == live.engine.count(SearchRequest())
    return found


class Readers:
    """Threads that search all the while, each as a worker does."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._over = threading.Event()
        self.searches = 0
        self.failures: list[str] = []

    def _search(self) -> None:
        service = SearchService(self._settings)
        while not self._over.is_set():
            try:
                searcher = service.acquire()
                answer = searcher.search(parse_question([("q", ""), ("per_page", "3")], searcher))
                everything = searcher.search(parse_question([("q", "common OR -common")], searcher))
                searcher.article(answer.results.hits[0].article.id)
                assert answer.results.total == searcher.info.articles, "an answer without every article"
                assert everything.results.total > 0
            except Exception as error:  # noqa: BLE001  whatever it is, it is a failed read
                self.failures.append(repr(error))
            self.searches += 1

    @contextmanager
    def searching(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._search) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
        assert self.searches > 0
        assert self.failures == []


@pytest.mark.timeout(7_200)
@pytest.mark.parametrize("engine", EMBEDDED)
def test_killed_at_any_moment_nothing_is_lost(archive: Archive, tmp_path: Path, engine: str) -> None:
    """kill -9 at random moments of full and incremental reindexing, with readers."""
    archive.settings = replace(archive.settings, engine=engine)
    changing = Changing(archive, seed=11)
    reindex(changing.settings)  # the first one loads the modules, which those that are killed have
    begun = time.monotonic()
    reindex(changing.settings, full=True)
    longest = time.monotonic() - begun
    chance = random.Random(12)
    killed = 0
    rounds = KILLS[engine]
    readers = Readers(changing.settings)
    with readers.searching():
        for number in range(rounds):
            changing.change()
            killed += is_killed(changing.settings, full=chance.random() < 0.4, after=chance.uniform(0.01, 1.3 * longest))
            assert contents(changing.settings)
            if number % 5 == 4:
                reindex(changing.settings)
                assert changing.is_as_a_fresh_one(tmp_path / "fresh")
                assert not list(changing.settings.index.glob("draft-*"))
    assert killed > rounds // 3
    print(f"{engine}: {rounds} reindexes, {killed} killed, {readers.searches} searches beside them")  # noqa: T201


def is_killed(settings: Settings, *, full: bool, after: float) -> bool:
    """Whether a reindex in a process of its own was killed after so many seconds, before it was done."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["searchsvc.indexer.reindex"])
    process = context.Process(target=reindex, args=(settings,), kwargs={"full": full})
    process.start()
    process.join(after)
    process.kill()
    process.join()
    return process.exitcode != 0


@pytest.mark.parametrize("engine", EMBEDDED)
def test_on_a_full_disk_nothing_is_lost(archive: Archive, small_disk: Path, tmp_path: Path, engine: str) -> None:
    archive.settings = replace(archive.settings, engine=engine, index=small_disk / "index")
    changing = Changing(archive, seed=5)
    reindex(archive.settings)
    service = SearchService(archive.settings)
    chance = random.Random(6)
    filler = small_disk / "filler"
    refused = 0
    for _ in range(FULL_DISKS):
        changing.change()
        before = contents(archive.settings)
        free = shutil.disk_usage(small_disk).free
        filler.write_bytes(bytes(max(0, free - chance.randrange(500_000))))
        try:
            reindex(archive.settings, full=chance.random() < 0.5)
        except ServiceError as error:
            refused += 1
            assert "nothing was published" in str(error)
            assert contents(archive.settings) == before
        assert not list(archive.settings.index.glob("draft-*"))
        assert ask(service, [("q", "common")]).results.total
        filler.unlink()
        reindex(archive.settings)
        assert changing.is_as_a_fresh_one(tmp_path / "fresh")
    assert refused > 1


@pytest.mark.parametrize("engine", EMBEDDED)
def test_when_a_disk_fails_nothing_is_lost(archive: Archive, tmp_path: Path, engine: str) -> None:
    """An input/output error at a random one of the system calls that write: reported, and nothing half is published."""
    archive.settings = replace(archive.settings, engine=engine)
    changing = Changing(archive, seed=21)
    reindex(archive.settings)
    chance = random.Random(22)
    reported = 0
    for _ in range(ERRORS):
        changing.change()
        before = contents(archive.settings)
        call, last = chance.choice(list(CALLS.items()))
        inject = f"inject={call}:error=EIO:when={chance.randint(1, last)}"
        arguments = [*strace(call), "-e", inject, *command(archive.settings, "--full")]
        result = subprocess.run(arguments, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stderr.startswith("searchsvc: ")) in ((0, False), (1, True)), result.stderr
        if "searchsvc: nothing was published" in result.stderr:
            reported += 1
            assert contents(archive.settings) == before
        reindex(archive.settings)
        assert changing.is_as_a_fresh_one(tmp_path / "fresh")
    assert reported > 0


def test_a_file_that_once_could_not_be_read_is_read_the_next_time(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nx", "b.txt": "Title: B\n\nx"})
    file = str(archive.corpus / "a.txt")
    fault = [*strace("read"), "-e", "inject=read:error=EIO", "-P", file]
    for outcome in ("published g000001", "nothing changed: g000001"):
        result = subprocess.run([*fault, *command(archive.settings)], capture_output=True, text=True, check=True)
        assert result.stdout.startswith(outcome)
        assert ("a.txt: cannot be read: Input/output error" in result.stderr) == result.stdout.startswith("published")
        assert list(contents(archive.settings)) == ["b.txt"]
    assert reindex(archive.settings).added == 1
    assert sorted(contents(archive.settings)) == ["a.txt", "b.txt"]


def strace(calls: str) -> list[str]:
    """The command that injects faults into these system calls."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is missing: faults of the disk cannot be injected")
    return [found, "-f", "-qqq", "-o", os.devnull, "-e", f"trace={calls}"]


def command(settings: Settings, *more: str) -> list[str]:
    options = [f"--corpus={settings.corpus}", f"--index={settings.index}", f"--engine={settings.engine}"]
    return [sys.executable, "-m", "searchsvc", "reindex", *options, *more]


def test_ctrl_c_stops_cleanly(archive: Archive) -> None:
    archive.write({"a.txt": "Title: before\n\nx"})
    reindex(archive.settings)
    rows = "".join(json.dumps({"title": f"t{n}", "body": "word " * 500}) + "\n" for n in range(20_000))
    archive.write({"big.jsonl": rows})
    with subprocess.Popen(command(archive.settings), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not list(archive.settings.index.glob("draft-*/engine/*")):
            time.sleep(0.01)
        process.send_signal(2)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (1, "")
    assert re.search("^searchsvc: interrupted", err, re.MULTILINE)
    assert "Traceback" not in err
    assert len(contents(archive.settings)) == 1
    assert not list(archive.settings.index.glob("draft-*"))


def test_two_at_once(archive: Archive) -> None:
    """The second is refused clearly, however long the first takes, and whoever waits gets everything."""
    archive.write({"a.jsonl": "".join(f'{{"title": "t{n}"}}\n' for n in range(2_000))})
    results = [subprocess.Popen(command(archive.settings), stderr=subprocess.PIPE, text=True) for _ in range(4)]
    errors = [process.communicate()[1] for process in results]
    refused = [error for process, error in zip(results, errors, strict=True) if process.returncode]
    assert len(refused) < 4
    assert all(error.startswith("searchsvc: another reindex (process ") for error in refused)
    assert len(contents(archive.settings)) == 2_000


def test_a_clock_that_jumps_back(archive: Archive) -> None:
    """Times are only compared for being the same, so that a file from the past, or the future, is read like any other."""
    archive.write({"a.txt": "Title: A\n\nx"})
    service = archive.service()
    for number, instant in enumerate((4_000_000_000, 1, 946_684_800, 0)):
        archive.write({"a.txt": f"Title: A{number}\n\nx"})
        os.utime(archive.corpus / "a.txt", (instant, instant))
        assert reindex(archive.settings).changed == 1
        current = archive.settings.index / "CURRENT"
        os.utime(current, (instant, instant))
        assert [hit.article.title for hit in ask(service, []).results.hits] == [f"A{number}"]
