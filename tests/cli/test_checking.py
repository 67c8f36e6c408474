"""`searchsvc check` on a sound, a damaged and a mismatching index: exit status, text and JSON."""

import json
import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from searchsvc.cli import main
from searchsvc.engines import backend_for
from searchsvc.index.generation import Generation
from searchsvc.index.store import GenerationStore
from searchsvc.indexer import reindex
from tests.conftest import Archive

ADVICE = "`searchsvc reindex --full` builds a new one from the corpus"


@pytest.fixture
def sound(archive: Archive) -> Archive:
    """Return an archive of 12 articles, indexed."""
    rows = [{"id": f"a{n}", "title": f"harbour {n}", "text": "green tea", "mood": f"m{n % 3}"} for n in range(12)]
    archive.write({"a.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
    reindex(archive.settings)
    return archive


def check(archive: Archive, *options: str) -> Result:
    return CliRunner().invoke(main, ["check", "--index", str(archive.settings.index), *options])


def checked(archive: Archive, *options: str) -> tuple[int, Any]:
    """Return the exit status and the JSON of a check."""
    result = check(archive, "--json", *options)
    return result.exit_code, json.loads(result.stdout)


def live(archive: Archive) -> Generation:
    found = GenerationStore(archive.settings.index).live()
    assert found is not None
    return found


# Sound


def test_a_sound_index_in_text(sound: Archive) -> None:
    files = len(live(sound).info().files)
    result = check(sound)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == f"g000001: {files} files, 12 articles\nall files are intact\n"


def test_a_sound_index_in_json(sound: Archive) -> None:
    status, report = checked(sound, "--seed", "7")
    updated = report.pop("updated")
    assert updated.endswith("Z")
    assert (status, report) == (
        0,
        {
            **{"generation": "g000001", "engine": "tantivy", "articles": 12, "damaged": [], "notes": [], "seed": 7},
            **{"compared": 0, "with_hits": 0, "cut": 0, "differences": []},
        },
    )


@pytest.mark.parametrize("queries", [1, 30])
def test_answers_are_compared_on_request(sound: Archive, queries: int) -> None:
    lines = check(sound, "--verify", str(queries), "--seed", "3").stdout.splitlines()
    what = "query" if queries == 1 else "queries"
    assert lines[1] == f"{queries} random {what} compared with a scan (seed 3)"
    assert lines[2].endswith("% of them found something")
    assert lines[3:] == ["all files are intact"]
    assert checked(sound, "--verify", str(queries), "--seed", "3")[1]["compared"] == queries


def test_a_seed_is_drawn_and_shown_so_that_a_check_can_be_repeated(sound: Archive) -> None:
    _, report = checked(sound, "--verify", "20")
    assert 0 <= report["seed"] < 2**31
    again = checked(sound, "--verify", "20", "--seed", str(report["seed"]))[1]
    assert again == report


def test_an_empty_archive_is_sound(archive: Archive) -> None:
    reindex(archive.settings)
    status, report = checked(archive, "--verify", "5")
    assert (status, report["articles"], report["compared"], report["differences"]) == (0, 0, 0, [])


@pytest.mark.parametrize(
    "options", [["--verify", "-1"], ["--verify", "100001"], ["--verify", "x"], ["--seed", "x"], ["extra"]]
)
def test_wrong_usage(sound: Archive, options: list[str]) -> None:
    assert check(sound, *options).exit_code == 2


def test_without_an_index_there_is_nothing_to_check(archive: Archive) -> None:
    result = check(archive, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert json.loads(result.stderr)["detail"].startswith("there is no index in ")


# Damaged


def damage(generation: Generation, name: str, content: bytes | None) -> None:
    """Replace or delete a file, without changing other links to it."""
    file = generation.folder / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "it cannot be read (No such file or directory)"),
        (b"", "it has 0 bytes instead of {size:,}"),
        (b"x", "it has 1 bytes instead of {size:,}"),
    ],
)
def test_damaged_files_are_named_with_what_is_wrong(sound: Archive, content: bytes | None, problem: str) -> None:
    size = live(sound).info().files["manifest.sqlite"][0]
    damage(live(sound), "manifest.sqlite", content)
    line = f"manifest.sqlite: {problem.format(size=size)}"
    result = check(sound, "--verify", "10")
    assert (result.exit_code, result.stdout.splitlines()) == (1, [line, "g000001 is damaged in 1 of its files", ADVICE])
    assert checked(sound) == (1, {"generation": "g000001", "damaged": [line], "whole": None})


def test_an_intact_generation_is_offered(sound: Archive) -> None:
    reindex(sound.settings, full=True)
    damage(live(sound), "manifest.sqlite", b"")
    back = "g000001 is intact: `searchsvc rollback` makes it live again; "
    assert check(sound).stdout.splitlines()[-1] == back + ADVICE
    assert checked(sound)[1]["whole"] == "g000001"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"seal": 1}', b"\xff", None])
def test_a_broken_description_is_damage(sound: Archive, content: bytes | None) -> None:
    damage(live(sound), "generation.json", content)
    status, report = checked(sound)
    assert (status, len(report["damaged"])) == (1, 1)
    assert report["damaged"][0].startswith("generation.json: the generation g000001 in ")
    assert "rebuild it with `searchsvc reindex --full`" in report["damaged"][0]


# Mismatching


def claim(archive: Archive, articles: int, *, listed: int) -> None:
    """Publish a generation again with another number of articles and fewer in its manifest, and right checksums."""
    generation = live(archive)
    with sqlite3.connect(generation.manifest) as database:
        database.execute("DELETE FROM articles WHERE id IN (SELECT id FROM articles LIMIT ?)", (12 - listed,))
    database.close()
    info = replace(generation.info(), articles=articles)
    (generation.folder / "generation.json").unlink()  # it does not contain a checksum of itself
    generation.write_info(info, None, backend_for("tantivy", archive.settings).lock_files)


@pytest.mark.parametrize(
    ("articles", "listed", "line"),
    [
        (1_200, 12, "1,200 articles were published; the index has 12, the manifest 12"),
        (11, 12, "11 articles were published; the index has 12, the manifest 12"),
        (12, 9, "12 articles were published; the index has 12, the manifest 9"),
    ],
)
def test_numbers_of_articles_that_differ_are_damage(sound: Archive, articles: int, listed: int, line: str) -> None:
    claim(sound, articles, listed=listed)
    result = check(sound)
    assert (result.exit_code, line in result.stdout.splitlines()) == (1, True)
    status, report = checked(sound)
    assert (status, report["damaged"]) == (1, [line])
