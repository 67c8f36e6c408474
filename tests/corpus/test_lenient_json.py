"""JSON of web pages that is not well formed: what can be read of it."""

from typing import Any

import pytest

from searchsvc.corpus.formats.lenient_json import MAX_DEPTH, parse_json


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, null]}', {"a": [1, None]}),
        ("{&quot;a&quot;: &quot;b&quot;}", {"a": "b"}),
        ('{"a": "b",}', [{"a": "b"}]),
        ('{"a": [1, 2,],}', [{"a": [1, 2]}]),
        ('//<![CDATA[\n{"a": "b"}\n//]]>', [{"a": "b"}]),
        ('/*<![CDATA[*/{"a": "//b"}/*]]>*/', [{"a": "//b"}]),
        ('<!-- {"a": "b"} -->', [{"a": "b"}]),
        ('{"a": 1 /* one */, // two\n "b": 2}', [{"a": 1, "b": 2}]),
        ('{"a": "b\nc\td"}', [{"a": "b\nc\td"}]),
        ('{"a": "the "good" tea", "b": "c"}', [{"a": 'the "good" tea', "b": "c"}]),
        ('{"a": "b"\n "c": "d"}', [{"a": "b", "c": "d"}]),
        ('{"a": "b"};', [{"a": "b"}, None]),
        ('{"a": "b"}{"c": "d"}', [{"a": "b"}, {"c": "d"}]),
        ('{"a": "b", "c": {"d": "e', [{"a": "b", "c": {"d": "e"}}]),
        ('{a: "b", c: NaN}', [{"a": "b", "c": None}]),
        (r'{"a": "\u00e9\n\'\ud83d\ude00\ud83d",}', [{"a": "é\n'😀\ufffd"}]),
        (r'{"a": "\xe9",}', [{"a": "é"}]),
        ('{"a": [{"b": 1}]]}, "c": 2}', [{"a": [{"b": 1}]}, "c", 2]),
        ("no JSON", [None, None]),
        ("", []),
    ],
)
def test_json_is_read_as_far_as_it_can_be(text: str, value: Any) -> None:
    assert parse_json(text) == value


def test_deep_nesting_ends_the_reading() -> None:
    assert parse_json('{"a": 1}' + "[" * 10 * MAX_DEPTH)[0] == {"a": 1}
