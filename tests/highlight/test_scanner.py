"""The scan of a text for words with known prefixes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import Analyzer
from searchsvc.analysis.term_matching import normalize
from searchsvc.analysis.tokenizer import token_pattern
from searchsvc.highlight.scanner import TokenScanner, distinct_words

ENGLISH = Analyzer("english")


@pytest.mark.parametrize(
    ("prefixes", "text", "words"),
    [
        ((), "tea", []),
        (("",), "tea, Milk 9", [(0, "tea"), (5, "Milk"), (10, "9")]),
        (("te",), "Teas, steam, protest tea", [(0, "Teas"), (21, "tea")]),
        (("t",), "Teas, steam, tea", [(0, "Teas"), (13, "tea")]),
        (("te", "mi"), "milk tea", [(0, "milk"), (5, "tea")]),
        (("te",), "un-tea snake_tea x’tea", [(3, "tea"), (13, "tea"), (19, "tea")]),
        (("ete",), "été other", [(0, "été")]),
        (("ss",), "ßa “x”", [(0, "ßa")]),
        (("中",), "x中国", [(1, "中"), (2, "国")]),  # words beyond ASCII, whatever their first letters
        (("te",), "the\u200d m\u200dilk tea", [(0, "the\u200d"), (11, "tea")]),  # by its first letter
    ],
)
def test_scan(prefixes: tuple[str, ...], text: str, words: list[tuple[int, str]]) -> None:
    assert list(TokenScanner(prefixes).scan(text)) == words


_prefixes = st.sets(st.sampled_from(["te", "tea", "wor", "e", "ete", "ssa", "", "中", "str", "i", "fin"]), max_size=3)
_ODD = ("Tea", "tEAm", "été", "Éter", "world_wide", "ßa", "Straße", "İte", "中国", "it’s", "ﬁne", "“Fin”", "9")
_texts = st.lists(st.sampled_from(_ODD), max_size=40).map(" ".join) | st.text(max_size=60)


@given(_texts, _prefixes)
def test_every_word_with_a_prefix_is_found(text: str, prefixes: set[str]) -> None:
    tokens = [(token.start(), token.group()) for token in token_pattern(text).finditer(text)]
    found = list(TokenScanner(prefixes).scan(text))
    assert set(found) <= set(tokens)
    assert found == sorted(found)
    assert {token for token in tokens if normalize(token[1], ENGLISH).startswith(tuple(prefixes))} <= set(found)
    assert distinct_words(text) == {word for _, word in tokens}
