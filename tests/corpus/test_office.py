"""Documents of word processors: .docx and .odt."""

import datetime as dt
import io
import zipfile

import pytest

from searchsvc.corpus import ReadFailure
from tests.conftest import Archive
from tests.corpus.documents import docx, odt, word_paragraph, zipped
from tests.corpus.reading import read, read_one

TEA = word_paragraph("Tea of the hills")
CORE = (
    "<dc:title>Tea &amp; trade</dc:title><dc:creator>Ann Weaver</dc:creator><cp:keywords>tea, port</cp:keywords>"
    "<dcterms:created>2019-05-04T10:00:00Z</dcterms:created><dcterms:modified>2020-01-01T00:00:00Z</dcterms:modified>"
)


def test_a_docx_has_title_author_date_and_keywords(archive: Archive) -> None:
    article = read_one(archive, "a.docx", docx(TEA, CORE))
    assert (article.title, article.author, article.date) == ("Tea & trade", ("Ann Weaver",), dt.date(2019, 5, 4))
    assert (article.body, article.tag) == ("Tea of the hills", ("tea", "port"))


def test_a_docx_has_all_text_that_readers_see_and_no_deleted_text(archive: Archive) -> None:
    run = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
    body = (
        f"<w:p>{run.format('One ')}<w:ins>{run.format('added ')}</w:ins>"
        "<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>"
        f"<w:sdt><w:sdtContent>{run.format('chosen ')}</w:sdtContent></w:sdt>"
        f"<w:hyperlink>{run.format('linked')}</w:hyperlink>"
        "<w:r><w:instrText>PAGE</w:instrText><w:br/><w:t>next</w:t><w:tab/><w:t>line</w:t></w:r></w:p>"
        f"<w:p>{run.format('Around ')}<w:r><w:pict><w:txbxContent>{word_paragraph('boxed')}</w:txbxContent></w:pict></w:r>"
        f"{run.format('it')}</w:p><w:tbl><w:tr><w:tc>{word_paragraph('cell')}</w:tc></w:tr></w:tbl>"
    )
    notes = f"<w:footnote>{word_paragraph('A note')}</w:footnote>"
    article = read_one(archive, "a.docx", docx(body, footnotes=notes))
    assert article.body.split("\n\n") == ["One added chosen linked\nnext\tline", "Around it", "boxed", "cell", "A note"]


def test_the_text_of_a_docx_is_found_under_another_name(archive: Archive) -> None:
    assert read_one(archive, "a.docx", docx(TEA, main="word/document2.xml")).body == "Tea of the hills"
    assert read_one(archive, "a.docm", docx(TEA, main="/word/document.xml".lstrip("/"))).body == "Tea of the hills"


def test_the_case_of_the_names_of_parts_makes_no_difference(archive: Archive) -> None:
    with zipfile.ZipFile(io.BytesIO(docx(TEA, CORE))) as document:
        parts = {name.upper(): document.read(name) for name in document.namelist()}
    article = read_one(archive, "a.docx", zipped(parts))
    assert (article.title, article.body) == ("Tea & trade", "Tea of the hills")


def test_properties_that_are_broken_cost_no_text(archive: Archive) -> None:
    article = read_one(archive, "a.docx", docx(TEA, "<dc:title>Tea</dc:title><dcterms:created>never</broken"))
    assert (article.body, article.date) == ("Tea of the hills", None)


def test_a_fault_in_the_properties_costs_no_reference_behind_it(archive: Archive) -> None:
    article = read_one(
        archive, "a.docx", docx(TEA, "<dc:subject>R&D</dc:subject><dc:title>Tea &amp; caf&eacute;s</dc:title>")
    )
    assert (article.title, article.extra["subject"]) == ("Tea & cafés", ("R&D",))


def test_an_odt_has_its_metadata_and_text_without_comments_and_deleted_text(archive: Archive) -> None:
    body = (
        "<text:tracked-changes><text:deletion><text:p>deleted</text:p></text:deletion></text:tracked-changes>"
        "<text:h>Heading <text:span>one</text:span></text:h><text:p>First<text:s/>line<text:line-break/>second"
        "<office:annotation><text:p>comment</text:p></office:annotation><text:note><text:note-citation>1</text:note-citation>"
        "<text:note-body><text:p>A note.</text:p></text:note-body></text:note> line</text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>cell</text:p></table:table-cell></table:table-row></table:table>"
    )
    meta = (
        "<dc:title>Tea</dc:title><meta:initial-creator>Ann Weaver</meta:initial-creator><dc:creator>Bo Li</dc:creator>"
        "<meta:creation-date>2020-01-02T03:04:05</meta:creation-date><dc:language>fr-FR</dc:language>"
    )
    article = read_one(archive, "a.odt", odt(body, meta))
    assert article.body.split("\n\n") == ["Heading one", "First line\nsecond line", "A note.", "cell"]
    assert (article.title, article.author, article.date, article.language) == (
        "Tea",
        ("Ann Weaver",),
        dt.date(2020, 1, 2),
        "fr",
    )


def test_what_is_not_seen_in_the_text_is_left_out(archive: Archive) -> None:
    svg = 'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
    body = (
        f"<text:p {svg}>The port <text:span><svg:title>Boat</svg:title><svg:desc>A boat</svg:desc></text:span>is "
        "<text:ruby><text:ruby-base>漢</text:ruby-base><text:ruby-text>かん</text:ruby-text></text:ruby> busy, says "
        "<text:title>Harbour news</text:title>.</text:p>"
    )
    assert read_one(archive, "a.odt", odt(body)).body == "The port is 漢 busy, says Harbour news."
    ruby = (
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>かん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase>"
        "</w:ruby></w:r></w:p>"
    )
    assert read_one(archive, "b.docx", docx(ruby + TEA)).body == "漢\n\nTea of the hills"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.docx", b"no zip", "is damaged, or not a document of this format"),
        ("a.docx", docx(TEA)[:-30], "is damaged, or not a document of this format"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is encrypted, or in the older format .doc"),
        ("a.docx", zipped({"a.txt": "x"}), "is not a .docx document: it has no text part"),
        ("a.docx", docx("<w:p><w:r>"), "is not well formed"),
        ("a.docx", docx(""), "has no text"),
        ("a.odt", zipped({"a.txt": "x"}), "is not an .odt document: it has no text part"),
        ("a.odt", zipped({"META-INF/manifest.xml": "<encryption-data/>", "content.xml": "\0"}), "is encrypted"),
    ],
)
def test_what_cannot_be_read_says_why(archive: Archive, name: str, content: bytes, reason: str) -> None:
    (failure,) = read(archive, name, content)
    assert isinstance(failure, ReadFailure)
    assert failure.reason.startswith(reason)
