"""Checks before publication: a writer that loses, garbles or duplicates an article is caught."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from searchsvc.config import EMBEDDED
from searchsvc.engines import Backend, IndexWriter, backend_for
from searchsvc.errors import ServiceError
from searchsvc.index import Generation, GenerationStore, Manifest
from searchsvc.index.manifest import TOMBSTONE, ArticleRow
from searchsvc.indexer import reindex
from searchsvc.model import Article
from searchsvc.model.article import dump, fingerprint
from searchsvc.verify import check, checks
from searchsvc.verify.checks import check_counts
from tests.conftest import Archive

RECORDS = [
    {"id": "1", "title": "Harvest", "text": "Assam gathers tealeaves before monsoon", "date": "2021-04-01"},
    {"id": "2", "title": "Exports", "text": "Shipments towards Murmansk doubled", "date": "2021-12-24", "place": "Delhi"},
    {"id": "3", "title": "Prices", "text": "Arabica costs fell sharply", "date": "2022-01-05", "mood": "glad"},
    {"id": "4", "title": "中国 trade", "text": "中国经济 grew"},
    {"id": "5", "title": "…", "text": "— !"},
    {"id": "6", "title": "Title without text", "text": ""},
]


class Built:
    """A generation as `reindex` built it, to be damaged through the engine's writer."""

    def __init__(self, archive: Archive, backend: Backend) -> None:
        archive.write({"a.jsonl": b"\n".join(map(orjson.dumps, RECORDS))})
        reindex(archive.with_settings(engine=backend.name))
        generation = GenerationStore(archive.settings.index).live()
        assert generation is not None
        self.generation: Generation = generation
        self.backend = backend

    def article(self, article_id: str) -> Article:
        article = self.backend.open(self.generation.engine, ("english",)).get(article_id)
        assert article is not None
        return article

    def damage(self, *steps: Callable[[IndexWriter], None]) -> None:
        writer = self.backend.writer(self.generation.engine, ("english",), 0)
        for step in steps:
            step(writer)
        writer.commit()
        writer.close()

    def problem(self, *changed: str) -> str:
        with self.generation.open_manifest() as manifest:
            return check(self.backend.open(self.generation.engine, ("english",)), manifest, ("english",), changed)


def test_articles_that_have_changed_are_looked_up_first(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "SAMPLE_OF_ALL", 0)
    article = built.article("3")
    built.damage(delete("3"), add(article, replace(article, title="Garbled")))
    assert built.problem("1") == ""
    assert built.problem("1", "gone", "3") == "article 3 is missing or differs from what was read"


@pytest.fixture(params=EMBEDDED)
def backend(request: pytest.FixtureRequest, archive: Archive) -> Backend:
    return backend_for(request.param, archive.settings)


@pytest.fixture
def built(archive: Archive, backend: Backend) -> Built:
    return Built(archive, backend)


def add(article: Article, stored: Article | None = None) -> Callable[[IndexWriter], None]:
    """Return the step that adds an article, and stores it or another one."""
    return lambda writer: writer.add(article, dump(stored or article))


def delete(article_id: str) -> Callable[[IndexWriter], None]:
    return lambda writer: writer.delete(article_id)


def test_a_sound_generation_passes_every_time(built: Built) -> None:
    assert [built.problem() for _ in range(5)] == [""] * 5


@pytest.mark.parametrize("article_id", ["1", "4", "5"])
def test_a_lost_article_is_missed(built: Built, article_id: str) -> None:
    built.damage(delete(article_id))
    assert built.problem() == "it has 5 articles instead of 6"


def test_a_duplicated_article_is_one_too_many(built: Built) -> None:
    built.damage(add(built.article("3")))
    assert built.problem() == "it has 7 articles instead of 6"


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "03"},
        {"title": "Price"},
        {"body": ""},
        {"body": "Arabica costs fell sharply\n"},
        {"date": None},
        {"date": dt.date(2022, 1, 6)},
        {"place": ("Delhi",)},
        {"extra": {}},
        {"extra": {"mood": ("glad", "sad")}},
        {"path": "b.jsonl"},
    ],
)
def test_a_garbled_article_differs_from_what_was_read(built: Built, changed: dict[str, Any]) -> None:
    garbled = replace(built.article("3"), **changed)
    built.damage(delete("3"), add(garbled))
    assert built.problem() == "article 3 is missing or differs from what was read"


def test_an_article_stored_in_the_place_of_another_is_caught(built: Built) -> None:
    one, other = built.article("2"), built.article("3")
    built.damage(delete("2"), delete("3"), add(one, other), add(other, one))
    assert built.problem().endswith(" is missing or differs from what was read")


@pytest.mark.parametrize(
    "indexed", [{"body": "", "title": "x"}, {"body": "Arabica"}, {"date": dt.date(2023, 1, 5)}, {"date": None}]
)
def test_an_article_that_its_words_and_day_do_not_find_is_caught(built: Built, indexed: dict[str, Any]) -> None:
    article = built.article("3")
    built.damage(delete("3"), add(replace(article, **indexed), article))
    problem = built.problem()
    assert problem.startswith("article 3 is not found by “")
    assert "date:2022-01-05" in problem


