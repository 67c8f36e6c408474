"""The log-likelihood ratio, compared with the likelihoods that Dunning (1993) divides."""

from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.search.keyness import LEAST_G2, Counts, KeyItem, key_items

NUMBERS = st.integers(1, 40_000)
TABLES = st.tuples(NUMBERS, NUMBERS).flatmap(
    lambda sizes: st.builds(Counts, *(st.integers(0, size) for size in sizes), *map(st.just, sizes))
)


def log_likelihood(found: int, size: int, chance: float) -> float:
    """Return the logarithm of the likelihood of a number of articles, each with this chance, without its constant."""
    return sum(number * log(part) for number, part in ((found, chance), (size - found, 1 - chance)) if number)


@given(table=TABLES)
def test_g2_is_twice_the_logarithm_of_the_ratio_of_likelihoods(table: Counts) -> None:
    a, b, c, d = table
    apart = log_likelihood(a, c, a / c) + log_likelihood(b, d, b / d)
    together = log_likelihood(a, c, (a + b) / (c + d)) + log_likelihood(b, d, (a + b) / (c + d))
    assert table.g2 == pytest.approx(2 * (apart - together), rel=1e-6, abs=1e-6)
    assert table.g2 >= -1e-6
    assert Counts(b, a, d, c).g2 == pytest.approx(table.g2, abs=1e-6)


@given(table=TABLES)
def test_only_one_side_can_have_too_many(table: Counts) -> None:
    a, b, c, d = table
    assert table.is_over == (a / c > b / d and a * d != b * c)
    assert not (table.is_over and Counts(b, a, d, c).is_over)


@pytest.mark.parametrize(
    ("table", "g2"),
    [
        (Counts(10, 10, 100, 100), 0.0),
        (Counts(0, 0, 5, 5), 0.0),
        (Counts(9, 0, 9, 80), 58.30297),
        (Counts(20, 30, 100, 400), 11.89492),
        (Counts(54, 24, 129, 462), 97.04722),
    ],
)
def test_tables_have_the_ratio_that_other_programs_compute(table: Counts, g2: float) -> None:
    assert table.g2 == pytest.approx(g2, abs=0.0001)  # by SciPy: chi2_contingency(…, lambda_="log-likelihood")


def test_what_is_over_represented_comes_with_the_surest_first() -> None:
    tables = {
        "little": Counts(3, 3, 10, 20),
        "rare there": Counts(0, 20, 50, 50),
        "sure": Counts(40, 2, 50, 50),
        "surer": Counts(50, 2, 50, 50),
    }
    found = key_items(KeyItem("", name, name, table) for name, table in tables.items())
    assert [each.text for each in found] == ["surer", "sure"]
    assert all(each.counts.g2 >= LEAST_G2 for each in found)
