"""`searchsvc check`: damaged files are named, and wrong answers are found out."""

import gc
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.cli.commands import main
from searchsvc.config import EMBEDDED, Settings
from searchsvc.engines.registry import backend_for
from searchsvc.index.generation import Generation
from searchsvc.index.store import GenerationStore
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article, dump, fingerprint
from searchsvc.search.service import SearchService
from searchsvc.verify import audit, reference
from searchsvc.verify.checks import check_articles
from tests.conftest import ROOT
from tests.searching import ask


@pytest.fixture(params=EMBEDDED, scope="module")
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The sample archive, indexed by every engine, one after the other."""
    settings = Settings(corpus=ROOT / "corpus", index=tmp_path_factory.mktemp("audit") / "index", engine=request.param)
    reindex(settings)
    return settings


def check(settings: Settings, *options: str) -> Result:
    return CliRunner().invoke(main, ["check", "--index", str(settings.index), *options])


@pytest.mark.parametrize("number", [50, pytest.param(150, marks=pytest.mark.slow)])
def test_a_sound_index_passes_and_says_what_was_compared(settings: Settings, number: int) -> None:
    result = check(settings, "--verify", str(number), "--seed", "7")
    assert result.exit_code == 0, result.output
    assert f"{number} random queries compared with a scan (seed 7)" in result.output
    assert "all files are intact" in result.output
    report = json.loads(check(settings, "--json").output)
    assert (report["damaged"], report["compared"], report["with_hits"]) == ([], 0, 0)


@pytest.mark.slow
def test_most_random_queries_find_something(settings: Settings) -> None:
    report = json.loads(check(settings, "--verify", "100", "--seed", "3", "--json").output)
    assert report["compared"] == 100
    assert report["with_hits"] > 80
    output = check(settings, "--verify", "100", "--seed", "3").output
    assert f"{report['with_hits']}% of them found something" in output


def test_an_engine_that_misunderstands_queries_is_found_out(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    searcher = SearchService(settings).acquire()
    matches = reference.matches_tree
    monkeypatch.setattr(
        reference,
        "matches_tree",
        lambda tree, analyzed: analyzed.article.section != "Politics" and matches(tree, analyzed),
    )
    found = audit(searcher.engine, searcher.info, 60, seed=1)
    assert found.compared + found.cut == 60
    assert any("hits instead of" in each for each in found.differences)
    assert any("wrong hits, such as" in each for each in found.differences)
    assert any("values of section instead of" in each for each in found.differences)


@pytest.mark.parametrize("name", EMBEDDED)
def test_missing_and_changed_articles_are_found_before_publication(name: str, tmp_path: Path) -> None:
    teas = [Article(str(n), "Tea", word, "p") for n, word in enumerate(("green", "black", "white"))]
    kind, english = backend_for(name, Settings()), Analyzers(("english",))
    marks = [(article.id, fingerprint(dump(article))) for article in teas]

    def checked(folder: str, indexed: list[Article]) -> str:
        writer = kind.writer(tmp_path / folder, ("english",), 0)
        for article, shown in zip(indexed, teas, strict=False):
            writer.add(article, dump(shown))
        writer.commit()
        return check_articles(kind.open(tmp_path / folder, ("english",)), english, marks)

    assert checked("sound", teas) == ""
    assert checked("lacking", teas[:2]) == "article 2 is missing or differs from what was read"
    assert "is not found by" in checked("wordless", [replace(each, title="x", body="") for each in teas])
    assert (
        checked("strange", [teas[0], replace(teas[1], body="black green"), teas[2]])
        == "article 1 is found by “green”, which it does not contain"
    )
    assert check_articles(kind.open(tmp_path / "sound", ("english",)), english, [("0", marks[1][1])]) != ""


def test_damaged_files_are_named(settings: Settings, tmp_path: Path) -> None:
    own = replace(settings, index=tmp_path / "index")
    reindex(own)
    generation = GenerationStore(own.index).generations()[-1]
    first, second, *_ = sorted(name for name in generation.info().files if name.startswith("engine/"))
    (generation.folder / first).unlink()
    damage(generation.folder / second)
    result = check(own)
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        f"{first}: it cannot be read (No such file or directory)",
        f"{second}: its checksum is wrong",
        "g000001 is damaged in 2 of its files",
        "`searchsvc reindex --full` builds a new one from the corpus",
    ]


def damage(file: Path, at: float = 0.5, *, truncate: bool = False) -> None:
    """Flip a bit of a file, or cut it off there, and leave other links to it alone."""
    content = bytearray(file.read_bytes())
    place = int(at * len(content))
    content[place] ^= 1
    file.unlink()
    file.write_bytes(content[:place] if truncate else content)


@pytest.mark.slow
def test_the_last_generation_that_is_whole_is_offered_and_gone_back_to(settings: Settings, tmp_path: Path) -> None:
    own = replace(settings, index=tmp_path / "index")
    for _ in range(3):
        reindex(own, full=True)
    first, second, third = GenerationStore(own.index).generations()
    damage(second.manifest)
    damage(third.folder / "generation.json", 0.1)
    found = json.loads(check(own, "--json").output)
    assert (found["generation"], found["whole"]) == ("g000003", "g000001")
    assert "g000001 is intact: `searchsvc rollback`" in check(own).output
    result = CliRunner().invoke(main, ["rollback", "--index", str(own.index)])
    assert (result.exit_code, result.output) == (0, "g000001 is live again\n")
    assert check(own).exit_code == 0
    assert first.name == SearchService(own).acquire().generation.name


@pytest.fixture
def collected() -> Iterator[None]:
    """Free what a test has left, while its own filter of warnings applies."""
    yield
    gc.collect()


@pytest.mark.slow
@pytest.mark.usefixtures("collected")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # what Whoosh cannot open it leaves to gc
@pytest.mark.parametrize("truncate", [False, True])
def test_whatever_file_is_damaged_it_is_found_and_a_reindex_repairs_it(
    settings: Settings, tmp_path: Path, truncate: bool
) -> None:
    """Every file in turn: found by `check`, never a traceback from a search, and never the base of what comes next."""
    own = replace(settings, index=tmp_path / "index", corpus=tmp_path / "corpus", keep=1)
    own.corpus.mkdir()
    (own.corpus / "a.jsonl").write_text("".join(f'{{"id": "{n}", "title": "harbour {n}"}}\n' for n in range(50)))
    names = sorted(reindexed(own, full=True).info().files)
    for number in range(len(names) + 1):
        generation = reindexed(own, full=True)
        here = [*sorted(generation.info().files), "generation.json"]  # segments have another name every time
        damage(generation.folder / here[number], number / len(names) * 0.9, truncate=truncate)
        assert check(own).exit_code == 1
        searched = CliRunner().invoke(main, ["search", "harbour", "--index", str(own.index)])
        assert isinstance(searched.exception, SystemExit | None), searched.exception
        (own.corpus / "b.txt").write_text(f"Title: harbour b{number}\n\nx")
        reindex(own)
        service = SearchService(own)
        if next(service.acquire().generation.verify_checksums(), ""):
            reindex(own, full=True)  # what it did not touch is carried on as it was, and found by the next check
        assert ask(service, [("q", "harbour")]).results.total == 51


def reindexed(settings: Settings, *, full: bool) -> Generation:
    reindex(settings, full=full)
    return GenerationStore(settings.index).generations()[-1]


def test_nothing_to_check(tmp_path: Path) -> None:
    result = check(Settings(index=tmp_path))
    assert (result.exit_code, "there is no index" in result.output) == (1, True)
