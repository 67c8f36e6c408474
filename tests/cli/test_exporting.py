"""`searchsvc export`: everything that a search finds, in each format, to a file or a pipe."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient

from searchsvc.cli import exporting, main
from searchsvc.config import Settings
from searchsvc.errors import ServiceError
from searchsvc.indexer import reindex
from tests.conftest import ENGINES, ROOT, Archive


def run(settings: Settings, *arguments: str) -> Result:
    paths = {"SEARCHSVC_CORPUS": str(settings.corpus), "SEARCHSVC_INDEX": str(settings.index)}
    return CliRunner().invoke(main, ["export", *arguments], env=paths, catch_exceptions=False)


def titles(result: Result) -> list[str]:
    assert (result.exit_code, result.stderr) == (0, "")
    return [json.loads(line)["title"] for line in result.stdout.splitlines()]


@pytest.mark.parametrize("form", ["jsonl", "csv", "ris"])
def test_the_command_writes_what_the_service_answers(sample: Settings, client: FlaskClient, form: str) -> None:
    exported = run(sample, "tide", "--format", form, "--filter", "section:Environment", "--sort", "oldest")
    answer = client.get(f"/search.{form}?q=tide&section=Environment&sort=oldest")
    # The command does not know where articles have their pages, by which those without an address are cited.
    assert exported.stdout_bytes == re.sub(rb"UR  - http://localhost/.*\r\n", b"", answer.data)
    assert len(answer.data) > 500


def test_without_words_everything_is_exported_newest_first(sample: Settings) -> None:
    lines = [json.loads(line) for line in run(sample).stdout.splitlines()]
    days = [line["date"] for line in lines if line["date"]]
    assert len(lines) == 92
    assert days == sorted(days, reverse=True)


def test_the_options_are_those_of_a_search(sample: Settings) -> None:
    every = titles(run(sample, "tide", "ferry", "--match", "any"))
    assert len(every) > len(titles(run(sample, "tide", "ferry"))) > 0
    assert set(titles(run(sample, "--match", "any", "--", "tide", "ferry", "-timetable"))) < set(every)
    assert set(titles(run(sample, "tide", "--from", "2022", "--to", "2022-12"))) < set(every)
    assert sorted(titles(run(sample, "tide", "--sort", "relevance"))) == sorted(titles(run(sample, "tide")))


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
def test_an_export_comes_back_whole_by_a_reindex(archive_of: Callable[[str], Archive], engine: str, tmp_path: Path) -> None:
    archive = archive_of(engine)
    archive.write({"a.jsonl": "".join(json.dumps({"id": str(n), "text": f"Tea {n}"}) + "\n" for n in range(700))})
    reindex(archive.settings)
    file = tmp_path / "again" / "all.jsonl"
    file.parent.mkdir()
    options = ["--index", str(archive.settings.index), "--output", str(file)]
    environ = {"SEARCHSVC_OPENSEARCH_URL": ",".join(archive.settings.opensearch_url)}
    environ |= {"SEARCHSVC_OPENSEARCH_INDEX": archive.settings.opensearch_index}
    done = CliRunner().invoke(main, ["export", *options], env=environ, catch_exceptions=False)
    assert (done.exit_code, done.stdout) == (0, f"700 articles written to {file}\n")
    again = Settings(corpus=file.parent, index=tmp_path / "again-index")
    assert reindex(again).articles == 700
    assert titles(run(again)) == [f"Tea {number}" for number in sorted(range(700), key=str)]


# Files


@pytest.mark.parametrize(
    ("name", "options", "form"),
    [
        ("a.csv", [], "csv"),
        ("a.RIS", [], "ris"),
        ("a.jsonl", [], "jsonl"),
        ("a", [], "jsonl"),
        ("a.csv", ["--format", "ris"], "ris"),
        ("a.txt", ["--format", "jsonl"], "jsonl"),
    ],
)
def test_the_suffix_of_the_file_names_the_format(
    sample: Settings, tmp_path: Path, name: str, options: list[str], form: str
) -> None:
    done = run(sample, "tide", "--output", str(tmp_path / name), *options, "--json")
    assert json.loads(done.stdout) == {"articles": 9, "format": form, "output": str(tmp_path / name)}
    assert (tmp_path / name).read_bytes() == run(sample, "tide", "--format", form).stdout_bytes


def test_a_suffix_that_is_no_format_needs_one(sample: Settings, tmp_path: Path) -> None:
    refused = run(sample, "tide", "--output", str(tmp_path / "a.atom"))
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr == (
        f"searchsvc: --output {tmp_path / 'a.atom'}: .atom is no format of exports: choose jsonl, csv, ris with --format\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [ServiceError("the engine failed"), KeyboardInterrupt()], ids=["failure", "ctrl-C"])
def test_an_export_that_is_broken_off_leaves_the_file_as_it_was(
    sample: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def broken_off(*_: object) -> Iterator[bytes]:
        yield b"half"
        raise error

    monkeypatch.setattr(exporting, "export", broken_off)
    (tmp_path / "a.csv").write_text("before")
    for name in ("a.csv", "b.csv"):
        assert run(sample, "--output", str(tmp_path / name)).exit_code == 1
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.csv", "before")]


def test_a_file_that_is_replaced_keeps_its_mode_and_its_links(sample: Settings, tmp_path: Path) -> None:
    file, link = tmp_path / "a.csv", tmp_path / "link.csv"
    file.write_text("before")
    file.chmod(0o640)
    link.symlink_to(file)
    assert run(sample, "tide", "--output", str(link)).exit_code == 0
    assert (link.is_symlink(), file.stat().st_mode & 0o777) == (True, 0o640)
    assert len(list(csv.DictReader(io.StringIO(file.read_text())))) == 9


def test_a_pipe_is_written_directly(sample: Settings, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as pool:
        read = pool.submit(pipe.read_bytes)
        run(sample, "tide", "--output", str(pipe))
    assert read.result() == run(sample, "tide").stdout_bytes
    assert pipe.is_fifo()


def test_a_file_is_replaced_when_the_export_is_complete(sample: Settings, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("before")
    assert run(sample, "--output", str(file), "--filter", "plcae:x").exit_code == 2
    assert file.read_text() == "before"
    assert run(sample, "zyxwv", "--output", str(file)).stdout == f"0 articles written to {file}\n"
    assert list(csv.DictReader(io.StringIO(file.read_text()))) == []
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_said_in_one_line(sample: Settings) -> None:
    assert (
        run(sample, "--output", "/dev/full").stderr == "searchsvc: /dev/full cannot be written: No space left on device\n"
    )
    command = [sys.executable, "-m", "searchsvc", "export", "--index", str(sample.index)]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    assert (done.returncode, done.stderr) == (1, "searchsvc: No space left on device\n")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not tell the memory of a process")
def test_an_export_takes_no_memory_for_its_size(archive: Archive, tmp_path: Path) -> None:
    text = "tide and ferry " * 2_000
    archive.write({"a.jsonl": "\n".join(json.dumps({"id": str(n), "text": f"{n} {text}"}) + "\n" for n in range(6_000))})
    reindex(archive.settings)
    # Not by getrusage(2), which also counts what the process before it had.
    code = (
        "import sys; from searchsvc.cli import main\ntry: main()\n"
        "finally: print(open('/proc/self/status').read().partition('VmHWM:')[2].split()[0], file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "export", "--index", str(archive.settings.index)]
    with (tmp_path / "all.jsonl").open("wb") as file:
        done = subprocess.run(command, stdout=file, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    assert (tmp_path / "all.jsonl").stat().st_size > 170_000_000
    assert int(done.stderr) < 120_000  # KB, of which the mapped index is a part
