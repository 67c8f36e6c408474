"""Parsing of publication dates."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.corpus.metadata import PublicationDate, parse_date


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2022-12-23", "2022-12-23"),
        ("2022-12-23T23:30:00-05:00", "2022-12-23"),
        ("Fri, 23 Dec 2022 23:30:00 -0500", "2022-12-23"),
        ("December 23, 2022", "2022-12-23"),
        ("23.12.2022", "2022-12-23"),
        ("9/6/17", "2017-09-06"),
        ("20221223", "2022-12-23"),
        (1671800000, "2022-12-23"),
        (1671800000000, "2022-12-23"),
        ("0001-01-01", None),
        ("31 February", None),
        ("2022-02-31", None),
        ("soon", None),
        ("10", None),
        ("March", None),
        (2022, None),
        (float("nan"), None),
        (True, None),
        ("9" * 90, None),
    ],
)
def test_days(value: object, date: str | None) -> None:
    parsed = parse_date(value)
    assert (str(parsed.date) if parsed else None) == date


@given(st.text(max_size=60) | st.floats() | st.integers() | st.none() | st.lists(st.integers()))
def test_any_value_is_parsed_without_an_error(value: object) -> None:
    parsed = parse_date(value)
    assert parsed is None or parsed.published is None or parsed.published.tzinfo is not None


@pytest.mark.parametrize(
    ("value", "published"),
    [
        ("2022-12-23", None),
        ("December 23, 2022", None),
        ("2022-12-23T10:30", "2022-12-23T10:30:00+00:00"),
        ("2022-12-23T23:30:00-05:00", "2022-12-23T23:30:00-05:00"),
        ("Fri, 23 Dec 2022 23:30:00 EST", "2022-12-23T23:30:00-05:00"),
        ("23 Dec 2022 10:30 XYZT", "2022-12-23T10:30:00+00:00"),
        (1671800000, "2022-12-23T12:53:20+00:00"),
        (1671800000000, "2022-12-23T12:53:20+00:00"),
    ],
)
def test_instants(value: object, published: str | None) -> None:
    parsed = parse_date(value)
    assert parsed is not None
    assert (parsed.published.isoformat() if parsed.published else None) == published


def test_a_parsed_date_is_returned_unchanged() -> None:
    date = PublicationDate(dt.date(2022, 12, 22), dt.datetime(2022, 12, 23, 1, tzinfo=dt.UTC))
    assert parse_date(date) is date
