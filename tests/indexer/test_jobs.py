"""Reindexes in processes of their own: started once, followed from anywhere, and repeated on request."""

import logging
import os
import time
from pathlib import Path

import pytest

from searchsvc.durable import try_lock
from searchsvc.errors import ServiceError
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
    assert "the corpus corpus does not exist" in (status.error or "")  # clients see no path of the server


def test_the_first_job_marks_the_index_folder(archive: Archive) -> None:
    ReindexJobs(archive.settings).request()
    assert (archive.settings.index / "CACHEDIR.TAG").exists()
    finished(ReindexJobs(archive.settings))


# Files that fail


BROKEN = [b"{", b"", b"[]", b'{"state": "dancing"}', b"\xff", b'{"state": "done", "report": 5}']


@pytest.mark.parametrize("content", BROKEN)
def test_a_broken_status_is_unknown(archive: Archive, content: bytes) -> None:
    archive.settings.index.mkdir()
    (archive.settings.index / "reindex.json").write_bytes(content)
    assert ReindexJobs(archive.settings).status() == ReindexStatus(
        "unknown", error="reindex.json cannot be read (it is damaged); the next reindex writes it again"
    )


@pytest.mark.parametrize("content", [BROKEN[0], *(pytest.param(each, marks=pytest.mark.slow) for each in BROKEN[1:])])
def test_the_next_reindex_mends_a_broken_status(archive: Archive, content: bytes) -> None:
    archive.settings.index.mkdir()
    (archive.settings.index / "reindex.json").write_bytes(content)
    jobs = ReindexJobs(archive.settings)
    assert jobs.start()
    assert finished(jobs).state == "done"


def test_a_status_that_cannot_be_read_or_written_stops_no_reindex(archive: Archive) -> None:
    archive.write({"a.txt": "x"})
    jobs = ReindexJobs(archive.settings)
    (archive.settings.index / "reindex.json").mkdir(parents=True)
    jobs.request()
    status = finished(jobs)
    assert (status.state, "(Is a directory)" in (status.error or "")) == ("unknown", True)
    assert archive.service().acquire().info.articles == 1


def test_a_running_reindex_is_running_whatever_its_status_says(archive: Archive) -> None:
    archive.settings.index.mkdir()
    (archive.settings.index / "reindex.json").write_bytes(b"{")
    with (archive.settings.index / ".reindexing").open("wb") as lock:
        assert try_lock(lock)
        assert ReindexJobs(archive.settings).status() == ReindexStatus("running")
    assert ReindexJobs(archive.settings).status().state == "unknown"


def test_the_status_is_readable_where_nothing_can_be_written(archive: Archive) -> None:
    archive.settings.index.write_text("a file in the place of the folder")
    assert ReindexJobs(archive.settings).status().state == "unknown"


def test_an_index_folder_that_cannot_be_written_is_a_fault_of_the_service(archive: Archive) -> None:
    archive.settings.index.write_text("a file in the place of the folder")
    jobs = ReindexJobs(archive.settings)
    for begin in (jobs.start, jobs.request):
        with pytest.raises(ServiceError, match=r"no reindex can be started: the index folder .* cannot be written"):
            begin()


def test_progress_that_cannot_be_written_is_logged_once(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write_bytes = Path.write_bytes

    def no_space(path: Path, data: bytes) -> int:
        if path.name == "reindex.new":
            raise OSError(28, "No space left on device")
        return write_bytes(path, data)

    archive.write({f"{number}.txt": "x" for number in range(5)})
    jobs = ReindexJobs(archive.settings)
    archive.settings.index.mkdir()
    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(Path, "write_bytes", no_space)
        jobs.run(full=False)
    assert [record.getMessage() for record in caplog.records] == [
        "the progress of reindexing cannot be written: [Errno 28] No space left on device"
    ]
    assert archive.service().acquire().info.articles == 5


def test_a_request_that_cannot_be_deleted_is_not_repeated_for_ever(archive: Archive) -> None:
    jobs = ReindexJobs(archive.settings)
    (archive.settings.index / ".requested").mkdir(parents=True)
    jobs.run(full=False)
    status = jobs.status()
    assert (status.state, "requests cannot be deleted" in (status.error or "")) == ("failed", True)


def test_files_of_jobs_have_the_mode_that_the_umask_says(archive: Archive) -> None:
    former = os.umask(0o007)
    try:
        jobs = ReindexJobs(archive.settings)
        jobs.request()
        finished(jobs)
    finally:
        os.umask(former)
    files = [file for file in archive.settings.index.rglob("*") if file.is_file()]
    assert {".reindexing", "reindex.json", "CURRENT", "meta.json", "manifest.sqlite"} <= {file.name for file in files}
    assert {oct(file.stat().st_mode & 0o777) for file in files} == {"0o660"}
