"""Reading in several processes: the same items as in one, even if processes die."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

from searchsvc.corpus import ReaderPool, ReadFailure, walk
from searchsvc.corpus.worker_pool import BATCH_SIZE, MIN_PARALLEL_BYTES
from searchsvc.durable import try_lock
from searchsvc.model.article import Article
from tests.conftest import ROOT, Archive
from tests.corpus.reading import read_in_processes

PAGES = 24


def page(number: int, paragraphs: int) -> str:
    text = "".join(
        f"<p>Paragraph {n} of the report on the harbour, which is long enough to be read.</p>" for n in range(paragraphs)
    )
    return f"<html><head><title>Page {number}</title></head><body><article>{text}</article></body></html>"


@pytest.fixture
def pages(archive: Archive) -> Archive:
    """An archive of enough pages to start processes for, a large file of records, and broken files."""
    filler = f"<!--{'x' * (MIN_PARALLEL_BYTES // PAGES)}-->"
    archive.write({f"{number:02}.html": page(number, 3) + filler for number in range(PAGES)})
    archive.write({"broken.html.gz": b"no gzip", "empty.html": "", "many.jsonl": '{"title": "a"}\n' * (3 * BATCH_SIZE)})
    return archive


@pytest.mark.slow
def test_several_processes_read_what_one_reads(pages: Archive) -> None:
    several = read_in_processes(pages, 3)
    assert several == read_in_processes(pages, 1)
    assert len(several) == PAGES + 3
    assert len(several["many.jsonl"]) == 3 * BATCH_SIZE
    assert [type(item) for item in several["broken.html.gz"]] == [ReadFailure]
    assert not multiprocessing.active_children()


@pytest.mark.slow
@pytest.mark.parametrize("deaths", [1, 2, pytest.param(1_000, marks=pytest.mark.slow)])
def test_what_a_dead_process_was_reading_is_tried_again_once(pages: Archive, deaths: int) -> None:
    ended, failures = Counter[str](), list[ReadFailure]()
    with ReaderPool(walk(pages.corpus), (), 2) as readers:
        for number, batch in enumerate(readers.batches()):
            if 2 < number <= 2 + deaths and (workers := multiprocessing.active_children()):
                with suppress(ProcessLookupError):  # it may have ended in the meantime
                    os.kill(workers[0].pid or 0, signal.SIGKILL)
            ended[batch.source.path] += batch.digest is not None
            failures += [item for item in batch.items if isinstance(item, ReadFailure)]
    assert ended == dict.fromkeys(ended, 1)
    assert len(ended) == PAGES + 3
    lost = [failure.path for failure in failures if "SIGKILL" in failure.reason]
    assert len(lost) == len(set(lost)) <= deaths // 2
    unread = {failure.path for failure in failures} - set(lost)
    assert len(unread) == len(failures) - len(lost) <= 2  # the broken files, unless a process died over them too


def test_articles_are_signed_where_they_are_read(archive: Archive) -> None:
    lines = [f'{{"title": "a", "body": "{chr(97 + number % 26) * 9}"}}\n{{}}\n' for number in range(2 * BATCH_SIZE)]
    archive.write({"many.jsonl": "".join(lines), "empty.txt": ""})
    signed = 0
    with ReaderPool(walk(archive.corpus), (), 1, sign_backwards) as readers:
        for batch in readers.batches():
            bodies = [item.body for item in batch.items if isinstance(item, Article)]
            assert batch.signatures == sign_backwards(bodies)
            signed += len(batch.signatures)
    assert signed == 2 * BATCH_SIZE


def sign_backwards(texts: Sequence[str]) -> list[str]:
    return [text[::-1] for text in texts]


@pytest.mark.slow
def test_processes_end_when_their_parent_is_killed(pages: Archive) -> None:
    program = """
import sys, time
from pathlib import Path
from searchsvc.corpus import ReaderPool, walk
with ReaderPool(walk(Path(sys.argv[1])), (), 2) as readers:
    for batch in readers.batches():
        print(batch.source.path, flush=True)
        time.sleep(60)
"""
    arguments = [sys.executable, "-c", program, str(pages.corpus)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        assert len(in_session(process.pid)) >= 3
        process.kill()
    deadline = time.monotonic() + 20
    while in_session(process.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not in_session(process.pid)


def in_session(leader: int) -> list[int]:
    """Return the living processes of a session."""
    stats = {int(path.name): path / "stat" for path in Path("/proc").iterdir() if path.name.isdigit()}
    return [pid for pid, stat in stats.items() if session(stat) == leader]


def session(stat: Path) -> int | None:
    """Return the session of a process, or None if the process is dead."""
    try:
        state, _, _, found = stat.read_text().rpartition(") ")[2].split()[:4]
    except OSError:
        return None
    return None if state == "Z" else int(found)


@pytest.mark.slow
def test_a_lock_ends_with_a_process_that_is_killed_as_soon_as_it_has_started_another(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from searchsvc.corpus.reader_process import ReaderProcess\n"
        "from searchsvc.durable import try_lock\n"
        "assert try_lock(os.open(sys.argv[1], os.O_CREAT | os.O_RDWR))\n"
        "ReaderProcess(); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    for _ in range(10):
        killed = subprocess.run([sys.executable, "-c", code, tmp_path / "lock"], cwd=ROOT, check=False)
        assert killed.returncode == -signal.SIGKILL
        with (tmp_path / "lock").open("rb") as lock:
            until = time.monotonic() + 10
            while not try_lock(lock):
                assert time.monotonic() < until, "the other process has kept the lock"
                time.sleep(0.01)


def test_the_script_that_reads_is_not_run_again_by_the_processes_that_it_starts(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import threading; from searchsvc.corpus.reader_process import ReaderProcess\n"
        "threading.Thread(target=threading.Event().wait, daemon=True).start()\n"  # so that a server forks
        "print('once', flush=True)\n"
        "process = ReaderProcess(); process.send(repr); print(process.receive()); process.kill()\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("once\n<\n", "")


def test_ctrl_c_is_not_lost_while_a_process_starts() -> None:
    code = (
        "import os, signal; from searchsvc.corpus.reader_process import ReaderProcess\n"
        "os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))\n"
        "try:\n    ReaderProcess()\nexcept KeyboardInterrupt:\n    print('interrupted')\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("interrupted\n", "")
