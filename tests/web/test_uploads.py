"""Changes of the archive over HTTP: uploads, deletions and background reindexes."""

import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pydantic import TypeAdapter
from werkzeug.test import TestResponse

from searchsvc.api import change_schema
from searchsvc.config import Settings
from searchsvc.corpus.uploads import put_path
from searchsvc.errors import BusyError
from searchsvc.index.store import GenerationStore
from searchsvc.indexer.jobs import ReindexJobs, ReindexStatus
from searchsvc.indexer.reindex import reindex
from searchsvc.search.service import SearchService
from searchsvc.web.app import create_app
from tests.conftest import Archive
from tests.searching import ask
from tests.serving import free_port, get, running, serve_command

TOKEN = "a-token-for-writers"
SAYS = {"Authorization": f"Bearer {TOKEN}"}
TEA = {"headline": "Tea", "text": "A cup of tea.", "mood": "calm"}


@pytest.fixture
def writer(archive: Archive) -> FlaskClient:
    """Return a client of an archive that accepts changes and has one article."""
    archive.write({"a.jsonl": '{"id": "own", "title": "Coffee", "text": "Our own."}\n'}).service()
    return create_app(archive.with_settings(write_token=TOKEN)).test_client()


def put(client: FlaskClient, article_id: str, record: Any, **headers: str) -> TestResponse:
    body = record if isinstance(record, bytes) else json.dumps(record)
    return client.put(f"/api/articles/{article_id}", data=body, headers=SAYS | headers)


def found(settings: Settings) -> dict[str, str]:
    service = SearchService(settings)
    hits = ask(service, [("per_page", "100")]).results.hits
    return {hit.article.id: hit.article.title for hit in hits}


def status(client: FlaskClient) -> ReindexStatus:
    return TypeAdapter(ReindexStatus).validate_json(client.get("/api/reindex", headers=SAYS).data)


def shown(client: FlaskClient) -> Any:
    """Return the report of the last reindex as JSON."""
    return client.get("/api/reindex", headers=SAYS).get_json()["report"]


def ended(client: FlaskClient) -> ReindexStatus:
    """Wait for the background reindex to end, and return its status."""
    until = time.monotonic() + 30
    while (said := status(client)).state == "running" and time.monotonic() < until:
        time.sleep(0.02)
    return said


