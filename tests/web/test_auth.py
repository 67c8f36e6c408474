"""Authentication: who is refused and how, login and logout, and what scripts of other sites may ask."""

import json
import logging
import time
import urllib.error
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask.testing import FlaskClient

from searchsvc.config import load_settings
from searchsvc.errors import UserError
from searchsvc.web.app import create_app
from tests.conftest import Archive
from tests.serving import free_port, get, running, serve_command

TOKEN = "correct-horse-battery"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PAGES = ("/", "/search?q=tea", "/article/a.txt", "/facets/mood")
FILES = (
    "/search.csv",
    "/search.jsonl",
    "/search.ris",
    "/search.atom",
    "/metrics",
    "/opensearch.xml",
    "/opensearch/suggest?q=t",
)
API = (
    "/api/search",
    "/api/articles/a.txt",
    "/api/similar/a.txt",
    "/api/suggest?q=te",
    "/api/facets/mood",
    *("/api/openapi.json", "/api/docs"),
)
PUBLIC = ("/healthz", "/readyz", "/static/style.css", "/site.css", "/login")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
PROGRAMS = {
    "anything": {"Accept": "*/*"},
    "nothing": {},
    "JSON": {"Accept": "application/json"},
    "text": {"Accept": "text/*"},
    "a feed": {"Accept": "application/atom+xml, application/xml;q=0.9, */*;q=0.1"},
    "no HTML": {"Accept": "text/html;q=0, */*"},
    "a wrong token": {"Accept": BROWSER, "Authorization": "Bearer wrong"},
    "a token in another way": {"Authorization": f"Basic {TOKEN}"},
    "no token": {"Authorization": "Bearer"},
    "a part of the token": {"Authorization": f"Bearer {TOKEN[:-1]}"},
    "more than the token": {"Authorization": f"Bearer {TOKEN}x"},
    "another letter": {"Authorization": "Bearer \u00e9"},
    "a current copy": {"If-None-Match": "*"},
}


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """An archive for all tests of this file, indexed once."""
    archive = Archive(tmp_path_factory.mktemp("private"))
    archive.write({"a.jsonl": '{"title": "tea", "mood": "calm"}\n', "a.txt": "tea"}).service()
    return archive


@pytest.fixture
def private(indexed: Archive) -> FlaskClient:
    return create_app(indexed.with_settings(read_token=TOKEN, accent="#27548a")).test_client()


# Without a token


