"""Calendar periods: their text, the days that they span, and the steps of the date facet."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.model import Period
from searchsvc.model.periods import Unit, canonical, day_label, day_number, facet_scope, facet_unit, truncate, unit_of

THURSDAY = date(2022, 12, 29)


def days(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("text", "first", "last", "written"),
    [
        ("2022", "2022-01-01", "2022-12-31", "2022"),
        ("0001", "0001-01-01", "0001-12-31", "0001"),
        ("9999", "9999-01-01", "9999-12-31", "9999"),
        ("2022-12", "2022-12-01", "2022-12-31", "2022-12"),
        ("2022-1", "2022-01-01", "2022-01-31", "2022-01"),
        ("2022-04", "2022-04-01", "2022-04-30", "2022-04"),
        ("2023-02", "2023-02-01", "2023-02-28", "2023-02"),
        ("2024-02", "2024-02-01", "2024-02-29", "2024-02"),
        ("1900-02", "1900-02-01", "1900-02-28", "1900-02"),
        ("2000-02", "2000-02-01", "2000-02-29", "2000-02"),
        ("2022-12-23", "2022-12-23", "2022-12-23", "2022-12-23"),
        ("2022-1-5", "2022-01-05", "2022-01-05", "2022-01-05"),
        ("2024-02-29", "2024-02-29", "2024-02-29", "2024-02-29"),
        ("9999-12-31", "9999-12-31", "9999-12-31", "9999-12-31"),
    ],
)
def test_a_period_spans_all_its_days_and_has_one_canonical_text(text: str, first: str, last: str, written: str) -> None:
    assert Period.parse(text) == days(first, last)
    assert canonical(text) == written
    assert canonical(written) == written


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "22", "202", "20222", "2022-", "-2022", "2022-123", "2022-12-", "2022-12-233", "2022-12-23-01"),
        *("2022-13", "2022-99", "2022-02-30", "2023-02-29", "1900-02-29", "2022-04-31", "0000", "0000-01-01"),
        *(" 2022", "2022 ", "2022\n", "2022/12", "2022.12", "20221223", "2022-12-23T10:00:00", "2022-12..2023", "2022--12"),
        *("２０２２", "٢٠٢٢", "2022‐12", "2022-१२", "yesterday", "2022-dec", "1e10", "\x00", "9" * 5_000),
        pytest.param("2022-00"),
        pytest.param("2022-0"),
        pytest.param("2022-12-00"),
        pytest.param("2022-00-00"),
    ],
)
def test_other_text_and_days_that_no_calendar_has_are_no_period(text: str) -> None:
    assert Period.parse(text) is None
    assert canonical(text) is None


@given(st.dates())
def test_a_day_lies_in_its_own_year_month_and_day(day: date) -> None:
    spans = [Period.parse(truncate(day, unit)) for unit in ("year", "month", "day")]
    assert all(span is not None and span.first <= day <= span.last for span in spans)
    assert spans[2] == Period(day, day)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2022-12-29", "2022-12-29"),
        ("yesterday", "2022-12-28", "2022-12-28"),
        ("this week", "2022-12-26", "2023-01-01"),
        ("last week", "2022-12-19", "2022-12-25"),
        ("this month", "2022-12-01", "2022-12-31"),
        ("last month", "2022-11-01", "2022-11-30"),
        ("this year", "2022-01-01", "2022-12-31"),
        ("last year", "2021-01-01", "2021-12-31"),
        ("last 7 days", "2022-12-23", "2022-12-29"),
        ("last 1 days", "2022-12-29", "2022-12-29"),
        ("last 0 days", "2022-12-29", "2022-12-29"),
        ("last 365 days", "2021-12-30", "2022-12-29"),
        ("last 9999 days", "1995-08-15", "2022-12-29"),
        ("Last  Month", "2022-11-01", "2022-11-30"),
        (" YESTERDAY\t", "2022-12-28", "2022-12-28"),
        ("last\n30\u00a0days", "2022-11-30", "2022-12-29"),
    ],
)
def test_natural_dates_count_from_today(text: str, first: str, last: str) -> None:
    assert Period.parse_natural(text, THURSDAY) == days(first, last)


@pytest.mark.parametrize(
    ("today", "text", "first", "last"),
    [
        ("2023-01-01", "yesterday", "2022-12-31", "2022-12-31"),
        ("2023-01-01", "this week", "2022-12-26", "2023-01-01"),  # a Sunday ends its week
        ("2023-01-02", "this week", "2023-01-02", "2023-01-08"),  # a Monday begins one
        ("2023-01-02", "last week", "2022-12-26", "2023-01-01"),
        ("2023-01-31", "last month", "2022-12-01", "2022-12-31"),
        ("2024-03-31", "last month", "2024-02-01", "2024-02-29"),
        ("2023-03-01", "yesterday", "2023-02-28", "2023-02-28"),
        ("2024-02-29", "this month", "2024-02-01", "2024-02-29"),
        ("2024-02-29", "last year", "2023-01-01", "2023-12-31"),
        ("2024-12-31", "this year", "2024-01-01", "2024-12-31"),
        ("2025-01-01", "last year", "2024-01-01", "2024-12-31"),
        ("0002-01-01", "last year", "0001-01-01", "0001-12-31"),
    ],
)
def test_the_ends_of_weeks_months_and_years(today: str, text: str, first: str, last: str) -> None:
    assert Period.parse_natural(text, date.fromisoformat(today)) == days(first, last)


@pytest.mark.parametrize(
    "text",
    [
        *("", "last", "this", "week", "next week", "last day", "this day", "lastweek", "last weeks", "the last week"),
        *(
            "tomorrow",
            "last 7",
            "last days",
            "last 7 day",
            "last 10000 days",
            "last -1 days",
            "last 1.5 days",
            "last x days",
        ),
        *("2022", "2022-12-23", "today today", "heute", "last month ago", "last " + "7" * 5_000 + " days"),
    ],
)
def test_other_text_is_no_natural_date(text: str) -> None:
    assert Period.parse_natural(text, THURSDAY) is None


@given(st.dates(date(2, 1, 8)), st.sampled_from(("week", "month", "year")))
def test_the_last_period_ends_the_day_before_this_one(today: date, unit: str) -> None:
    this, last = Period.parse_natural(f"this {unit}", today), Period.parse_natural(f"last {unit}", today)
    assert this is not None
    assert last is not None
    assert this.first <= today <= this.last
    assert last.last == this.first - timedelta(days=1)


@pytest.mark.parametrize(("unit", "text"), [("year", "2022"), ("month", "2022-03"), ("day", "2022-03-04")])
def test_a_day_is_truncated_to_a_unit(unit: Unit, text: str) -> None:
    assert truncate(date(2022, 3, 4), unit) == text
    assert unit_of(text) == unit


def test_early_years_keep_their_four_digits() -> None:
    assert [truncate(date(33, 4, 3), unit) for unit in ("year", "month", "day")] == ["0033", "0033-04", "0033-04-03"]


@pytest.mark.parametrize(
    ("selected", "scope", "unit"),
    [
        ((), "", "year"),
        (("2022",), "2022", "month"),
        (("2022-12",), "2022-12", "day"),
        (("2022-12-23",), "2022-12", "day"),
        (("2022-12-23", "2022-12-24"), "2022-12", "day"),
        (("2022-12", "2022-12-24"), "2022-12", "day"),
        (("2022-11", "2022-12"), "2022", "month"),
        (("2022-11-30", "2022-12-01"), "2022", "month"),
        (("2022", "2022-12"), "2022", "month"),
        (("2022", "2022"), "2022", "month"),
        (("2021", "2022"), "", "year"),
        (("2021-12", "2022-12"), "", "year"),  # the same month of two years
        (("2021", "2022-12-23"), "", "year"),
        (("2022-12-23", "2022-12-24", "2021"), "", "year"),
    ],
)
def test_the_date_facet_shows_the_steps_within_what_the_selected_periods_share(
    selected: tuple[str, ...], scope: str, unit: Unit
) -> None:
    assert facet_scope(selected) == scope
    assert facet_unit(scope) == unit


@pytest.mark.parametrize(
    ("number", "unit", "label"),
    [
        (20221223, "day", "2022-12-23"),
        (202212, "month", "2022-12"),
        (202212, "year", "2022"),
        (10101, "day", "0001-01-01"),
        (101, "month", "0001-01"),
        (101, "year", "0001"),
        (99991231, "day", "9999-12-31"),
    ],
)
def test_numbers_of_days_and_months_have_labels(number: int, unit: Unit, label: str) -> None:
    assert day_label(number, unit) == label


@given(st.dates(), st.dates())
def test_day_numbers_sort_as_days_and_their_labels_are_the_days(one: date, other: date) -> None:
    assert (day_number(one) < day_number(other)) == (one < other)
    assert day_label(day_number(one), "day") == one.isoformat()
    assert day_label(day_number(one) // 100, "month") == truncate(one, "month")
    assert day_label(day_number(one) // 100, "year") == truncate(one, "year")
