"""The service follows the index: each new generation is opened once, and one that cannot be opened changes nothing."""

import gc
import logging
import shutil
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from searchsvc.config import EMBEDDED, Settings
from searchsvc.errors import EngineError, NoIndexError, UserError
from searchsvc.index import Generation, GenerationStore
from searchsvc.indexer import reindex
from searchsvc.query import SearchRequest, parse
from searchsvc.search import Question, Searcher, SearchService
from tests.conftest import Archive

SERVICE_LOG = "searchsvc.search.service"


@pytest.fixture(params=EMBEDDED)
def settings(request: pytest.FixtureRequest, archive: Archive) -> Settings:
    """The settings of an archive of one article, which is not indexed yet."""
    archive.write({"1.txt": "Title: Tea\n\nA cup of tea."})
    return archive.with_settings(engine=request.param)


def publish(settings: Settings, number: int) -> Generation:
    """Add an article to the corpus, and publish the next generation."""
    (settings.corpus / f"{number}.txt").write_text(f"Title: Tea {number}\n\nA cup of tea.")
    reindex(settings)
    live = GenerationStore(settings.index).live()
    assert live is not None
    return live


def empty(generation: Generation) -> None:
    """Delete the engine's files."""
    shutil.rmtree(generation.engine)
    generation.engine.mkdir()


def garble(generation: Generation) -> None:
    """Overwrite the description of a generation."""
    (generation.folder / "generation.json").write_text("{")


def set_schema(generation: Generation) -> None:
    """Describe a generation as one of another version."""
    generation.write_info(replace(generation.info(), schema=0), None, frozenset())


def articles(searcher: Searcher) -> int:
    return searcher.count(SearchRequest())


# Acquiring


def test_there_is_one_searcher_until_something_is_published(settings: Settings) -> None:
    reindex(settings)
    service = SearchService(settings)
    first = service.acquire()
    assert service.acquire() is first
    reindex(settings)  # nothing has changed
    assert service.acquire() is first
    publish(settings, 2)
    second = service.acquire()
    assert second is service.acquire()
    assert (first.generation.name, second.generation.name) == ("g000001", "g000002")
    assert (articles(first), articles(second)) == (1, 2)


def test_a_searcher_outlives_its_generation(settings: Settings) -> None:
    settings = replace(settings, keep=1)
    reindex(settings)
    searcher = SearchService(settings).acquire()
    publish(settings, 2)
    assert not searcher.generation.folder.exists()
    assert articles(searcher) == 1
    assert searcher.article("1.txt").title == "Tea"


def test_without_an_index_the_message_says_how_to_build_one(settings: Settings) -> None:
    service = SearchService(settings)
    for _ in range(2):
        with pytest.raises(NoIndexError) as error:
            service.acquire()
        assert str(error.value) == (
            f"there is no index in {settings.index} yet: run `searchsvc reindex` to build one from {settings.corpus}"
        )
    reindex(settings)
    assert articles(service.acquire()) == 1


def test_an_index_that_is_deleted_stays_in_use_until_there_is_another(settings: Settings) -> None:
    reindex(settings)
    service = SearchService(settings)
    searcher = service.acquire()
    shutil.rmtree(searcher.generation.folder)
    assert service.acquire() is searcher


def test_a_folder_that_fails_changes_nothing_and_is_logged_once(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    reindex(settings)
    service = SearchService(settings)
    searcher = service.acquire()
    away = settings.index.with_name("away")
    settings.index.rename(away)
    settings.index.write_text("a file in the place of the folder")
    with caplog.at_level(logging.DEBUG, SERVICE_LOG):
        assert [service.acquire() for _ in range(3)] == [searcher] * 3
    (record,) = caplog.records
    assert "CURRENT cannot be read (Not a directory)" in record.getMessage()
    assert record.getMessage().endswith("; still serving g000001")
    with pytest.raises(NoIndexError, match="CURRENT cannot be read"):
        SearchService(settings).acquire()
    settings.index.unlink()
    away.rename(settings.index)
    publish(settings, 2)
    assert articles(service.acquire()) == 2


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (set_schema, "was made by another version of searchsvc (schema 0; this one reads "),
        (garble, "the generation g000001 in "),
        (empty, "cannot be opened ("),
    ],
)
def test_an_index_that_cannot_be_read_says_so_and_what_to_do(
    settings: Settings, damage: Callable[[Generation], None], message: str
) -> None:
    damage(publish(settings, 2))
    service = SearchService(settings)
    for _ in range(2):
        with pytest.raises(NoIndexError) as error:
            service.acquire()
        assert message in str(error.value)
        assert str(settings.index) in str(error.value)
        assert "`searchsvc reindex" in str(error.value)
    reindex(settings, full=True)
    assert articles(service.acquire()) == 2


