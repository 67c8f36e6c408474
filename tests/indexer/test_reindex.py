"""Generations: built aside, published by rename, kept in step with the corpus, and never half."""

import gc
import json
import os
import random
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest

from searchsvc.config import EMBEDDED, Settings
from searchsvc.corpus import walk
from searchsvc.corpus.formats import FORMATS, registry
from searchsvc.errors import NoIndexError, ServiceError, UserError
from searchsvc.extras import LIBRARIES
from searchsvc.index import Generation, GenerationStore
from searchsvc.indexer import Progress, ReindexReport, ingest, publication, reindex
from searchsvc.query.request import SearchRequest
from searchsvc.search.question import Question
from searchsvc.search.service import SearchService
from tests.conftest import ENGINES, ROOT, Archive
from tests.corpus.documents import zipped
from tests.searching import ask

LAST_ANSWERING = {"tantivy": 5, "whoosh": 5, "opensearch": 2}
"""Reindexes after which a searcher still answers: a cluster keeps the last index that was dropped."""


@pytest.fixture(params=ENGINES)
def archive(request: pytest.FixtureRequest, archive_of: Callable[[str], Archive]) -> Archive:
    """An archive for every engine, one after the other."""
    return archive_of(request.param)


def titles(service: SearchService) -> list[str]:
    answer = service.acquire().search(Question(request=SearchRequest(per_page=100)))
    assert answer.results.total == len(answer.results.hits)
    return sorted(hit.article.title for hit in answer.results.hits)


def counts(report: ReindexReport) -> tuple[int, int, int, int]:
    return report.read, report.added, report.changed, report.removed


def record(article_id: str, title: str) -> str:
    return json.dumps({"id": article_id, "title": title, "mood": title}) + "\n"


