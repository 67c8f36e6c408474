"""The file of synonyms: where it counts, how it is followed, and what is told about it."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from searchsvc.api.parameters import parse_question
from searchsvc.cli.commands import main
from searchsvc.indexer.reindex import reindex
from searchsvc.model import Article
from searchsvc.model.results import WordSuggestion
from searchsvc.model.skipped import IS_SYNONYMS, SkippedFiles
from searchsvc.search import Searcher, synonym_file
from searchsvc.search.synonym_file import MAX_BYTES, SynonymFile, read_synonyms
from searchsvc.web.app import create_app
from tests.conftest import Archive

RULES = "Bombay, Mumbai\nuk => United Kingdom\nmotor vehicle, car\n"
ARTICLES = [
    Article("b", "Harbours", "Bombay has a harbour.", "p", place=("Bombay",)),
    Article("m", "Mumbai", "The port of Mumbai and its cars.", "p"),
    Article("u", "Trade", "The United Kingdoms trade by motor vehicles.", "p"),
    Article("k", "UK", "Kingdom united, uk.", "p"),
]


@pytest.fixture
def searcher(searcher_of: Callable[..., Searcher], tmp_path: Path) -> Searcher:
    plain = searcher_of(ARTICLES)
    file = tmp_path / "synonyms.txt"
    file.write_text(RULES)
    return Searcher(plain.generation, plain.info, plain.engine, (), SynonymFile(file))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("bombay", {"b", "m"}),
        ("mumbai", {"b", "m"}),
        ("title:bombay", {"m"}),
        ("place:mumbai", set()),
        ('"bombay"', {"b"}),
        ("=bombay", {"b"}),
        ("bomb*", {"b"}),
        ("uk", {"u"}),  # the words in any form, side by side
        ("united kingdom", {"u", "k"}),  # one way only
        ("car", {"m", "u"}),
        ("motor vehicle", {"m", "u"}),
        ("-bombay", {"u", "k"}),
        ("bombay car", {"m"}),
    ],
)
def test_synonyms_find_articles(searcher: Searcher, query: str, found: set[str]) -> None:
    question = parse_question([("q", query)], searcher)
    answer = searcher.search(question)
    assert {hit.article.id for hit in answer.results.hits} == found
    assert answer.results.total == searcher.count(question.request) == len(list(searcher.scan(question))) == len(found)


def test_synonyms_are_marked_and_counted_in_suggestions(searcher: Searcher) -> None:
    hits = searcher.search(parse_question([("q", "bombay")], searcher)).results.hits
    marked = {hit.article.id: [hit.snippets[0].text[start:end] for start, end in hit.snippets[0].spans] for hit in hits}
    assert marked == {"b": ["Bombay"], "m": ["Mumbai"]}
    _, body = searcher.highlight(ARTICLES[2], parse_question([("q", "uk")], searcher))
    assert body.spans == ((4, 19),)
    assert searcher.suggest("mumbai har", 5).words == (WordSuggestion("mumbai harbour", 1),)


def test_what_was_typed_comes_before_its_synonyms(searcher_of: Callable[..., Searcher], tmp_path: Path) -> None:
    plain = searcher_of([Article(word, "Towns", f"{word} has a port.", "p") for word in ("Mumbai", "Bombay")])
    (tmp_path / "towns.txt").write_text(RULES)
    searcher = Searcher(plain.generation, plain.info, plain.engine, (), SynonymFile(tmp_path / "towns.txt"))
    for query, order in (("bombay", ["Bombay", "Mumbai"]), ("mumbai", ["Mumbai", "Bombay"])):
        hits = searcher.search(parse_question([("q", query)], searcher)).results.hits
        assert [hit.article.id for hit in hits] == order


# The file


@pytest.fixture
def client(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    monkeypatch.setattr(synonym_file, "_INTERVAL", 0.0)
    archive.write({"a.txt": "Title: A\n\nBombay.", "b.txt": "Title: B\n\nMumbai.", "synonyms.txt": RULES})
    return archive.client()


def totals(client: FlaskClient, query: str) -> Any:
    answer = client.get(f"/api/search?q={query}").get_json()
    return answer["total"], answer["query"]["parsed"]


def test_a_change_of_the_file_is_noticed_without_reindexing(archive: Archive, client: FlaskClient) -> None:
    assert totals(client, "bombay") == (2, "bombay OR Mumbai^0.9")
    tag = client.get("/api/search?q=bombay").headers["ETag"]
    assert client.get("/api/search?q=bombay", headers={"If-None-Match": tag}).status_code == 304
    archive.write({"synonyms.txt": "tea, chai"})
    assert totals(client, "bombay") == (1, "bombay")
    assert client.get("/api/search?q=bombay", headers={"If-None-Match": tag}).status_code == 200
    (archive.corpus / "synonyms.txt").unlink()
    assert totals(client, "tea") == (0, "tea")
    archive.write({"synonyms.txt": RULES})
    assert totals(client, "bombay")[0] == 2
    assert client.get("/search.csv?q=bombay").text.count("\n") == 3
    assert client.get("/search.atom?q=bombay").text.count("<entry>") == 2
    assert "Mumbai</mark>" in client.get("/article/b.txt?q=bombay").text


def test_a_mistake_is_logged_and_costs_its_line_only(
    archive: Archive, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    archive.write({"synonyms.txt": f"a => b => c\n{RULES}"})
    with caplog.at_level(logging.WARNING):
        assert totals(client, "bombay")[0] == 2
        assert totals(client, "mumbai")[0] == 2
    (message,) = [record.getMessage() for record in caplog.records]
    assert message.startswith(f"{archive.corpus / 'synonyms.txt'}, line 1: it has more than one “=>”")


def test_it_is_no_article_and_its_mistakes_are_notes_of_a_reindex(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nTea.", "synonyms.txt": "tea", "sub/synonyms.txt": "Title: S\n\nAn article."})
    for report in (reindex(archive.settings), reindex(archive.settings)):
        assert report.articles == 2
        assert report.skipped_files == (SkippedFiles(IS_SYNONYMS, "", 1),)
        (note,) = report.notes
        assert note.startswith(f"{archive.corpus / 'synonyms.txt'}, line 1: it has only one entry")


def test_commands_tell_the_mistakes(archive: Archive) -> None:
    archive.write({"a.txt": "Title: A\n\nTea.", "synonyms.txt": "tea\nBombay, Mumbai"})
    env = {"SEARCHSVC_CORPUS": str(archive.corpus), "SEARCHSVC_INDEX": str(archive.settings.index)}
    reindex(archive.settings)
    for command in (["inspect", str(archive.corpus / "synonyms.txt")], ["check"]):
        shown = CliRunner().invoke(main, command, env=env)
        assert (shown.exit_code, "line 1: it has only one entry" in shown.stderr) == (0, True), command
        shown = CliRunner().invoke(main, [*command, "--json"], env=env)
        assert "line 1: it has only one entry" in shown.stdout
    shown = CliRunner().invoke(main, ["search", "bombay", "--json"], env=env)
    assert '"parsed":"bombay OR Mumbai^0.9"' in shown.stdout.replace(": ", ":")


def test_a_file_elsewhere_is_a_setting(archive: Archive, tmp_path: Path) -> None:
    archive.write({"a.txt": "Title: A\n\nMumbai.", "synonyms.txt": "tea, chai"})
    (tmp_path / "towns.txt").write_text("Bombay, Mumbai")
    reindex(archive.settings)
    client = create_app(archive.with_settings(synonyms=tmp_path / "towns.txt")).test_client()
    assert (totals(client, "bombay")[0], totals(client, "tea")) == (1, (0, "tea"))


def test_a_file_that_is_too_large_or_cannot_be_read_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = tmp_path / "synonyms.txt"
    file.write_bytes(b"#" * (MAX_BYTES + 1))
    found, (problem,) = read_synonyms(file)
    assert (found.rules, "larger than 1 MiB" in problem) == ({}, True)
    file.write_text("a\n" * 100)
    _, problems = read_synonyms(file)
    assert (len(problems), problems[-1]) == (21, f"{file}: 100 lines in all were skipped")
    file.unlink()
    assert read_synonyms(file)[1] == []
    file.mkdir()
    with caplog.at_level(logging.WARNING):
        assert SynonymFile(file).current().rules == {}
    assert "cannot be read" in caplog.text


def test_several_names_of_one_file_are_one(tmp_path: Path) -> None:
    (tmp_path / "towns.txt").write_bytes("﻿Bombay, Mumbai\r\nZürich, Turicum\r\n".encode())
    os.link(tmp_path / "towns.txt", tmp_path / "synonyms.txt")
    assert len(read_synonyms(tmp_path / "synonyms.txt")[0].rules) == 4
