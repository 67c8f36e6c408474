"""The words of a generation, which its readers do not have to ask the engine for."""

import json

import pytest

from searchsvc.config import EMBEDDED
from searchsvc.index import Generation, read_words, write_words
from searchsvc.indexer.reindex import reindex
from searchsvc.indexer.words import WORDS_PER_COUNT
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


def test_few_changes_among_many_words_are_counted_one_by_one(archive: Archive) -> None:
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
    many = {f"v{number}x" for number in range(len(before) // WORDS_PER_COUNT)}
    archive.write({"c.txt": f"Title: Many\n\nTea {' '.join(many)}"})
    reindex(archive.settings)
    del before["marker"]
    assert read_words(live(archive)) == before | dict.fromkeys(many, 1) | {"tea": ARTICLES + 1}
    assert archive.service().acquire().suggest("v10", 5).words