def test_only_what_changed_is_read(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nx", "b.txt": "Title: B\n\nx", "c.jsonl": record("1", "C1") + record("2", "C2")})
    assert counts(reindex(archive.settings)) == (3, 4, 0, 0)
    service = SearchService(archive.settings)
    assert titles(service) == ["A", "B", "C1", "C2"]

    unchanged = reindex(archive.settings)
    assert (unchanged.published, counts(unchanged)) == (False, (0, 0, 0, 0))

    archive.write({"a.txt": "Title: A2\n\nx", "c.jsonl": record("2", "C2") + record("3", "C3")})
    (archive.corpus / "b.txt").unlink()
    assert counts(reindex(archive.settings)) == (2, 1, 1, 2)
    assert titles(service) == ["A2", "C2", "C3"]
    assert service.acquire().info.fields == {"mood": (2, 2)}

    (archive.corpus / "a.txt").touch()
    touched = reindex(archive.settings)
    assert (touched.published, touched.full, counts(touched)) == (True, None, (0, 0, 0, 0))
    assert not reindex(archive.settings).published


def test_a_renamed_file_keeps_the_articles_that_have_ids_of_their_own(archive: Archive) -> None:
    archive.write({"a.jsonl": record("1", "A"), "b.txt": "Title: B\n\nx"})
    service = archive.service()
    (archive.corpus / "a.jsonl").rename(archive.corpus / "z.jsonl")
    (archive.corpus / "b.txt").rename(archive.corpus / "y.txt")
    assert counts(reindex(archive.settings)) == (2, 1, 1, 1)
    assert service.acquire().article("1").path == "z.jsonl"
    assert service.acquire().article("y.txt").title == "B"
    assert titles(service) == ["A", "B"]


def test_failures_are_reported_counted_and_stop_nothing(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nx", "bad.json": "{", "c.jsonl": "{}\n" + record("1", "C")})
    report = reindex(archive.settings)
    assert [(failure.path, failure.reason.split(":")[0]) for failure in report.failures] == [
        ("bad.json", "is not JSON"),
        ("c.jsonl#1", "has no text"),
    ]
    service = SearchService(archive.settings)
    assert titles(service) == ["A", "C"]
    assert service.acquire().info.failures == 2


def test_rollback_and_kept_generations(archive: Archive) -> None:
    service = SearchService(archive.settings)
    for number in range(5):
        archive.write({"a.txt": f"Title: T{number}\n\nx"})
        reindex(archive.settings)
    assert [generation.name for generation in service.store.generations()] == ["g000003", "g000004", "g000005"]
    assert service.rollback().name == "g000004"
    assert titles(service) == ["T3"]
    assert service.rollback().name == "g000003"
    with pytest.raises(UserError, match="no undamaged generation before the live one"):
        service.rollback()
    assert reindex(archive.settings).generation == "g000006"
    assert titles(service) == ["T4"]


def test_running_requests_end_on_the_generation_they_began_with(archive: Archive) -> None:
    service = archive.write({"a.txt": "Title: old\n\nx"}).service()
    before = service.acquire()
    last = LAST_ANSWERING[archive.settings.engine]
    for number in range(last + 1):
        archive.write({"a.txt": f"Title: new{number}\n\nx"})
        reindex(archive.settings)
    assert not before.generation.folder.exists()
    assert before.engine.search(SearchRequest()).articles[0].article.title == "old"
    assert titles(service) == [f"new{last}"]


def test_one_writer_at_a_time(archive: Archive) -> None:
    archive.write({"a.txt": "x"})
    with (
        GenerationStore(archive.settings.index).write_lock(),
        pytest.raises(ServiceError, match=f"another reindex \\(process {os.getpid()}\\)"),
    ):
        reindex(archive.settings)


@pytest.mark.parametrize("archive", EMBEDDED, indirect=True)  # the files of a cluster are not in the folder
def test_every_file_is_listed_with_its_checksum_and_clones_share_them(archive: Archive) -> None:
    archive.write({f"{number}.txt": f"Title: {number}\n\nx" for number in range(3)})
    reindex(archive.settings)
    first = GenerationStore(archive.settings.index).live()
    archive.write({"3.txt": "Title: 3\n\nx"})
    reindex(archive.settings)
    second = GenerationStore(archive.settings.index).live()
    assert first is not None
    assert second is not None
    before, after = first.info().files, second.info().files
    own = {"manifest.sqlite", "words.json", "signatures.base", "signatures.changes", "stories.arrays"}
    assert {name.split("/")[0] for name in after} == own | {"engine"}
    shared = [name for name in before if name in after and (second.folder / name).stat().st_nlink > 1]
    assert shared
    assert all(before[name] == after[name] for name in shared)


def describe(generation: Generation, **changed: int) -> None:
    """Change the description of a generation, as if another version had published it."""
    file = generation.folder / "generation.json"
    described = orjson.loads(file.read_bytes()) | changed
    del described["seal"]
    file.write_bytes(orjson.dumps(described | {"seal": zlib.crc32(orjson.dumps(described))}))


@pytest.mark.parametrize("version", ["schema", "reader", "manifest"])
def test_another_version_of_any_format_means_a_full_reindex(tmp_path: Path, version: str) -> None:
    archive = Archive(tmp_path).write({"a.txt": "Title: A\n\nx"})
    reindex(archive.settings)
    (live,) = GenerationStore(archive.settings.index).generations()
    describe(live, **{version: 999})
    report = reindex(archive.settings)
    assert (report.full, report.read) == ("the live generation was made by another version of searchsvc", 1)
    assert not reindex(archive.settings).published


def test_times_of_changes_never_go_backwards(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    def updates(now: int, *, full: bool = False, **changed: str) -> dict[str, int]:
        archive.write({f"{name}.txt": f"Title: {name}\n{text}" for name, text in changed.items()})
        for module in (ingest, publication):
            monkeypatch.setattr(module, "time", lambda: now)
        reindex(archive.settings, full=full)
        live = GenerationStore(archive.settings.index).live()
        assert live is not None
        with live.open_manifest() as manifest:
            return manifest.updates(["a.txt", "b.txt", "c.txt"])

    assert updates(100, a="Date: 2020-01-01\n\nx", b="Date: 2020-01-01\n\nx", c="\nundated") == {"c.txt": 100}
    assert updates(200, a="Date: 2020-01-01\n\ny") == {"a.txt": 200, "c.txt": 100}
    assert updates(300, full=True) == {"a.txt": 200, "c.txt": 100}
    assert updates(400, full=True, a="Date: 2020-01-01\n\nz") == {"a.txt": 400, "c.txt": 100}
    assert updates(500, full=True, b="Date: 2020-01-01\n\ny") == {"a.txt": 400, "b.txt": 500, "c.txt": 100}
    assert updates(600, full=True, c="\nstill undated") == {"a.txt": 400, "b.txt": 500, "c.txt": 600}


def test_what_must_be_kept_is_published_although_no_article_changes(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nx", "b.jsonl": record("1", "B"), "c.jsonl": record("2", "C")})
    reindex(archive.settings)
    os.utime(archive.corpus / "a.txt", (1, 1))
    assert reindex(archive.settings).published  # or else the next reindex would compare the file again
    archive.write({"b.jsonl": record("1", "B") + "\n"})
    assert reindex(archive.settings).published
    archive.write({"b.jsonl": record("1", "B") + "{}\n"})
    assert reindex(archive.settings).published
    assert not reindex(archive.settings).published


def test_another_extra_means_a_full_reindex_since_archives_may_need_it(
    archive_of: Callable[[str], Archive], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = archive_of("tantivy").write({"a.zip": zipped({"b.tale": "Title: Tea\n\nx"}), "c.txt": "Title: C\n\nx"})
    monkeypatch.setitem(FORMATS, ".tale", FORMATS[".txt"]._replace(extra="tales"))
    monkeypatch.setitem(LIBRARIES, "tales", ("no_such_library",))
    assert reindex(archive.settings).skipped == 1
    monkeypatch.setitem(LIBRARIES, "tales", ("sys",))
    registry._describe_missing.cache_clear()  # as if the process had just started
    report = reindex(archive.settings)
    assert (report.full, report.read) == ("another extra of searchsvc has been installed", 2)
    assert not reindex(archive.settings).published
    monkeypatch.delitem(FORMATS, ".tale")
    assert not reindex(archive.settings).published, "an extra that is gone is no reason to read anything"


def test_progress_ends_when_everything_is_read(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    rows = "".join(record(str(number), "t") for number in range(200))
    archive.write({"a.jsonl": rows, "b.jsonl": "{}\n" + rows, "c.txt": "x"})
    steps: list[Progress] = []
    reindex(archive.settings, on_progress=steps.append)
    size = sum(file.stat().st_size for file in archive.corpus.iterdir())
    assert steps[-1] == Progress(total_bytes=size, done_bytes=size, articles=401, failures=1)
    assert [step.done_bytes for step in steps] == sorted(step.done_bytes for step in steps)
    assert len(steps) > 6


def test_another_schema_or_a_damaged_generation_is_never_misread(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nx"})
    reindex(archive.settings)
    live = GenerationStore(archive.settings.index).live()
    assert live is not None
    describe(live, schema=999)
    with pytest.raises(NoIndexError, match=r"another version of searchsvc .schema 999.*run `searchsvc reindex`"):
        SearchService(archive.settings).acquire()
    report = reindex(archive.settings)
    assert "another version" in (report.full or "")
    assert titles(SearchService(archive.settings)) == ["A"]
    (GenerationStore(archive.settings.index).generations()[-1].folder / "generation.json").write_text("{")
    with pytest.raises(NoIndexError, match="is damaged"):
        SearchService(archive.settings).acquire()
    assert reindex(archive.settings).full == "the live generation is damaged"


def test_a_new_generation_that_cannot_be_opened_leaves_the_old_one_answering(archive: Archive) -> None:
    service = archive.write({"a.txt": "Title: A\n\nx"}).service()
    assert titles(service) == ["A"]
    archive.write({"a.txt": "Title: B\n\nx"})
    reindex(archive.settings)
    live = service.store.live()
    assert live is not None
    for file in live.engine.iterdir():
        file.unlink()
    assert titles(service) == ["A"]


def test_no_index_says_what_to_do(archive: Archive) -> None:
    with pytest.raises(NoIndexError, match="run `searchsvc reindex`"):
        SearchService(archive.settings).acquire()


def test_a_folder_that_cannot_be_written(archive: Archive) -> None:
    with pytest.raises(UserError, match=r"/proc/none cannot be written.*make it writable, or name another with --index"):
        reindex(replace(archive.settings, index=Path("/proc/none")))


def test_an_index_folder_that_is_a_file(archive: Archive) -> None:
    archive.settings.index.write_text("")
    with pytest.raises(UserError, match=r"cannot be written.*or name another with --index"):
        reindex(archive.settings)


def test_another_language_means_a_full_reindex(archive: Archive) -> None:
    archive.write({"a.txt": "Title: maisons\n\nx"})
    reindex(archive.settings)
    french = replace(archive.settings, language=("french",))
    assert reindex(french).full == f"the live generation is for {french.engine} and any language"
    service = SearchService(french)
    assert ask(service, [("q", "maison")]).results.total == 1


def test_a_changed_file_is_found_by_its_bytes_where_size_is_the_same(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nx"})
    reindex(archive.settings)
    archive.write({"a.txt": "Title: B\n\nx"})
    os.utime(archive.corpus / "a.txt", ns=(1, 1))
    assert reindex(archive.settings).changed == 1


def test_the_sample_archive_has_what_it_promises(tmp_path: Path) -> None:
    settings = replace(Archive(tmp_path).settings, corpus=ROOT / "corpus")
    report = reindex(settings)
    assert not report.failures
    assert not report.duplicates
    assert report.articles >= 60
    service = SearchService(settings)
    names = ("date", "section", "place", "author", "source", "language")
    results = ask(service, [("facet", name) for name in names], choose_facets=True).results
    facets = {facet.field: {value.value for value in facet.values} for facet in results.facets}
    assert results.dates is not None
    assert len(results.dates.values) >= 4
    assert len(facets["section"]) == 6
    assert len(facets["place"]) >= 10
    assert len(facets["author"]) >= 8
    assert len(facets["source"]) >= 3
    assert {"hi", "zh", "fr"} <= facets["language"]
    formats = {"".join(Path(source.path).suffixes) for source in walk(settings.corpus)}
    assert formats >= {".txt", ".md", ".html", ".json", ".jsonl", ".csv", ".jsonl.gz", ".xml", ".atom", ".warc.gz", ".zip"}


@pytest.mark.slow
@pytest.mark.parametrize("kilobytes", [1, 60, 400])
def test_when_writing_fails_nothing_is_published(archive: Archive, kilobytes: int) -> None:
    """No file may grow beyond some size, wherever in the building of a generation that bites: as on a full disk."""
    archive.write({"a.txt": "Title: before\n\nx"})
    reindex(archive.settings)
    chance = random.Random(3)
    rows = (record(str(number), " ".join(f"w{chance.randrange(10**6)}" for _ in range(30))) for number in range(1_000))
    archive.write({"big.jsonl": "".join(rows)})
    limited = f"ulimit -f {kilobytes}; exec {sys.executable} -m searchsvc reindex"
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}  # has files of its own
    environ |= {"SEARCHSVC_CORPUS": str(archive.corpus), "SEARCHSVC_INDEX": str(archive.settings.index)}
    result = subprocess.run(["bash", "-c", limited], env=environ, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "searchsvc: nothing was published" in result.stderr
    assert titles(SearchService(archive.settings)) == ["before"]
    assert not list(archive.settings.index.glob("draft-*"))
    assert reindex(archive.settings).articles == 1_001


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="only Linux says which files are mapped")
def test_a_service_that_reads_ahead_lets_go_of_generations_that_are_gone(tmp_path: Path) -> None:
    settings = Settings(corpus=tmp_path / "corpus", index=tmp_path / "index", keep=1)
    settings.corpus.mkdir()
    service = SearchService(settings, prewarm=True, on_prewarmed=gc.collect)
    mapped = []
    for number in range(2):
        (settings.corpus / "a.txt").write_text(f"Title: Tea {number}\n\nGreen tea.")
        mapped.append(f"{settings.index}/{reindex(settings).generation}/")
        service.acquire()
        time.sleep(0.5)  # the first is read ahead at once
    until = time.monotonic() + 20
    while mapped[0] in (maps := Path("/proc/self/maps").read_text()):
        assert time.monotonic() < until, "the first generation is still mapped"
        time.sleep(0.1)
    assert mapped[1] in maps
