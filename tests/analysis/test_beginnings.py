"""How words with the same stem begin."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from searchsvc.analysis import Analyzer
from searchsvc.model.languages import LANGUAGES


@pytest.mark.parametrize(
    ("language", "stem", "beginnings"),
    [
        ("none", "meetings", ("meetings",)),
        ("english", "meet", ("mee",)),
        ("english", "possibl", ("possib",)),  # of possibility
        ("english", "die", ("d",)),  # of dying
        ("english", "a", ("a",)),
        ("spanish", "possibl", ("possi",)),
        ("german", "haus", ("hau", "haeu")),
        ("german", "tisch", ("tis",)),
        ("dutch", "werk", ("we", "gew", "wge", "wege")),  # of gewerkt
        ("finnish", "talo", ("tal",)),
        ("finnish", "noo", ("n",)),  # of nnoo
        ("greek", "σκακ", ("σκ",)),  # of σκίτσα
        ("greek", "πιτσ", ("π",)),  # of πακι
        ("tamil", "எப்படி", ("",)),
        ("serbian", "knjig", ("",)),  # of књига
        ("estonian", "luge", ("l",)),  # of loen
    ],
)
def test_beginnings(language: str, stem: str, beginnings: tuple[str, ...]) -> None:
    assert Analyzer(language).beginnings(stem) == beginnings


def test_arabic_words_begin_with_articles_and_conjunctions() -> None:
    beginnings = Analyzer("arabic").beginnings("كتاب")
    assert {"كت", "الكت", "والكت", "بالكت", "للكت", "فسكت"} <= set(beginnings)
    assert "يست" in Analyzer("arabic").beginnings("استخدم")


_SYLLABLES = (
    *(
        "ge",
        "be",
        "ie",
        "ei",
        "ae",
        "oe",
        "ue",
        "ss",
        "tt",
        "y",
        "i",
        "a",
        "o",
        "u",
        "ba",
        "st",
        "ru",
        "kl",
        "aa",
        "oo",
        "pp",
    ),
    *("aange", "opge", "afge", "qu", "sch", "mm", "lla", "ï", "ö", "å", "é"),
)
_ENDINGS = (
    *("hed", "en", "er", "ing", "ed", "s", "ies", "ying", "ization", "fulness", "bility", "ational", "ssa", "lle", "kin"),
    *("tje", "heid", "ende", "ment", "amente", "ción", "ation", "keit", "ungen", "eux", "ler", "ların", "ul", "ează"),
)
_latin = st.lists(st.sampled_from(_SYLLABLES + _ENDINGS), min_size=1, max_size=6).map("".join)
_letters = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=9)
_arabic = st.tuples(
    st.sampled_from(("", "و", "ف")),
    st.sampled_from(("", "ال", "بال", "كال", "لل", "ب", "ك", "ل", "س", "سي", "ست", "يست", "نست", "تست", "است", "ا", "ي")),
    st.text("ابتثجحخدذرزسشصضطظعغفقكلمنهويء", min_size=2, max_size=5),
    st.sampled_from(("", "ه", "ها", "هم", "ان", "ين", "ون", "ات", "ه", "ي", "ك", "كم", "نا", "وا", "تم", "هما")),
).map("".join)
_greek = st.text("αβγδεζηθικλμνξοπρστυφχψω", min_size=1, max_size=9)
_cyrillic = st.text("абвгдежзийклмнопрстуфхцчшщъыьэюя", min_size=1, max_size=9)
_tamil = st.text("அஇஎகசடணதநபமயரலவளறன\u0bbe\u0bbf\u0bc0\u0bc1\u0bc6\u0bc8\u0bca\u0bcd", min_size=1, max_size=9)
_armenian = st.text("աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև", min_size=1, max_size=9)
_devanagari = st.text(
    "अआइईउऊएऐओऔकखगघचछजटडतदधनपबभमयरलवशसह\u093e\u093f\u0940\u0941\u0947\u094b\u094d", min_size=1, max_size=9
)


@pytest.mark.slow
@given(_latin | _letters | _arabic | _greek | _cyrillic | _tamil | _armenian | _devanagari)
@example("القدس")
@example("والكتاب")
@example("இந்திய")
@example("எப்படி")
@example("σκιτσα")
@example("πακι")
@example("ηκα")
@example("gewerkt")
@example("mueller")
@example("loen")
@example("књигама")
@settings(max_examples=3_000)
def test_each_word_has_one_of_the_beginnings_of_its_stem(word: str) -> None:
    for language in LANGUAGES:
        analyzer = Analyzer(language)
        for folded in analyzer.tokens(word):
            assert folded.startswith(analyzer.beginnings(analyzer.stem_of(folded))), language
