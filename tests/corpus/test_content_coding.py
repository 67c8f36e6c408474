"""Bodies of HTTP answers: chunked, compressed, labelled wrongly, damaged, and far larger than they look."""

import gzip
import sys
import zlib
from collections.abc import Callable

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.corpus.decoding import MAX_TEXT_BYTES
from searchsvc.corpus.formats.content_coding import MAX_LAYERS, MAX_MEMBERS, decode_body
from searchsvc.errors import UserError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PAGE = ("<html><title>Päge</title>" + "The harvest of the hills has never been larger. " * 40).encode()


def deflate_without_head(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


COMPRESSIONS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("GZIP", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", deflate_without_head),
    ("br", brotli.compress),
    ("zstd", zstd.compress),
]
each_compression = pytest.mark.parametrize(("label", "compress"), COMPRESSIONS)


def chunked(body: bytes, size: int, end: bytes = b"0\r\n\r\n") -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;name=value\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


@each_compression
def test_every_coding_is_undone(label: str, compress: Callable[[bytes], bytes]) -> None:
    assert decode_body(compress(PAGE), [label]) == PAGE
    assert decode_body(chunked(compress(PAGE), 100), [label, "chunked"]) == PAGE


@each_compression
def test_a_body_that_is_not_compressed_as_its_label_says_stays_as_it_is(
    label: str, compress: Callable[[bytes], bytes]
) -> None:
    for body in (PAGE, PAGE[:30], b"", "\ufeff<p>x".encode("utf-16")):
        assert decode_body(body, [label]) == body


@pytest.mark.parametrize("compress", [gzip.compress, zstd.compress])
@pytest.mark.parametrize("labels", [[], ["br"], ["deflate"], ["identity"], ["utf-8"], ["gzip", "br"]])
def test_first_bytes_count_more_than_labels(compress: Callable[[bytes], bytes], labels: list[str]) -> None:
    assert decode_body(compress(PAGE), labels) == PAGE


def test_several_compressions_are_undone_in_reverse_order() -> None:
    assert decode_body(brotli.compress(gzip.compress(zlib.compress(PAGE))), ["deflate", " gzip ", "br"]) == PAGE
    assert decode_body(gzip.compress(gzip.compress(PAGE)), ["gzip"]) == PAGE


def test_members_of_one_gzip_file_are_joined_and_what_follows_is_ignored() -> None:
    assert decode_body(gzip.compress(PAGE) + gzip.compress(b"more") + b"\0\0", ["gzip"]) == PAGE + b"more"
    with pytest.raises(UserError, match=f"is compressed in more than {MAX_MEMBERS} pieces"):
        decode_body(gzip.compress(b"x") * (MAX_MEMBERS + 1), ["gzip"])


@each_compression
def test_damaged_data_is_said(label: str, compress: Callable[[bytes], bytes]) -> None:
    body = compress(PAGE)
    with pytest.raises(UserError, match=r"is truncated: its compressed data .* has no end"):
        decode_body(body[: len(body) // 2], [label])
    with pytest.raises(UserError, match=r"cannot be decompressed|is truncated"):
        decode_body(body[:20] + bytes(reversed(body[20:])), [label])


@each_compression
@pytest.mark.parametrize("extra", [0, 1])
def test_the_unpacked_size_is_limited(label: str, compress: Callable[[bytes], bytes], extra: int) -> None:
    body = compress(b" " * (MAX_TEXT_BYTES + extra))
    if not extra:
        assert len(decode_body(body, [label])) == MAX_TEXT_BYTES
        return
    with pytest.raises(UserError, match="is larger than 10 MiB"):
        decode_body(body, [label])


def test_an_unknown_coding_is_named() -> None:
    with pytest.raises(UserError, match="is compressed by “compress”, which cannot be read"):
        decode_body(b"\x1f\x9d\x90" + bytes(300), ["compress"])


@pytest.mark.parametrize("size", [1, 7, 10_000])
@pytest.mark.parametrize("end", [b"0\r\n\r\n", b"0\r\nTrailer: x\r\n\r\n", b"0\n", b""])
def test_chunks_are_joined(size: int, end: bytes) -> None:
    assert decode_body(chunked(PAGE, size, end), ["chunked"]) == PAGE


@pytest.mark.parametrize("body", [b"<p>no chunks", b"", b"\r\n<p>", b"zz\r\n", PAGE])
def test_a_body_that_only_says_that_it_is_chunked_stays_as_it_is(body: bytes) -> None:
    assert decode_body(body, ["chunked"]) == body


def test_what_follows_a_broken_chunk_is_kept() -> None:
    assert decode_body(b"3\r\nabc\r\n<p>rest", ["chunked"]) == b"abc<p>rest"
    assert decode_body(b"ffff\r\nabc", ["chunked"]) == b"abc"


@given(st.binary(max_size=300), st.lists(st.sampled_from(["gzip", "deflate", "br", "zstd", "chunked", "x"]), max_size=9))
def test_any_body_is_decoded_or_refused(body: bytes, labels: list[str]) -> None:
    try:
        decode_body(body, labels)
    except UserError as error:
        assert str(error).startswith(("is compressed", "is truncated", "cannot be decompressed"))


def test_more_labels_than_layers_are_no_trap() -> None:
    assert decode_body(PAGE, ["gzip"] * 10 * MAX_LAYERS) == PAGE


def test_brotli_that_is_not_installed_says_so_unless_the_body_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    body = brotli.compress(b"Tea is ready.")
    monkeypatch.setitem(sys.modules, "brotli", None)
    with pytest.raises(UserError, match="is compressed by “br”, which needs brotli: pip install 'searchsvc\\[crawls\\]'"):
        decode_body(body, ["br"])
    assert decode_body(b"Tea is ready.", ["br"]) == b"Tea is ready."
