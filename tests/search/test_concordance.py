"""Concordances: every match in its line, by every engine."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from searchsvc.errors import OverloadError, UserError
from searchsvc.model import Article
from searchsvc.query import SearchRequest, parse
from searchsvc.search import Question, Searcher
from searchsvc.search.concordance import CONTEXT, LINES, MAX_LINES, Concordance, Neighbour, Order, View

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
    found = concordance(searcher_of(NEWS), "tea", View("oldest"))
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
        ("tea -green", {}, ["Teas", "tea", "tea", "tea"]),
        ('tea "leaf here"', {"dates": ("2022",)}, []),
        ('price OR "leaf here"', {}, ["leaf here", "price"]),
        ("zebra", {}, []),
    ],
)
def test_a_line_shows_what_the_query_matches(
    searcher_of: Make, text: str, request_: dict[str, Any], matches: list[str]
) -> None:
    found = concordance(searcher_of(NEWS), text, View("newest"), **request_)
    assert [line.match for line in found.lines] == matches


@pytest.mark.parametrize("text", ["", "place:Assam", "-tea", "date:2021"])
def test_without_a_word_there_are_no_lines(searcher_of: Make, text: str) -> None:
    searcher = searcher_of(NEWS)
    with pytest.raises(UserError, match="needs a word or a phrase"):
        concordance(searcher, text)
    with pytest.raises(UserError, match="needs a word or a phrase"):
        searcher.concordances.all_lines(question(text))


def test_lines_are_sorted_by_further_words_and_by_their_articles(searcher_of: Make) -> None:
    texts = {"a": "x y tea c b a", "b": "y x tea a c b", "c": "z z tea b a c"}
    days = {"a": dt.date(1960, 1, 1), "b": None, "c": dt.date(2020, 1, 1)}
    sources = {"a": "the Post", "b": "", "c": "Daily"}
    found = searcher_of([Article(name, "T", texts[name], "p", days[name], source=sources[name]) for name in texts])
    orders: dict[Order, str] = {"right": "bca", "right2": "cab", "right3": "abc", "left": "bac", "left2": "abc"}
    for order, expected in {**orders, "newest": "cab", "oldest": "acb", "source": "cab"}.items():
        lines = concordance(found, "tea", View(order)).lines
        assert "".join(line.article.id for line in lines) == expected, order


def test_numbers_are_those_of_the_marks_on_the_page(searcher_of: Make) -> None:
    text = "black tea. Green\n\ntea is green tea"
    lines = concordance(searcher_of([Article("1", "T", text, "p")]), '"green tea"', View("newest")).lines
    assert [(line.match, line.number) for line in lines] == [("Green tea", 1), ("green tea", 3)]


def test_all_lines_can_be_those_with_a_neighbour_the_oldest_first(searcher_of: Make) -> None:
    lines = searcher_of(NEWS).concordances.all_lines(question("tea"), View("oldest", left="the"))
    assert [line.before for line in lines] == ["Teas go east. The "]
    lines = searcher_of(NEWS).concordances.all_lines(question("tea"), View("oldest"))
    assert [line.article.id for line in lines] == ["1", "1", "1", "2", "2", "2", "4"]


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


def test_a_table_has_so_many_lines(searcher_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.search.concordance.MAX_EXPORTED", 5)
    assert len(list(searcher_of(NEWS).concordances.all_lines(question("tea")))) == 5


def test_concordances_wait_for_others_for_a_while(searcher_of: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("searchsvc.search.turns.PATIENCE", 0.05)
    searcher = searcher_of(NEWS)
    begun, free = Event(), Event()
    scan = searcher.engine.scan

    def slow_scan(request: SearchRequest) -> Iterator[Article]:
        begun.set()
        free.wait(20)
        return scan(request)

    monkeypatch.setattr(searcher.engine, "scan", slow_scan)
    with ThreadPoolExecutor() as pool:
        others = [pool.submit(concordance, searcher, text) for text in ("tea", "coffee")]
        begun.wait(20)
        try:
            with pytest.raises(OverloadError):
                for text in ("leaf", "east", "price"):  # one of which may be in front of the second
                    concordance(searcher, text)
        finally:
            free.set()
        assert [other.result().total for other in others] == [7, 1]
