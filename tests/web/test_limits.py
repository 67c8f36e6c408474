"""The rate limit: what is counted, for whom, until when, and what a refused client is told."""

import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, TestResponse

from searchsvc.config import Settings
from searchsvc.web.app import create_app
from searchsvc.web.limits import CountsFile, SharedStorage
from searchsvc.web.uploads import MAX_ARTICLE_BYTES
from tests.conftest import ROOT
from tests.serving import free_port, running, serve_command

TOKEN = "correct-horse-battery"


@pytest.fixture
def limited(sample: Settings) -> FlaskClient:
    """Return a client of a service that allows three requests an hour."""
    return client_of(sample, rate_limit="3/hour")


def client_of(sample: Settings, **changed: object) -> FlaskClient:
    return create_app(Settings(corpus=sample.corpus, index=sample.index, **changed)).test_client()  # type: ignore[arg-type]


def use_up(client: FlaskClient, path: str = "/api/suggest?q=t", number: int = 3) -> list[int]:
    return [client.get(path).status_code for _ in range(number)]


# Requests


@pytest.mark.parametrize(
    ("rate", "statuses"),
    [
        ("1/hour", [200, 429, 429, 429]),
        ("2/day", [200, 200, 429, 429]),
        ("4/hour", [200, 200, 200, 200]),
        ("", [200, 200, 200, 200]),
    ],
)
def test_as_many_requests_are_answered_as_the_rate_allows(sample: Settings, rate: str, statuses: list[int]) -> None:
    assert use_up(client_of(sample, rate_limit=rate), number=4) == statuses


@pytest.mark.slow
def test_all_addresses_share_one_limit(limited: FlaskClient) -> None:
    paths = ("/", "/api/search", "/search.csv", "/api/openapi.json")
    assert [limited.get(path).status_code for path in paths] == [200, 200, 200, 429]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/api/articles/none", {}, 404, id="unknown articles"),
        pytest.param("/api/search?page=0", {}, 400, id="invalid requests"),
        pytest.param("/api/search", {"If-None-Match": "*"}, 304, id="answers that the client has"),
    ],
)
def test_every_request_counts(limited: FlaskClient, path: str, headers: dict[str, str], status: int) -> None:
    assert [limited.get(path, headers=headers).status_code for _ in range(4)] == [status, status, status, 429]


def test_guesses_of_the_token_count(sample: Settings) -> None:
    client = client_of(sample, rate_limit="2/hour", read_token=TOKEN)
    guesses = [client.get("/api/search", headers={"Authorization": f"Bearer {n}"}).status_code for n in range(3)]
    assert guesses == [401, 401, 429]
    assert client.post("/login", data={"token": TOKEN}).status_code == 429


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/static/style.css", "/site.css"])
def test_operators_and_static_files_have_no_limit(limited: FlaskClient, path: str) -> None:
    use_up(limited)
    for _ in range(5):
        with limited.get(path) as answer:
            assert answer.status_code == 200


def test_preflight_requests_have_no_limit(sample: Settings) -> None:
    client = client_of(sample, rate_limit="1/hour", origins=("https://news.example",))
    headers = {"Origin": "https://news.example", "Access-Control-Request-Method": "GET"}
    assert [client.options("/api/search", headers=headers).status_code for _ in range(3)] == [200, 200, 200]
    assert use_up(client, number=2) == [200, 429]


# Answers


def refused(client: FlaskClient, path: str) -> TestResponse:
    use_up(client)
    answer = client.get(path)
    assert answer.status_code == 429
    return answer


def test_programs_are_told_when_to_try_again(limited: FlaskClient) -> None:
    answer = refused(limited, "/api/search")
    problem = answer.get_json()
    seconds = int(answer.headers["Retry-After"])
    assert 3_590 <= seconds <= 3_600
    assert answer.content_type == "application/problem+json"
    assert (problem["type"], problem["title"]) == ("http://localhost/api/docs#too-many-requests", "Too Many Requests")
    assert problem["detail"].startswith("more requests than 3 per 1 hour: try again in 3")


def test_browsers_get_a_page(limited: FlaskClient) -> None:
    answer = refused(limited, "/search?q=tea")
    assert answer.content_type == "text/html; charset=utf-8"
    assert "more requests than 3 per 1 hour" in answer.text.lower()
    assert "Retry-After" in answer.headers


def test_refusals_are_not_cached(limited: FlaskClient) -> None:
    assert "ETag" not in refused(limited, "/api/search").headers


