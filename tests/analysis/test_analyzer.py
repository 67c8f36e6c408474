"""The terms of a text: its words, folded, and their stems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import Analyzer
from searchsvc.errors import UserError
from searchsvc.model.languages import LANGUAGES
from tests.analysis.test_tokenizer import texts

ENGLISH = Analyzer("english")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Čapek déjà ŁÓDŹ Ærø", ["capek", "deja", "lodz", "aero"]),
        ("İSTANBUL Straße ﬁne Ｒｕｓｓｉａ x²", ["istanbul", "strasse", "fine", "russia", "x2"]),
        ("МОСКВА 中国 मोदी", ["москва", "中", "国", "मोदी"]),
        ("서울에서 COVID는", ["서", "울", "에", "서", "covid", "는"]),
        ("Стари́нный ЁЛКА йод їжак", ["старинный", "елка", "йод", "їжак"]),
        ("ΑΘΗΝΑΣ Αθήνας ᾠδή προϊόν", ["αθηνασ", "αθηνασ", "ωδη", "προιον"]),
        ("שָׁלוֹם בְּרֵאשִׁ֖ית", ["שלום", "בראשית"]),
        ("الكِتَابُ العـــربية أحمد إلى آخر مؤمن هدى ﻻ", ["الكتاب", "العربيه", "احمد", "الي", "اخر", "مومن", "هدي", "لا"]),
        ("می\u200cخواهم کتاب ۱۴۰۲", ["ميخواهم", "كتاب", "1402"]),
        ("ज़मीन नमस्ते", ["जमीन", "नमस्ते"]),
        ("Ha\u00adfen bread\u200bmaker wo\u2060rk t\ufeffea", ["hafen", "breadmaker", "work", "tea"]),
        ("ﾃﾞｰﾀ ＡＢＣ１２", ["デ", "ー", "タ", "abc12"]),
        ("ẹ̀kọ́ ʿAlī Qurʾān Hawaiʻi пʼять", ["eko", "ali", "quran", "hawaii", "п", "ять"]),
        ("infor-\nmation well-known", ["information", "well", "known"]),
        ("a" * 199 + " " + "b" * 200, ["a" * 199]),
        ("é" * 99 + " " + "é" * 100, ["e" * 99]),  # the limit counts bytes
    ],
)
def test_tokens_are_folded_words(text: str, words: list[str]) -> None:
    assert ENGLISH.tokens(text) == words


@pytest.mark.parametrize(
    ("language", "text", "stems"),
    [
        ("english", "Meetings met dying", ["meet", "met", "die"]),
        ("english", "U.S. Russia's well-known", ["u", "s", "russia", "s", "well", "known"]),
        ("english", "中国人x मोदी", ["中", "国", "人", "x", "मोदी"]),
        ("english", "x" * 500, []),
        ("none", "Meetings met", ["meetings", "met"]),
        ("german", "Häuser größer", ["haus", "gross"]),
        ("dutch", "gewerkt werkt", ["werk", "werk"]),
        ("french", "chevaux cheval", ["cheval", "cheval"]),
        ("russian", "книги книга", ["книг", "книг"]),
        ("spanish", "canciones canción", ["cancion", "cancion"]),
        ("turkish", "kitaplar İstanbul", ["kitap", "istanbul"]),
        ("arabic", "الكتاب كتاب", ["كتاب", "كتاب"]),
        ("arabic", "الشمسية الشمسي مدينته مدينة", ["شمس", "شمس", "مدين", "مدين"]),
    ],
)
def test_terms(language: str, text: str, stems: list[str]) -> None:
    assert Analyzer(language).terms(text) == stems


def test_a_word_that_is_too_long_has_no_stem() -> None:
    assert ENGLISH.stem("meetings") == "meet"
    assert ENGLISH.stem("x" * 200) == ""


@given(texts, st.sampled_from(LANGUAGES))
def test_analyze_both_returns_terms_and_tokens(text: str, language: str) -> None:
    analyzer = Analyzer(language)
    assert analyzer.analyze_both(text) == (analyzer.terms(text), analyzer.tokens(text))


def test_unknown_languages_are_refused() -> None:
    with pytest.raises(UserError, match="unknown language “klingon”; choose from arabic, armenian"):
        Analyzer("klingon")
