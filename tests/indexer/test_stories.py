"""Stories: which articles are versions of one text, whatever the order in which they arrive."""

import datetime as dt
import json
import random
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from searchsvc.analysis.signature import Likeness, compare, passages
from searchsvc.index import Generation, GenerationStore, Stories, read_stories
from searchsvc.index.signatures import updated
from searchsvc.index.stories import NO_STORIES
from searchsvc.indexer import reindex
from searchsvc.indexer.reindex import MIN_SIGNED_BYTES
from searchsvc.indexer.signing import Signer
from searchsvc.indexer.stories import StoryBuilder
from searchsvc.indexer.story_candidates import _largest_paired
from searchsvc.model.article import Article, number_of
from searchsvc.query.request import SearchRequest
from searchsvc.search import SearchService
from tests.conftest import ENGINES, Archive

SENTENCES = [
    " ".join(random.Random(seed).choices([f"w{number}" for number in range(3_000)], k=12)) + "." for seed in range(60)
]


def text(*numbers: int) -> str:
    return " ".join(SENTENCES[number] for number in numbers)


def record(article_id: str, body: str, day: int = 1) -> str:
    return json.dumps({"id": article_id, "title": f"About {article_id}", "text": body, "date": f"2021-03-{day:02}"}) + "\n"


def stories_of(archive: Archive) -> list[list[str]]:
    """Update the index, and return the ids of the versions of each story, which are those that the engine tells."""
    reindex(archive.settings)
    live = GenerationStore(archive.settings.index).live()
    assert live is not None
    found = ids_of(read_stories(live))
    engine = SearchService(archive.settings).acquire().engine
    assert sorted(engine.versions(SearchRequest())) == sorted(number_of(each) for story in found for each in story)
    return found


def ids_of(found: Stories | None) -> list[list[str]]:
    assert found is not None
    return sorted([version.id for version in versions] for versions in found)


@pytest.fixture(params=ENGINES)
def archive(request: pytest.FixtureRequest, archive_of: Callable[[str], Archive]) -> Archive:
    """An archive for every engine, one after the other."""
    return archive_of(request.param)


@pytest.mark.parametrize("least", [0, MIN_SIGNED_BYTES])
def test_versions_join_and_leave_a_story(archive: Archive, monkeypatch: pytest.MonkeyPatch, least: int) -> None:
    monkeypatch.setattr(import_module("searchsvc.indexer.reindex"), "MIN_SIGNED_BYTES", least)
    whole = text(*range(10))
    archive.write({"wires.jsonl": "{}\n" + record("wire", whole, 2) + "{}\n" + record("other", text(*range(20, 30)))})
    assert stories_of(archive) == []
    archive.write({"cut.jsonl": record("cut", text(*range(4)), 3), "late.jsonl": record("late", f"{whole} {text(40)}", 9)})
    assert stories_of(archive) == [["wire", "cut", "late"]]
    archive.write({"first.jsonl": record("first", f"By our own correspondent. {whole}", 1)})
    assert stories_of(archive) == [["first", "wire", "cut", "late"]]
    (archive.corpus / "first.jsonl").unlink()
    archive.write({"cut.jsonl": record("cut", text(*range(50, 59)), 3)})
    assert stories_of(archive) == [["wire", "late"]]
    (archive.corpus / "late.jsonl").unlink()
    assert stories_of(archive) == []


def test_a_chain_of_changes_joins_no_texts_that_share_nothing(archive: Archive) -> None:
    chain = "".join(record(f"v{start:02}", text(*range(start, start + 10)), 1 + start) for start in range(0, 20, 2))
    archive.write({"chain.jsonl": chain})
    assert stories_of(archive) == [["v00", "v02"], ["v04", "v06"], ["v08", "v10"], ["v12", "v14"], ["v16", "v18"]]


def test_texts_that_are_too_short_belong_to_no_story(archive: Archive) -> None:
    archive.write({"short.jsonl": "".join(record(f"{number}", "See the photo.") for number in range(9))})
    archive.write({"empty.jsonl": "".join(record(f"e{number}", "") for number in range(9))})
    assert stories_of(archive) == []


def test_a_generation_whose_stories_are_damaged_is_built_anew(archive: Archive) -> None:
    archive.write({"a.jsonl": record("a", text(*range(9))) + record("b", text(*range(9)), 2)})
    assert stories_of(archive) == [["a", "b"]]
    live = GenerationStore(archive.settings.index).live()
    assert live is not None
    (live.folder / "stories.arrays").write_bytes(b"damaged")
    archive.write({"c.jsonl": record("c", text(*range(9)), 3)})
    report = reindex(archive.settings)
    assert report.full is not None
    assert "damaged" in report.full
    assert stories_of(archive) == [["a", "b", "c"]]


@pytest.mark.parametrize(
    ("sizes", "max_pairs", "largest"),
    [([40, 50, 40], 1560, 49), ([40, 40, 50], 1559, 39), ([5, 500], 10, 499), ([5, 500], 9, 4), ([2, 3], 4, 3), ([], 0, 0)],
)
def test_pairs_are_formed_of_the_smallest_groups(sizes: list[int], max_pairs: int, largest: int) -> None:
    assert _largest_paired(np.array(sizes, np.intp), max_pairs) == largest


def test_ten_thousand_equal_articles_are_one_story(tmp_path: Path) -> None:
    body = text(*range(10))
    articles = {f"{number:05}": Article(f"{number:05}", "", f"{body} {number}", "p") for number in range(10_000)}
    found = built(tmp_path, NO_STORIES, articles, articles)
    assert [len(versions) for versions in found] == [10_000]


