"""Reading of JSON value by value: pieces, faults, and where the next value begins."""

import json
from io import StringIO
from typing import Any

import pytest

from searchsvc.corpus.formats.json_stream import FaultyValueError, JsonReader

VALUES: list[Any] = [{"a": 'é\\"]}'}, [1, -2.5e3, True, None], "x\n\ud83d", 12345, {"b": {"c": [{}]}}]


class Drip(StringIO):
    """A text of which only a little is read at once."""

    def read(self, size: int | None = -1) -> str:
        return super().read(min(7, size or 7))


@pytest.mark.parametrize("between", ["", " ", "\n", ",", ",\r\n\x1e"])
def test_values_are_read_however_the_text_is_cut(between: str) -> None:
    reader = JsonReader(Drip((between or "\n").join(map(json.dumps, VALUES))))
    found = []
    while reader.peek():
        found.append(reader.value())
    assert found == VALUES


def test_a_preview_passes_over_nothing() -> None:
    reader = JsonReader(StringIO('{"a": 1}'))
    assert reader.peek() == "{"
    assert reader.preview() == reader.value() == {"a": 1}
    assert reader.peek() == ""


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ('{"a": tru}, {"a": 2}', 2),
        ('{"a": "x}\n{"a": 2}', 2),
        ('{"a": [1, 2}\n  {"b": 2}\n{"a": 3}', 3),
        ('{"a": {"x": 1 "y"}, "b": 1}, {"a": 2}', 2),
    ],
)
def test_the_next_value_begins_in_a_line_or_with_the_same_name(text: str, following: int) -> None:
    reader = JsonReader(Drip(text))
    reader.peek()
    with pytest.raises(FaultyValueError, match="is not JSON: "):
        reader.value()
    assert reader.recover('"a"', reader.indent()) is None
    assert reader.value() == {"a": following}


@pytest.mark.parametrize(
    ("faulty", "fault"),
    [
        ("tru", "Expecting value"),
        ('ObjectId("5,}")', "Expecting value"),
        (r'"a\q"', "Invalid"),
        ('{"a": {"b": 1 "]": 2}}', "Expecting ',' delimiter"),
        ("[1, {x: 2}]", "Expecting property name"),
    ],
)
def test_a_faulty_value_is_passed_over_up_to_its_end(faulty: str, fault: str) -> None:
    reader = JsonReader(Drip(f'{faulty}, [5, "{"x" * 40}"]'))
    reader.peek()
    assert reader.skip().startswith(f"is not JSON: {fault}")
    reader.peek()
    assert (reader.value(), reader.peek()) == ([5, "x" * 40], "")


@pytest.mark.parametrize("text", ["tru", "[[1, tru]", '"open', "}", ""])
def test_a_faulty_value_without_an_end_stays(text: str) -> None:
    reader = JsonReader(Drip(text))
    reader.peek()
    with pytest.raises(FaultyValueError, match="is not JSON: "):
        reader.skip()
    assert reader.peek() == text[:1]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"a": tru', "it is truncated"),
        ('{"a": "x, [y]', "it is truncated"),
        ('{"a": "\\u00', "it is truncated"),
        ('{"a": 1', "it is truncated"),
        ('{"a": tru}', "Expecting value"),
        ('{"a" 1, ', "Expecting ':' delimiter"),
    ],
)
def test_a_fault_at_the_end_is_a_cut_unless_something_follows_it(text: str, fault: str) -> None:
    reader = JsonReader(StringIO(text))
    reader.peek()
    with pytest.raises(FaultyValueError, match=f"is not JSON: {fault}"):
        reader.value()


@pytest.mark.parametrize(
    ("before", "indent"), [("", ""), ("  ", "  "), ("[\n\t", "\t"), ("[", "x"), ("[\n[", "x"), (" " * 200, "x")]
)
def test_the_indent_is_that_of_the_line(before: str, indent: str) -> None:
    reader = JsonReader(StringIO(before + "{}"))
    while reader.peek() == "[":
        reader.step()
    assert reader.indent() == indent


@pytest.mark.parametrize("text", ['{"a": [1, 2,],}', '{"a": [1, 2, ] }', '{"a": [1,2\n,\n]\n,\n}'])
def test_trailing_commas_are_left_out(text: str) -> None:
    reader = JsonReader(StringIO(f"{text} 5"))
    with pytest.raises(FaultyValueError):
        reader.value()
    assert reader.recover("", "x") == {"a": [1, 2]}
    assert (reader.peek(), reader.value()) == ("5", 5)


@pytest.mark.parametrize("end", ["\n", ",\n", " , \r\n", ""])
@pytest.mark.parametrize(
    "text",
    [
        '{"id": 123456789012345678901234567890, "more": [18446744073709551616, -9223372036854775809]}',
        '{"price": 1.50, "large": 1e300, "small": -1.0E-7}',
        '{"a": NaN, "b": "tab\there", "c": "\\ud800"}',
        '{"a": 1, "a": 2}',
        '[[], {}, "x"]',
        "[" * 200 + "]" * 200,
    ],
)
def test_values_that_are_alone_in_their_lines_are_those_of_any_text(text: str, end: str) -> None:
    reader = JsonReader(StringIO(f"{text}{end}{text}{end}"))
    expected = json.loads(text, strict=False, parse_constant=lambda _: None)
    for _ in range(2 if end else 1):
        assert reader.peek() == text[0]
        assert reader.value() == expected


def test_values_of_several_lines_follow_those_of_one_line() -> None:
    reader = JsonReader(StringIO('{"a": 1}\n{"b":\n2}\n{"c": 3} {"d": 4}\n{"e": 5}\n'))
    found = []
    while reader.peek():
        found.append(reader.value())
    assert found == [{"a": 1}, {"b": 2}, {"c": 3}, {"d": 4}, {"e": 5}]
