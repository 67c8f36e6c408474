"""The nearest name, and the time that hints take where an archive has very many names."""

from time import process_time

import pytest

from searchsvc.query import parse
from searchsvc.query.lexer import MAX_HINTS
from searchsvc.query.nearest import MAX_NAME, nearest_name

MANY = frozenset(f"user{number}" for number in range(60_000))


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("plce", "place"), ("place", "place"), ("colour", None), ("", None), ("pla", "place"), ("plcea", "place")],
)
def test_the_nearest_name_is_similar_enough_or_none(name: str, nearest: str | None) -> None:
    assert nearest_name(name, ["author", "place", "placex"], 60) == nearest


def test_of_equally_similar_names_the_first_is_the_nearest() -> None:
    assert nearest_name("tax", ["tab", "tag"], 60) == "tab"


def test_very_long_names_are_compared_with_none() -> None:
    name = "n" * (MAX_NAME + 1)
    assert nearest_name(name, [name], 60) is None


@pytest.mark.parametrize("name", ["x{}", "uzer{}", "user-{}"])
def test_a_query_of_unknown_names_is_parsed_at_once_however_many_names_there_are(name: str) -> None:
    query = " ".join(f"{name.format(number)}:a" for number in range(198))[:1_000]
    parse(query, MANY)  # sorts the names, once for a generation
    times = []
    for _ in range(3):
        begun = process_time()
        notes = parse(query, MANY).notes
        times.append(process_time() - begun)
    assert len(notes) <= MAX_HINTS
    assert min(times) < 0.05


def test_addresses_leave_the_hints_to_misspelt_fields() -> None:
    (note,) = parse("http://a.example https://b.example ftp://c.example plce:x", ["place"]).notes
    assert "the nearest field is “place”" in note.message