def test_a_stray_article_is_named_with_the_words_that_it_lacks(built: Built) -> None:
    undated, stray = built.article("4"), built.article("6")
    built.damage(delete("6"), add(replace(stray, body=undated.body), stray))
    problem = built.problem()
    assert problem.startswith("article 6 is found by “")
    assert problem.endswith("”, which it does not contain")


# Manifests


def test_several_articles_with_one_id_count_once_and_tombstones_do_not_count(tmp_path: Path, backend: Backend) -> None:
    old, new = Article("1", "Old", "former words", "a"), Article("1", "New", "later words", "b")
    writer = backend.writer(tmp_path / "engine", ("english",), 0)
    writer.add(new, dump(new))
    writer.commit()
    with Manifest(tmp_path / "manifest.sqlite", writing=True) as manifest:
        manifest.add_article(ArticleRow(0, "a", 1, "1", "a", fingerprint=fingerprint(dump(old))))
        manifest.add_article(ArticleRow(0, "b", 1, "1", "b", fingerprint=fingerprint(dump(new)), indexed_as="1"))
        manifest.add_article(ArticleRow(0, "a", 2, "2", "a", fingerprint=fingerprint(dump(replace(old, id="2")))))
        manifest.add_article(ArticleRow(1, "api/2", 1, "2", "api/2", fingerprint=TOMBSTONE))
        assert check(backend.open(tmp_path / "engine", ("english",)), manifest, ("english",)) == ""


@pytest.mark.parametrize(("number", "problem"), [(0, ""), (1, "it has 1 articles instead of 0")])
def test_an_empty_manifest_needs_an_empty_index(tmp_path: Path, backend: Backend, number: int, problem: str) -> None:
    writer = backend.writer(tmp_path / "engine", ("english",), 0)
    for article in [Article("1", "Tea", "", "p")][:number]:
        writer.add(article, dump(article))
    writer.commit()
    with Manifest(tmp_path / "manifest.sqlite", writing=True) as manifest:
        assert check(backend.open(tmp_path / "engine", ("english",)), manifest, ("english",)) == problem


@pytest.mark.parametrize(
    "body", ["the same words everywhere", "Ünïcode " * 3_000, "x" * 500, "中国人" * 100, "a " * 50_000]
)
def test_words_that_very_many_articles_have_are_no_problem(tmp_path: Path, backend: Backend, body: str) -> None:
    articles = [Article(str(number), "x", body[: 20_000 if number else None], "p") for number in range(8)]
    articles += [Article(f"s{number}", "x", "the same words everywhere", "p") for number in range(120)]
    writer = backend.writer(tmp_path / "engine", ("english",), 0)
    with Manifest(tmp_path / "manifest.sqlite", writing=True) as manifest:
        for number, article in enumerate(articles):
            writer.add(article, dump(article))
            stored = fingerprint(dump(article))
            manifest.add_article(ArticleRow(0, "p", number, article.id, "p", b"", stored, indexed_as=article.id))
        writer.commit()
        assert check(backend.open(tmp_path / "engine", ("english",)), manifest, ("english",)) == ""


def test_counts_of_a_published_generation_are_compared(built: Built) -> None:
    engine, info = built.backend.open(built.generation.engine, ("english",)), built.generation.info()
    assert check_counts(engine, built.generation, info) == ""
    wrong = check_counts(engine, built.generation, replace(info, articles=1_007))
    assert wrong == "1,007 articles were published; the index has 6, the manifest 6"
    built.damage(delete("1"))
    engine = built.backend.open(built.generation.engine, ("english",))
    assert check_counts(engine, built.generation, info) == "6 articles were published; the index has 5, the manifest 6"


# Publication


def losing(add: Callable[..., None], writer: IndexWriter, article: Article, stored: bytes) -> None:
    if article.id != "3":
        add(writer, article, stored)


def garbling(add: Callable[..., None], writer: IndexWriter, article: Article, stored: bytes) -> None:
    add(writer, article, stored.replace(b"glad", b"sad"))


def duplicating(add: Callable[..., None], writer: IndexWriter, article: Article, stored: bytes) -> None:
    for _ in range(1 + (article.id == "3")):
        add(writer, article, stored)


@pytest.mark.parametrize(
    ("faulty", "problem"),
    [
        (losing, "it has 5 articles instead of 6"),
        (garbling, "article 3 is missing or differs from what was read"),
        (duplicating, "it has 7 articles instead of 6"),
    ],
)
def test_nothing_is_published_if_the_writer_is_faulty(
    archive: Archive, backend: Backend, monkeypatch: pytest.MonkeyPatch, faulty: Callable[..., None], problem: str
) -> None:
    archive.write({"a.jsonl": b"\n".join(map(orjson.dumps, RECORDS))})
    add = backend.writer.add  # type: ignore[attr-defined]  # every embedded writer is a class
    monkeypatch.setattr(backend.writer, "add", lambda *arguments: faulty(add, *arguments))
    settings = archive.with_settings(engine=backend.name)
    with pytest.raises(ServiceError) as error:
        reindex(settings)
    assert str(error.value) == (
        f"nothing was published, because the new index is wrong ({problem}): try `searchsvc reindex --full`"
    )
    assert GenerationStore(settings.index).live() is None
    assert GenerationStore(settings.index).generations() == []
    monkeypatch.undo()
    assert reindex(settings).articles == 6
