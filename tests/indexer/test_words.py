"""The words of a generation, which its readers do not have to ask the engine for."""

import json

import pytest

from searchsvc.config import EMBEDDED
from searchsvc.index import Generation, read_words
from searchsvc.indexer.reindex import reindex
from searchsvc.indexer.words import MAX_COUNTED, MIN_ARTICLES
from tests.conftest import Archive


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


@pytest.mark.slow
def test_few_additions_to_a_large_archive_are_counted_one_by_one(archive: Archive) -> None:
    rows = (
        json.dumps({"id": f"r{number}", "title": "t", "text": f"tea w{number % 100}x"}) for number in range(MIN_ARTICLES)
    )
    archive.write({"a.jsonl": "\n".join(rows)})
    reindex(archive.settings)
    before = read_words(live(archive)) or {}
    assert before["w7x"] == MIN_ARTICLES / 100
    archive.write({"b.txt": "Title: New\n\nTea from Zelenograd, and w7x."})
    reindex(archive.settings)
    new = {"tea": MIN_ARTICLES + 1, "from": 1, "zelenograd": 1, "and": 1, "w7x": before["w7x"] + 1}
    assert read_words(live(archive)) == before | new
    archive.write({"b.txt": "Title: New\n\nTea of the well-\nknown Bo."})
    reindex(archive.settings)
    changed = {"tea": MIN_ARTICLES + 1, "of": 1, "the": 1, "wellknown": 1, "well": 1, "known": 1, "bo": 1}
    assert read_words(live(archive)) == before | changed
    (archive.corpus / "b.txt").unlink()
    reindex(archive.settings)
    assert read_words(live(archive)) == before
    many = " ".join(f"v{number}x" for number in range(MAX_COUNTED + 1))
    archive.write({"c.txt": f"Title: Many\n\n{many}"})
    reindex(archive.settings)
    assert (read_words(live(archive)) or {})["v1000x"] == 1
    assert archive.service().acquire().suggest("v100", 5).words
