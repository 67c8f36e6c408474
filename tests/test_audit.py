"""`searchsvc check`: damaged files are named, and wrong answers are found out."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from searchsvc import meaning
from searchsvc.audit import audit, damaged
from searchsvc.cli import main
from searchsvc.config import ENGINES, Settings
from searchsvc.reindex import reindex
from searchsvc.service import SearchService
from tests.conftest import ROOT


@pytest.fixture(params=ENGINES, scope="module")
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The sample archive, indexed by every engine, one after the other."""
    settings = Settings(corpus=ROOT / "corpus", index=tmp_path_factory.mktemp("audit") / "index", engine=request.param)
    reindex(settings)
    return settings


def check(settings: Settings, *options: str) -> Result:
    return CliRunner().invoke(main, ["check", "--index", str(settings.index), *options])


def test_a_sound_index_passes_and_says_what_was_compared(settings: Settings) -> None:
    result = check(settings, "--verify", "150", "--seed", "7")
    assert result.exit_code == 0, result.output
    assert "150 random queries compared with a scan (seed 7)" in result.output
    assert "all files are as they were published" in result.output
    report = json.loads(check(settings, "--json").output)
    assert (report["damaged"], report["compared"]) == ([], 0)


def test_an_engine_that_does_not_mean_what_it_should_is_found_out(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = SearchService(settings).live()
    fits = meaning.fits
    monkeypatch.setattr(
        meaning,
        "fits",
        lambda request, scanned, ignoring=None: scanned.article.section != "Politics" and fits(request, scanned, ignoring),
    )
    found = audit(live.engine, live.info, 60, seed=1)
    assert found.compared + found.cut == 60
    assert any("hits instead of" in each for each in found.differences)
    assert any("hits that are none" in each for each in found.differences)
    assert any("values of section instead of" in each or "with section" in each for each in found.differences)


def test_damaged_files_are_named(settings: Settings, tmp_path: Path) -> None:
    own = replace(settings, index=tmp_path / "index")
    reindex(own)
    live = SearchService(own).live()
    first, second, *_ = sorted(name for name in live.info.files if name.startswith("engine/"))
    (live.generation.folder / first).unlink()
    file = live.generation.folder / second
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink()
    file.write_bytes(content)
    assert list(damaged(live.generation, live.info, live.engine)) == [
        f"{first}: it cannot be read (No such file or directory)",
        f"{second}: its checksum is another",
    ]


def test_nothing_to_check(tmp_path: Path) -> None:
    result = check(Settings(index=tmp_path))
    assert (result.exit_code, "there is no index" in result.output) == (1, True)
