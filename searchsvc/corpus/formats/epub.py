"""E-books (EPUB 2 and 3): one article each, its chapters in the order of reading."""

from collections.abc import Iterator
from posixpath import dirname, join, normpath
from typing import BinaryIO

from lxml import etree

from searchsvc.corpus.decoding import MAX_TEXT_BYTES, decode, escape_unprintable
from searchsvc.corpus.formats.document_parts import DocumentParts, parse_part
from searchsvc.corpus.formats.flowing_text import xhtml_text
from searchsvc.corpus.formats.registry import OnUnpacked
from searchsvc.corpus.record import ReadNote, Record
from searchsvc.errors import UserError

MAX_LISTED = 10  # chapters that are lacking and named

_CONTAINER = "META-INF/container.xml"
_OPF = "{http://www.idpf.org/2007/opf}"
_PAGES = ("application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document")
_WHERE = "the book's metadata"


def read_epub(stream: BinaryIO, on_unpacked: OnUnpacked) -> Iterator[Record | ReadNote]:
    """Yield the text of a book, and a note if chapters are lacking.

    Raise UserError if it is encrypted, or if it says nowhere what its chapters are.
    """
    parts = DocumentParts(stream, on_unpacked)
    package_name = _package_name(parts)
    package = _parse(parts.read(package_name), package_name)
    listed = {name: parts.find(name) for name in _chapters(package, dirname(package_name))}
    chapters = list(dict.fromkeys(filter(None, listed.values())))
    if not _encrypted(parts).isdisjoint(chapters):
        raise UserError("is encrypted (DRM), and only the reader's own program can open it")
    yield Record.decoded(_metadata(package) | {"body": (_body(parts, chapters), "the chapters of the book")})
    if lacking := [name for name, found in listed.items() if not found]:
        names = ", ".join(map(escape_unprintable, lacking[:MAX_LISTED]))
        yield ReadNote(f"lacks {len(lacking):,} of {len(listed):,} chapters that it lists: {names}")


def _package_name(parts: DocumentParts) -> str:
    """Return the name of the part that lists all others. Raise UserError if there is none."""
    rootfile = _parse(parts.read(_CONTAINER), _CONTAINER).find(".//{*}rootfile[@full-path]")
    if rootfile is None:
        raise UserError(f"is not an EPUB file: {_CONTAINER} names no package")
    return str(rootfile.get("full-path"))


def _parse(data: bytes, name: str) -> etree._Element:
    root = parse_part(data)
    if root is None:
        raise UserError(f"is not an EPUB file: {name} is missing or empty")
    return root


def _chapters(package: etree._Element, folder: str) -> Iterator[str]:
    """Yield the names of the parts with text, in the order of reading, as the package writes them.

    An entry that the package does not describe has no name but its identifier.
    """
    items = {item.get("id"): item for item in package.iterfind(".//{*}manifest/{*}item")}
    for reference in package.iterfind(".//{*}spine/{*}itemref"):
        identifier = reference.get("idref", "")
        item = items.get(identifier)
        if item is None:
            yield join(folder, identifier)
            continue
        is_contents = "nav" in (item.get("properties") or "").split()
        if not is_contents and item.get("media-type", _PAGES[0]).lower() in _PAGES:
            yield normpath(join(folder, item.get("href", "").partition("#")[0]))


def _encrypted(parts: DocumentParts) -> set[str]:
    """Return the names of encrypted parts. Those of free books are fonts at most."""
    data = parts.read("META-INF/encryption.xml")
    references = _parse(data, "encryption.xml").iterfind(".//{*}CipherReference[@URI]") if data.strip() else ()
    return {parts.find(reference.get("URI")) for reference in references}


def _body(parts: DocumentParts, chapters: list[str]) -> str:
    texts: list[str] = []
    size = 0
    for name in chapters:
        texts.append(xhtml_text(decode(parts.read(name))))
        size += len(texts[-1])
        if size > MAX_TEXT_BYTES:
            raise UserError(f"has more than {MAX_TEXT_BYTES // 2**20} MiB of text")
    return "\n\n".join(filter(None, texts))


def _metadata(package: etree._Element) -> dict[str, tuple[object, str]]:
    dates = [element for element in package.iterfind(".//{*}metadata//{*}date") if _text(element)]
    published = [date for date in dates if date.get(f"{_OPF}event") in ("publication", "original-publication")]
    unmarked = [date for date in dates if date.get(f"{_OPF}event") is None]
    found = {
        "title": _texts(package, "title")[:1],
        "author": list(_authors(package)),
        "date": [_text(date) for date in (*published, *unmarked)][:1],
        "language": _texts(package, "language")[:1],
        "source": _texts(package, "publisher")[:1],
        "tag": _texts(package, "subject"),
        "description": _texts(package, "description")[:1],
        "identifier": _texts(package, "identifier"),
    }
    return {field: (values[0] if len(values) == 1 else values, _WHERE) for field, values in found.items() if values}


def _authors(package: etree._Element) -> Iterator[str]:
    """Yield the creators whose role is that of an author, or who have none."""
    refined = package.iterfind(".//{*}meta[@property='role']")  # in EPUB 3
    roles = {meta.get("refines", "").lstrip("#"): _text(meta) for meta in refined}
    for creator in package.iterfind(".//{*}metadata//{*}creator"):
        role = creator.get(f"{_OPF}role") or roles.get(creator.get("id", "-"), "aut")
        if role == "aut" and (name := _text(creator)):
            yield name


def _texts(package: etree._Element, name: str) -> list[str]:
    return list(filter(None, map(_text, package.iterfind(f".//{{*}}metadata//{{*}}{name}"))))


def _text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())
