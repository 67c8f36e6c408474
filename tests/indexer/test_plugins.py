"""Readers as plug-ins, through the command: the documented one, faulty ones, and what a reindex reads again."""

import gzip
import json
import os
import pickle
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.corpus.formats import registry
from searchsvc.index import GenerationStore
from searchsvc.indexer import ReindexReport, reindex
from searchsvc.query import SearchRequest
from searchsvc.search import Question, SearchService
from tests.conftest import ROOT, Archive
from tests.corpus.documents import zipped
from tests.plugins import install

DOCUMENTED = (ROOT / "docs" / "readers.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", DOCUMENTED, re.DOTALL)
(PROJECT,) = map(tomllib.loads, re.findall(r"```toml\n(.*?)```", DOCUMENTED, re.DOTALL))
TALK = "WEBVTT - On tides\n\n1\n00:01.000 --> 00:04.000\n<v Ann>The ferry waits\n\n00:05.000 --> 00:09.000\nfor the tide.\n"
IMPORT = "from searchsvc.corpus import *\n"
ONE = f"{IMPORT}def read(stream):\n    return Record({{'title': 'T', 'text': stream.read().decode()}})\n"
LINES = f"{IMPORT}def read(stream):\n    for line in stream:\n        yield Record({{'text': line.decode()}})\n"


class Plugged(Archive):
    """An archive, and a folder for plug-ins."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.plugins = folder / "plugins"
        self.plugins.mkdir()

    def install(
        self, source: str, version: str = "1.0", readers: dict[str, str] | None = None, name: str = "tide-vtt"
    ) -> None:
        """Install or update a distribution with a reader of `.vtt`, or with other readers."""
        module = name.replace("-", "_")
        install(self.plugins, name, version, readers or {"vtt": f"{module}:read"}, {module: source})

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command that sees the plug-ins."""
        environ = {"PYTHONPATH": f"{self.plugins}:{ROOT}", "PYTHONDONTWRITEBYTECODE": "1"}
        environ |= {"SEARCHSVC_CORPUS": str(self.corpus), "SEARCHSVC_INDEX": str(self.settings.index)}
        command = [sys.executable, "-m", "searchsvc", *arguments]
        environ = os.environ | environ
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False, cwd=self.corpus)

    def json(self, *arguments: str) -> Any:
        done = self.run(*arguments, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def reindex(self, *, full: bool = False) -> ReindexReport:
        """Reindex in this process, whose readers of files are others, as if it had just started."""
        registry.plugins.cache_clear()
        return reindex(self.settings, full=full)

    def failures(self) -> dict[str, str]:
        """Return the reasons of the failures of a reindex."""
        return {each.path: each.reason for each in self.reindex().failures}

    def total(self, query: str) -> int:
        searcher = SearchService(self.settings).acquire()
        return searcher.count(SearchRequest(searcher.parse(query, "all").tree))

    def ids(self) -> list[str]:
        return sorted(article.id for article in SearchService(self.settings).acquire().scan(Question()))


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Plugged]:
    plugged = Plugged(tmp_path)
    monkeypatch.syspath_prepend(plugged.plugins)
    registry.plugins.cache_clear()  # other tests of this process may have looked for plug-ins
    yield plugged
    registry.plugins.cache_clear()


# The documented plug-in


@pytest.fixture
def documented(plugged: Plugged) -> Plugged:
    project = PROJECT["project"]
    install(plugged.plugins, project["name"], project["version"], project["entry-points"]["searchsvc.readers"], {})
    (plugged.plugins / "searchsvc_vtt.py").write_text(EXAMPLE)
    return plugged


def test_the_documented_plug_in_reads_files_also_compressed_and_in_archives(documented: Plugged) -> None:
    documented.write({"a.vtt": TALK, "b.VTT.gz": gzip.compress(TALK.encode()), "c.zip": zipped({"d/e.vtt": TALK})})
    documented.write({"2021-03-05-f.vtt": TALK, "bad.vtt": "RIFF", "g.txt": "Title: Other\n\nx"})
    report = documented.json("reindex")
    assert (report["articles"], report["skipped"], report["notes"]) == (5, 0, [])
    assert [(each["path"], each["reason"]) for each in report["failures"]] == [("bad.vtt", "is not WebVTT")]
    assert report["formats"][".vtt"].items() >= {"files": 4, "articles": 3, "failures": 1}.items()
    answer = documented.json("search", '"ferry waits for the tide"')
    assert sorted(hit["id"] for hit in answer["results"]) == ["2021-03-05-f.vtt", "a.vtt", "b.VTT.gz", "c.zip/d/e.vtt"]
    assert {hit["title"] for hit in answer["results"]} == {"On tides"}
    assert [hit["date"] for hit in answer["results"] if hit["id"].startswith("2021")] == ["2021-03-05"]


