"""The API and its OpenAPI document: conformance, examples, conditional requests and compression."""

import gzip
import html
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator

import brotli
import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser
from pydantic import BaseModel, TypeAdapter

from searchsvc.api import schema
from searchsvc.api.quotation_schema import QuotationCheck
from searchsvc.config import Settings
from searchsvc.index.store import GenerationStore
from searchsvc.indexer.reindex import reindex
from searchsvc.web.app import create_app
from searchsvc.web.operations import OPERATIONS, PROBLEMS
from tests.conftest import Archive
from tests.serving import serving

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/api/search?q=tide&facet=place&facet=date", schema.SearchAnswer),
        ("/api/search?q=zebra+tide&section=Sport", schema.SearchAnswer),
        ("/api/search?q=tde&cursor=*", schema.SearchAnswer),
        ("/api/articles/g-2024-02?q=tide", schema.ArticleAnswer),
        ("/api/similar/g-2024-02", schema.Similar),
        ("/api/suggest?q=the+ti", schema.Suggestions),
        ("/api/facets/tag?prefix=t", schema.Values),
        ("/api/quote?text=a+working+group+meeting", QuotationCheck),
        ("/api/quote?text=a+working+group+of+ministers+meeting+in+Vintry&place=Vintry", QuotationCheck),
        ("/healthz", schema.Health),
        ("/readyz", schema.Health),
        ("/api/search?plcae=x", schema.Problem),
    ],
)
def test_answers_conform_strictly_to_their_schema(client: FlaskClient, path: str, model: type[BaseModel]) -> None:
    TypeAdapter(model).validate_json(client.get(path).data, strict=True)


def test_the_document_names_every_address(client: FlaskClient) -> None:
    document = client.get("/api/openapi.json").get_json()
    assert document["openapi"].startswith("3.1")
    rules = {str(rule) for rule in client.application.url_map.iter_rules()}
    for converted, named in (("article_id", "id"), ("name", "field"), ("alert", "alert")):
        rules = {rule.replace(f"<anything:{converted}>", f"{{{named}}}") for rule in rules}
    programs = ("/api", "/search.", "/trends.", "/concordance.", "/alerts/", "/healthz", "/readyz")
    documented = {rule for rule in rules if rule.startswith(programs) or "{id}." in rule}
    newest = {rule.replace("/api/v1/", "/api/") for rule in documented if rule.startswith("/api/v1/")}
    undescribed = {"/api/v1/openapi.json", "/api/v1/docs"}
    assert documented - newest - undescribed == set(document["paths"]) - {"/metrics"}


def test_the_page_of_the_api_describes_each_address_and_problem(client: FlaskClient) -> None:
    page = client.get("/api/docs").text
    for operation in OPERATIONS:
        assert f"{operation.method.upper()} {operation.path}" in page
        assert operation.body is None or operation.body.description in page
    assert "Body(" not in page
    kind = client.get("/api/search?page=0").get_json()["type"]
    assert kind == "http://localhost/api/docs#bad-request"
    for name, _ in PROBLEMS.values():
        assert f'id="{name}"' in page


@pytest.fixture
def root(sample: Settings) -> Iterator[str]:
    with serving(create_app(sample)) as root:
        yield root


def test_the_examples_run(root: str, browser: Browser) -> None:
    with urllib.request.urlopen(f"{root}/api/docs") as page:
        shown = re.findall(r"<h3>(\w+)</h3>\s*<pre[^>]*><code>(.*?)</code></pre>", page.read().decode(), re.DOTALL)
    examples = {language: html.unescape(text) for language, text in shown}
    curl = subprocess.run(["bash", "-c", examples["curl"]], capture_output=True, check=True)
    assert json.loads(curl.stdout)["total"] > 0
    python = subprocess.run([sys.executable, "-c", examples["Python"]], capture_output=True, text=True, check=True)
    titles = [line.split(" ", 1)[1] for line in python.stdout.splitlines()]
    assert len(titles) > 5
    page = browser.new_page()
    page.goto(root)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(f"async () => {{ {examples['JavaScript']} }}")
    page.close()
    assert {line.split(" ", 1)[1] for line in said} <= set(titles)
    assert said


def test_unchanged_answers_are_not_sent_again(archive: Archive) -> None:
    client = archive.write({"a.txt": "Title: A\n\ntea"}).client()
    for path in ("/api/search?q=tea", "/search?q=tea", "/article/a.txt", "/search.csv?q=tea", "/api/articles/a.txt"):
        first = client.get(path)
        assert first.headers["Cache-Control"] == "no-cache"
        tag = first.headers["ETag"]
        again = client.get(path, headers={"If-None-Match": tag})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
        assert client.get(f"{path}{'&' if '?' in path else '?'}q=te", headers={"If-None-Match": tag}).status_code != 304
    archive.write({"b.txt": "Title: B\n\ntea"})
    reindex(archive.settings)
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 200
    assert "ETag" not in client.get("/healthz").headers
    assert "ETag" not in client.get("/api/search?page=0").headers


def test_answers_are_compressed_if_the_client_accepts_it(client: FlaskClient) -> None:
    path = "/api/similar/g-2024-02"
    plain = client.get(path).data
    for name, unpack in (("zstd", _unpack_zstd), ("br", brotli.decompress), ("gzip", gzip.decompress)):
        packed = client.get(path, headers={"Accept-Encoding": name})
        assert packed.headers["Content-Encoding"] == name
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert unpack(packed.data) == plain


@pytest.mark.parametrize("path", ["/search.jsonl", "/search.csv", "/static/style.css"])
def test_files_are_compressed_as_they_are_sent(client: FlaskClient, path: str) -> None:
    with client.get(path) as plain:
        for name, unpack in (("zstd", _unpack_zstd), ("br", brotli.decompress)):
            with client.get(path, headers={"Accept-Encoding": name}) as packed:
                assert packed.headers["Content-Encoding"] == name
                assert unpack(packed.data) == plain.data


def _unpack_zstd(data: bytes) -> bytes:
    return zstd.ZstdDecompressor().decompress(data)


def test_the_link_header_has_the_links_of_the_answer(client: FlaskClient) -> None:
    answer = client.get("/api/search?q=tide&per_page=2&page=2")
    links = answer.get_json()["links"]
    for name in ("self", "next", "prev"):
        assert f'<{links[name]}>; rel="{name}"' in answer.headers["Link"]
    assert f'<{links["atom"]}>; rel="alternate"; type="application/atom+xml"' in answer.headers["Link"]


def test_clients_that_do_not_accept_json_get_406(client: FlaskClient) -> None:
    refused = client.get("/api/search", headers={"Accept": "image/png"})
    assert (refused.status_code, refused.get_json()["param"]) == (406, "Accept")
    for accepted in ("*/*", "application/json", "text/html, application/*;q=0.5"):
        assert client.get("/api/search", headers={"Accept": accepted}).status_code == 200


def test_ready_means_that_an_index_answers(archive: Archive) -> None:
    client = create_app(archive.settings).test_client()
    assert client.get("/healthz").status_code == 200
    waiting = client.get("/readyz")
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (503, "10")
    archive.write({"a.txt": "tea"})
    reindex(archive.settings)
    assert client.get("/readyz").status_code == 200
    assert GenerationStore(archive.settings.index).live() is not None
