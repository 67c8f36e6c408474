"""Errors over HTTP: a page for browsers and problem details for programs, with the same status and the same advice."""

import logging
from html import escape, unescape

import pytest
from flask import abort
from flask.testing import FlaskClient

from searchsvc.config import Settings
from searchsvc.errors import (
    BusyError,
    ConflictError,
    EngineError,
    NoIndexError,
    NotFoundError,
    SearchsvcError,
    ServiceError,
    UnavailableError,
    UserError,
)
from searchsvc.web.app import create_app
from searchsvc.web.auth import UnauthorizedError
from searchsvc.web.operations import PROBLEMS
from tests.conftest import Archive

TOKEN = "a-token-for-writers"
HIDDEN = "the service failed to answer; its log has the reason"
PROBLEM, PAGE = "application/problem+json", "text/html; charset=utf-8"


def failing(sample: Settings, error: Exception | int) -> FlaskClient:
    """Return a client of a service with a page and an address of the API that raise an error, or abort with a status."""
    app = create_app(sample)

    def fail() -> str:
        if isinstance(error, int):
            abort(error)
        raise error

    app.add_url_rule("/fails", "page", fail)
    app.add_url_rule("/api/fails", "api", fail)
    return app.test_client()


# Each error


ERRORS: dict[str, tuple[Exception, int, str]] = {
    "invalid": (UserError("page is “0”"), 400, "page is “0”"),
    "unauthorized": (UnauthorizedError("this archive is private"), 401, "this archive is private"),
    "missing": (NotFoundError("no article"), 404, "no article"),
    "conflict": (ConflictError("a reindex is running"), 409, "a reindex is running"),
    "no index": (NoIndexError("run `searchsvc reindex`"), 503, "run `searchsvc reindex`"),
    "unavailable": (UnavailableError("the cluster does not answer"), 503, "the cluster does not answer"),
    "failed service": (ServiceError("secret detail"), 500, HIDDEN),
    "failed engine": (EngineError("secret detail"), 500, HIDDEN),
    "busy": (BusyError("secret detail"), 500, HIDDEN),
    "any of ours": (SearchsvcError("secret detail"), 500, HIDDEN),
    "a bug": (ZeroDivisionError("secret detail"), 500, HIDDEN),
    "a full disk": (OSError(28, "secret detail"), 500, HIDDEN),
}


@pytest.mark.parametrize(("error", "status", "detail"), ERRORS.values(), ids=ERRORS)
def test_each_error_has_a_status_a_type_and_a_detail(sample: Settings, error: Exception, status: int, detail: str) -> None:
    answer = failing(sample, error).get("/api/fails")
    problem = answer.get_json()
    assert (answer.status_code, answer.content_type) == (status, PROBLEM)
    assert (problem["type"], problem["status"]) == (f"http://localhost/api/docs#{PROBLEMS[status][0]}", status)
    assert problem["detail"] == detail


@pytest.mark.parametrize(("error", "status", "detail"), ERRORS.values(), ids=ERRORS)
def test_pages_say_the_same(sample: Settings, error: Exception, status: int, detail: str) -> None:
    answer = failing(sample, error).get("/fails", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.content_type) == (status, PAGE)
    assert escape(detail[1:]) in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("error", "logged"), [(ServiceError("secret detail"), True), (KeyError("x"), True), (UserError("x"), False)]
)
def test_faults_of_the_service_are_logged_and_mistakes_of_users_are_not(
    sample: Settings, caplog: pytest.LogCaptureFixture, error: Exception, logged: bool
) -> None:
    with caplog.at_level(logging.ERROR):
        failing(sample, error).get("/api/fails?q=x")
    found = [record for record in caplog.records if record.exc_info and record.exc_info[1] is error]
    assert [record.getMessage() for record in found] == (["GET /api/fails failed"] if logged else [])


