"""The parts of compounds and of texts without spaces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.query.ast import Or
from searchsvc.query.compounds import MAX_PAIRS
from searchsvc.query.parser import parse


@pytest.mark.parametrize(
    ("query", "parsed"),
    [
        ("boundary-layer", "boundary-layer^0.3 OR boundary OR layer"),
        ("rock-AND-roll", 'rock-AND-roll^0.3 OR rock OR "AND"~ OR roll'),
        ("北京", "北京"),
        ("北京大学", "北京大学^0.3 OR 北京 OR 京大 OR 大学"),
        ("COVID는한국에", "COVID는한국에^0.3 OR COVID OR 는한 OR 한국 OR 국에"),
        ("東京はどこにありますか", "東京はどこにありますか^0.3 OR 東京 OR 京は"),  # pairs of hiragana are grammar
        ("ありがとう", "ありがとう^0.3 OR あり OR りが OR がと OR とう"),
        ("เรือข้ามฟาก", "เรือข้ามฟาก^0.3 OR เรื OR รือ OR ือข OR อข้ OR ข้า OR ้าม OR ามฟ OR มฟา OR ฟาก"),  # three letters of Thai
        ("เรือ", "เรือ^0.3 OR เรื OR รือ"),
        ("北京大学 tea", "北京大学^0.3 OR 北京 OR 京大 OR 大学 OR tea"),
        ('"北京大学"', '"北京大学"'),
        ("example.org/北京大学", "example.org/北京大学^0.3 OR 北京 OR 京大 OR 大学"),
    ],
)
def test_parts_are_alternatives_where_any_word_is_enough(query: str, parsed: str) -> None:
    tree = parse(query, match="any").tree
    assert str(tree) == parsed
    assert parse(parsed).tree == tree
    assert str(parse(query).tree) == query


def test_a_long_text_without_spaces_has_so_many_pairs() -> None:
    tree = parse("".join(map(chr, range(0x4E00, 0x4E00 + 400))), match="any").tree
    assert isinstance(tree, Or)
    assert len(tree.nodes) == MAX_PAIRS + 1


@given(st.text("京大学はあ한국ก็a1-AND_'’x", min_size=1, max_size=12))
def test_what_is_parsed_can_be_parsed_again(query: str) -> None:
    tree = parse(query, match="any").tree
    assert parse(str(tree)).tree == tree
