"""Which words the leaves of a query match."""

import re
from fnmatch import fnmatchcase
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import Analyzer
from searchsvc.analysis.term_matching import (
    lengths_of,
    literal_prefix,
    normalize,
    pieces_of,
    term_predicate,
    terms_of,
    value_predicate,
)
from searchsvc.query.ast import Fuzzy, Phrase, Term, Wildcard

ENGLISH = Analyzer("english")


@pytest.mark.parametrize(
    ("text", "word"),
    [("Tea", "tea"), ("Čapek", "capek"), ("中", "中"), ("中国", ""), ("U.S.", ""), ("🙂", ""), ("", ""), ("x" * 200, "")],
)
def test_normalize(text: str, word: str) -> None:
    assert normalize(text, ENGLISH) == word


@pytest.mark.parametrize(
    ("pattern", "prefix", "pieces"),
    [
        ("Moderni*", "moderni", ["moderni", "*"]),
        ("Été?b*", "ete", ["ete", "?", "b", "*"]),
        ("中国*", "", []),
    ],
)
def test_pieces_of_wildcards(pattern: str, prefix: str, pieces: list[str]) -> None:
    assert literal_prefix(Wildcard(pattern), ENGLISH) == prefix
    assert pieces_of(Wildcard(pattern), ENGLISH) == pieces


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("moderni*", ["moderni", "modernity"], ["modern", "unmoderni"]),
        ("mod?rn", ["modern", "modörn"], ["modrn", "modernx", "modeern"]),
        ("mod?rn*", ["modern", "moderna"], ["modrna"]),
        ("te*m?nt", ["testament", "tement"], ["temnt", "testaments"]),
        ("ÉTÉ*", ["ete", "etes"], ["été"]),
        ("中国*", [], ["中", "中国", "中国人"]),
    ],
)
def test_wildcards(pattern: str, matching: list[str], others: list[str]) -> None:
    matches = term_predicate(Wildcard(pattern), ENGLISH)
    assert [word for word in matching + others if matches(word)] == matching


@pytest.mark.parametrize(
    ("text", "distance", "matching", "others"),
    [
        ("alipov", 1, ["alipov", "alipo", "alipova", "alipuv", "alpiov", "blipov"], ["alipovic", "alpivo", "lipo"]),
        ("alipov", 2, ["alip", "alipovic", "alpivo", "lipovs"], ["ali", "alipovich", "vopila"]),
        ("Éte", 1, ["ete", "te", "eté"], ["été"]),
        ("中国", 1, [], ["中", "国"]),
    ],
)
def test_fuzzy_words(text: str, distance: int, matching: list[str], others: list[str]) -> None:
    node = Fuzzy(text, distance)
    matches = term_predicate(node, ENGLISH)
    assert [word for word in matching + others if matches(word)] == matching
    assert {len(word) for word in matching} <= set(lengths_of(node, ENGLISH))


_word = st.text("abc", max_size=7)


@given(st.text("ab*?", max_size=9).map(lambda rest: re.sub(r"\*+", "*", f"ab{rest}")), _word.map("ab".__add__))
def test_wildcards_match_as_those_of_file_names(pattern: str, word: str) -> None:
    assert term_predicate(Wildcard(pattern), ENGLISH)(word) == fnmatchcase(word, pattern)


@pytest.mark.parametrize("repeated", ["*o", "*oo", "*?o", "?*o", "*o?"])
def test_no_wildcard_takes_long_for_a_word_made_for_it(repeated: str) -> None:
    begun = process_time()
    assert not term_predicate(Wildcard(f"no{repeated * 300}x"), ENGLISH)("n" + "o" * 198)
    assert process_time() - begun < 0.1


@given(st.text("abc", min_size=3, max_size=6), _word)
def test_one_mistake_is_any_single_edit(word: str, other: str) -> None:
    splits = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    deleted = {a + b[1:] for a, b in splits}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
    replaced = {a + letter + b[1:] for a, b in splits for letter in "abc" if b}
    inserted = {a + letter + b for a, b in splits for letter in "abc"}
    assert term_predicate(Fuzzy(word, 1), ENGLISH)(other) == (other in {word, *deleted, *swapped, *replaced, *inserted})


@pytest.mark.parametrize(
    ("node", "stems", "words"),
    [
        (Term("Meetings"), ("meet",), ("meetings",)),
        (Term("U.S."), ("u", "s"), ("u", "s")),
        (Term("Russia's"), ("russia",), ("russia",)),
        (Term("RUSSIA’S!"), ("russia",), ("russia",)),
        (Term("'s"), ("s",), ("s",)),
        (Term("मोदी's"), ("मोदी",), ("मोदी",)),
        (Term("x\u20dd's"), ("x",), ("x",)),
        (Term("tea…'s"), ("tea", "s"), ("tea", "s")),
        (Term("🙂"), (), ()),
        (Phrase("Russia's meetings"), ("russia", "s", "meetings"), ("russia", "s", "meetings")),
        (Phrase("Russia's meetings", 0), ("russia", "s", "meet"), ("russia", "s", "meetings")),
        (Phrase("Russia's meetings", 1), ("russia", "s", "meet"), ("russia", "s", "meetings")),
    ],
)
def test_terms_of(node: Term | Phrase, stems: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert terms_of(node, ENGLISH) == stems
    assert terms_of(node, ENGLISH, stemmed=False) == words


@pytest.mark.parametrize(
    ("node", "matching", "others"),
    [
        (Term("Delhi"), ["New Delhi", "delhi"], ["Delhis", ""]),
        (Term("a-b"), ["x a b"], ["b a"]),
        (Phrase("new delhi"), ["New Delhi, India"], ["Delhi New", "New old Delhi"]),
        (Phrase("new delhi", 2), ["New Delhi", "Delhi New", "New old Delhi"], ["Delhi old New"]),
        (Wildcard("del*"), ["New Delhi"], ["Model"]),
        (Fuzzy("dehli", 1), ["New Delhi"], ["Dublin"]),
    ],
)
def test_metadata_values(node: Term | Phrase | Wildcard | Fuzzy, matching: list[str], others: list[str]) -> None:
    matches = value_predicate(node, ENGLISH)
    assert [value for value in matching + others if matches(ENGLISH.tokens(value))] == matching
