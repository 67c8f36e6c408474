"""Feeds and files of a search, and lists of the values of a field."""

import csv
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree

from searchsvc.api.exports import MEDIA_TYPES
from searchsvc.config import Settings
from searchsvc.corpus import read_file
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article, ExportFormat
from searchsvc.query.request import SearchRequest
from searchsvc.search.facet_values import PAGE
from searchsvc.search.service import SearchService
from searchsvc.web.app import create_app
from tests.conftest import Archive

ATOM = "{http://www.w3.org/2005/Atom}"


def test_the_feed_of_a_search_is_atom_with_its_newest_hits(client: FlaskClient, tmp_path: Path) -> None:
    response = client.get("/search.atom?q=tide&section=Environment")
    assert (response.status_code, response.content_type) == (200, "application/atom+xml; charset=utf-8")
    feed = etree.fromstring(response.data)
    assert feed.tag == f"{ATOM}feed"
    assert feed.findtext(f"{ATOM}title") == "tide – Archive"
    assert feed.findtext(f"{ATOM}id") == "tag:searchsvc.invalid,2026:Archive/search?q=tide&section=Environment"
    for element in (feed, *feed.iter(f"{ATOM}entry")):  # what RFC 4287 asks of each
        assert all(element.findtext(f"{ATOM}{name}") for name in ("id", "title", "updated"))
    entries = list(feed.iter(f"{ATOM}entry"))
    assert all(entry.find(f"{ATOM}author/{ATOM}name") is not None for entry in entries)
    times = [entry.findtext(f"{ATOM}updated") for entry in entries]
    assert times == sorted(times, reverse=True)
    file = tmp_path / "feed.atom"
    file.write_bytes(response.data)
    read = [item for item in read_file(file, file.name) if isinstance(item, Article)]
    found = client.get("/api/search?q=tide&section=Environment&sort=newest&per_page=50").get_json()["results"]
    assert [article.title for article in read] == [hit["title"] for hit in found]
    for entry, hit in zip(entries, found, strict=True):
        page = entry.find(f"{ATOM}link").get("href")
        assert client.get(page.removeprefix("http://localhost")).status_code == 200, hit


def test_a_page_leads_to_its_feed_and_files(client: FlaskClient) -> None:
    page = client.get("/search?q=tide&place=Saltmarsh&page=2&per_page=3").text
    links = client.get("/api/search?q=tide&place=Saltmarsh&page=2&per_page=3").get_json()["links"]
    assert 'rel="alternate" type="application/atom+xml" title="tide" href="/search.atom?q=tide&amp;place=Saltmarsh' in page
    for kind in ("atom", "csv", "jsonl"):
        assert links[kind] == f"/search.{kind}?q=tide&place=Saltmarsh&per_page=3"
        assert client.get(links[kind]).status_code == 200


def test_csv_has_every_hit_and_no_formula(archive: Archive) -> None:
    rows = [{"id": f"{n}", "title": f"tea {n}", "text": 'a, "b"\nc', "mood": ["x", "y"]} for n in range(250)]
    rows += [{"id": f"f{at}", "title": f"{sign}1+tea"} for at, sign in enumerate(("=", "+", "-", "@"))]
    client = archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}).client()
    response = client.get("/search.csv?q=tea&sort=oldest")
    assert response.headers["Content-Disposition"] == "attachment; filename=tea.csv"
    found = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert {row["id"] for row in found} == {row["id"] for row in rows}
    assert [row["title"] for row in found if row["id"].startswith("f")] == ["'=1+tea", "'+1+tea", "'-1+tea", "'@1+tea"]
    first = next(row for row in found if row["id"] == "0")
    assert (first["body"], first["mood"], first["date"]) == ('a, "b"\nc', "x; y", "")
    assert Counter(len(row) for row in found) == {len(first): len(rows)}


@pytest.mark.parametrize("form", MEDIA_TYPES)
def test_a_file_is_announced_sent_and_compressed_as_what_it_is(client: FlaskClient, form: ExportFormat) -> None:
    answer = client.get(f"/search.{form}?q=tide", headers={"Accept-Encoding": "zstd"})
    assert (answer.mimetype, answer.headers["Content-Encoding"]) == (MEDIA_TYPES[form], "zstd")
    announced = client.get("/api/search?q=tide").headers["Link"]
    assert f'</search.{form}?q=tide>; rel="alternate"; type="{MEDIA_TYPES[form]}"' in announced


def test_json_lines_can_be_indexed_again(sample: Settings, client: FlaskClient, archive: Archive) -> None:
    exported = client.get("/search.jsonl?q=&sort=newest")
    assert exported.content_type == "application/x-ndjson"
    archive.write({"all.jsonl": exported.data})
    reindex(archive.settings)

    def contents(settings: Settings) -> dict[str, Any]:
        return {
            each.id: (each.title, each.body, each.date, each.place)
            for each in SearchService(settings).acquire().engine.scan(SearchRequest())
        }

    assert contents(archive.settings) == contents(sample)


def test_feeds_and_files_validate_the_same_parameters(client: FlaskClient) -> None:
    for kind in ("atom", "csv", "jsonl"):
        assert client.get(f"/search.{kind}?nonsense=1").status_code == 400
        assert client.get(f"/search.{kind}?q={'x' * 1001}").status_code == 400
        assert client.get(f"/search.{kind}?q=zebra").status_code == 200


HOSTILE = 'tea \x00\x01\x0b\x1b\x7f\x85\u2028\ufffe\uffff\U0001ffff "quoted", <b>&amp;]]> =1+1'


