"""Splitting of large JSON into records."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.corpus.formats.json_stream import split_records
from searchsvc.errors import UserError

NAMES = ("articles", "items")
_text = st.text(st.sampled_from('a"\\[]{}:, \n'), max_size=8)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=8,
)
_records = st.dictionaries(_text, _values, max_size=4)


def split(text: str, size: int) -> list[Any]:
    data = text.encode()
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    return [json.loads(record) for record in split_records(chunks, NAMES, 10**6)]


@given(st.lists(_records), st.integers(1, 40), st.sampled_from([None, 1]))
def test_a_list_is_split_into_its_records(records: list[dict[str, Any]], size: int, indent: int | None) -> None:
    assert split(json.dumps(records, indent=indent), size) == records


@given(_records, st.lists(_records, min_size=1), _records, st.integers(1, 40), st.sampled_from([None, 1]))
def test_a_list_under_a_known_name_is_split_into_its_records(
    before: dict[str, Any], records: list[dict[str, Any]], after: dict[str, Any], size: int, indent: int | None
) -> None:
    text = json.dumps({"before": before, "articles": records, "after": after}, indent=indent)
    assert split(text, size) == records


@given(st.lists(_records, min_size=1), st.integers(1, 40))
def test_values_that_follow_each_other_are_records(records: list[dict[str, Any]], size: int) -> None:
    assert split("\n".join(map(json.dumps, records)), size) == records


@pytest.mark.parametrize(
    "record",
    [
        {"title": "x", "articles": [1, 2]},
        {"title": "x", "articles": []},
        {"title": "x", "inner": {"articles": [{"title": "y"}]}},
        {"title": "x", "lists": [{"title": "y"}]},
        {"title": "articles", "x": [{"title": "y"}]},
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_an_object_without_such_a_list_is_a_record(record: dict[str, Any], size: int) -> None:
    assert split(json.dumps(record), size) == [record]


@pytest.mark.parametrize("text", ['[{"a": 1}', '[{"a": "', '{"articles": [{"a": 1}, {', '[{"a": 1}, {"a'])
def test_truncated_json_is_an_error_after_its_records(text: str) -> None:
    records = split_records([text.encode()], NAMES, 100)
    with pytest.raises(UserError, match="is truncated"):
        assert all(record == b'{"a": 1}' for record in records)


@pytest.mark.parametrize("text", ['[{"a": "%s"}]', '[{"a": "%s', '{"x": "%s", "articles": [{}]}'])
def test_a_record_has_a_limit(text: str) -> None:
    data = (text % ("x" * 10**6)).encode()
    chunks = [data[at : at + 1_000] for at in range(0, len(data), 1_000)]
    with pytest.raises(UserError, match="holds a record of more than 0 MiB"):
        list(split_records(chunks, NAMES, 10_000))
