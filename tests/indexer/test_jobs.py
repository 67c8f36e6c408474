"""Reindexes in processes of their own: started once, followed from anywhere, and repeated on request."""

import time

import pytest

from searchsvc.indexer.jobs import ReindexJobs, ReindexStatus
from tests.conftest import Archive


def finished(jobs: ReindexJobs) -> ReindexStatus:
    """Wait until no reindex runs or is requested, and return how the last one ended."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        requested, status = jobs.is_requested, jobs.status()
        if not requested and status.state != "running":
            return status
        time.sleep(0.02)
    raise TimeoutError("the reindex does not end")


def test_there_is_no_status_before_the_first(archive: Archive) -> None:
    jobs = ReindexJobs(archive.settings)
    assert (jobs.status(), jobs.is_requested) == (ReindexStatus(), False)


@pytest.mark.slow
def test_one_runs_at_a_time_and_its_report_is_kept(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nx", "b.json": "{"})
    jobs, other = ReindexJobs(archive.settings), ReindexJobs(archive.settings)
    assert jobs.start(full=True)
    assert not other.start()
    status = finished(other)
    assert status == ReindexJobs(archive.settings).status()
    assert (status.state, status.full, status.error) == ("done", True, None)
    assert status.report is not None
    assert (status.report.generation, status.report.full, status.report.added) == ("g000001", "as asked", 1)
    assert [failure.path for failure in status.report.failures] == ["b.json"]
    assert set(status.report.formats) == {".json", ".txt"}


@pytest.mark.slow
def test_a_request_is_met_by_a_reindex_that_begins_after_it(archive: Archive) -> None:
    jobs = ReindexJobs(archive.settings)
    for number in range(5):
        archive.write({f"{number}.txt": "x"})
        jobs.request()
    assert finished(jobs).state == "done"
    assert not jobs.is_requested
    report = jobs.status().report
    assert report is not None
    assert report.articles == 5


def test_a_failure_says_why(archive: Archive) -> None:
    jobs = ReindexJobs(archive.settings)
    archive.corpus.rmdir()
    assert jobs.start()
    status = finished(jobs)
    assert (status.state, status.report) == ("failed", None)
    assert f"the corpus {archive.corpus} does not exist" in (status.error or "")


def test_the_first_job_marks_the_index_folder(archive: Archive) -> None:
    ReindexJobs(archive.settings).request()
    assert (archive.settings.index / "CACHEDIR.TAG").exists()
    finished(ReindexJobs(archive.settings))
