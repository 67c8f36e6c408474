"""Documents that are made to fill the memory or to take all the time. Each is reported, and the next file is read."""

import io
import zipfile
import zlib

import pytest

from searchsvc.corpus import Item, ReadFailure
from searchsvc.corpus.formats import document_parts, flowing_text
from searchsvc.corpus.formats import epub as epub_format
from searchsvc.corpus.formats import pdf as pdf_format
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.documents import WORD, docx, epub, odt, pdf, word_paragraph, zipped
from tests.corpus.reading import read, read_in_processes

pytestmark = pytest.mark.slow
LINE = "The council has decided that work at the harbour goes on in spite of the weather, and of the costs."
PDF_LINES = b"".join(b"1 0 0 1 10 %d Tm (%s) Tj " % (800 - 7 * number, LINE.encode()) for number in range(100))
WORD_BEGINS = f'<w:document xmlns:w="{WORD}"><w:body>'


def items(archive: Archive, **files: bytes) -> list[Item]:
    """Return the items of these files, named by their suffixes, when a process of their own reads them."""
    archive.write({**{f"a.{suffix}": content for suffix, content in files.items()}, "z.txt": "Title: last\n\nText"})
    found = [item for items in read_in_processes(archive, 1).values() for item in items]
    last = next(item for item in found if isinstance(item, Article) and item.title == "last")
    return [item for item in found if item is not last]


def bomb(name: str, begin: str, repeated: bytes, megabytes: int, **parts: str) -> bytes:
    """Return a zip file with a part of so many megabytes, and other parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for other, content in parts.items():
            archive.writestr(other, content)
        with archive.open(name, "w") as part:
            part.write(begin.encode())
            for _ in range(megabytes):
                part.write(repeated * (2**20 // len(repeated)))
    return stream.getvalue()


def raw_pdf(content: bytes, pages: int) -> bytes:
    """Return a PDF file whose pages all have the same content."""
    packed = zlib.compress(content)
    whole = pdf([[("x", 0, 0)]])
    start, end = whole.index(b"3 0 obj"), whole.index(b"4 0 obj")
    stream = b"3 0 obj\n<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream\nendobj\n" % (len(packed), packed)
    kids = whole[:start].replace(b"[4 0 R]", b"[%s]" % (b"4 0 R " * pages)).replace(b"/Count 1", b"/Count %d" % pages)
    return kids + stream + whole[end:]


def test_documents_that_unpack_without_end_are_refused(archive: Archive) -> None:
    (failure,) = items(archive, docx=bomb("word/document.xml", WORD_BEGINS, b" ", 60))
    assert failure == ReadFailure("unpacks to more than 50 MiB of text and markup", "a.docx")


@pytest.mark.parametrize("repeated", [b"<w:p/>", b"<w:p><w:r><w:t/></w:r></w:p>"])
def test_markup_without_end_is_refused(archive: Archive, monkeypatch: pytest.MonkeyPatch, repeated: bytes) -> None:
    monkeypatch.setattr(document_parts, "MAX_UNPACKED_BYTES", 2 * 2**20)
    (failure,) = read(archive, "a.docx", bomb("word/document.xml", WORD_BEGINS, repeated, 4))
    assert failure == ReadFailure("unpacks to more than 2 MiB of text and markup", "a.docx")


@pytest.mark.parametrize("suffix", ["docx", "epub", "pdf"])
def test_too_much_text_is_refused(archive: Archive, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    for module in (pdf_format, epub_format, flowing_text):
        monkeypatch.setattr(module, "MAX_TEXT_BYTES", 2**20)
    text = LINE * (2**21 // len(LINE))
    files = {
        "docx": lambda: docx(word_paragraph(text)),
        "epub": lambda: epub({f"{number}.xhtml": f"<html><p>{text[: 2**19]}</p></html>" for number in range(3)}),
        "pdf": lambda: raw_pdf(b"BT /F1 4 Tf " + PDF_LINES + b"ET", 200),
    }
    (failure,) = read(archive, f"a.{suffix}", files[suffix]())
    assert isinstance(failure, ReadFailure)
    assert failure.reason == "has more than 1 MiB of text"


@pytest.mark.parametrize(("text", "times"), [("&j;", 1), ("&a;", 1_000_000)])
def test_entities_that_grow_without_end_are_refused(archive: Archive, text: str, times: int) -> None:
    pairs = zip("abcdefghi", "bcdefghij", strict=True)
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {name} "{f"&{of};" * 10}">' for of, name in pairs)
    content = f"<!DOCTYPE d [{entities}]>{WORD_BEGINS}<w:p><w:r><w:t>{text * times}</w:t></w:r></w:p></w:body></w:document>"
    found = items(archive, docx=zipped({"word/document.xml": content}))
    assert all(isinstance(item, ReadFailure) for item in found), found
    assert len(found) == 1


def test_documents_of_endless_depth_are_read(archive: Archive) -> None:
    depth = 100_000
    deep = f"<text:p>before</text:p>{'<text:p><text:span>' * depth}deep{'</text:span></text:p>' * depth}"
    found = items(archive, odt=odt(deep), epub=epub({"a.xhtml": "<html>" + "<div>x" * depth}))
    bodies = {item.path: item.body.split() for item in found if isinstance(item, Article)}
    assert bodies == {"a.odt": ["before", "deep"], "a.epub": ["x"] * depth}


def test_a_pdf_file_whose_every_page_takes_long_is_stopped(archive: Archive) -> None:
    line = b"1 0 0 1 72 800 Tm (" + LINE.encode() + b") Tj "
    (failure,) = items(archive, pdf=raw_pdf(b"BT /F1 11 Tf " + line * 20_000 + b"ET", 9_000))
    assert isinstance(failure, ReadFailure)
    assert "processor time" in failure.reason or "more than 10 MiB" in failure.reason


@pytest.mark.parametrize(("operator", "megabytes"), [(b" ", 50), (b"q ", 5), (b"[", 5)])
def test_a_page_of_pdf_that_unpacks_without_end_is_stopped(archive: Archive, operator: bytes, megabytes: int) -> None:
    found = items(archive, pdf=raw_pdf(operator * (megabytes * 2**20), 1))
    assert found
    assert all(isinstance(item, ReadFailure) for item in found)


def test_very_many_pages_of_pdf_are_refused(archive: Archive) -> None:
    (failure,) = items(archive, pdf=raw_pdf(b"BT /F1 11 Tf (x) Tj ET", 200_000))
    assert failure == ReadFailure("has more than 10,000 pages: split it", "a.pdf")


def test_long_documents_are_within_the_budget(archive: Archive) -> None:
    pages = [[(LINE[:80], 14, 0) for _ in range(40)]] * 600
    paragraphs = word_paragraph(LINE) * 15_000
    chapter = f"<html><body>{f'<p>{LINE}</p>' * 15_000}</body></html>"
    message = f"From a@b.example Fri Jul  2 10:00:00 2021\nFrom: a@b.example\nSubject: x\n\n{LINE}\n\n"
    found = items(
        archive, pdf=pdf(pages), docx=docx(paragraphs), epub=epub({"a.xhtml": chapter}), mbox=(message * 8_000).encode()
    )
    assert [item for item in found if not isinstance(item, Article)] == []
    assert len(found) == 8_003