@pytest.mark.parametrize("damage", [set_schema, garble, empty])
def test_a_new_generation_that_cannot_be_opened_changes_nothing_and_is_logged_once(
    settings: Settings, damage: Callable[[Generation], None], caplog: pytest.LogCaptureFixture
) -> None:
    reindex(settings)
    service = SearchService(settings)
    searcher = service.acquire()
    damage(publish(settings, 2))
    with caplog.at_level(logging.DEBUG, SERVICE_LOG):
        assert [service.acquire() for _ in range(3)] == [searcher] * 3
    (record,) = caplog.records
    assert (record.levelname, record.name) == ("ERROR", SERVICE_LOG)
    assert record.getMessage() == "the new generation cannot be opened; still serving g000001"
    assert record.exc_info is not None
    publish(settings, 3)
    assert articles(service.acquire()) == 3


def test_threads_that_acquire_at_once_get_one_searcher(settings: Settings) -> None:
    reindex(settings)
    service, together = SearchService(settings), threading.Barrier(8)

    def acquire(_: int) -> Searcher:
        together.wait()
        return service.acquire()

    with ThreadPoolExecutor(8) as threads:
        for number in (1, 2, 3):
            searchers = set(threads.map(acquire, range(8)))
            assert [each.generation.name for each in searchers] == [f"g{number:06d}"]
            publish(settings, number + 1)


def test_each_engine_is_opened_by_its_own_backend(archive: Archive) -> None:
    archive.write({"1.txt": "Title: Tea\n\nA cup of tea."})
    service = SearchService(archive.settings)
    for name in EMBEDDED:
        reindex(archive.with_settings(engine=name))
        assert (service.acquire().info.engine, articles(service.acquire())) == (name, 1)


def test_the_facets_of_the_settings_are_those_of_the_searcher(settings: Settings) -> None:
    (settings.corpus / "2.txt").write_text("Title: Milk\nSection: Food\nAuthor: Ann\n\nText.")
    reindex(settings)
    assert SearchService(replace(settings, facets=("author", "none"))).acquire().default_facets == ("author",)


# Rollback


def test_a_rollback_makes_the_generation_before_live(settings: Settings) -> None:
    reindex(settings)
    publish(settings, 2)
    service = SearchService(settings)
    newest = service.acquire()
    assert service.rollback().name == "g000001"
    assert service.acquire().generation.name == "g000001"
    assert (articles(service.acquire()), articles(newest)) == (1, 2)
    assert SearchService(settings).acquire().generation.name == "g000001"


def test_a_rollback_passes_over_damaged_generations(settings: Settings) -> None:
    reindex(settings)
    garble(publish(settings, 2))
    reindex(settings, full=True)
    assert SearchService(settings).rollback().name == "g000001"


def test_without_an_earlier_generation_there_is_no_rollback(settings: Settings) -> None:
    with pytest.raises(UserError, match="no undamaged generation before the live one"):
        SearchService(settings).rollback()
    reindex(settings)
    service = SearchService(settings)
    with pytest.raises(UserError, match="no undamaged generation before the live one"):
        service.rollback()
    assert articles(service.acquire()) == 1


# Prewarming


@pytest.mark.slow
def test_every_generation_is_prewarmed_and_it_is_told(settings: Settings) -> None:
    reindex(settings)
    told = threading.Semaphore(0)
    service = SearchService(settings, prewarm=True, on_prewarmed=told.release)
    service.acquire()
    assert told.acquire(timeout=60)
    service.acquire()
    publish(settings, 2)
    assert articles(service.acquire()) == 2
    assert told.acquire(timeout=60)
    assert not told.acquire(blocking=False)


def test_a_generation_that_cannot_be_prewarmed_is_served_all_the_same(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: Searcher) -> None:
        raise EngineError("the disk is failing")

    monkeypatch.setattr(Searcher, "prewarm", fail)
    reindex(settings)
    told = threading.Event()
    service = SearchService(settings, prewarm=True, on_prewarmed=told.set)
    assert articles(service.acquire()) == 1
    assert told.wait(60)
    assert [record.getMessage() for record in caplog.records] == ["g000001 cannot be prewarmed"]


def test_a_generation_is_freed_with_its_last_request(settings: Settings) -> None:
    service = SearchService(settings)
    publish(settings, 1)
    before = service.acquire()
    before.prewarm()
    for query in ("te*", '"tea cup the"~5', "tae", "missing"):
        before.search(Question(query, request=SearchRequest(parse(query).tree, facets=("place",), date_facet=True)))
    before.periods("2022")
    kept = [weakref.ref(each) for each in (before, before.engine, before.dictionary)]
    publish(settings, 2)
    gc.collect()
    gc.disable()
    try:
        assert service.acquire() is not before
        assert kept[0]() is before
        del before
        assert [each() for each in kept] == [None] * len(kept)
    finally:
        gc.enable()
