"""One generation, fed by several machines: here, by several processes on one."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from searchsvc.cli.commands import main
from searchsvc.config import environment
from searchsvc.corpus.uploads import put_path
from searchsvc.errors import BusyError, ServiceError, UserError
from searchsvc.index import GenerationStore
from searchsvc.indexer import field_names, ingest, publication, reindex
from searchsvc.indexer.distributed import Part, parse_part, parts, reindex_part
from searchsvc.query.ast import Term
from searchsvc.query.request import SearchRequest
from searchsvc.search.service import SearchService
from tests.conftest import Archive
from tests.privileges import without_privileges

pytestmark = pytest.mark.slow

PARTS = 4
SITE = "https://x.example/"


@pytest.fixture
def archive(cluster_archive: Archive) -> Archive:
    """Files of all sizes; some articles share an id, within a file and across files, and some are put or withdrawn.

    Ids that are addresses are those of one article, others may be those of several.
    """
    files: dict[str, str | bytes] = {f"{n}.jsonl": rows(n * 100, 20 + 40 * n) for n in range(8)}
    files["again.jsonl"] = rows(0, 15, "again") + rows(3, 2, "twice")
    files["zz.jsonl"] = rows(10, 20, "last")
    for number, fields in ((12, {"title": "put", "text": "Put cup of tea."}), (13, {"withdrawn": True})):
        for article_id in (f"a{number}", f"{SITE}{number}"):
            files[put_path(article_id)] = json.dumps({"id": article_id, **fields})
    return cluster_archive.write(files)


def rows(first: int, number: int, title: str = "first") -> str:
    """Return two records for each number: one whose id is an address, and one whose id may be that of others too."""
    return "".join(
        json.dumps({"id": f"{prefix}{n}", "title": f"{title} {n}", "text": f"Cup {n} of tea. " * 9, "place": f"p{n % 3}"})
        + "\n"
        for n in range(first, first + number)
        for prefix in ("a", SITE)
    )


def command(archive: Archive, part: int) -> "subprocess.Popen[str]":
    """A machine that reads a part."""
    program = Path(sys.executable).with_name("searchsvc")
    arguments = [str(program), "reindex", "--part", f"{part}/{PARTS}", "--json"]
    environ = os.environ | environment(archive.settings)
    return subprocess.Popen(arguments, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def titles(archive: Archive) -> dict[str, str]:
    engine = SearchService(archive.settings).acquire().engine
    assert engine.count(SearchRequest(Term("tea"))) == engine.count(SearchRequest())
    return {article.id: article.title for article in engine.scan(SearchRequest())}


def test_several_machines_publish_what_one_would(archive: Archive) -> None:
    machines = [command(archive, part) for part in range(1, PARTS + 1)]
    told = [machine.communicate(timeout=100) for machine in machines]
    assert [machine.returncode for machine in machines] == [0] * PARTS, told
    reports = [json.loads(output) for output, _ in told]
    assert sum(report["published"] for report in reports) == 1
    assert all(report["read"] >= 1 for report in reports)
    together = titles(archive)
    kept = [together[f"{SITE}{number}"] for number in (5, 4, 12, 20)]
    assert kept == ["again 5", "twice 4", "put", "last 20"]
    assert not {"a13", f"{SITE}13"} & together.keys()
    assert [
        together[each] for each in ("a5", "a5@again.jsonl", "a4@again.jsonl", "a12", "a12@again.jsonl", "a12@zz.jsonl")
    ] == [*("first 5", "again 5", "twice 4", "put", "again 12", "last 12")]
    assert "a13@zz.jsonl" in together
    assert SearchService(archive.settings).acquire().info.fields["place"][0] == len(together) - 2
    (published,) = (report for report in reports if report["published"])
    assert [line.split(":")[0] for line in published["aliases"]] == ["again.jsonl", "zz.jsonl"]
    assert f"{SITE}10: indexed from zz.jsonl (the last one), ignored in 0.jsonl, again.jsonl" in published["duplicates"]
    assert not list(archive.settings.index.glob("distributed-*"))

    assert not reindex(archive.settings).published  # one machine goes on, and finds nothing changed
    archive.write({"zz.jsonl": rows(10, 1, "changed")})
    assert reindex(archive.settings).published
    changed = titles(archive)
    assert (changed[f"{SITE}10"], changed[f"{SITE}14"]) == ("changed 10", "again 14")
    assert (changed["a10"], changed["a10@zz.jsonl"], "a14@zz.jsonl" in changed) == ("first 10", "changed 10", False)
    reindex(archive.settings, full=True)
    assert titles(archive) == changed


def test_versions_in_different_parts_are_one_story(archive: Archive) -> None:
    whole = " ".join(f"word{number}" for number in range(200))
    texts = {"v1": whole, "v2": f"{whole} and more", "v3": f"Reuters: {whole}", "a5": whole}
    for name, text in texts.items():
        archive.write({f"of-{name}.jsonl": json.dumps({"id": name, "title": name, "text": text}) + "\n"})
    for part in range(1, PARTS + 1):
        reindex_part(archive.settings, Part(part, PARTS))
    together = stories(archive)
    assert together == [["a5@of-a5.jsonl", "v1", "v2", "v3"]]
    reindex(archive.settings, full=True)
    assert stories(archive) == together


def stories(archive: Archive) -> list[list[str]]:
    return [[version.id for version in versions] for versions in SearchService(archive.settings).acquire().stories]


def test_fields_that_no_part_indexes_stay_so_in_versions(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field_names, "MAX_COUNTED", 5)
    whole = " ".join(f"word{number}" for number in range(200))
    names = {f"name{number}": "x" for number in range(9)}
    first = [{"id": "many", "text": "Tea.", **names}, {"id": "v1", "text": whole, "name1": "kept", "late": "left out"}]
    archive.write({"first.jsonl": "".join(json.dumps(each) + "\n" for each in first)})
    archive.write({"second.jsonl": json.dumps({"id": "v2", "text": whole}) + "\n"})
    for part in range(1, PARTS + 1):
        reindex_part(archive.settings, Part(part, PARTS))
    searcher = SearchService(archive.settings).acquire()
    assert stories(archive) == [["v1", "v2"]]
    found = {
        name: [each.value for each in searcher.engine.facet(SearchRequest(), name).values] for name in ("name1", "late")
    }
    assert found == {"name1": ["kept", "x"], "late": []}
    assert searcher.article("v1").extra["late"] == ("left out",)


def test_the_signatures_of_a_part_are_durable_before_its_manifest(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed, fsync = list[str](), os.fsync

    def record(descriptor: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", record)
    reindex_part(archive.settings, Part(1, PARTS))
    assert flushed[-3:] == ["signatures", "manifest.new", "part-0001"]
    for part in range(2, PARTS):
        reindex_part(archive.settings, Part(part, PARTS))
    (build,) = archive.settings.index.glob("distributed-*")
    (build / "part-0001" / "signatures").write_bytes(b"damaged")
    with pytest.raises(
        ServiceError, match=r"signatures is damaged .*: build the index anew with `searchsvc reindex --full`"
    ):
        reindex_part(archive.settings, Part(PARTS, PARTS))
    assert reindex(archive.settings, full=True).published


def test_a_part_that_was_broken_off_is_read_again_and_one_that_was_done_is_not(archive: Archive) -> None:
    archive.write({"big.jsonl": rows(5_000, 4_000)})  # the largest file, so that part 1 has it
    for part in range(2, PARTS + 1):
        assert reindex_part(archive.settings, Part(part, PARTS)).missing == (1, *range(part + 1, PARTS + 1))
    again = reindex_part(archive.settings, Part(2, PARTS))
    assert (again.read, again.missing) == (0, (1,))
    (build,) = archive.settings.index.glob("distributed-*")
    killed = command(archive, 1)
    begun = build / "part-0001" / "manifest.new"
    until = time.monotonic() + 30
    while not begun.exists() and time.monotonic() < until:
        time.sleep(0.01)
    with pytest.raises(BusyError, match="part 1 is being read by process"):
        reindex_part(archive.settings, Part(1, PARTS))
    time.sleep(0.5)  # some of it is written
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    with pytest.raises(BusyError, match="part 1 is missing: continue with `searchsvc reindex --part N/4`"):
        reindex(archive.settings)
    assert reindex_part(archive.settings, Part(1, PARTS)).published
    small = {*range(10, 30), *(n * 100 + k for n in range(8) for k in range(20 + 40 * n))} - {13}
    found = titles(archive)
    assert {each for each in found if each.startswith(SITE)} == {f"{SITE}{n}" for n in (*small, *range(5_000, 9_000))}
    assert {each for each in found if "@" not in each} == {
        f"{each}{n}" for each in (SITE, "a") for n in (*small, *range(5_000, 9_000))
    }


def test_times_of_changes_are_those_of_one_machine(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def updates(now: int) -> set[int]:
        for module in (ingest, parts, publication):
            monkeypatch.setattr(module, "time", lambda: now)
        for part in range(1, PARTS + 1):
            reindex_part(archive.settings, Part(part, PARTS))
        live = GenerationStore(archive.settings.index).live()
        assert live is not None
        with live.open_manifest() as manifest:
            return set(manifest.updates([*titles(archive), "timely.jsonl#1"]).values())

    archive.write({"timely.jsonl": '{"title": "tea", "date": "2020-01-01"}\n'})
    assert updates(100) == {100}, "all but one article have no date"
    assert updates(200) == {100}
    archive.write({"timely.jsonl": '{"title": "tea again", "date": "2020-01-01"}\n'})
    assert updates(300) == {100, 300}


def test_what_nobody_goes_on_with_is_given_up(archive: Archive) -> None:
    reindex_part(archive.settings, Part(2, PARTS))
    for wrong in (Part(1, 3), Part(3, 8)):
        with pytest.raises(UserError, match="the build of g000001 started with parts 4"):
            reindex_part(archive.settings, wrong)
    with pytest.raises(UserError, match="started with language any, not german"):
        reindex_part(archive.with_settings(language=("german",)), Part(1, PARTS))
    assert reindex(archive.settings, full=True).published
    assert not list(archive.settings.index.glob("distributed-*"))
    assert titles(archive)[f"{SITE}5"] == "again 5"


def test_what_a_crash_while_publishing_left_is_not_gone_on_with(archive: Archive) -> None:
    for part in range(1, PARTS):
        reindex_part(archive.settings, Part(part, PARTS))
    (build,) = archive.settings.index.glob("distributed-*")
    kept = {path: path.read_bytes() for path in build.rglob("*") if path.is_file()}
    assert reindex_part(archive.settings, Part(PARTS, PARTS)).published
    for path, content in kept.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    assert not reindex(archive.settings).published
    assert not build.exists()


def test_parts_are_refused_where_they_mean_nothing(tmp_path: Path) -> None:
    for text in ("3", "0/4", "5/4", "1/0", "1/9999", "a/b", "1/2/3", "-1/2"):
        with pytest.raises(UserError, match="give the number of a part"):
            parse_part(text)
    (tmp_path / "corpus").mkdir()
    for arguments, message in (
        (["--part", "1/2"], "leave --part out, or use --engine opensearch"),
        (["--part", "1/2", "--full"], "--part cannot be combined with --full"),
    ):
        ran = CliRunner().invoke(main, ["reindex", "--corpus", f"{tmp_path}/corpus", *arguments])
        assert (ran.exit_code, message in ran.stderr) == (2, True)


def test_a_folder_that_cannot_be_listed_is_reported_unless_articles_would_be_lost(archive: Archive) -> None:
    (archive.corpus / "lost+found").mkdir(mode=0)
    with without_privileges():
        report = reindex_part(archive.settings, Part(1, 1))
    assert [failure.path for failure in report.failures] == ["lost+found"]
    before = titles(archive)
    (archive.corpus / "api").chmod(0)
    with without_privileges(), pytest.raises(UserError, match=r"api/.* is in the index, but out of reach \(api cannot be"):
        reindex_part(archive.settings, Part(1, 1))
    assert titles(archive) == before
    (archive.corpus / "api").chmod(0o755)
    assert reindex_part(archive.settings, Part(1, 1)).published
