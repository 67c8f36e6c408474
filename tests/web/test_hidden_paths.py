"""No answer shows where a file of the server is, whatever fails. The log has the paths."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from searchsvc.errors import EngineError
from searchsvc.search import Searcher
from searchsvc.web.app import create_app
from tests.conftest import Archive
from tests.web.test_outages import BREAKS, PATHS

TOKEN = "correct-horse-battery"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
OTHERS = ("/opensearch.xml", "/metrics", "/healthz", "/api/docs", "/api/openapi.json", "/static/../../etc", "/none", "/%00")
CHANGES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("PUT", "/api/articles/x", {"json": {"title": "tea"}}),
    ("PUT", "/api/articles/x", {"data": b"no JSON"}),
    ("DELETE", "/api/articles/a.txt", {}),
    ("POST", "/api/reindex", {}),
    ("GET", "/api/reindex", {}),
)


@pytest.fixture
def indexed(archive: Archive) -> Archive:
    archive.write({"a.txt": "Title: A\n\ntea", "synonyms.txt": "tea\nlonely line"}).service()
    archive.settings = archive.with_settings(write_token=TOKEN)
    return archive


def shown(client: FlaskClient) -> str:
    """Return everything that the service answers."""
    answers = [client.get(path, headers=BEARER) for path in (*PATHS, *OTHERS)]
    answers += [client.open(path, method=method, headers=BEARER, **rest) for method, path, rest in CHANGES]
    return "\n".join(f"{answer.headers}\n{answer.text}" for answer in answers)


def last_reindex(client: FlaskClient) -> dict[str, Any]:
    """Start a reindex, and return its result."""
    until = time.monotonic() + 60
    while client.post("/api/reindex", headers=BEARER).status_code == 409 and time.monotonic() < until:
        time.sleep(0.05)
    while time.monotonic() < until:
        status: dict[str, Any] = client.get("/api/reindex", headers=BEARER).get_json()
        if status["state"] not in ("running", "none"):
            return status
        time.sleep(0.05)
    raise TimeoutError


@pytest.mark.slow
@pytest.mark.parametrize("damage", [damage for damage, _ in BREAKS.values()], ids=BREAKS)
def test_a_broken_index_shows_no_path(indexed: Archive, damage: Callable[[Archive], None]) -> None:
    damage(indexed)
    assert str(indexed.corpus.parent) not in shown(create_app(indexed.settings).test_client())


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device", "/srv/secret/index"),
        EngineError("tantivy failed while reading /srv/secret/index"),
        RuntimeError("/srv/secret/templates"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_fault_shows_no_path(indexed: Archive, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Searcher, "prewarm", lambda _: None)
    client = create_app(indexed.settings).test_client()
    for name in ("search", "article", "scan", "facet_page", "suggest"):
        monkeypatch.setattr(Searcher, name, fail)
    for path in ("/", "/search?q=tea", "/api/search", "/search.csv", "/search.atom", "/article/a.txt", "/api/suggest?q=t"):
        answer = client.get(path)
        assert answer.status_code == 500, path
        assert "secret" not in answer.text


@pytest.mark.slow
def test_the_result_of_a_reindex_shows_no_path(indexed: Archive, tmp_path: Path) -> None:
    client = create_app(indexed.settings).test_client()
    done = last_reindex(client)
    assert [note.partition(":")[0] for note in done["report"]["notes"]] == [
        "corpus/synonyms.txt, line 1",
        "corpus/synonyms.txt, line 2",
    ]
    shutil.move(indexed.corpus, tmp_path / "moved")
    failed = last_reindex(client)
    assert failed["state"] == "failed"
    assert failed["error"].startswith("the corpus corpus ")
    assert str(tmp_path) not in f"{done}{failed}"
