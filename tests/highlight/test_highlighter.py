"""The matches that are highlighted in a text, shown in [brackets]."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis import Analyzer
from searchsvc.analysis.tokenizer import token_pattern
from searchsvc.highlight import Highlighter
from searchsvc.highlight.matches import MAX_TEXT
from searchsvc.model.results import Snippet
from searchsvc.query import parse

ENGLISH = Analyzer("english")


def highlighter(query: str, analyzer: Analyzer = ENGLISH) -> Highlighter:
    return Highlighter(parse(query, ["place"]).tree, analyzer)


def marked(snippet: Snippet) -> str:
    text = snippet.text
    for start, end in reversed(snippet.spans):
        text = f"{text[:start]}[{text[start:end]}]{text[end:]}"
    return text


@pytest.mark.parametrize(
    ("query", "text"),
    [
        # Words, in any of their forms
        ("", "anything"),
        ("meeting", "They met. [Meetings] [meet]."),
        ("tea milk", "[Tea] or [milk]? [Teas]!"),
        ("U.S.", "the [U.S]. and us"),
        ("Russia's", "[Russia]’s and [Russia]"),
        ("capek déjà", "Karel [Čapek]’s [deja] vu"),
        ("strasse", "[Straße], [STRASSE]"),
        ("中国", "在[中国]人的国中"),
        ("国 中", "在[中国]人的[国中]"),
        ("मोदी", "[मोदी] ने कहा"),
        ("🙂 tea", "🙂 [tea] 🙂 [tea]"),
        ("tea^3 (milk OR x)^2", "[tea] [milk]"),
        # Exclusions and fields
        ("tea -coffee", "[tea] or coffee"),
        ("place:delhi tea", "delhi [tea]"),
        ("title:tea milk", "tea [milk]"),
        ("body:tea", "[tea]"),
        ("date:2022", "2022"),
        # Phrases
        ('"working group"', "A group working in a [working group], [working-group]"),
        ('"working group"', "working, um, group"),
        ('"green tea green"', "[green tea green tea green]; a tea green"),
        ('tea OR "green tea"', "[green tea], [tea]"),
        ('"中国人" 人', "在[中国人]的国[人]"),
        ('"working groups"', "working group, [Working groups], works group, [wörking‐groups]"),
        ('"tea" teas', "[tea] and [teas]"),
        ('=tea =Čaj "green tea"', "[tea], teas, [caj], [green tea], greens [tea]"),
        ('title:=tea "green teas"', "tea, [green teas]"),
        # Phrases in any form
        ('"working groups"~', "[working group], [works grouped], groups work"),
        ('=works "working groups"~', "[works group] [works]"),
        # Sloppy phrases: each of their words
        ('"working group"~1', "[working] the [group]; group working"),
        ('"working group"~2', "[group] [working]; working a b c group"),
        ('"tea tea"~1', "[tea] x [tea] x x tea"),
        # Wildcards and fuzzy words, as written
        ("moderni*", "[Modernität] is modern, [modernized]"),
        ("mod?rn*", "a [modern] [moderna], un-[modern]"),
        ("été*", "[étés] [eternal] [ETE]"),
        ("alipov~ tea", "[Alípov], [alpiov]; [lipov] [teas] [Aliprov] alip"),
        ("alipov~2", "[alip] ali"),
        ("wor* word", "[words], [word], [worry]"),
    ],
)
def test_matches(query: str, text: str) -> None:
    plain = text.replace("[", "").replace("]", "")
    assert marked(highlighter(query).text(plain)) == text


@pytest.mark.parametrize(
    ("language", "query", "text"),
    [
        ("dutch", "werkt", "Zij hebben [gewerkt]."),
        ("arabic", "قدس", "زرت [القدس] أمس"),
        ("tamil", "படி", "[எப்படி] இருக்கிறாய்"),
    ],
)
def test_words_that_lose_their_prefix_are_matched(language: str, query: str, text: str) -> None:
    assert marked(highlighter(query, Analyzer(language)).text(text.replace("[", "").replace("]", ""))) == text


def test_titles_match_the_parts_of_the_query_about_titles() -> None:
    assert marked(highlighter("title:tea body:milk").title("Green Tea, Milk")) == "Green [Tea], Milk"


def test_text_beyond_the_limit_is_not_highlighted() -> None:
    text = "tea" + " x" * (MAX_TEXT // 2) + " tea"
    assert highlighter("tea").text(text).spans == ((0, 3),)


@pytest.mark.parametrize(
    ("query", "title", "body", "near"),
    [
        ('"working group"~2', "", "group, working", True),
        ('"working group"~2', "Working Groups", "", True),
        ('"working group"~2', "Working", "Group", False),
        ('"working group"~2', "", "working a b c group", False),
        ('"working group"', "", "working group", False),
    ],
)
def test_is_near_is_about_sloppy_phrases(query: str, title: str, body: str, near: bool) -> None:
    assert highlighter(query).is_near(title, body) is near


_words = st.sampled_from(
    (
        "tea",
        "Tea’s",
        "TEAS",
        "green",
        "été",
        "Éter",
        "étés",
        "中国",
        "world_wide",
        "Straße",
        "İte",
        "ﬁne",
        "🙂",
        "मोदी",
        "teas,",
    )
)
_queries = st.lists(st.sampled_from(("tea", "ete", "中", "strasse", "fine", "मोदी", "world")), min_size=1, max_size=3)


@given(st.lists(_words | st.just("x" * 300), max_size=100).map(" ".join), _queries)
def test_exactly_the_tokens_with_a_stem_of_the_query_are_matched(text: str, query: list[str]) -> None:
    stems = {stem for word in query for stem in ENGLISH.terms(word)}
    tokens = token_pattern(text).finditer(text)
    covered = {at for token in tokens if ENGLISH.stem(token.group()) in stems for at in range(*token.span())}
    spans = highlighter(" OR ".join(query)).text(text).spans
    assert {at for span in spans for at in range(*span)} == covered
    assert all(before[1] < after[0] for before, after in pairwise(spans))
