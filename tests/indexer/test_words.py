"""The words of a generation, which its readers do not have to ask the engine for."""

import json

import pytest

from searchsvc.config import EMBEDDED
from searchsvc.index import Generation, read_words, write_words
from searchsvc.indexer import words
from searchsvc.indexer.reindex import reindex
from searchsvc.indexer.words import MAX_CHANGES
from tests.conftest import Archive

ARTICLES = 6_000


def live(archive: Archive) -> Generation:
    generation = archive.service().store.live()
    assert generation is not None
    return generation


@pytest.mark.parametrize("archive", EMBEDDED, indirect=True)
def test_a_generation_has_the_words_of_its_engine(archive: Archive) -> None:
    archive.write({"a.txt": "Title: One\n\nTea and tea harvest.", "b.txt": "Title: Two\n\nTea of the monsoon."})
    reindex(archive.settings)
    assert read_words(live(archive)) == {"tea": 2, "and": 1, "harvest": 1, "of": 1, "the": 1, "monsoon": 1}
    (archive.corpus / "a.txt").unlink()
    archive.write({"c.txt": "Title: Three\n\nMonsoon rain."})
    reindex(archive.settings)
    assert (read_words(live(archive)) or {})["rain"] == 1


def test_words_that_cannot_be_read_are_those_of_the_engine(archive: Archive) -> None:
    archive.write({"a.txt": "Title: One\n\nTea harvest."})
    reindex(archive.settings)
    for damaged in (b"{", b"[]", None):
        generation = live(archive)
        generation.words.unlink()
        if damaged is not None:
            generation.words.write_bytes(damaged)
        assert read_words(generation) is None
        assert archive.service().acquire().dictionary.count("harvest") == 1
        generation.words.touch()


def test_of_few_changes_only_the_words_are_counted_anew(archive: Archive) -> None:
    rows = ({"id": f"r{number}", "title": "t", "text": f"tea w{number % 3_000}x"} for number in range(ARTICLES))
    archive.write({"a.jsonl": "\n".join(map(json.dumps, rows))})
    reindex(archive.settings)
    # The marker stays as long as the words are not read anew.
    before = (read_words(live(archive)) or {}) | {"marker": 7}
    write_words(live(archive), before)
    assert before["w7x"] == ARTICLES / 3_000
    archive.write({"b.txt": "Title: New\n\nTea from Zelenograd, and w7x."})
    reindex(archive.settings)
    new = {"tea": ARTICLES + 1, "from": 1, "zelenograd": 1, "and": 1, "w7x": before["w7x"] + 1}
    assert read_words(live(archive)) == before | new
    archive.write({"b.txt": "Title: New\n\nTea of the well-\nknown Bo."})
    reindex(archive.settings)
    changed = {"tea": ARTICLES + 1, "of": 1, "the": 1, "wellknown": 1, "well": 1, "known": 1, "bo": 1}
    assert read_words(live(archive)) == before | changed
    (archive.corpus / "b.txt").unlink()
    reindex(archive.settings)
    assert read_words(live(archive)) == before
    archive.write({f"c{number}.txt": f"Title: Many\n\nTea v{number}x" for number in range(MAX_CHANGES + 1)})
    reindex(archive.settings)
    del before["marker"]
    many = {f"v{number}x": 1 for number in range(MAX_CHANGES + 1)}
    assert read_words(live(archive)) == before | many | {"tea": ARTICLES + MAX_CHANGES + 1}
    assert archive.service().acquire().suggest("v10", 5).words


def test_words_that_a_large_archive_does_not_keep_are_counted_by_its_engine(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write({"a.jsonl": "".join(f'{{"id": "{number}", "text": "tea rare"}}\n' for number in range(9))})
    reindex(archive.settings)
    monkeypatch.setattr(words, "MAX_WORDS", 1)
    write_words(live(archive), {"tea": 9})
    archive.write({"b.txt": "rare tea"})
    reindex(archive.settings)
    assert read_words(live(archive)) == {"tea": 10}
    monkeypatch.setattr(words, "MAX_WORDS", 2)
    write_words(live(archive), {"tea": 10, "of": 1})
    archive.write({"c.txt": "rare rare"})
    reindex(archive.settings)
    assert read_words(live(archive)) == {"tea": 10, "rare": 11}


def test_words_of_a_large_archive_are_read_anew_if_too_few_are_left(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive.write({"a.jsonl": "".join(f'{{"id": "{number}", "text": "tea rare of"}}\n' for number in range(9))})
    archive.write({"b.txt": "once"})
    reindex(archive.settings)
    monkeypatch.setattr(words, "MAX_WORDS", 2)
    write_words(live(archive), {"tea": 9, "once": 1})
    (archive.corpus / "b.txt").unlink()
    reindex(archive.settings)
    assert len(read_words(live(archive)) or {}) == 2
    assert set((read_words(live(archive)) or {}).values()) == {9}


def test_many_unknown_words_of_a_large_archive_are_read_at_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.write({"a.txt": "tea tea"})
    reindex(archive.settings)
    monkeypatch.setattr(words, "MAX_WORDS", 1)
    monkeypatch.setattr(words, "_MAX_COUNTED", 1)
    write_words(live(archive), {"marker": 9})
    archive.write({"b.txt": "tea of"})
    reindex(archive.settings)
    assert read_words(live(archive)) == {"tea": 2}
