"""The rules of a file of synonyms, and the trees of queries with synonyms."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.synonyms import MAX_ENTRIES, MAX_RULES, Synonyms, parse_synonyms
from searchsvc.query.parser import MAX_CLAUSES, ParsedQuery, parse

FIELDS = ("place", "author")
FILE = r"""
# towns
Bombay, Mumbai
UK => United Kingdom
United Kingdom, Great Britain, GB
  # words and phrases, case and accents aside
Zürich, ZURICH, Turicum
car, automobile, motor vehicle
colour => color, tint
naïve bayes => classifier
a\, b, c++ => d
"""


def synonyms() -> Synonyms:
    found, problems = parse_synonyms(FILE)
    assert problems == []
    return found


def expanded(text: str, match: Any = "all", known: Synonyms | None = None) -> ParsedQuery:
    parsed = parse(text, FIELDS, match)
    return (known or synonyms()).expand(parsed, match, FIELDS)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bombay", "bombay OR Mumbai^0.9"),
        ("MÚMBAI", "MÚMBAI OR Bombay^0.9"),
        ("bombay's harbour", "(bombay's OR Mumbai^0.9) harbour"),
        ("uk trade", '"United Kingdom"~ trade'),  # replaced, and what it adds is not looked up again
        ("trade united kingdom", 'trade (united kingdom OR "Great Britain"~^0.9 OR GB^0.9)'),
        ("united-kingdom", 'united-kingdom OR "Great Britain"~^0.9 OR GB^0.9'),
        ("kingdom united", "kingdom united"),
        ("united (kingdom)", 'united kingdom OR "Great Britain"~^0.9 OR GB^0.9'),  # one row of words
        ("united tea kingdom", "united tea kingdom"),
        ("motor vehicle tax", "(motor vehicle OR car^0.9 OR automobile^0.9) tax"),
        ("turicum", "turicum OR Zürich^0.9"),
        ("colour", "color OR tint^0.9"),
        ("naive bayes", "classifier"),
        ("c++", "d"),
        ("tea -bombay", "tea -(bombay OR Mumbai^0.9)"),
        ("title:bombay", "title:(bombay OR Mumbai^0.9)"),
        ("title:(united kingdom)", 'title:(united kingdom OR "Great Britain"~^0.9 OR GB^0.9)'),
        ("bombay^3", "(bombay OR Mumbai^0.9)^3"),
        ("bombay OR tea", "bombay OR Mumbai^0.9 OR tea"),
        ("united OR kingdom", "united OR kingdom"),
        ("tea (bombay OR (coffee uk))", 'tea (bombay OR Mumbai^0.9 OR coffee "United Kingdom"~)'),
        # Exact quotations, phrases, patterns and metadata stay as they are.
        *(
            (each, each)
            for each in ('"bombay"', '"bombay"~', "place:bombay", "author:(bombay mumbai)", "bomb*", "bombay~1")
        ),
        ("=bombay", '"bombay"'),
        ("", ""),
    ],
)
def test_words_get_their_synonyms(text: str, shown: str) -> None:
    found = expanded(text)
    assert str(found.tree) == shown
    assert parse(shown, FIELDS).tree == found.tree
    assert found.notes == parse(text, FIELDS).notes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("bombay tea", "bombay OR Mumbai^0.9 OR tea"),
        ("tea united kingdom", 'tea OR united OR kingdom OR "Great Britain"~^0.9 OR GB^0.9'),
        ("uk tea", '"United Kingdom"~ OR tea'),
        ("uk -tea place:goa", '"United Kingdom"~ -tea place:goa'),
    ],
)
def test_any_of_the_words_may_be_a_synonym(text: str, shown: str) -> None:
    assert str(expanded(text, "any").tree) == shown


def test_rules_for_the_same_words_add_up() -> None:
    found, problems = parse_synonyms("a, b\na => c\nb => b, d\nx => y, x\nx => z")
    assert problems == []
    assert str(expanded("a", known=found).tree) == "a OR b^0.9 OR c^0.9"
    assert str(expanded("b", known=found).tree) == "b OR a^0.9 OR d^0.9"
    assert str(expanded("x", known=found).tree) == "x OR y^0.9 OR z^0.9"
    assert str(expanded("y", known=found).tree) == "y"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Bombay", "only one entry"),
        ("Bombay, BOMBAY", "only one entry"),
        ("Bombay,", "an entry is empty"),
        ("=> Mumbai", "an entry is empty"),
        ("a => b => c", "more than one “=>”"),
        ("a, +++", "“+++” has no letters"),
        ('a, "b c"', "has a quotation mark"),
        ("a, one two three four five six seven eight nine", "too long"),
        (f"a, {'x' * 101}", "too long"),
        ("a, \ufffdb", "not in UTF-8"),
        (", ".join(f"w{number}" for number in range(MAX_ENTRIES + 1)), "more than 32 entries"),
    ],
)
def test_a_line_with_a_mistake_is_skipped_and_told(line: str, reason: str) -> None:
    found, (problem,) = parse_synonyms(f"tea, chai\n{line}\ncoffee, java")
    assert (problem.line, reason in problem.reason) == (2, True), problem
    assert [str(expanded(text, known=found).tree) for text in ("tea", "coffee")] == [
        "tea OR chai^0.9",
        "coffee OR java^0.9",
    ]


@pytest.mark.slow
def test_too_many_rules_and_synonyms_are_told() -> None:
    found, problems = parse_synonyms("\n".join(f"a{number}, b{number}" for number in range(MAX_RULES + 5)))
    assert (len(found.rules), [problem.line for problem in problems]) == (2 * MAX_RULES, [MAX_RULES + 1])
    found, problems = parse_synonyms("\n".join(f"a, b{number}" for number in range(40)))
    assert (len(found.rules[("a",)].others), problems[0].line, len(problems)) == (MAX_ENTRIES - 1, MAX_ENTRIES, 9)


def test_a_query_that_would_become_too_large_is_left_as_it_is() -> None:
    many = " ".join(["car"] * (MAX_CLAUSES // 3 + 1))
    found = expanded(many)
    assert found.tree == parse(many).tree
    assert "more than 256 words and phrases" in found.notes[-1].message
    deep = expanded(f"{'a (tea OR ' * 32}a bombay{')' * 32}")
    assert "nested too deep" in deep.notes[-1].message


@given(st.text(alphabet='ab =>,\\#"\n\r\ufeff+é北', max_size=80))
def test_any_file_is_read(text: str) -> None:
    found, problems = parse_synonyms(text)
    for words, rule in found.rules.items():
        for other in rule.others:
            assert parse(str(other)).tree == other
        assert words
    assert all(problem.line <= len(text) + 1 for problem in problems)


PIECES = (
    "bombay",
    "uk",
    "united",
    "kingdom",
    "car",
    "tea",
    "OR",
    "(",
    ")",
    "-",
    "^2",
    "title:",
    '"',
    "~",
    "united kingdom",
)


@given(st.lists(st.sampled_from(PIECES)).map(" ".join))
def test_what_is_shown_means_the_same_and_is_not_expanded_again(text: str) -> None:
    found = expanded(text, "any")
    assert parse(str(found.tree), FIELDS).tree == found.tree
    found = expanded(text)
    shown = parse(str(found.tree), FIELDS)
    assert shown.tree == found.tree
    assert synonyms().expand(shown, "all", FIELDS).tree == found.tree
