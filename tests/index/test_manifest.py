"""The manifest: files, articles and failures, and under which id each article is indexed."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from searchsvc.index import TOMBSTONE, ArticleRow, FileState, Manifest, PreviousArticle


@pytest.fixture
def manifest(tmp_path: Path) -> Iterator[Manifest]:
    with Manifest(tmp_path / "manifest.sqlite", writing=True) as manifest:
        yield manifest


def row(path: str, number: int, article_id: str, indexed_as: str | None = None, **fields: object) -> ArticleRow:
    """Return a row of an article, indexed under its own id if `indexed_as` is "own"."""
    precedence = 1 if path.startswith("api/") else 0
    known = {"member": path, "content": b"c", "fingerprint": f"{path}{number}".encode()}
    indexed_as = article_id if indexed_as == "own" else indexed_as
    return ArticleRow(precedence, path, number, article_id, indexed_as=indexed_as, **(known | fields))  # type: ignore[arg-type]


def fill(manifest: Manifest, *rows: ArticleRow) -> None:
    for each in rows:
        manifest.add_article(each)


def test_files_fields_and_failures_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "a folder?" / "manifest.sqlite"
    file.parent.mkdir()
    with Manifest(file, writing=True) as manifest:
        manifest.add_file("b.txt", FileState(5, 6, b"hash"))
        manifest.add_file("a.txt", FileState(1, 2, b""))
        manifest.add_file("a.txt", FileState(1, 3, b""))
        manifest.add_fields({"mood": 2, "author": 1})
        manifest.add_fields({"mood": 3})
        manifest.add_failure("c.jsonl", "c.jsonl#2", "has no text")
        manifest.add_failure("c.jsonl", "c.jsonl#1", "is not JSON")
        manifest.add_failure("a.zip", "a.zip/b", "is empty")
        manifest.commit()
    with Manifest(file) as written:
        assert written.files() == {"a.txt": FileState(1, 3, b""), "b.txt": FileState(5, 6, b"hash")}
        assert (written.file("b.txt"), written.file("c.txt")) == (FileState(5, 6, b"hash"), None)
        assert written.fields() == {"author": 1, "mood": 5}
        failures = [("a.zip/b", "is empty"), ("c.jsonl#2", "has no text"), ("c.jsonl#1", "is not JSON")]
        assert list(written.failures()) == failures
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            written.add_fields({"x": 1})


def test_only_the_fields_that_are_kept_stay(manifest: Manifest) -> None:
    manifest.add_fields({"a": 1, "b": 2, "c": 3})
    manifest.keep_fields({"b": 1, "d": 2})
    assert manifest.fields() == {"b": 1, "d": 2}


@pytest.mark.parametrize(
    ("later", "earlier"),
    [
        (("b", 0), ("a", 0)),
        (("a", 1), ("a", 0)),
        (("a", 10), ("a", 9)),
        (("b", 0), ("a", 9)),
        (("é", 0), ("z", 0)),
        (("😀", 0), ("ｚ", 0)),
        (("api/a", 0), ("z", 9)),
        (("api/b", 0), ("api/a", 9)),
    ],
)
@pytest.mark.parametrize("later_first", [True, False])
def test_the_rows_of_a_group_have_one_order_in_python_and_in_the_database(
    manifest: Manifest, later: tuple[str, int], earlier: tuple[str, int], later_first: bool
) -> None:
    last, first = row(*later, "x"), row(*earlier, "x")
    fill(manifest, *((last, first) if later_first else (first, last)))
    assert first < last
    assert (manifest.group("x"), manifest.group("x", 1), manifest.last("x")) == ([first, last], [first], last)


def test_an_unknown_id_has_no_rows(manifest: Manifest) -> None:
    assert (manifest.group("x"), manifest.last("x"), manifest.indexed("x")) == ([], None, None)


def test_a_row_is_found_by_the_id_that_it_is_indexed_under(manifest: Manifest) -> None:
    own, alias, ignored = row("a", 0, "x", "own"), row("b", 0, "x", "x@b", member="b/c"), row("c", 0, "x")
    fill(manifest, own, alias, ignored)
    assert (manifest.indexed("x"), manifest.indexed("x@b"), manifest.indexed("b")) == (own, alias, None)
    assert (manifest.row("b", 0), manifest.row("b", 1)) == (alias, None)
    manifest.set_indexed(own, None, b"1")
    manifest.set_indexed(ignored, "x", b"2")
    assert manifest.indexed("x") == ignored._replace(indexed_as="x", fingerprint=b"2")
    assert manifest.group("x")[0] == own._replace(indexed_as=None, fingerprint=b"1")
    manifest.delete_article(alias)
    assert manifest.indexed("x@b") is None


def test_only_what_is_indexed_counts(manifest: Manifest) -> None:
    fill(manifest, row("a", 0, "x", "own"), row("b", 0, "x", "x@b"), row("c", 0, "x"))
    fill(manifest, row("api/d", 0, "y", fingerprint=TOMBSTONE))
    assert manifest.count() == 2
    assert sorted(manifest.sample(10, 1)) == [("x", b"a0"), ("x@b", b"b0")]


def test_a_sample_of_many_articles_is_about_as_large_as_asked(manifest: Manifest) -> None:
    fill(manifest, *(row("a", number, str(number), "own") for number in range(1_000)))
    sizes = [len(manifest.sample(10, 1_000)) for _ in range(20)]
    assert max(sizes) <= 10
    assert sum(sizes) > 100
    assert len({tuple(manifest.sample(10, 1_000)) for _ in range(3)}) > 1


def test_a_sample_is_found_behind_many_articles_that_are_left_out(manifest: Manifest) -> None:
    fill(manifest, *(row("a", number, f"a{number}") for number in range(2_000)))
    fill(manifest, *(row("b", number, f"z{number}", "own") for number in range(50)))
    for _ in range(10):
        assert len(manifest.sample(10, 50)) == 10


def test_files_with_aliases_are_listed_with_their_first_one(manifest: Manifest) -> None:
    fill(manifest, row("a", 0, "x", "own"), row("b", 1, "y", "y@b"), row("b", 0, "x", "x@b"))
    fill(manifest, row("z", 0, "x", "x@z/n", member="z/n"), row("z", 1, "x", "x@z/m", member="z/m"))
    found = {each.member: (each.indexed_as, number) for each, number in manifest.aliases()}
    assert found == {"b": ("x@b", 2), "z/n": ("x@z/n", 1), "z/m": ("x@z/m", 1)}


def test_an_earlier_record_of_the_same_file_is_found(manifest: Manifest) -> None:
    first, second, other = row("a", 0, "x"), row("a", 3, "x"), row("z", 0, "x", member="z/m")
    fill(manifest, first, second, other)
    assert manifest.earlier_record(row("a", 9, "x")) == second
    assert manifest.earlier_record(row("b", 9, "x")) is None
    assert manifest.earlier_record(row("z", 1, "x", member="z/n")) is None
    manifest.add_last_article(row("a", 9, "x"))
    assert manifest.group("x") == [first, row("a", 9, "x", repeats=1), other]


def test_articles_of_files_are_known_by_their_ids_and_aliases(manifest: Manifest) -> None:
    fill(manifest, row("a", 0, "x", "own"), row("b", 0, "x"), row("z", 0, "x@y", member="z/m"), row("api/p", 0, "p", "own"))
    expected = {
        "x": True,
        "x@b": True,
        "x@y": True,
        "x@y@z/m": True,
        "x@c": False,
        "p": False,
        "p@api/p": False,
        "q": False,
    }
    assert {article_id: manifest.is_in_file(article_id) for article_id in expected} == expected


def test_shared_and_deleted_ids_are_listed(manifest: Manifest) -> None:
    fill(manifest, row("a", 0, "x"), row("b", 0, "x"), row("a", 1, "y"), row("api/d", 0, "y", fingerprint=TOMBSTONE))
    fill(manifest, row("a", 2, "z@b"), row("api/e", 0, "w", fingerprint=TOMBSTONE), row("api/f", 0, "w"))
    assert list(manifest.shared_ids()) == ["w", "x", "y"]
    assert list(manifest.deleted_ids()) == ["y"]
    manifest.index_last_of_each_id()
    indexed = {(each.path, each.id) for name in "xyzw" for each in manifest.group(name) if each.indexed_as == each.id}
    assert indexed == {("b", "x"), ("api/f", "w")}


def test_invalidated_files_leave_what_was_indexed_of_them_and_unsettle_what_they_shared(manifest: Manifest) -> None:
    fill(manifest, row("a", 0, "only a", "own"), row("a", 1, "shared", "own"), row("b", 0, "shared"))
    fill(manifest, row("a", 2, "x", "x@a"), row("b", 1, "x", "own"), row("a", 3, "ignored"), row("a", 4, "x@b"))
    for path in "ab":
        manifest.add_file(path, FileState(1, 1, b"1"))
        manifest.add_failure(path, path, "broken")
    manifest.invalidate_files(["a"])
    assert sorted(manifest.files()) == ["b"]
    assert [name for name, _ in manifest.failures()] == ["b"]
    assert (manifest.group("only a"), manifest.group("shared")) == ([], [row("b", 0, "shared")])
    changes = manifest.changes
    assert sorted(changes.orphans()) == [("only a", True), ("shared", True), ("x@a", True)]
    assert changes.take("x@a") == PreviousArticle(b"a2", b"a2")
    assert sorted(changes.take_unsettled()) == ["shared", "x"]
    assert changes.take_unsettled() == []


@pytest.mark.parametrize(
    ("article_id", "unsettled"),
    [("x@b", ["x"]), ("x@y@z/m", ["x@y"]), ("x@c", []), ("@b", []), ("x@", []), ("i@b", [])],
)
def test_an_article_is_unsettled_by_the_alias_that_it_could_not_get(
    manifest: Manifest, article_id: str, unsettled: list[str]
) -> None:
    fill(manifest, row("b", 0, "x"), row("z", 0, "x@y", member="z/m"), row("b", 1, "i", "own"))
    manifest.unsettle_alias(article_id)
    assert manifest.changes.take_unsettled() == unsettled
    fill(manifest, row("gone", 0, article_id, "own"))
    manifest.invalidate_files(["gone"])
    assert manifest.changes.take_unsettled() == unsettled


def test_times_of_changes_are_carried_over_to_the_same_articles(manifest: Manifest) -> None:
    for number, (article_id, indexed_as) in enumerate([("same", "same"), ("other", "other"), ("alias", "alias@a")]):
        manifest.add_article(ArticleRow(0, "a", number, article_id, "a", fingerprint=b"1", indexed_as=indexed_as))
        manifest.set_update(indexed_as, 100)
    for number, article_id in enumerate(("dated", "other dated"), start=3):
        manifest.add_article(ArticleRow(0, "a", number, article_id, "a", fingerprint=b"1", indexed_as=article_id))
    assert sorted(manifest.fingerprinted_updates()) == [
        ("alias@a", 100, b"1"),
        ("dated", None, b"1"),
        ("other", 100, b"1"),
        ("other dated", None, b"1"),
        ("same", 100, b"1"),
    ]
    former: list[tuple[str, int | None, bytes]] = [
        ("same", 50, b"1"),
        ("other", 50, b"2"),
        ("gone", 50, b"1"),
        ("alias@a", 60, b"1"),
    ]
    former += [("dated", None, b"1"), ("other dated", None, b"2"), ("alias", 70, b"1")]
    manifest.carry_over_updates(former, 200)
    every = manifest.updates(["same", "other", "gone", "alias@a", "dated", "other dated"])
    assert every == {"same": 50, "other": 200, "alias@a": 60, "other dated": 200}
    manifest.delete_update("same")
    assert manifest.updates(["same"]) == {}


def test_manifests_of_different_files_are_merged(manifest: Manifest, tmp_path: Path) -> None:
    part = tmp_path / "part.sqlite"
    with Manifest(part, writing=True) as other:
        fill(other, row("api/b", 0, "x"))
        other.add_file("api/b", FileState(1, 2, b"3"))
        other.add_failure("api/b", "api/b#2", "broken")
        other.add_fields({"mood": 2, "author": 1})
        other.commit()
    fill(manifest, row("a", 0, "x"))
    manifest.add_fields({"mood": 3})
    manifest.merge_from(part)
    assert manifest.group("x") == [row("a", 0, "x"), row("api/b", 0, "x")]
    assert manifest.files() == {"api/b": FileState(1, 2, b"3")}
    assert list(manifest.failures()) == [("api/b#2", "broken")]
    assert manifest.fields() == {"author": 1, "mood": 5}
    with pytest.raises(sqlite3.IntegrityError):
        manifest.merge_from(part)


def test_nothing_is_written_before_commit(tmp_path: Path) -> None:
    file = tmp_path / "manifest.sqlite"
    with Manifest(file, writing=True) as manifest:
        manifest.add_fields({"kept": 1})
        manifest.commit()
        manifest.add_fields({"lost": 1})
    with Manifest(file) as manifest:
        assert manifest.fields() == {"kept": 1}