@pytest.mark.parametrize("status", [400, 403, 404, 405, 408, 410, 413, 415, 418, 429, 500, 501, 503])
def test_errors_of_the_framework_have_the_same_form(sample: Settings, status: int) -> None:
    client = failing(sample, status)
    answer = client.get("/api/fails")
    assert (answer.status_code, answer.content_type, answer.get_json()["status"]) == (status, PROBLEM, status)
    assert answer.get_json()["type"] == f"http://localhost/api/docs#{PROBLEMS.get(status, ('bad-request',))[0]}"
    assert (client.get("/fails").status_code, client.get("/fails").content_type) == (status, PAGE)


@pytest.mark.parametrize(
    ("error", "members"),
    [
        (UserError("x"), {}),
        (UserError("x", param="page"), {"param": "page"}),
        (UserError("x", param="sort", hint="newest"), {"param": "sort", "hint": "newest"}),
        (UserError("x", position=0), {"position": 0}),
        (NotFoundError("x", param="field", hint="place"), {"param": "field", "hint": "place"}),
        (NoIndexError("x"), {}),
    ],
)
def test_problems_name_the_parameter_and_the_nearest_name(
    sample: Settings, error: SearchsvcError, members: dict[str, object]
) -> None:
    problem = failing(sample, error).get("/api/fails").get_json()
    assert {name: problem[name] for name in ("param", "position", "hint") if problem[name] is not None} == members


def test_the_command_to_run_is_on_the_page_if_there_is_no_index(archive: Archive) -> None:
    page = create_app(archive.settings).test_client().get("/").text
    assert "<code>searchsvc reindex</code>" in page


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "{{7*7}}", "\"'&", "é 🙂"])
def test_pages_escape_the_detail_and_the_query(sample: Settings, text: str) -> None:
    page = failing(sample, UserError(f"no {text}")).get("/fails", query_string={"q": text}).text
    assert f"no {text}".lower() in unescape(page).lower()
    assert "<script>alert" not in page


# Headers


@pytest.mark.parametrize("path", ["/fails", "/api/fails"])
@pytest.mark.parametrize(
    ("error", "header", "value"),
    [
        (NoIndexError("x"), "Retry-After", "10"),
        (UnavailableError("x"), "Retry-After", "10"),
        (ServiceError("x"), "Retry-After", None),
        (UnauthorizedError("x"), "WWW-Authenticate", 'Bearer realm="searchsvc"'),
        (UserError("x"), "WWW-Authenticate", None),
        (UserError("x"), "ETag", None),
        (ServiceError("x"), "X-Content-Type-Options", "nosniff"),
    ],
)
def test_headers_of_errors(sample: Settings, path: str, error: Exception, header: str, value: str | None) -> None:
    assert failing(sample, error).get(path).headers.get(header) == value


