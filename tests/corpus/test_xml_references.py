"""Character references of XML by number."""

from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.corpus.formats.xml_references import NumericReferences, numeric_references

PARTS = ["&", "&amp;", "&lt", ";", "&#38;", "#", "<![CDATA[", "]]>", "<!", "[", "]", ">", "a", "&zz;", "é"]


@pytest.mark.parametrize(
    ("written", "numbered"),
    [
        ("a &lt; b &amp; c", "a &#60; b &#38; c"),
        ("R&D, B & B, &", "R&#38;D, B &#38; B, &#38;"),
        ("caf&eacute; &NotEqualTilde;", "caf&#233; &#8770;&#824;"),
        ("&#233; &#xE9;", "&#233; &#xE9;"),
        ("&#8220 &#; &#xg;", "&#38;#8220 &#38;#; &#38;#xg;"),
        ("&own; &a.b;", "&own; &#38;a.b;"),
        ('<a href="?a=1&copy=2&amp;b"/>', '<a href="?a=1&#38;copy=2&#38;b"/>'),
        ("<![CDATA[a & &lt;]]]>&lt;]]>&", "<![CDATA[a & &lt;]]]>&#60;]]>&#38;"),
    ],
)
def test_references_are_numbered_outside_of_cdata(written: str, numbered: str) -> None:
    assert numeric_references(written.encode()).decode() == numbered


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "iso-2022-jp", "iso-2022-kr", "hz"])
def test_encodings_in_which_other_characters_have_its_byte_stay_as_they_are(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>うぽ &lt; R&D</a>'.encode(encoding, "ignore")
    assert numeric_references(data) == data


def pieces_of(data: bytes, size: int) -> Iterator[bytes]:
    stream = NumericReferences(cast(BinaryIO, BytesIO(data)))
    while piece := stream.read(size):
        yield piece


@given(st.lists(st.sampled_from(PARTS)).map("".join), st.integers(1, 12))
def test_pieces_make_no_difference(text: str, size: int) -> None:
    data = text.encode()
    assert b"".join(pieces_of(data, size)) == numeric_references(data)
