"""PDF files: one article each, of the text that the file holds. Pictures of text are not read.

PDFium tells the text in reading order and where each line stands. Paragraphs are found here, from gaps and indents.
"""

import ctypes
import re
from collections.abc import Iterator
from itertools import pairwise
from statistics import median_low
from typing import Any, BinaryIO, NamedTuple

from searchsvc.corpus.decoding import MAX_TEXT_BYTES, clean
from searchsvc.corpus.formats.document_parts import sane_author, sane_date, sane_title, seekable
from searchsvc.corpus.formats.registry import OnUnpacked
from searchsvc.corpus.record import ReadFailure, Record
from searchsvc.errors import UserError

MAX_PAGES = 10_000
PAGE_BYTES = 40_000
"""What a page of text counts as in the budget of time, about the size of what draws it."""

_PASSWORD_ERRORS = (4, 5)  # FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY
_HYPHEN = re.compile("[\x02\ufffe\xad]")  # what PDFium makes of a hyphen at the end of a line
_PAGE_NUMBER = re.compile(
    r"[\s\-–—|.]*(?:(?:page|seite|p\.|стр\.) ?)?\d{1,4}(?: ?(?:/|of|von|из) ?\d{1,4})?[\s\-–—|.]*", re.IGNORECASE
)
_ENDS = re.compile(r"[.!?:;。！？…][\"'”’»)\]]*$")
_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?(?:(Z)|([+-])(\d\d)'?(\d\d)?'?)?)?", re.IGNORECASE)
_ENOUGH = 5  # distances of lines on a page that tell the usual one
_MAX_LEADING = 1.6  # times the height of a line, the usual distance where there are too few lines to tell
_WIDE_GAP = 1.25  # times the usual distance of lines, which parts paragraphs
_INDENT = 0.5  # times the height of a line, from which on it begins a paragraph
_MAX_INDENT = 5  # times the height of a line, beyond which it stands in another column
_OTHER_SIZE = 0.15  # of the height of a line by which a heading differs


class _Line(NamedTuple):
    text: str
    left: float
    bottom: float
    height: float


def read_pdf(stream: BinaryIO, on_unpacked: OnUnpacked) -> Iterator[Record | ReadFailure]:
    """Yield the text of a PDF file, and a failure for each page that is damaged.

    Raise UserError if the file is encrypted or damaged, or if it has no text.
    """
    from pypdfium2 import PdfDocument, PdfiumError

    try:
        document = PdfDocument(seekable(stream))
    except PdfiumError as error:
        raise UserError(_describe(error)) from None
    try:
        if len(document) > MAX_PAGES:
            raise UserError(f"has more than {MAX_PAGES:,} pages: split it")
        text = _Text()
        for number in range(len(document)):
            on_unpacked(PAGE_BYTES)
            try:
                text.add_page(list(_page_lines(document[number])))
            except PdfiumError as error:
                yield ReadFailure(f"has a page that cannot be read, page {number + 1}: {error}")
        yield _record(text.body(len(document)), document)
    finally:
        document.close()


def _describe(error: Any) -> str:
    if getattr(error, "err_code", None) in _PASSWORD_ERRORS:
        return "is encrypted: save it without a password"
    return f"is damaged, or not a PDF file: {error}"


def _record(body: str, document: Any) -> Record:
    about = {name: clean(value).strip() for name, value in document.get_metadata_dict(skip_empty=True).items()}
    found = {
        "title": (sane_title(about.get("Title", "")), "the title in the PDF's metadata"),
        "author": (sane_author(about.get("Author", "")), "the author in the PDF's metadata"),
        "date": (
            sane_date(*(iso_date(about.get(name, "")) for name in ("CreationDate", "ModDate"))),
            "the day on which the PDF was made",
        ),
        "tag": (about.get("Keywords", ""), "the keywords in the PDF's metadata"),
        "subject": (about.get("Subject", ""), "the subject in the PDF's metadata"),
        "pages": (len(document), "the PDF itself"),
        "body": (body, "the text of the pages"),
    }
    return Record.decoded(found)