@pytest.mark.slow
def test_an_upload_is_found_in_every_worker_and_after_every_reindex(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nx"}).service()
    port = free_port()
    with running(serve_command(port), archive.settings, port, SEARCHSVC_WRITE_TOKEN=TOKEN):
        body = json.dumps(TEA).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/articles/http%3A%2F%2Fa%2Fb", body, SAYS, method="PUT"
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            change = TypeAdapter(change_schema.Change).validate_json(answer.read())
            assert (answer.status, change.id) == (201, "http://a/b")
        for _ in range(9):
            seen = get(port, "/api/search?q=tea")
            assert (seen["total"], seen["index"]["generation"]) == (1, change.generation)
    assert json.loads((archive.corpus / change.path).read_bytes()) == {"id": "http://a/b", **TEA}
    for full in (False, True):
        reindex(archive.settings, full=full)
        assert found(archive.settings) == {"http://a/b": "Tea", "a.txt": "A"}


@pytest.mark.slow
def test_an_article_is_replaced_and_deleted(writer: FlaskClient, archive: Archive) -> None:
    assert put(writer, "x", TEA).status_code == 201
    assert put(writer, "x", TEA | {"headline": "Milk"}).status_code == 200
    assert found(archive.settings) == {"own": "Coffee", "x": "Milk"}
    gone = writer.delete("/api/articles/x", headers=SAYS)
    assert (gone.status_code, found(archive.settings)) == (200, {"own": "Coffee"})
    assert TypeAdapter(change_schema.Change).validate_json(gone.data).generation == gone.get_json()["generation"]
    assert writer.delete("/api/articles/x", headers=SAYS).status_code == 404
    assert not list((archive.corpus / "api").iterdir())


@pytest.mark.slow
def test_articles_of_other_files_are_replaced_and_deleted_without_changing_the_files(
    writer: FlaskClient, archive: Archive
) -> None:
    before = (archive.corpus / "a.jsonl").read_bytes()
    archive.write({"zz.jsonl": '{"id": "own", "title": "Later", "text": "Another article."}\n'})
    assert put(writer, "own", TEA).status_code == 200
    assert found(archive.settings) == {"own": "Tea", "own@zz.jsonl": "Later"}
    assert writer.delete("/api/articles/own", headers=SAYS).status_code == 200
    ended(writer)  # the change is live a moment before the lock is free
    for full in (False, True):
        reindex(archive.settings, full=full)
        assert found(archive.settings) == {"own@zz.jsonl": "Later"}
    assert writer.delete("/api/articles/own@zz.jsonl", headers=SAYS).status_code == 200
    ended(writer)
    for full in (False, True):
        reindex(archive.settings, full=full)
        assert found(archive.settings) == {}
    assert put(writer, "own", TEA).status_code == 201
    assert found(archive.settings) == {"own": "Tea"}
    assert (archive.corpus / "a.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("body", "detail", "position"),
    [
        (b'{"headline": ', "the body is not JSON", 13),
        (b"", "the body is not JSON", 0),
        (b'["x"]', "must be a JSON object", None),
        (b"{}", "the article has no text", None),
        (b'{"withdrawn": true}', "send one JSON object", None),
        (b'{"id": "y", "text": "x"}', "has the id \u201cy\u201d", None),
        (b'{"articles": [{"text": "x"}, {"text": "y"}]}', "send one JSON object", None),
        (b'{"text": "\\ud800"}', "the body is not JSON", 10),
    ],
)
def test_invalid_uploads_are_refused_and_leave_no_file(
    writer: FlaskClient, archive: Archive, body: bytes, detail: str, position: int | None
) -> None:
    refused = put(writer, "x", body)
    problem = refused.get_json()
    assert (refused.status_code, problem.get("position")) == (400, position)
    assert detail in problem["detail"]
    assert list(archive.corpus.glob("api/*")) == []


@pytest.mark.slow
def test_uploads_have_a_size_limit(writer: FlaskClient) -> None:
    assert put(writer, "x", {"text": "word " * 400_000}).status_code == 201
    assert put(writer, "y", {"text": "word " * 2_600_000}).status_code == 413


def test_changes_need_the_write_token(archive: Archive) -> None:
    archive.write({"a.txt": "tea"}).service()
    asked = (("PUT", "/api/articles/a.txt"), ("DELETE", "/api/articles/a.txt"), ("POST", "/api/reindex"))
    without = create_app(archive.settings).test_client()
    assert [without.open(path, method=method).status_code for method, path in asked] == [405, 405, 404]
    assert "/api/reindex" not in without.get("/api/openapi.json").get_json()["paths"]
    private = create_app(archive.with_settings(read_token="a-token-for-readers", write_token=TOKEN)).test_client()
    for given in ({}, {"Authorization": "Bearer a-token-for-readers"}, {"Authorization": f"Bearer {TOKEN}x"}):
        for method, path in (*asked, ("GET", "/api/reindex")):
            assert private.open(path, method=method, headers=given).status_code == 401
    assert not (archive.corpus / "api").exists()


@pytest.mark.slow
def test_concurrent_uploads_share_reindexes(writer: FlaskClient, archive: Archive) -> None:
    def one(number: int) -> tuple[int, str | None]:
        answer = put(archived.test_client(), f"n{number}", TEA, Prefer="respond-async" if number % 2 else "")
        return answer.status_code, answer.get_json()["generation"]

    archived = writer.application
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(40)))
    assert [code for code, _ in answers] == [201, 202] * 20
    assert all((generation is None) == bool(number % 2) for number, (_, generation) in enumerate(answers))
    assert ended(writer).state == "done"
    assert found(archive.settings) == {"own": "Coffee"} | {f"n{number}": "Tea" for number in range(40)}
    made = int(GenerationStore(archive.settings.index).generations()[-1].name[1:])
    assert made < 20


