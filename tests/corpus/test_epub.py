"""E-books."""

import datetime as dt
import io
import zipfile

import pytest

from searchsvc.corpus import ReadFailure
from searchsvc.corpus.record import ReadNote
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.documents import epub, zipped
from tests.corpus.reading import read, read_one

XHTML = '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">{}</html>'
FIRST = "<head><title/><script src='a'/></head><body><h1>One</h1><p>Caf&eacute;&#8212;old<a id='x'/>.</p></body>"
LAST = "<head><title>Two</title></head><body><p>Last <b>words</b><br/>here<img src='a.png'/></p></body>"
BOOK = {"z first.xhtml": XHTML.format(FIRST), "a.xhtml": XHTML.format(LAST)}
METADATA = (
    '<dc:title>The Harbour</dc:title><dc:creator opf:role="aut">Ann Weaver</dc:creator><dc:creator opf:role="trl">Bo Li'
    "</dc:creator><dc:language>en-GB</dc:language><dc:date>1851-10-18</dc:date><dc:publisher>Quay Press</dc:publisher>"
    "<dc:subject>Ports</dc:subject><dc:subject>Tea</dc:subject><dc:identifier>urn:isbn:9780000000000</dc:identifier>"
)


def test_a_book_is_one_article_with_its_chapters_in_order(archive: Archive) -> None:
    article = read_one(archive, "a.epub", epub(BOOK, METADATA))
    assert article.body.split("\n\n") == ["One", "Café—old.", "Last words\nhere"]
    assert (article.title, article.author, article.date) == ("The Harbour", ("Ann Weaver",), dt.date(1851, 10, 18))
    assert (article.language, article.source, article.tag) == ("en", "Quay Press", ("Ports", "Tea"))
    assert article.extra == {"identifier": ("urn:isbn:9780000000000",)}


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("a%20b.xhtml", "a b.xhtml"),
        ("a%20b.xhtml", "a%20b.xhtml"),
        ("a b.xhtml", "a%20b.xhtml"),
        ("Text/Chapter.XHTML", "text/chapter.xhtml"),
        ("./x/../a.xhtml#start", "a.xhtml"),
        ("/OEBPS/a.xhtml", "a.xhtml"),
        ("t/a.xhtml", "t\\a.xhtml"),
        ("caf\u00e9.xhtml", "cafe\u0301.xhtml"),
        ("caf%C3%A9.xhtml", "café.xhtml"),
        ("50%.xhtml", "50%.xhtml"),
    ],
)
def test_a_chapter_is_found_however_its_name_is_written(archive: Archive, href: str, name: str) -> None:
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf"><manifest><item id="a" href="{href}"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    container = '<container><rootfile full-path="OEBPS/content.opf"/></container>'
    parts = {"META-INF/container.xml": container, "OEBPS/content.opf": package, f"OEBPS/{name}": "<html><p>Tea</p></html>"}
    assert read_one(archive, "a.epub", zipped(parts)).body == "Tea"


def test_a_chapter_is_found_if_the_archive_does_not_say_that_its_names_are_utf_8(archive: Archive) -> None:
    content = epub({"глава.xhtml": "<html><p>Чай</p></html>"})
    ascii_name = "x" * len("глава".encode())
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        parts = {name.replace("глава", ascii_name): book.read(name) for name in book.namelist()}
    content = zipped(parts).replace(ascii_name.encode(), "глава".encode())
    assert read_one(archive, "a.epub", content).body == "Чай"


def test_chapters_that_are_lacking_are_noted(archive: Archive) -> None:
    with zipfile.ZipFile(io.BytesIO(epub(BOOK, METADATA))) as book:
        parts = {name: book.read(name) for name in book.namelist() if name != "OEBPS/z first.xhtml"}
    parts["OEBPS/content.opf"] = parts["OEBPS/content.opf"].replace(b"</spine>", b'<itemref idref="gone"/></spine>')
    article, note = read(archive, "a.epub", zipped(parts))
    assert isinstance(article, Article)
    assert article.body == "Last words\nhere"
    text = "lacks 2 of 3 chapters that it lists: OEBPS/z%20first.xhtml, OEBPS/gone"
    assert note == ReadNote(text, "a.epub")


def test_a_chapter_that_is_not_well_formed_keeps_its_text(archive: Archive) -> None:
    chapter = "<html><body><p>One & two<p>Three &nbsp;&unknown; four</body>"
    body = read_one(archive, "a.epub", epub({"a.xhtml": chapter})).body
    assert all(word in body for word in ("One", "two", "Three", "four"))


def test_a_fault_costs_no_reference_behind_it(archive: Archive) -> None:
    chapter = "<html><body><p>R&D</b><p>a &lt; b &amp; caf&eacute; &mdash; <![CDATA[&amp;]]></body></html>"
    metadata = "<dc:publisher>Quay & Sons</dc:publisher><dc:title>Ports &amp; caf&eacute;s</dc:title>"
    article = read_one(archive, "a.epub", epub({"a.xhtml": chapter}, metadata))
    assert article.body.split("\n\n") == ["R&D", "a < b & café — &amp;"]
    assert (article.source, article.title) == ("Quay & Sons", "Ports & cafés")


def test_entities_of_a_chapter_are_not_expanded(archive: Archive) -> None:
    entities = '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    chapter = f"<?xml version='1.0'?><!DOCTYPE html [{entities}]><html><body><p>One &b; two</p></body></html>"
    body = read_one(archive, "a.epub", epub({"a.xhtml": chapter})).body
    assert "ha" not in body
    assert "One" in body


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no zip", "is damaged, or not a document of this format"),
        (zipped({"a.txt": "x"}), "is not an EPUB file: META-INF/container.xml is missing or empty"),
        (
            zipped({"META-INF/container.xml": "<container/>"}),
            "is not an EPUB file: META-INF/container.xml names no package",
        ),
        (epub(BOOK, encryption="<e><CipherReference URI='OEBPS/a.xhtml'/></e>"), "is encrypted (DRM)"),
        (epub({}), "has no text"),
    ],
)
def test_what_cannot_be_read_says_why(archive: Archive, content: bytes, reason: str) -> None:
    (failure,) = read(archive, "a.epub", content)
    assert isinstance(failure, ReadFailure)
    assert failure.reason.startswith(reason)


def test_encrypted_fonts_are_no_obstacle(archive: Archive) -> None:
    content = epub(BOOK, METADATA, encryption="<e><CipherReference URI='OEBPS/font.otf'/></e>")
    assert read_one(archive, "a.epub", content).title == "The Harbour"
