"""Averages over windows of periods, compared with the same said in another way."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.search.smoothing import windows

PERIODS = st.lists(st.integers(0, 9).flatmap(lambda articles: st.tuples(st.integers(0, articles), st.just(articles))))


@given(periods=PERIODS, reach=st.integers(0, 6))
def test_averages_are_those_of_the_periods_around(periods: list[tuple[int, int]], reach: int) -> None:
    found = windows([hits for hits, _ in periods], [articles for _, articles in periods], 2 * reach + 1)
    for at, window in enumerate(found):
        around = [each for number, each in enumerate(periods) if abs(number - at) <= reach and each[1]]
        if not periods[at][1]:
            assert window is None
        else:
            assert window is not None
            hits, articles = (sum(each) for each in zip(*around, strict=True))
            assert window.average == pytest.approx(float(Fraction(hits, len(around))))
            assert window.share == pytest.approx(float(Fraction(1_000 * hits, articles)))


def test_shares_are_of_all_articles_of_a_window_and_no_average_of_shares() -> None:
    few, many = (1, 1), (10, 1_000)
    window = windows([few[0], many[0]], [few[1], many[1]], 3)[0]
    assert window is not None
    assert window.share == pytest.approx(1_000 * 11 / 1_001)
    assert windows([2], [2], 1) == [(2, 2, 1)]
    assert windows([], [], 5) == []
