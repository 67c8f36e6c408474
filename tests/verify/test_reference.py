"""The meaning of single words and clauses, as the documentation of the query language has it."""

import pytest

from searchsvc.model.article import Article
from searchsvc.query.parser import parse
from searchsvc.verify.reference import AnalyzedArticle, matches_tree, tokenize

TEXT = "Russia's U.S. talks: Čapek's Straße, 中国人 ที่ well-known meetings of the working group"
ARTICLE = Article("1", "Title", TEXT, "p", place=("New Delhi", "Paris"), extra={"pages": ("10", "ab" * 600)})


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Čapek déjà İSTANBUL Łódź Straße Ælfric", ["capek", "deja", "istanbul", "lodz", "strasse", "aelfric"]),
        ("中国人x カー ที่", ["中", "国", "人", "x", "カ", "ー", "ท", "ี"]),
        ("U.S. well-known it’s", ["u", "s", "well", "known", "it", "s"]),
        ("मोदी ΣΑΣ", ["मोदी", "σασ"]),
        ("x" * 200 + " " + "y" * 199, ["y" * 199]),
    ],
)
def test_words_are_folded(text: str, tokens: list[str]) -> None:
    assert tokenize(text) == tokens


@pytest.mark.parametrize(
    "query",
    [
        *("meeting", "russia", "russia’s", "capek", "strasse", "中国", "U.S.", '"working group"', "well-known"),
        *('"group working"~2', '"talks Russia"~5', "wor*", "mee?ings", "mee*gs", "capke~", "korwing~2"),
        *("place:delhi", 'place:"new delhi"', "place:par*", "place:apris~", "pages:10", "-tea", "tea OR group", "-"),
    ],
)
def test_these_find_the_article(query: str) -> None:
    assert matches_tree(parse(query, ["place", "pages"]).tree, AnalyzedArticle(ARTICLE, "english"))


@pytest.mark.parametrize(
    "query",
    [
        *('"group working"~1', '"talks Russia"~3', "mee?s", "wo?king*s", "capke~ tea", "korwing~1", "title:group", "met"),
        *('place:"delhi paris"', "place:delhis", "-group", "中人国", '"title russia"', "date:2022"),
    ],
)
def test_these_do_not(query: str) -> None:
    assert not matches_tree(parse(query, ["place", "pages"]).tree, AnalyzedArticle(ARTICLE, "english"))
