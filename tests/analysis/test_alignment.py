"""The alignment of a quotation with a text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from searchsvc.analysis.alignment import Alignment, align, words_of
from searchsvc.analysis.analyzer import analyzer_for

ANALYZER = analyzer_for("english")
_words = st.lists(st.sampled_from(("a", "b", "c", "d", "ab", "bcd", "ca")), max_size=30)


def shown(quoted: str, printed: str) -> str:
    """Return the alignment of two texts as one: `=same` words that are parted in another way, `[quoted>printed]` others."""
    own, other = quoted.split(), printed.split()
    found = align(own, other)
    if found is None:
        return ""
    parts = []
    for kind, (start, end), (first, last) in found.blocks:
        left, right = " ".join(own[start:end]), " ".join(other[first:last])
        parts.append(left if kind == "equal" else f"{'=' if kind == 'same' else ''}[{left}>{right}]")
    return " ".join(parts)


@pytest.mark.parametrize(
    ("quoted", "printed", "expected"),
    [
        ("tea at noon", "we had tea at noon by the harbour", "tea at noon"),
        ("tea at two", "we had tea at noon by the harbour", "tea at [two>]"),
        ("had cake at noon", "we had tea at noon by the harbour", "had [cake>tea] at noon"),
        ("had at noon", "we had tea at noon by the harbour", "had [>tea] at noon"),
        ("had hot tea at noon", "we had tea at noon by the harbour", "had [hot>] tea at noon"),
        ("then had tea", "we had tea at noon", "[then>] had tea"),
        ("the whitehouse said", "and the white house said so", "the =[whitehouse>white house] said"),
        ("the white house said", "and the whitehouse said so", "the =[white house>whitehouse] said"),
        ("their workinggroup met", "held a working group that met", "[their>] =[workinggroup>working group] [>that] met"),
        (
            "workinggroup met notlong ago",
            "a working group met not long",
            "=[workinggroup>working group] met =[notlong>not long] [ago>]",
        ),
        ("workinggroup", "the working group", "=[workinggroup>working group]"),
        ("work in group of three", "the workin group", "=[work in>workin] group [of three>]"),
        ("cake and wine", "we had tea at noon", ""),
        # Of equal words, those next to the others are meant.
        ("the plan of the mayor", "x the old plan y the plan of the mayor the end", "the plan of the mayor"),
        # Words far away do not belong to the passage.
        ("the ships were late", "the a b c d e f g h ships were late i j k the", "[the>] ships were late"),
    ],
)
def test_what_differs(quoted: str, printed: str, expected: str) -> None:
    assert shown(quoted, printed) == expected


def test_counts_are_of_words() -> None:
    found = align(["a", "b", "x", "c", "d", "ef"], list("yabcdefz"))
    assert found is not None
    assert (found.kept, found.longest, found.printed) == (5, 2, (1, 7))
    assert found.similarity == pytest.approx(11 / 12)


@given(_words, _words)
@example(list("bacaba"), list("bacabaxyz"))
def test_blocks_cover_the_quotation_and_a_part_of_the_text(quoted: list[str], printed: list[str]) -> None:
    found = align(quoted, printed)
    if found is None:
        assert set(quoted).isdisjoint(printed)
    else:
        assert [at for block in found.blocks for at in range(*block.quoted)] == list(range(len(quoted)))
        assert [at for block in found.blocks for at in range(*block.printed)] == list(range(*found.printed))
        _check_blocks(found, quoted, printed)


def _check_blocks(found: Alignment, quoted: list[str], printed: list[str]) -> None:
    for kind, (start, end), (first, last) in found.blocks:
        own, other = quoted[start:end], printed[first:last]
        assert own or other
        assert (own == other) == (kind == "equal")
        assert ("".join(own) == "".join(other)) == (kind != "differ")
    assert 0 < found.similarity <= 1
    assert found.longest <= found.kept <= len(quoted)


@given(st.lists(st.integers(0, 99).map(str), unique=True, min_size=1), st.data())
def test_a_part_of_a_text_without_repetitions_is_all_the_same(printed: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(printed) - 1))
    quoted = printed[start : data.draw(st.integers(start + 1, len(printed)))]
    found = align(quoted, printed)
    assert found is not None
    assert (found.similarity, found.printed) == (1.0, (start, start + len(quoted)))


def test_words_have_their_places_and_are_folded() -> None:
    text = "Été: “Ha\u00adven”, 1,000 中国 infor-\nmation " + "x" * 250
    found = words_of(text, ANALYZER)
    assert [word.term for word in found] == ["ete", "haven", "1", "000", "中", "国", "information"]
    assert [text[word.start : word.end] for word in found][:2] == ["Été", "Ha\u00adven"]
    assert words_of(text, ANALYZER, 5, 12) == found[1:2]
