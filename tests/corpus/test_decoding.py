"""Decoding: encodings, clean text and its paragraphs, and size limits."""

from io import BytesIO
from unicodedata import combining, normalize

import pytest

from searchsvc.corpus.decoding import (
    _USUAL,
    CHUNK_BYTES,
    clean,
    decode,
    decode_stream,
    escape_unprintable,
    read_all,
    separate_paragraphs,
)
from searchsvc.errors import UserError
from searchsvc.model.languages import UNSEEN
from tests.conftest import Archive
from tests.corpus.reading import read_one

FRENCH = "Les élèves ont déjà dîné à l’hôtel, où l’on fête Noël. " * 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(archive: Archive, encoding: str) -> None:
    assert decode(FRENCH.encode(encoding)) == FRENCH
    assert read_one(archive, "a.txt", FRENCH.encode(encoding)).body == FRENCH.strip()


def test_bytes_that_are_not_text_are_rejected() -> None:
    for read in (decode, lambda data: decode_stream(BytesIO(data)).read()):
        with pytest.raises(UserError, match="is not text: it contains NUL bytes"):
            read(b"\x00\x01\x02")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ascii_characters", [0, 10, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_a_stream_is_decoded_like_a_whole_text(encoding: str, ascii_characters: int) -> None:
    text = f"{'x' * ascii_characters}{FRENCH}\r\nb\rc\n"
    assert decode_stream(BytesIO(text.encode(encoding))).read() == text


@pytest.mark.parametrize("end", ["é", "…"])
def test_the_last_byte_of_a_stream_may_decide_its_encoding(end: str) -> None:
    assert decode_stream(BytesIO(f"{FRENCH}{end}".encode("cp1252"))).read() == f"{FRENCH}{end}"
    assert decode_stream(BytesIO(f"{'Plain text. ' * 50}{end}".encode("cp1252"))).read().startswith("Plain text. ")


def test_utf_8_with_a_bad_byte_is_utf_8() -> None:
    data = FRENCH.encode() + b"\xff" + FRENCH.encode()
    assert decode_stream(BytesIO(data)).read() == f"{FRENCH}\ufffd{FRENCH}"


@pytest.mark.parametrize("fault", [b"\xff", b"\xe2\x80", b"\x93"])
@pytest.mark.parametrize("before", [b"", FRENCH.encode(), b"x" * 3 * CHUNK_BYTES, FRENCH.encode() + b"x" * 3 * CHUNK_BYTES])
@pytest.mark.parametrize("after", [FRENCH.encode(), b"x" * 3 * CHUNK_BYTES + FRENCH.encode()])
def test_a_fault_in_a_large_utf_8_file_costs_one_character(fault: bytes, before: bytes, after: bytes) -> None:
    text = decode_stream(BytesIO(before + b"<" + fault + b"> " + after)).read()
    assert text.startswith(before.decode() + "<")
    assert text.endswith("> " + after.decode())
    assert len(text) <= len(before.decode() + after.decode()) + len("<> ") + len(fault)


def test_a_few_letters_that_are_not_utf_8_are_read_also_if_others_come_much_later() -> None:
    parts = ["One café. ", "x" * 3 * CHUNK_BYTES, "Two cafés. ", "x" * 3 * CHUNK_BYTES, FRENCH]
    assert decode_stream(BytesIO("".join(parts).encode("cp1252"))).read() == "".join(parts)


@pytest.mark.parametrize("encoding", ["cp932", "gb18030", "iso2022_jp", "utf-16-le"])
def test_a_stream_may_be_cut_within_a_character(encoding: str) -> None:
    text = "Title,Text\n" + "水車小屋は川のそばにある。" * 100_000
    assert decode_stream(BytesIO(text.encode(encoding))).read() == text


def test_the_lines_of_a_stream_end_as_they_are_written() -> None:
    assert list(decode_stream(BytesIO(b"a\r\nb\rc\nd"))) == ["a\r\n", "b\r", "c\n", "d"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x00b\x1fc\x7fd", "a b c d"),
        ("lone \ud800 surrogate", "lone   surrogate"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("e\u0301", "é"),
        ("bread\u200bmaker bo\u00adok wo\u2060rd \ufefftea", "breadmaker book word tea"),  # never seen
        (
            "بي\u200cنام \u200fשלום\u200e 👩\u200d🌾 x\ufe0f",
            "بي\u200cنام \u200fשלום\u200e 👩\u200d🌾 x\ufe0f",
        ),  # of use where shown
        ("ภาษา\u200bไทย ខ្មែរ\u200bទេ", "ภาษา\u200bไทย ខ្មែរ\u200bទេ"),  # where lines may break
        ("har\u00ad\nvest mon\u00ac\n  soon", "harvest monsoon"),  # parted at line ends, as scans write it
        ("a\u00ad\n\nb ¬\nc 5¬\nd", "a\n\nb ¬\nc 5¬\nd"),
    ],
)
def test_clean(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_usual_characters_need_no_composing() -> None:
    usual = {char for char in map(chr, range(0x80, 0x10000)) if _USUAL.fullmatch(char)}
    assert len(usual) > 900
    decomposed = (normalize("NFD", char) for char in map(chr, range(0x10000)))
    assert usual.isdisjoint({*UNSEEN, "\u00ac", "\u200b", *"".join(parts[1:] for parts in decomposed)})
    assert normalize("NFC", "".join(usual)) == "".join(usual)
    assert not any(map(combining, usual))


def test_escapes_in_json_are_cleaned(archive: Archive) -> None:
    article = read_one(archive, "a.jsonl", b'{"title": "a\\u0000b", "text": "x\\u00ady\\u200cz"}')
    assert (article.title, article.body) == ("a b", "xy\u200cz")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a \r\n\r\n\r\nb", "a\n\nb"),
        ("One line\nwrapped.\n    Next one\nwrapped.", "One line\nwrapped.\n\nNext one\nwrapped."),
        (f"{'x' * 300}\n{'y' * 300}", f"{'x' * 300}\n\n{'y' * 300}"),
        ("short\nlines", "short\nlines"),
        (f"{'x ' * 150}har-\nvest {'y ' * 150}", f"{'x ' * 150}har-\nvest {'y ' * 149}y"),  # wide lines of one paragraph
        ("  one line  ", "one line"),
    ],
)
def test_separate_paragraphs(text: str, expected: str) -> None:
    assert separate_paragraphs(text) == expected


@pytest.mark.parametrize(
    ("name", "escaped"),
    [("ünï.txt", "ünï.txt"), ("a\nb.txt", "a%0Ab.txt"), ("a\udcff.txt", "a%FF.txt"), ("a%b.txt", "a%b.txt")],
)
def test_escape_unprintable(name: str, escaped: str) -> None:
    assert escape_unprintable(name) == escaped


def test_read_all_has_a_limit() -> None:
    assert read_all(BytesIO(b"abc"), limit=3) == b"abc"
    with pytest.raises(UserError, match="is larger than 1 MiB, the limit for a file of this kind"):
        read_all(BytesIO(b"a" * (2**20 + 1)), limit=2**20)
