"""Discovery: which files of a folder belong to the corpus."""

import os
from pathlib import Path

import pytest

from searchsvc.corpus import read_file, walk
from searchsvc.errors import UserError
from searchsvc.model.article import Article
from tests.conftest import Archive


def test_only_readable_files_inside_the_corpus_are_found(archive: Archive, tmp_path: Path) -> None:
    archive.write({"b/x.txt": "x", "a.txt": "x", ".hidden.txt": "x", ".git/x.txt": "x", "x.exe": "x", "x.csv.xz": "x"})
    (tmp_path / "secret.txt").write_text("x")
    (archive.corpus / "out.txt").symlink_to(tmp_path / "secret.txt")
    (archive.corpus / "in.txt").symlink_to(archive.corpus / "a.txt")
    (archive.corpus / "loop").symlink_to(archive.corpus)
    (archive.corpus / "dead.txt").symlink_to("nowhere")
    os.mkfifo(archive.corpus / "pipe.txt")
    assert [source.path for source in walk(archive.corpus)] == ["a.txt", "in.txt", "x.csv.xz", "b/x.txt"]


def test_unprintable_names_are_escaped(archive: Archive) -> None:
    for name in (b"bad\xff.txt", b"two\nlines.txt", "ünïcode.txt".encode()):
        (Path(os.fsdecode(os.fsencode(archive.corpus) + b"/" + name))).write_text("Title: x\n\ny")
    sources = list(walk(archive.corpus))
    assert {source.path for source in sources} == {"bad%FF.txt", "two%0Alines.txt", "ünïcode.txt"}
    assert all(isinstance(article, Article) for source in sources for article in read_file(source.file, source.path))
    assert archive.service().acquire().info.articles == 3


def test_a_source_file_knows_its_size_and_time(archive: Archive) -> None:
    archive.write({"a/b.txt": "four"})
    (source,) = walk(archive.corpus)
    status = (archive.corpus / "a" / "b.txt").stat()
    assert (source.path, source.size, source.mtime_ns) == ("a/b.txt", 4, status.st_mtime_ns)
    assert source.file == archive.corpus / "a" / "b.txt"


def test_a_missing_corpus_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not exist: create it, or choose another with --corpus"):
        list(walk(tmp_path / "none"))
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="is not a folder: create it"):
        list(walk(tmp_path / "file"))
