"""Authentication, rate limits and CORS."""

import json
import logging
import time
import urllib.error
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from searchsvc.config import Settings, load_settings
from searchsvc.errors import UserError
from searchsvc.web.app import create_app
from tests.conftest import Archive
from tests.serving import free_port, get, running, serve_command

TOKEN = "correct-horse-battery"
PAGES = ("/", "/search?q=tea", "/article/a.txt", "/facets/mood", "/search.csv", "/search.atom", "/metrics")
API = (
    "/api/search",
    "/api/articles/a.txt",
    "/api/articles/a.txt/similar",
    "/api/suggest?q=te",
    "/api/facets/mood",
    *("/api/openapi.json", "/api/docs"),
)


@pytest.fixture
def private(archive: Archive) -> FlaskClient:
    archive.write({"a.jsonl": '{"title": "tea", "mood": "calm"}\n', "a.txt": "tea"}).service()
    return create_app(archive.with_settings(read_token=TOKEN)).test_client()


def test_requests_without_a_valid_token_are_refused(private: FlaskClient) -> None:
    for path in PAGES:
        refused = private.get(path, headers={"Accept": "text/html"})
        assert (refused.status_code, urlsplit(refused.headers["Location"]).path) == (303, "/login"), path
    for path in (*API, "/none", "/api/none"):
        refused = private.get(path, headers={"Accept": "application/json"})
        assert refused.status_code == 401, path
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert b"tea" not in refused.data
    for path in ("/healthz", "/readyz", "/static/style.css", "/site.css", "/login"):
        with private.get(path) as answer:
            assert answer.status_code == 200
    for wrong in ("Bearer x", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer", f"Bearer {TOKEN[:-1]}", "Bearer \u00e9"):
        assert private.get("/api/search", headers={"Authorization": wrong}).status_code == 401, wrong
    assert private.get("/api/search", headers={"If-None-Match": "*"}).status_code == 401


def test_programs_send_the_token_in_a_header(private: FlaskClient) -> None:
    for path in (*API, *PAGES):
        answer = private.get(path, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200, path
        assert "Authorization" in answer.headers["Vary"]
    assert (
        private.get("/api/search", headers={"Authorization": f"bearer {TOKEN}"}).headers["Cache-Control"]
        == "private, no-cache"
    )


def test_a_login_lasts_until_logout(private: FlaskClient) -> None:
    asked = private.get("/search?q=tea&sort=newest", headers={"Accept": "text/html"})
    following = parse_qs(urlsplit(asked.headers["Location"]).query)["next"][0]
    assert following == "/search?q=tea&sort=newest"
    wrong = private.post("/login", data={"token": "wrong", "next": following})
    assert (wrong.status_code, "Wrong token" in wrong.text) == (401, True)
    entered = private.post("/login", data={"token": TOKEN, "next": following})
    assert (entered.status_code, entered.headers["Location"]) == (303, following)
    cookie = entered.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert TOKEN not in cookie
    assert private.get(following).status_code == 200
    assert private.get("/api/search").status_code == 200
    private.post("/logout")
    assert private.get("/api/search").status_code == 401


@pytest.mark.parametrize(
    "following", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", "/a\nb"]
)
def test_login_does_not_redirect_to_other_sites(private: FlaskClient, following: str) -> None:
    assert private.post("/login", data={"token": TOKEN, "next": following}).headers["Location"] == "/"


def test_a_new_token_invalidates_old_cookies(private: FlaskClient, archive: Archive) -> None:
    cookie = private.post("/login", data={"token": TOKEN}).headers["Set-Cookie"].partition(";")[0]
    other = create_app(archive.with_settings(read_token=f"{TOKEN}-2")).test_client()
    assert other.get("/api/search", headers={"Cookie": cookie}).status_code == 401


def test_the_token_is_never_shown_or_logged(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    log = archive.corpus.parent / "access"
    settings = archive.with_settings(read_token=TOKEN, access_log=str(log), slow_ms=0)
    assert TOKEN not in repr(settings)
    archive.write({"a.txt": "tea"}).service()
    client = create_app(settings).test_client()
    with caplog.at_level(logging.DEBUG):
        client.post("/login", data={"token": TOKEN})
        for path in (*PAGES, *API, "/none"):
            assert TOKEN.encode() not in client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).data
    assert TOKEN not in caplog.text + log.read_text()
    with pytest.raises(UserError) as raised:
        load_settings({"SEARCHSVC_READ_TOKEN": "short-secret"}, archive.corpus / "none.toml")
    assert "short-secret" not in str(raised.value)
    assert "at least 16" in str(raised.value)


def test_the_write_token_permits_reading(archive: Archive) -> None:
    archive.write({"a.txt": "tea"}).service()
    client = create_app(archive.with_settings(read_token=TOKEN, write_token=f"{TOKEN}-2")).test_client()
    assert client.get("/api/search", headers={"Authorization": f"Bearer {TOKEN}-2"}).status_code == 200


@pytest.mark.slow
def test_workers_count_the_requests_of_a_client_together(archive: Archive) -> None:
    settings = archive.write({"a.txt": "tea"}).service().settings
    port = free_port()
    with running(serve_command(port), settings, port, SEARCHSVC_RATE_LIMIT="20/hour"):
        # A connection each, so that every worker has some.
        answers = [get(port, f"/api/search?q={number}") for number in range(20)]
        assert all("results" in answer for answer in answers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            get(port, "/api/search")
        assert (refused.value.code, json.load(refused.value)["type"]) == (429, "/api/docs#too-many-requests")
        assert 3_500 < int(refused.value.headers["Retry-After"]) <= 3_600
        for _ in range(3):
            assert get(port, "/readyz") == {"status": "ok"}


def limited(archive: Archive, rate: str) -> Callable[[str], int]:
    """Return a function that asks as a client of this address, and returns the status of the answer."""
    archive.write({"a.txt": "tea"}).service()
    client = create_app(archive.with_settings(rate_limit=rate, proxies=1)).test_client()
    return lambda by: client.get("/api/suggest?q=t", headers={"X-Forwarded-For": by}).status_code


def test_each_client_has_a_limit_of_its_own(archive: Archive) -> None:
    ask = limited(archive, "2/hour")
    assert [ask("192.0.2.1") for _ in range(4)] == [200, 200, 429, 429]
    assert [ask("192.0.2.2") for _ in range(3)] == [200, 200, 429]


def test_a_limit_is_lifted_when_its_window_is_over(archive: Archive) -> None:
    ask = limited(archive, "1/second")
    assert 429 in (ask("192.0.2.1") for _ in range(50))
    time.sleep(1.1)
    assert ask("192.0.2.1") == 200


def test_scripts_of_configured_origins_may_use_the_api(archive: Archive) -> None:
    archive.write({"a.txt": "tea"}).service()
    settings = archive.with_settings(read_token=TOKEN, origins=("https://news.example", "https://b.example:8443"))
    client = create_app(settings).test_client()
    asked = {"Origin": "https://news.example", "Access-Control-Request-Method": "GET"}
    before = client.options("/api/search", headers=asked | {"Access-Control-Request-Headers": "authorization"})
    assert before.headers["Access-Control-Allow-Origin"] == "https://news.example"
    assert before.headers["Access-Control-Allow-Headers"] == "authorization"
    answer = client.get("/api/search", headers={"Origin": "https://b.example:8443", "Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, "https://b.example:8443")
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert (
        "Access-Control-Allow-Origin" not in client.get("/api/search", headers={"Origin": "https://evil.example"}).headers
    )
    assert "Access-Control-Allow-Origin" not in client.get("/login", headers=asked).headers
    plain = create_app(archive.settings).test_client()
    assert "Access-Control-Allow-Origin" not in plain.get("/api/search", headers=asked).headers


@pytest.mark.parametrize(
    ("name", "value"),
    [("RATE_LIMIT", "many"), ("RATE_LIMIT", "0/minute"), ("ORIGINS", "https://*.example"), ("ORIGINS", "a.example/x")],
)
def test_rate_limits_and_origins_are_validated(archive: Archive, name: str, value: str) -> None:
    with pytest.raises(UserError, match=f"SEARCHSVC_{name} is “"):
        load_settings({f"SEARCHSVC_{name}": value}, archive.corpus / "none.toml")


def test_without_a_token_there_is_no_login(archive: Archive) -> None:
    archive.write({"a.txt": "tea"}).service()
    assert create_app(Settings(index=archive.settings.index)).test_client().get("/login").status_code == 404
