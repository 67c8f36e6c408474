"""The table of formats: suffixes, and loading a format only when it is needed."""

import subprocess
import sys
from io import BytesIO
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.corpus.formats import FORMATS, is_readable, is_slow, reason_to_skip, split_suffixes, suffix
from searchsvc.corpus.metadata import DEFAULT_MAPPER
from searchsvc.errors import UserError
from searchsvc.extras import LIBRARIES


@pytest.mark.parametrize(
    ("name", "suffixes", "readable"),
    [
        ("a.JSONL.GZ", (".jsonl", ".gz"), True),
        ("a.b.md", (".md", ""), True),
        ("a.tgz", (".tar", ".gz"), True),
        ("a.tar.xz", (".tar", ".xz"), True),
        ("a.warc.gz", (".warc", ""), True),
        ("a.warc.bz2", (".warc", ".bz2"), True),
        ("a.exe", (".exe", ""), False),
        ("a.gz", ("", ".gz"), False),
        (".txt", ("", ""), False),
        ("txt", ("", ""), False),
        ("a.html?id=5", (".html", ""), True),
        ("a.html?file=b.txt", (".html", ""), True),
        ("a.json.gz?page=2", (".json", ".gz"), True),
        ("Who is there?.txt", (".txt", ""), True),
        ("a.php?x=1.5", (".php", ""), False),
        ("index.html?id=5/a.json.gz", (".json", ".gz"), True),
        ("Who?/a.html?id=5", (".html", ""), True),
        ("Who?/Dr.x?/a", ("", ""), False),
    ],
)
def test_suffixes(name: str, suffixes: tuple[str, str], readable: bool) -> None:
    assert split_suffixes(name) == suffixes
    assert is_readable(name) == readable


def test_suffixes_that_are_none_are_not_counted() -> None:
    names = ("Dr. Who is this", "a." + "x" * 40, "a.php?x=1", "README", "a.tar.gz")
    assert [suffix(name) for name in names] == ["", "", ".php", "", ".tar"]


def test_a_format_whose_library_is_missing_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIBRARIES, "documents-of-tomorrow", ("sys", "no_such_library"))
    missing = FORMATS[".pdf"]._replace(extra="documents-of-tomorrow")
    monkeypatch.setitem(FORMATS, ".pdf", missing)
    assert not is_readable("a.pdf")
    assert reason_to_skip("a.pdf") == "needs no_such_library: pip install 'searchsvc[documents-of-tomorrow]'"
    with pytest.raises(UserError, match="cannot be read: it needs no_such_library: pip install"):
        list(missing.read(BytesIO(b"%PDF"), DEFAULT_MAPPER.field))


def test_formats_that_may_hold_html_are_slow() -> None:
    fast = {".txt", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".docx", ".docm", ".odt"}
    assert {suffix for suffix in FORMATS if not is_slow(f"a{suffix}.gz")} == fast
    assert is_slow("a.zip")


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_reader_of_every_format_can_be_loaded(suffix: str) -> None:
    try:
        list(FORMATS[suffix].read(BytesIO(b"x"), DEFAULT_MAPPER.field))
    except UserError as error:
        assert str(error).startswith(("is not", "is XML", "is empty", "is damaged", "has no part"))


def test_importing_the_corpus_imports_no_library_of_a_format() -> None:
    libraries = [
        "bs4",
        "chardetng_py",
        "htmldate",
        "lxml",
        "markdown_it",
        "pypdfium2",
        "trafilatura",
        "warcio",
        "webencodings",
        "yaml",
    ]
    program = f"import sys, searchsvc.corpus; print(*(name for name in {libraries} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@given(st.text("ab./é ", max_size=9).filter(lambda name: not name.endswith(("/", "/."))))
def test_suffixes_are_those_of_a_path(name: str) -> None:
    assert split_suffixes(name)[0] == "".join(PurePosixPath(name).suffixes[-1:])
