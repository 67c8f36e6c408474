"""The fragments of a text that are shown, with their matches in [brackets]. Sentences of filler are shortened to "…"."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.highlight.fragments import FRAGMENT_WIDTH, MAX_FRAGMENTS
from searchsvc.highlight.matches import MAX_MATCHES
from tests.highlight.test_highlighter import highlighter, marked

FILLER = "Nothing is here. " * 40


def fragments(query: str, text: str) -> list[str]:
    shown = (marked(fragment) for fragment in highlighter(query).fragments(text))
    return [re.sub(r"((Nothing is here\.|无事发生。)\s*)+", "…", each) for each in shown]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        # Without a match, the beginning
        ("coffee", "", []),
        ("coffee", "We drink tea.", ["We drink tea."]),
        ("coffee", f"We drink tea. {FILLER}", ["We drink tea. …"]),
        # Whole sentences, in one line
        ("tea", f"{FILLER}We drink tea. {FILLER}", ["…We drink [tea]. …"]),
        ("tea", f"{FILLER}“We drink tea.” He left. {FILLER}", ["…“We drink [tea].” He left. …"]),
        ("tea", "We drink tea.\n\nAnd\tmore tea.", ["We drink [tea].  And more [tea]."]),
        ("中国", "无事发生。" * 40 + "在中国人。" + "无事发生。" * 40, ["…在[中国]人。…"]),
        # Each word of the query
        (
            "alpha omega",
            f"{FILLER}Alpha is here. {FILLER}So is omega. {FILLER}",
            ["…[Alpha] is here. …", "…So is [omega]. …"],
        ),
        ("tea milk", f"{FILLER}Tea. {FILLER}Tea and milk. {FILLER}", ["…[Tea]. …", "…[Tea] and [milk]. …"]),
        ("tea -milk", f"Milk. {FILLER}Tea. {FILLER}", ["…[Tea]. …"]),
        ('"green tea" milk', f"Green milk. {FILLER}Green tea. {FILLER}", ["Green [milk]. …", "…[Green tea]. …"]),
        # At most three, in the order of the text
        ("a b c d", f"{FILLER}A. {FILLER}B. {FILLER}C. {FILLER}D.", ["…[A]. …", "…[B]. …", "…[C]. …"]),
        ("a b c d", f"{FILLER}A. {FILLER}B. {FILLER}C. {FILLER}C D.", ["…[A]. …", "…[B]. …", "…[C] [D]."]),
        ("a b c", f"{f'{FILLER}A B. ' * 3}{FILLER}C.", ["…[A] [B]. …", "…[A] [B]. …", "…[C]."]),
        # From the first matches of each word
        ("a b", "A. " * MAX_MATCHES + f"{FILLER}A and B.", ["[A]. " * MAX_MATCHES + "…", "…A and [B]."]),
    ],
)
def test_fragments(query: str, text: str, expected: list[str]) -> None:
    assert fragments(query, text) == expected


@pytest.mark.parametrize(
    ("query", "text", "cut"),
    [
        ("tea", "We drink tea.", [(False, False)]),
        ("tea", f"  We drink tea.\n {FILLER}", [(False, True)]),
        ("tea", f"{FILLER}We drink tea.  \n", [(True, False)]),
        ("tea", f"Tea. {FILLER}Tea. {FILLER}", [(False, True), (True, True)]),
        ("coffee", f"We drink tea. {FILLER}", [(False, True)]),
        ("coffee", "We drink tea. ", [(False, False)]),
    ],
)
def test_fragments_know_whether_the_text_goes_on(query: str, text: str, cut: list[tuple[bool, bool]]) -> None:
    assert [(each.cut_start, each.cut_end) for each in highlighter(query).fragments(text)] == cut


_words = st.sampled_from(("tea", "green", "été", "中国", "working", "group", "a", "🙂", "\n\n", "मोदी", "teas,", "x" * 400))
_queries = st.sampled_from(("tea", '"green tea"', "ete OR 中国", "मोदी working", '"working group"~2', "te*"))


@given(st.lists(_words, max_size=300).map(" ".join), _queries)
def test_fragments_are_short_disjoint_pieces_of_the_text_with_matches(text: str, query: str) -> None:
    line = re.sub(r"[^\S ]", " ", text)
    found = highlighter(query).fragments(text)
    assert len(found) <= MAX_FRAGMENTS
    end = 0
    for fragment in found:
        start = line.find(fragment.text, end)
        assert start >= end
        end = start + len(fragment.text)
        assert len(fragment.text) < 3 * FRAGMENT_WIDTH + 400
        assert all(0 <= a < b <= len(fragment.text) for a, b in fragment.spans)
    matches = bool(highlighter(query).text(text).spans)
    assert all(bool(fragment.spans) == matches for fragment in found)


def test_a_long_text_of_matches_is_quick_to_mark() -> None:
    assert len(highlighter("the OR of").fragments("the of " * 300_000)) == 1
