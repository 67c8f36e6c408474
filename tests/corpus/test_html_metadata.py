"""Metadata of pages, by the elements that declare it."""

from typing import Any

import pytest
from lxml.html import document_fromstring

from searchsvc.corpus.formats.html_metadata import read_metadata
from tests.corpus.reading import json_ld

ARTICLE = '{"@type": "NewsArticle", "headline": "H"}'


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<title>T</title>", {"title": ("T", "<title>")}),
        ("<title>T</title><h1>A<i>tea</i></h1>", {"title": ("A tea", "<h1>")}),
        ("<html lang=de><p>x", {"language": ("de", "<html lang>")}),
        ("<link rel=canonical href=u>", {"url": ("u", "<link rel=canonical>")}),
        ("<link rel=canonical><title></title>", {}),
        ("<title>T</title><meta property=og:title content=O>", {"title": ("O", "<meta og:title>")}),
        ("<meta name=dc.title content=D><meta name=og:title content=O>", {"title": ("O", "<meta og:title>")}),
        ("<meta name=DATE content=' 2022 '>", {"date": ("2022", "<meta date>")}),
        ("<meta itemprop=datePublished content=2022>", {"date": ("2022", "<meta datepublished>")}),
        (
            "<meta property=article:tag content=a><meta property=article:tag content=b>",
            {"tag": (["a", "b"], "<meta article:tag>")},
        ),
        ("<meta name=author content=http://x/jo><meta name=byl content=Jo>", {"author": (["Jo"], "<meta byl>")}),
        ("<meta name=viewport content=x><meta name=author content=''>", {}),
        ("<title>&amp;lt;b&amp;gt;</title>", {"title": ("&lt;b&gt;", "<title>")}),
        ('<meta property=og:url content="u?a=1&amp;copy=2">', {"url": ("u?a=1&copy=2", "<meta og:url>")}),
        (
            json_ld('{"@type": "Article", "headline": "A &amp; B", "publisher": {"name": ["C &amp; D"]}}'),
            {"title": ("A & B", "JSON-LD headline"), "source": ({"name": ["C & D"]}, "JSON-LD publisher")},
        ),
        (f"<meta property=og:title content=O>{json_ld(ARTICLE)}", {"title": ("H", "JSON-LD headline")}),
        (json_ld(f"[1, {ARTICLE}]"), {"title": ("H", "JSON-LD headline")}),
        (json_ld(f'{{"@graph": [{ARTICLE}]}}'), {"title": ("H", "JSON-LD headline")}),
        (json_ld("{broken", ARTICLE), {"title": ("H", "JSON-LD headline")}),
        (json_ld('{"@type": "Organization", "headline": "H"}', '{"@type": "WebPage", "name": "N"}'), {}),
        (json_ld('{"@type": "Article", "name": "N"}'), {"title": ("N", "JSON-LD name")}),
        (json_ld('{"@type": "schema:NewsArticle", "headline": "H",}'), {"title": ("H", "JSON-LD headline")}),
        (
            json_ld('{"mainEntity": {"@type": ["Thing", "BlogPosting"], "headline": "H"}}'),
            {"title": ("H", "JSON-LD headline")},
        ),
        (json_ld(ARTICLE).replace("json", "JSON").replace('">', '; charset=utf-8">'), {"title": ("H", "JSON-LD headline")}),
        (
            json_ld(
                '{"@type": ["WebPage"], "headline": "H", "datePublished": "", "dateCreated": "2022", "keywords": ["a"]}'
            ),
            {
                "title": ("H", "JSON-LD headline"),
                "date": ("2022", "JSON-LD dateCreated"),
                "tag": (["a"], "JSON-LD keywords"),
            },
        ),
    ],
)
def test_metadata(page: str, found: dict[str, tuple[Any, str]]) -> None:
    record = read_metadata(document_fromstring(page))
    assert {name: (value, record.provenance[name]) for name, value in record.fields.items()} == found


CANONICAL = "<link rel=canonical href={}>"
OG_URL = "<meta property=og:url content={}>"


@pytest.mark.parametrize(
    ("page", "loaded_from", "address"),
    [
        (CANONICAL.format("/a"), "", "/a"),
        (CANONICAL.format("/a"), "https://x.example/b", "https://x.example/a"),
        (CANONICAL.format("/a") + "<base href=https://y.example/c/>", "https://x.example/b", "https://y.example/a"),
        (CANONICAL.format("/a") + "<base href=/c/>", "", "/a"),
        (CANONICAL.format("/a") + OG_URL.format("https://x.example/"), "", "https://x.example/a"),
        (CANONICAL.format("https://x.example/a") + OG_URL.format("https://x.example/"), "", "https://x.example/a"),
        (CANONICAL.format("https://x.example/") + OG_URL.format("https://x.example/a"), "", "https://x.example/a"),
        (CANONICAL.format("https://x.example/a") + OG_URL.format("https://x.example/b"), "", "https://x.example/b"),
        (CANONICAL.format("https://x.example/"), "https://x.example/b", "https://x.example/"),
    ],
)
def test_the_address_is_the_first_that_can_be_that_of_an_article(page: str, loaded_from: str, address: str) -> None:
    assert read_metadata(document_fromstring(page), loaded_from).fields["url"] == address


@pytest.mark.parametrize(
    ("blocks", "found"),
    [
        (
            [ARTICLE, '{"@type": "Article", "headline": "H", "datePublished": "2021"}'],
            {"title": "H", "date": "2021"},
        ),
        ([ARTICLE, '{"@type": "Article", "headline": "Other", "datePublished": "2021"}'], {"title": "H"}),
        ([ARTICLE, '{"@type": "WebPage", "name": "N", "datePublished": "2021"}'], {"title": "H", "date": "2021"}),
        (
            ['{"@type": "Article", "headline": "H", "publisher": {"@id": "#o"}}', '{"@id": "#o", "name": "Courier"}'],
            {"title": "H", "source": {"@id": "#o", "name": "Courier"}},
        ),
        (['{"@type": "Article", "headline": "H", "publisher": {"@id": "#gone"}}'], {"title": "H"}),
    ],
)
def test_blocks_of_json_ld_complete_each_other(blocks: list[str], found: dict[str, Any]) -> None:
    assert read_metadata(document_fromstring(json_ld(*blocks))).fields == found
