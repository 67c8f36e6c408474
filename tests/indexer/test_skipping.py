"""What a reindex says about files that it skips."""

import io
import zipfile

import pytest

from searchsvc.indexer import ReindexReport, reindex
from searchsvc.indexer.jobs import ReindexJobs
from tests.conftest import Archive
from tests.corpus.documents import zipped


def counts(report: ReindexReport) -> dict[tuple[str, str], int]:
    assert report.skipped == sum(each.files for each in report.skipped_files)
    return {(each.reason, each.suffix): each.files for each in report.skipped_files}


def test_a_folder_full_of_unknown_files_is_not_silent(archive: Archive) -> None:
    archive.write({**{f"{number}.xyz": "text" for number in range(30)}, "README": "text", ".hidden/a.txt": "x"})
    report = reindex(archive.settings)
    assert (report.articles, report.failures) == (0, ())
    assert counts(report) == {("unknown format", ".xyz"): 30, ("unknown format", ""): 1, ("hidden", ""): 1}


def test_members_of_archives_are_counted_also_if_their_archive_has_not_changed(archive: Archive) -> None:
    members = {"a.txt": "Title: A\n\nx", "b.png": "x", ".hidden": "x", "c.xyz": "x"}
    archive.write({"a.zip": zipped(members), "d.png": "x"})
    all_of_them = {("unknown format", ".png"): 2, ("unknown format", ".xyz"): 1, ("hidden", ""): 1}
    assert counts(reindex(archive.settings)) == all_of_them
    unchanged = reindex(archive.settings)
    assert not unchanged.published
    assert counts(unchanged) == all_of_them
    archive.write({"e.txt": "Title: E\n\nx", "f.png": "x"})
    assert counts(reindex(archive.settings)) == all_of_them | {("unknown format", ".png"): 3}
    (archive.corpus / "a.zip").unlink()
    assert counts(reindex(archive.settings)) == {("unknown format", ".png"): 2}


def test_very_many_suffixes_in_an_archive_are_summed(archive: Archive) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for number in range(500):
            packed.writestr(f"a.x{number}", "x")
    archive.write({"a.zip": stream.getvalue(), **{f"b.y{number}": "x" for number in range(500)}})
    report = reindex(archive.settings)
    assert report.skipped == 1_000
    assert report.skipped_files[0].suffix == "others"
    assert len(report.skipped_files) == 101


def test_the_status_of_a_background_reindex_has_them(archive: Archive) -> None:
    archive.write({"a.xyz": "x"})
    jobs = ReindexJobs(archive.settings)
    jobs.run(full=False)
    report = jobs.status().report
    assert report is not None
    assert counts(report) == {("unknown format", ".xyz"): 1}


@pytest.mark.slow
def test_pages_without_a_suffix_that_declare_one_address_are_all_kept(archive: Archive) -> None:
    page = (
        '<html><head><link rel="canonical" href="https://a.example/story"><title>{0}</title></head><body><h1>{0}</h1><p>Tea'
    )
    archive.write({f"index.php?id={number}": page.format(f"Story {number}") for number in range(4)})
    assert reindex(archive.settings).articles == 4