@pytest.mark.slow
def test_inspect_says_which_plug_in_reads_a_file(documented: Plugged) -> None:
    documented.write({"a.vtt": TALK, "b.exe": "x"})
    shown = documented.run("inspect", "a.vtt").stdout
    assert shown.startswith("read as .vtt by searchsvc-vtt 1.0, because of its name\n")
    assert "title  On tides   [“title”]" in shown
    assert documented.json("inspect", "a.vtt")["format"]["reader"] == "searchsvc-vtt 1.0"
    assert ", .vtt" in documented.run("inspect", "b.exe").stderr


def test_the_example_has_about_twenty_lines() -> None:
    assert len([line for line in EXAMPLE.splitlines() if line]) <= 20


@pytest.mark.slow
def test_many_slow_files_are_read_by_several_processes(plugged: Plugged) -> None:
    plugged.install(ONE)
    plugged.write({f"{number}.vtt": "tide " * 400_000 for number in range(6)})
    report = plugged.json("reindex", "--workers", "2")
    assert (report["articles"], report["failures"]) == (6, [])


def test_records_that_are_yielded_have_numbers(plugged: Plugged) -> None:
    plugged.install(LINES)
    plugged.write({"a.vtt": "One\nTwo\n"}).service()
    assert plugged.ids() == ["a.vtt#1", "a.vtt#2"]


# What is read again


@pytest.mark.slow
def test_an_update_reads_the_files_again_and_no_others(plugged: Plugged) -> None:
    plugged.write(
        {"a.vtt": "tide", "b.txt": "Title: B\n\nx", "c.zip": zipped({"d.vtt": "x", "e.txt": "x"}), "f.jsonl": "{}"}
    )
    assert plugged.json("reindex")["skipped_files"] == [{"reason": "unknown format", "suffix": ".vtt", "files": 2}]
    plugged.install(ONE)
    report = plugged.json("reindex")
    assert (report["full"], report["read"], report["added"], report["skipped"]) == (None, 2, 2, 0)
    assert plugged.json("reindex")["published"] is False
    plugged.install(ONE.replace("'T'", "'New'"), "1.1")
    report = plugged.json("reindex")
    assert (report["full"], report["read"], report["added"], report["changed"]) == (None, 2, 0, 2)
    assert plugged.total("title:new") == 2


def test_a_change_without_a_new_version_needs_a_full_reindex(plugged: Plugged) -> None:
    plugged.install(ONE)
    plugged.write({"a.vtt": "tide"}).service()
    plugged.install(ONE.replace("'T'", "'New'"))
    assert plugged.reindex().published is False
    assert plugged.reindex(full=True).published is True
    assert plugged.total("title:new") == 1


def test_removing_a_plug_in_removes_its_articles(plugged: Plugged) -> None:
    plugged.install(ONE)
    plugged.write({"a.vtt": "tide", "b.txt": "Title: B\n\nx"}).service()
    next(plugged.plugins.glob("*.dist-info")).joinpath("entry_points.txt").unlink()
    report = plugged.reindex()
    assert (report.articles, report.removed, report.skipped) == (1, 1, 1)


def test_a_file_that_its_bytes_told_is_read_again_by_a_plug_in(plugged: Plugged) -> None:
    plugged.write({"a.story": "<!doctype html><title>Tea</title><h1>Tea</h1><p>Text"})
    assert plugged.reindex().articles == 1
    plugged.install(ONE, readers={"story": "tide_vtt:read"})
    assert plugged.reindex().changed == 1


def test_the_versions_of_plug_ins_are_found_out_once_for_all_files(plugged: Plugged) -> None:
    plugged.install(ONE)
    former = registry.reader_versions()
    assert former == {".vtt": "tide-vtt 1.0: tide_vtt:read"}
    assert registry.reader_versions() is former


# Faults