@pytest.mark.slow
def test_one_reindex_at_a_time_can_be_started_and_monitored(writer: FlaskClient, archive: Archive) -> None:
    assert status(writer).state == "none"
    archive.write({f"{number}.html": f"<p>Page {number} of tea.</p>" * 30 for number in range(300)})
    answers = [writer.post("/api/reindex?full=true", headers=SAYS) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [202, 409, 409, 409]
    assert (answers[1].get_json()["type"], answers[0].headers["Content-Type"]) == (
        "http://localhost/api/docs#conflict",
        "application/json",
    )
    last = ended(writer)
    assert (last.state, last.full, last.report is not None and last.report.articles) == ("done", True, 301)
    assert [shown(writer)["full"], writer.post("/api/reindex", headers=SAYS).status_code] == ["as asked", 202]
    ended(writer)
    assert shown(writer)["full"] is None
    for wrong in ("full=maybe", "fall=true", "full=true&full=true"):
        assert writer.post(f"/api/reindex?{wrong}", headers=SAYS).status_code == 400


HOSTILE: dict[str, Callable[[], bytes]] = {
    "spaces": lambda: json.dumps({"title": "x", "text": "a\n" + " " * 400_000 + "b"}).encode(),
    "many elements": lambda: json.dumps({"title": "x", "text": "<p>word " * 400_000}).encode(),
    "empty objects": lambda: b'{"title": "x", "values": [' + b"{}," * 3_500_000 + b"{}]}",
    "many names": lambda: json.dumps({f"name {number}": "x" for number in range(400_000)}).encode(),
    "deep": lambda: b'{"title": ' * 1_000_000,
}
"""Bodies of articles that once stopped a worker, or filled its memory."""


@pytest.mark.slow
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_upload_stops_the_service(archive: Archive, kind: str) -> None:
    archive.write({"a.txt": "Title: A\n\nx"}).service()
    port = free_port()
    body, slowest = HOSTILE[kind](), 0.0
    with (
        running(serve_command(port, "--workers", "1"), archive.settings, port, SEARCHSVC_WRITE_TOKEN=TOKEN),
        ThreadPoolExecutor(1) as one,
    ):
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/articles/x", body, SAYS, method="PUT")
        upload = one.submit(_status_of, request)
        while not upload.done():
            begun = time.monotonic()
            get(port, "/healthz")
            slowest = max(slowest, time.monotonic() - begun)
            time.sleep(0.02)
        assert upload.result() in (200, 201, 202, 400)
    assert slowest < 2
    assert [file.name for file in (archive.corpus / "api").iterdir() if file.name.startswith(".")] == []


def _status_of(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.slow
def test_a_killed_reindex_has_failed_and_the_next_one_recovers(writer: FlaskClient, archive: Archive) -> None:
    archive.write({f"{number}.html": f"<p>Page {number} of tea.</p>" * 30 for number in range(2_000)})
    writer.post("/api/reindex", headers=SAYS)
    (process,) = _children()
    os.kill(process, signal.SIGKILL)
    last = ended(writer)
    assert last.state == "failed"
    assert "before it was done" in (last.error or "")
    assert found(archive.settings) == {"own": "Coffee"}
    for number in range(1_900):
        (archive.corpus / f"{number}.html").unlink()
    assert put(writer, "x", TEA).status_code == 201
    assert len(found(archive.settings)) == 100


@pytest.mark.slow
def test_uploads_wait_for_a_reindex_of_another_process(writer: FlaskClient, archive: Archive) -> None:
    with GenerationStore(archive.settings.index).write_lock():
        assert put(writer, "x", TEA, Prefer="respond-async").status_code == 202
        time.sleep(1)
        with pytest.raises(BusyError):
            reindex(archive.settings)
        assert status(writer).state == "running"
    assert ended(writer).state == "done"
    assert found(archive.settings) == {"own": "Coffee", "x": "Tea"}


def test_a_read_only_corpus_is_an_error_of_the_service(writer: FlaskClient, archive: Archive) -> None:
    archive.write({"api": "a file in the place of the folder"})
    assert put(writer, "x", TEA).status_code == 500
    assert post(writer, {"id": "x", **TEA}, {"id": "y", **TEA}).status_code == 500
    assert post(writer, {"text": "no id"}, {"id": "y", **TEA}).status_code == 500
    assert found(archive.settings) == {"own": "Coffee"}


@pytest.mark.slow
def test_a_failed_reindex_shows_in_the_answer_and_in_the_status(writer: FlaskClient, archive: Archive) -> None:
    lock = archive.settings.index / ".lock"
    lock.unlink()
    lock.mkdir()
    assert put(writer, "x", TEA).status_code == 500
    last = status(writer)
    assert (last.state, "cannot be written" in (last.error or "")) == ("failed", True)
    lock.rmdir()
    assert put(writer, "y", TEA).status_code == 201
    assert found(archive.settings) == {"own": "Coffee", "x": "Tea", "y": "Tea"}


def test_the_status_is_readable_by_another_process(archive: Archive) -> None:
    archive.write({"a.txt": "tea"})
    background = ReindexJobs(archive.settings)
    assert background.start()
    assert not ReindexJobs(archive.settings).start()
    until = time.monotonic() + 20
    while ReindexJobs(archive.settings).status().state == "running" and time.monotonic() < until:
        time.sleep(0.02)
    assert background.status().state == "done"
    assert found(archive.settings) == {"a.txt": "tea"}


def _children() -> Iterator[int]:
    own = Path(f"/proc/{os.getpid()}/task")
    for task in own.iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread or the process has ended meanwhile
            for child in (task / "children").read_text().split():
                if b"searchsvc.indexer.jobs" in Path(f"/proc/{child}/cmdline").read_bytes():
                    yield int(child)


@pytest.mark.slow
@pytest.mark.parametrize("free", [0, 600_000])  # for nothing, or for the article as it arrives but not as it is kept
def test_on_a_full_disk_an_upload_is_refused_and_leaves_nothing(
    archive: Archive, small_disk: Path, tmp_path: Path, free: int
) -> None:
    disk = Archive(small_disk)
    settings = replace(disk.settings, index=tmp_path / "other" / "index", write_token=TOKEN)
    disk.write({"a.txt": "tea"})
    reindex(settings)
    client = create_app(settings).test_client()
    assert put(client, "small", TEA).status_code == 201
    large = json.dumps({"text": "x", "numbers": [1] * 150_000})
    (small_disk / "filler").write_bytes(bytes(shutil.disk_usage(small_disk).free - free))
    assert put(client, "large", large.encode()).status_code == 500
    assert [file.name for file in (disk.corpus / "api").iterdir()] == [Path(put_path("small")).name]
    (small_disk / "filler").unlink()
    assert put(client, "large", large.encode()).status_code == 201
    assert found(settings).keys() == {"a.txt", "small", "large"}


# Many articles


def post(client: FlaskClient, *lines: object, **headers: str) -> TestResponse:
    body = b"".join((each if isinstance(each, bytes) else json.dumps(each).encode()) + b"\n" for each in lines)
    return client.post("/api/v1/articles", data=body, headers=SAYS | headers)


def test_many_articles_are_put_by_one_request(writer: FlaskClient, archive: Archive) -> None:
    answer = post(writer, {"id": "x", **TEA}, {"id": "own", **TEA}, {"id": 3, "headline": "Three", "text": "3"})
    results = answer.get_json()["results"]
    assert [(each["line"], each["outcome"], each["id"]) for each in results] == [
        *((1, "created", "x"), (2, "replaced", "own"), (3, "created", "3")),
    ]
    assert TypeAdapter(change_schema.Changes).validate_json(answer.data, strict=True).generation is not None
    assert answer.status_code == 200
    assert found(archive.settings) == {"x": "Tea", "own": "Tea", "3": "Three"}


@pytest.mark.slow
def test_what_an_export_writes_can_be_put_again(writer: FlaskClient, archive: Archive) -> None:
    assert (
        put(
            writer, "a/b", TEA | {"byline": "Jane Smith", "date": "2022-03-04", "extra": {"a": 1}, "path": "here"}
        ).status_code
        == 201
    )
    exported = writer.get("/search.jsonl").data
    for article_id in ("own", "a/b"):
        assert writer.delete(f"/api/v1/articles/{article_id}", headers=SAYS).status_code == 200
    answer = writer.post("/api/v1/articles", data=exported, headers=SAYS)
    assert [each["outcome"] for each in answer.get_json()["results"]] == ["created", "created"]
    again = {each.pop("id"): each for each in map(json.loads, writer.get("/search.jsonl").data.splitlines())}
    before = {each.pop("id"): each for each in map(json.loads, exported.splitlines())}
    for article in (*again.values(), *before.values()):
        del article["path"]
    assert again == before


def test_lines_that_are_refused_change_nothing_and_the_others_do(writer: FlaskClient, archive: Archive) -> None:
    answer = post(writer, {"text": "no id"}, b"{", {"id": "x", **TEA}, b"[]", {"id": "y"})
    details = [each["detail"] for each in answer.get_json()["results"]]
    assert [each["outcome"] for each in answer.get_json()["results"]] == [
        "refused",
        "refused",
        "created",
        "refused",
        "refused",
    ]
    assert details[0] == "the article has no id"
    assert details[1].startswith("the line is not JSON")
    assert (details[2], details[3]) == (None, "the line must be a JSON object with the fields of an article")
    assert "no text" in details[4]
    assert found(archive.settings) == {"own": "Coffee", "x": "Tea"}


def test_the_folder_of_uploads_is_listed_once_for_all_lines(
    writer: FlaskClient, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    leftover = archive.corpus / "api" / ".put-0"
    archive.write({"api/.put-0": "left behind by a killed process"})
    listed: list[Path] = []
    glob = Path.glob

    def counted(folder: Path, pattern: str) -> Iterator[Path]:
        listed.append(folder)
        return iter(glob(folder, pattern))

    monkeypatch.setattr(Path, "glob", counted)
    assert post(writer, *({"id": str(number), **TEA} for number in range(9))).status_code == 200
    assert listed.count(leftover.parent) == 1
    assert not leftover.exists()


def test_lines_have_a_limit(writer: FlaskClient, archive: Archive) -> None:
    for lines in ((), [b"{}"] * 1_001, ({"id": "y"},)):
        assert post(writer, *lines).status_code == 400
    assert list(archive.corpus.glob("api/*")) == []
    assert writer.post("/api/v1/articles", data=b"{}").status_code == 401


def test_many_articles_need_not_be_waited_for(writer: FlaskClient, archive: Archive) -> None:
    answer = post(writer, {"id": "x", **TEA}, Prefer="respond-async")
    assert (answer.status_code, answer.get_json()["generation"]) == (202, None)
    assert answer.headers["Location"] == "/api/v1/reindex"
    assert ended(writer).state == "done"
    assert found(archive.settings) == {"own": "Coffee", "x": "Tea"}
