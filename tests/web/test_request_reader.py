"""Where requests end, and which are refused: byte by byte, without a network."""

from collections.abc import Iterable
from itertools import pairwise

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.web.refusals import RefusedRequestError
from searchsvc.web.request_reader import LEAST_CHUNK_BYTES, MAX_BODY_BYTES, MAX_CHUNKS, MAX_HEAD_BYTES, RequestReader

HEAD = b"POST /a HTTP/1.1\r\nHost: a\r\n"
"""The beginning of a request with a body."""
GET = b"GET /a HTTP/1.1\r\nHost: a\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
LARGEST = b"x" * MAX_BODY_BYTES
LIMITS = {"/large": 1_000_000, "/unwelcome": None}
"""How large the application accepts bodies. It refuses some requests whatever their body."""

Found = tuple[str, str, bytes] | int
"""Method, path and body of a request, or the status of a refusal."""


def new_reader() -> RequestReader:
    return RequestReader(("127.0.0.1", 5), ("127.0.0.1", 80), lambda it: LIMITS.get(it["PATH_INFO"], MAX_BODY_BYTES))


def read(pieces: Iterable[bytes]) -> list[Found]:
    """Return the requests in these pieces, each of which is answered at once."""
    found: list[Found] = []
    reader = new_reader()
    try:
        for piece in pieces:
            reader.feed(piece)
            while reader.is_complete:
                environ = reader.environ
                found.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["wsgi.input"].read()))
                if not answer(reader):
                    return found
    except RefusedRequestError as refusal:
        found.append(refusal.status.value)
    return found


def answer(reader: RequestReader) -> bool:
    """Answer the request, and return whether another one may follow."""
    reader.http.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
    reader.http.send(h11.EndOfMessage())
    if reader.can_restart:
        reader.restart()
        return True
    return False


