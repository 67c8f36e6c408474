"""PDF files."""

import datetime as dt
from collections.abc import Mapping

import pytest

from searchsvc.corpus import ReadFailure
from searchsvc.corpus.formats import pdf as pdf_format
from searchsvc.corpus.formats.document_parts import sane_author, sane_date, sane_title
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.documents import Line, pdf
from tests.corpus.reading import read, read_one

FIRST: list[Line] = [
    ("The harbour of Merrow", 0, 0),
    ("The council has decided on the new harbour, and the docu-", 30, 0),
    ("ments were signed on Friday.", 14, 0),
    ("An indent begins a paragraph as well, which goes on", 14, 20),
    ("in its second line, and is not done when", 14, -20 + 20),
    ("12", 60, 200),
]
SECOND: list[Line] = [("the page ends.", 0, 0), ("A gap parts paragraphs.", 28, 0), ("Page 2 of 2", 60, 200)]


def test_the_text_is_read_in_paragraphs_across_pages_and_without_page_numbers(archive: Archive) -> None:
    article = read_one(archive, "a.pdf", pdf([FIRST, SECOND]))
    assert article.body.split("\n\n") == [
        "The harbour of Merrow",
        "The council has decided on the new harbour, and the docu-\nments were signed on Friday.",
        "An indent begins a paragraph as well, which goes on\nin its second line, and is not done when\nthe page ends.",
        "A gap parts paragraphs.",
    ]
    assert article.extra == {"pages": ("2",)}


def test_metadata_are_read(archive: Archive) -> None:
    about = {
        "Title": "Tea & trade",
        "Author": "Ann Weaver",
        "CreationDate": "D:20210704120000+02'00'",
        "Keywords": "tea, port",
    }
    article = read_one(archive, "a.pdf", pdf([FIRST], about | {"Producer": "a program"}))
    assert (article.title, article.author, article.tag) == ("Tea & trade", ("Ann Weaver",), ("tea", "port"))
    assert article.published == dt.datetime(2021, 7, 4, 12, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    assert article.extra == {"pages": ("1",)}


@pytest.mark.parametrize(
    "about",
    [
        {"Title": "Microsoft Word - draft 3.docx", "Author": "Administrator", "CreationDate": "D:19700101000000Z"},
        {"Title": "untitled", "Author": "user", "CreationDate": "D:29990101"},
        {"Title": "report_v2.indd", "Author": "unknown", "CreationDate": "yesterday"},
    ],
)
def test_metadata_that_programs_made_up_are_left_out(archive: Archive, about: Mapping[str, str]) -> None:
    article = read_one(archive, "a.pdf", pdf([FIRST], about))
    assert (article.title, article.author, article.date) == ("The harbour of Merrow", (), None)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("D:20210704120000+02'00'", "2021-07-04T12:00:00+02:00"),
        ("D:20210704120000Z00'00'", ""),
        ("D:20210704120000Z", "2021-07-04T12:00:00+00:00"),
        ("20210704", "2021-07-04"),
        ("D:202107041200", "2021-07-04T12:00:00"),
        ("4 July 2021", ""),
    ],
)
def test_dates_of_pdf(text: str, iso: str) -> None:
    assert pdf_format.iso_date(text) == iso


def test_scanned_pages_get_the_advice_to_run_ocr(archive: Archive) -> None:
    (failure,) = read(archive, "a.pdf", pdf([[], [("...", 0, 0)]]))
    reason = "has no text on its 2 pages, which are probably scanned: run OCR on it first, such as OCRmyPDF"
    assert failure == ReadFailure(reason, "a.pdf")


@pytest.mark.parametrize("content", [b"%PDF-1.4\nnonsense", b"<html>Log in first", pdf([FIRST])[:400]])
def test_damaged_files_say_so(archive: Archive, content: bytes) -> None:
    (failure,) = read(archive, "a.pdf", content)
    assert isinstance(failure, ReadFailure)
    assert failure.reason.startswith("is damaged, or not a PDF file")


def test_encrypted_files_say_so(archive: Archive) -> None:
    key = b"<%s>" % (b"41" * 32)
    handler = b"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O %s /U %s >> /ID [%s %s] /Root" % (key, key, key, key)
    (failure,) = read(archive, "a.pdf", pdf([FIRST]).replace(b"/Root", handler))
    assert failure == ReadFailure("is encrypted: save it without a password", "a.pdf")


def test_a_broken_table_of_objects_is_mended(archive: Archive) -> None:
    content = pdf([FIRST])
    damaged = content[: content.index(b"xref")] + b"xref\n0 9\nnonsense\n" + content[content.index(b"trailer") :]
    assert read_one(archive, "a.pdf", damaged).title == "The harbour of Merrow"


@pytest.mark.parametrize(
    ("whole", "damaged"),
    [
        (b"/Type /Page /Parent", b"/Type /Rage /Parent"),
        (b"/MediaBox [0 0", b"/MediaBox (0 0"),
        (b"/Kids [4 0 R", b"/Kids [9 0 R"),
    ],
)
def test_a_page_that_is_damaged_costs_itself_only(archive: Archive, whole: bytes, damaged: bytes) -> None:
    content = pdf([FIRST, SECOND])
    assert whole in content
    failure, article = read(archive, "a.pdf", content.replace(whole, damaged, 1))
    assert failure == ReadFailure("has a page that cannot be read, page 1: Failed to load page.", "a.pdf")
    assert isinstance(article, Article)
    assert article.body == "the page ends.\n\nA gap parts paragraphs."


def test_too_many_pages_are_refused(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_format, "MAX_PAGES", 1)
    (failure,) = read(archive, "a.pdf", pdf([FIRST, SECOND]))
    assert failure == ReadFailure("has more than 1 pages: split it", "a.pdf")


@pytest.mark.parametrize(
    ("title", "sane"),
    [
        ("Tea  in Merrow", "Tea in Merrow"),
        ("Microsoft Word - Tea in Merrow", "Tea in Merrow"),
        ("PowerPoint Presentation", ""),
        ("Dokument1", ""),
        ("Untitled-3", ""),
        ("C:\\texts\\tea.doc", ""),
        ("Documents of the harbour", "Documents of the harbour"),
        ("???", ""),
    ],
)
def test_titles_that_programs_made_up(title: str, sane: str) -> None:
    assert sane_title(title) == sane


def test_authors_and_dates_that_computers_made_up() -> None:
    assert [sane_author(name) for name in ("admin", "Microsoft Office User", "Ann  Admin", "Root")] == [
        "",
        "",
        "Ann Admin",
        "",
    ]
    assert sane_date("", "1980-01-01", "nonsense", "1601-01-01T00:00:00Z") is None
    found = sane_date("1904-01-01", "1999-03-02")
    assert found is not None
    assert found.date == dt.date(1999, 3, 2)
