"""Entity tags: an answer is sent again only if the archive, the day, the address or the settings have changed."""

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from searchsvc.indexer.reindex import reindex
from searchsvc.search.service import SearchService
from searchsvc.web.app import create_app
from searchsvc.web.languages import COOKIE as LANGUAGE_COOKIE
from tests.conftest import Archive

PATH = "/api/search?q=tea"
TOKEN = "a-token-for-writers"


@pytest.fixture
def tea(archive: Archive) -> Archive:
    archive.write({"a.txt": "Title: A\nmood: calm\n\ntea"}).service()
    return archive


@pytest.fixture
def own(tea: Archive) -> FlaskClient:
    """Return a client of an archive that a test may change."""
    return create_app(tea.settings).test_client()


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Restore the time zone of the process afterwards."""
    with monkeypatch.context() as patched:
        yield patched
    time.tzset()


def tag(client: FlaskClient, path: str = PATH, **headers: str) -> str:
    return client.get(path, headers=headers).headers["ETag"]


def again(client: FlaskClient, known: str, method: str = "GET", path: str = PATH) -> TestResponse:
    return client.open(path, method=method, headers={"If-None-Match": known})


# Tags


def test_the_same_address_keeps_its_tag(own: FlaskClient, tea: Archive) -> None:
    assert tag(own) == tag(own) == tag(create_app(tea.settings).test_client())
    assert tag(own).startswith('W/"')


@pytest.mark.parametrize(
    "other",
    [
        "/api/search?q=te",
        "/api/search?q=tea&page=1",
        "/api/search?q=TEA",
        "/search?q=tea",
        "/api/suggest?q=tea",
        "/api/articles/g-2024-02",
        "/api/similar/g-2024-02",
    ],
)
def test_every_address_has_a_tag_of_its_own(client: FlaskClient, other: str) -> None:
    assert tag(client) != tag(client, other)


def test_every_host_scheme_and_prefix_has_a_tag_of_its_own(own: FlaskClient) -> None:
    roots = ("http://localhost", "http://a.localhost", "https://localhost", "http://localhost/archive")
    assert len({own.get("/search.atom", base_url=root).headers["ETag"] for root in roots}) == len(roots)


def test_the_tag_changes_with_the_day(client: FlaskClient, zone: pytest.MonkeyPatch) -> None:
    """The two zones are 26 hours apart, so it is never the same day in both."""
    found = set()
    for name in ("Etc/GMT-14", "Etc/GMT+12"):
        zone.setenv("TZ", name)
        time.tzset()
        found.add(tag(client, "/search?q=date:today"))
    assert len(found) == 2


def test_the_tag_changes_with_the_settings(own: FlaskClient, tea: Archive) -> None:
    assert tag(own, "/") != tag(create_app(tea.with_settings(title="Another")).test_client(), "/")


def test_the_tag_changes_with_the_files_of_the_operator(tea: Archive, tmp_path: Path) -> None:
    templates, static = tmp_path / "templates", tmp_path / "static"
    (static / "pictures").mkdir(parents=True)
    templates.mkdir()
    settings = tea.with_settings(templates=templates, static=static)
    own = create_app(settings).test_client()
    first = tag(own, "/")
    assert first == tag(create_app(settings).test_client(), "/")
    (static / "pictures" / "logo.svg").write_text("<svg/>")
    second = tag(own, "/")
    assert again(own, first, path="/").status_code == 200
    (templates / "_keys.html").write_text("No keys")
    assert tag(own, "/") == second  # it keeps its templates
    assert tag(create_app(settings).test_client(), "/") != second


def test_the_tag_changes_with_the_generation_and_returns_with_it(own: FlaskClient, tea: Archive) -> None:
    first = tag(own)
    reindex(tea.settings)  # nothing has changed
    assert tag(own) == first
    tea.write({"b.txt": "tea"})
    reindex(tea.settings)
    assert tag(own) != first
    assert again(own, first).get_json()["total"] == 2
    SearchService(tea.settings).rollback()
    assert tag(own) == first


@pytest.mark.slow
def test_a_rebuilt_generation_of_the_same_name_has_another_tag(tea: Archive, own: FlaskClient) -> None:
    first = tag(own)
    time.sleep(1.1)  # the time of creation has seconds
    for file in sorted(tea.settings.index.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    reindex(tea.settings)
    assert tag(create_app(tea.settings).test_client()) != first


# Validation


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("known", ["{tag}", "{strong}", '"x", {tag}', '"x",{strong},"y"', "*"])
def test_a_current_copy_is_not_sent_again(client: FlaskClient, method: str, known: str) -> None:
    current = tag(client)
    answer = again(client, known.format(tag=current, strong=current.removeprefix("W/")), method)
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", current)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.slow
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/article/a.txt", 304),
        ("/api/articles/a.txt", 304),
        ("/api/similar/a.txt", 304),
        ("/search.csv", 304),
        ("/search.jsonl", 304),
        ("/article/none", 404),
        ("/api/articles/none", 404),
        ("/api/similar/none", 404),
        ("/api/facets/none", 404),
        ("/api/facets/mood?page=0", 400),
        ("/api/search?page=0", 400),
        (f"/search?place={'x' * 1_001}", 400),
        ("/none", 404),
    ],
)
def test_any_copy_is_current_only_if_there_is_an_answer(own: FlaskClient, method: str, path: str, status: int) -> None:
    answer = again(own, "*", method, path)
    assert (answer.status_code, "ETag" in answer.headers) == (status, status == 304)
    assert status != 304 or (answer.data == b"" and "Content-Length" not in answer.headers)


@pytest.mark.parametrize("path", ["/article/b", "/api/articles/b", "/api/similar/b"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_tag_of_a_deleted_article_is_not_current(tea: Archive, method: str, path: str) -> None:
    tea.write({"b.jsonl": '{"id": "b", "title": "coffee"}'}).service()
    client = create_app(tea.settings).test_client()
    known = tag(client, path)
    assert again(client, known, method, path).status_code == 304
    (tea.corpus / "b.jsonl").unlink()
    reindex(tea.settings)
    assert again(client, known, method, path).status_code == 404
    tea.write({"b.jsonl": '{"id": "b", "title": "coffee"}'}).service()
    assert again(client, known, method, path).status_code == 200


@pytest.mark.parametrize("known", ['"x"', "", "x", 'W/""', '"', '"{inside}x"', "w/*", "\x80"])
def test_another_or_malformed_tag_gets_the_answer(client: FlaskClient, known: str) -> None:
    answer = again(client, known.format(inside=tag(client)[3:-1]))
    assert (answer.status_code, answer.get_json()["total"]) == (200, 3)


def test_head_has_the_tag_of_get(client: FlaskClient) -> None:
    assert client.head(PATH).headers["ETag"] == tag(client)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_other_methods_are_never_answered_from_a_copy(client: FlaskClient, method: str) -> None:
    answer = again(client, "*", method)
    assert answer.status_code == {"OPTIONS": 200, "POST": 415}.get(method, 405)
    assert "ETag" not in answer.headers


# Answers without a tag


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/healthz", 200),
        ("/readyz", 200),
        ("/metrics", 200),
        ("/api/search?page=0", 400),
        (f"/search?place={'x' * 1_001}", 400),
        ("/api/articles/none", 404),
        ("/article/none", 404),
        ("/none", 404),
        ("/api/none", 404),
    ],
)
def test_operations_and_errors_have_no_tag(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert (answer.status_code, "ETag" in answer.headers) == (status, False)


def test_the_progress_of_a_reindex_is_always_new(tea: Archive) -> None:
    client = create_app(tea.with_settings(write_token=TOKEN)).test_client()
    headers = {"Authorization": f"Bearer {TOKEN}", "If-None-Match": "*"}
    answer = client.get("/api/reindex", headers=headers)
    assert (answer.status_code, answer.headers["Cache-Control"], "ETag" in answer.headers) == (200, "no-store", False)


def test_without_an_index_nothing_is_current(archive: Archive) -> None:
    client = create_app(archive.settings).test_client()
    answer = again(client, "*")
    assert (answer.status_code, "ETag" in answer.headers) == (503, False)


def test_static_files_keep_the_tag_of_their_content(client: FlaskClient) -> None:
    with client.get("/static/style.css") as first:
        known = first.headers["ETag"]
    assert not known.startswith("W/")
    with again(client, known, path="/static/style.css") as unchanged:
        assert unchanged.status_code == 304


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    ["/", PATH, "/article/g-2024-02", "/facets/tag", "/search.csv", "/search.jsonl", "/search.atom", "/opensearch.xml"],
)
def test_pages_files_and_feeds_are_validated(client: FlaskClient, path: str) -> None:
    assert again(client, tag(client, path), path=path).status_code == 304


# The home page, which is rendered once


def test_the_home_page_is_in_the_language_of_each_reader(own: FlaskClient) -> None:
    for code in ("en", "de", "en", "ar", "de"):
        page = own.get("/", headers={"Accept-Language": code}).text
        assert re.findall('<html lang="([a-z]+)', page) == [code]
        assert own.get(f"/?lang={code}").text.partition("<footer")[0] == page.partition("<footer")[0]
        own.delete_cookie(LANGUAGE_COOKIE)


def test_the_home_page_is_that_of_the_archive(own: FlaskClient, tea: Archive) -> None:
    assert "1 article" in own.get("/").text
    tea.write({"b.txt": "milk"}).service()
    assert "2 articles" in own.get("/").text


def test_the_home_page_has_the_addresses_of_its_request(own: FlaskClient) -> None:
    for prefix in ("", "/archive", ""):
        assert f'<form class="box" action="{prefix}/search"' in own.get("/", base_url=f"http://localhost{prefix}").text


def test_only_those_who_are_logged_in_can_log_out_of_the_home_page(tea: Archive) -> None:
    app = create_app(tea.with_settings(read_token=TOKEN))
    reader, program = app.test_client(), {"Authorization": f"Bearer {TOKEN}"}
    assert reader.post("/login", data={"token": TOKEN}).status_code == 303
    for _ in range(2):
        assert "Log out" in reader.get("/").text
        assert "Log out" not in app.test_client().get("/", headers=program).text


def test_every_visit_of_the_home_page_counts_as_a_search(own: FlaskClient) -> None:
    for _ in range(3):
        own.get("/")
    assert 'searchsvc_search_seconds_count{part="hits"} 3.0' in own.get("/metrics").text