@pytest.mark.parametrize("headers", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_programs_without_a_token_get_401_everywhere(private: FlaskClient, method: str, headers: dict[str, str]) -> None:
    for path in ("/", "/search?q=tea", "/article/a.txt", "/search.csv", "/search.atom", "/metrics", "/api/search", "/none"):
        refused = private.open(path, method=method, headers=headers)
        assert (refused.status_code, refused.content_type) == (401, "application/problem+json"), path
        assert refused.headers["WWW-Authenticate"] == 'Bearer realm="searchsvc"'
        assert "ETag" not in refused.headers
        assert b"tea" not in refused.data
        assert method == "HEAD" or refused.get_json()["status"] == 401


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("accept", [BROWSER, "text/html", "Application/XHTML+XML", "*/*, text/html;level=1"])
def test_browsers_are_sent_to_the_login_for_pages_only(private: FlaskClient, method: str, accept: str) -> None:
    for path in (*PAGES, "/none"):
        sent = private.open(path, method=method, headers={"Accept": accept})
        assert (sent.status_code, urlsplit(sent.headers["Location"]).path) == (303, "/login"), path
    for path in (*FILES, *API, "/api/none"):
        refused = private.open(path, method=method, headers={"Accept": accept})
        assert (refused.status_code, refused.content_type) == (401, "application/problem+json"), path
    assert private.post("/search", headers={"Accept": accept}).status_code == 401


def test_what_reveals_nothing_is_public(private: FlaskClient) -> None:
    for path in PUBLIC:
        with private.get(path) as answer:
            assert answer.status_code == 200


# With a token


def test_programs_send_the_token_in_a_header(private: FlaskClient) -> None:
    for path in (*API, *PAGES, *FILES):
        answer = private.get(path, headers=BEARER)
        assert answer.status_code == 200, path
        assert "Authorization" in answer.headers["Vary"]
    answer = private.get("/api/search", headers={"Authorization": f"bearer  {TOKEN} "})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-cache")


# Login


def logged_in(client: FlaskClient, **options: Any) -> str:
    """Log in, and return the header of the cookie."""
    answer = client.post("/login", data={"token": TOKEN}, **options)
    assert answer.status_code == 303
    return answer.headers["Set-Cookie"]


def test_a_login_leads_to_the_page_and_lasts_until_logout(private: FlaskClient) -> None:
    asked = private.get("/search?q=tea&sort=newest", headers={"Accept": "text/html"})
    following = parse_qs(urlsplit(asked.headers["Location"]).query)["next"][0]
    assert following == "/search?q=tea&sort=newest"
    wrong = private.post("/login", data={"token": "wrong", "next": following})
    assert (wrong.status_code, "Wrong token" in wrong.text) == (401, True)
    assert "WWW-Authenticate" in wrong.headers
    entered = private.post("/login", data={"token": f" {TOKEN}\n", "next": following})
    assert (entered.status_code, entered.headers["Location"]) == (303, following)
    page = private.get(following)
    assert (page.status_code, "Log out" in page.text) == (200, True)
    assert private.get("/api/search").status_code == 200
    left = private.post("/logout")
    assert (left.status_code, left.headers["Location"]) == (303, "/login")
    assert private.get("/api/search").status_code == 401
    assert "Log out" not in private.get(following, headers=BEARER).text


@pytest.mark.parametrize(
    "following",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", "/a\nb", "/\t/evil.example"],
)
def test_login_does_not_redirect_to_other_sites(private: FlaskClient, following: str) -> None:
    assert private.post("/login", data={"token": TOKEN, "next": following}).headers["Location"] == "/"


@pytest.mark.parametrize("article_id", ["a/b?c=d#e", "100%", "a%2Fb", "é 日本", "//evil.example", "a&b+c;d", "x/"])
def test_login_leads_to_any_article(archive: Archive, article_id: str) -> None:
    archive.write({"a.jsonl": json.dumps({"id": article_id, "title": "tea"})}).service()
    client = create_app(archive.with_settings(read_token=TOKEN)).test_client()
    asked = client.get(f"/article/{quote(article_id, safe='')}?q=tea", headers={"Accept": "text/html"})
    following = parse_qs(urlsplit(asked.headers["Location"]).query)["next"][0]
    entered = client.post("/login", data={"token": TOKEN, "next": following})
    assert client.get(entered.headers["Location"]).status_code == 200


OWN_ORIGIN = "http://localhost"
OTHER_ORIGINS = (
    "http://evil.example",
    "null",
    "",
    "http://localhost:81",
    "https://localhost:81",
    "http://localhost.evil.example",
)


@pytest.mark.parametrize("origin", OTHER_ORIGINS)
def test_forms_of_other_sites_neither_log_in_nor_out(private: FlaskClient, origin: str) -> None:
    refused = private.post("/login", data={"token": TOKEN}, headers={"Origin": origin})
    assert (refused.status_code, "Set-Cookie" in refused.headers) == (403, False)
    logged_in(private)
    refused = private.post("/logout", headers={"Origin": origin})
    assert (refused.status_code, "Set-Cookie" in refused.headers) == (403, False)
    assert private.get("/api/search").status_code == 200


@pytest.mark.parametrize(
    ("origin", "root"),
    [
        (OWN_ORIGIN, "http://localhost"),
        ("http://localhost:80", "http://localhost"),
        ("http://LOCALHOST", "http://localhost"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://localhost", "https://localhost"),
        ("https://localhost", "http://localhost"),  # behind a proxy that speaks TLS and is not configured
    ],
)
def test_forms_of_the_own_site_log_in_and_out(private: FlaskClient, origin: str, root: str) -> None:
    logged_in(private, headers={"Origin": origin}, base_url=root)
    assert private.post("/logout", headers={"Origin": origin}, base_url=root).status_code == 303


def test_the_token_is_never_shown_or_logged(archive: Archive, caplog: pytest.LogCaptureFixture) -> None:
    log = archive.corpus.parent / "access"
    settings = archive.with_settings(read_token=TOKEN, access_log=str(log), slow_ms=0)
    assert TOKEN not in repr(settings)
    wrong = "a-token-that-is-almost-right"
    archive.write({"a.txt": "tea"}).service()
    client = create_app(settings).test_client()
    with caplog.at_level(logging.DEBUG):
        client.post("/login", data={"token": TOKEN})
        client.post("/login", data={"token": wrong})
        client.get("/api/search", headers={"Authorization": f"Bearer {wrong}"})
        for path in (*PAGES, *API, "/none"):
            assert TOKEN.encode() not in client.get(path, headers=BEARER).data
    assert TOKEN not in caplog.text + log.read_text()
    assert wrong not in caplog.text + log.read_text()
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
        assert (refused.value.code, json.load(refused.value)["type"]) == (
            429,
            f"http://127.0.0.1:{port}/api/docs#too-many-requests",
        )
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


@pytest.mark.slow
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
    client = create_app(archive.settings).test_client()
    assert [client.get("/login").status_code, client.post("/login").status_code] == [404, 404]
    assert "Log out" not in client.get("/").text
