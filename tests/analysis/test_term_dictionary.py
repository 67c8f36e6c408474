"""Completions and corrections from the words of an archive."""

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from searchsvc.analysis.term_dictionary import TermDictionary
from searchsvc.model.results import TermCount

WORDS = {"minister": 9, "ministers": 30, "minster": 2, "ministry": 80, "sinister": 9}


def dictionary(counts: dict[str, int]) -> TermDictionary:
    return TermDictionary(TermCount(word, count) for word, count in counts.items())


def test_completions_are_the_most_frequent_words_with_a_prefix() -> None:
    words = dictionary(WORDS)
    assert words.complete("minist", 2) == [("ministry", 80), ("ministers", 30)]
    assert words.complete("x", 2) == []
    many = dictionary({f"w{number}": number for number in range(1_000)})
    assert many.complete("w", 2) == [("w999", 999), ("w998", 998)]


def test_corrections_are_the_most_frequent_of_the_nearest() -> None:
    words = dictionary(WORDS)
    assert words.similar("minisetr", 1) == ["minister"]
    assert words.similar("minsiter", 1) == ["minister"]  # swapped where its halves meet
    assert words.similar("minister", 10) == ["ministers"]  # a known word, so one mistake at most
    assert words.similar("minister", 31) == []
    assert words.similar("mimistre", 1) == ["ministry"]  # two mistakes
    assert words.similar("minister", 1, 9) == ["ministers", "sinister", "minster"]
    assert words.similar("min", 1) == []
    assert words.similar("1234567", 1) == []


_letters = st.text("abc", min_size=4, max_size=7)


@given(st.dictionaries(_letters, st.integers(1, 9), max_size=60), _letters, st.integers(1, 9))
def test_every_word_within_one_mistake_is_a_candidate(counts: dict[str, int], word: str, least: int) -> None:
    near = [other for other, count in counts.items() if OSA.distance(word, other) == 1 and count >= least]
    best = sorted(near, key=lambda other: (-counts[other], other))
    assert dictionary(counts).similar(word, least, 9) == best[:9]
