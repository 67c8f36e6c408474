"""The target of a request: what is believed of its scheme, host and prefix, and which hosts a service answers to."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from searchsvc.config import Settings
from searchsvc.web.app import create_app
from tests.conftest import ROOT
from tests.serving import free_port, running, serve_command

FEED = "/search.atom?q=tide"


def app_of(sample: Settings, **changed: Any) -> Flask:
    return create_app(Settings(corpus=sample.corpus, index=sample.index, **changed))


def ask(client: FlaskClient, host: str, path: str = FEED, **headers: str) -> TestResponse:
    return client.get(path, headers={"Host": host} | headers)


def own_address(answer: TestResponse) -> str:
    """Return the address of the service that a feed names."""
    found = etree.fromstring(answer.data).find("{http://www.w3.org/2005/Atom}link[@rel='self']").get("href")
    assert found is not None
    return str(found).removesuffix("/search.atom?q=tide")


# Hosts on loopback

OWN = ["localhost", "localhost:8000", "LocalHost.", "a.localhost:1", "127.0.0.1", "127.8.9.1:80", "[::1]", "[::1]:8000"]
FOREIGN = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "10.0.0.1",
    "[2001:db8::1]",
]
MALFORMED = [
    "",
    "a b",
    "a,b",
    "u@localhost",
    "localhost/",
    "localhost:x",
    "localhost:99999",
    "[::1",
    "::1",
    "\x80",
    "a..b",
    "%41",
]


@pytest.mark.parametrize("host", OWN)
def test_a_service_on_loopback_answers_to_names_of_loopback(sample: Settings, host: str) -> None:
    assert ask(app_of(sample).test_client(), host).status_code == 200


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("own", ["127.0.0.1", "::1", "localhost"])
def test_a_service_on_loopback_answers_to_no_other_name_and_says_what_to_set(sample: Settings, own: str, host: str) -> None:
    answer = ask(app_of(sample, host=own).test_client(), host)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert "set hosts (SEARCHSVC_HOSTS), or proxies (SEARCHSVC_PROXIES)" in answer.get_json()["detail"]
    assert host not in answer.text


@pytest.mark.parametrize("host", MALFORMED)
@pytest.mark.parametrize("changed", [{}, {"host": "0.0.0.0"}, {"proxies": 1}, {"hosts": ("localhost",)}])
def test_a_malformed_host_is_refused_everywhere(sample: Settings, host: str, changed: dict[str, Any]) -> None:
    client = app_of(sample, **changed).test_client()
    assert ask(client, host, "/").text == "400: unknown host name\n"
    for path in (FEED, "/api/search", "/healthz"):
        answer = ask(client, host, path)
        assert (answer.status_code, answer.get_json()["detail"]) == (400, "unknown host name")


@pytest.mark.parametrize("changed", [{"host": "0.0.0.0"}, {"host": "::"}, {"host": "192.0.2.1"}, {"proxies": 1}])
def test_a_service_that_others_can_reach_answers_to_any_name(sample: Settings, changed: dict[str, Any]) -> None:
    client = app_of(sample, **changed).test_client()
    assert [ask(client, host).status_code for host in ("archive.example", "10.0.0.1:8000", "[2001:db8::1]")] == [200] * 3


@pytest.mark.parametrize(("server", "status"), [("0.0.0.0", 200), ("10.0.0.1", 200), ("127.0.0.1", 400), ("::1", 400)])
def test_the_address_of_another_server_counts_more_than_the_setting(sample: Settings, server: str, status: int) -> None:
    client = app_of(sample).test_client()
    answer = client.get(FEED, headers={"Host": "archive.example"}, environ_overrides={"SERVER_NAME": server})
    assert answer.status_code == status


def test_a_service_that_listens_on_a_name_answers_to_it(sample: Settings) -> None:
    client = app_of(sample, host="my-machine").test_client()
    assert [ask(client, host).status_code for host in ("my-machine:8000", "localhost", "evil.example")] == [200, 200, 400]


@pytest.mark.parametrize("changed", [{}, {"hosts": ("archive.example",)}, {"host": "0.0.0.0"}])
@pytest.mark.parametrize("host", ["10.1.2.3:8000", "[2001:db8::1]:8000", "anything.example"])
def test_health_checks_work_by_any_address(sample: Settings, changed: dict[str, Any], host: str) -> None:
    client = app_of(sample, **changed).test_client()
    assert [ask(client, host, path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


@pytest.mark.parametrize("path", ["/healthz?x=1", "/readyz?x=1"])
def test_problems_of_health_checks_have_an_address(sample: Settings, path: str) -> None:
    client = app_of(sample).test_client()
    for host in ("localhost", "10.1.2.3:8000"):
        answer = ask(client, host, path)
        assert (answer.status_code, answer.get_json()["type"]) == (400, f"http://{host}/api/docs#bad-request")


def test_problems_for_unknown_hosts_have_none(sample: Settings) -> None:
    answer = ask(app_of(sample).test_client(), "evil.example", "/api/search")
    assert (answer.status_code, answer.get_json()["type"]) == (400, "about:blank")


# Hosts that are set


@pytest.mark.slow
@pytest.mark.parametrize(
    ("host", "status"),
    [
        *((name, 200) for name in ("archive.example", "ARCHIVE.example:443", "archive.example.", "Archive.Example.:8000")),
        *((name, 200) for name in ("below.example", "a.below.example", "a.b.BELOW.example.", "[2001:DB8:0::1]:80")),
        *((name, 400) for name in ("x.archive.example", "archive.example.evil.example", "xbelow.example", "localhost")),
        *((name, 400) for name in ("127.0.0.1", "[2001:db8::2]", "example")),
    ],
)
def test_hosts_that_are_set_are_compared_without_case_port_and_final_dot(sample: Settings, host: str, status: int) -> None:
    hosts = ("archive.example", ".below.example", "[2001:db8::1]")
    assert ask(app_of(sample, hosts=hosts).test_client(), host).status_code == status


def test_hosts_are_checked_behind_a_proxy_too(sample: Settings) -> None:
    client = app_of(sample, hosts=("archive.example",), proxies=1).test_client()
    given = [("localhost", "Archive.example"), ("archive.example", "evil.example"), ("evil.example", "")]
    statuses = [ask(client, host, **{"X-Forwarded-Host": forwarded}).status_code for host, forwarded in given]
    assert statuses == [200, 400, 400]


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("LOCALHOST:8000", "http://localhost:8000"),
        ("localhost.", "http://localhost"),
        ("localhost:80", "http://localhost"),
        ("localhost:", "http://localhost"),
        ("[0::1]:8000", "http://[::1]:8000"),
    ],
)
def test_addresses_have_the_host_in_canonical_form(sample: Settings, host: str, address: str) -> None:
    assert own_address(ask(app_of(sample).test_client(), host)) == address


# Requests of other forms


def environ_of(**changed: str | None) -> dict[str, Any]:
    """Return the environ of a request for a feed, with some variables changed, or removed by None."""
    environ = EnvironBuilder(FEED).get_environ() | {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000"} | changed
    return {name: value for name, value in environ.items() if value is not None}


def status_of(app: Flask, environ: dict[str, Any]) -> int:
    body, status, _ = run_wsgi_app(app, environ)
    b"".join(body)
    return int(status.split()[0])


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"HTTP_HOST": None}, 400),
        ({"HTTP_HOST": None, "SERVER_PROTOCOL": "HTTP/1.0"}, 200),
        ({"HTTP_HOST": None, "SERVER_PROTOCOL": "HTTP/1.0", "SERVER_NAME": "::1"}, 200),
        ({"HTTP_HOST": None, "SERVER_PROTOCOL": "HTTP/1.0", "SERVER_NAME": "/run/searchsvc.sock", "SERVER_PORT": ""}, 400),
        ({"RAW_URI": "http://LOCALHOST:8000/search.atom", "HTTP_HOST": "evil.example"}, 200),
        ({"RAW_URI": "http://evil.example/search.atom"}, 400),
        ({"RAW_URI": "http://user@localhost/search.atom"}, 400),
        ({"RAW_URI": "http://[::1/search.atom"}, 400),
        ({"RAW_URI": "http:///search.atom"}, 400),
        ({"RAW_URI": "http://localhost/search.atom", "HTTP_HOST": None}, 400),
        ({"RAW_URI": "/search.atom?q=http://evil.example/"}, 200),
    ],
)
def test_a_request_names_its_host_as_http_asks(sample: Settings, changed: dict[str, str | None], status: int) -> None:
    assert status_of(app_of(sample), environ_of(**changed)) == status


# Proxies

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "Archive.example", "X-Forwarded-Prefix": "/archive"}


def test_forwarded_headers_are_believed_with_proxies_only(sample: Settings) -> None:
    assert own_address(ask(app_of(sample).test_client(), "localhost", **FORWARDED)) == "http://localhost"
    client = app_of(sample, proxies=1).test_client()
    assert own_address(ask(client, "localhost", **FORWARDED)) == "https://archive.example/archive"


@pytest.mark.parametrize(
    ("given", "scheme"), [("https", "https"), ("HTTPS", "https"), ("http", "http"), ("javascript", "http")]
)
def test_a_scheme_is_http_or_https(sample: Settings, given: str, scheme: str) -> None:
    client = app_of(sample, proxies=1).test_client()
    assert own_address(ask(client, "localhost", **{"X-Forwarded-Proto": given})) == f"{scheme}://localhost"


@pytest.mark.parametrize(
    "prefix", ["//evil.example", "/a//b", "archive", "/..", "/a/../b", "/a\\b", "/a b", "/<b>", "http://evil.example"]
)
def test_a_prefix_that_is_no_plain_path_is_refused(sample: Settings, prefix: str) -> None:
    client = app_of(sample, proxies=1).test_client()
    for path in ("/", FEED, "/none", "/api/search"):
        answer = ask(client, "localhost", path, **{"X-Forwarded-Prefix": prefix})
        assert answer.status_code == 400
        assert "X-Forwarded-Prefix must be a path, such as /archive" in answer.text
        assert "evil" not in answer.text


def addresses(page: str) -> Iterator[str]:
    """Yield every address in a page."""
    found = etree.HTML(page).xpath("//@href | //@src | //@action")
    yield from (str(each).removeprefix("http://localhost") for each in found)


def paths(data: Any) -> Iterator[str]:
    """Yield every text in JSON that begins like a path."""
    if isinstance(data, dict | list):
        for each in data.values() if isinstance(data, dict) else data:
            yield from paths(each)
    elif isinstance(data, str) and data.startswith(("/", "http://localhost/")):
        yield data


@pytest.fixture(params=["mounted", "behind a proxy"])
def prefixed(request: pytest.FixtureRequest, sample: Settings) -> Callable[[str], TestResponse]:
    """Return a function that asks a service below /archive for a path of its own."""
    if request.param == "mounted":
        mounted = app_of(sample, accent="#27548a").test_client()
        return lambda path: mounted.get(path, base_url="http://localhost/archive")
    behind = app_of(sample, accent="#27548a", proxies=1).test_client()
    return lambda path: behind.get(path, headers={"X-Forwarded-Prefix": "/archive/"})


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        *("/", "/search?q=tide&place=Saltmarsh&page=2&per_page=2", "/search?q=harbur", "/search?q=tide+zebra", "/none"),
        *("/article/g-2024-02?q=eels&hit=1", "/facets/tag?q=the&order=value", "/api/docs", "/search?q=the&date=2022"),
    ],
)
def test_every_link_of_a_page_is_below_the_prefix(prefixed: Callable[[str], TestResponse], path: str) -> None:
    found = [each for each in addresses(prefixed(path).text) if not each.startswith("#")]
    assert len(found) > 4
    assert [each for each in found if not each.startswith(("/archive/", "https://"))] == []
    for each in (each for each in found if each.startswith("/archive/")):
        with prefixed(each.removeprefix("/archive")) as answer:
            assert answer.status_code == 200, each


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [
        *("/api/search?q=tide&page=2&per_page=2", "/api/search?q=harbur+tide", "/api/search?q=tide+zebra&sort=newest"),
        *("/api/search?q=tide&cursor=*&per_page=2", "/api/facets/tag?page=2", "/api/search?page=0", "/api/none"),
    ],
)
def test_every_link_in_json_is_below_the_prefix(prefixed: Callable[[str], TestResponse], path: str) -> None:
    answer = prefixed(path)
    found = [each.removeprefix("http://localhost") for each in paths(answer.get_json())]
    found += [each.split(">")[0] for each in answer.headers.get("Link", "").split("<")[1:]]
    assert found
    assert [each for each in found if not each.startswith("/archive/")] == []
    for each in found:
        assert prefixed(each.removeprefix("/archive")).status_code == 200, each


def test_feeds_and_descriptions_are_below_the_prefix(prefixed: Callable[[str], TestResponse]) -> None:
    root = "http://localhost/archive/"
    feed, description = (etree.fromstring(prefixed(path).data) for path in (FEED, "/opensearch.xml"))
    found = [*feed.xpath("//@href[not(../@rel='via')]")]
    found += description.xpath("//@template | //*[local-name()='Image']/text()")
    assert len(found) > 8
    for each in found:
        assert each.startswith(root)
        with prefixed(each.removeprefix(root[:-1]).replace("{searchTerms}", "tide")) as answer:
            assert answer.status_code == 200, each


def test_the_description_of_the_api_has_the_prefix(prefixed: Callable[[str], TestResponse]) -> None:
    assert prefixed("/api/openapi.json").get_json()["servers"] == [{"url": "/archive"}]


@pytest.mark.parametrize(
    ("prefix", "shown"), [("/my archive", "/my%20archive"), ("/архив/", "/%D0%B0%D1%80%D1%85%D0%B8%D0%B2")]
)
def test_a_prefix_is_percent_encoded_everywhere(sample: Settings, prefix: str, shown: str) -> None:
    mounted = {"SCRIPT_NAME": prefix.encode().decode("latin-1")}
    client = app_of(sample).test_client()
    page, answer = (client.get(path, environ_overrides=mounted) for path in ("/search?q=tide", "/api/search?q=tide"))
    own = [each for each in addresses(page.text) if each.startswith("/")]
    assert len(own) > 10
    assert [each for each in own if not each.startswith(f"{shown}/")] == []
    assert answer.get_json()["links"]["self"] == f"{shown}/api/v1/search?q=tide"


def test_a_prefix_does_not_outlive_its_request(sample: Settings) -> None:
    client = app_of(sample, proxies=1).test_client()
    client.get("/api/search", headers={"X-Forwarded-Prefix": "/archive"})
    assert client.get("/api/search?q=tide").get_json()["links"]["self"] == "/api/v1/search?q=tide"
    client.get("/api/search", headers={"X-Forwarded-Prefix": "/archive"})
    assert client.get("/api/none").get_json()["type"] == "http://localhost/api/docs#not-found"


LITERAL = {
    "templates": r"""(?:href|src|action|data-[\w-]+)=["']/""",
    "static": r"""["'`](?:/\w|/?(?:api|article|facets|own|quote|search|static)[/?.])""",
}


