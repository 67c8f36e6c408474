"""Sessions of logins: random, signed, the same for all workers and after a restart, and over at logout."""

import os
import time
from collections.abc import Callable
from contextlib import closing
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient

from searchsvc.web.app import create_app
from searchsvc.web.sessions import COOKIE, COOKIE_SECONDS, FOLDER
from tests.conftest import Archive
from tests.serving import free_port, running, serve_command

TOKEN = "correct-horse-battery"


@pytest.fixture
def private(archive: Archive) -> Archive:
    archive.write({"a.txt": "tea"}).service()
    archive.settings = archive.with_settings(read_token=TOKEN)
    return archive


@pytest.fixture
def app(private: Archive) -> Flask:
    return create_app(private.settings)


def log_in(app: Flask, **options: str) -> tuple[str, set[str]]:
    """Log in with a browser of its own, and return the value and the attributes of the cookie."""
    answer = app.test_client().post("/login", data={"token": TOKEN}, **options)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    value, *attributes = cookie.split("; ")
    return value.removeprefix(f"{COOKIE}="), set(attributes)


def client_with(app: Flask, cookie: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(COOKIE, cookie)
    return client


def status(app: Flask, cookie: str) -> int:
    return client_with(app, cookie).get("/api/search").status_code


# Cookies


def test_every_session_has_a_random_cookie(app: Flask) -> None:
    cookies = {log_in(app)[0] for _ in range(5)}
    assert len({cookie.partition(".")[0] for cookie in cookies}) == 5
    assert all(len(cookie.partition(".")[0]) >= 20 and TOKEN not in cookie for cookie in cookies)
    assert {status(app, cookie) for cookie in cookies} == {200}


@pytest.mark.parametrize(
    ("root", "attributes"),
    [
        ("http://localhost", {"Path=/"}),
        ("https://localhost", {"Path=/", "Secure"}),
        ("http://localhost/archive", {"Path=/archive"}),
        ("https://localhost/archive", {"Path=/archive", "Secure"}),
    ],
)
def test_cookies_are_for_this_service_only(app: Flask, root: str, attributes: set[str]) -> None:
    found = log_in(app, base_url=root)[1]
    (expires,) = (each for each in found if each.startswith("Expires="))
    assert found - {expires} == attributes | {"HttpOnly", "SameSite=Lax"}
    when = parsedate_to_datetime(expires.removeprefix("Expires=")).timestamp()
    assert when == pytest.approx(time.time() + COOKIE_SECONDS, abs=10)


def test_a_session_is_not_prolonged_by_its_use(app: Flask) -> None:
    client = client_with(app, log_in(app)[0])
    assert all("Set-Cookie" not in client.get(path).headers for path in ("/", "/api/search", "/login"))


def test_logout_removes_the_cookie_with_the_same_attributes(app: Flask) -> None:
    client = app.test_client()
    client.post("/login", data={"token": TOKEN}, base_url="https://localhost/archive")
    removed = client.post("/logout", base_url="https://localhost/archive").headers["Set-Cookie"]
    for part in (f"{COOKIE}=;", "Max-Age=0", "Path=/archive", "Secure", "HttpOnly", "SameSite=Lax"):
        assert part in removed


@pytest.mark.parametrize("change", [lambda c: c[1:], lambda c: c[:-1], lambda c: "x" + c, lambda c: c.swapcase()])
def test_a_changed_cookie_is_none(app: Flask, change: Callable[[str], str]) -> None:
    assert status(app, change(log_in(app)[0])) == 401


@pytest.mark.parametrize("cookie", ["", "x", "..", "a.b.c", "é", "../../etc/passwd", TOKEN, "." * 3_000])
def test_a_forged_cookie_is_none(app: Flask, cookie: str) -> None:
    assert status(app, cookie) == 401


# The end of sessions


def test_a_session_ends_at_logout_also_for_who_copied_the_cookie(app: Flask) -> None:
    cookie, other = log_in(app)[0], log_in(app)[0]
    client_with(app, cookie).post("/logout")
    assert (status(app, cookie), status(app, other)) == (401, 200)


def test_workers_and_later_services_agree_on_sessions(private: Archive, app: Flask) -> None:
    cookie, other = log_in(app)[0], log_in(app)[0]
    second = create_app(private.settings)
    assert status(second, cookie) == 200
    client_with(second, cookie).post("/logout")
    assert [status(each, cookie) for each in (app, second, create_app(private.settings))] == [401, 401, 401]
    assert [status(each, other) for each in (app, second, create_app(private.settings))] == [200, 200, 200]


def asked(port: int, method: str, path: str, cookie: str = "", **form: str) -> tuple[int, str]:
    """Return the status of an answer and the cookie that it sets. Any worker may have the connection."""
    headers = {"Cookie": f"{COOKIE}={cookie}", "Content-Type": "application/x-www-form-urlencoded"}
    with closing(HTTPConnection("127.0.0.1", port, timeout=20)) as connection:
        connection.request(method, path, urlencode(form), headers)
        answer = connection.getresponse()
        return answer.status, str(answer.headers["Set-Cookie"]).partition(";")[0].removeprefix(f"{COOKIE}=")


def statuses(port: int, *cookies: str) -> set[int]:
    return {asked(port, "GET", "/api/search", cookie)[0] for cookie in cookies * 10}


@pytest.mark.slow
def test_a_copied_cookie_is_worth_nothing_after_logout_in_every_worker(private: Archive) -> None:
    port = free_port()
    with running(serve_command(port), private.settings, port, SEARCHSVC_READ_TOKEN=TOKEN):
        cookie, other = (asked(port, "POST", "/login", token=TOKEN)[1] for _ in range(2))
        assert statuses(port, cookie, other) == {200}
        assert asked(port, "POST", "/logout", cookie) == (303, "")
        assert (statuses(port, cookie), statuses(port, other)) == ({401}, {200})
    with running(serve_command(port), private.settings, port, SEARCHSVC_READ_TOKEN=TOKEN):
        assert (statuses(port, cookie), statuses(port, other)) == ({401}, {200})


def test_a_new_token_ends_all_sessions(private: Archive, app: Flask) -> None:
    cookie = log_in(app)[0]
    assert status(create_app(private.with_settings(read_token=f"{TOKEN}-2")), cookie) == 401
    assert status(create_app(private.with_settings(write_token=f"{TOKEN}-2")), cookie) == 200


def test_a_session_ends_after_thirty_days(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie, now = log_in(app)[0], time.time()
    monkeypatch.setattr("time.time", lambda: now + COOKIE_SECONDS - 10)
    assert status(app, cookie) == 200
    monkeypatch.setattr("time.time", lambda: now + COOKIE_SECONDS + 10)
    assert status(app, cookie) == 401


def test_ended_sessions_are_kept_as_long_as_their_cookies(private: Archive, app: Flask) -> None:
    folder = private.settings.index / FOLDER
    for age in (COOKIE_SECONDS + 60, COOKIE_SECONDS - 60):
        client_with(app, log_in(app)[0]).post("/logout")
        _set_age(max(folder.iterdir(), key=os.path.getmtime), age)
    client_with(app, log_in(app)[0]).post("/logout")
    assert len(list(folder.iterdir())) == 2


def _set_age(file: Path, seconds: float) -> None:
    os.utime(file, (time.time() - seconds,) * 2)


def test_logout_without_a_session_needs_nothing(private: Archive, app: Flask) -> None:
    for cookie in ("", "x"):
        assert client_with(app, cookie).post("/logout").status_code == 303
    assert not (private.settings.index / FOLDER).exists()


def test_logout_works_while_there_is_no_index(private: Archive, app: Flask) -> None:
    cookie = log_in(app)[0]
    private.settings.index.rename(private.settings.index.with_name("moved"))
    assert client_with(app, cookie).post("/logout").status_code == 303
    assert status(app, cookie) == 401


def test_logout_removes_the_cookie_even_if_the_end_cannot_be_recorded(
    private: Archive, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    (private.settings.index / FOLDER).write_text("a file in the place of the folder")
    answer = client_with(app, log_in(app)[0]).post("/logout")
    assert (answer.status_code, "Max-Age=0" in answer.headers["Set-Cookie"]) == (303, True)
    assert "could not be ended" in caplog.text


def test_a_session_does_not_permit_changes(private: Archive) -> None:
    app = create_app(private.with_settings(write_token=f"{TOKEN}-2"))
    cookie = log_in(app)[0]
    assert client_with(app, cookie).put("/api/articles/x", json={"text": "tea"}).status_code == 401
    assert client_with(app, cookie).post("/api/reindex").status_code == 401