LOADING, READING = "needs tide-vtt 1.0, which cannot be loaded: ", "cannot be read by tide-vtt 1.0: "
FAULTS = {
    "an import that fails": ("import no_such", f"{LOADING}ModuleNotFoundError: No module named 'no_such'"),
    "a syntax error": ("def read(:", f"{LOADING}SyntaxError: "),
    "an import that exits": ("raise SystemExit(3)", f"{LOADING}SystemExit: 3"),
    "no such function": ("", f"{LOADING}AttributeError: module 'tide_vtt' has no attribute"),
    "something else": ("read = 7", f"{LOADING}tide_vtt:read is no function"),
    "an error": ("def read(stream): raise KeyError('x')", f"{READING}KeyError: 'x'"),
    "an exit": ("import sys\ndef read(stream): sys.exit()", f"{READING}SystemExit"),
    "no answer": ("def read(stream): pass", f"{READING}TypeError: 'NoneType' object is not iterable"),
    "no parameter": ("def read(): pass", f"{READING}TypeError: read() takes 0 positional arguments but 1 was given"),
    "no record": ("def read(stream): yield {}", f"{READING}TypeError: it gives a dict instead of a Record"),
    "an object": (
        f"{IMPORT}def read(stream): return Record({{'title': object()}})",
        f"{READING}TypeError: a object is no value of a field",
    ),
    "a value that contains itself": (
        f"{IMPORT}def read(stream):\n    x = []; x.append(x)\n    return Record({{'title': x}})",
        f"{READING}RecursionError: ",
    ),
    "a long record": (
        f"{IMPORT}def read(stream): return Record({{'text': 'tide ' * 5_000_000}})",
        f"{READING}ValueError: a record has more than 20,971,520 characters",
    ),
    "the network": (
        "import socket\ndef read(stream): socket.create_connection(('127.0.0.1', 9))",
        f"{READING}PermissionError: what reads files may not use the network",
    ),
    "a missing file": (
        "def read(stream): return open('/none').read()",
        f"{READING}FileNotFoundError: [Errno 2] No such file or directory: '/none'",
    ),
    "too much memory": (
        "def read(stream): return bytearray(2**31)",
        "needs more than 500 MB of memory, being read by tide-vtt 1.0",
    ),
    "a crash": (
        "import os\ndef read(stream): os._exit(7)",
        "cannot be read: the process that read it died (with status 7), perhaps from lack of memory, being read by tide",
    ),
}


@pytest.mark.parametrize(("source", "reason"), FAULTS.values(), ids=FAULTS)
def test_a_faulty_plug_in_costs_its_files_only_and_is_named(plugged: Plugged, source: str, reason: str) -> None:
    plugged.install(source)
    plugged.write({"a.vtt": "x", "b.txt": "Title: B\n\nx", "c.vtt": "x"})
    failures = plugged.failures()
    assert failures.keys() == {"a.vtt", "c.vtt"}
    assert [each for each in failures.values() if not each.startswith(reason)] == []
    assert plugged.ids() == ["b.txt"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "source", ["def read(stream):\n    while True: pass", "while True: pass"], ids=["reading", "importing"]
)
def test_a_plug_in_that_takes_too_long_is_stopped(plugged: Plugged, source: str) -> None:
    plugged.install(source)
    plugged.write({"a.vtt": "x", "b.txt": "Title: B\n\nx"})
    late = "takes more processor time than 3 s and 0.5 s for each MB, being read by tide-vtt 1.0"
    assert plugged.failures() == {"a.vtt": late}
    assert plugged.ids() == ["b.txt"]
    assert plugged.run("inspect", "a.vtt").stderr == "a.vtt: takes more processor time than 3 s and 0.5 s for each MB\n"


def test_what_was_read_before_an_error_is_kept(plugged: Plugged) -> None:
    plugged.install(f"{LINES}        if line == b'Two\\n': raise ValueError('enough')\n")
    plugged.write({"a.vtt": "One\nTwo\nThree\n"})
    assert plugged.failures() == {"a.vtt": "cannot be read by tide-vtt 1.0: ValueError: enough"}
    assert plugged.ids() == ["a.vtt#1", "a.vtt#2"]


