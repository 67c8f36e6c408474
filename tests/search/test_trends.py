"""Searches over time: counts by period, beside those of the archive, and what lies outside the periods."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from time import perf_counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.errors import UserError
from searchsvc.model.article import Article
from searchsvc.model.periods import Period
from searchsvc.query.request import SearchRequest
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from searchsvc.search.trends import TREND_UNITS, TrendUnit, _number_between, _periods_of, days_of, span

Make = Callable[[Iterable[Article]], Searcher]
TODAY = dt.date(2023, 6, 1)


def archive() -> list[Article]:
    """Return articles on tea and coffee: of 1990, 2022 and 2023, of the future, and without a date."""
    days = ["1990-01-01", *(f"2022-12-{day:02d}" for day in range(10, 32)), "2023-01-01", "2023-01-02", "2050-01-01", None]
    return [
        Article(f"id{at}", "Tea" if at % 2 else "Coffee", "", "p", dt.date.fromisoformat(day) if day else None)
        for at, day in enumerate(days)
    ]


def question(searcher: Searcher, text: str, **changed: object) -> Question:
    request = SearchRequest(searcher.parse(text).tree, today=TODAY)
    return Question(text, request=replace(request, **changed))  # type: ignore[arg-type]  # any of its fields


UNITS: dict[TrendUnit, tuple[tuple[str, ...], list[int], list[int]]] = {
    "year": (("2022", "2023"), [11, 1], [22, 2]),
    "month": (("2022-12", "2023-01"), [11, 1], [22, 2]),
    "week": (("2022-W49", "2022-W50", "2022-W51", "2022-W52", "2023-W01"), [1, 4, 3, 4, 0], [2, 7, 7, 7, 1]),
}


@pytest.mark.parametrize("unit", UNITS)
def test_hits_are_counted_by_period_beside_the_articles(searcher_of: Make, unit: TrendUnit) -> None:
    searcher = searcher_of(archive())
    found = searcher.trends([question(searcher, "tea"), question(searcher, "coffee")], unit)
    periods, tea, articles = UNITS[unit]
    assert found.periods == periods
    assert [found.trends[0].counts.get(period, 0) for period in periods] == tea
    assert [found.base.counts.get(period, 0) for period in periods] == articles
    first, second = found.trends
    assert [sum(each.counts.values()) for each in (first, second)] == [12, 12]
    assert [(each.earlier, each.later, each.undated) for each in (found.base, first, second)] == [
        *((1, 1, 1), (0, 1, 0), (1, 0, 1))
    ]


def test_days_have_no_gaps(searcher_of: Make) -> None:
    searcher = searcher_of(archive())
    found = searcher.trends([question(searcher, "tea", start=dt.date(2022, 12, 30), end=dt.date(2023, 1, 5))], "day")
    assert found.periods == ("2022-12-30", "2022-12-31", "2023-01-01", "2023-01-02")
    (trend,) = found.trends
    assert (trend.total, trend.earlier, trend.later, trend.undated) == (2, 0, 0, 0)


def test_filters_and_selected_dates_apply(searcher_of: Make) -> None:
    searcher = searcher_of(archive())
    (trend,) = searcher.trends([question(searcher, "tea", dates=("2023-01", "2050"))], "year").trends
    assert (trend.total, dict(trend.counts)) == (2, {"2023": 1, "2050": 1})


def test_nothing_is_counted_where_the_archive_has_nothing(searcher_of: Make) -> None:
    searcher = searcher_of(archive())
    found = searcher.trends([question(searcher, "tea", dates=("1850",))], "month")
    assert (found.periods, found.trends[0].total) == ((), 0)


def test_too_many_periods_are_refused(searcher_of: Make) -> None:
    searcher = searcher_of([Article(f"id{year}", "Tea", "", "p", dt.date(year, 1, 1)) for year in range(1900, 1990, 5)])
    with pytest.raises(UserError, match="31,047 periods; the limit is 10,000: choose a longer unit, or fewer days"):
        searcher.trends([question(searcher, "tea")], "day")


@settings(max_examples=settings().max_examples // 8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.dates(dt.date(2019, 12, 20), dt.date(2021, 1, 15)), min_size=1, max_size=30))
def test_weeks_are_those_of_iso_8601_on_every_engine(days: list[dt.date], searcher_of: Make) -> None:
    searcher = searcher_of(Article(f"id{at}", "Tea" if at % 2 else "Coffee", "", "p", day) for at, day in enumerate(days))
    found = searcher.trends([question(searcher, "tea", start=min(days), end=max(days))], "week")
    assert found.base.counts == Counter(day.strftime("%G-W%V") for day in days)
    assert found.trends[0].counts == Counter(day.strftime("%G-W%V") for at, day in enumerate(days) if at % 2)
    weeks = {(min(days) + dt.timedelta(each)).strftime("%G-W%V") for each in range((max(days) - min(days)).days + 1)}
    assert found.periods == tuple(sorted(weeks))


def test_shares_are_of_the_archive_or_of_what_the_filters_leave(searcher_of: Make) -> None:
    searcher = searcher_of([replace(each, place=("X",) if each.title == "Tea" else ("Y",)) for each in archive()])
    asked = question(searcher, "tea", filters={"place": ("X",)})
    of_archive, of_filters = searcher.trends([asked], "year"), searcher.trends([asked], "year", "filters")
    assert (of_archive.base.counts, of_filters.base.counts) == ({"2022": 22, "2023": 2}, {"2022": 11, "2023": 1})
    assert of_archive.trends == of_filters.trends
    assert (of_archive.base.undated, of_filters.base.undated) == (1, 0)


@pytest.mark.parametrize("unit", TREND_UNITS)
@pytest.mark.parametrize(
    ("first", "last"), [("2019-12-29", "2024-03-01"), ("2020-01-05", "2020-01-06"), ("2020-02-29",) * 2]
)
def test_periods_are_counted_before_they_are_made(unit: TrendUnit, first: str, last: str) -> None:
    length = {"year": 4, "month": 7, "week": 10, "day": 10}[unit]
    made = _periods_of(Period(dt.date.min, dt.date.max), {first[:length]: 1, last[:length]: 1}, SearchRequest(), unit)
    assert _number_between(first[:length], last[:length], unit) == len(made)


def test_a_calendar_of_days_is_refused_at_once() -> None:
    begun = perf_counter()
    with pytest.raises(UserError, match="3,652,059 periods"):
        _periods_of(Period(dt.date.min, dt.date.max), {"0001-01-01": 1, "9999-12-31": 1}, SearchRequest(), "day")
    assert perf_counter() - begun < 0.1


SPANS: dict[str, tuple[dict[str, int], SearchRequest, str, str]] = {
    "no article": ({}, SearchRequest(today=TODAY), "0001-01-01", "2023-06-01"),
    "all years": ({"2001": 3, "2020": 4}, SearchRequest(today=TODAY), "2001-01-01", "2023-06-01"),
    "a sudden beginning": ({"2001": 1, "2007": 2, "2012": 2_200}, SearchRequest(today=TODAY), "2012-01-01", "2023-06-01"),
    "a slow beginning": ({"2001": 9, "2007": 99, "2012": 999}, SearchRequest(today=TODAY), "2001-01-01", "2023-06-01"),
    "a lone year long ago": (
        *({"1900": 1, "2019": 3, "2020": 6}, SearchRequest(today=TODAY)),
        *("2019-01-01", "2023-06-01"),
    ),
    "a first day": (
        *({"2012": 9}, SearchRequest(start=dt.date(1950, 3, 1), today=TODAY)),
        *("1950-03-01", "2023-06-01"),
    ),
    "a last day": ({"2012": 9}, SearchRequest(end=dt.date(2060, 1, 1), today=TODAY), "2012-01-01", "2060-01-01"),
    "a first day to come": (
        *({"2012": 9}, SearchRequest(start=dt.date(2024, 1, 1), today=TODAY)),
        *("2024-01-01", "9999-12-31"),
    ),
}


@pytest.mark.parametrize(("years", "request_", "first", "last"), SPANS.values(), ids=SPANS)
def test_the_span_has_the_bulk_of_the_archive_or_the_requested_days(
    years: dict[str, int], request_: SearchRequest, first: str, last: str
) -> None:
    assert span(years, request_) == Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last))


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2022", "2022-01-01", "2022-12-31"),
        ("2022-02", "2022-02-01", "2022-02-28"),
        ("2022-W52", "2022-12-26", "2023-01-01"),
        ("9999-W52", "9999-12-27", "9999-12-31"),
        ("2022-12-23", "2022-12-23", "2022-12-23"),
    ],
)
def test_the_days_of_a_period(period: str, first: str, last: str) -> None:
    assert days_of(period) == Period(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
