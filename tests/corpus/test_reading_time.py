"""The time that readers take: twice the file, about twice the time, whatever the file holds.

`make fuzz` tries many more files.
"""

from pathlib import Path
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from searchsvc.corpus import read_file
from tests.conftest import SOAK

pytestmark = pytest.mark.slow
CHARACTERS = 40_000
MAX_GROWTH = 2.5
NOISE_SECONDS = 0.1  # in which a file of any kind may be read
ATTEMPTS = 3
EXAMPLES = 1_000 if SOAK else 15

_TEXT = [
    " ",
    "\n",
    "\t",
    "\r",
    "\xa0",
    "a",
    "A",
    "1",
    ".",
    "!",
    ",",
    ";",
    ":",
    "-",
    "/",
    "(",
    ")",
    "#",
    "é",
    "中",
    "\u0301",
    "&",
]
_WORDS = [
    "tea ",
    "Title: ",
    "date 2022-12-01 ",
    "LONDON (AP) - ",
    " and ",
    "by ",
    "2022-12-01",
    "&amp;",
    "\n\n",
    "http://a.b/",
    "(ANI)",
]
_MARKS = ["# ", "* ", "_", "`", "[", "](", "![", "> ", "- ", "---\n", "+++\n", "|", "```\n", "\\", "~", "    ", "1. "]
_TAGS = [
    *("<p>", "</p>", "<div>", "</div>", "<br>", "<b>", "<i", "<", ">", "<!--", "-->", "<script>", "</script>", "<a href='"),
    *("<table>", "<tr>", "<td>", "<ul>", "<li>", "<time>", "<h1>", "<meta name=", "=", "'", '"', "<style>", "&lt;", "&#1"),
]
_JSON = ["{", "}", "[", "]", '"', ":", ",", "\\", '"title": ', '"body": ', '"a"', "1", "null", "{}", "\\u0041", "\\ud800"]
_TABLE = ['"', ",", ";", "\t", '""', "title", '"\n', "|"]
_XML = [
    "<item>",
    "</item>",
    "<title>",
    "</title>",
    "<entry>",
    "<![CDATA[",
    "]]>",
    "&a;",
    "<?a",
    "?>",
    "<a:b ",
    "xmlns:a='b'",
]
_CRAWL = [
    *(
        "WARC/1.0\r\n",
        "WARC-Type: response\r\n",
        "WARC-Target-URI: http://a.b/\r\n",
        "Content-Length: ",
        "99999999",
        "\r\n",
    ),
    *(
        "\r\n\r\n",
        "HTTP/1.1 200 OK\r\n",
        "Content-Type: text/html; charset=x\r\n",
        "Content-Encoding: gzip\r\n",
        "\x1f\x8b\x08",
    ),
    "WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999999\r\n\r\nHTTP/1.1 200 OK\r\n\r\n<p>a\r\n\r\n",
]
_MAIL = [
    *("\nFrom a@b Fri Jul  2 10:00:00 2021\n", "From: a@b.c\n", "Subject: =?utf-8?q?a?= ", "=?", "?=", "?b?", "\n\n"),
    *(
        "Content-Type: multipart/mixed; boundary=b\n",
        "--b\n",
        "--b--\n",
        "--",
        "Content-Type: text/html\n",
        '"',
        "<",
        ",",
        "=3D",
    ),
    *("Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>a", "From ", ">From ", "data:a/b,"),
]
PARTS = {
    ".txt": _TEXT + _WORDS,
    ".md": _TEXT + _WORDS + _MARKS,
    ".html": _TEXT + _WORDS + _TAGS,
    ".json": _TEXT + _JSON,
    ".jsonl": _TEXT + _JSON,
    ".csv": _TEXT + _TABLE,
    ".tsv": _TEXT + _TABLE,
    ".xml": _TEXT + _TAGS + _XML,
    ".warc": _TEXT + _TAGS + _CRAWL,
    ".mbox": _TEXT + _TAGS + _MAIL,
    ".mhtml": _TEXT + _TAGS + _MAIL,
}
BEGINNINGS = {
    ".txt": ["", "Title: a\n", "a"],
    ".md": ["", "---\n", "+++\n", "# a"],
    ".html": ["", "<html><body><article><p>", "<html><head><title>a</title>"],
    ".json": ["", '{"title": "a", "body": "', '[{"title": "', '{"articles": [{"a": "'],
    ".jsonl": ["", '{"title": "a", "author": "', '{"body": "<p>'],
    ".csv": ["", "title,body\na,", 'title;body\n"'],
    ".tsv": ["", "title\tbody\na\t"],
    ".xml": ["", "<rss><channel>", "<rss><channel><item><description>", "<feed>"],
    ".warc": ["", "WARC/1.0\r\n"],
    ".mbox": ["", "From a@b Fri Jul  2 10:00:00 2021\nFrom: a@b.c\n", "From a@b Fri Jul  2 10:00:00 2021\nSubject: "],
    ".mhtml": ["", "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n"],
}
ENDS = {".json": ["", '"}', '"}]', '"}]}'], ".jsonl": ["", '"}\n']}


def seconds(folder: Path, suffix: str, text: str) -> float:
    """Return the processor time for reading a file."""
    file = folder / f"a{suffix}"
    file.write_text(text, encoding="utf-8", errors="surrogatepass", newline="")
    begun = process_time()
    for _item in read_file(file, file.name):
        pass
    return process_time() - begun


@pytest.mark.parametrize("suffix", PARTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=EXAMPLES)
@given(data=st.data())
def test_twice_the_file_takes_twice_the_time(tmp_path: Path, suffix: str, data: st.DataObject) -> None:
    begin = data.draw(st.sampled_from(BEGINNINGS[suffix]), "beginning")
    repeated = "".join(data.draw(st.lists(st.sampled_from(PARTS[suffix]), min_size=1, max_size=4), "repeated"))
    end = data.draw(st.sampled_from(ENDS.get(suffix, [""])), "end")

    def grows(factor: int, most: float) -> bool:
        """Whether a file of so many times the size takes more than `most` times as long, at the best of some attempts."""
        once, longer = (begin + repeated * (n * CHARACTERS // len(repeated)) + end for n in (1, factor))
        times = [seconds(tmp_path, suffix, longer)]
        if times[0] <= NOISE_SECONDS:
            return False
        shortest = seconds(tmp_path, suffix, once)
        for _ in range(ATTEMPTS):
            if min(times) <= most * shortest + NOISE_SECONDS:
                return False
            times.append(seconds(tmp_path, suffix, longer))
        return True

    # On a busy machine, the time of a process can double by itself, but not grow to eight times of twice as much.
    assert not (grows(2, MAX_GROWTH) and grows(8, MAX_GROWTH**3))
