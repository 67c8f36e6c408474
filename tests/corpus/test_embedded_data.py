"""Embedded data, which is left out of pages."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.corpus.decoding import MAX_TEXT_BYTES
from searchsvc.corpus.formats.embedded_data import MIN_DATA, without_embedded_data
from searchsvc.errors import UserError
from searchsvc.model.article import Article
from tests.conftest import Archive
from tests.corpus.reading import read, read_one

IMAGE = b"data:image/png;base64,"
_WHOLE = re.compile(rb"(data:[\w.+-]+\\?/[\w.+-]+(?:;[\w.+=-]+){0,4},)[^\"'()<> ]{%d,}" % MIN_DATA)


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 600, 10**6])
@pytest.mark.parametrize(
    ("page", "left"),
    [
        (b"<img src='" + IMAGE + b"A" * 5_000 + b"'><p>Tea", b"<img src='" + IMAGE + b"'><p>Tea"),
        (b"url(" + IMAGE + b"A" * 5_000 + b")url(data:font/woff2;charset=utf-8;base64," + b"B/+=" * 900 + b")x",
         b"url(" + IMAGE + b")url(data:font/woff2;charset=utf-8;base64,)x"),
        (b"<p>It is written data:text/plain,like-this in pages", b"<p>It is written data:text/plain,like-this in pages"),
        (b"the data: " + b"A" * 5_000, b"the data: " + b"A" * 5_000),
        (IMAGE + b"A" * 5_000, IMAGE),
        (b'{"src":"data:image\\/png;base64,' + b"A\\/" * 2_000 + b'"}', b'{"src":"data:image\\/png;base64,"}'),
    ],
)  # fmt: skip
def test_long_data_is_cut_wherever_a_piece_of_the_file_ends(page: bytes, left: bytes, size: int) -> None:
    assert without_embedded_data(pieces(page, size)) == left


@given(
    st.lists(st.sampled_from([IMAGE, b"A" * 300, b"'", b" ", b"<p>", b"data:", b"da", b"ta:a/b,", b","])),
    st.integers(1, 900),
)
def test_pieces_make_no_difference(parts: list[bytes], size: int) -> None:
    page = b"".join(parts)
    assert without_embedded_data(pieces(page, size)) == _WHOLE.sub(rb"\1", page)


def test_a_page_that_is_mostly_embedded_data_is_read(archive: Archive) -> None:
    font = "@font-face{src:url(data:font/woff2;base64," + "d" * 12_000_000 + ")}"
    page = f"<!doctype html><title>Kept</title><style>{font}</style><h1>Kept</h1><p>The page says this much and no more."
    article = read_one(archive, "kept.html", page)
    assert (article.title, article.body) == ("Kept", "The page says this much and no more.")


def test_the_rest_of_a_page_has_a_limit(archive: Archive) -> None:
    with pytest.raises(UserError, match="larger than 10 MiB"):
        without_embedded_data(iter([b"<p>" * 10**6] * 20))
    (failure,) = read(archive, "a.html", b"<p>" + b"x" * MAX_TEXT_BYTES)
    assert not isinstance(failure, Article)
