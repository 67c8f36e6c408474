"""One definition of a word: what searches and marks must agree on."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.tokenizer import has_odd_letters, token_pattern
from searchsvc.errors import UserError
from searchsvc.model.languages import LANGUAGES

ENGLISH = Analyzer("english")
_texts = st.text(max_size=80) | st.text("aA1 _-.'’éßİ中あกุมोदी🙂𝐀²\n", max_size=40)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Meetings met", ["meet", "met"]),
        ("Čapek déjà İSTANBUL", ["capek", "deja", "istanbul"]),
        ("中国人x", ["中", "国", "人", "x"]),
        ("मोदी ने कहा", ["मोदी", "ने", "कहा"]),
        ("U.S. Russia's well-known", ["u", "s", "russia", "s", "well", "known"]),
        ("x" * 500, []),
        ("", []),
    ],
)
def test_terms(text: str, terms: list[str]) -> None:
    assert ENGLISH.terms(text) == terms


@given(_texts)
def test_tokens_of_the_pattern_are_those_of_the_tokenizer(text: str) -> None:
    stems = [stem for token in token_pattern(text).finditer(text) for stem in ENGLISH.terms(token.group())]
    assert stems == ENGLISH.terms(text)


@given(_texts, st.sampled_from(LANGUAGES))
def test_stems_and_words_together_are_what_they_are_alone(text: str, language: str) -> None:
    analyzer = Analyzer(language)
    assert analyzer.analyze_both(text) == (analyzer.terms(text), analyzer.tokens(text))


@given(_texts)
def test_plain_letters_are_those_of_python(text: str) -> None:
    if not has_odd_letters(text):
        assert re.findall(r"[^\W_]+", text) == [token.group() for token in token_pattern(text).finditer(text)]


_SYLLABLES = ("ge", "be", "ie", "ei", "ae", "oe", "ue", "ss", "tt", "y", "i", "a", "o", "u", "ba", "st", "ru", "kl")
_ENDINGS = ("hed", "en", "er", "ing", "ed", "s", "ies", "ying", "ization", "fulness")
_written = st.lists(st.sampled_from(_SYLLABLES + _ENDINGS), min_size=1, max_size=6).map("".join)


@given(_written | st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=9))
@settings(max_examples=1_000)
def test_words_begin_with_the_heads_of_their_stems(word: str) -> None:
    for language in LANGUAGES:
        analyzer = Analyzer(language)
        head = analyzer.common_prefix(analyzer.stem(word))
        assert word.startswith(head), f"{word} in {language}"


def test_every_language_has_a_stemmer_and_others_are_refused() -> None:
    for language in LANGUAGES:
        assert Analyzer(language).terms("x")
    with pytest.raises(UserError, match="unknown language “klingon”"):
        Analyzer("klingon")
