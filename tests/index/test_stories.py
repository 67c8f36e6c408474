"""The files of signatures and stories."""

from pathlib import Path

import numpy as np
import pytest

from searchsvc.errors import ServiceError
from searchsvc.index import Generation, Stories, read_stories
from searchsvc.index.signatures import NewSignatures, Signatures, read_table, updated, write_table
from searchsvc.index.stories import NO_STORIES, UNDATED, Version
from searchsvc.model.limits import SIGNATURE_SIZE

STORIES = ([Version("b", 5), Version("a|é", 7), Version("z", UNDATED)], [Version("c", 1), Version("d", 1)])


def values(seed: int) -> bytes:
    return np.full(SIGNATURE_SIZE, seed, np.uint32).tobytes()


def generation(folder: Path, name: str) -> Generation:
    (folder / name).mkdir()
    return Generation(name, folder / name)


def present(signatures: Signatures) -> dict[str, int]:
    return {signatures.ids[row]: int(signatures.values[row][0]) for row in np.flatnonzero(signatures.present).tolist()}


def test_stories_are_read_as_they_were_written(tmp_path: Path) -> None:
    draft = generation(tmp_path, "g000001")
    Stories.of(STORIES).write(draft)
    found = read_stories(draft)
    assert found is not None
    assert (list(found), len(found), found.articles) == (list(STORIES), 2, 5)
    assert [found.story_of(each) for each in ("b", "z", "d", "x")] == [("b", 3), ("b", 3), ("c", 2), ("x", 1)]
    assert found.versions_of("a|é") == STORIES[0]
    assert found.versions_of("x") == []
    assert found.largest(1) == [STORIES[0]]
    assert [found.is_later_version(each) for each in ("b", "z", "d", "x")] == [False, True, True, False]
    other = [Version("x", 2), Version("y", 3)]
    assert list(found.replaced({0}, [other])) == [STORIES[1], other]


def test_there_may_be_no_stories(tmp_path: Path) -> None:
    assert (len(NO_STORIES), list(NO_STORIES), NO_STORIES.largest(5), NO_STORIES.story_of("x")) == (0, [], [], ("x", 1))
    NO_STORIES.write(draft := generation(tmp_path, "g000001"))
    assert list(read_stories(draft) or ()) == []


@pytest.mark.parametrize("content", [b"", b"\xff" * 100, b"\x02\0\0\0\0\0\0\0{}" + bytes(100)])
def test_damaged_files_are_no_traceback(tmp_path: Path, content: bytes) -> None:
    damaged = generation(tmp_path, "g000001")
    for name in ("stories.arrays", "signatures.base"):
        (damaged.folder / name).write_bytes(content)
    assert read_stories(damaged) is None
    with pytest.raises(ServiceError, match="damaged"):
        read_table(damaged.folder / "signatures.base")


def test_damaged_ids_are_no_traceback(tmp_path: Path) -> None:
    draft = generation(tmp_path, "g000001")
    Stories.of(STORIES).write(draft)
    file = draft.folder / "stories.arrays"
    file.write_bytes(file.read_bytes().replace("é".encode(), b"\xff\xff"))
    found = read_stories(draft)
    assert found is not None
    for read in (list, lambda stories: stories.id(1)):
        with pytest.raises(ServiceError, match="the index is damaged"):
            read(found)


def test_the_last_signature_of_an_article_counts(tmp_path: Path) -> None:
    new = NewSignatures()
    for seed, article_id in enumerate(("b", "a", "b", "c")):
        new.add(article_id, seed, 20, values(seed))
    new.add("c", 0, 0, values(0))
    write_table(tmp_path / "table", new.table())
    found = read_table(tmp_path / "table")
    assert (list(found.ids), found.instants.tolist(), found.lengths.tolist()) == (["a", "b", "c"], [1, 2, 0], [20, 20, 0])
    assert [found.row(each) for each in ("a", "c", "d", "")] == [0, 2, None, None]


def test_updates_share_the_base_until_there_are_many(tmp_path: Path) -> None:
    new = NewSignatures()
    for number in range(100):
        new.add(f"{number:03}", number, 20, values(number))
    first = generation(tmp_path, "g000001")
    updated(None, new.table()).write(first, None)
    expected = {f"{number:03}": number for number in range(100)}
    before, links = first, []
    for number in range(20):
        change = NewSignatures()
        change.add(f"{number:03}", 0, 20, values(1_000 + number))
        change.add(f"{99 - number:03}", 0, 0, values(0))
        expected[f"{number:03}"] = 1_000 + number
        del expected[f"{99 - number:03}"]
        draft = generation(tmp_path, f"g{number + 2:06}")
        found = updated(before, change.table())
        assert present(found) == expected
        assert found.row(f"{99 - number:03}") is None
        found.write(draft, before)
        links.append((draft.folder / "signatures.base").samefile(before.folder / "signatures.base"))
        before = draft
    assert any(links)
    assert not all(links)
