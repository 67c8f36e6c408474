"""The plain form of every character."""

import re
import sys
import unicodedata

import pytest

from searchsvc.analysis.characters import PLAIN_FORMS
from searchsvc.analysis.tokenizer import searchable, token_pattern
from searchsvc.model.languages import UNSPACED

ALL = [char for char in map(chr, range(0x80, sys.maxunicode + 1)) if unicodedata.category(char) not in ("Cn", "Co", "Cs")]
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")


@pytest.mark.parametrize(
    ("chars", "forms"),
    [
        ("ёЁѐѝйїў", "еЕеийїў"),  # й, ї and ў are letters of their own
        ("άΆΐᾳς", "αΑιασ"),
        ("أإآٱؤئىیکةہ", "ااااويييكهه"),
        ("٣۳३", "333"),
        ("éßﬁ", "éßﬁ"),  # are left to Tantivy
        ("कがガ중", "कがガ중"),
        ("\u00ad\u200b\u200c\u200d\u200f\u2060\ufeff\u0301\u05b8\u05bc\u0651\u064e\u0640\u093c\ufe0f", ""),
        ("«“’ʼ–。¬", "       "),
        ("ﻻﷲﭏև", "لااللهאלեւ"),
    ],
)
def test_plain_forms(chars: str, forms: str) -> None:
    assert "".join(PLAIN_FORMS[ord(char)] for char in chars) == forms


def test_no_mark_splits_a_word() -> None:
    found = [char for char in ALL if unicodedata.category(char)[0] == "M" and not UNSPACED_CHARACTER.match(char)]
    assert len(found) > 2_000
    assert [hex(ord(char)) for char in found if len(searchable(f"a{char}b").split()) != 1] == []
    assert [hex(ord(char)) for char in found if token_pattern(char).fullmatch(f"a{char}b") is None] == []


@pytest.mark.slow
def test_a_plain_form_is_its_own_plain_form() -> None:
    for char in ALL:
        form = PLAIN_FORMS[ord(char)]
        assert "".join(PLAIN_FORMS[ord(each)] if ord(each) >= 0x80 else each for each in form) == form, hex(ord(char))
