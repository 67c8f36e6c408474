"""Discovery: which files of a folder belong to the corpus."""

import os
import shutil
from pathlib import Path

import pytest

from searchsvc.corpus import ReadFailure, read_file, walk
from searchsvc.corpus.formats import FORMATS
from searchsvc.errors import UserError
from searchsvc.extras import LIBRARIES
from searchsvc.model.article import Article
from searchsvc.model.skipped import SkipCounter
from tests.conftest import Archive
from tests.privileges import without_privileges


def test_only_readable_files_inside_the_corpus_are_found(archive: Archive, tmp_path: Path) -> None:
    archive.write({"b/x.txt": "x", "a.txt": "x", ".hidden.txt": "x", ".git/x.txt": "x", "x.exe": "x", "x.csv.xz": "x"})
    (tmp_path / "secret.txt").write_text("x")
    (archive.corpus / "out.txt").symlink_to(tmp_path / "secret.txt")
    (archive.corpus / "in.txt").symlink_to(archive.corpus / "a.txt")
    (archive.corpus / "loop").symlink_to(archive.corpus)
    (archive.corpus / "dead.txt").symlink_to("nowhere")
    os.mkfifo(archive.corpus / "pipe.txt")
    assert [source.path for source in walk(archive.corpus)] == ["a.txt", "in.txt", "x.csv.xz", "b/x.txt"]


def test_what_is_left_out_is_counted_with_the_reason(archive: Archive, tmp_path: Path) -> None:
    archive.write(
        {"a.txt": "x", ".git/x.txt": "x", ".hidden.txt": "x", "b.exe": "x", "c.EXE": "x", "d/README": "x", "e.zip": ""}
    )
    (tmp_path / "secret.txt").write_text("x")
    (archive.corpus / "out.txt").symlink_to(tmp_path / "secret.txt")
    (archive.corpus / "loop").symlink_to(archive.corpus)
    (archive.corpus / "dead.txt").symlink_to("nowhere")
    os.mkfifo(archive.corpus / "pipe.txt")
    os.mkfifo(archive.corpus / "pipe")  # opening it would wait for ever
    skipped = SkipCounter()
    assert [source.path for source in walk(archive.corpus, skipped=skipped)] == ["a.txt", "e.zip"]
    assert {(each.reason, each.suffix): each.files for each in skipped} == {
        ("unknown format", ".exe"): 2,
        ("unknown format", ""): 1,
        ("hidden", ""): 2,
        ("link out of the corpus", ""): 1,
        ("link to a folder", ""): 1,
        ("link to nothing", ""): 1,
        ("not a regular file", ""): 2,
    }


def test_pages_are_told_by_their_content_where_the_name_says_nothing(archive: Archive) -> None:
    page = "<!doctype html><title>Tea</title><p>Tea of the hills"
    pages = ["index.html?id=5", "page.php?x=1", "a.aspx", "b.html.orig", "c.shtml", "story", "d.1", "e.jsp", "f.cgi?g=h.i"]
    archive.write(
        {**dict.fromkeys(pages, page), "notes": "Only text", "script.php": "<?php echo 1;", "style.css?v=2": page}
    )
    sources = list(walk(archive.corpus, skipped=(skipped := SkipCounter())))
    assert sorted(source.path for source in sources) == sorted(pages)
    assert [(each.suffix, each.files) for each in skipped] == [("", 1), (".css", 1), (".php", 1)]
    items = [item for source in sources for item in read_file(source.file, source.path)]
    assert [isinstance(item, Article) and item.title for item in items] == ["Tea"] * len(pages)


def test_only_files_whose_names_say_nothing_are_opened(archive: Archive) -> None:
    archive.write({"a.txt": "x", "b.png": "x", "c.unknown": "x"})
    for path in archive.corpus.iterdir():
        path.chmod(0)
    paths, failures = reached(archive.corpus)
    assert paths == ["a.txt"]
    assert failures == ["c.unknown cannot be examined: Permission denied"]


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


def reached(corpus: Path) -> tuple[list[str], list[str]]:
    """Return the paths of the files that are found without privileges, and the failures."""
    failures: list[ReadFailure] = []
    with without_privileges():
        paths = [source.path for source in walk(corpus, failures.append)]
    assert all(failure.transient for failure in failures)
    return paths, [f"{failure.path} {failure.reason}" for failure in failures]


