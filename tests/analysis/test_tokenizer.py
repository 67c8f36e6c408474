"""Tokens of texts in many scripts, and patterns that agree with Tantivy's tokenizer."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import Analyzer
from searchsvc.analysis.tokenizer import beyond_ascii, has_odd_letters, separate_cjk, token_pattern

PLAIN = Analyzer("none")
texts = st.text(max_size=80) | st.text("aA1 _-.'’éßİ中あกุมोदी🙂𝐀²\n", max_size=40)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("🙂 ... 👍🏽", []),
        ("AT&T, C++ and U.S.", ["AT", "T", "C", "and", "U", "S"]),
        ("well-known it’s snake_case", ["well", "known", "it", "s", "snake", "case"]),
        ("3.14 1,000 x²", ["3", "14", "1", "000", "x²"]),
        ("Čapek Straße ﬁne Ｒｕｓｓｉａ", ["Čapek", "Straße", "ﬁne", "Ｒｕｓｓｉａ"]),
        ("Ελλάδα Москва 한국어", ["Ελλάδα", "Москва", "한국어"]),
        ("मोदी ने कहा", ["मोदी", "ने", "कहा"]),
        ("नमस्ते", ["नमस", "ते"]),  # Tantivy splits at the virama
        ("שָׁלוֹם مُحَمَّد", ["שָׁלוֹם", "مُحَمَّد"]),
        ("中国人x。", ["中", "国", "人", "x"]),
        ("東京タワー ﾄｳ", ["東", "京", "タ", "ワ", "ー", "ﾄ", "ｳ"]),
        ("ไทย ລາວ", ["ไ", "ท", "ย", "ລ", "າ", "ວ"]),
        ("𝐀𝐁𠀀𠀁", ["𝐀𝐁", "𠀀", "𠀁"]),
        ("x\x00y\u200bz", ["x", "y", "z"]),
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
    if not has_odd_letters(text):
        assert re.findall(r"[^\W_]+", text) == token_pattern(text).findall(text)


@pytest.mark.parametrize(
    ("text", "separated"),
    [("", ""), ("tea “été”", "tea “été”"), ("x中国", "x 中  国 "), ("ไทย, 한국", " ไ  ท  ย , 한국"), ("𠀀", " 𠀀 ")],
)
def test_separate_cjk(text: str, separated: str) -> None:
    assert separate_cjk(text) == separated
