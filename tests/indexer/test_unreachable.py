"""Folders and files out of reach: reported, tried again, and their articles stay as they were."""

import json
import random
import shutil
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from searchsvc.config import EMBEDDED
from searchsvc.corpus.uploads import put_path, tombstone_record
from searchsvc.index import GenerationStore
from searchsvc.indexer import ReindexReport, reindex
from searchsvc.search import SearchService
from tests.conftest import SOAK, Archive
from tests.indexer.test_crash import command, contents, strace
from tests.privileges import without_privileges

LOST = "lost cannot be listed: Permission denied"


@pytest.fixture(params=EMBEDDED)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    """An archive with an article in each of three folders, indexed."""
    archive = Archive(tmp_path)
    archive.settings = archive.with_settings(engine=request.param)
    rows = "".join(record(number, "first") for number in range(3))
    archive.write({"a/a.txt": "Title: A\n\nx", "lost/b.jsonl": rows, "lost/deep/c.txt": "Title: C\n\nx"})
    reindex(archive.settings)
    return archive


def record(number: int, title: str, prefix: str = "r") -> str:
    return json.dumps({"id": f"{prefix}{number}", "title": f"{title} {number}", "mood": title}) + "\n"


def update(archive: Archive, *, lost: bool = True, full: bool = False) -> ReindexReport:
    """Reindex, while the folder cannot be listed or, unless it is lost, can."""
    (archive.corpus / "lost").chmod(0 if lost else 0o755)
    context: Callable[[], AbstractContextManager[None]] = without_privileges if lost else nullcontext
    with context():
        report = reindex(archive.settings, full=full)
    (archive.corpus / "lost").chmod(0o755)
    return report


def titles(archive: Archive) -> dict[str, str]:
    engine = SearchService(archive.settings).acquire().engine
    return {each: article.title for each in contents(archive.settings) if (article := engine.get(each)) is not None}


def failures(report: ReindexReport) -> list[str]:
    return [f"{failure.path} {failure.reason}" for failure in report.failures]


def is_as_a_fresh_one(archive: Archive, tmp_path: Path) -> bool:
    fresh = replace(archive.settings, index=tmp_path / "fresh")
    reindex(fresh, full=True)
    return contents(archive.settings) == contents(fresh)


FIRST = {"a/a.txt": "A", "r0": "first 0", "r1": "first 1", "r2": "first 2", "lost/deep/c.txt": "C"}


def test_its_articles_stay_and_everything_else_is_updated(archive: Archive, tmp_path: Path) -> None:
    archive.write({"a/a.txt": "Title: A2\n\nx", "a/new.txt": "Title: New\n\nx"})
    report = update(archive)
    assert (report.published, report.added, report.changed, report.removed) == (True, 1, 1, 0)
    assert failures(report) == [LOST]
    assert titles(archive) == FIRST | {"a/a.txt": "A2", "a/new.txt": "New"}
    assert SearchService(archive.settings).acquire().info.failures == 1
    again = update(archive)
    assert (again.published, failures(again)) == (False, [LOST])


@pytest.mark.parametrize("full", [False, True])
def test_it_is_tried_again_at_the_next_reindex(archive: Archive, tmp_path: Path, full: bool) -> None:
    archive.write({"lost/b.jsonl": record(0, "second"), "a/a.txt": "Title: A2\n\nx"})
    assert failures(update(archive, full=full)) == [LOST]
    assert titles(archive) == FIRST | {"a/a.txt": "A2"}
    report = update(archive, lost=False)
    assert (failures(report), report.removed) == ([], 2)
    assert titles(archive) == {"a/a.txt": "A2", "r0": "second 0", "lost/deep/c.txt": "C"}
    assert SearchService(archive.settings).acquire().info.failures == 0
    assert is_as_a_fresh_one(archive, tmp_path)


def test_a_full_reindex_takes_its_articles_from_the_live_generation(archive: Archive, tmp_path: Path) -> None:
    archive.write({put_path("r1"): json.dumps(tombstone_record("r1"))})
    reindex(archive.settings)
    report = update(archive, full=True)
    assert (report.full, failures(report), report.articles) == ("as asked", [LOST], 4)
    assert titles(archive) == {name: title for name, title in FIRST.items() if name != "r1"}
    assert not update(archive).published
    assert update(archive, lost=False).read == 2
    assert is_as_a_fresh_one(archive, tmp_path)


def test_another_engine_takes_its_articles_from_the_former_one(archive: Archive) -> None:
    other = next(name for name in EMBEDDED if name != archive.settings.engine)
    archive.settings = archive.with_settings(engine=other)
    assert "the live generation is for" in (update(archive).full or "")
    assert titles(archive) == FIRST


def test_a_damaged_generation_is_rebuilt_without_them(archive: Archive) -> None:
    live = GenerationStore(archive.settings.index).live()
    assert live is not None
    live.manifest.write_bytes(b"garbage")
    report = update(archive)
    assert "damaged" in (report.full or "")
    assert titles(archive) == {"a/a.txt": "A"}
    update(archive, lost=False)
    assert titles(archive) == FIRST


def test_a_deleted_folder_is_no_failure(archive: Archive) -> None:
    shutil.rmtree(archive.corpus / "lost")
    report = reindex(archive.settings)
    assert (failures(report), report.removed) == ([], 4)
    assert titles(archive) == {"a/a.txt": "A"}


