"""The manifest: files, articles and failures, and which of several articles with one id is indexed."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchsvc.index import TOMBSTONE, FileState, Manifest, RecordLocation

Row = tuple[int, str, int, str, bytes]
"""Precedence, path, number, id and fingerprint of an article."""


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    with Manifest(tmp_path / "manifest.sqlite", writing=True) as manifest:
        yield manifest


def fill(manifest: Manifest, *rows: Row) -> None:
    for precedence, path, number, article_id, fingerprint in rows:
        manifest.add_article(RecordLocation(precedence, path, number), article_id, fingerprint)


def test_files_fields_and_failures_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "a folder?" / "manifest.sqlite"
    file.parent.mkdir()
    with Manifest(file, writing=True) as manifest:
        manifest.add_file("b.txt", FileState(5, 6, b"hash"))
        manifest.add_file("a.txt", FileState(1, 2, b""))
        manifest.add_file("a.txt", FileState(1, 3, b""))
        manifest.add_fields(["mood", "author"])
        manifest.add_fields(["mood"])
        manifest.add_failure("c.jsonl", "c.jsonl#2", "has no text")
        manifest.add_failure("c.jsonl", "c.jsonl#1", "is not JSON")
        manifest.add_failure("a.zip", "a.zip/b", "is empty")
        manifest.commit()
    with Manifest(file) as written:
        assert written.files() == {"a.txt": FileState(1, 3, b""), "b.txt": FileState(5, 6, b"hash")}
        assert (written.file("b.txt"), written.file("c.txt")) == (FileState(5, 6, b"hash"), None)
        assert written.fields() == ["author", "mood"]
        failures = [("a.zip/b", "is empty"), ("c.jsonl#2", "has no text"), ("c.jsonl#1", "is not JSON")]
        assert list(written.failures()) == failures
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            written.add_fields(["x"])


def test_only_the_fields_that_are_kept_stay(manifest: Manifest) -> None:
    manifest.add_fields(["a", "b", "c"])
    manifest.keep_fields({"b": 1, "d": 2})
    assert manifest.fields() == ["b", "d"]


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        ((0, "b", 0), (0, "a", 0)),
        ((0, "a", 1), (0, "a", 0)),
        ((0, "a", 10), (0, "a", 9)),
        ((0, "b", 0), (0, "a", 9)),
        ((0, "é", 0), (0, "z", 0)),
        ((0, "😀", 0), (0, "ｚ", 0)),
        ((1, "a", 0), (0, "z", 9)),
        ((1, "b", 0), (1, "a", 9)),
    ],
)
@pytest.mark.parametrize("winner_first", [True, False])
def test_the_indexed_article_is_the_one_that_takes_precedence(
    manifest: Manifest, winner: tuple[int, str, int], loser: tuple[int, str, int], winner_first: bool
) -> None:
    best, other = RecordLocation(*winner), RecordLocation(*loser)
    for location in (best, other) if winner_first else (other, best):
        manifest.add_article(location, "x", location.path.encode() + bytes([location.number]))
    assert (best.takes_precedence(other), other.takes_precedence(best)) == (True, False)
    assert manifest.indexed_location("x") == best
    assert manifest.locations("x") == [best, other]
    assert manifest.sample(10, 1) == [("x", best.path.encode() + bytes([best.number]))]


def test_an_unknown_id_has_no_location(manifest: Manifest) -> None:
    assert (manifest.indexed_location("x"), manifest.locations("x")) == (None, [])


@pytest.mark.parametrize(
    ("rows", "count", "deleted", "shared"),
    [
        ([], 0, [], []),
        ([(0, "a", 0, "x", b"1"), (0, "a", 1, "y", b"2")], 2, [], []),
        ([(0, "a", 0, "x", b"1"), (0, "b", 0, "x", b"1")], 1, [], ["x"]),
        ([(0, "a", 0, "x", b"1"), (0, "b", 0, "x", b"2"), (1, "c", 0, "x", b"3")], 1, [], []),
        ([(1, "c", 0, "x", TOMBSTONE)], 0, ["x"], []),
        ([(0, "z", 0, "x", b"1"), (1, "c", 0, "x", TOMBSTONE), (0, "z", 1, "y", b"1")], 1, ["x"], []),
    ],
)
def test_articles_with_one_id_count_once_and_tombstones_do_not(
    manifest: Manifest, rows: list[Row], count: int, deleted: list[str], shared: list[str]
) -> None:
    fill(manifest, *rows)
    assert manifest.count() == count
    assert list(manifest.deleted_ids()) == deleted
    assert list(manifest.shared_ids()) == shared
    assert sorted(article_id for article_id, _ in manifest.sample(10, 1)) == sorted({row[3] for row in rows} - {*deleted})


def test_a_sample_of_many_articles_is_about_as_large_as_asked(manifest: Manifest) -> None:
    fill(manifest, *((0, "a", number, str(number), b"1") for number in range(1_000)))
    sizes = [len(manifest.sample(10, 1_000)) for _ in range(20)]
    assert max(sizes) <= 10
    assert sum(sizes) > 100
    assert len({tuple(manifest.sample(10, 1_000)) for _ in range(3)}) > 1


def test_files_that_share_ids_are_found(manifest: Manifest) -> None:
    fill(manifest, (0, "a", 0, "x", b"1"), (0, "b", 0, "x", b"1"), (0, "b", 1, "y", b"1"), (1, "c", 0, "y", b"1"))
    for paths, others in (([], set()), (["a"], {"b"}), (["b"], {"a", "c"}), (["a", "b"], {"a", "b", "c"}), (["d"], set())):
        assert manifest.files_sharing_ids(paths) == others


def test_invalidated_files_leave_the_fingerprints_that_were_indexed(manifest: Manifest) -> None:
    fill(
        manifest,
        (0, "a", 0, "only a", b"1"),
        (0, "a", 1, "also b", b"2"),
        (0, "b", 0, "also b", b"3"),
        (0, "a", 2, "deleted", b"4"),
        (1, "c", 0, "deleted", TOMBSTONE),
        (0, "b", 1, "only b", b"5"),
    )
    for path in "abc":
        manifest.add_file(path, FileState(1, 1, b"1"))
        manifest.add_failure(path, path, "broken")
    manifest.invalidate_files(["a"])
    assert sorted(manifest.files()) == ["b", "c"]
    assert [name for name, _ in manifest.failures()] == ["b", "c"]
    assert manifest.indexed_location("only a") is None
    assert list(manifest.orphaned_ids()) == ["only a"]
    previous = [manifest.pop_previous_fingerprint(each) for each in ("only a", "also b", "deleted", "only b", "new")]
    assert previous == [b"1", b"3", None, None, None]
    assert manifest.pop_previous_fingerprint("only a") is None
    assert list(manifest.orphaned_ids()) == []


def test_an_article_that_another_file_has_now_is_no_orphan(manifest: Manifest) -> None:
    fill(manifest, (0, "a", 0, "moved", b"1"), (0, "a", 1, "gone", b"1"))
    manifest.invalidate_files(["a"])
    fill(manifest, (0, "b", 0, "moved", b"2"))
    assert list(manifest.orphaned_ids()) == ["gone"]


def test_a_new_manifest_has_no_previous_fingerprints(manifest: Manifest) -> None:
    manifest.invalidate_files(["a"])
    fill(manifest, (0, "a", 0, "x", b"1"))
    assert manifest.pop_previous_fingerprint("x") is None
    assert list(manifest.orphaned_ids()) == []


def test_manifests_of_different_files_are_merged(manifest: Manifest, tmp_path: Path) -> None:
    part = tmp_path / "part.sqlite"
    with Manifest(part, writing=True) as other:
        fill(other, (1, "b", 0, "x", b"2"))
        other.add_file("b", FileState(1, 2, b"3"))
        other.add_failure("b", "b#2", "broken")
        other.add_fields(["mood", "author"])
        other.commit()
    fill(manifest, (0, "a", 0, "x", b"1"))
    manifest.add_fields(["mood"])
    manifest.merge_from(part)
    assert manifest.locations("x") == [RecordLocation(1, "b", 0), RecordLocation(0, "a", 0)]
    assert manifest.files() == {"b": FileState(1, 2, b"3")}
    assert list(manifest.failures()) == [("b#2", "broken")]
    assert manifest.fields() == ["author", "mood"]
    with pytest.raises(sqlite3.IntegrityError):
        manifest.merge_from(part)


def test_nothing_is_written_before_commit(tmp_path: Path) -> None:
    file = tmp_path / "manifest.sqlite"
    with Manifest(file, writing=True) as manifest:
        manifest.add_fields(["kept"])
        manifest.commit()
        manifest.add_fields(["lost"])
    with Manifest(file) as manifest:
        assert manifest.fields() == ["kept"]