def test_a_passage_of_many_articles_makes_no_story(tmp_path: Path) -> None:
    footer = text(50, 51, 52)
    articles = {
        str(each): Article(str(each), "", f"{' '.join(map(str, range(each, each + 60)))} {footer}", "p")
        for each in range(0, 90_000, 300)
    }
    assert ids_of(built(tmp_path, NO_STORIES, articles, articles)) == []


def built(
    folder: Path, former: Stories, articles: Mapping[str, Article], changed: Iterable[str], base: Generation | None = None
) -> Stories:
    """Return the stories of articles, of which some have changed since a generation. Write that of the next one."""
    signer = Signer()
    for article_id in changed:
        if article_id in articles:
            signer.add(articles[article_id])
        else:
            signer.delete(article_id)
    signatures = updated(base, signer.table())
    folder.mkdir(exist_ok=True)
    signatures.write(Generation("g", folder), base)

    def compare_texts(one: str, other: str) -> Likeness:
        return compare(passages(articles[one].body), passages(articles[other].body))

    former = former if base else NO_STORIES
    return former.replaced(*StoryBuilder(signatures, former, list(changed) if base else None, compare_texts).build())


BODIES = st.integers(0, 24).flatmap(
    lambda start: st.integers(3, 10).map(lambda length: text(*range(start, start + length)))
)
CHANGES = st.dictionaries(st.integers(0, 15), st.none() | st.tuples(BODIES, st.integers(0, 3)), min_size=1, max_size=6)


LOW = {
    "index.signatures._FEW": 0,
    "index.signatures._ROWS_OF_SLICE": 3,
    "indexer.story_candidates._MAX_PAIRS": 0,
    "indexer.story_candidates._CELLS_AT_ONCE": 50,
    "indexer.story_candidates.MAX_STORIES": 2,
    "indexer.stories.MAX_COMPARED": 1,
}


@pytest.mark.parametrize("limits", [{}, LOW], ids=["usual", "low"])
@given(changes=st.lists(CHANGES, min_size=2, max_size=6))
def test_updates_give_what_a_full_reindex_gives(
    tmp_path_factory: pytest.TempPathFactory, limits: dict[str, int], changes: list[dict[int, tuple[str, int] | None]]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name, limit in limits.items():
            patch.setattr(f"searchsvc.{name}", limit)
        require_that_updates_are_as_a_full_reindex(tmp_path_factory, changes)


def require_that_updates_are_as_a_full_reindex(
    tmp_path_factory: pytest.TempPathFactory, changes: list[dict[int, tuple[str, int] | None]]
) -> None:
    folder = tmp_path_factory.mktemp("updates")
    articles: dict[str, Article] = {}
    found, base = NO_STORIES, None
    for step, change in enumerate(changes):
        for number, new in change.items():
            if new is None:
                articles.pop(str(number), None)
            else:
                articles[str(number)] = dated(str(number), *new)
        found = built(folder / str(step), found, articles, list(map(str, change)), base)
        base = Generation("g", folder / str(step))
        anew = built(folder / "anew", NO_STORIES, articles, articles)
        assert ids_of(found) == ids_of(anew)


def test_an_earlier_and_closer_text_takes_over_a_story_of_many(tmp_path: Path) -> None:
    closer = text(*range(10))
    articles = {"a": dated("a", text(*range(3, 10), *range(30, 33)), 2)}
    articles |= {f"v{number}": dated(f"v{number}", f"{closer} {number}", 3) for number in range(40)}
    first = built(tmp_path / "first", NO_STORIES, articles, articles)
    assert [(versions[0].id, len(versions)) for versions in first] == [("a", 41)]
    articles["b"] = dated("b", text(*range(8), 40), 1)
    updated_ones = built(tmp_path / "next", first, articles, ["b"], Generation("g", tmp_path / "first"))
    anew = built(tmp_path / "anew", NO_STORIES, articles, articles)
    assert ids_of(updated_ones) == ids_of(anew)
    assert [(versions[0].id, len(versions)) for versions in anew] == [("b", 41)]


def dated(article_id: str, body: str, day: int) -> Article:
    return Article(article_id, "", body, "p", dt.date(2021, 3, day) if day else None)


def test_an_update_that_concerns_no_story_shares_the_file_of_stories(tmp_path: Path) -> None:
    archive = Archive(tmp_path).write({"a.jsonl": record("a", text(*range(9))), "b.jsonl": record("b", text(*range(9)), 2)})
    files = []
    for number in (20, 30, 40):
        archive.write({"c.jsonl": record("c", text(*range(number, number + 9)), 3)})
        assert stories_of(archive) == [["a", "b"]]
        live = GenerationStore(archive.settings.index).live()
        assert live is not None
        files.append(live.folder / "stories.arrays")
    assert files[0].samefile(files[1])
    archive.write({"c.jsonl": record("c", text(*range(8)), 3)})
    assert stories_of(archive) == [["a", "b", "c"]]


def test_a_rollback_brings_back_the_stories_of_before(tmp_path: Path) -> None:
    archive = Archive(tmp_path).write({"a.jsonl": record("a", text(*range(9))), "b.jsonl": record("b", text(*range(9)), 2)})
    assert stories_of(archive) == [["a", "b"]]
    archive.write({"b.jsonl": record("b", text(*range(20, 29)), 2)})
    assert stories_of(archive) == []
    service = archive.service()
    assert service.acquire().stories.story_of("b") == ("b", 1)
    service.rollback()
    assert service.acquire().stories.story_of("b") == ("a", 2)