def test_answers_say_how_many_requests_are_left(limited: FlaskClient) -> None:
    answers = [limited.get("/api/suggest?q=t").headers for _ in range(4)]
    assert [each["X-RateLimit-Remaining"] for each in answers] == ["2", "1", "0", "0"]
    assert {each["X-RateLimit-Limit"] for each in answers} == {"3"}


# Clients


@pytest.mark.parametrize(
    ("first", "second", "status"),
    [
        ("192.0.2.1", "192.0.2.1", 429),
        ("192.0.2.1", "192.0.2.2", 200),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", 429),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", 200),
        ("192.0.2.1", "::ffff:192.0.2.1", 429),
        ("[2001:db8::1]:443", "2001:db8::2", 429),
    ],
)
def test_a_client_is_an_ipv4_address_or_the_64_of_an_ipv6_address(
    sample: Settings, first: str, second: str, status: int
) -> None:
    client = client_of(sample, rate_limit="1/hour", proxies=1)
    assert client.get("/api/search", headers={"X-Forwarded-For": first}).status_code == 200
    assert client.get("/api/search", headers={"X-Forwarded-For": second}).status_code == status


# Wrong tokens

LOGINS, REQUESTS = 10, 30
"""Wrong logins, and wrong tokens in headers, that a client may send within a minute."""


def log_in(client: FlaskClient, token: str, address: str = "192.0.2.1") -> TestResponse:
    return client.post("/login", data={"token": token}, headers={"X-Forwarded-For": address, "Accept": "text/html"})


def ask(client: FlaskClient, token: str, address: str = "192.0.2.1", method: str = "GET") -> TestResponse:
    headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": address}
    return client.open("/api/search" if method == "GET" else "/api/reindex", method=method, headers=headers)


@pytest.fixture
def private(sample: Settings) -> FlaskClient:
    return client_of(sample, read_token=TOKEN, proxies=1)


def test_wrong_logins_are_limited_for_each_client(private: FlaskClient) -> None:
    assert [log_in(private, f"guess-{number}").status_code for number in range(LOGINS + 2)] == [401] * LOGINS + [429] * 2
    refused = log_in(private, TOKEN)
    assert (refused.status_code, refused.content_type) == (429, "text/html; charset=utf-8")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert "too many wrong tokens: try again in" in refused.text.lower()
    assert "Set-Cookie" not in refused.headers
    assert log_in(private, TOKEN, "192.0.2.2").status_code == 303


def test_wrong_tokens_in_headers_are_limited_alike(private: FlaskClient) -> None:
    assert {ask(private, f"guess-{number}").status_code for number in range(REQUESTS)} == {401}
    refused = ask(private, TOKEN)
    assert (refused.status_code, refused.get_json()["type"]) == (429, "http://localhost/api/docs#too-many-requests")
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    assert log_in(private, TOKEN).status_code == 429
    assert ask(private, TOKEN, "192.0.2.2").status_code == 200


def test_wrong_tokens_for_changes_are_limited_alike(sample: Settings) -> None:
    client = client_of(sample, write_token=TOKEN, proxies=1)
    assert {ask(client, f"guess-{number}", method="POST").status_code for number in range(REQUESTS)} == {401}
    assert ask(client, TOKEN, method="POST").status_code == 429
    assert ask(client, TOKEN).status_code == 200  # who only reads a public archive needs no token


def test_what_the_server_receives_tells_a_client_with_too_many_guesses_nothing(sample: Settings) -> None:
    client = client_of(sample, write_token=TOKEN, proxies=1)

    def limit(token: str, address: str) -> object:
        headers = {"Authorization": f"Bearer {token}", "X-Forwarded-For": address}
        environ = EnvironBuilder("/api/articles/x", method="PUT", headers=headers.items()).get_environ()
        return client.application.extensions["body_limit"](environ)

    assert (limit(TOKEN, "192.0.2.1"), limit("guess", "192.0.2.1")) == (MAX_ARTICLE_BYTES, None)
    assert {ask(client, "guess", method="POST").status_code for _ in range(REQUESTS)} == {401}
    assert (limit(TOKEN, "192.0.2.1"), limit(TOKEN, "192.0.2.2")) == (None, MAX_ARTICLE_BYTES)


