"""Completions by what stands together, values of fields, and totals that are those of the search, with every engine."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from searchsvc.engines.wrapped import WrappedEngine
from searchsvc.model import Article
from searchsvc.model.results import ValueSuggestion, WordSuggestion
from searchsvc.query import SearchRequest
from searchsvc.search import Question, Searcher
from searchsvc.search.completions import MAX_POSTINGS

Make = Callable[..., Searcher]

RULING = "The supreme court ruled on the coal case."
COUNTY = "The county council met; coal comes first."
ARTICLES = [
    *(Article(f"c{n}", f"Ruling {n}", RULING, "p", author=("Tobias Renn",)) for n in range(3)),
    *(Article(f"o{n}", f"Coal {n}", COUNTY, "p", place=("New York",)) for n in range(6)),
    Article(
        *("x", "Supreme effort", "A supreme effort, of course.", "p"),
        author=('Ann "Annie" Lee',),
        place=("York", "New Delhi"),
    ),
    Article(
        *("y", "Climate change", "Climate change and the courts.", "p"),
        place=("New York",),
        extra={"first edition": ("late",)},
    ),
]
PIECES = ("supreme", "court", "the", '"coal', "case", '"', "author:", "tob", "place:new", "york", "-", "OR", "(", ")", "^2")


def suggested(searcher: Searcher, text: str, limit: int = 5, **request: Any) -> list[tuple[str, int | None]]:
    """Return the words that are suggested, with their totals."""
    match = request.pop("match", "all")
    return list(searcher.suggest(text, limit, Question(match=match, request=SearchRequest(**request))).words)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("supreme c", [("supreme court", 3), ("supreme coal", 3), ("supreme case", 3), ("supreme course", 1)]),
        ("the supreme co", [("the supreme court", 3), ("the supreme coal", 3)]),
        ("climate c", [("climate change", 1), ("climate courts", 1)]),  # not the same word again
        ('"supreme c', [('"supreme court"', 3)]),  # only what goes on with the phrase
        ('the "coal c', [('the "coal case"', 3), ('the "coal comes"', 6)]),
        ('="supreme c', [('="supreme court"', 3)]),
        ('title:"coal', [('title:"coal"', 6)]),
        ("=court", [("=court", 3), ("=courts", 1)]),  # one form only
        ("cou", [("council", 6), ("county", 6), ("court", 4), ("course", 1)]),  # court and courts find the same
        ("title:cli", [("title:climate", 1)]),
        ("supreme -co", [("supreme -coal", 1), ("supreme -comes", 4), ("supreme -council", 4), ("supreme -county", 4)]),
        ("effort OR clim", [("effort OR climate", 2)]),
        ("(effort cou", [("(effort course", 1)]),
        ("author:renn cou", [("author:renn court", 3)]),
        ('"supreme court"', []),  # nothing is being typed
        ("(supreme court)", []),
        ("supreme OR", []),
        ("court^2", []),
        ("date:20", []),
        ("author:", []),
    ],
)
def test_what_stands_together_comes_first(searcher_of: Make, typed: str, words: list[tuple[str, int]]) -> None:
    found = suggested(searcher_of(ARTICLES), typed, 4)
    assert found[:1] == words[:1]
    assert sorted(found) == sorted(words)


def test_filters_choose_the_words_and_their_totals(searcher_of: Make) -> None:
    searcher = searcher_of(ARTICLES)
    assert suggested(searcher, "c", filters={"place": ("New York",)})[:1] == [("coal", 6)]
    assert suggested(searcher, "cou", filters={"place": ("York",)}) == [("course", 1)]
    assert suggested(searcher, "supreme c", filters={"author": ("Tobias Renn",)})[:1] == [("supreme court", 3)]
    assert suggested(searcher, "effort clim", match="any") == [("effort climate", 2)]
    assert suggested(searcher, "c", filters={"place": ("Nowhere",)}) == []


@pytest.mark.parametrize(
    ("typed", "values"),
    [
        ("tob", [('author:"Tobias Renn"', "author", "Tobias Renn", 3)]),
        ("REN", [('author:"Tobias Renn"', "author", "Tobias Renn", 3)]),
        ("tobias r", [('author:"Tobias Renn"', "author", "Tobias Renn", 3)]),
        ("court tobias r", [('court author:"Tobias Renn"', "author", "Tobias Renn", 3)]),
        ("coal -tob", [('coal -author:"Tobias Renn"', "author", "Tobias Renn", 6)]),
        ("author:ren", [('author:"Tobias Renn"', "author", "Tobias Renn", 3)]),
        ('author:"tobias re', [('author:"Tobias Renn"', "author", "Tobias Renn", 3)]),
        ("author:ann", [('author:"Ann Annie Lee"', "author", 'Ann "Annie" Lee', 1)]),  # marks end a phrase
        (
            "place:",
            [
                ('place:"New York"', "place", "New York", 7),
                ('place:"New Delhi"', "place", "New Delhi", 1),
                ('place:"York"', "place", "York", 8),  # these words, in any value
            ],
        ),
        ("place:new y", [('place:"New York"', "place", "New York", 7)]),
        ("court place:new d", []),
        ("climate author:ren", []),
        ("place:zz", []),
        ("y", []),
        ('"tob', []),
        ("title:tob", []),
        ("late", []),  # a query cannot name this field
    ],
)
def test_values_of_fields_are_suggested(searcher_of: Make, typed: str, values: list[tuple[Any, ...]]) -> None:
    searcher = searcher_of(ARTICLES, ("author", "place", "first edition"))
    assert sorted(searcher.suggest(typed, 5).values) == sorted(ValueSuggestion(*each) for each in values)
    assert len(searcher.suggest(typed, 1).values) == min(len(values), 1)


def test_the_values_of_a_field_are_those_of_the_articles_that_the_search_finds(searcher_of: Make) -> None:
    people = [Article(f"p{n}", f"P {n}", "Tea.", "p", author=(f"Author {n:02}",), place=("Rome",)) for n in range(30)]
    rare = Article("r", "Rare", "Coffee.", "p", author=("Zoe Rare",), place=("Oslo",))
    searcher = searcher_of([*people, rare])
    found = searcher.suggest("coffee author:", 5).values
    assert [each.text for each in found] == ['coffee author:"Zoe Rare"']
    under = Question(request=SearchRequest(filters={"place": ("Oslo",)}))
    assert [each.value for each in searcher.suggest("author:", 5, under).values] == ["Zoe Rare"]
    assert len(searcher.suggest("author:", 25).values) == 25


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_suggested_is_found(searcher_of: Make, seed: int) -> None:
    searcher, chance = searcher_of(ARTICLES, ("author", "place")), random.Random(seed)
    for _ in range(60):
        typed = "".join(piece + chance.choice((" ", "")) for piece in chance.choices(PIECES, k=chance.randint(1, 5)))
        filters = chance.choice([{}, {"place": ("New York",)}])
        found = searcher.suggest(typed, 5, Question(request=SearchRequest(filters=filters)))
        for text, total in [*found.words, *((each.text, each.total) for each in found.values)]:
            assert total == searcher.count(SearchRequest(searcher.parse(text).tree, filters)) > 0, (typed, text)


def test_what_takes_long_is_not_counted(searcher_of: Make) -> None:
    searcher = searcher_of(ARTICLES)
    busy = Searcher(searcher.generation, searcher.info, ManyWords(searcher.engine))
    assert busy.suggest("coal c", 2).words == (WordSuggestion("coal comes", 6), WordSuggestion("coal case", 3))
    assert {total for _, total in busy.suggest("the c", 5).words} == {None}
    assert busy.suggest('"county c', 5).words == (WordSuggestion('"county council"', None),)  # others are a guess


class ManyWords(WrappedEngine):
    """An engine with words that very many articles have."""

    def terms(self, prefix: str, limit: int) -> Any:
        return [(word, 20 * MAX_POSTINGS if word in ("the", "county") else 1) for word, _ in super().terms(prefix, limit)]