@pytest.mark.parametrize("name", ["a/rival.jsonl", "z/rival.jsonl"])
def test_an_address_that_other_files_have_too_is_right_again_afterwards(
    archive: Archive, tmp_path: Path, name: str
) -> None:
    site = "https://x.example/"
    archive.write({"lost/b.jsonl": record(0, "first", site)})
    reindex(archive.settings)
    archive.write({name: record(0, "rival", site)})
    reindex(archive.settings)
    (archive.corpus / name).unlink()
    update(archive)
    # Nothing has the text of an article that another one had replaced.
    expected = {"a/a.txt": "A", "lost/deep/c.txt": "C"}
    assert titles(archive) == (expected if name > "lost" else expected | {f"{site}0": "first 0"})
    update(archive, lost=False)
    assert titles(archive) == expected | {f"{site}0": "first 0"}
    assert is_as_a_fresh_one(archive, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("full", [False, True])
def test_an_article_that_cannot_be_reached_gets_an_alias_and_loses_it(archive: Archive, tmp_path: Path, full: bool) -> None:
    for title in ("rival", "another"):
        archive.write({"a/rival.jsonl": record(0, title)})
        update(archive, full=full)
        assert titles(archive) == FIRST | {"r0": f"{title} 0", "r0@lost/b.jsonl": "first 0"}
    (archive.corpus / "a/rival.jsonl").unlink()
    update(archive, full=full)
    assert titles(archive) == FIRST
    update(archive, lost=False)
    assert titles(archive) == FIRST
    assert is_as_a_fresh_one(archive, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_random_changes_while_folders_come_and_go_end_as_a_fresh_index(archive: Archive, tmp_path: Path) -> None:
    chance = random.Random(4)
    folders = [archive.corpus / name for name in ("a", "lost", "z", "api")]
    for number in range(600 if SOAK else 60):
        for _ in range(chance.randrange(4)):
            change(archive, chance)
        hidden = [folder for folder in folders if folder.exists() and chance.random() < 0.3 and number % 5]
        for folder in hidden:
            folder.chmod(0)
        with without_privileges():
            report = reindex(archive.settings, full=chance.random() < 0.2)
        for folder in hidden:
            folder.chmod(0o755)
        assert {failure.path for failure in report.failures} == {folder.name for folder in hidden}
        assert report.articles == len(contents(archive.settings))
        assert hidden or is_as_a_fresh_one(archive, tmp_path)


def change(archive: Archive, chance: random.Random) -> None:
    """Write or delete one of some files that have articles with the same ids."""
    article = chance.randrange(6)
    if chance.random() < 0.3:
        name = put_path(f"r{article}")
        text = record(article, f"put{chance.randrange(9)}")
        text = json.dumps(tombstone_record(f"r{article}")) if chance.random() < 0.3 else text
    else:
        name = f"{chance.choice(['a', 'lost', 'z'])}/{chance.randrange(3)}.jsonl"
        text = "".join(record(chance.randrange(6), f"t{chance.randrange(9)}") for _ in range(chance.randrange(1, 5)))
    if chance.random() < 0.3:
        (archive.corpus / name).unlink(missing_ok=True)
    else:
        archive.write({name: text})


@pytest.mark.slow
def test_the_command_reports_it_and_goes_on(archive: Archive) -> None:
    archive.write({"a/a.txt": "Title: A2\n\nx"})
    fault = [*strace("getdents64"), "-e", "inject=getdents64:error=EIO", "-P", str(archive.corpus / "lost")]
    result = subprocess.run([*fault, *command(archive.settings)], capture_output=True, text=True, check=True)
    assert result.stdout.startswith("published g000002: 5 articles; 0 added, 1 changed, 0 removed")
    assert result.stderr == "lost: cannot be listed: Input/output error\n"
    assert titles(archive) == FIRST | {"a/a.txt": "A2"}


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--full",)])
def test_a_file_that_is_refused_keeps_its_articles(archive: Archive, tmp_path: Path, options: tuple[str, ...]) -> None:
    archive.write({"lost/b.jsonl": record(0, "second")})
    file = str(archive.corpus / "lost" / "b.jsonl")
    fault = [*strace("openat"), "-e", "inject=openat:error=EACCES", "-P", file]
    for published in (True, bool(options)):
        result = subprocess.run([*fault, *command(archive.settings, *options)], capture_output=True, text=True, check=True)
        assert result.stdout.startswith("published") == published
        assert ("lost/b.jsonl: cannot be read: Permission denied" in result.stderr) == published
        assert titles(archive) == FIRST
    assert reindex(archive.settings).read == 1
    assert titles(archive) == {"a/a.txt": "A", "r0": "second 0", "lost/deep/c.txt": "C"}
    assert is_as_a_fresh_one(archive, tmp_path)


@pytest.mark.slow
def test_a_file_that_fails_halfway_keeps_the_articles_that_were_not_read(archive: Archive) -> None:
    rows = [json.dumps({"id": f"n{number}", "title": "new", "text": "word " * 2_000}) for number in range(400)]
    archive.write({"lost/b.jsonl": "\n".join(rows)})
    file = str(archive.corpus / "lost" / "b.jsonl")
    # The first 17 are those of the hash, and each of the others reads 1 MiB.
    fault = [*strace("read"), "-e", "inject=read:error=EIO:when=20+", "-P", file]
    result = subprocess.run([*fault, *command(archive.settings)], capture_output=True, text=True, check=True)
    assert "lost/b.jsonl: cannot be read: Input/output error" in result.stderr
    found = titles(archive)
    assert found.items() >= FIRST.items()
    assert 0 < len(found) - len(FIRST) < 400
    reindex(archive.settings)
    assert titles(archive).keys() == {"a/a.txt", "lost/deep/c.txt", *(f"n{number}" for number in range(400))}
