"""The WSGI environment of a request."""

from typing import Any

import h11
import pytest

from searchsvc.web.environ import wsgi_environ
from searchsvc.web.refusals import RefusedRequestError


def environ_of(target: str, **fields: str) -> dict[str, Any]:
    headers = [(b"Host", b"a"), *((name.replace("__", "-").encode(), value.encode()) for name, value in fields.items())]
    return wsgi_environ(h11.Request(method="GET", target=target, headers=headers), ("10.0.0.1", 5), ("::1", 8_000))


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("/search?q=tea&x=?#", "/search", "q=tea&x=?"),
        ("/a%2Fb%C3%A9%00", "/a/b\xc3\xa9\0", ""),
        ("//a.example/b", "//a.example/b", ""),
        ("http://b.example", "/", ""),
        ("http://b.example:80/a?q=%20", "/a", "q=%20"),
        ("*", "*", ""),
    ],
)
def test_path_and_query(target: str, path: str, query: str) -> None:
    environ = environ_of(target)
    assert (environ["PATH_INFO"], environ["QUERY_STRING"]) == (path, query)


@pytest.mark.parametrize("target", ["a", "a.example:443", "http://[a/", "?q=tea", "http:///a"])
def test_a_target_without_a_path_is_refused(target: str) -> None:
    with pytest.raises(RefusedRequestError) as refused:
        environ_of(target)
    assert refused.value.status == 400


def test_the_application_sees_the_target_as_it_was_sent() -> None:
    environ = environ_of("http://b.example:80/a%20b")
    assert (environ["RAW_URI"], environ["HTTP_HOST"]) == ("http://b.example:80/a%20b", "a")


@pytest.mark.parametrize(
    ("target", "prefix", "path"),
    [
        ("/archive/search", "/archive", "/search"),
        ("/archive", "/archive", ""),
        ("/search", "", "/search"),
        ("/archives/x", "", "/archives/x"),
    ],
)
def test_the_operators_prefix_is_cut_from_paths_that_have_it(
    monkeypatch: pytest.MonkeyPatch, target: str, prefix: str, path: str
) -> None:
    monkeypatch.setenv("SCRIPT_NAME", "/archive")
    environ = environ_of(target)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (prefix, path)


def test_fields_become_variables() -> None:
    environ = environ_of("/", Content__Type="text/plain", Content__Length="0", X__Request__ID="é")
    assert (environ["CONTENT_TYPE"], environ["CONTENT_LENGTH"]) == ("text/plain", "0")
    assert environ["HTTP_X_REQUEST_ID"].encode("latin-1").decode() == "é"


def test_repeated_fields_are_joined() -> None:
    headers = [("Host", "a"), ("Accept", "text/html"), ("accept", "text/csv")]
    request = h11.Request(method="GET", target="/", headers=headers)
    assert wsgi_environ(request, ("a", 1), ("b", 2))["HTTP_ACCEPT"] == "text/html,text/csv"


def test_a_field_cannot_pretend_to_be_another() -> None:
    environ = environ_of("/", SCRIPT_NAME="/x", X_Forwarded_For="10.0.0.9", Content_Length="9", Remote_Addr="10.0.0.9")
    assert environ["SCRIPT_NAME"] == ""
    assert "HTTP_X_FORWARDED_FOR" not in environ
    assert "CONTENT_LENGTH" not in environ
    assert environ["REMOTE_ADDR"] == "10.0.0.1"


def test_only_proxies_that_the_settings_trust_can_tell_the_scheme() -> None:
    assert environ_of("/", X__Forwarded__Proto="https")["wsgi.url_scheme"] == "http"


def test_addresses_of_both_sides() -> None:
    environ = environ_of("/")
    assert (environ["REMOTE_ADDR"], environ["REMOTE_PORT"]) == ("10.0.0.1", "5")
    assert (environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("::1", "8000")
