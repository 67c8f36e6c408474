"""Facets of numbers: which fields have them, their round bounds, and counts as a search finds them, with every engine."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from searchsvc.model import Article
from searchsvc.query import SearchRequest
from searchsvc.query.ast import Term
from searchsvc.search import Question, Searcher
from searchsvc.search.number_facets import MAX_BUCKETS, round_ranges
from searchsvc.search.number_values import with_range_values

Make = Callable[..., Searcher]


@pytest.mark.parametrize(
    ("numbers", "ranges"),
    [
        ([], []),
        ([7], ["7..7"]),
        ([0.5], ["0..1"]),
        ([1, 2, 5], ["1..1", "2..2", "3..3", "4..4", "5..5"]),
        ([10, 12, 20], ["10..11", "12..13", "14..15", "16..17", "18..19", "20..21"]),
        ([1998, 2004, 2024], ["1995..1999", "2000..2004", "2005..2009", "2010..2014", "2015..2019", "2020..2024"]),
        ([0.1, 0.3], [f"{0.1 + 0.02 * at:.2g}..{0.12 + 0.02 * at:.2g}" for at in range(10)]),
        ([-20, 30], ["-20..-11", "-10..-1", "0..9", "10..19", "20..29", "30..39"]),
        ([-1e308, 1e308], []),  # no float is as large as the distance
        ([1e16, 1e16 + 2], []),  # nor can any stand between them
    ],
)
def test_bounds_are_round_and_few(numbers: list[float], ranges: list[str]) -> None:
    found = list(map(str, round_ranges([(float(number), 1) for number in numbers])))
    assert found == ranges
    assert len(found) <= MAX_BUCKETS


def test_a_few_outliers_do_not_squeeze_the_others() -> None:
    counted = [(-9_999.0, 1), *((float(number), 30) for number in range(40)), (1e6, 1)]
    assert [str(each) for each in round_ranges(counted)] == ["..4", *(f"{n}..{n + 4}" for n in range(5, 35, 5)), "35.."]


def articles(*, double: bool = False) -> list[Article]:
    """Return articles with a field of numbers. Each article has two of them if `double`."""
    rows = []
    for number in range(60):
        pages = (str(number), "7") if double and number != 7 else (str(number),)
        extra = {"pages": pages, "grade": ("a", "b", "1")[number % 3 : number % 3 + 1], "serial": (f"{number}e0",)}
        rows.append(Article(str(number), f"T {number}", "tea" if number % 2 else "milk", "p", extra=extra))
    return rows


def test_fields_of_numbers_are_known(searcher_of: Make) -> None:
    searcher = searcher_of(articles())
    assert searcher.is_numeric("pages")
    assert not searcher.is_numeric("grade")  # of one number in three values


def test_numbers_have_a_facet_unless_nearly_all_differ(searcher_of: Make) -> None:
    several = [replace(each, extra={**each.extra, "weight": (str(int(each.id) // 4 * 3 + 1),)}) for each in articles()]
    more = [replace(each, extra={**each.extra, "weight": (str(int(each.id) * 2 // 3),)}) for each in articles()]
    for rows in (several, more):
        searcher = searcher_of(rows)
        assert "weight" in searcher.page_facets
        assert "weight" not in searcher.listed_facets
        assert "pages" not in searcher.page_facets
    assert searcher_of(more, ("grade",)).page_facets == ("grade",)


def test_fields_of_very_many_numbers_are_listed(searcher_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.search.number_facets.MAX_VALUES", 60)
    assert not searcher_of(articles()).is_numeric("pages")


@pytest.mark.parametrize("double", [False, True])
@pytest.mark.parametrize("word", ["", "tea"])
def test_each_bar_counts_what_its_range_finds(searcher_of: Make, double: bool, word: str) -> None:
    searcher = searcher_of(articles(double=double))
    request = SearchRequest(Term(word)) if word else SearchRequest()
    facet = searcher.number_facet("pages", Question(word, request=request))
    assert [str(each.range) for each in facet.buckets] == [f"{n}..{n + 9}" for n in range(0, 60, 10)]
    for each in facet.buckets:
        filtered = with_range_values(replace(request, ranges={"pages": (each.range,)}), searcher.numbers)
        assert searcher.count(filtered) == each.count > 0


def test_its_own_filter_does_not_change_a_facet(searcher_of: Make) -> None:
    searcher = searcher_of(articles())
    whole = searcher.number_facet("pages", Question())
    narrowed = Question().with_range("pages", whole.buckets[0].range)
    assert searcher.number_facet("pages", narrowed) == whole
    excluding = Question(request=SearchRequest(excluded={"pages": ("3",)}, filters={"pages": ("4",)}))
    assert searcher.number_facet("pages", excluding) == whole
