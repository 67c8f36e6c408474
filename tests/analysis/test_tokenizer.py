"""Tokens of texts in many scripts, and patterns that agree with Tantivy's tokenizer."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import Analyzer
from searchsvc.analysis.tokenizer import (
    beyond_ascii,
    has_odd_letters,
    has_parted_words,
    readings,
    searchable,
    token_pattern,
)

PLAIN = Analyzer("none")
MARKS = "\u0301\u00ad\u200b\u200c\u2060ʼʻـ\u05b8\u064e\u093c\u094d\ufe0fﾞ"
texts = st.text(max_size=80) | st.text(f"aA1 _-.'’éßİё中あｶกุมोदी🙂𝐀²\n‐שبﻻ٣{MARKS}", max_size=40)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("🙂 ... 👍🏽", []),
        ("AT&T, C++ and U.S.", ["AT", "T", "C", "and", "U", "S"]),
        ("well-known it’s snake_case", ["well", "known", "it", "s", "snake", "case"]),
        ("3.14 1,000 x²", ["3", "14", "1", "000", "x²"]),
        ("Čapek Straße ﬁne Ｒｕｓｓｉａ", ["Čapek", "Straße", "ﬁne", "Ｒｕｓｓｉａ"]),
        ("Ελλάδα Москва 한국어", ["Ελλάδα", "Москва", "한", "국", "어"]),
        ("मोदी ने कहा", ["मोदी", "ने", "कहा"]),
        ("नमस्ते தமிழ்", ["नमस्ते", "தமிழ்"]),
        ("שָׁלוֹם مُحَمَّد", ["שָׁלוֹם", "مُحَمَّد"]),
        ("中国人x。", ["中", "国", "人", "x"]),
        ("東京タワー ﾄｳﾞ", ["東", "京", "タ", "ワ", "ー", "ﾄ", "ｳﾞ"]),
        ("ไทย ລາວ", ["ไ", "ท", "ย", "ລ", "າ", "ວ"]),
        ("𝐀𝐁𠀀𠀁", ["𝐀𝐁", "𠀀", "𠀁"]),
        ("x\x00y\u200bz", ["x", "y\u200bz"]),
        ("за́мок п’ять пʼять ʿAlī", ["за́мок", "п", "ять", "п", "ять", "Alī"]),
        (
            "har\u00advest \u200fשלום\u200f, می\u200cشود العـربية",
            ["har\u00advest", "שלום\u200f", "می\u200cشود", "العـربية"],
        ),
        ("mon-\nsoon well‐\n known 1990-\n91 a --\nb -\nc", ["mon-\nsoon", "well‐\n known", "1990", "91", "a", "b", "c"]),
    ],
)
def test_tokens(text: str, tokens: list[str]) -> None:
    assert token_pattern(text).findall(text) == tokens


@given(texts)
def test_the_pattern_agrees_with_the_tokenizer(text: str) -> None:
    assert [token for each in token_pattern(text).findall(text) for token in PLAIN.tokens(each)] == PLAIN.tokens(text)


@given(texts)
def test_texts_without_odd_letters_have_the_words_of_python(text: str) -> None:
    assert has_odd_letters(text) == has_odd_letters(beyond_ascii(text))
    if not has_odd_letters(text) and not has_parted_words(text):
        assert re.findall(r"[^\W_]+", text) == token_pattern(text).findall(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("tea, “été”", "tea   été "),
        ("x中国。", "x 中  国  "),
        ("ไทย, 한국", " ไ  ท  ย    한  국 "),
        ("𠀀", " 𠀀 "),
        ("ｶﾞｽ ｱﾞ", " ガ  ス   ア  "),
        ("mon-\nsoon a-\n1", "monsoon a  1"),
        ("x" * 200 + " " + "y" * 199, "y" * 199),
        ("а́" * 99 + " " + "а" * 100, "а" * 99),  # the limit counts bytes of the plain form
    ],
)
def test_searchable(text: str, words: str) -> None:
    assert searchable(text) == words


def test_a_text_of_very_many_different_characters_has_their_plain_forms() -> None:
    assert searchable("".join(map(chr, range(0x1F00, 0x1F08))) * 2 + "άέήίόύώΆΈΉΊΌΎΏ") == "α" * 16 + "αεηιουωΑΕΗΙΟΥΩ"
    greek = [char for char in map(chr, range(0x1F00, 0x1FBD)) if char.isalpha()]
    assert searchable(" ".join(greek)) == " ".join(map(searchable, greek))


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("no line end, well-known", []),
        ("a - \nb -\n\nc 1-\n2 --\nd", []),
        ("one har-\nvest two\nthree", [(0, "one har- vest two")]),
        ("one\ntwo har-\n vest mon-\nsoon\nlast", [(4, "two har-  vest mon- soon")]),
        ("har-\nvest\nmon‐\nsoon", [(0, "har- vest"), (10, "mon‐ soon")]),
    ],
)
def test_lines_that_part_words_are_read_twice(text: str, lines: list[tuple[int, str]]) -> None:
    assert readings(text) == [(0, text), *lines]
    assert has_parted_words(text) == bool(lines)
