"""Words with marks, and words parted at line ends: found as people type them, in every field and way, and highlighted."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

import pytest

from searchsvc.analysis import analyzer_for
from searchsvc.engines import Engine
from searchsvc.highlight.highlighter import Highlighter
from searchsvc.model import Article
from searchsvc.query import SearchRequest, parse
from searchsvc.search.searcher import Searcher

WORDS = (
    ("пе́сня", "песня"),  # Russian stress
    ("зеле́ним", "зеленим"),  # Ukrainian stress
    ("ПЁТР", "петр"),
    ("всѐ", "все"),
    ("εἰρήνη", "ειρηνη"),
    ("Μαΐου", "μαιου"),
    ("ΠΟΛΕΜΟΣ", "πολεμος"),
    ("תּוֹרָה", "תורה"),
    ("בָּרָ֣א", "ברא"),  # with cantillation
    ("مُعَلِّم", "معلم"),
    ("ســلام", "سلام"),
    ("أسرة", "اسرة"),
    ("إسلام", "اسلام"),
    ("آثار", "اثار"),
    ("مسؤول", "مسوول"),
    ("مستشفى", "مستشفي"),
    ("ﺍﻟﻘﺪﺱ", "القدس"),  # as PDF files hold it
    ("کتاب‌خانه", "کتابخانه"),  # Persian
    ("کتاب‌ها", "كتابها"),
    ("۱۴۰۳", "1403"),
    ("फ़ैसला", "फैसला"),
    ("क्‍षमा", "क्षमा"),  # with a joiner
    ("ஊர்கள்", "ஊர்கள்"),
    ("Ver\u00adwaltung", "Verwaltung"),
    ("play\u200bground", "playground"),
    ("book\u2060shelf", "bookshelf"),
    ("\ufeffharbour", "harbour"),
    ("\u200fcaravan\u200e", "caravan"),
    ("ﬂoating", "floating"),
    ("ﬁrefighter", "firefighter"),
    ("Ｈａｒｖｅｓｔ", "harvest"),
    ("Žižkov", "zizkov"),
    ("ọ̀rẹ́", "ore"),
    ("ʿUmar", "umar"),
    ("Ka‘aba".replace("‘", "ʻ"), "kaaba"),
)
"""Words as they are written, and as people type them."""
Make = Callable[..., Engine]


@pytest.fixture
def articles() -> list[Article]:
    """An article for each word, with the word in its title, its body and a metadata field."""
    return [
        Article(f"{number}", f"On {word}", f"Beside {word} now.", "p", dt.date(2022, 1, 1), place=(f"Old {word}",))
        for number, (word, _) in enumerate(WORDS)
    ]


def queries(word: str) -> Iterator[str]:
    """Yield queries of every kind for a word."""
    yield from (word, f"title:{word}", f"body:{word}", f"place:{word}", f'"beside {word} now"', f'"now {word}"~2')
    if word.isalpha() and len(word) > 3:
        yield from (
            f"{word[:2]}?{word[3:]}",
            f"{word[:3]}*{word[-1]}",
            f"x{word}~",
            f"place:{word[:-1]}*",
            f"place:x{word}~",
        )


def ids(engine: Engine, query: str) -> set[str]:
    return {each.article.id for each in engine.search(SearchRequest(parse(query, ["place"]).tree, per_page=100)).articles}


@pytest.mark.parametrize("language", ["english", "none", "russian", "arabic", "greek", "tamil"])
def test_marked_words_are_found_as_people_type_them(engine_of: Make, articles: list[Article], language: str) -> None:
    engine = engine_of(articles, (language,))
    for number, (word, typed) in enumerate(WORDS):
        for query in (*queries(typed), word, f"place:{word}", f'"beside {word}"'):
            assert str(number) in ids(engine, query), query


def test_marked_words_are_highlighted_where_they_are(articles: list[Article]) -> None:
    for article, (word, typed) in zip(articles, WORDS, strict=True):
        for query in (typed, f'"{typed} now"'):
            snippet = Highlighter(parse(query).tree, analyzer_for("english")).text(article.body)
            marked = [snippet.text[start:end] for start, end in snippet.spans]
            last = " now" if " " in query else ""
            assert marked == [word.lstrip("\ufeff\u200fʿ") + last], query  # the highlight begins with a letter


def test_marked_words_are_suggested(searcher_of: Callable[..., Searcher], articles: list[Article]) -> None:
    searcher = searcher_of(articles)
    assert [word for word, _ in searcher.suggest("зелен", 5).words] == ["зеленим"]
    assert [title.title for title in searcher.suggest("пес", 5).titles] == ["On пе́сня"]
    assert [word for word, _ in searcher.suggest("क्ष", 5).words] == ["क्षमा"]


SCAN = "The council of the har-\nbour met on Wednes-\nday with well-\nknown sailors\nfrom abroad."


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("harbour", ["har-\nbour"]),
        ("wednesday", ["Wednes-\nday"]),
        ("well-known", ["well-\nknown"]),
        ("known", ["known"]),
        ("wellknown", ["well-\nknown"]),
        ("harb*", ["har-\nbour"]),
        ("herbour~", ["har-\nbour"]),
        ('"the harbour met"', ["the har-\nbour met"]),
        ('"day with well-known sailors"', ["day with well-\nknown sailors"]),
        ('"sailors well known"~3', ["well", "known", "sailors"]),
        ('"sailors from abroad"', ["sailors\nfrom abroad"]),
        ('"abroad the"', None),
        ('"abroad council"~10', None),
        ('"sailors council"~9', None),
        ("harmet", None),
    ],
)
def test_words_are_found_whose_parts_a_line_end_parts(engine_of: Make, query: str, found: list[str] | None) -> None:
    engine = engine_of([Article("scan", "Paper", SCAN, "p"), Article("other", "Paper", "Nothing", "p")])
    assert ids(engine, query) == ({"scan"} if found else set())
    snippet = Highlighter(parse(query).tree, analyzer_for("english")).text(SCAN)
    assert [snippet.text[start:end] for start, end in snippet.spans] == (found or [])


def test_the_gap_between_readings_is_no_word(engine_of: Make) -> None:
    engine = engine_of([Article("scan", "Paper", SCAN, "p")])
    words: Iterable[str] = (term for term, _ in engine.terms("", 100))
    assert all(word.isalnum() for word in words)