def test_addresses_of_one_ipv6_network_guess_together(private: FlaskClient) -> None:
    statuses = [log_in(private, "guess", f"2001:db8:1:2::{number:x}").status_code for number in range(LOGINS + 1)]
    assert statuses == [401] * LOGINS + [429]
    assert log_in(private, TOKEN, "2001:db8:1:3::1").status_code == 303


@pytest.mark.slow
def test_right_tokens_and_open_sessions_have_no_limit(private: FlaskClient) -> None:
    assert {ask(private, TOKEN).status_code for _ in range(REQUESTS + 10)} == {200}
    assert {log_in(private, TOKEN).status_code for _ in range(LOGINS + 5)} == {303}
    for number in range(LOGINS + 1):
        log_in(private, f"guess-{number}")
    assert private.get("/api/search", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 200


def test_requests_without_a_token_are_no_guesses(private: FlaskClient) -> None:
    statuses = [
        private.get("/api/search", headers={"X-Forwarded-For": "192.0.2.1"}).status_code for _ in range(REQUESTS + 5)
    ]
    assert set(statuses) == {401}
    assert log_in(private, TOKEN).status_code == 303


def test_the_right_token_in_the_wrong_place_is_no_guess(sample: Settings) -> None:
    client = client_of(sample, read_token=TOKEN, write_token=f"{TOKEN}-2", proxies=1)
    assert {ask(client, TOKEN, method="POST").status_code for _ in range(REQUESTS + 5)} == {401}
    assert ask(client, TOKEN).status_code == 200


def test_wrong_tokens_are_logged_with_the_client_and_without_the_token(
    private: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    log_in(private, "guess-1")
    ask(private, "guess-2", "2001:db8:1:2::1")
    ask(private, "guess-3", "forged line")
    assert [record.getMessage() for record in caplog.records] == [
        "wrong token from 192.0.2.1 at /login",
        "wrong token from 2001:db8:1:2::/64 at /api/search",
        "wrong token from unknown at /api/search",
    ]


@pytest.mark.slow
def test_a_client_may_try_again_when_its_window_is_over(sample: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.web.limits.WRONG_TOKENS", "3/second")
    client = client_of(sample, read_token=TOKEN, proxies=1)
    assert 429 in (log_in(client, "guess").status_code for _ in range(20))
    time.sleep(1.1)
    assert log_in(client, TOKEN).status_code == 303


def test_wrong_tokens_are_limited_although_the_counts_cannot_be_written(temporary: Path, sample: Settings) -> None:
    temporary.rmdir()
    client = client_of(sample, read_token=TOKEN, proxies=1)
    assert [log_in(client, "guess").status_code for _ in range(LOGINS + 1)] == [401] * LOGINS + [429]
    assert ask(client, TOKEN, "192.0.2.2").status_code == 200


@pytest.mark.slow
def test_workers_count_wrong_tokens_together(sample: Settings) -> None:
    port = free_port()
    with running(serve_command(port), sample, port, SEARCHSVC_READ_TOKEN=TOKEN):
        statuses = []
        for _ in range(REQUESTS + 1):  # a connection each, so that every worker has some
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(
                    urllib.request.Request(f"http://127.0.0.1:{port}/api/search", headers={"Authorization": "Bearer x"}),
                    timeout=20,
                )
            statuses.append(refused.value.code)
            refused.value.close()
    assert statuses == [401] * REQUESTS + [429]


# The file that workers share


def file_of(storage: SharedStorage) -> Path:
    """Return the file, which there is only one of in the temporary folder."""
    storage.get("a")
    (file,) = Path(tempfile.gettempdir()).glob("searchsvc-limits-*/limits.sqlite")
    return file


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of the test's own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_counts_start_at_one_and_grow() -> None:
    storage = SharedStorage()
    assert storage.get("a") == 0
    assert [storage.incr("a", 60) for _ in range(3)] == [1, 2, 3]
    assert storage.incr("a", 60, amount=5) == 8
    assert (storage.get("a"), storage.get("b"), storage.check()) == (8, 0, True)


def test_processes_count_together_if_they_are_forked_from_one() -> None:
    code = (
        "import os; from searchsvc.web.limits import SharedStorage\n"
        "storage, other = SharedStorage(), SharedStorage()\n"
        "storage.incr('a', 60)\n"
        "for _ in range(3):\n"
        "    if not os.fork(): os._exit(storage.incr('a', 60))\n"
        "    print(os.waitstatus_to_exitcode(os.wait()[1]))\n"
        "print(storage.incr('a', 60), other.incr('a', 60))\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert result.stdout.split() == ["2", "3", "4", "5", "1"]


def test_threads_lose_no_count() -> None:
    storage = SharedStorage()
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: storage.incr("a", 60), range(100)))
    assert sorted(counts) == list(range(1, 101))


def test_the_file_is_ready_before_threads_open_it_together() -> None:
    file = CountsFile()
    with closing(sqlite3.connect(file.path)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("SELECT count(*) FROM counts").fetchone() == (0,)


def test_a_window_ends_and_another_begins() -> None:
    storage = SharedStorage()
    assert [storage.incr("a", 0.2) for _ in range(2)] == [1, 2]
    time.sleep(0.25)
    assert storage.get("a") == 0
    assert storage.incr("a", 60) == 1


def test_requests_do_not_prolong_a_window() -> None:
    storage = SharedStorage()
    storage.incr("a", 60)
    end = storage.get_expiry("a")
    storage.incr("a", 600)
    assert storage.get_expiry("a") == end
    assert 50 < end - time.time() <= 60


def test_a_client_without_requests_has_a_window_that_ends_now() -> None:
    assert SharedStorage().get_expiry("a") == pytest.approx(time.time(), abs=5)


@pytest.mark.parametrize("key", ["", "2001:db8::1", "'; DROP TABLE counts; --", "é\n", "x" * 10_000])
def test_any_client_can_be_counted_and_forgotten(key: str) -> None:
    storage = SharedStorage()
    assert [storage.incr(each, 60) for each in (key, key, "other")] == [1, 2, 1]
    storage.clear(key)
    assert (storage.get(key), storage.get("other")) == (0, 1)
    storage.reset()
    assert storage.get("other") == 0


def test_the_folder_is_deleted_by_the_process_that_created_it(temporary: Path) -> None:
    code = (
        "import os; from searchsvc.web.limits import SharedStorage\n"
        "storage = SharedStorage(); storage.incr('a', 60)\n"
        "if not os.fork(): raise SystemExit\n"  # which runs what is run at exit
        "os.wait(); print(storage.incr('a', 60))\n"
    )
    environ = os.environ | {"TMPDIR": str(temporary)}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT, env=environ)
    assert result.stdout.split() == ["2"]
    assert list(temporary.iterdir()) == []


# Failures


def delete_folder(file: Path) -> None:
    shutil.rmtree(file.parent)


def garble(file: Path) -> None:
    for each in file.parent.iterdir():
        each.write_bytes(b"garbage" * 1_000)


@pytest.mark.parametrize("fail", [delete_folder, garble])
def test_if_the_file_fails_requests_are_limited_in_memory_and_it_is_logged_once(
    sample: Settings, caplog: pytest.LogCaptureFixture, fail: Callable[[Path], None]
) -> None:
    client = client_of(sample, rate_limit="3/hour")
    assert client.get("/api/suggest?q=t").status_code == 200
    (file,) = Path(tempfile.gettempdir()).glob("searchsvc-limits-*/limits.sqlite")
    fail(file)
    with caplog.at_level(logging.WARNING), ThreadPoolExecutor(1) as new_thread:  # which opens the file anew
        answers = [new_thread.submit(client.get, "/api/suggest?q=t").result() for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429, 429]
    (line,) = [record.getMessage() for record in caplog.records if record.name == "searchsvc.web.limits"]
    assert line.startswith(f"each process limits requests on its own, because {file} fails: ")


def test_without_a_temporary_folder_requests_are_limited_in_memory(
    sample: Settings, temporary: Path, caplog: pytest.LogCaptureFixture
) -> None:
    temporary.rmdir()
    with caplog.at_level(logging.WARNING):
        assert use_up(client_of(sample, rate_limit="3/hour"), number=5) == [200, 200, 200, 429, 429]
    assert "each process limits requests on its own" in caplog.text


def test_the_file_is_used_again_once_it_works(temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = SharedStorage()
    folder = file_of(storage).parent
    shutil.rmtree(folder)
    with ThreadPoolExecutor(1) as new_thread:
        assert [new_thread.submit(storage.incr, "a", 60).result() for _ in range(2)] == [1, 2]
        folder.mkdir()
        assert new_thread.submit(storage.get, "a").result() == 2  # not at once
        monkeypatch.setattr("searchsvc.web.limits.monotonic", lambda: time.monotonic() + 60)
        assert new_thread.submit(storage.incr, "a", 60).result() == 1