@pytest.mark.parametrize(("folder", "pattern"), LITERAL.items())
def test_templates_and_scripts_name_no_path(folder: str, pattern: str) -> None:
    for file in (ROOT / "searchsvc" / "web" / folder).glob("*.[hj]*"):
        assert re.findall(pattern, file.read_text(encoding="utf-8")) == [], file.name


# A real server


@pytest.fixture(scope="module")
def port(sample: Settings) -> Iterator[int]:
    port = free_port()
    with running([*serve_command(port), "--workers", "1"], sample, port):
        yield port


def answered(port: int, path: str, *headers: str, version: str = "1.1") -> tuple[int, str]:
    """Send a request with exactly these headers, and return the status and the body of the answer."""
    lines = [f"GET {path} HTTP/{version}", *headers, "Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode("latin-1"))
        with connection.makefile("rb") as file:
            head, _, body = file.read().partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "headers", "version", "status"),
    [
        ("/search.atom", ["Host: LOCALHOST"], "1.1", 200),
        ("/search.atom", ["Host: localhost.:1"], "1.1", 200),
        ("/search.atom", ["Host: evil.example"], "1.1", 400),
        ("/search.atom", [], "1.1", 400),
        ("/search.atom", [], "1.0", 200),
        ("/search.atom", ["Host: localhost", "Host: evil.example"], "1.1", 400),
        ("/search.atom", ["Host: localhost", "Host: localhost"], "1.1", 400),
        ("/search.atom", ["Host: "], "1.1", 400),
        ("http://evil.example/search.atom", ["Host: localhost"], "1.1", 400),
        ("http://localhost/search.atom", ["Host: evil.example"], "1.1", 200),
        ("/evil/search.atom", ["Host: localhost", "SCRIPT_NAME: /evil"], "1.1", 404),
        ("/search.atom", ["Host: localhost", "SCRIPT_NAME: /evil"], "1.1", 200),
        ("/search.atom", ["Host: localhost", "Script-Name: /evil"], "1.1", 200),
        ("/search.atom", ["Host: localhost", "PATH_INFO: /healthz"], "1.1", 200),
        ("/search.atom", ["Host: localhost", "X-Forwarded-Proto: https"], "1.1", 200),
        ("/search.atom", ["Host: localhost", "X-Forwarded-Ssl: on", "X-Forwarded-Proto: http"], "1.1", 200),
        ("/search.atom", ["Host: localhost", "X-Forwarded-Host: evil.example"], "1.1", 200),
        ("/search.atom", ["Host: localhost", "X-Forwarded-Prefix: /evil"], "1.1", 200),
        ("/healthz", ["Host: 10.1.2.3:8000"], "1.1", 200),
    ],
)
def test_the_server_believes_no_header_of_a_client(
    port: int, path: str, headers: list[str], version: str, status: int
) -> None:
    answer, body = answered(port, path, *headers, version=version)
    assert answer == status
    assert "evil" not in body
    assert "https://localhost" not in body
    if answer == 200 and path != "/healthz":
        assert "<feed" in body


@pytest.mark.slow
def test_the_server_answers_below_the_prefix_of_a_proxy(sample: Settings) -> None:
    port = free_port()
    with running([*serve_command(port), "--workers", "1"], sample, port, SEARCHSVC_PROXIES="1"):
        forwarded = [f"{name}: {value}" for name, value in FORWARDED.items()]
        status, body = answered(port, "/api/search?q=tide", "Host: localhost", *forwarded, "SCRIPT_NAME: /evil")
        assert status == 200
        assert json.loads(body)["links"]["self"] == "/archive/api/v1/search?q=tide"
