"""`searchsvc reindex`: once, for a part of the corpus, and continuously."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result

from searchsvc.cli import main
from searchsvc.index.store import GenerationStore
from tests.conftest import Archive


def run(archive: Archive, *options: str) -> Result:
    paths = {"SEARCHSVC_CORPUS": str(archive.corpus), "SEARCHSVC_INDEX": str(archive.settings.index)}
    return CliRunner().invoke(main, ["reindex", *options], env=paths, catch_exceptions=False)


# Once


def test_a_report_in_json_has_everything(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nx", "b.jsonl": '{"id": "a.txt", "text": "y"}\n' * 2 + "{", "c.exe": "x"})
    report = json.loads(run(archive, "--json").stdout)
    assert report.pop("seconds") >= 0
    assert report.pop("failures")[0]["path"] == "b.jsonl#3"
    assert {name: counts["articles"] for name, counts in report.pop("formats").items()} == {".jsonl": 2, ".txt": 1}
    assert report.pop("duplicates") == ["a.txt: indexed from b.jsonl, a.txt (different texts), ignored in b.jsonl"]
    assert len(report.pop("aliases")) == 1
    assert report.pop("skipped_files") == [{"reason": "unknown format", "suffix": ".exe", "files": 1}]
    assert report == {
        **{"generation": "g000001", "full": "the first time", "published": True, "articles": 2, "files": 2, "read": 2},
        **{"added": 2, "changed": 0, "removed": 0, "unindexed_fields": 0, "skipped": 1, "notes": []},
    }


@pytest.mark.parametrize(
    ("options", "published"),
    [
        pytest.param([], False, id="nothing to do"),
        pytest.param(["--full"], True, id="all files"),
        pytest.param(["--language", "german"], True, id="another language"),
        pytest.param(["--engine", "whoosh"], True, id="another engine"),
        pytest.param(["--workers", "1"], False, id="fewer workers"),
    ],
)
def test_only_a_reason_publishes_a_generation(archive: Archive, options: list[str], published: bool) -> None:
    archive.write({"a.txt": "Title: A\n\nx"})
    run(archive)
    report = json.loads(run(archive, *options, "--json").stdout)
    assert (report["published"], report["full"] is not None, report["articles"]) == (published, published, 1)


@pytest.mark.parametrize("number", ["many", "-1", "1001"])
def test_errors_name_the_option_that_was_typed(archive: Archive, number: str) -> None:
    refused = run(archive, "--workers", number)
    assert refused.exit_code == 2
    assert refused.stderr == f"searchsvc: --workers is “{number}”; it must be a whole number from 0 to 1000\n"
    assert "--reading-processes" not in run(archive, "--help").stdout


def test_a_second_reindex_does_not_start_while_one_runs(archive: Archive) -> None:
    archive.write({"a.txt": "x"})
    with GenerationStore(archive.settings.index).write_lock():
        busy = run(archive)
    assert (busy.exit_code, busy.stdout) == (1, "")
    assert busy.stderr.startswith("searchsvc: ")
    assert len(busy.stderr.splitlines()) == 1
    assert run(archive).exit_code == 0


# Parts


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--part", "1/2", "--full"], "--part cannot be combined with --full or --watch"),
        (["--part", "1/2", "--watch"], "--part cannot be combined with --full or --watch"),
        (["--part", ""], "--part : give the number of a part"),
        (["--part", "1"], "--part 1: give the number of a part and the number of parts, such as 3/16"),
        (["--part", "0/2"], "--part 0/2: give the number of a part"),
        (["--part", "3/2"], "--part 3/2: give the number of a part"),
        (["--part", "-1/2"], "--part -1/2: give the number of a part"),
        (["--part", "1/2/3"], "--part 1/2/3: give the number of a part"),
        (["--part", "1 / 2"], "--part 1 / 2: give the number of a part"),
        (["--part", "½"], "--part ½: give the number of a part"),
        (["--part", "1/2"], "--engine opensearch"),
        (["--part", "1/2", "--engine", "whoosh"], "--engine opensearch"),
    ],
)
def test_parts_that_cannot_be_read_are_wrong_usage(archive: Archive, options: list[str], message: str) -> None:
    archive.write({"a.txt": "x"})
    failed = run(archive, *options)
    assert (failed.exit_code, failed.stdout) == (2, "")
    assert message in failed.stderr
    assert len(failed.stderr.splitlines()) == 1
    assert not archive.settings.index.exists()


# Watching


@contextmanager
def watching(archive: Archive, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Follow the folder in a process of its own, and end it with ctrl-C. One article is there already."""
    archive.write({"a.txt": "Title: A\n\nx"})
    paths = {"SEARCHSVC_CORPUS": str(archive.corpus), "SEARCHSVC_INDEX": str(archive.settings.index)}
    command = [sys.executable, "-m", "searchsvc", "reindex", "--watch", *options]
    with subprocess.Popen(
        command, env=os.environ | paths, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert f"following {archive.corpus}; press ctrl-C to stop" in process.stderr.readline()
        time.sleep(0.5)
        yield process
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0


@pytest.mark.slow
def test_watching_prints_a_line_of_text_for_each_generation(archive: Archive) -> None:
    with watching(archive) as process:
        assert process.stdout is not None
        archive.write({"b.txt": "Title: B\n\nx", "ignored.exe": "x"})
        lines = (line for line in process.stdout if line.startswith("published"))
        assert next(lines).startswith("published g000001 (all files, the first time): 1 article")
        assert next(lines).startswith("published g000002: 2 articles; 1 added, 0 changed, 0 removed; 1 of 2 files read")
        (archive.corpus / "a.txt").unlink()
        assert next(lines).startswith("published g000003: 1 article; 0 added, 0 changed, 1 removed; 0 of 1 file read")
        process.send_signal(signal.SIGINT)
        assert process.stdout.read() == ""


@pytest.mark.slow
def test_watching_goes_on_after_an_error(archive: Archive) -> None:
    with watching(archive) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        with GenerationStore(archive.settings.index).write_lock():
            archive.write({"b.txt": "Title: B\n\nx"})
            assert process.stderr.readline().startswith("searchsvc: ")
        archive.write({"c.txt": "Title: C\n\nx"})
        lines = (line for line in process.stdout if line.startswith("published g000002"))
        assert "3 articles; 2 added" in next(lines)