@pytest.mark.parametrize(
    "query", ["%01", "%00tea", "%EF%BF%BE", "%EF%BF%BF", "%ED%A0%80", "%FF", "tea%0B%1B", "]]%3E%3C!--"]
)
def test_feeds_and_files_are_well_formed_whatever_they_hold(archive: Archive, query: str) -> None:
    names = ("id", "title", "author", "source", "section", "place", "tag", "own \x01", "text")
    row = dict.fromkeys(names, HOSTILE) | {"url": f"https://a.example/{HOSTILE}"}
    archive.write({"a.jsonl": json.dumps(row), "b.jsonl": json.dumps({"title": "tea \ud800 \udfff"})}).service()
    client = create_app(archive.with_settings(title="An \x01 <archive>")).test_client()
    for path in (f"/search.atom?q={query}", "/search.atom", "/opensearch.xml"):
        parsed = etree.fromstring(client.get(path).data)  # as strict as XML 1.0 is
        assert all(each.get("href") is None or each.get("href").isascii() for each in parsed.iter("{*}link"))
    for address in etree.fromstring(client.get("/search.atom").data).xpath(
        "//*[local-name()='link'][@rel='alternate']/@href"
    ):
        assert client.get(address.removeprefix("http://localhost")).status_code == 200
    articles = [json.loads(line) for line in client.get("/search.jsonl").data.splitlines()]
    rows = list(csv.DictReader(io.StringIO(client.get("/search.csv").data.decode(), newline=""), strict=True))
    assert [each["id"] for each in rows] == [each["id"] for each in articles]
    assert len(rows) == client.get("/api/search").get_json()["total"]
    assert {None} & {*rows[0], *rows[0].values()} == set()
    assert client.get(f"/search.csv?q={query}").status_code == client.get(f"/search.jsonl?q={query}").status_code == 200


def test_browsers_can_search_the_archive(client: FlaskClient) -> None:
    response = client.get("/opensearch.xml")
    assert response.content_type.startswith("application/opensearchdescription+xml")
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    urls = {url.get("rel"): url.get("template") for url in etree.fromstring(response.data).iter(f"{space}Url")}
    assert set(urls) == {"results", "suggestions", "self"}
    for address in urls.values():
        assert client.get(address.format(searchTerms="tid").removeprefix("http://localhost")).status_code == 200
    assert urls["self"] == "http://localhost/opensearch.xml"
    text, words = client.get("/opensearch/suggest?q=the+tid").get_json()
    assert (text, words[0]) == ("the tid", "the tide")
    assert 'rel="search"' in client.get("/").text


@pytest.fixture
def many(archive: Archive) -> FlaskClient:
    """Return a client of an archive with 250 authors, three of them twice, and a field named like a parameter."""
    names = [f"{first} {last}" for last in ("Àzul", "Berg", "Étoile", "Öz", "Zan") for first in map(str, range(50))]
    rows = [
        {"title": f"tea {n}", "author": name, "kind": f"k{n % 2}", "page": "7"}
        for n, name in enumerate([*names, *names[:3]])
    ]
    return archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)}).client()


def test_all_values_of_a_field_by_count_and_by_name(many: FlaskClient) -> None:
    answer = many.get("/api/facets/author?q=tea").get_json()
    assert (answer["total"], answer["pages"], answer["complete"]) == (250, 3, True)
    assert [value["count"] for value in answer["values"][:4]] == [2, 2, 2, 1]
    assert len(answer["values"]) == PAGE
    seen: list[str] = []
    link: str | None = "/api/facets/author?q=tea&order=value"
    while link:
        page = many.get(link).get_json()
        seen += [value["value"] for value in page["values"]]
        link = page["links"]["next"]
    assert len(seen) == len(set(seen)) == 250
    assert seen[:2] == ["0 Àzul", "0 Berg"]
    chosen = many.get(answer["values"][0]["toggle"]).get_json()
    assert chosen["total"] == 2


def test_values_are_found_by_the_prefix_of_a_word(many: FlaskClient) -> None:
    found = many.get("/api/facets/author?prefix=etoi&filter=kind:k0").get_json()
    assert found["total"] == 25
    assert {value["value"].split()[1] for value in found["values"]} == {"Étoile"}
    assert many.get("/api/facets/author?prefix=4 ETO").get_json()["total"] == 1
    assert many.get("/api/facets/author?prefix=toile").get_json()["values"] == []
    assert many.get("/api/facets/page").get_json()["values"][0]["value"] == "7"
    ticked = many.get("/api/facets/kind?filter=kind:k0").get_json()["values"]
    assert [(value["value"], value["count"], value["selected"]) for value in ticked] == [
        ("k0", 127, True),
        ("k1", 126, False),
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/facets/none", 404),
        ("/api/facets/author?order=up", 400),
        ("/api/facets/author?prefix=a&prefix=b", 400),
        ("/api/facets/author?nonsense=1", 400),
        ("/api/facets/author?page=0", 400),
        ("/facets/none", 404),
        ("/facets/author?order=up", 200),  # pages ignore what they do not know
    ],
)
def test_lists_of_values_refuse_invalid_parameters(many: FlaskClient, path: str, status: int) -> None:
    assert many.get(path).status_code == status


def test_every_page_type_has_a_description_and_no_other_origin(sample: Settings) -> None:
    client = create_app(sample).test_client()
    for path in ("/", "/search?q=tide", "/article/g-2024-02", "/facets/tag"):
        page = etree.HTML(client.get(path).text)
        for address in page.xpath("//head//@href[not(../@rel='canonical')] | //@src"):
            assert not address.startswith(("http:", "https:", "//")), (path, address)
        assert page.findtext(".//title")
    article = etree.HTML(client.get("/article/g-2024-02?q=eels&hit=1").text)
    assert article.xpath("string(//link[@rel='canonical']/@href)") == "http://localhost/article/g-2024-02"
    assert article.xpath("string(//meta[@name='description']/@content)")
