"""Sloppy phrases: a table, and a comparison with all ways to choose their words."""

from itertools import product
from statistics import median_low
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.phrases import positions_of, sloppy_matches

_words = st.sampled_from("abc")


@pytest.mark.parametrize(
    ("text", "phrase", "slop", "matches"),
    [
        ("a b c", "a b", 0, [(0, 1)]),
        ("a x b", "a b", 0, []),
        ("a x b", "a b", 1, [(0, 2)]),
        ("b a", "a b", 1, []),
        ("b a", "a b", 2, [(0, 1)]),
        ("a b x a b", "a b", 0, [(0, 1), (3, 4)]),
        ("a a", "a a", 0, [(0, 1)]),
        ("a", "a a", 10, []),
        ("a x x b x c", "a b c", 3, [(0, 3, 5)]),
        ("x b a c", "a b c", 2, [(1, 2, 3)]),
        ("x", "a b", 10, []),
    ],
)
def test_sloppy_matches(text: str, phrase: str, slop: int, matches: list[tuple[int, ...]]) -> None:
    found = sloppy_matches(positions_of(text.split()), phrase.split(), slop)
    assert sorted(set(found)) == matches


def fewest_steps(text: list[str], terms: list[str]) -> int | None:
    """Return the fewest steps of all ways to choose the words and a place for the phrase."""
    places = [[at for at, word in enumerate(text) if word == term] for term in terms]
    chosen = (at for at in product(*places) if len(set(at)) == len(at))
    return min((sum(map(abs, _steps(at))) for at in chosen), default=None)


def _steps(positions: tuple[int, ...]) -> list[int]:
    starts = [at - place for place, at in enumerate(positions)]
    best = median_low(starts)
    return [start - best for start in starts]


@given(
    text=st.lists(_words | st.just("x"), max_size=9),
    terms=st.lists(_words, min_size=2, max_size=4),
    slop=st.integers(0, 10),
)
def test_matches_are_found_if_few_enough_steps_are_enough(text: list[str], terms: list[str], slop: int) -> None:
    found = list(sloppy_matches(positions_of(text), terms, slop))
    fewest = fewest_steps(text, terms)
    assert bool(found) == (fewest is not None and fewest <= slop)
    for match in found:
        assert sorted(text[at] for at in match) == sorted(terms)
        assert (fewest_steps([text[at] if at in match else "x" for at in range(len(text))], terms) or 0) <= slop


@pytest.mark.slow
@pytest.mark.parametrize(("words", "slop"), [(300, 0), (32, 1), (32, 10)])
@pytest.mark.parametrize("end", [[], ["b"]])
def test_a_phrase_that_repeats_a_word_takes_time_proportional_to_the_text(words: int, slop: int, end: list[str]) -> None:
    positions, terms = positions_of(["a"] * 2_000 + ["x"] * 20 + end), ["a"] * words + end
    begun = process_time()
    number = sum(1 for _ in sloppy_matches(positions, terms, slop))
    assert process_time() - begun < 5
    assert (number > 0) != bool(end)
