"""503: clients learn what happened and what to do, and the log has the path and the reason, once a change."""

import json
import logging
import shutil
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from flask.testing import FlaskClient

from searchsvc.errors import UnavailableError
from searchsvc.index import GenerationStore
from searchsvc.indexer import reindex
from searchsvc.search import Searcher
from searchsvc.web.app import create_app
from tests.conftest import Archive

PATHS = (
    "/",
    "/search?q=tea",
    "/api/search",
    "/search.csv",
    "/search.atom",
    "/readyz",
    "/article/a.txt",
    "/api/facets/source",
)


def remove(archive: Archive) -> None:
    shutil.rmtree(archive.settings.index)


def live_folder(archive: Archive) -> Path:
    live = GenerationStore(archive.settings.index).live()
    assert live is not None
    return live.folder


def garble(archive: Archive) -> None:
    (live_folder(archive) / "generation.json").write_bytes(b"{")


def delete_description(archive: Archive) -> None:
    (live_folder(archive) / "generation.json").unlink()


def empty(archive: Archive) -> None:
    shutil.rmtree(live_folder(archive) / "engine")


def set_schema(archive: Archive) -> None:
    file = live_folder(archive) / "generation.json"
    described = orjson.loads(file.read_bytes()) | {"schema": 999}
    del described["seal"]
    file.write_bytes(orjson.dumps(described | {"seal": zlib.crc32(orjson.dumps(described))}))


def replace_by_file(archive: Archive) -> None:
    shutil.rmtree(archive.settings.index)
    archive.settings.index.write_text("")


BREAKS: dict[str, tuple[Callable[[Archive], None], str]] = {
    "missing": (remove, "there is no index yet: run `searchsvc reindex` to build one"),
    "garbled": (garble, "the index is damaged: go back with `searchsvc rollback`, or rebuild it"),
    "incomplete": (delete_description, "the index is damaged: go back with `searchsvc rollback`, or rebuild it"),
    "unopenable": (empty, "the index is damaged: go back with `searchsvc rollback`, or rebuild it"),
    "of another version": (set_schema, "the index was made by another version of searchsvc: run `searchsvc reindex`"),
    "unreadable": (replace_by_file, "the index cannot be read: the log of the service has the reason"),
}


@pytest.fixture
def indexed(archive: Archive) -> Archive:
    archive.write({"a.txt": "Title: A\n\ntea"})
    reindex(archive.settings)
    return archive


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[str]]]:
    """Return a function that returns what was logged about outages."""
    with caplog.at_level(logging.WARNING, "searchsvc.web.outages"):
        yield lambda: [record.getMessage() for record in caplog.records if record.name == "searchsvc.web.outages"]


@pytest.mark.parametrize(("damage", "detail"), BREAKS.values(), ids=BREAKS)
def test_clients_learn_what_to_do_and_no_path_of_the_server(
    indexed: Archive, log: Callable[[], list[str]], damage: Callable[[Archive], None], detail: str
) -> None:
    damage(indexed)
    client = create_app(indexed.settings).test_client()
    for path in PATHS * 2:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10"), path
        for hidden in (str(indexed.settings.index), str(indexed.settings.corpus), str(indexed.corpus.parent), "g000001"):
            assert hidden not in answer.text, path
    assert client.get("/api/search").get_json()["detail"].startswith(detail)
    (line,) = log()
    assert line.startswith("requests get 503: ")
    assert str(indexed.settings.index) in line


def test_every_change_is_logged_once(indexed: Archive, log: Callable[[], list[str]]) -> None:
    remove(indexed)
    client = create_app(indexed.settings).test_client()

    def ask(*statuses: int) -> None:
        assert [client.get(path).status_code for path in ("/readyz", "/api/search", "/search")] == list(statuses)

    ask(503, 503, 503)
    reindex(indexed.settings)
    ask(200, 200, 200)
    remove(indexed)
    ask(503, 503, 503)
    ask(503, 503, 503)
    assert [line.split(":")[0] for line in log()] == [
        "requests get 503",
        "searches are answered again",
        "requests get 503",
    ]


def test_other_answers_end_no_outage(archive: Archive, log: Callable[[], list[str]]) -> None:
    client = create_app(archive.settings).test_client()
    for _ in range(3):
        assert client.get("/api/search").status_code == 503
        assert client.get("/healthz").status_code == 200
        assert client.get("/metrics").status_code == 200
        assert client.get("/none").status_code == 404
    assert len(log()) == 1


def failing(monkeypatch: pytest.MonkeyPatch, client: FlaskClient, error: Exception) -> str:
    def fail(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(Searcher, "search", fail)
        return json.dumps(client.get("/api/search?q=tea").get_json())


def test_a_cluster_out_of_reach_is_logged_with_its_machines_and_answered_without(
    indexed: Archive, monkeypatch: pytest.MonkeyPatch, log: Callable[[], list[str]]
) -> None:
    client = create_app(indexed.settings).test_client()
    error = UnavailableError("node1.internal:9200 does not answer", public="the search engine does not answer")
    for _ in range(3):
        assert "internal" not in failing(monkeypatch, client, error)
    assert log() == ["requests get 503: node1.internal:9200 does not answer"]
