"""The commands, and the service run by `searchsvc serve` and by gunicorn."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchsvc.cli.commands import main
from searchsvc.config import Settings
from tests.conftest import ROOT, Archive
from tests.corpus.documents import zipped
from tests.serving import free_port, get, running, serve_command


def run(archive: Archive | Settings, *arguments: str, **environ: str) -> Result:
    settings = archive.settings if isinstance(archive, Archive) else archive
    paths = {"SEARCHSVC_CORPUS": str(settings.corpus), "SEARCHSVC_INDEX": str(settings.index)}
    return CliRunner().invoke(main, list(arguments), env=paths | environ, catch_exceptions=False)


def test_reindex_prints_a_report(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nx", "bad.json": "{"})
    first = run(archive, "reindex")
    assert first.exit_code == 0
    assert "published g000001 (all files, the first time): 1 article; 1 added" in first.stdout
    assert "bad.json: is not JSON" in first.stderr
    assert run(archive, "reindex").stdout == "nothing changed: g000001 has 1 article\n"
    report = json.loads(run(archive, "reindex", "--full", "--json").stdout)
    assert (report["generation"], report["added"], report["failures"][0]["path"]) == ("g000002", 1, "bad.json")


def test_search_prints_hits(sample: Settings) -> None:
    result = run(sample, "search", '"working group"', "--filter", "source:HNA", "--sort", "newest")
    assert result.exit_code == 0
    assert "2 articles in" in result.stdout
    assert "1. Auland and Merrow held a working group meeting" in result.stdout
    assert "section:" not in result.stdout
    assert "source: *HNA 2" in result.stdout


def test_search_as_json_is_what_the_api_answers(sample: Settings) -> None:
    arguments = ["tea", "--from", "2021", "--to", "2021-12", "--match", "any", "--page", "1", "--per-page", "2"]
    answer = json.loads(run(sample, "search", *arguments, "--json").stdout)
    assert answer["links"]["self"] == "/api/v1/search?q=tea&match=any&from=2021-01-01&to=2021-12-31&per_page=2"
    assert len(answer["results"]) == 2


QUOTED = "Auland and Merrow held a workinggroup meeting"


def test_quote_prints_what_was_printed(sample: Settings) -> None:
    verbatim = run(sample, "quote", "held a “working\ngroup” meeting", "--from", "2022", "--to", "2022-12")
    assert verbatim.exit_code == 0
    assert verbatim.stdout.startswith("printed word for word in 1 article, ")
    assert "   2022-12-23 · HNA · wire/2022-12-23-08.txt\n   held a working group meeting\n" in verbatim.stdout
    near = run(sample, "quote", QUOTED, "--filter", "source:HNA", "--limit", "1").stdout
    assert near.startswith("not printed word for word, ")
    assert " · 7 of 7 words\n   Auland and Merrow held a [-workinggroup-] {+working group+} meeting\n" in near
    assert run(sample, "quote", "zyx wvu tsr").stdout.startswith("not found, and nothing close to it, ")


def test_quote_reads_standard_input_and_prints_what_the_api_answers(sample: Settings) -> None:
    paths = {"SEARCHSVC_CORPUS": str(sample.corpus), "SEARCHSVC_INDEX": str(sample.index)}
    for arguments in (["quote", "--json"], ["quote", "-", "--json"]):
        result = CliRunner().invoke(main, arguments, env=paths, input=b"\xff held a working\ngroup meeting \xff")
        answer = json.loads(result.stdout)
        assert (answer["total"], answer["text"]) == (1, "\ufffd held a working\ngroup meeting \ufffd")
    endless = CliRunner().invoke(main, ["quote"], env=paths, input="word " * 300_000)
    assert (endless.exit_code, "the passage has 999,999 characters; the limit is 5,000" in endless.stderr) == (2, True)


def test_facets_are_printed_under_the_name_that_filters_by_them(archive: Archive) -> None:
    rows = [
        {"text": f"Tea {n}.", "date": date} for n, date in enumerate(("circa 1900", "circa 1900", "undated", "2022-12-23"))
    ]
    archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
    run(archive, "reindex")
    printed = run(archive, "search", "tea", "--filter", "date:circa 1900", SEARCHSVC_FACETS="date").stdout
    assert printed.startswith("2 articles in")
    assert "\ndate: *circa 1900 2, undated 1\n" in printed


def test_terminal_output_holds_no_control_characters(archive: Archive) -> None:
    archive.write({"a.jsonl": json.dumps({"title": "\x1b]0;owned\x07 tea", "text": "\x1b[31m tea"}) + "\n"})
    run(archive, "reindex")
    assert "\x1b" not in run(archive, "search", "tea").stdout


def test_arguments_that_are_not_unicode(sample: Settings) -> None:
    for arguments in (["\udcff tea", "--match", "any"], ["tea", "--filter", "place:\udcff"]):
        assert run(sample, "search", *arguments, "--json").exit_code == 0


def test_stats_and_rollback(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\nmood: calm\n\nx", "bad.json": "{"})
    run(archive, "reindex")
    run(archive, "reindex", "--full")
    stats = run(archive, "stats").stdout
    assert "g000002: 1 article of 2 files, tantivy, english" in stats
    assert "mood: 1 article, about 1 value" in stats
    assert "not read: bad.json: is not JSON" in stats
    assert json.loads(run(archive, "stats", "--json").stdout)["fields"] == {"mood": {"articles": 1, "values": 1}}
    assert run(archive, "rollback").stdout == "g000001 is live again\n"
    assert run(archive, "rollback").exit_code == 2


def test_stats_of_a_damaged_index_say_what_to_do(archive: Archive) -> None:
    archive.write({"a.txt": "x"})
    run(archive, "reindex")
    (archive.settings.index / "g000001" / "manifest.sqlite").write_bytes(b"garbage")
    result = run(archive, "stats")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "manifest.sqlite cannot be read (file is not a database): go back with `searchsvc rollback`" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["reindex", "--engine", "lucene"], 2, "--engine is “lucene”; it must be one of tantivy"),
        (["quote", "two words"], 2, "the passage has 2 words; it needs at least 3"),
        (["quote", "three old words", "--limit", "0"], 2, "limit is “0”; it must be a whole number"),
        (["reindex", "--language", "klingon"], 2, "--language is “klingon”"),
        (
            ["reindex", "--corpus", "/none"],
            2,
            "the corpus /none does not exist: create it, or choose another with --corpus",
        ),
        (["reindex", "--index", "/proc/none"], 2, "cannot be written"),
        (["search", "x", "--index", "/none"], 1, "run `searchsvc reindex`"),
        (["search", "x", "--filter", "place"], 2, "“place” is not a filter: write FIELD:VALUE"),
        (["search", "x", "--filter", "plcae:x"], 2, "did you mean “place”"),
        (["search", "x", "--page", "0"], 2, "page is “0”; it must be a whole number from 1"),
        (["search", "x", "--from", "soon"], 2, "from is “soon”; it must be a date"),
        (["search", "x" * 1_001], 2, "the query has 1,001 characters"),
        (["serve", "--port", "99999"], 2, "--port is “99999”; it must be a whole number from 1 to 65535"),
        (["nonsense"], 2, "searchsvc: no such command 'nonsense'; see `searchsvc --help`\n"),
        (["serch"], 2, "searchsvc: no such command 'serch'; did you mean search?\n"),
        (["search", "--sorted", "x"], 2, "searchsvc: no such option '--sorted'; did you mean --sort?\n"),
        (
            ["search", "tide", "-tea"],
            2,
            "to leave out a word, write -- in front of the words, as in `searchsvc search -- tide",
        ),
        (["rollback", "x"], 2, "searchsvc: got unexpected extra argument (x); see `searchsvc rollback --help`\n"),
        (["inspect", "x", "--limit", "0"], 2, "searchsvc: invalid value for '--limit': 0 is not in the range x>=1; see"),
        (["export", "--format", "xml"], 2, "searchsvc: invalid value for '--format': 'xml' is not one of 'jsonl', 'csv'"),
        (["export", "--output", "/nowhere/x"], 1, "searchsvc: /nowhere/x cannot be written: No such file or directory\n"),
        (["--config", "/none.toml", "stats"], 2, "--config names the settings file “/none.toml”, which does not exist"),
    ],
)
def test_wrong_usage_is_reported_in_one_line(sample: Settings, arguments: list[str], status: int, message: str) -> None:
    result = run(sample, *arguments)
    assert result.exit_code == status
    assert message in result.stderr
    assert (result.stdout, result.stderr[:11], result.stderr.count("\n")) == ("", "searchsvc: ", 1)


@pytest.mark.slow
def test_settings_come_from_file_environment_and_options(archive: Archive, tmp_path: Path) -> None:
    archive.write({"a.txt": "x"})
    file = tmp_path / "s.toml"
    file.write_text(f'index = "{tmp_path}/from-file"\nlanguage = "french"\n')
    command = [sys.executable, "-m", "searchsvc", "--config", str(file), "reindex", "--corpus", str(archive.corpus)]
    subprocess.run(command, check=True, capture_output=True)
    assert (tmp_path / "from-file" / "CURRENT").exists()
    environ = os.environ | {"SEARCHSVC_INDEX": str(tmp_path / "from-environment")}
    subprocess.run(command, check=True, capture_output=True, env=environ)
    assert (tmp_path / "from-environment" / "CURRENT").exists()
    file.write_text("inex = 'x'")
    wrong = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (wrong.returncode, "unknown setting “inex”" in wrong.stderr) == (2, True)


# Served


@pytest.mark.slow
def test_serve_reindexes_answers_and_follows_new_generations_in_every_worker(archive: Archive) -> None:
    archive.write({"a.txt": "Title: Tea\n\nx"})
    port = free_port()
    with running(serve_command(port, "--reindex"), archive.settings, port):
        assert get(port, "/api/search?q=tea")["total"] == 1
        taken = run(archive, "serve", "--port", str(port))
        assert (taken.exit_code, f"port {port} on 127.0.0.1 is in use" in taken.stderr) == (1, True)
        archive.write({"b.txt": "Title: Tea too\n\nx"})
        run(archive, "reindex")
        assert {get(port, "/api/search?q=tea")["total"] for _ in range(40)} == {2}
        run(archive, "rollback")
        assert {get(port, "/api/search?q=tea")["total"] for _ in range(40)} == {1}


@pytest.mark.slow
def test_gunicorn_serves_wsgi_app(sample: Settings) -> None:
    port = free_port()
    with running([sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "wsgi:app"], sample, port):
        assert get(port, "/api/search?q=tea")["total"] == 3
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(port, f"/api/search?q={'x' * 100_000}")
        assert refused.value.code in (400, 414)
        refused.value.close()
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(port, f"/api/search?q={'(' * 3_000}")
        assert refused.value.code == 400
        refused.value.close()
        assert get(port, "/healthz")["status"] == "ok"


@pytest.mark.slow
def test_a_wrong_setting_stops_gunicorn_with_a_message(sample: Settings) -> None:
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{free_port()}", "wsgi:app"]
    environ = os.environ | {"SEARCHSVC_CORPUS": str(sample.corpus), "SEARCHSVC_FACETS_": "source"}
    stopped = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert stopped.returncode == 4
    assert "searchsvc: " in stopped.stderr
    assert "SEARCHSVC_FACETS_" in stopped.stderr
    assert "Traceback" not in stopped.stderr


def test_inspect_shows_fields_and_their_provenance(archive: Archive) -> None:
    archive.write({"a.jsonl": '{"headline": "Tea \\u001b[31m", "mood": "calm"}\n{"x": 1}\n{"title": "B"}\n', "b.exe": "x"})
    shown = run(archive, "inspect", str(archive.corpus / "a.jsonl"), "--limit", "2")
    assert "       title  Tea [31m   [“headline”]" in shown.stdout
    assert "  extra.mood  calm" in shown.stdout
    assert "a.jsonl#2: has no text" in shown.stderr
    assert " B " not in shown.stdout
    data = json.loads(run(archive, "inspect", str(archive.corpus / "a.jsonl"), "--json").stdout)
    assert data["articles"][1]["fields"]["title"] == {"value": "B", "from": "“title”"}
    failed = run(archive, "inspect", str(archive.corpus / "none.txt"))
    assert (failed.exit_code, "is not a file" in failed.stderr) == (2, True)


@pytest.mark.slow
def test_inspect_says_what_tells_the_format_of_a_file_and_why_others_are_skipped(archive: Archive) -> None:
    archive.write(
        {"a.php": "<!doctype html><title>Tea</title><h1>Tea</h1><p>Text", "b.exe": "x", "c.zip": zipped({"d.exe": "x"})}
    )
    archive.write({"notes": "Only text"})
    shown = run(archive, "inspect", str(archive.corpus / "a.php"))
    assert shown.stdout.startswith("read as .html, because of its first bytes\n")
    data = json.loads(run(archive, "inspect", str(archive.corpus / "c.zip"), "--json").stdout)
    assert data["format"] == {"suffix": ".zip", "from": "its name", "reader": "searchsvc"}
    assert data["skipped_files"] == [{"reason": "unknown format", "suffix": ".exe", "files": 1}]
    assert "skipped 1 file: 1 unknown format (.exe 1)" in run(archive, "inspect", str(archive.corpus / "c.zip")).stderr
    for name, reason in (("b.exe", "known formats are .txt"), ("notes", "neither its name nor its first bytes tell one")):
        failed = run(archive, "inspect", str(archive.corpus / name))
        assert (failed.exit_code, "is skipped: unknown format" in failed.stderr, reason in failed.stderr) == (2, True, True)


def test_inspect_tells_the_encoding_and_why(archive: Archive) -> None:
    archive.write({"a.txt": "Der Müller schläft – „noch“.".encode("cp1252"), "b.csv": "title\nMühle\n"})
    shown = run(archive, "inspect", str(archive.corpus / "a.txt")).stdout
    assert "\nencoding: cp1252, the likeliest by its letters\n" in shown
    data = json.loads(run(archive, "inspect", str(archive.corpus / "b.csv"), "--json").stdout)
    assert data["decisions"] == {"encoding": "utf-8, since all of it is valid", "columns": "1, separated by commas"}


def test_inspect_tells_which_list_has_the_records(archive: Archive) -> None:
    archive.write({"a.json": '{"page": {"n": 1, "rows": [{"title": "T", "text": "x"}]}}', "b.jsonl": '{"title": "T"}'})
    shown = run(archive, "inspect", str(archive.corpus / "a.json")).stdout
    assert "records: in the list “page.rows”, whose objects are most like articles\n" in shown
    assert "records: every value of the file\n" in run(archive, "inspect", str(archive.corpus / "b.jsonl")).stdout


@pytest.mark.slow
def test_watch_follows_the_folder_and_ends_with_ctrl_c(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nx"})
    paths = {"SEARCHSVC_CORPUS": str(archive.corpus), "SEARCHSVC_INDEX": str(archive.settings.index)}
    command = [sys.executable, "-m", "searchsvc", "reindex", "--watch"]
    with subprocess.Popen(
        command, env=os.environ | paths, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "published g000001" in process.stdout.readline()
        assert "following" in process.stderr.readline()
        time.sleep(0.5)
        archive.write({"new/b.txt": "Title: B\n\nx"})
        (archive.corpus / "a.txt").rename(archive.corpus / "c.txt")
        lines = (line for line in process.stdout if line.startswith("published"))
        assert "published g000002: 2 articles; 2 added, 0 changed, 1 removed" in next(lines)
        with (archive.corpus / "slow.txt").open("w") as slow:
            for part in ("Title: ", "Slow", "\n\n", "and whole"):
                slow.write(part)
                slow.flush()
                time.sleep(0.8)
        assert "published g000003: 3 articles; 1 added" in next(lines)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


# The settings file


@pytest.mark.parametrize("environ", [{}, {"SEARCHSVC_CONFIG": "/nowhere.toml"}])
def test_a_settings_file_that_does_not_exist_is_an_error(sample: Settings, environ: dict[str, str]) -> None:
    options = () if environ else ("--config", "/nowhere.toml")
    result = run(sample, *options, "stats", **environ)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "names the settings file “/nowhere.toml”, which does not exist" in result.stderr
