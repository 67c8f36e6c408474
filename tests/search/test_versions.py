"""How much of their texts two articles share: all of it only if the texts are equal."""

import pytest

from searchsvc.analysis.signature import passages
from searchsvc.model.article import Article
from searchsvc.search.versions import MAX_SHARED, compare_articles, shared_part

WORDS = " ".join(f"word{number}" for number in range(100))


def article(article_id: str, body: str) -> Article:
    return Article(article_id, "", body, "p")


@pytest.mark.parametrize("body", ["", "See the photo.", WORDS])
def test_equal_texts_share_everything_however_short(body: str) -> None:
    for other in (body, body.replace(" ", "\n\n")):  # no comparison marks spaces
        assert compare_articles(article("a", body), article("b", other)).shared == 1


@pytest.mark.parametrize("other", [WORDS.upper(), WORDS.replace(" ", ", ")])
def test_texts_that_differ_in_capitals_or_punctuation_do_not_share_everything(other: str) -> None:
    found = compare_articles(article("a", WORDS), article("b", other))
    assert found.shared == MAX_SHARED
    assert int(found.shared * 100) == 99


def test_words_that_end_differently_make_texts_differ() -> None:
    one, other = (article(name, f"{WORDS} congratulati{name}") for name in ("on", "ng"))
    found = compare_articles(one, other)
    assert (found.shared, [run.kind for run in found.differences.runs]) == (MAX_SHARED, ["equal", "delete", "insert"])


def test_lists_and_comparisons_say_the_same() -> None:
    one, other = article("a", WORDS), article("b", f"{WORDS} more words than the other one has")
    assert shared_part(one, other, passages(one.body)) == compare_articles(one, other).shared < MAX_SHARED
