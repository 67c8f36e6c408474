"""Concordances: every match in its line, by every engine."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from searchsvc.model import Article
from searchsvc.query import SearchRequest, parse
from searchsvc.search import Question, Searcher
from searchsvc.search.concordance import CONTEXT, LINES, MAX_LINES, Concordance, Neighbour, View

Make = Callable[..., Searcher]
_BY_RIGHT = View()

NEWS = [
    Article("1", "Tea from Assam", "Black tea is drunk here.\n\nGreen tea, too.", "p", dt.date(2021, 4, 1)),
    Article("2", "Exports", "Teas go east. The tea's price rose, and tea sells.", "p", dt.date(2022, 1, 5)),
    Article("3", "Coffee", "No leaf here.", "p", dt.date(2022, 1, 7)),
    Article("4", "Undated", "tea", "p"),
]


def concordance(searcher: Searcher, text: str, view: View = _BY_RIGHT, **request: Any) -> Concordance:
    return searcher.concordances.read(question(text, **request), view)


def question(text: str, **request: Any) -> Question:
    return Question(text, request=SearchRequest(parse(text, ["place"]).tree, **request))


def shown(found: Concordance) -> list[tuple[str, str, str]]:
    return [(line.before, line.match, line.after) for line in found.lines]


def test_every_match_has_a_line_with_the_text_around_it(searcher_of: Make) -> None:
    found = concordance(searcher_of(NEWS), "tea", View("text"), sort="oldest")
    assert shown(found) == [
        ("", "Tea", " from Assam"),
        ("Black ", "tea", " is drunk here. Green tea, too."),
        ("Black tea is drunk here. Green ", "tea", ", too."),
        ("", "Teas", " go east. The tea's price rose, and tea sells."),
        ("Teas go east. The ", "tea", "'s price rose, and tea sells."),
        ("Teas go east. The tea's price rose, and ", "tea", " sells."),
        ("", "tea", ""),
    ]
    assert [(line.article.id, line.field, line.number) for line in found.lines[:3]] == [
        ("1", "title", 1),
        ("1", "body", 1),
        ("1", "body", 2),
    ]
    assert (found.total, found.read.matches, found.read.articles, found.read.is_sample) == (7, 7, 3, False)


def test_lines_are_sorted_by_the_words_beside_the_match(searcher_of: Make) -> None:
    searcher = searcher_of(NEWS)
    right = [line.right[:1] for line in concordance(searcher, "tea", View("right")).lines]
    assert right == [("from",), ("go",), ("is",), ("price",), ("sells",), ("too",), ()]
    left = [line.left[:1] for line in concordance(searcher, "tea", View("left")).lines]
    assert left == [("and",), ("black",), ("green",), ("the",), (), (), ()]


def test_lines_are_grouped_and_chosen_by_the_word_beside_the_match(searcher_of: Make) -> None:
    searcher = searcher_of([Article(str(n), "T", f"fresh tea {'leaves' if n % 3 else 'trade'}", "p") for n in range(9)])
    found = concordance(searcher, "tea")
    assert found.left == (Neighbour("fresh", 9),)
    assert found.right == (Neighbour("leaves", 6), Neighbour("trade", 3))
    chosen = concordance(searcher, "tea", View(right="trade"))
    assert (chosen.total, chosen.read.matches) == (3, 9)
    assert {line.right for line in chosen.lines} == {("trade",)}
    assert concordance(searcher, "tea", View(left="trade")).total == 0


@pytest.mark.parametrize(
    ("text", "request_", "matches"),
    [
        ('"black tea"', {}, ["Black tea"]),
        ("title:tea", {}, ["Tea"]),
        ("drun*", {}, ["drunk"]),
        ("tae~", {"dates": ("2021",)}, ["Tea", "tea", "tea"]),
        ("zebra", {}, []),
        ("", {}, []),
        ("place:Assam", {}, []),
    ],
)
def test_a_line_shows_what_the_query_matches(
    searcher_of: Make, text: str, request_: dict[str, Any], matches: list[str]
) -> None:
    found = concordance(searcher_of(NEWS), text, View("text"), **request_)
    assert [line.match for line in found.lines] == matches


def test_words_that_are_cut_are_left_out(searcher_of: Make) -> None:
    (line,) = concordance(searcher_of([Article("1", "T", "water " * 40 + "tea " + "coffee " * 40, "p")]), "tea").lines
    assert set(line.before.split()) == {"water"}
    assert set(line.after.split()) == {"coffee"}
    assert CONTEXT - 8 < len(line.before) <= CONTEXT
    assert CONTEXT - 8 < len(line.after) <= CONTEXT


def test_scripts_without_spaces_have_context_too(searcher_of: Make) -> None:
    (line,) = concordance(searcher_of([Article("1", "T", "水" * 300 + "茶" + "山" * 300, "p")]), "茶").lines
    assert (line.before, line.after) == ("水" * CONTEXT, "山" * CONTEXT)


def test_pages_show_every_line_once(searcher_of: Make) -> None:
    searcher = searcher_of([Article("1", "T", " ".join(f"tea w{number:03}" for number in range(250)), "p")])
    pages = [concordance(searcher, "tea", page=page) for page in (1, 2, 3, 4)]
    assert [len(page.lines) for page in pages] == [LINES, LINES, 50, 0]
    assert [line.right[0] for page in pages for line in page.lines] == [f"w{number:03}" for number in range(250)]
    assert pages[0].pages == 3


def test_of_very_many_matches_a_fair_sample_is_shown(searcher_of: Make) -> None:
    years = [2001, 2002, 2003, 2004]
    articles = [Article(f"a{n}", "T", "tea cup " * 40, "p", dt.date(years[n % 4], 1, 1)) for n in range(400)]
    searcher = searcher_of(articles)
    found = concordance(searcher, "tea").read
    assert (len(found.lines), found.matches, found.is_sample) == (MAX_LINES, 16_000, True)
    by_year = Counter(line.article.date.year for line in found.lines if line.article.date)
    assert all(abs(by_year[year] - MAX_LINES / 4) < MAX_LINES / 40 for year in years)
    assert len(list(searcher.concordances.all_lines(question("tea")))) == 16_000


def test_of_very_much_text_a_share_of_the_articles_is_read(searcher_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.search.concordance._MAX_CHARACTERS", 60_000)
    articles = [Article(f"a{n}", "T", "tea " + "word " * 60, "p") for n in range(600)]
    found = concordance(searcher_of(articles), "tea").read
    assert found.articles == 600
    assert 120 < found.matches < 280  # of 60,000 characters, about 200 articles have 300 each
    assert found.matches == pytest.approx(600 * found.share, rel=0.2)
