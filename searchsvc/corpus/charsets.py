"""The encoding of bytes: by their mark, as UTF-8, by a label, or by the likeliest guess.

Labels mean what browsers make of them (https://encoding.spec.whatwg.org): `iso-8859-1` is windows-1252, and `gb2312` is
GB 18030.
"""

import codecs
import re
from collections.abc import Iterable
from typing import NamedTuple

from searchsvc.errors import UserError

_ZEROS_BYTES = 256  # that tell UTF-16 without a mark
_HEAD_BYTES = 4_096  # that tell text from other files
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), *((mark, "utf-16") for mark in UTF_16_MARKS))
_PYTHON_NAMES = {"gbk": "gb18030", "euc-jp": "euc_jis_2004"}  # codecs that have all characters of the standard's encodings
_EAST_ASIAN = ("gb18030", "big5hkscs", "cp932", "cp949", "euc_jis_2004")
_SHIFTS_TO_JAPANESE = re.compile(rb"\x1b\$[@B]")
_NOT_ASCII = bytes(range(0x80, 0x100))
_NOT_IN_TEXT = bytes(byte for byte in (*range(0x20), 0x7F) if byte not in b"\t\n\v\f\r\x1a\x1b\x1e")
_WRONG_LABEL = 0.05  # of the characters beyond ASCII that an encoding cannot read; then its label is wrong


class Encoding(NamedTuple):
    """An encoding by the name of Python's codec, and why it was chosen."""

    name: str
    reason: str

    def __str__(self) -> str:
        return f"{self.name}, {self.reason}"


class Label(NamedTuple):
    """The name that somebody gave to the encoding of a text, and who that was."""

    name: str
    origin: str


class Utf8Fit(NamedTuple):
    """The number of characters beyond ASCII, and of sequences of bytes that are not UTF-8."""

    good: int
    bad: int


def marked_encoding(head: bytes) -> Encoding | None:
    """Return the encoding that the first bytes of a file give away, or None. Raise UserError if they are not text."""
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name, "by its byte order mark")
    head = head[:_HEAD_BYTES]
    if 0 in head and (name := _utf_16_by_zeros(head[:_ZEROS_BYTES])):
        return Encoding(name, "by the places of its zero bytes")
    controls = len(head) - len(head.translate(None, _NOT_IN_TEXT))
    if controls > 1 + len(head) // 50:
        raise UserError(f"is not text: it contains {'NUL bytes' if 0 in head else 'control characters'}")
    return None


def _utf_16_by_zeros(head: bytes) -> str:
    """Return the name of UTF-16 without a mark, or "". Its ASCII has zeros at all odd or all even places."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    # Without its stray zeros, a text is valid. UTF-16 is so by chance for some alphabets, but these have many spaces.
    fewest = len(head) // 20 if measure_utf_8(head.replace(b"\0", b""), is_whole=False).bad == 0 else 0
    if min(even, odd) or max(even, odd) < max(2, fewest):
        return ""
    return "utf-16-le" if odd else "utf-16-be"


def is_plain_ascii(data: bytes) -> bool:
    """Return whether bytes are ASCII that does not stand for something else, as in ISO-2022-JP."""
    return data.isascii() and not (b"\x1b" in data and _SHIFTS_TO_JAPANESE.search(data))


def choose_encoding(data: bytes, labels: Iterable[Label] = (), *, is_whole: bool = True) -> Encoding:
    """Return the encoding of a text that is not marked. UTF-8 is preferred, even if a label says otherwise.

    A text that is mostly UTF-8 is UTF-8. The first labels count most. If the data are not the whole text, they may end
    within a character.
    """
    if is_plain_ascii(data):
        return Encoding("utf-8", "since it is all ASCII")
    known = [encoding for label in labels if (encoding := _legacy_encoding(label))]
    fit = measure_utf_8(data, is_whole=is_whole)
    if fit.good and not fit.bad:
        return Encoding("utf-8", "since all of it is valid")
    is_mostly_utf_8 = fit.good > 0 and fit.good >= (4 if known else 1) * fit.bad
    utf_8 = Encoding("utf-8", f"with {fit.bad:,} faulty sequences of bytes")
    if is_mostly_utf_8 and 10 * fit.bad <= fit.good:
        return utf_8
    labelled = next((encoding for encoding in known if _fits(data, encoding.name, _WRONG_LABEL)), None)
    if labelled is not None and not is_mostly_utf_8:
        return labelled
    guess = _guess(data, is_whole=is_whole)
    if is_mostly_utf_8 and not _is_east_asian(data, guess):
        return utf_8
    return labelled or guess


def _is_east_asian(data: bytes, guess: Encoding) -> bool:
    """Return whether a text is in an encoding of two bytes a letter, of which very many happen to be valid in UTF-8."""
    return guess.name in _EAST_ASIAN and _fits(data, guess.name, 0.001)


def _legacy_encoding(label: Label) -> Encoding | None:
    """Return what browsers make of a label, or None for Unicode, which needs no label here, and unknown labels."""
    name = _codec(label.name)
    return Encoding(name, f"as {label.origin} says ({label.name})") if name else None


def _codec(label: str) -> str:
    """Return the name of Python's codec for a label, or "" for Unicode and unknown labels."""
    from webencodings import lookup

    found = lookup(label)
    if found is None or found.name.startswith(("utf-", "replacement", "x-user-defined")):
        return ""
    return str(_PYTHON_NAMES.get(found.name, found.codec_info.name))


def measure_utf_8(data: bytes, *, is_whole: bool) -> Utf8Fit:
    """Return how well UTF-8 fits to bytes."""
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(data, final=is_whole)
    replaced = text.count("\ufffd") - data.count("\ufffd".encode())
    ascii_characters = len(data.translate(None, _NOT_ASCII))
    return Utf8Fit(len(text) - ascii_characters - replaced, replaced)


def _fits(data: bytes, name: str, faults: float) -> bool:
    """Return whether no more than this share of the characters beyond ASCII cannot be decoded."""
    text = codecs.getincrementaldecoder(name)("replace").decode(data)
    return text.count("\ufffd") <= faults * sum(map(len, re.findall("[^\x00-\x7f]+", text)))


def _guess(data: bytes, *, is_whole: bool) -> Encoding:
    from chardetng_py import EncodingDetector

    detector = EncodingDetector()
    detector.feed(data, last=is_whole)
    name = detector.guess(tld=None, allow_utf8=False)
    return Encoding(_codec(name) or name, "the likeliest by its letters")  # it knows cp874 by Python's name only
