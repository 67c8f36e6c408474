"""Trees: how they are built, and what they say about their query."""

from typing import Any

import pytest

from searchsvc.query import parse
from searchsvc.query.ast import (
    And,
    Fuzzy,
    MatchAll,
    Node,
    Not,
    Or,
    Term,
    Wildcard,
    clauses_of,
    conjunction,
    disjunction,
    has_relevance,
    looks_for_text,
    named_fields,
    words_required,
)

A, B, C = map(Term, "abc")


@pytest.mark.parametrize(
    ("parts", "all_of", "any_of"),
    [
        ([], MatchAll(), MatchAll()),
        ([A], A, A),
        ([A, B], And((A, B)), Or((A, B))),
        ([And((A, B)), C], And((A, B, C)), Or((And((A, B)), C))),
        ([A, Or((B, C))], And((A, Or((B, C)))), Or((A, B, C))),
        ([Not(A), Not(And((B, C)))], And((Not(A), Not(And((B, C))))), Or((Not(A), Not(And((B, C)))))),
    ],
)
def test_conjunctions_and_disjunctions_are_flat(parts: list[Node], all_of: Node, any_of: Node) -> None:
    assert conjunction(parts) == all_of
    assert disjunction(parts) == any_of


def test_a_pattern_that_is_repeated_is_looked_for_once() -> None:
    pattern, fuzzy = Wildcard("wor*"), Fuzzy("abc", 1)
    assert conjunction([pattern, A, fuzzy, And((pattern, fuzzy, A))]) == And((pattern, A, fuzzy, A))
    assert disjunction([pattern, Or((pattern, pattern))]) == pattern


def test_match_all_restricts_no_conjunction() -> None:
    assert conjunction([MatchAll(), A]) == A
    assert conjunction([MatchAll(), MatchAll()]) == MatchAll()


@pytest.mark.parametrize(
    ("text", "text_terms", "relevance", "fields"),
    [
        ("", False, False, set()),
        ("a", True, True, set()),
        ('"a b"^2', True, True, set()),
        ("wor* abc~", True, False, set()),
        ("-a", False, False, set()),
        ("date:2022", False, False, set()),
        ("place:x", False, False, {"place"}),
        ("title:x", True, True, {"title"}),
        ("title:wor*", True, False, {"title"}),
        ("place:x OR (b title:c)^2", True, True, {"place", "title"}),
    ],
)
def test_features_of_a_query(text: str, text_terms: bool, relevance: bool, fields: set[str]) -> None:
    tree = parse(text, ["place"]).tree
    assert looks_for_text(tree) is text_terms
    assert has_relevance(tree) is relevance
    assert named_fields(tree) == fields


@pytest.mark.parametrize(
    ("text", "match", "words"),
    [
        ("", "all", ""),
        ("climate", "all", ""),
        ("climate climate", "all", ""),
        ("climate change", "all", "all"),
        ('climate "sea level"^2 mod*', "all", "all"),
        ("title:climate change", "all", "all"),
        ("climate -change", "all", ""),
        ("climate change -tax", "all", "all"),
        ("NOT section:Culture", "all", ""),
        ("-climate -change", "all", ""),
        ("climate date:2022", "all", ""),
        ("climate change date:2022 section:Culture", "all", "all"),
        ("section:Culture source:ANI", "all", ""),
        ("climate OR change", "all", "any"),
        ("(climate OR change) date:2022", "all", "any"),
        ("climate (change OR tax)", "all", ""),
        ("climate change OR tax", "all", ""),
        ("climate change", "any", "any"),
        ("climate change -tax date:2022", "any", "any"),
        ("climate -change", "any", ""),
        ("climate", "any", ""),
    ],
)
def test_what_hits_have_of_the_words_follows_from_the_tree(text: str, match: Any, words: str) -> None:
    assert words_required(parse(text, ["section", "source"], match).tree) == words


def test_the_order_of_clauses_does_not_matter() -> None:
    assert clauses_of(parse("date:2022 tea").tree) == clauses_of(parse("tea date:2022").tree)
    assert clauses_of(A) == {A}
