"""The choice of an encoding: marks, UTF-8 with faults, labels as browsers read them, and guesses for short texts."""

import subprocess
import sys

import pytest

from searchsvc.corpus.charsets import Label, choose_encoding, marked_encoding
from searchsvc.corpus.decoding import decode
from searchsvc.errors import UserError

GREEK = "Το καράβι έφυγε το βράδυ, και κανείς δεν το είδε. "
SHORT_TEXTS = {
    "cp1252": [
        "Der Müller schläft – „noch“.",
        "Une fenêtre s’ouvre à côté",
        "La señora llegó mañana",
        "A café “by the sea”",
    ],
    "cp1250": ["Dzień dobry, źle śpię w łóżku.", "Třicet šest koní běží přes řeku"],
    "iso8859_2": ["Dzień dobry, źle śpię w łóżku."],
    "cp1251": ["Вечером снег", "Мельница стоит у реки."],
    "koi8_r": ["Вечером шёл снег"],
    "cp866": ["Вечером шёл снег, и мельница стояла"],
    "cp1253": ["Το καράβι έφυγε"],
    "cp1254": ["Işıklar söndü, değirmen çalışıyor"],
    "cp1255": ["הטחנה עומדת ליד הנהר"],
    "cp1256": ["وقفت الطاحونة بجانب النهر"],
    "gb18030": ["磨坊在河边，晚上下雪了。"],
    "big5": ["磨坊在河邊，晚上下雪了。"],
    "cp932": ["水車小屋は川のそばにある。"],
    "euc_jp": ["水車小屋は川のそばにある。"],
    "iso2022_jp": ["水車小屋は川のそばにある。"],
    "cp949": ["물레방아는 강가에 있다."],
    "cp874": ["โรงสีตั้งอยู่ริมแม่น้ำและหิมะตกในตอนเย็น"],
}


@pytest.mark.parametrize(("encoding", "text"), [(name, text) for name, texts in SHORT_TEXTS.items() for text in texts])
def test_short_texts_without_a_label_are_read(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("iso-8859-1", "cp1252", "“Œuvre” – 5 €"),
        ("US-ASCII", "cp1252", "“é”"),
        ("ISO-8859-9", "cp1254", "“ğ”"),
        ("tis-620", "cp874", "“ไม่”"),
        ("gb2312", "gb18030", "朱镕基"),
        ("x-gbk", "gb18030", "朱镕基"),
        ("big5", "big5hkscs", "啫喱"),
        ("euc-kr", "cp949", "펲시콜라 똠얌"),
        ("ks_c_5601-1987", "cp949", "똠얌"),
        (" Shift_JIS ", "cp932", "①髙﨑"),
        ("x-sjis", "cp932", "①髙﨑"),
        ("euc-jp", "euc_jis_2004", "①水車"),
        ("windows-1251", "cp1251", "Снег"),
        ("koi8-r", "koi8-r", "Снег"),
    ],
)
def test_labels_mean_what_browsers_make_of_them(label: str, codec: str, text: str) -> None:
    assert decode(text.encode(codec), [Label(label, "the page")]) == text


@pytest.mark.parametrize("label", ["utf-8", "utf-16", "nonsense", "", "utf-7", "iso-2022-kr", "x-user-defined"])
def test_labels_that_say_nothing_are_ignored(label: str) -> None:
    assert decode("Der Müller schläft – „noch“.".encode("cp1252"), [Label(label, "")]).startswith("Der Müller")


def test_a_label_is_wrong_if_the_text_is_utf_8_or_does_not_fit() -> None:
    assert decode(GREEK.encode(), [Label("iso-8859-1", "the server")]) == GREEK
    assert decode(b"\xff" + GREEK.encode(), [Label("iso-8859-1", "the server")]) == "\ufffd" + GREEK
    text = "Мельница стоит у реки. " * 5
    assert decode(text.encode("cp1251"), [Label("shift_jis", "the server"), Label("windows-1251", "the page")]) == text
    assert decode(text.encode("cp1251"), [Label("shift_jis", "the server")]) == text


def test_east_asian_text_is_not_utf_8_though_many_of_its_letters_are_valid() -> None:
    text = "水車小屋は川のそばにある。" * 100
    assert choose_encoding(text.encode("gb18030")).name == "gb18030"
    assert choose_encoding(text.encode("gb18030"), [Label("gbk", "the page")]).name == "gb18030"


def test_nothing_is_guessed_where_a_label_fits_or_utf_8_does() -> None:
    program = """
import sys
from searchsvc.corpus.charsets import Label, choose_encoding

text = "Мельница стоит у реки. " * 5
print(choose_encoding(text.encode("cp1251"), [Label("windows-1251", "the page")]))
print(choose_encoding(text.encode() + b"\\xff"))
assert "chardetng_py" not in sys.modules
print(choose_encoding(text.encode("cp1251")))
assert "chardetng_py" in sys.modules
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert [line.split(",")[0] for line in found.stdout.splitlines()] == ["cp1251", "utf-8", "cp1251"]


def test_the_first_label_counts_most() -> None:
    labels = [Label("windows-1251", "the server"), Label("iso-8859-1", "the page")]
    encoding = choose_encoding("Снег".encode("cp1251"), labels)
    assert str(encoding) == "cp1251, as the server says (windows-1251)"


@pytest.mark.parametrize("faults", [b"\xff", b"\xc3", b"\xe2\x80", b"\x93quoted\x94"])
@pytest.mark.parametrize("at", [0, 1, 400_000, -1])
def test_a_text_that_is_mostly_utf_8_is_utf_8_wherever_its_faults_are(faults: bytes, at: int) -> None:
    data = (GREEK * 5_000).encode()
    cut = at % len(data)
    encoding = choose_encoding(data[:cut] + b" " + faults + b" " + data[cut:])
    assert encoding.name == "utf-8"
    assert "faulty" in encoding.reason


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_piece_of_a_text_may_end_within_a_character(cut: int) -> None:
    assert choose_encoding(GREEK.encode()[:-2][:-cut], is_whole=False).reason == "since all of it is valid"


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["title;body\nA;b\n", "Titel\tText\nMühle\tSchnee\n", "标题,正文\n磨坊,晚上下雪了\n"])
def test_utf_16_needs_no_mark(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    "data", [b"\x00\x01\x02", bytes(range(256)), b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\x7fELF\x02\x01\x01"]
)
def test_what_is_no_text_is_rejected(data: bytes) -> None:
    with pytest.raises(UserError, match="is not text: it contains "):
        marked_encoding(data)


def test_a_stray_zero_byte_is_no_reason_to_reject_a_text() -> None:
    assert decode(b"A text with one\x00zero byte in it.") == "A text with one\x00zero byte in it."