@pytest.mark.parametrize(
    ("method", "path", "kind", "allowed"),
    [
        ("POST", "/search", PAGE, {"GET", "HEAD", "OPTIONS"}),
        ("DELETE", "/", PAGE, {"GET", "HEAD", "OPTIONS"}),
        ("BREW", "/search", PAGE, {"GET", "HEAD", "OPTIONS"}),
        ("POST", "/api/suggest", PROBLEM, {"GET", "HEAD", "OPTIONS"}),
        ("PATCH", "/api/articles/x", PROBLEM, {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}),
        ("PUT", "/api/reindex", PROBLEM, {"GET", "HEAD", "OPTIONS", "POST"}),
        ("POST", "/search.csv", PROBLEM, {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_answered_with_the_right_ones(
    sample: Settings, method: str, path: str, kind: str, allowed: set[str]
) -> None:
    app = create_app(Settings(corpus=sample.corpus, index=sample.index, write_token=TOKEN))
    answer = app.test_client().open(path, method=method)
    assert (answer.status_code, answer.content_type) == (405, kind)
    assert set(answer.headers["Allow"].split(", ")) == allowed


# Pages and programs


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        (f"/search?place={'x' * 1_001}", 400, PAGE),
        ("/search.atom?page=0", 400, PROBLEM),
        ("/search.csv?page=0", 400, PROBLEM),
        ("/search.jsonl?page=0", 400, PROBLEM),
        ("/api/search?page=0", 400, PROBLEM),
        (f"/facets/tag?place={'x' * 1_001}", 400, PAGE),
        ("/api/facets/tag?order=x", 400, PROBLEM),
        ("/facets/none", 404, PAGE),
        ("/api/facets/none", 404, PROBLEM),
        ("/article/none", 404, PAGE),
        ("/api/similar/none", 404, PROBLEM),
        ("/none", 404, PAGE),
        ("/apiary", 404, PAGE),
        ("/api", 404, PROBLEM),
        ("/api/", 404, PROBLEM),
        ("/api/search/", 404, PROBLEM),
        ("/static/none.css", 404, PAGE),
    ],
)
def test_the_address_decides_whether_an_error_is_a_page(client: FlaskClient, path: str, status: int, kind: str) -> None:
    answer = client.get(path, headers={"Accept": "*/*"})
    assert (answer.status_code, answer.content_type) == (status, kind)


@pytest.mark.parametrize(
    "path", ["/", "/search.csv", "/search.jsonl", "/search.atom", "/api/search", "/readyz", "/article/x"]
)
def test_without_an_index_every_address_is_unavailable(archive: Archive, path: str) -> None:
    answer = create_app(archive.settings).test_client().get(path)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("", 200),
        ("*/*", 200),
        ("application/*", 200),
        ("application/json;q=0.1, text/html", 200),
        ("application/problem+json", 200),
        ("text/html", 406),
        ("application/xml", 406),
        ("nonsense", 406),
    ],
)
def test_the_api_answers_with_json_or_not_at_all(client: FlaskClient, accept: str, status: int) -> None:
    assert client.get("/api/search", headers={"Accept": accept}).status_code == status


@pytest.mark.parametrize("path", ["/api/docs", "/search", "/search.csv", "/search.atom"])
def test_only_the_api_looks_at_the_accept_header(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Accept": "image/png"}).status_code == 200


@pytest.mark.parametrize(("path", "status"), [("/none", 404), ("/api/none", 404), ("/api/search?page=0", 400)])
def test_head_has_the_status_and_no_body(client: FlaskClient, path: str, status: int) -> None:
    answer = client.head(path)
    assert (answer.status_code, answer.data) == (status, b"")


# Limits of requests


@pytest.mark.parametrize(("size", "status"), [(60_000, 401), (70_000, 413)])
def test_bodies_have_a_limit(sample: Settings, size: int, status: int) -> None:
    client = create_app(Settings(corpus=sample.corpus, index=sample.index, read_token=TOKEN)).test_client()
    answer = client.post("/login", data={"token": "x" * size})
    assert (answer.status_code, answer.content_type) == (status, PAGE)


@pytest.mark.parametrize("host", ["evil.example", "archive.example.evil.example", "x.archive.example", "x y", "", "\x80"])
@pytest.mark.parametrize(
    ("path", "changed"),
    [
        ("/", {}),
        ("/api/search", {}),
        ("/none", {}),
        ("/", {"rate_limit": "1/hour"}),
        pytest.param(
            *("/", {"read_token": TOKEN}),
            id="private archive",
        ),
    ],
)
def test_unknown_hosts_get_an_answer_without_links(sample: Settings, host: str, path: str, changed: dict[str, str]) -> None:
    app = create_app(Settings(corpus=sample.corpus, index=sample.index, hosts=("archive.example",), **changed))  # type: ignore[arg-type]
    answer = app.test_client().get(path, headers={"Host": host})
    assert answer.status_code == 400
    if path.startswith("/api"):
        assert (answer.content_type, answer.get_json()["detail"]) == ("application/problem+json", "unknown host name")
    else:  # without links, which would lead to that host
        assert (answer.content_type, answer.text) == ("text/plain; charset=utf-8", "400: unknown host name\n")