def test_while_a_plug_in_cannot_be_imported_its_articles_stay(plugged: Plugged) -> None:
    plugged.install(ONE)
    plugged.write({"a.vtt": "tide", "b.txt": "Title: B\n\nx"}).service()
    plugged.install("import no_such", "1.1")
    for is_news in (True, False, False):
        report = plugged.reindex()
        assert [each.path for each in report.failures] == ["a.vtt"]
        assert (report.published, report.generation) == (is_news, "g000002")
        assert plugged.ids() == ["a.vtt", "b.txt"]
    assert [each.name for each in GenerationStore(plugged.settings.index).generations()] == ["g000001", "g000002"]
    assert sorted(each.name for each in plugged.settings.index.glob("*g0*")) == ["g000001", "g000002"]
    plugged.install(ONE.replace("'T'", "'Mended'"), "1.1")
    assert plugged.failures() == {}
    assert plugged.total("title:mended") == 1


def test_what_a_plug_in_prints_is_no_output_of_the_command(plugged: Plugged) -> None:
    plugged.install(f"import os\nprint('loading')\nos.system('echo a shell')\n{ONE}")
    plugged.write({"a.vtt": "tide"})
    done = plugged.run("reindex", "--json")
    assert json.loads(done.stdout)["articles"] == 1
    assert "loading" in done.stderr
    assert "a shell" in done.stderr


def test_notes_and_failures_of_a_plug_in_are_reported(plugged: Plugged) -> None:
    given = "ReadNote('is\\nold'), ReadFailure('has no text'), Record({'text': 'x'})"
    plugged.install(f"{IMPORT}def read(stream): yield from [{given}]")
    plugged.write({"a.vtt": "tide"})
    report = plugged.reindex()
    assert report.notes == ("a.vtt: is old",)
    assert [(each.path, each.reason) for each in report.failures] == [("a.vtt#1", "has no text")]
    assert plugged.ids() == ["a.vtt#2"]


# Several


def test_suffixes_that_are_taken_are_noted(plugged: Plugged) -> None:
    every = {"txt": "a:read", ".ZIP": "a:read", "gz": "a:read", "tgz": "a:read", "a b": "a:read", ".VTT": "tide_vtt:read"}
    plugged.install(ONE, readers=every)
    plugged.install("", name="zz-vtt", readers={"vtt": "zz_vtt:read"})
    plugged.write({"a.vtt": "tide", "b.txt": "Title: B\n\nx"})
    notes = plugged.json("reindex")["notes"]
    own = "which is not used: searchsvc reads these files itself"
    assert sorted(notes) == [
        "tide-vtt 1.0 offers a reader of 'a b', which is no suffix",
        *(f"tide-vtt 1.0 offers a reader of {suffix}, {own}" for suffix in (".gz", ".tgz", ".txt", ".zip")),
        "zz-vtt 1.0 offers a reader of .vtt, which is not used: tide-vtt 1.0 reads these files",
    ]
    assert plugged.ids() == ["a.vtt", "b.txt"]
    assert plugged.json("inspect", "b.txt")["notes"] == notes


def test_damaged_metadata_of_a_distribution_stop_no_reindex(plugged: Plugged) -> None:
    plugged.install(ONE)
    plugged.write({"a.txt": "Title: A\n\nx"})
    next(plugged.plugins.glob("*.dist-info")).joinpath("entry_points.txt").write_bytes(b"[searchsvc.readers]\n\xff = ]")
    report = plugged.reindex()
    assert (report.articles, [note.partition(":")[0] for note in report.notes]) == (1, ["plug-ins cannot be listed"])


# Whatever a plug-in yields

_scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes()
_values = st.recursive(
    _scalars | st.characters(categories=["Cs"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.frozensets(st.text()),
    max_leaves=20,
)
_names = st.sampled_from(["id", "title", "text", "date", "author", "url", "tags", "path", "mood", "\ud800", ""]) | st.text()


@pytest.mark.slow
@given(fields=st.lists(st.dictionaries(_names, _values), max_size=20))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_record_ends_a_reindex(plugged: Plugged, fields: list[dict[str, Any]]) -> None:
    source = f"{IMPORT}import pickle\ndef read(stream):\n    yield from map(Record, pickle.load(stream))\n"
    plugged.install(source)
    plugged.write({"a.vtt": pickle.dumps(fields), "b.txt": "Title: B\n\nx"})
    report = plugged.reindex()
    assert report.articles >= 1
    assert all(" has no text" in f" {each.reason}" or "is not well formed" in each.reason for each in report.failures)
