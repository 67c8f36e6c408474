"""Sloppy phrases, against all ways to choose their words."""

from itertools import product
from statistics import median_low

from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.phrases import sloppy_matches

_words = st.sampled_from("abc")


def fewest_steps(text: list[str], terms: list[str]) -> int | None:
    """Of all ways to choose the words and a place for the phrase, the one with the fewest steps."""
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
def test_placements_are_found_where_few_enough_steps_are_enough(text: list[str], terms: list[str], slop: int) -> None:
    positions = {word: [at for at, other in enumerate(text) if other == word] for word in set(text)}
    found = list(sloppy_matches(positions, terms, slop))
    fewest = fewest_steps(text, terms)
    assert bool(found) == (fewest is not None and fewest <= slop)
    for placed in found:
        assert sorted(text[at] for at in placed) == sorted(terms)
        assert (fewest_steps([text[at] if at in placed else "x" for at in range(len(text))], terms) or 0) <= slop
