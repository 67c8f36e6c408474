"""Signatures of texts, and how much two texts share."""

import random
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.signature import (
    WORDS,
    Signature,
    are_surely_versions,
    compare,
    may_be_versions,
    passages,
    sign_texts,
)
from searchsvc.model.limits import SIGNATURE_SIZE

STORY = " ".join(f"word{number}" for number in random.Random(1).sample(range(10_000), 300))
OTHER = " ".join(f"word{number}" for number in random.Random(2).sample(range(10_000), 300))
CHINESE = "今天上午市政府宣布新的地铁线路将于明年春天正式开通运营预计每天可以运送三十万名乘客"
THAI = "รัฐบาลประกาศเปิดเส้นทางรถไฟใหม่ในปีหน้าโดยคาดว่าจะมีผู้โดยสารสามแสนคนต่อวัน"
RUSSIAN = (
    "Правительство города объявило сегодня об открытии новой линии метро. Она свяжет центр с вокзалом и аэропортом, "
    "а первые поезда отправятся весной будущего года, как обещают строители."
)


def words(text: str, start: int, end: int) -> str:
    return " ".join(text.split()[start:end])


def common(one: str, other: str) -> int:
    signed = sign_texts([one, other])
    assert [each.length for each in signed] == [len(passages(one)), len(passages(other))]
    return len({*values(signed[0])} & {*values(signed[1])})


def values(signature: Signature) -> list[int]:
    return [*map(int, np.frombuffer(signature.values, np.uint32))]


def shared_by_sets(one: str, other: str) -> float:
    """Return what `compare` does, without hashes."""
    own, others = (
        {tuple(found[start : start + WORDS]) for start in range(len(found) - WORDS + 1)}
        for found in (re.findall(r"[a-z0-9]+", text.lower()) for text in (one, other))
    )
    return len(own & others) / len(own | others)


def test_equal_texts_have_equal_signatures_whatever_their_punctuation_and_capitals() -> None:
    assert common(STORY, STORY.upper().replace(" ", ", ")) == SIGNATURE_SIZE
    assert compare(passages(STORY), passages(f"“{STORY}”\n")).shared == 1


def test_other_texts_share_nothing() -> None:
    assert common(STORY, OTHER) == 0
    assert compare(passages(STORY), passages(OTHER)) == (0, False)


@pytest.mark.parametrize("kept", [300, 250, 200, 150])
def test_the_part_that_is_shared_is_exact(kept: int) -> None:
    changed = f"{words(STORY, 0, kept)} {words(OTHER, kept, 300)}"
    found = compare(passages(STORY), passages(changed))
    assert found.shared == pytest.approx(shared_by_sets(STORY, changed))
    assert found.are_versions == (found.shared >= 0.5)


@pytest.mark.parametrize("kept", [65, 100, 200])
def test_a_text_that_was_cut_at_its_end_is_a_version(kept: int) -> None:
    assert compare(passages(STORY), passages(f"LONDON, Monday: {words(STORY, 0, kept)}")).are_versions


def test_a_short_beginning_and_a_part_of_the_middle_are_no_versions() -> None:
    assert not compare(passages(STORY), passages(words(STORY, 0, 50))).are_versions
    assert not compare(passages(STORY), passages(words(STORY, 150, 250))).are_versions


@pytest.mark.parametrize("text", [CHINESE, THAI, RUSSIAN])
def test_texts_of_other_scripts_have_signatures(text: str) -> None:
    assert common(text, f"{text} {text[:9]}") >= SIGNATURE_SIZE // 2


@pytest.mark.parametrize("text", ["", "Three words only.", "again " * 200_000, words(STORY, 0, 19), "�" * 99])
def test_texts_with_few_different_passages_have_no_signature(text: str) -> None:
    assert sign_texts([text]) == [(0, bytes(4 * SIGNATURE_SIZE))]


@given(
    st.lists(st.sampled_from([STORY, OTHER, CHINESE, THAI, RUSSIAN, "", "few words", "again " * 99, words(STORY, 0, 20)]))
)
def test_texts_are_signed_together_as_each_by_itself(texts: list[str]) -> None:
    assert sign_texts(texts * 20) == [signed for text in texts for signed in sign_texts([text])] * 20


@given(st.lists(st.sampled_from(STORY.split()[:40]), max_size=200).map(" ".join))
def test_a_signature_has_the_least_of_all_different_passages(text: str) -> None:
    found = passages(text)
    least = np.unique(found)[:SIGNATURE_SIZE]
    (signed,) = sign_texts([text])
    assert signed.length == (len(found) if len(least) == SIGNATURE_SIZE else 0)
    if signed.length:
        assert values(signed) == (least * np.uint64(0xD6E8FEB86659FD93) >> np.uint64(32)).tolist()


def test_a_very_long_text_is_signed_by_its_first_million_characters() -> None:
    text = " ".join(str(number) for number in range(200_000))
    assert len(passages(text)) < 200_000
    assert compare(passages(text), passages(f"{text} and more")).shared == 1


def test_few_common_values_are_enough_for_texts_of_different_length() -> None:
    lengths = np.array([100, 100, 45, 30, 10], np.uint32)
    found = may_be_versions(np.array([5, 4, 3, 2, 16]), np.uint32(100), lengths)
    assert found.tolist() == [True, False, True, True, False]
    assert are_surely_versions(SIGNATURE_SIZE)
