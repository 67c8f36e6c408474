"""Words in two parts or in one piece find each other, and are marked."""

from collections.abc import Callable

import pytest

from searchsvc.model.article import Article
from searchsvc.query import SearchRequest, parse
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher

ARTICLES = (
    Article("two", "By e-mail", "An e-mail about COVID-19 to 1,000 people.", "p"),
    Article("one", "By email", "An email about COVID19 to 1000 people.", "p"),
    Article("apart", "By mail", "An e mail about COVID, 19 people.", "p"),
)


@pytest.mark.parametrize(
    ("query", "ids", "marked"),
    [
        ("email", ["one", "two"], {"two": ["e-mail", "e-mail"], "one": ["email", "email"]}),
        ("e-mails", ["apart", "one", "two"], {"two": ["e-mail", "e-mail"], "one": ["email", "email"], "apart": ["e mail"]}),
        ("covid19", ["one", "two"], {"two": ["COVID-19"], "one": ["COVID19"]}),
        ("COVID-19", ["apart", "one", "two"], {"two": ["COVID-19"], "one": ["COVID19"]}),
        ("1000", ["one", "two"], {"two": ["1,000"], "one": ["1000"]}),
        ("1,000", ["one", "two"], {"two": ["1,000"], "one": ["1000"]}),
        ("title:email", ["one", "two"], {"two": ["e-mail"], "one": ["email"]}),
        ("covid1*", ["one", "two"], {"two": ["COVID-19"], "one": ["COVID19"]}),
        ('"an e-mail about"', ["apart", "two"], {"two": ["An e-mail about"]}),
        ('"email covid19"~10', ["one"], {}),
        ("email -mail", ["one"], {}),
    ],
)
def test_joined_words_find_each_other(
    searcher_of: Callable[..., Searcher], query: str, ids: list[str], marked: dict[str, list[str]]
) -> None:
    question = Question(query, request=SearchRequest(parse(query).tree))
    hits = {hit.article.id: hit for hit in searcher_of(ARTICLES).search(question).results.hits}
    assert sorted(hits) == ids
    found = {
        name: [
            snippet.text[start:end] for snippet in (hits[name].title, *hits[name].snippets) for start, end in snippet.spans
        ]
        for name in marked
    }
    assert found == marked
