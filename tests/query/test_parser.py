"""The query language: a table of text and its canonical print, and properties."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchsvc.query.ast import (
    And,
    Boost,
    DateRange,
    Field,
    MatchAll,
    Node,
    Not,
    Or,
    Phrase,
    Term,
    Wildcard,
    looks_for_text,
)
from searchsvc.query.parser import MAX_CLAUSES, parse

FIELDS = ("place", "author", "x.y")

TABLE = {
    "": "",
    "india russia": "india russia",
    '"working  group" -tea': '"working  group" -tea',
    "NOT tea": "-tea",
    "a OR b c": "a OR b c",
    "(a OR b) c": "(a OR b) c",
    "green AND NOT tea": "green -tea",
    "-(a OR b)": "-(a OR b)",
    "place:India author:(a OR b)": "place:India author:(a OR b)",
    "Title:forum": "title:forum",
    "title:-forum": "-title:forum",
    'place:"New Delhi"': 'place:"New Delhi"',
    "date:2022-12": "date:2022-12-01..2022-12-31",
    "date:2022-12-01..2023-01": "date:2022-12-01..2023-01-31",
    "before:2023": "date:..2022-12-31",
    "after:2022-12-22": "date:2022-12-23..",
    "a:b:c http://example.org/x?y=1": "a:b:c http://example.org/x?y=1",
    "C++ AT&T U.S. Russia's #RussiaIndia @handle": "C++ AT&T U.S. Russia's #RussiaIndia @handle",
    "“curly quotes”": '"curly quotes"',
    "((a)": "a",
    "a )b(": "a b",
    '"unbalanced': "unbalanced",
    "OR a AND": "a",
    "e\u0301te\u0301": "été",
    "title:OR": "title:OR",
    "moderni* mod?rn* ab**c": "moderni* mod?rn* ab*c",
    "who was it?": "who was it?",
    "alipov~ alipov~2 title:alipov~": "alipov~1 alipov~2 title:alipov~1",
    'forum^3 "a b"^0.5 (a OR b)^2': 'forum^3 "a b"^0.5 (a OR b)^2',
    "title:forum^3 -tea^2 a^0 date:2022-12-23^2": "title:forum^3 -tea^2 a date:2022-12-23",
    "(title:a)^2 ((a^2)^3)": "(title:a)^2 a^3",
    '"a b"~3 title:"a b"~^2 "a b"~0 "a b"~x': '"a b"~3 title:"a b"~1^2 "a b" "a b" ~x',
    "ﬀ Ｒｕｓｓｉａ 🙂 tea مرحبا": "ﬀ Ｒｕｓｓｉａ tea مرحبا",
}


@pytest.mark.parametrize(("text", "canonical"), TABLE.items())
def test_canonical_print(text: str, canonical: str) -> None:
    assert str(parse(text, FIELDS).tree) == canonical


def test_tree() -> None:
    tree = parse('a "b c" OR -place:x date:2022-12-23', FIELDS).tree
    day = date(2022, 12, 23)
    assert tree == Or((And((Term("a"), Phrase("b c"))), And((Not(Field("place", Term("x"))), DateRange(day, day)))))


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ('a "b', "quotation mark"),
        ("a )", "parenthesis"),
        ("a OR", "OR needs"),
        ("date:31-february", "date: takes a date"),
        ("- a", "no letters"),
        ("🙂", "no letters"),
        ("plce:x", "Did you mean “place:”"),
        ("NOT", "query ends"),
        ("a*", "read as a word"),
        ("ab~", "read as a word"),
        ("U.S.*", "read as a word"),
    ],
)
def test_notes_say_what_was_ignored_and_where(text: str, note: str) -> None:
    notes = parse(text, FIELDS).notes
    assert [note in each.message for each in notes] == [True]
    assert notes[0].position is not None
    assert 0 <= notes[0].position <= len(text)


def test_any_makes_words_alternatives_but_keeps_exclusions_and_fields() -> None:
    tree = parse("india russia -tea place:x date:2022", FIELDS, "any").tree
    assert str(tree) == "(india OR russia) -tea place:x date:2022-01-01..2022-12-31"
    assert str(parse("a AND b c", FIELDS, "any").tree) == "a b OR c"
    compounds = "boundary-layer -well-known U.S. http://a-b.org"
    parts = "(boundary-layer^0.3 OR boundary OR layer OR U.S. OR http://a-b.org) -well-known"
    assert str(parse(compounds, FIELDS, "any").tree) == parts


def test_limits() -> None:
    many = parse(" ".join(["word"] * 1_000))
    assert isinstance(many.tree, And)
    assert len(many.tree.nodes) == MAX_CLAUSES
    assert "ignored" in many.notes[0].message
    forms = parse("wor* " * 40)
    assert isinstance(forms.tree, And)
    assert [isinstance(node, Wildcard) for node in forms.tree.nodes] == [True] * 32 + [False] * 8
    assert "the most" in forms.notes[0].message
    sloppy = parse('"a b"~99 "' + "a " * 33 + '"~3')
    assert "read as ~10" in sloppy.notes[0].message
    assert "~3 was ignored" in sloppy.notes[1].message
    deep = parse("(" * 20_000 + "a" + ")" * 20_000 + " b")
    assert deep.tree == Term("b")
    assert parse("-" * 100_000 + "a").tree in (Term("a"), Not(Term("a")))
    assert isinstance(parse("title:" * 50_000 + "a").tree, Field)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("today", "2022-03-02", "2022-03-02"),
        ("yesterday", "2022-03-01", "2022-03-01"),
        ("this week", "2022-02-28", "2022-03-06"),
        ("last week", "2022-02-21", "2022-02-27"),
        ("this month", "2022-03-01", "2022-03-31"),
        ("Last  Month", "2022-02-01", "2022-02-28"),
        ("this year", "2022-01-01", "2022-12-31"),
        ("last year", "2021-01-01", "2021-12-31"),
        ("last 7 days", "2022-02-24", "2022-03-02"),
    ],
)
def test_natural_dates(text: str, first: str, last: str) -> None:
    tree = parse(f'date:"{text}"', today=date(2022, 3, 2)).tree
    assert tree == DateRange(date.fromisoformat(first), date.fromisoformat(last))


def test_dates_at_the_ends_of_the_calendar() -> None:
    for text in ("before:0001-01-01", "after:9999-12-31"):
        assert parse(text).tree == DateRange(date.max, date.min)


def test_looks_for_text() -> None:
    for text, expected in {
        "a": True,
        "-a": False,
        "place:x": False,
        "title:x": True,
        "place:x OR b": True,
        "": False,
    }.items():
        assert looks_for_text(parse(text, FIELDS).tree) is expected


_PIECES = (
    *("a", "the", "word", "U.S.", "(", ")", '"', "“", "”", "-", " ", " ", "OR", "AND", "NOT", "title:", "place:", "date:"),
    *(
        "before:",
        "2022",
        "2022-12",
        "..",
        "é",
        "中国",
        "मोदी",
        "x:y",
        "\x00",
        "🙂",
        "ß",
        "'",
        "+",
        "~",
        "*",
        "?",
        "^",
        "^3",
        "~2",
        "wor*",
        "last week",
        '"a b"~3',
        '"~',
        "boundary-layer",
        "Russia's",
    ),
)
_pieces = st.lists(st.sampled_from(_PIECES), max_size=40).map("".join)


@given(st.text(max_size=60) | _pieces, st.sampled_from(["all", "any"]))
@example("title:(date:2022)", "all")
@example("\ud800 x", "all")
def test_reading_is_total_and_printing_reads_back(text: str, match: str) -> None:
    tree = parse(text, FIELDS, match).tree  # type: ignore[arg-type]  # one of the two
    assert parse(str(tree), FIELDS).tree == tree
    assert _is_normal(tree)


def _is_normal(node: Node) -> bool:
    match node:
        case And(nodes) | Or(nodes):
            flat = not any(isinstance(inner, type(node) | MatchAll) for inner in nodes)
            return len(nodes) > 1 and flat and all(map(_is_normal, nodes))
        case Not(inner) | Field(_, inner) | Boost(inner):
            return not isinstance(inner, MatchAll) and _is_normal(inner)
        case _:
            return True