def iso_date(text: str) -> str:
    """Return a date of the form D:20210704120000+02'00' in ISO 8601, or "" if it has another form."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return ""
    year, month, day, hour, minute, second, utc, sign, zone_hour, zone_minute = match.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    zone = "+00:00" if utc else f"{sign}{zone_hour}:{zone_minute or '00'}" if sign else ""
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{zone}"


class _Text:
    """The paragraphs of a document, each with its lines."""

    def __init__(self) -> None:
        self._paragraphs: list[list[str]] = []
        self._size = 0
        self._usual = 0.0

    def add_page(self, lines: list[_Line]) -> None:
        """Add the lines of a page. Raise UserError if there is too much text by now."""
        if lines and _PAGE_NUMBER.fullmatch(lines[-1].text):
            lines.pop()
        if lines and _PAGE_NUMBER.fullmatch(lines[0].text):
            del lines[0]
        self._size += sum(len(line.text) for line in lines)
        if self._size > MAX_TEXT_BYTES:
            raise UserError(f"has more than {MAX_TEXT_BYTES // 2**20} MiB of text")
        distances = [before.bottom - line.bottom for before, line in pairwise(lines)]
        paragraphs = list(_paragraphs(lines, distances, self._usual_distance(lines, distances)))
        if paragraphs and self._paragraphs and _goes_on(self._paragraphs[-1][-1], paragraphs[0][0]):
            self._paragraphs[-1] += paragraphs.pop(0)
        self._paragraphs += paragraphs

    def _usual_distance(self, lines: list[_Line], distances: list[float]) -> float:
        """Return the usual distance of lines on a page. A page of few lines is taken to be like the page before."""
        median = median_low([distance for distance in distances if distance > 0] or [0.0])
        if len(distances) >= _ENOUGH:
            self._usual = median
        return self._usual or min(median, _MAX_LEADING * max((line.height for line in lines), default=0.0))

    def body(self, pages: int) -> str:
        """Return the text. Raise UserError if there is none."""
        text = "\n\n".join("\n".join(lines) for lines in self._paragraphs)
        if not any(map(str.isalnum, text)):
            of = f"{pages:,} {'page' if pages == 1 else 'pages'}"
            raise UserError(f"has no text on its {of}, which are probably scanned: run OCR on it first, such as OCRmyPDF")
        return text


def _paragraphs(lines: list[_Line], distances: list[float], usual: float) -> Iterator[list[str]]:
    """Yield the lines of each paragraph of a page, given the distances of the lines and the usual one."""
    paragraph: list[str] = []
    for number, line in enumerate(lines):
        if paragraph and _begins_paragraph(lines[number - 1], line, distances[number - 1], usual):
            yield paragraph
            paragraph = []
        paragraph.append(line.text)
    if paragraph:
        yield paragraph


def _begins_paragraph(before: _Line, line: _Line, distance: float, usual: float) -> bool:
    if abs(line.height - before.height) > _OTHER_SIZE * before.height:
        return True
    if distance < 0:  # the next column
        return not _goes_on(before.text, line.text)
    if distance > _WIDE_GAP * max(usual, line.height):
        return True
    return _INDENT * line.height < line.left - before.left < _MAX_INDENT * line.height


def _goes_on(text: str, following: str) -> bool:
    """Return whether a paragraph goes on at the top of the next column or page."""
    return text.endswith("-") or (following[:1].islower() and _ENDS.search(text) is None)


def _page_lines(page: Any) -> Iterator[_Line]:
    """Yield the lines of a page that are not blank, with their places."""
    from pypdfium2 import raw

    text_page = page.get_textpage()
    box = raw.FS_RECTF()
    position = 0
    for line in text_page.get_text_range(errors="replace").split("\n"):
        for part in _HYPHEN.sub("-\n", line.rstrip("\r")).split("\n"):
            if part.strip():
                start = position + len(part) - len(part.lstrip())
                index = raw.FPDFText_GetCharIndexFromTextIndex(text_page, start)
                raw.FPDFText_GetLooseCharBox(text_page, index, ctypes.byref(box))
                yield _Line(clean(part).strip(), box.left, box.bottom, box.top - box.bottom)
            position += len(part)
        position += len("\r\n")
    text_page.close()
    page.close()
