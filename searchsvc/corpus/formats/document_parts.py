"""What readers of documents share: random access to the bytes, the parts of zip-based documents, and sane metadata."""

import datetime as dt
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from posixpath import normpath
from typing import Any, BinaryIO
from urllib.parse import unquote

from lxml import etree

from searchsvc.corpus.decoding import CHUNK_BYTES, read_all
from searchsvc.corpus.formats.registry import OnUnpacked
from searchsvc.corpus.formats.xml_references import numeric_references
from searchsvc.corpus.metadata.dates import PublicationDate, parse_date
from searchsvc.errors import UserError

MAX_PACKED_BYTES = 100 * 2**20  # of a document that is itself inside an archive or compressed
MAX_UNPACKED_BYTES = 50 * 2**20  # of the parts of a document that hold text
FIRST_YEAR = 1985  # in which a document can have been made; clocks that were never set say 1601, 1904, 1970 or 1980

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAYS_UTF_8 = 0x800  # a flag of an entry in a zip file
_PROGRAM = re.compile(r"Microsoft (?:Office )?(?:Word|PowerPoint|Excel|Publisher)(?: -)? ", re.IGNORECASE)
_FILE_NAME = re.compile(
    r".{1,200}\.(?:docx?|dotx?|docm|odt|ott|rtf|pdf|txt|wpd|indd|qxd|pmd|fm|pptx?|xlsx?|tex|dvi|ps|html?)", re.I
)
_PLACEHOLDER_TITLES = re.compile(
    r"(?:untitled|unbenannt|sans titre|sin título|senza titolo|без имени|document|dokument|документ|presentation|slide)"
    r"[ \d_-]{0,8}|powerpoint[ -]pr[eéä]sentation|none|unknown|\W*",
    re.IGNORECASE,
)
_PLACEHOLDER_AUTHORS = re.compile(
    r"admin\w{0,12}|root|users?|owner|author|unknown|anonymous|none|default|guest|test|hp|pc|dell|windows user|python-docx|"
    r"microsoft office user|benutzer|utilisateur|usuario|пользователь|администратор|\W*",
    re.IGNORECASE,
)


def seekable(stream: BinaryIO) -> BinaryIO:
    """Return a stream for random access: the stream itself if it is a plain file, else its bytes in memory."""
    is_plain = isinstance(getattr(stream, "raw", None), io.FileIO)
    return stream if is_plain else io.BytesIO(read_all(stream, MAX_PACKED_BYTES))


class DocumentParts:
    """The parts of a zip-based document. Together they may not unpack to more than `MAX_UNPACKED_BYTES`."""

    def __init__(self, stream: BinaryIO, on_unpacked: OnUnpacked) -> None:
        """Raise UserError if the stream is not a zip file."""
        source = seekable(stream)
        is_ole = source.read(len(_OLE)) == _OLE
        source.seek(0)
        if is_ole:
            raise UserError("is encrypted, or in the older format .doc: save it anew, without a password")
        try:
            self._archive = zipfile.ZipFile(source)
        except zipfile.BadZipFile as error:
            raise UserError(f"is damaged, or not a document of this format: {error}") from None
        self._on_unpacked = on_unpacked
        self._left = MAX_UNPACKED_BYTES
        parts = [info for info in self._archive.infolist() if not info.is_dir()]
        self._names = frozenset(info.filename for info in parts)
        self._alike = {_part_key(_name_in_utf_8(info)): info.filename for info in reversed(parts)}

    def find(self, name: str) -> str:
        """Return the name of a part as the archive has it, or "" if there is none.

        Some programs write it elsewhere in another letter case, with percent signs, or with accents apart.
        """
        return name if name in self._names else self._alike.get(_part_key(name), "")

    def read(self, name: str) -> bytes:
        """Return a part, or b"" if there is none. Raise UserError if it is too large."""
        return b"".join(self.chunks(name))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a part piece by piece. Raise UserError if it is encrypted, or too large."""
        found = self.find(name)
        if not found:
            return
        if self._archive.getinfo(found).flag_bits & 1:
            raise UserError("is encrypted")
        with self._archive.open(found) as part:
            while chunk := part.read(CHUNK_BYTES):
                self._left -= len(chunk)
                if self._left < 0:
                    raise UserError(f"unpacks to more than {MAX_UNPACKED_BYTES // 2**20} MiB of text and markup")
                self._on_unpacked(len(chunk))
                yield chunk


def _name_in_utf_8(info: zipfile.ZipInfo) -> str:
    """Return the name of a part. Programs that do not say its encoding often write UTF-8 nevertheless."""
    try:
        return info.filename if info.flag_bits & _SAYS_UTF_8 else info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def _part_key(name: str) -> str:
    path = normpath(unquote(name).replace("\\", "/")).lstrip("/")
    return unicodedata.normalize("NFC", path).casefold()


def parse_part(data: bytes) -> etree._Element | None:
    """Return the root element of a part, as far as it is well formed. Return None if there is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    return etree.fromstring(numeric_references(data), parser) if data.strip() else None


def sane_title(title: str) -> str:
    """Return the title that a document declares, or "" if a program made it up, as in `Microsoft Word - draft3.doc`."""
    text = _PROGRAM.sub("", " ".join(title.split()), count=1)
    return "" if _PLACEHOLDER_TITLES.fullmatch(text) or _FILE_NAME.fullmatch(text) else text


def sane_author(author: str) -> str:
    """Return the author that a document declares, or "" if it is the name of an account such as `Administrator`."""
    text = " ".join(author.split())
    return "" if _PLACEHOLDER_AUTHORS.fullmatch(text) else text


def sane_date(*dates: Any) -> PublicationDate | None:
    """Return the first date that can be when a document was made, or None if none can."""
    tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    parsed = (parse_date(date) for date in dates if date)
    return next((date for date in parsed if date and date.date.year >= FIRST_YEAR and date.date <= tomorrow), None)
