"""Writers of small documents: PDF, .docx, .odt and EPUB, so that the tests need no files of others."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from urllib.parse import quote
from xml.sax.saxutils import escape

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table", "meta")
)

Line = tuple[str, int, int]
"""The text of a line, how far it is below the line before, and how far it is indented, in points."""


def pdf(pages: Iterable[Iterable[Line]], about: Mapping[str, str] | None = None) -> bytes:
    """Return a PDF file with these lines on its pages, in Helvetica of 11 points."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = [font, b""]
    kids: list[bytes] = []
    for lines in pages:
        content = zlib.compress(_page_content(lines))
        objects.append(b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources "
            b"<< /Font << /F1 1 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    pairs = b" ".join(b"/%s %s" % (name.encode(), _pdf_text(value)) for name, value in (about or {}).items())
    objects += [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< %s >>" % pairs]
    return _pdf_file(objects)


def _page_content(lines: Iterable[Line]) -> bytes:
    y, operators = 800, [b"BT /F1 11 Tf"]
    for text, below, indent in lines:
        y -= below
        operators.append(b"1 0 0 1 %d %d Tm %s Tj" % (72 + indent, y, _pdf_text(text)))
    return b"\n".join([*operators, b"ET"])


def _pdf_text(text: str) -> bytes:
    return b"<" + text.encode("cp1252").hex().encode() + b">"


def _pdf_file(objects: list[bytes]) -> bytes:
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.4\n")
    for number, content in enumerate(objects, start=1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    xref = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % offset for offset in offsets))
    trailer = b"trailer << /Size %d /Root %d 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF"
    out.write(trailer % (len(objects) + 1, len(objects) - 1, len(objects), xref))
    return out.getvalue()


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file with these parts, in order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name)  # with a constant time, so that the file is always the same
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()


def docx(body: str, properties: str = "", main: str = "word/document.xml", **parts: str) -> bytes:
    """Return a document with this XML as its body. `parts` are further ones in the folder of the main part."""
    core = (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">'
        f"{properties}</cp:coreProperties>"
    )
    relation = f'<Relationship Id="r1" Type="{_OFFICE_DOCUMENT}" Target="{main}"/>'
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">{relation}</Relationships>',
            main: f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
            "docProps/core.xml": core,
            **{f"word/{name}.xml": f'<w:{name} xmlns:w="{WORD}">{content}</w:{name}>' for name, content in parts.items()},
        }
    )


def word_paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def odt(body: str, properties: str = "") -> bytes:
    """Return a document with this XML as its text."""
    dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content {_ODF} {dc}><office:body><office:text>{body}</office:text>"
            "</office:body></office:document-content>",
            "meta.xml": f"<office:document-meta {_ODF} {dc}><office:meta>{properties}</office:meta></office:document-meta>",
        }
    )


def epub(chapters: Mapping[str, str], metadata: str = "", **parts: str) -> bytes:
    """Return a book whose spine has these chapters in order. They are listed in its manifest the other way round."""
    names = sorted(chapters, reverse=True)
    items = "".join(f'<item id="{name}" href="{quote(name)}" media-type="application/xhtml+xml"/>' for name in names)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>',
            "OEBPS/content.opf": '<package xmlns="http://www.idpf.org/2007/opf" xmlns:opf="http://www.idpf.org/2007/opf">'
            f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">{metadata}</metadata>'
            f"<manifest>{items}</manifest><spine>{spine}</spine></package>",
            **{f"OEBPS/{name}": content for name, content in chapters.items()},
            **{f"META-INF/{name}.xml": content for name, content in parts.items()},
        }
    )
