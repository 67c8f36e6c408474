"""Quotations: the articles that have them word for word, or what was printed instead, the same from every engine."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.errors import UserError
from searchsvc.highlight.matches import MAX_TEXT as MAX_HIGHLIGHTED
from searchsvc.model.article import Article
from searchsvc.model.quotations import Printing
from searchsvc.query.request import SearchRequest
from searchsvc.search.passages import MAX_WORDS
from searchsvc.search.quotations import MAX_CANDIDATES, Quotation, QuotationCheck
from searchsvc.search.searcher import Searcher
from tests.strategies import articles

Make = Callable[..., Searcher]

WIRE = "The ministers of both countries met in the harbour and agreed on a working group for fisheries."
SPEECH = (
    "He said: “We don’t know – nobody does – what the Café Müller will do.”\n\nThen he left the harbour by the night "
    "train, which arrived in Saltmarsh at noon."
)
NEWS = [
    Article(
        "late", "Ministers meet", f"Vintry (HNA). {WIRE} More in the evening.", "p", dt.date(2022, 12, 24), source="HNA"
    ),
    Article("early", "Talks", f"{WIRE}\n\nFishermen were glad.", "p", dt.date(2022, 12, 23), source="Courier"),
    Article("undated", "Copy", WIRE.upper(), "p", source="Courier"),
    Article("speech", "Nobody knows what the café will do", SPEECH, "p", dt.date(2021, 1, 1)),
    Article("scan", "Notes", "It was a well-\nknown infor-\nmation of the old harbour master.", "p", dt.date(1911, 5, 1)),
    Article("zh", "渔业", "两国部长在港口会面并同意成立渔业工作组,下周开始工作。", "p", dt.date(2020, 2, 2)),
    Article("other", "Trains", "The train to the harbour was late because of snow on the line.", "p", dt.date(2020, 3, 3)),
]


def check(searcher: Searcher, text: str, **request: Any) -> QuotationCheck:
    return searcher.check_quotation(Quotation(text, SearchRequest(**request)))


def ids(found: QuotationCheck) -> list[str]:
    return [each.article.id for each in found.printings]


def differences(printing: Printing, text: str) -> list[tuple[str, str, str]]:
    """Return the kind of each difference, and the words of quotation and passage."""
    return [(kind, text[slice(*own)], printing.text[slice(*other)]) for kind, own, other in printing.differences]


# Word for word


@pytest.fixture
def news(searcher_of: Make) -> Searcher:
    return searcher_of(NEWS)


def test_articles_that_have_it_come_earliest_first_and_undated_last(news: Searcher) -> None:
    found = check(news, WIRE)
    assert (found.total, ids(found), found.words) == (3, ["early", "late", "undated"], 17)
    assert all((each.similarity, each.differences, each.kept, each.articles) == (1, (), 17, 3) for each in found.printings)
    assert [each.passage for each in found.printings] == [WIRE[:-1], WIRE[:-1], WIRE.upper()[:-1]]


def test_limit_filters_and_dates_are_those_of_a_search(news: Searcher) -> None:
    assert (check(news, WIRE, per_page=1).total, ids(check(news, WIRE, per_page=1))) == (3, ["early"])
    assert ids(check(news, WIRE, filters={"source": ("Courier",)})) == ["early", "undated"]
    assert ids(check(news, WIRE, start=dt.date(2022, 12, 24))) == ["late"]
    altered = WIRE.replace("agreed on", "quarrelled about")
    assert ids(check(news, altered, start=dt.date(2022, 12, 24))) == ["late"]
    assert ids(check(news, altered, start=dt.date(2023, 1, 1))) == []


@pytest.mark.parametrize(
    ("text", "article", "passage"),
    [
        ("we dont know", "", ""),
        ("“We don't know -- nobody does”", "speech", "We don’t know – nobody does"),
        ("WHAT THE CAFE MULLER WILL DO", "speech", "what the Café Müller will do"),
        ("Muller will do. Then he left the harbour", "speech", "Müller will do.”\n\nThen he left the harbour"),
        ("by the night\ntrain,   which", "speech", "by the night train, which"),
        ("Nobody knows what the café", "speech", "Nobody knows what the café"),
        ("a well-known informa\u00adtion", "scan", ""),
        ("a wellknown information of", "scan", "a well-\nknown infor-\nmation of"),
        ("was a well-\nknown infor-\nmation", "scan", "was a well-\nknown infor-\nmation"),
        ("was a well known infor mation", "scan", "was a well-\nknown infor-\nmation"),
        ("港口会面", "zh", "港口会面"),
        ("港口会面并同意成立渔业工作组,下周", "zh", "港口会面并同意成立渔业工作组,下周"),
    ],
)
def test_marks_case_accents_and_line_ends_make_no_difference(news: Searcher, text: str, article: str, passage: str) -> None:
    found = check(news, text)
    if passage:
        assert (found.total, ids(found), found.printings[0].passage) == (1, [article], passage)
    else:
        assert not found.total


def test_a_hyphen_at_a_line_end_of_the_quotation_may_belong_to_the_word(searcher_of: Make) -> None:
    searcher = searcher_of([Article("a", "T", "It was a well-known information of old.", "p")])
    assert check(searcher, "a well-\nknown information").total == 1
    assert check(searcher, "a well-known infor-\nmation").total == 1


def test_frequent_words_alone_are_found_too(searcher_of: Make) -> None:
    many = [Article(f"{number}", "Or not", "To be is not to do, or to be or not.", "p") for number in range(30)]
    searcher = searcher_of([*many, Article("hamlet", "Play", "Asked: to be, or not to be?", "p")])
    assert ids(check(searcher, "to be or not to be")) == ["hamlet"]


def test_a_passage_that_overlaps_itself_is_shown_once(searcher_of: Make) -> None:
    searcher = searcher_of([Article("a", "T", "Boys will be boys will be boys, they said.", "p")])
    assert check(searcher, "boys will be boys").printings[0].passage == "Boys will be boys"


def test_the_place_is_known_in_very_long_texts(searcher_of: Make) -> None:
    text = "word and word " * (MAX_HIGHLIGHTED // 10)
    searcher = searcher_of([Article("long", "T", f"{text}{WIRE} {text}", "p"), Article("short", "T", "tea", "p")])
    printing = check(searcher, WIRE).printings[0]
    assert (printing.passage, printing.place[0]) == (WIRE[:-1], len(text))
    assert check(searcher, WIRE.replace("harbour", "port")).printings[0].passage == WIRE[:-1]


# What was printed instead


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("both", "three", ("changed", "three", "both")),
        ("of both countries ", "", ("missing", "", "of both countries")),
        ("agreed", "finally agreed", ("added", "finally", "")),
        ("The ministers", "Ministers", ("missing", "", "")),
        ("working group", "workinggroup", ("spacing", "workinggroup", "working group")),
        ("fisheries.", "whaling.", ("added", "whaling", "")),
        ("fisheries.", "", ("", "", "")),
    ],
)
def test_what_differs_is_marked(news: Searcher, old: str, new: str, expected: tuple[str, str, str]) -> None:
    text = WIRE.replace(old, new)
    found = check(news, text)
    if expected[1:] == ("", ""):  # less is no difference
        assert found.total
        return
    printing = found.printings[0]
    assert (found.total, printing.article.id, printing.articles) == (0, "early", 3)
    assert differences(printing, text) == [expected]


def test_the_same_wording_is_one_result_as_the_earliest_article_has_it(searcher_of: Make) -> None:
    days = [dt.date(2020, 1, 1) + dt.timedelta(each) for each in range(2 * MAX_CANDIDATES)]
    copies = [Article(f"copy{each}", "Wire", f"News. {WIRE} More.", "p", day) for each, day in enumerate(reversed(days))]
    other = Article("other", "Wire", f"{WIRE.replace('agreed', 'decided')} More.", "p", dt.date(2019, 1, 1))
    text = WIRE.replace("countries", "islands")
    found = check(searcher_of([*copies, other]), text)
    first = found.printings[0]
    assert (first.article.date, first.articles) == (days[0], len(days))
    assert differences(first, text) == [("changed", "islands", "countries")]


def test_a_passage_of_which_only_a_part_was_printed(news: Searcher) -> None:
    unknown = "Whales sang songs about forgotten kingdoms beyond reach."
    text = f"{unknown} {WIRE} {unknown}"
    printing = check(news, text).printings[0]
    assert (printing.article.id, printing.kept, printing.passage) == ("early", 17, WIRE[:-1])
    assert [each[:2] for each in differences(printing, text)] == [("added", unknown[:-1]), ("added", unknown[:-1])]


def test_the_nearest_comes_first(searcher_of: Make) -> None:
    texts = [WIRE.replace("both", "all"), WIRE.replace("both", "all").replace("harbour", "port"), "The ministers met."]
    searcher = searcher_of(Article(str(number), "T", text, "p") for number, text in enumerate(reversed(texts)))
    found = check(searcher, WIRE)
    assert ids(found) == ["2", "1"]
    assert [each.kept for each in found.printings] == [16, 15]
    assert ids(check(searcher, WIRE, per_page=1)) == ["2"]


def test_short_passages_with_a_word_changed(searcher_of: Make) -> None:
    many = [Article(f"{number}", "T", "In the night of the train by noon.", "p") for number in range(30)]
    searcher = searcher_of([*NEWS, *many])
    assert ids(check(searcher, "by the dark train which"))[:1] == ["speech"]
    assert check(searcher, "两国市长在港口会面").printings[0].article.id == "zh"


@pytest.mark.parametrize("text", ["zyx wvu tsr qpo", "snow on fisheries", "the of and in a to", "? ! ? 1 2 3"])
def test_what_was_never_printed_finds_nothing(news: Searcher, text: str) -> None:
    found = check(news, text)
    assert (found.total, found.printings) == (0, ())


def test_an_empty_archive_has_nothing(searcher_of: Make) -> None:
    assert check(searcher_of([]), WIRE).printings == ()


# Limits and odd input


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("", "the passage has no words; it needs at least 3", None),
        ("„…“ – !", "the passage has no words; it needs at least 3", None),
        ("tea", "the passage has one word; it needs at least 3", None),
        ("tea time", "the passage has 2 words; it needs at least 3", None),
        ("x" * 300 + " tea time", "the passage has 2 words; it needs at least 3", None),
        ("a " * 501, "the passage has 501 words; the limit is 500: check it in parts", 1_000),
    ],
)
def test_passages_have_a_length(text: str, message: str, position: int | None, searcher_of: Make) -> None:
    searcher = searcher_of(NEWS[:1])
    with pytest.raises(UserError) as caught:
        check(searcher, text)
    assert (str(caught.value), caught.value.param, caught.value.position) == (message, "text", position)


def test_the_longest_passage_is_found_and_so_is_one_with_changes(searcher_of: Make) -> None:
    words = [f"word{number % 460}x" for number in range(2 * MAX_WORDS)]
    searcher = searcher_of([Article("a", "T", " ".join(words), "p"), Article("b", "T", "word1x word3x", "p")])
    part = words[100 : 100 + MAX_WORDS]
    assert check(searcher, " ".join(part)).total == 1
    part[::7] = ["changed"] * len(part[::7])
    printing = check(searcher, " ".join(part)).printings[0]
    assert (printing.article.id, printing.kept) == ("a", MAX_WORDS - len(part[::7]))


@pytest.mark.parametrize(
    "text",
    [
        'the "harbour" AND (title:ministers OR -met) *~2^9',
        "\x00 \ufffe the \U0001f600 harbour \u202e met \ud7ff in",
        "<script>alert(1)</script> harbour",
        "in in in in in in in",
        "ministers\n" * 50,
        "ﷺ ｶﾞｷﾞ ﾊﾞ the of",
    ],
)
def test_odd_text_is_checked_like_any_other(news: Searcher, text: str) -> None:
    for printing in check(news, text).printings:
        assert printing.kept >= 3


def tokens_of(text: str) -> list[str]:
    return analyzer_for("english").tokens(text)


def has(article: Article, words: list[str]) -> bool:
    """Return whether the title or the body of an article has words side by side, by looking everywhere."""
    texts = (tokens_of(article.title), tokens_of(article.body))
    return any(words == text[start : start + len(words)] for text in texts for start in range(len(text)))


PLAIN = articles.map(lambda found: [each for each in found if "\n" not in each.title + each.body])
"""Articles in which no line end parts a word."""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=15)
@given(archive=PLAIN, data=st.data())
def test_totals_and_order_are_those_of_a_look_at_every_article(
    archive: list[Article], data: st.DataObject, searcher_of: Make
) -> None:
    searcher = searcher_of(archive)
    body = data.draw(st.sampled_from([article.body for article in archive])).split()
    start = data.draw(st.integers(0, max(0, len(body) - 3)))
    text = " ".join(body[start : data.draw(st.integers(start + 3, max(start + 3, len(body))))])
    if len(tokens_of(text)) >= 3:
        found = check(searcher, text, per_page=100)
        assert sorted(ids(found)) == sorted(each.id for each in archive if has(each, tokens_of(text)))
        assert found.total == len(found.printings)
        assert [each.article for each in found.printings] == sorted_by_day(each.article for each in found.printings)
        assert all(tokens_of(each.passage) == tokens_of(text) for each in found.printings)


def sorted_by_day(found: Iterable[Article]) -> list[Article]:
    return sorted(found, key=lambda each: (each.date is None, each.date or dt.date.max))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=15)
@given(archive=articles, words=st.lists(st.sampled_from(("tea", "green", "group", "working", "the", "zzz")), min_size=3))
def test_whatever_is_found_is_in_its_place(archive: list[Article], words: list[str], searcher_of: Make) -> None:
    text = " ".join(words)
    for printing in check(searcher_of(archive), text).printings:
        assert printing.passage.strip()
        assert 3 <= printing.kept <= len(words)
        places = [each.printed for each in printing.differences]
        assert places == sorted(places)
        assert all(printing.place[0] <= start <= end <= printing.place[1] for start, end in places)
        assert [each.quoted for each in printing.differences] == sorted(each.quoted for each in printing.differences)
