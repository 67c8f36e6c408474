"""Words of 200 bytes and more, such as data URIs, hashes and long compounds: they count as not there, everywhere."""

import datetime as dt
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from searchsvc.analysis.tokenizer import MAX_WORD_BYTES
from searchsvc.api.parameters import parse_question, parse_search
from searchsvc.config import EMBEDDED, Settings
from searchsvc.indexer import reindex
from searchsvc.model.article import Article
from searchsvc.query.ast import Field, Fuzzy, Node, Phrase, Term, Wildcard
from searchsvc.query.request import MAX_QUERY, SearchRequest
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.verify import audit
from tests.conftest import Archive

DATA_URI = "data:image/png;base64," + "iVBORw0KGgoAAAANSUhEUgAA" * 40
LETTERS = ("abcXYZ019", "é", "中", "ж", "ﬀ", "ß", "ﷺ", "ก", "𝐀")


def long_word(chance: random.Random) -> str:
    """Return a word whose length in bytes is about the limit, or far beyond."""
    letters = chance.choice(LETTERS)
    limit = MAX_WORD_BYTES // len(letters[0].encode())
    return "".join(chance.choices(letters, k=chance.choice((limit - 1, limit, limit + 1, 2 * limit, 5 * limit))))


def words(chance: random.Random) -> list[str]:
    return [*(long_word(chance) for _ in range(4)), DATA_URI, "tea", "harbour", "work"]


def article(number: int, pool: list[str], chance: random.Random) -> Article:
    texts = [chance.choice((" ", "/", ", ", "\n\n")).join(chance.choices(pool, k=chance.randint(1, 6))) for _ in range(2)]
    day = dt.date(2022, 1, 1 + number) if chance.random() < 0.5 else None
    tags = tuple(chance.sample(pool, 2))
    return Article(f"a{number}", texts[0], texts[1], "p", day, tag=tags, extra={"mood": (" ".join(tags),)})


def queries(one: str, other: str) -> Iterator[str]:
    """Yield queries of every kind with these words."""
    for word in (
        one,
        other,
        f'"{one} {other}"',
        f'"{one} tea {other}"~3',
        f'"{one}"~2',
        f"{one[:50]}*",
        f"{one[:99]}?{one[99:]}",
    ):
        for field in ("", "title:", "tag:", "mood:", "-", "tea "):
            yield f"{field}{word}"[:MAX_QUERY]
    yield from (f"{one[:199]}~", f"{one[:220]}~2", f"tag:{one[:199]}~", f'"{one}" "{other}"~3', f"{one} OR {other}")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_asked_about_long_words_is_answered(searcher_of: Callable[..., Searcher], seed: int) -> None:
    chance = random.Random(seed)
    pool = words(chance)
    searcher = searcher_of([article(number, pool, chance) for number in range(6)])
    one, other = chance.sample(pool, 2)
    for query in queries(one, other):
        for match in ("all", "any"):
            question = parse_search([("q", query), ("match", match), ("facet", "tag")], searcher)[0]
            answer = searcher.search(question)
            for hit in answer.results.hits:
                searcher.highlight(hit.article, question)
    for each in searcher.scan(Question()):
        searcher.similar(each, 5)
    for length in (3, 66, 199, 200, 201, 900):
        searcher.suggest(one[:length], 5)
        searcher.facet_page("tag", Question(), one[:length])
    searcher.prewarm()
    found = audit(searcher.engine, searcher.info, 40, seed)
    assert (found.differences, found.compared > 0) == ((), True)


@pytest.mark.parametrize(
    ("node", "found"),
    [
        (Term("x" * 300), {"plain", "long"}),
        (Phrase("x" * 300), {"plain", "long"}),
        (Phrase("green tea"), {"plain", "long"}),
        (Phrase(f"green {'x' * 300} tea"), {"plain", "long"}),
        (Phrase("tea green", 2), {"plain", "long"}),
        (Field("tag", Phrase("green tea")), {"plain", "long"}),
        (Field("tag", Phrase("green tea", 1)), {"plain", "long"}),
        (Field("tag", Phrase("x" * 300, 3)), {"plain", "long"}),
        (Field("tag", Term("x" * 300)), {"plain", "long"}),
        (Wildcard(f"{'x' * 250}*"), set()),
        (Wildcard("xx*"), set()),
        (Fuzzy("x" * 250, 2), set()),
    ],
)
def test_a_long_word_counts_as_not_there(searcher_of: Callable[..., Searcher], node: Node, found: set[str]) -> None:
    long = f"green {'x' * 300} tea"
    searcher = searcher_of(
        [Article("plain", "T", "green tea", "p", tag=("green tea",)), Article("long", "T", long, "p", tag=(long,))]
    )
    page = searcher.engine.search(SearchRequest(node, per_page=10))
    assert {each.article.id for each in page.articles} == found


def test_a_phrase_is_marked_across_a_long_word(searcher_of: Callable[..., Searcher]) -> None:
    body = f"one green {'x' * 300} tea two"
    searcher = searcher_of([Article("1", "T", body, "p"), Article("2", "U", "green tea", "p")])
    for query in ('"green tea"', '"tea green"~2'):
        question = parse_question([("q", query)], searcher)
        _, marked = searcher.highlight(searcher.article("1"), question)
        texts = [body[start:end] for start, end in marked.spans]
        assert texts in ([f"green {'x' * 300} tea"], ["green", "tea"])


@pytest.mark.slow
@pytest.mark.parametrize("engine", EMBEDDED)
@pytest.mark.parametrize(
    "body",
    [DATA_URI, f"{DATA_URI} and more", "x" * 200, "é" * 100, f"See {DATA_URI}. " * 300, f"{'word ' * 3_999}{'x' * 250}"],
)
def test_articles_with_long_words_are_indexed(archive: Archive, engine: str, body: str) -> None:
    archive.write({"a.txt": f"Title: {body[:150]}\nDate: 2022-01-02\n\n{body}", "b.json": json.dumps({"title": body})})
    archive.write({"c.json": json.dumps({"id": body, "title": "T", "tag": [body], "author": body, body: body})})
    settings: Settings = replace(archive.settings, engine=engine)
    for _ in range(3):  # the articles that are looked up, and their words, are drawn at random
        assert reindex(settings, full=True).articles == 3
    assert SearchService(settings).acquire().engine.count(SearchRequest()) == 3


def test_the_words_at_which_a_long_text_is_cut_are_not_looked_up(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for number in range(5):
        archive.write({f"{number}.txt": "Title: T\n\n" + "- " * 9_995 + f"{'long' * 3}{number}er word"})
    assert reindex(archive.settings).articles == 5
