"""What is marked, and which fragments are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.query_terms import extract_terms
from searchsvc.analysis.term_matching import normalize
from searchsvc.analysis.tokenizer import token_pattern
from searchsvc.highlight.fragments import FRAGMENT_WIDTH
from searchsvc.highlight.highlighter import Highlighter
from searchsvc.highlight.scanner import TokenScanner, every_word
from searchsvc.model.results import Snippet
from searchsvc.query.parser import parse

ENGLISH = Analyzer("english")


def marked(query: str, text: str) -> list[str]:
    snippet = Highlighter(parse(query, ["place"]).tree, ENGLISH).text(text)
    return [snippet.text[start:end] for start, end in snippet.spans]


@pytest.mark.parametrize(
    ("query", "text", "marks"),
    [
        ("meeting", "They met. Meetings meet.", ["Meetings", "meet"]),
        ('"working group"', "A group working in a working group, working-group", ["working group", "working-group"]),
        ("U.S.", "the U.S. and us", ["U.S"]),
        ("capek", "Karel Čapek’s robots", ["Čapek"]),
        ("中国", "在中国人的国中", ["中国"]),
        ("🙂 tea", "🙂 tea 🙂 tea", ["tea", "tea"]),
        ("tea -coffee", "tea or coffee", ["tea"]),
        ("place:delhi tea", "delhi tea", ["tea"]),
        ("title:tea milk", "tea milk", ["milk"]),
        ('tea OR "green tea"', "green tea", ["green tea"]),
        ("", "anything", []),
        ("moderni*", "Modernität is modern, modernized", ["Modernität", "modernized"]),
        ("mod?rn*", "a modern moderna, un-modern", ["modern", "moderna", "modern"]),
        ("alipov~ tea", "Alípov, alpiov; lipov teas Aliprov", ["Alípov", "alpiov", "lipov", "teas", "Aliprov"]),
        ("tea^3 (milk OR x)^2", "tea milk", ["tea", "milk"]),
    ],
)
def test_marks(query: str, text: str, marks: list[str]) -> None:
    assert marked(query, text) == marks


def test_a_title_is_marked_whole() -> None:
    highlighter = Highlighter(parse("title:tea").tree, ENGLISH)
    assert highlighter.title("Green Tea") == Snippet("Green Tea", ((6, 9),))


def test_fragments_show_each_word_of_the_query() -> None:
    text = "Nothing here. " * 40 + "Alpha is here. " + "Nothing here. " * 40 + "So is omega. " + "Nothing here. " * 40
    fragments = Highlighter(parse("alpha omega").tree, ENGLISH).fragments(text)
    assert [[f.text[a:b] for a, b in f.spans] for f in fragments] == [["Alpha"], ["omega"]]
    assert all(len(fragment.text) < 2 * FRAGMENT_WIDTH for fragment in fragments)


def test_without_a_match_the_beginning_is_shown() -> None:
    assert Highlighter(parse("").tree, ENGLISH).fragments("First sentence here. " * 30)[0].text.startswith("First sentence")
    assert Highlighter(parse("x").tree, ENGLISH).fragments("") == ()


_words = st.sampled_from(
    ["tea", "Tea’s", "green", "été", "中国", "working", "group", "a", "🙂", "\n\n", "मोदी", "teas,", "x" * 400]
)


def test_words_that_lose_their_beginning_are_marked() -> None:
    dutch = Analyzer("dutch")
    snippet = Highlighter(parse("werkt").tree, dutch).text("Zij hebben gewerkt.")
    assert [snippet.text[start:end] for start, end in snippet.spans] == ["gewerkt"]


_heads = st.sets(st.sampled_from(["te", "tea", "wor", "e", "ete", "ssa", "", "中", "str", "i", "fin"]), max_size=3)
_ODD = ("Tea", "tEAm", "été", "Éter", "world_wide", "ßa", "Straße", "İte", "中国", "it’s", "ﬁne", "“Fin”", "9")
_odd_texts = st.lists(st.sampled_from(_ODD), max_size=40).map(" ".join)


@given(_odd_texts | st.text(max_size=60), _heads)
def test_every_word_that_may_begin_so_is_a_candidate(text: str, heads: set[str]) -> None:
    tokens = [(token.start(), token.group()) for token in token_pattern(text).finditer(text)]
    found = list(TokenScanner(heads).within(text))
    assert set(found) <= set(tokens)
    assert found == sorted(found)
    wanted = {token for token in tokens if normalize(token[1], ENGLISH).startswith(tuple(heads))}
    assert wanted <= set(found)
    assert every_word(text) == {word for _, word in tokens}


@given(st.lists(_words, max_size=300).map(" ".join), st.sampled_from(["tea", '"green tea"', "ete OR 中国", "मोदी working"]))
def test_every_mark_is_something_the_query_looks_for(text: str, query: str) -> None:
    tree = parse(query).tree
    wanted = extract_terms(tree, "body", ENGLISH)
    for fragment in Highlighter(tree, ENGLISH).fragments(text):
        ends = [position for span in fragment.spans for position in span]
        assert ends == sorted(ends)
        for start, end in fragment.spans:
            terms = ENGLISH.terms(fragment.text[start:end])
            assert any(set(each.terms) <= set(terms) for each in wanted)


def test_a_long_text_of_matches_is_quick_to_mark() -> None:
    fragments = Highlighter(parse("the OR of").tree, ENGLISH).fragments("the of " * 300_000)
    assert 1 <= len(fragments) <= 3
