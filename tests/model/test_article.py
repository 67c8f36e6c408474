"""The article: its stored form, its metadata as it is indexed, and the key of its order."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.model import Article
from searchsvc.model.article import (
    FIELDS,
    MAX_VALUE_BYTES,
    METADATA,
    dump,
    fingerprint,
    from_fields,
    instant,
    load,
    metadata,
    order_key,
)

PLAIN = Article("1", "Tea", "A cup of tea.", "a.txt")
_text = st.text(max_size=20)
_values = st.lists(_text, max_size=3).map(tuple)
_zones = st.timedeltas(dt.timedelta(hours=-23), dt.timedelta(hours=23)).map(
    lambda offset: dt.timezone(dt.timedelta(minutes=offset // dt.timedelta(minutes=1)))
)
_articles = st.builds(
    Article,
    id=_text.filter(bool),
    title=_text.filter(bool),
    body=_text,
    path=_text.filter(bool),
    date=st.none() | st.dates(),
    published=st.none() | st.datetimes(timezones=_zones),
    author=_values,
    source=_text,
    section=_text,
    place=_values,
    tag=_values,
    language=_text,
    url=_text,
    extra=st.dictionaries(_text, _values, max_size=3),
)


# The stored form


@given(_articles)
def test_a_stored_article_comes_back_whole(article: Article) -> None:
    assert load(dump(article)) == article
    assert dump(load(dump(article))) == dump(article)


def test_empty_fields_are_not_stored() -> None:
    assert orjson.loads(dump(PLAIN)) == {"id": "1", "title": "Tea", "body": "A cup of tea.", "path": "a.txt"}
    assert orjson.loads(dump(replace(PLAIN, body=""))).keys() == {"id", "title", "path"}


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        ({}, {}),
        ({"body": "text"}, {"body": "text"}),
        ({"author": ["A", "B"]}, {"author": ("A", "B")}),
        ({"date": "0001-01-01"}, {"date": dt.date(1, 1, 1)}),
        ({"published": "2022-12-23T10:00:00+05:30"}, {"published": dt.datetime.fromisoformat("2022-12-23T10:00:00+05:30")}),
        ({"extra": {"pages": ["1", "2"], "": []}}, {"extra": {"pages": ("1", "2"), "": ()}}),
    ],
)
def test_absent_fields_are_empty(stored: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    article = from_fields({"id": "1", "title": "Tea", "path": "a.txt", **stored})
    assert article == replace(Article("1", "Tea", "", "a.txt"), **expected)


def test_two_articles_do_not_share_what_is_empty() -> None:
    one, other = Article("1", "a", "", "p"), Article("2", "b", "", "p")
    assert one.extra == {}
    assert one.extra is not other.extra


def test_an_article_does_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        PLAIN.title = "Coffee"  # type: ignore[misc]


def test_every_metadata_field_can_be_mapped_and_is_a_field_of_an_article() -> None:
    assert set(METADATA) < set(FIELDS)
    assert all(hasattr(PLAIN, name) for name in FIELDS)


# Metadata


@pytest.mark.parametrize(
    ("given_fields", "expected"),
    [
        ({}, {}),
        ({"source": "ANI"}, {"source": ("ANI",)}),
        ({"place": ("Delhi", "Paris")}, {"place": ("Delhi", "Paris")}),
        ({"place": ("Delhi", "Paris", "Delhi")}, {"place": ("Delhi", "Paris")}),
        ({"place": ("Delhi", "delhi", "Delhi ")}, {"place": ("Delhi", "delhi", "Delhi ")}),
        ({"place": ("", "Delhi", "")}, {"place": ("Delhi",)}),
        ({"place": ("", "")}, {}),
        ({"extra": {"mood": ()}}, {}),
        ({"extra": {"mood": ("",)}}, {}),
        ({"extra": {"mood": ("glad", "sad", "glad")}}, {"mood": ("glad", "sad")}),
        ({"extra": {"": ("no name",)}}, {"": ("no name",)}),
        ({"extra": {"date": ("tomorrow",), "url": ("x",)}}, {"date": ("tomorrow",), "url": ("x",)}),
        ({"extra": {"source": ("other",)}, "source": "ANI"}, {"source": ("ANI",)}),
        ({"language": "en", "section": "X", "tag": ("t",)}, {"section": ("X",), "tag": ("t",), "language": ("en",)}),
        ({"url": "https://example.org", "date": dt.date(2022, 1, 1)}, {}),  # no facets
    ],
)
def test_metadata_has_the_distinct_values_of_each_field(
    given_fields: Mapping[str, Any], expected: Mapping[str, tuple[str, ...]]
) -> None:
    assert metadata(replace(PLAIN, **given_fields)) == expected


@pytest.mark.parametrize(
    ("value", "indexed"),
    [
        ("x" * 999, "x" * 999),
        ("x" * 1_000, "x" * 1_000),
        ("x" * 1_001, "x" * 1_000),
        ("é" * 500, "é" * 500),
        ("é" * 501, "é" * 500),
        ("x" + "é" * 500, "x" + "é" * 499),  # the last letter does not fit whole
        ("中" * 334, "中" * 333),
        ("🙂" * 251, "🙂" * 250),
        ("xx" + "🙂" * 250, "xx" + "🙂" * 249),
    ],
)
def test_long_values_are_cut_between_letters(value: str, indexed: str) -> None:
    assert metadata(replace(PLAIN, place=(value,), extra={"mood": (value,)})) == {"place": (indexed,), "mood": (indexed,)}
    assert len(indexed.encode()) <= MAX_VALUE_BYTES


def test_values_that_differ_only_beyond_the_cut_are_one() -> None:
    long = "x" * MAX_VALUE_BYTES
    assert metadata(replace(PLAIN, tag=(long + "a", long + "b", "y"))) == {"tag": (long, "y")}


# Order


@pytest.mark.parametrize(
    ("date", "published", "seconds"),
    [
        ("1970-01-01", None, 0),
        ("1970-01-02", None, 86_400),
        ("1969-12-31", None, -86_400),
        ("0001-01-01", None, -62_135_596_800),
        ("9999-12-31", None, 253_402_214_400),
        ("1970-01-01", "1970-01-01T00:00:01+00:00", 1),
        ("1970-01-01", "1970-01-01T00:00:00+05:30", -19_800),
        ("1970-01-01", "1970-01-01T00:00:00-01:00", 3_600),
        ("2022-12-23", "2022-12-22T23:00:00+00:00", 1_671_750_000),  # the instant, whatever the day
        (None, "1970-01-01T00:00:01+00:00", 1),
    ],
)
def test_an_article_is_sorted_by_its_instant_or_the_start_of_its_day(
    date: str | None, published: str | None, seconds: int
) -> None:
    day = dt.date.fromisoformat(date) if date else None
    moment = dt.datetime.fromisoformat(published) if published else None
    assert instant(replace(PLAIN, date=day, published=moment)) == seconds


def test_an_undated_article_has_no_instant() -> None:
    with pytest.raises(AssertionError, match="undated articles have no instant"):
        instant(PLAIN)


_dated = st.builds(
    lambda name, date, published: Article(name, "x", "", "p", date=date, published=published),
    st.text("aAbé1|", min_size=1, max_size=3),
    st.dates(),
    st.none() | st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 1, 1), timezones=_zones),
)


@given(st.lists(_dated, max_size=12))
def test_keys_sort_by_instant_then_by_id(articles: list[Article]) -> None:
    by_key = sorted(articles, key=order_key)
    assert by_key == sorted(articles, key=lambda article: (instant(article), article.id))


def test_keys_of_the_first_and_the_last_year_have_the_same_length() -> None:
    days = (dt.date.min, dt.date(1969, 12, 31), dt.date(1970, 1, 1), dt.date.max)
    keys = [order_key(replace(PLAIN, date=day)) for day in days]
    assert keys == sorted(keys)
    assert {key.index("|") for key in keys} == {13}


# Fingerprints


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "2"},
        {"title": "tea"},
        {"body": "A cup of tea. "},
        {"path": "b.txt"},
        {"date": dt.date(2022, 1, 1)},
        {"published": dt.datetime(2022, 1, 1, tzinfo=dt.UTC)},
        {"author": ("A",)},
        {"place": ("A",)},
        {"extra": {"mood": ("glad",)}},
    ],
)
def test_articles_that_differ_anywhere_have_different_fingerprints(changed: Mapping[str, Any]) -> None:
    marks = {fingerprint(dump(article)) for article in (PLAIN, replace(PLAIN, **changed))}
    assert len(marks) == 2
    assert {len(mark) for mark in marks} == {16}


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    assert fingerprint(dump(PLAIN)) == fingerprint(dump(Article("1", "Tea", "A cup of tea.", "a.txt")))
    assert fingerprint(b"").hex() == "cae66941d9efbd404e4d88758ea67670"
