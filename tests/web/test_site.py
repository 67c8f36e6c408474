"""What a whole site has: robots.txt, a sitemap, an icon, titles and canonical addresses."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from urllib.robotparser import RobotFileParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

from searchsvc.config import Settings
from searchsvc.indexer.reindex import reindex
from searchsvc.search import catalogue
from searchsvc.web.app import create_app
from tests.conftest import Archive

TOKEN = "correct-horse-battery"
PREFIXED = "http://localhost/archive"


def private(sample: Settings) -> FlaskClient:
    return create_app(Settings(corpus=sample.corpus, index=sample.index, read_token=TOKEN)).test_client()


# robots.txt


def allowed(robots: str, path: str) -> bool:
    """Return whether a crawler may read an address, by the longest rule that fits (RFC 9309)."""
    rules = re.findall(r"^(Allow|Disallow): (\S+)$", robots, re.MULTILINE)
    fitting = [(len(rule), kind) for kind, rule in rules if re.match(re.escape(rule).replace(r"\*", ".*"), path)]
    return not fitting or max(fitting, key=lambda each: (each[0], each[1] == "Allow"))[1] == "Allow"


def test_crawlers_read_articles_and_the_home_page_but_not_endless_searches(client: FlaskClient) -> None:
    robots = client.get("/robots.txt", base_url=PREFIXED).text
    for path in (
        "/",
        "/article/a",
        "/article/http%3A%2F%2Fa%3Fb",
        "/quote",
        "/api/docs",
        "/static/style.css?v=1",
        "/sitemap.xml",
    ):
        assert allowed(robots, f"/archive{path}"), path
    for path in (
        "/?q=a",
        "/search?q=a",
        "/search",
        "/search.csv?q=a",
        "/facets/tag?q=a",
        "/article/a?q=b",
        "/api/v1/search",
    ):
        assert not allowed(robots, f"/archive{path}"), path
    assert robots.endswith(f"\n\nSitemap: {PREFIXED}/sitemap.xml\n")


def test_crawlers_read_nothing_of_a_private_archive(sample: Settings) -> None:
    client = private(sample)
    answer = client.get("/robots.txt")
    assert (answer.status_code, answer.content_type) == (200, "text/plain; charset=utf-8")
    assert answer.text == "User-agent: *\nDisallow: /\n"
    parser = RobotFileParser()
    parser.parse(client.get("/robots.txt", base_url=PREFIXED).text.splitlines())
    assert not parser.can_fetch("anybot", f"{PREFIXED}/article/a")
    for path in ("/sitemap.xml", "/sitemap/1.xml"):
        assert client.get(path, headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


# The sitemap


def listed(client: FlaskClient, base_url: str = "http://localhost") -> dict[str, str | None]:
    """Return the addresses of all parts of a sitemap, with their last changes."""
    found: dict[str, str | None] = {}
    for part in etree.fromstring(client.get("/sitemap.xml", base_url=base_url).data).iter("{*}loc"):
        assert part.text.startswith(f"{base_url}/")
        answer = client.get(part.text.removeprefix(base_url), base_url=base_url)
        assert answer.content_type == "application/xml; charset=utf-8"
        found |= {each.findtext("{*}loc"): each.findtext("{*}lastmod") for each in etree.fromstring(answer.data)}
    return found


def articles(client: FlaskClient) -> list[dict[str, Any]]:
    return [json.loads(line) for line in client.get("/search.jsonl").text.splitlines()]


def test_a_sitemap_has_the_home_page_and_every_article(client: FlaskClient) -> None:
    found = listed(client, PREFIXED)
    addresses = {f"{PREFIXED}/article/{quote(each['id'], safe='')}": each for each in articles(client)}
    assert found.keys() == {f"{PREFIXED}/", *addresses}
    for address, article in addresses.items():
        changed = found[address]
        assert changed and changed.replace("+00:00", "Z") == (article["published"] or article["date"])
        assert client.get(address.removeprefix(PREFIXED), base_url=PREFIXED).status_code == 200


def test_a_large_sitemap_has_parts(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.write({"a.jsonl": "".join(json.dumps({"id": f"{n:03}", "body": "tea"}) + "\n" for n in range(95))})
    client = archive.client()
    service = client.application.extensions["searchsvc"]
    service.acquire().catalogue = catalogue.Catalogue(service.acquire().generation, service.acquire().engine, part=10)
    parts = [each.text for each in etree.fromstring(client.get("/sitemap.xml").data).iter("{*}loc")]
    assert parts == [f"http://localhost/sitemap/{number}.xml" for number in range(1, 11)]
    assert [len(etree.fromstring(client.get(part).data)) for part in parts] == [11, *[10] * 8, 5]
    assert len(listed(client)) == 96
    for number in ("0", "11", "x"):
        assert client.get(f"/sitemap/{number}.xml").content_type == "application/problem+json"


def test_a_sitemap_tells_when_articles_changed(archive: Archive) -> None:
    archive.write({"a.txt": "Date: 2020-01-02\n\ntea", "b.txt": "Date: 2021-03-04\n\ntea", "c.txt": "tea"})
    client = archive.client()
    archive.write({"b.txt": "Date: 2021-03-04\n\nmore tea"})
    reindex(archive.settings)
    found = listed(client)
    assert found["http://localhost/article/a.txt"] == "2020-01-02"
    for name in ("b", "c"):  # which has changed, and which has no date
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", found[f"http://localhost/article/{name}.txt"] or "")


def test_a_sitemap_leaves_out_what_crawlers_refuse(archive: Archive) -> None:
    rows = [{"id": "é" * 999, "body": "x"}, {"id": "a&<b>", "body": "x", "date": f"{2100}"}, {"id": "c", "body": "x"}]
    client = archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}).client()
    assert listed(client).keys() == {f"http://localhost/{each}" for each in ("", "article/a%26%3Cb%3E", "article/c")}


def test_an_empty_archive_has_an_empty_sitemap(archive: Archive) -> None:
    client = archive.write({"a.txt": ""}).client()
    assert listed(client) == {}
    assert client.get("/sitemap/1.xml").status_code == 404


def test_a_sitemap_is_asked_for_again_after_a_change_only(archive: Archive) -> None:
    client = archive.write({"a.txt": "tea"}).client()
    for path in ("/sitemap.xml", "/sitemap/1.xml", "/robots.txt"):
        tag = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    archive.write({"b.txt": "tea"})
    reindex(archive.settings)
    assert client.get("/sitemap/1.xml", headers={"If-None-Match": tag}).status_code == 200
    assert len(listed(client)) == 3


# Titles and canonical addresses


@pytest.mark.parametrize(
    ("path", "title", "canonical"),
    [
        ("/", "Archive", "/"),
        ("/search?utm_source=x", "Archive", "/"),
        ("/search?page=2&q=the&utm_source=x", "the – page 2 of 9 – Archive", "/search?q=the&page=2"),
        ("/?page=2", "page 2 of 9 – Archive", "/search?page=2"),
        ("/search?q=tide", "tide – Archive", "/search?q=tide"),
        ("/facets/tag?q=the", None, "/facets/tag?q=the"),
        ("/article/g-2024-02?q=eels&hit=1", None, "/article/g-2024-02"),
        ("/quote?text=a+b+c", "Check a quotation – Archive", "/quote"),
        ("/api/docs", None, "/api/docs"),
        ("/article/none", "Not found – Archive", None),
    ],
)
def test_pages_have_titles_and_an_address_of_their_own(
    client: FlaskClient, path: str, title: str | None, canonical: str | None
) -> None:
    page = etree.HTML(client.get(path, base_url=PREFIXED).text)
    assert page.findtext(".//title").endswith(" – Archive" if path not in ("/", "/search?utm_source=x") else "Archive")
    if title:
        assert page.findtext(".//title") == title
    found = page.xpath("//link[@rel='canonical']/@href")
    assert found == ([PREFIXED + canonical] if canonical else [])


# Static files


def static_addresses(client: FlaskClient, path: str = "/search?q=tide") -> list[str]:
    return [
        str(each) for each in etree.HTML(client.get(path).text).xpath("//@href | //@src") if each.startswith("/static/")
    ]


def test_static_files_are_kept_for_a_year_under_the_hash_of_what_they_have(client: FlaskClient) -> None:
    found = static_addresses(client)
    assert len(found) > 3
    for address in found:
        assert re.fullmatch(r"/static/[a-z]+\.(css|js|svg)\?v=[0-9a-f]{12}", address)
        with client.get(address) as answer:
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        for other in (address.partition("?")[0], f"{address}0"):
            with client.get(other) as answer:
                assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-cache")


def test_static_files_of_a_private_archive_are_the_same_for_everybody(sample: Settings) -> None:
    client = private(sample)
    for address in static_addresses(client, "/login"):
        with client.get(address) as answer:
            assert answer.headers["Vary"] == "Accept-Encoding"
            assert answer.headers["Cache-Control"].startswith("public, ")


def test_browsers_get_the_icon_that_they_ask_for_by_themselves(client: FlaskClient, sample: Settings) -> None:
    for each in (client, private(sample)):
        with each.get("/favicon.ico") as answer:
            assert (answer.status_code, answer.content_type) == (200, "image/vnd.microsoft.icon")
            assert answer.data[:6] == b"\0\0\1\0\3\0"  # an icon of three sizes
            assert answer.headers["Cache-Control"] == "public, max-age=86400"


# The operator's files


@pytest.fixture
def own(sample: Settings, tmp_path: Path) -> Iterator[Flask]:
    """Yield an archive with static files of its operator, beside which there are secrets."""
    folder = tmp_path / "static"
    (folder / "fonts").mkdir(parents=True)
    for name in ("look.css", "Logo.SVG", "fonts/serif.woff2", "page.html", ".hidden.css", "favicon.ico"):
        (folder / name).write_text(f"the content of {name}")
    (folder / "large.png").write_bytes(b"x" * (5 * 2**20 + 1))
    (tmp_path / "secret.css").write_text("secret")
    (folder / "out.css").symlink_to(tmp_path / "secret.css")
    (folder / "up").symlink_to(tmp_path)
    (folder / "in.css").symlink_to(folder / "look.css")
    yield create_app(Settings(corpus=sample.corpus, index=sample.index, static=folder, read_token=TOKEN))


def client_of(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("look.css", "text/css; charset=utf-8"),
        ("in.css", "text/css; charset=utf-8"),
        ("Logo.SVG", "image/svg+xml; charset=utf-8"),
        ("fonts/serif.woff2", "font/woff2"),
    ],
)
def test_files_of_the_operator_are_served_under_our_policy(own: Flask, name: str, kind: str) -> None:
    with own.test_request_context("/", base_url=PREFIXED):
        address = own.url_for("own", filename=name)
    assert re.fullmatch(r"/archive/own/[\w./]+\?v=[0-9a-f]{12}", address)
    with client_of(own).get(address.removeprefix("/archive")) as answer:
        assert (answer.status_code, answer.content_type) == (200, kind)
        assert answer.get_data(as_text=True) == f"the content of {'look.css' if name == 'in.css' else name}"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    "name",
    [
        *("../secret.css", "..%2fsecret.css", "%2e%2e/secret.css", "/etc/passwd", "//etc/passwd", "fonts/../../secret.css"),
        *(
            "out.css",
            "up/secret.css",
            "page.html",
            ".hidden.css",
            "fonts",
            "fonts/",
            "none.css",
            "large.png",
            "a%00.css",
            "x" * 300,
        ),
    ],
)
def test_nothing_else_of_the_operator_is_served(own: Flask, name: str) -> None:
    answer = client_of(own).get(f"/own/{name}", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 404
    assert "secret" not in answer.text.replace("secret.css", "")


def test_a_changed_file_of_the_operator_has_another_address(own: Flask, tmp_path: Path) -> None:
    with own.test_request_context("/"):
        before = own.url_for("own", filename="look.css")
        (tmp_path / "static" / "look.css").write_text("other content")
        after = own.url_for("own", filename="look.css")
        assert own.url_for("own", filename="none.css") == "/own/none.css"
    assert before != after
    with client_of(own).get(before) as answer:
        assert (answer.get_data(as_text=True), answer.headers["Cache-Control"]) == ("other content", "no-cache")


def test_the_operator_may_have_an_icon(own: Flask) -> None:
    with client_of(own).get("/favicon.ico") as answer:
        assert answer.get_data(as_text=True) == "the content of favicon.ico"
    assert client_of(own).get("/static/none.css").status_code == 404


def test_without_a_folder_the_operator_has_no_files(client: FlaskClient) -> None:
    assert client.get("/own/look.css").status_code == 404
