"""Titles of pages: which of several is the article's, and the name of the site that is cut off."""

import pytest
from lxml.html import document_fromstring

from searchsvc.corpus.formats.html_metadata import read_metadata

SITE = "<meta property=og:site_name content='Harbour Wire'>"
OG = "<meta property=og:title content='{}'>"


@pytest.mark.parametrize(
    ("page", "title"),
    [
        (SITE + OG.format("Quarry reopens - Harbour Wire"), "Quarry reopens"),
        (SITE + "<title>Quarry reopens | Harbour Wire</title>", "Quarry reopens"),
        (SITE + "<title>Quarry reopens|HARBOUR WIRE</title>", "Quarry reopens"),
        (SITE + "<title>Quarry reopens – The Harbour Wire</title>", "Quarry reopens"),
        (SITE + "<title>Quarry reopens - Harbour Wire Online</title>", "Quarry reopens"),
        (SITE + "<title>Harbour Wire » Quarry reopens</title>", "Quarry reopens"),
        (SITE + "<title>Quarry reopens: Harbour Wire</title>", "Quarry reopens"),
        (SITE + "<title>Harbour Wire: quarry reopens</title>", "Harbour Wire: quarry reopens"),
        (SITE + "<title>Quarry - and mill - reopen | Harbour Wire</title>", "Quarry - and mill - reopen"),
        (SITE + "<title>The harbour wires of old</title>", "The harbour wires of old"),
        (SITE + "<title>Harbour Wire</title>", "Harbour Wire"),
        ("<meta name=application-name content=Wire><title>Quarry reopens · Wire</title>", "Quarry reopens"),
        ("<link rel=canonical href=https://www.wire.example/a><title>Quarry reopens - WIRE</title>", "Quarry reopens"),
        ("<link rel=canonical href=https://wire.co.uk/a><title>Quarry reopens - wire.co.uk</title>", "Quarry reopens"),
        ("<a href=/>The Wire</a><title>Quarry reopens - The Wire</title>", "Quarry reopens"),
        ("<a href=https://x.example><img alt='The Wire'></a><title>Quarry reopens - The Wire</title>", "Quarry reopens"),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Quarry reopens | The Wire",'
            ' "publisher": {"name": "The Wire"}}</script>',
            "Quarry reopens",
        ),
        ("<title>Quarry reopens - at last</title>", "Quarry reopens - at last"),
    ],
)
def test_the_name_of_the_site_is_no_part_of_a_title(page: str, title: str) -> None:
    assert read_metadata(document_fromstring(page)).fields["title"] == title


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("<h1 class=logo>Wire</h1><h1>Quarry reopens</h1>", "Quarry reopens"),
        ("<h1><a href=/>Wire</a></h1><h2>Quarry reopens</h2><title>Quarry reopens - Wire</title>", "Quarry reopens"),
        ("<div class=site-title><h1>Wire</h1></div><title>Quarry reopens - Wire</title>", "Quarry reopens"),
        ("<h1>Wire</h1>" + OG.format("Quarry reopens"), "Quarry reopens"),
        ("<h1>Wire</h1><h2>Quarry reopens</h2><title>Quarry reopens</title>", "Quarry reopens"),
        ("<h1>Menu</h1><h1>Quarry reopens</h1><h1>Menu</h1><title>News: Quarry reopens | Wire</title>", "Quarry reopens"),
    ],
)
def test_the_logo_is_no_title(page: str, title: str) -> None:
    assert read_metadata(document_fromstring(page)).fields["title"] == title


@pytest.mark.parametrize(
    ("page", "title", "provenance"),
    [
        ("<h1>Quarry reopens</h1>" + OG.format("Quarry reopens - Town - 6 May"), "Quarry reopens", "<h1>"),
        (
            "<h1>Quarry and mill reopen at last</h1>" + OG.format("Quarry reopens at last"),
            "Quarry and mill reopen at last",
            "<h1>",
        ),
        ("<h1>Town Quarry reopens</h1>" + OG.format("Quarry reopens"), "Quarry reopens", "<meta og:title>"),
        ("<h1>Nothing alike</h1>" + OG.format("Quarry reopens"), "Quarry reopens", "<meta og:title>"),
        (OG.format("Growth in CO&lt;sub&gt;2&lt;/sub&gt; &amp; salt"), "Growth in CO2 & salt", "<meta og:title>"),
        ("<body><svg><title>Icon</title></svg><p>Tea", None, None),
    ],
)
def test_the_heading_is_the_title_if_a_declared_one_confirms_it(
    page: str, title: str | None, provenance: str | None
) -> None:
    record = read_metadata(document_fromstring(page))
    assert (record.fields.get("title"), record.provenance.get("title")) == (title, provenance)
