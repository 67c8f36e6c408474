"""Documents of word processors: Office Open XML (.docx, ISO 29500) and OpenDocument (.odt, ISO 26300).

The libraries for these formats leave out text that readers see: python-docx tracked insertions and content controls, odfdo
the ends of lines. So their parts are parsed here.
"""

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import BinaryIO

from lxml import etree

from searchsvc.corpus.formats.document_parts import DocumentParts, parse_part, sane_author, sane_date, sane_title
from searchsvc.corpus.formats.flowing_text import Paragraphs, local_name, parse_xml
from searchsvc.corpus.formats.registry import OnUnpacked
from searchsvc.corpus.record import Record
from searchsvc.errors import UserError

_DOCX_CHARACTERS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_DOCX_SKIPPED = frozenset(("del", "moveFrom", "Fallback", "pPr", "rPr", "sectPr", "tblPr", "rt"))
_ODT_CHARACTERS = {"s": " ", "tab": "\t", "line-break": "\n"}
_SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_ODT_SKIPPED = frozenset(
    (
        *("tracked-changes", "annotation", "note-citation", "forms", "sequence-decls", "variable-decls", "object"),
        *("ruby-text", f"{_SVG}title", f"{_SVG}desc"),  # what is only heard or shown beside the text
    )
)


def read_docx(stream: BinaryIO, on_unpacked: OnUnpacked) -> Iterator[Record]:
    """Yield the text of a document with its footnotes, without deleted text, comments, headers and footers."""
    parts = DocumentParts(stream, on_unpacked)
    main = _main_part(parts)
    notes = (join(dirname(main), f"{name}.xml") for name in ("footnotes", "endnotes"))
    paragraphs = [text for name in (main, *notes) if parts.find(name) for text in _docx_paragraphs(parts, name)]
    about = _declared(parts.read("docProps/core.xml"))
    yield _record(paragraphs, about, ("created", "modified"), ("creator", "lastModifiedBy"))


def _docx_paragraphs(parts: DocumentParts, name: str) -> list[str]:
    target = Paragraphs(frozenset("p"), _DOCX_SKIPPED, _DOCX_CHARACTERS, texts=frozenset("t"))
    return parse_xml(parts.chunks(name), target)


def _main_part(parts: DocumentParts) -> str:
    """Return the name of the part with the text, which some programs call otherwise than the usual name."""
    usual = "word/document.xml"
    for relation in _elements(parts.read("_rels/.rels")):
        if relation.get("Type", "").endswith("/officeDocument"):
            usual = normpath(relation.get("Target", usual).lstrip("/"))
    if not parts.find(usual):
        raise UserError("is not a .docx document: it has no text part")
    return usual


def read_odt(stream: BinaryIO, on_unpacked: OnUnpacked) -> Iterator[Record]:
    """Yield the text of a document with its footnotes, without deleted text and comments."""
    parts = DocumentParts(stream, on_unpacked)
    if b"encryption-data" in parts.read("META-INF/manifest.xml"):
        raise UserError("is encrypted: save it without a password")
    if not parts.find("content.xml"):
        raise UserError("is not an .odt document: it has no text part")
    target = Paragraphs(frozenset(("p", "h")), _ODT_SKIPPED, _ODT_CHARACTERS)
    paragraphs = parse_xml(parts.chunks("content.xml"), target)
    about = _declared(parts.read("meta.xml"))
    yield _record(paragraphs, about, ("creation-date", "date"), ("initial-creator", "creator"))


def _record(paragraphs: list[str], about: dict[str, str], dates: tuple[str, ...], authors: tuple[str, ...]) -> Record:
    found = {
        "title": (sane_title(about.get("title", "")), "the title in the document's properties"),
        "author": (
            next(filter(None, (sane_author(about.get(name, "")) for name in authors)), ""),
            "the author in the document's properties",
        ),
        "date": (sane_date(*(about.get(name, "") for name in dates)), "the day on which the document was made"),
        "language": (about.get("language", ""), "the language in the document's properties"),
        "tag": (about.get("keywords", "") or about.get("keyword", ""), "the keywords in the document's properties"),
        "subject": (about.get("subject", ""), "the subject in the document's properties"),
        "body": ("\n\n".join(paragraphs), "the text of the document"),
    }
    return Record.decoded(found)


def _declared(data: bytes) -> dict[str, str]:
    """Return the first text of each property. A broken list of properties costs no text, so it counts as empty."""
    found: dict[str, str] = {}
    for element in _elements(data):
        text = (element.text or "").strip()
        if text:
            found.setdefault(local_name(element.tag), text)
    return found


def _elements(data: bytes) -> Iterator[etree._Element]:
    root = parse_part(data)
    return iter(()) if root is None else root.iter("{*}*")