def test_a_folder_that_cannot_be_listed_is_reported_and_the_others_are_walked(archive: Archive) -> None:
    archive.write({"a.txt": "x", "lost+found/b.txt": "x", "z/c.txt": "x", "z/deep/d.txt": "x", "z/e/f.txt": "x"})
    (archive.corpus / "lost+found").chmod(0)
    (archive.corpus / "z" / "deep").chmod(0)
    assert reached(archive.corpus) == (
        ["a.txt", "z/c.txt", "z/e/f.txt"],
        ["lost+found cannot be listed: Permission denied", "z/deep cannot be listed: Permission denied"],
    )


def test_files_of_a_folder_without_access_are_reported_one_by_one(archive: Archive) -> None:
    archive.write({"a/b.txt": "x", "a/c.txt": "x", "a/d.exe": "x", "e.txt": "x"})
    (archive.corpus / "a").chmod(0o400)
    paths, failures = reached(archive.corpus)
    assert paths == ["e.txt"]
    assert failures == [f"a/{name}.txt cannot be examined: Permission denied" for name in "bc"]


def test_names_in_reports_are_escaped(archive: Archive) -> None:
    archive.write({"two\nlines/a.txt": "x"})
    (archive.corpus / "two\nlines").chmod(0)
    assert reached(archive.corpus)[1] == ["two%0Alines cannot be listed: Permission denied"]


def test_what_was_deleted_in_the_meantime_is_no_failure(archive: Archive) -> None:
    archive.write({"a.txt": "x", "b/c.txt": "x", "b/d/e.txt": "x", "z.txt": "x"})
    (archive.corpus / "dead.txt").symlink_to("nowhere")
    failures: list[ReadFailure] = []
    files = walk(archive.corpus, failures.append)
    assert next(files).path == "a.txt"
    (archive.corpus / "z.txt").unlink()
    shutil.rmtree(archive.corpus / "b")
    assert (list(files), failures) == ([], [])


def test_without_a_callback_the_first_failure_is_an_error(archive: Archive) -> None:
    archive.write({"a.txt": "x", "b/c.txt": "x"})
    (archive.corpus / "b").chmod(0)
    with without_privileges(), pytest.raises(UserError, match="b cannot be listed: Permission denied"):
        list(walk(archive.corpus))


def test_a_corpus_that_cannot_be_listed_is_an_error(archive: Archive) -> None:
    archive.write({"a.txt": "x"})
    archive.corpus.chmod(0)
    with without_privileges(), pytest.raises(UserError, match=f"the corpus {archive.corpus} cannot be listed"):
        list(walk(archive.corpus, lambda _: None))


@pytest.mark.slow
def test_very_deep_folders_are_walked(archive: Archive) -> None:
    folders = [archive.corpus]
    while len(str(folders[-1])) < 3_900:  # more folders than Python allows calls in each other
        folders.append(folders[-1] / "d")
        folders[-1].mkdir()
    file = folders[-1] / "a.txt"
    file.write_text("x")
    assert [source.file for source in walk(archive.corpus)] == [file]
    file.unlink()
    for folder in reversed(folders):  # pytest could not delete them
        folder.rmdir()


def test_files_of_a_format_whose_library_is_missing_are_counted_once_also_if_only_their_bytes_tell_it(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write({"a.warc": "x", "b.WARC": "x", "story": "WARC/1.0\r\n", "tea.txt": "x"})
    monkeypatch.setitem(LIBRARIES, "crawls-of-tomorrow", ("no_such_library",))
    monkeypatch.setitem(FORMATS, ".warc", FORMATS[".warc"]._replace(extra="crawls-of-tomorrow"))
    skipped = SkipCounter()
    assert [source.path for source in walk(archive.corpus, skipped=skipped)] == ["tea.txt"]
    reason = "needs no_such_library: pip install 'searchsvc[crawls-of-tomorrow]'"
    assert {(each.reason, each.suffix): each.files for each in skipped} == {(reason, ".warc"): 2, (reason, ""): 1}
