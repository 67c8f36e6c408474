"""How the Tantivy index stores articles: as they are in a small index, with a dictionary in a large one."""

import random
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from searchsvc.config import Settings
from searchsvc.engines import Engine, backend_for
from searchsvc.engines.tantivy.stored_articles import DICTIONARY_FILE, SAMPLE_BYTES
from searchsvc.errors import EngineError
from searchsvc.model import Article
from searchsvc.model.article import dump
from searchsvc.query import SearchRequest

BACKEND = backend_for("tantivy", Settings())
RNG = random.Random(7)
WORDS = ["".join(RNG.choices("abcdefghiklmnoprstu", k=RNG.randint(2, 9))) for _ in range(3_000)]


def made(number: int, words: int = 900) -> Article:
    return Article(f"a{number}", f"Title {number}", " ".join(RNG.choices(WORDS, k=words)), "a.jsonl", source="The Paper")


def write(folder: Path, articles: Iterable[Article], deleted: Iterable[str] = ()) -> Engine:
    with closing(BACKEND.writer(folder, ("english",), 0)) as writer:
        for article in articles:
            writer.add(article, dump(article))
        for article_id in deleted:
            writer.delete(article_id)
        writer.commit()
    return BACKEND.open(folder, ("english",))


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.glob("*.store"))


@pytest.fixture(scope="module")
def many() -> list[Article]:
    articles = [made(number) for number in range(500)]
    assert sum(len(dump(each)) for each in articles) > 1.2 * SAMPLE_BYTES
    return articles


def test_a_large_index_stores_its_articles_with_a_dictionary(many: list[Article], tmp_path: Path) -> None:
    engine = write(tmp_path, many, deleted=["a3", "a499"])
    kept = [each for each in many if each.id not in ("a3", "a499")]
    assert sorted(engine.scan(SearchRequest()), key=lambda each: each.id) == sorted(kept, key=lambda each: each.id)
    assert (tmp_path / DICTIONARY_FILE).exists()
    assert size(tmp_path) < 0.6 * sum(len(dump(each)) for each in many)


def test_a_small_index_stores_its_articles_as_they_are(tmp_path: Path) -> None:
    articles = [made(1), made(2)]
    engine = write(tmp_path, articles, deleted=["a2"])
    assert list(engine.scan(SearchRequest())) == articles[:1]
    assert not (tmp_path / DICTIONARY_FILE).exists()


def test_later_articles_are_stored_with_the_same_dictionary(many: list[Article], tmp_path: Path) -> None:
    write(tmp_path, many)
    dictionary = (tmp_path / DICTIONARY_FILE).read_bytes()
    later = made(500)
    engine = write(tmp_path, [later], deleted=["a0"])
    assert (tmp_path / DICTIONARY_FILE).read_bytes() == dictionary
    assert engine.get("a500") == later
    assert engine.get("a499") == many[499]
    assert engine.get("a0") is None


def test_an_index_that_was_small_gets_a_dictionary_when_much_is_added(many: list[Article], tmp_path: Path) -> None:
    first = made(1_000, 50)
    write(tmp_path, [first])
    engine = write(tmp_path, many)
    assert (tmp_path / DICTIONARY_FILE).exists()
    assert engine.get("a1000") == first
    assert engine.get("a7") == many[7]


def test_articles_that_wait_for_the_dictionary_are_deleted_and_added_in_order(tmp_path: Path) -> None:
    old, new = made(1), made(1)
    with closing(BACKEND.writer(tmp_path, ("english",), 0)) as writer:
        writer.add(old, dump(old))
        writer.delete("a1")
        writer.add(new, dump(new))
        writer.commit()
    assert list(BACKEND.open(tmp_path, ("english",)).scan(SearchRequest())) == [new]


def test_large_articles_do_not_wait_for_the_dictionary(tmp_path: Path) -> None:
    large = [made(number, 150_000) for number in range(20)]
    with closing(BACKEND.writer(tmp_path, ("english",), 0)) as writer:
        for article in large:
            writer.add(article, dump(article))
            assert writer._waiting_bytes < 18_000_000  # type: ignore[attr-defined]
        writer.delete("a3")
        writer.commit()
    engine = BACKEND.open(tmp_path, ("english",))
    assert engine.get("a19") == large[19]
    assert engine.get("a3") is None
    assert not (tmp_path / DICTIONARY_FILE).exists()


def test_a_missing_or_wrong_dictionary_is_an_error_of_the_engine(many: list[Article], tmp_path: Path) -> None:
    write(tmp_path, many)
    (tmp_path / DICTIONARY_FILE).unlink()
    with pytest.raises(EngineError, match="getting an article"):
        BACKEND.open(tmp_path, ("english",)).get("a7")
    (tmp_path / DICTIONARY_FILE).write_bytes(b"no dictionary")
    with pytest.raises(EngineError):
        BACKEND.open(tmp_path, ("english",)).get("a7")