def pieces_of(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    places = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    return [data[start:end] for start, end in pairwise(places)]


# Requests

REQUESTS = {
    "without a body": (GET + b"\r\n", b""),
    "with an empty body": (GET + b"Content-Length: 0\r\n\r\n", b""),
    "with a body": (HEAD + b"Content-Length: 5\r\n\r\nwhole", b"whole"),
    "with a length in small letters": (HEAD + b"content-length:5\r\n\r\nwhole", b"whole"),
    "with spaces around the length": (HEAD + b"Content-Length: \t 5 \r\n\r\nwhole", b"whole"),
    "with zeros before the length": (HEAD + b"Content-Length: 0005\r\n\r\nwhole", b"whole"),
    "with a body that contains a head": (HEAD + b"Content-Length: 8\r\n\r\n\r\n\r\n\r\n\r\n", b"\r\n\r\n\r\n\r\n"),
    "with a field that looks like a length": (HEAD + b"X-Content-Length: 9\r\nContent-Length: 5\r\n\r\nwhole", b"whole"),
    "in chunks": (CHUNKED + b"5\r\nwhole\r\n3\r\nsum\r\n0\r\n\r\n", b"wholesum"),
    "in no chunk": (CHUNKED + b"0\r\n\r\n", b""),
    "in chunks of hexadecimal size": (CHUNKED + b"00a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", b"0123456789" * 2),
    "in a chunk that ends like a body": (CHUNKED + b"7\r\nab0\r\n\r\n\r\n0\r\n\r\n", b"ab0\r\n\r\n"),
    "in chunks with extensions": (CHUNKED + b'5;a=b;c="d"\r\nwhole\r\n0;e\r\n\r\n', b"whole"),
    "in chunks with trailers": (CHUNKED + b"5\r\nwhole\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n", b"whole"),
    "with an encoding in capitals": (HEAD + b"TRANSFER-ENCODING: CHUNKED\r\n\r\n5\r\nwhole\r\n0\r\n\r\n", b"whole"),
    "with the largest body": (HEAD + b"Content-Length: %d\r\n\r\n" % MAX_BODY_BYTES + LARGEST, LARGEST),
    "with non-ASCII values": (GET + "X: é\r\n\r\n".encode(), b""),
    "with a tab in a value": (GET + b"X: a\tb\r\n\r\n", b""),
    "with an empty value": (GET + b"X:\r\n\r\n", b""),
    "with an offer to upgrade": (GET + b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n", b""),
    "with the longest line": (b"GET /a?%s HTTP/1.1\r\nHost: a\r\n\r\n" % (b"x" * (8_190 - 16)), b""),
    "with as many fields as may be": (GET + b"X: y\r\n" * 99 + b"\r\n", b""),
}


@pytest.mark.parametrize(("data", "body"), REQUESTS.values(), ids=REQUESTS)
def test_a_request_ends_with_its_last_byte(data: bytes, body: bytes) -> None:
    method = data[: data.index(b" ")].decode()
    assert read([data]) == [(method, "/a", body)]
    reader = new_reader()
    for number in range(len(data)):
        assert not reader.is_complete, data[:number]
        reader.feed(data[number : number + 1])
    assert reader.is_complete


@given(st.lists(st.sampled_from([data for data, _ in REQUESTS.values() if len(data) < 1_000]), max_size=5), st.data())
def test_requests_in_any_pieces_are_read_in_their_order(requests: list[bytes], draw: st.DataObject) -> None:
    data = b"".join(requests)
    cuts = draw.draw(st.lists(st.integers(1, max(1, len(data))), max_size=20))
    bodies = [body for request in requests for known, body in REQUESTS.values() if known == request]
    assert [each[2] for each in read(pieces_of(data, cuts)) if not isinstance(each, int)] == bodies


def test_a_request_waits_while_another_is_answered() -> None:
    reader = new_reader()
    reader.feed(GET + b"\r\n" + b"GET /b HTTP/1.1\r\nHost: a\r\n")
    assert (reader.is_complete, reader.environ["PATH_INFO"]) == (True, "/a")
    assert answer(reader)
    assert (reader.is_complete, reader.is_idle) == (False, False)
    reader.feed(b"\r\n")
    assert (reader.is_complete, reader.environ["PATH_INFO"]) == (True, "/b")


def test_a_reader_is_idle_until_the_first_byte_of_a_request() -> None:
    reader = new_reader()
    assert reader.is_idle
    reader.feed(b"G")
    assert not reader.is_idle
    reader.feed((GET + b"\r\n")[1:])
    answer(reader)
    assert reader.is_idle


# Refusals

REFUSED = {
    "a length that is no number": (HEAD + b"Content-Length: x\r\n\r\n", 400),
    "an empty length": (HEAD + b"Content-Length:\r\n\r\n", 400),
    "a negative length": (HEAD + b"Content-Length: -1\r\n\r\n", 400),
    "a length with a sign": (HEAD + b"Content-Length: +5\r\n\r\nwhole", 400),
    "a hexadecimal length": (HEAD + b"Content-Length: 0x5\r\n\r\nwhole", 400),
    "a length with a space": (HEAD + b"Content-Length: 5 5\r\n\r\nwhole", 400),
    "a length in other digits": (HEAD + "Content-Length: ٥\r\n\r\nwhole".encode(), 400),
    "a length of 16 digits": (HEAD + b"Content-Length: 9999999999999999\r\n\r\n", 413),
    "a length of 5,000 digits": (HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\n", 400),
    "two lengths": (HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nwhole", 400),
    "the same length twice": (HEAD + b"Content-Length: 5\r\nX: y\r\ncontent-length: 5\r\n\r\nwhole", 400),
    "a list of lengths": (HEAD + b"Content-Length: 5, 5\r\n\r\nwhole", 400),
    "a length and chunks": (HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks and a length": (HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400),
    "chunks in HTTP/1.0": (b"POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "another encoding": (HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "an encoding inside chunks": (HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
    "no encoding": (HEAD + b"Transfer-Encoding: identity\r\n\r\n", 501),
    "two encodings": (HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 501),
    "a chunk without a size": (CHUNKED + b"\r\nwhole\r\n0\r\n\r\n", 400),
    "a chunk of a size that is no number": (CHUNKED + b"x\r\nwhole\r\n0\r\n\r\n", 400),
    "a chunk of a negative size": (CHUNKED + b"-1\r\nwhole\r\n0\r\n\r\n", 400),
    "a chunk that is longer than its size": (CHUNKED + b"4\r\nwhole\r\n0\r\n\r\n", 400),
    "a chunk of a size that is too large": (CHUNKED + b"f" * 21 + b"\r\n", 400),
    "a chunk with a long extension": (CHUNKED + b"5;" + b"x" * 70_000, 400),
    "a chunk of a line that ends with LF": (CHUNKED + b"5\nwhole\n0\n\n" + b"x" * MAX_HEAD_BYTES, 400),
    "long trailers": (CHUNKED + b"0\r\n" + b"X: y\r\n" * 20_000, 400),
    "a trailer that is no field": (CHUNKED + b"0\r\nnonsense\r\n\r\n", 400),
    "chunks of one byte": (CHUNKED + b"1\r\nx\r\n" * (MAX_CHUNKS + 200), 400),
    "lines that end with LF": (b"GET /a HTTP/1.1\nHost: a\n\n", 400),
    "one line that ends with LF": (b"GET /a HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", 400),
    "a last line that ends with LF": (GET + b"\n", 400),
    "a CR in a value": (GET + b"X: a\rb\r\n\r\n", 400),
    "a continued line": (GET + b"X: a\r\n b\r\n\r\n", 400),
    "a line continued by a tab": (GET + b"X: a\r\n\tb\r\n\r\n", 400),
    "a continued first line": (b"GET /a HTTP/1.1\r\n Host: a\r\n\r\n", 400),
    "NUL in the target": (b"GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "NUL in a value": (GET + b"X: a\0b\r\n\r\n", 400),
    "NUL in a name": (GET + b"X\0: a\r\n\r\n", 400),
    "a control character in a value": (GET + b"X: a\x07b\r\n\r\n", 400),
    "a space before a colon": (GET + b"X : a\r\n\r\n", 400),
    "a field without a name": (GET + b": a\r\n\r\n", 400),
    "a field without a colon": (GET + b"nonsense\r\n\r\n", 400),
    "a method that is no word": (b"G(T /a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "no version": (b"GET /a\r\nHost: a\r\n\r\n", 400),
    "a version in small letters": (b"GET /a http/1.1\r\nHost: a\r\n\r\n", 400),
    "the next version": (b"GET /a HTTP/2.0\r\nHost: a\r\n\r\n", 505),
    "the beginning of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
    "the beginning of TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "two spaces": (b"GET  /a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a space in the target": (b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a target that is not encoded": ("GET /é HTTP/1.1\r\nHost: a\r\n\r\n".encode(), 400),
    "a target that is no path": (b"GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a target that is no address": (b"GET http://[a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "a tunnel": (b"CONNECT a.example:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "no host": (b"GET /a HTTP/1.1\r\n\r\n", 400),
    "two hosts": (GET + b"Host: b\r\n\r\n", 400),
    "a line that is too long": (b"GET /a?%s HTTP/1.1\r\nHost: a\r\n\r\n" % (b"x" * (8_190 - 15)), 414),
    "a line that does not end": (b"GET /" + b"x" * 8_190, 414),
    "a field that does not end": (GET + b"X: " + b"x" * MAX_HEAD_BYTES, 431),
    "a head that does not end": (GET + b"X: y\r\n" * 6_000, 431),
    "a head that is too large": (GET + b"X: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n", 431),
    "too many fields": (GET + b"X: y\r\n" * 100 + b"\r\n", 431),
    "a body that is too large": (HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1), 413),
    "chunks that are too large": (CHUNKED + b"20000\r\n" + b"x" * (MAX_BODY_BYTES + 1), 413),
}


@pytest.mark.parametrize(("data", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(data: bytes, status: int) -> None:
    assert read([data]) == [status]
    assert read(pieces_of(data, range(len(data)))) == [status]
    assert read([GET + b"\r\n" + data]) == [("GET", "/a", b""), status]


@given(st.sampled_from([data for data, _ in (*REQUESTS.values(), *REFUSED.values()) if len(data) < 300]), st.data())
def test_no_bytes_break_the_reader_and_pieces_make_no_difference(data: bytes, draw: st.DataObject) -> None:
    place = draw.draw(st.integers(0, len(data)))
    changed = data[:place] + draw.draw(st.binary(max_size=4) | st.sampled_from([b"\r\n", b"\n", b" ", b":", b"0"]))
    changed += data[draw.draw(st.integers(place, len(data))) :]
    cuts = draw.draw(st.lists(st.integers(1, max(1, len(changed))), max_size=20))
    assert read(pieces_of(changed, cuts)) == read([changed])


def test_a_refusal_repeats_nothing_that_was_sent() -> None:
    for data, status in REFUSED.values():
        with pytest.raises(RefusedRequestError) as refused:
            new_reader().feed(data.replace(b"nonsense", b"secret").replace(b"/a", b"/secret"))
        assert refused.value.status == status
        assert b"secret" not in refused.value.answer("abc-1")


# Large bodies


def large(path: bytes, size: int) -> bytes:
    return b"PUT " + path + b" HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size


def in_chunks(path: bytes, size: int) -> bytes:
    chunks = (b"%x\r\n" % len(part) + part + b"\r\n" for part in pieces_of(b"x" * size, range(0, size, 5_000)))
    return b"PUT " + path + b" HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(chunks) + b"0\r\n\r\n"


def test_a_large_body_is_read_if_the_application_accepts_it() -> None:
    assert read([large(b"/large", 1_000_000), b"x" * 1_000_000]) == [("PUT", "/large", b"x" * 1_000_000)]
    assert read([in_chunks(b"/large", 1_000_000)]) == [("PUT", "/large", b"x" * 1_000_000)]


def test_a_large_body_is_refused_beyond_the_limit_of_the_application() -> None:
    assert read([large(b"/large", 1_000_001)]) == [413]
    assert read([in_chunks(b"/large", 1_000_001)]) == [413]


@pytest.mark.parametrize("request_bytes", [large(b"/unwelcome", 10**15), in_chunks(b"/unwelcome", 100_000)])
def test_a_request_that_is_refused_anyway_does_not_wait_for_its_body(request_bytes: bytes) -> None:
    reader = new_reader()
    reader.feed(request_bytes)
    assert reader.is_complete
    assert int(reader.environ["CONTENT_LENGTH"]) > MAX_BODY_BYTES
    assert not answer(reader)


def test_a_small_body_is_read_without_asking_the_application() -> None:
    assert read([large(b"/unwelcome", 5), b"whole"]) == [("PUT", "/unwelcome", b"whole")]


def test_chunks_may_be_small_on_average() -> None:
    chunk = b"%x\r\n" % LEAST_CHUNK_BYTES + b"x" * LEAST_CHUNK_BYTES + b"\r\n"
    data = b"PUT /large HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 10_000 + b"0\r\n\r\n"
    assert [each[2] for each in read([data]) if not isinstance(each, int)] == [b"x" * LEAST_CHUNK_BYTES * 10_000]


@pytest.mark.parametrize(
    ("head", "waits"),
    [
        (HEAD + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", True),
        (HEAD + b"Content-Length: 5\r\nExpect: 100-Continue\r\n\r\nw", False),
        (HEAD + b"Content-Length: 5\r\n\r\n", False),
        (HEAD + b"Content-Length: 0\r\nExpect: 100-continue\r\n\r\n", False),
        (large(b"/unwelcome", 10**6).replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"), False),
        (b"POST /a HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", False),
    ],
)
def test_a_client_that_waits_is_told_to_send_the_body(head: bytes, waits: bool) -> None:
    reader = new_reader()
    reader.feed(head)
    assert reader.wants_continue == waits
