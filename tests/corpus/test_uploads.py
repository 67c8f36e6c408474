"""Uploads: their paths, drafts and tombstones."""

from pathlib import Path

import pytest

from searchsvc.corpus import Tombstone, is_put, read_file
from searchsvc.corpus.uploads import Draft, dump_record, put_path, remove, tombstone_record
from searchsvc.model.article import Article


def test_every_id_has_a_path_of_its_own() -> None:
    paths = [put_path(article_id) for article_id in ("a", "A", "../../etc/passwd", "ü" * 1_000)]
    assert len(set(paths)) == 4
    assert all(is_put(path) and path.count("/") == 1 for path in paths)
    assert not is_put("apifruits/a.json")


@pytest.mark.parametrize(
    ("path", "item"),
    [("api/a.json", [Tombstone("x")]), ("other/a.json", [])],
)
def test_only_uploads_can_be_tombstones(tmp_path: Path, path: str, item: list[Tombstone]) -> None:
    with Draft(tmp_path, path, dump_record(tombstone_record("x"))) as draft:
        draft.publish()
    assert [item for item in read_file(tmp_path / path, path) if isinstance(item, Tombstone)] == item


def test_a_draft_is_only_kept_if_it_is_published(tmp_path: Path) -> None:
    path = put_path("x")
    with Draft(tmp_path, path, b'{"id": "x", "title": "Tea"}') as draft:
        assert draft.file.exists()
    assert list((tmp_path / "api").iterdir()) == []
    with Draft(tmp_path, path, b'{"id": "x", "title": "Tea"}') as draft:
        draft.publish()
    (article,) = read_file(tmp_path / path, path)
    assert article == Article("x", "Tea", "", path)
    assert (tmp_path / path).stat().st_mode & 0o777 == 0o644


def test_an_upload_may_be_removed_twice(tmp_path: Path) -> None:
    path = put_path("x")
    with Draft(tmp_path, path, b'{"id": "x", "title": "Tea"}') as draft:
        draft.publish()
    remove(tmp_path, path)
    remove(tmp_path, path)
    assert list((tmp_path / "api").iterdir()) == []
