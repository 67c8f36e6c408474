"""One archive in several languages: each word in the forms of the language of its article."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article
from searchsvc.query import SearchRequest, parse
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from tests.conftest import ENGINES, Archive

Make = Callable[..., Searcher]

ARTICLES = (
    Article("en", "Meetings in the harbour", "They met at the houses by the quay. A gift was given.", "p", language="en"),
    Article("de", "Ein Haus am Hafen", "Die Häuser der Stadt sind alt. Das Gift war im Haus.", "p", language="de-CH"),
    Article("fr", "La maison du port", "Les maisons de la ville sont vieilles.", "p", language="French"),
    Article("ru", "Книга о городе", "В книгах написано о домах.", "p", language="rus"),
    Article("hi", "शहर की किताब", "किताबों में शहर", "p", language="hi"),
    Article("zh", "港口的房子", "城市的房子很老。", "p", language="zh"),
    Article("untold", "A meeting", "Nothing else.", "p"),
)
LANGUAGES = ("english", "german", "french", "russian", "hindi", "none")


def found(searcher: Searcher, query: str) -> list[str]:
    request = SearchRequest(parse(query, ["language"]).tree)
    return sorted(hit.article.id for hit in searcher.search(Question(query, request=request)).results.hits)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("häusern", ["de"]),
        ("Haus", ["de"]),
        ("houses", ["en"]),
        ("meet", ["en", "untold"]),
        ("maison", ["fr"]),
        ("title:maisons", ["fr"]),
        ("книги", ["ru"]),
        ("किताब", ["hi"]),
        ("房子", ["zh"]),
        ("gifts", ["de", "en"]),
        ('"alte Stadt"~2', []),
        ('"Haus Stadt"~2', ["de"]),
        ('"vieille maison"~10', ["fr"]),
        ('"Häuser der Stadt"', ["de"]),
        ('"Haus der Stadt"', []),
        ("stadt language:de", ["de"]),
        ("-haus -meeting", ["fr", "hi", "ru", "zh"]),
    ],
)
def test_words_match_in_the_forms_of_each_language(searcher_of: Make, query: str, ids: Sequence[str]) -> None:
    searcher = searcher_of(ARTICLES, languages=LANGUAGES, chosen=())
    assert found(searcher, query) == ids


def test_matches_are_marked_by_the_rules_of_their_article(searcher_of: Make) -> None:
    searcher = searcher_of(ARTICLES, languages=LANGUAGES, chosen=())
    question = Question("häusern", request=SearchRequest(parse("häusern").tree))
    (hit,) = searcher.search(question).results.hits
    assert [hit.title.text[a:b] for a, b in hit.title.spans] == ["Haus"]
    assert [[each.text[a:b] for a, b in each.spans] for each in hit.snippets] == [["Häuser", "Haus"]]
    _, body = searcher.highlight(ARTICLES[1], question)
    assert [body.text[a:b] for a, b in body.spans] == ["Häuser", "Haus"]


def test_similar_articles_are_in_the_same_language(searcher_of: Make) -> None:
    words = "harbour quay lighthouse ferry"
    articles = [
        Article(f"{language}{number}", f"{words} {number}", words, "p", language=language)
        for language in ("en", "de")
        for number in range(3)
    ]
    others = [Article(f"other{number}", "x", "something else", "p", language="en") for number in range(9)]
    searcher = searcher_of([*articles, *others], languages=("english", "german"), chosen=())
    assert {hit.article.id for hit in searcher.similar(articles[0], 10)} == {"en1", "en2"}


def test_similar_articles_are_in_the_same_language_even_if_it_has_no_rules(searcher_of: Make) -> None:
    numbers = "40 1917 2030 Saltmarsh Oakmoor"
    languages = ("ja", "zh", "zh-Hant", "", "de", "ja_JP")
    articles = [Article(str(at), numbers, f"{numbers} {at}", "p", language=each) for at, each in enumerate(languages)]
    others = [Article(f"other{number}", "x", "something else", "p", language="en") for number in range(9)]
    searcher = searcher_of([*articles, *others], languages=("english",), chosen=())
    assert {hit.article.id for hit in searcher.similar(articles[0], 10)} == {"3", "5"}
    assert {hit.article.id for hit in searcher.similar(articles[1], 10)} == {"2", "3"}


def test_a_rare_language_has_no_rules_of_its_own(archive: Archive) -> None:
    english = "".join(
        json.dumps({"id": f"e{n}", "title": "x", "text": "The houses", "lang": "en"}) + "\n" for n in range(199)
    )
    german = [json.dumps({"id": f"d{n}", "title": "y", "text": "Die Häuser", "lang": "de"}) + "\n" for n in range(2)]
    archive.write({"a.jsonl": english, "b.jsonl": german[0]})
    reindex(archive.settings)
    searcher = SearchService(archive.settings).acquire()
    assert (searcher.info.languages, found(searcher, "Haus"), found(searcher, "Häuser")) == (("english",), [], ["d0"])
    archive.write({"c.jsonl": german[1] + german[1].replace("d1", "d2")})
    reindex(archive.settings)
    searcher = SearchService(archive.settings).acquire()
    assert (searcher.info.languages, found(searcher, "Haus")) == (("english", "german"), ["d0", "d1", "d2"])


@pytest.mark.parametrize("engine", ENGINES[:2])
def test_the_setting_narrows_the_languages(archive: Archive, engine: str) -> None:
    rows = [{"id": each.id, "title": each.title, "text": each.body, "lang": each.language} for each in ARTICLES]
    archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
    settings = replace(archive.settings, engine=engine, language=("german", "french"))
    reindex(settings)
    searcher = SearchService(settings).acquire()
    assert searcher.info.languages == ("german", "french")
    assert (found(searcher, "häusern"), found(searcher, "maison"), found(searcher, "книги")) == (["de"], ["fr"], [])
