"""The package: its metadata, what its wheel needs, and what it says where an extra is missing."""

import re
import subprocess
import sys
import tomllib
from email.message import Message
from email.parser import BytesParser
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pytest

from searchsvc.config import Settings
from searchsvc.corpus.formats import FORMATS
from searchsvc.engines import backend_for
from searchsvc.errors import UserError
from searchsvc.extras import LIBRARIES, describe_missing
from searchsvc.model.languages import PAGE_LANGUAGES
from tests.conftest import ROOT
from tests.packaging.building import build_wheel, finding, run

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]
MODULES = {"markdown_it": "markdown-it-py", "yaml": "pyyaml", "opensearchpy": "opensearch-py", "whoosh": "whoosh3"}
"""The distributions of modules that have other names."""


def test_the_extras_are_those_that_the_messages_name() -> None:
    assert EXTRAS.keys() == {*LIBRARIES, "all"}
    assert EXTRAS["all"] == [f"searchsvc[{','.join(LIBRARIES)}]"]
    for extra, modules in LIBRARIES.items():
        names = [re.split("[<>=]", requirement)[0] for requirement in EXTRAS[extra]]
        assert names == [MODULES.get(module, module) for module in modules], extra
    assert {file_format.extra for file_format in FORMATS.values()} - {""} <= LIBRARIES.keys()


def test_extras_are_documented() -> None:
    guide = (ROOT / "docs" / "install.md").read_text(encoding="utf-8")
    for extra in EXTRAS:
        assert f"| `{extra}` | " in guide, extra


@pytest.mark.parametrize("extra", LIBRARIES)
def test_a_missing_extra_says_how_to_install_it(extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert describe_missing(extra) == ""
    library = LIBRARIES[extra][-1]
    monkeypatch.setitem(sys.modules, library, None)
    assert describe_missing(extra) == f"needs {library}: pip install 'searchsvc[{extra}]'"


@pytest.mark.parametrize("engine", ["whoosh", "opensearch"])
def test_an_engine_whose_library_is_missing_says_how_to_install_it(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (library,) = LIBRARIES[engine]
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(UserError) as error:
        backend_for(engine, Settings())
    assert str(error.value) == f"the engine {engine} needs {library}: pip install 'searchsvc[{engine}]'"
    assert error.value.param == "engine"


def test_every_dependency_has_a_lower_bound_and_a_reason() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    dependencies = [line for line in lines if re.match(r'    "[\w.-]+(\[\w+\])?[<>=]', line)]
    assert len(dependencies) > 40
    assert [line for line in dependencies if ">=" not in line] == []
    obvious = ("mypy", "ruff", "types-", "datasette", "psycopg", "xapian")
    assert [line for line in dependencies if "  # " not in line and not line.strip(' "').startswith(obvious)] == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if find_spec("build") is None:
        pytest.skip("build is not installed: make test installs it")
    return build_wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return BytesParser().parsebytes(archive.read(name))


@pytest.mark.slow
def test_the_wheel_has_the_translations(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        assert {f"searchsvc/web/translations/{code}.po" for code in PAGE_LANGUAGES[1:]} <= set(archive.namelist())


@pytest.mark.slow
def test_the_long_description_has_no_relative_links(metadata: Message) -> None:
    description = str(metadata.get_payload())
    links = re.findall(r"\]\(([^)]*)\)", description)
    assert len(links) > 10
    assert [link for link in links if not link.startswith("https://")] == []
    own = [link.partition("/main/")[2].partition("#")[0] for link in links if link.startswith(PROJECT["urls"]["Source"])]
    assert [path for path in own if not (ROOT / path).exists()] == []


@pytest.mark.slow
def test_the_metadata_name_versions_links_and_words(metadata: Message) -> None:
    labels = {"Homepage", "Documentation", "Changelog", "Issues", "Source"}
    assert {link.partition(", ")[0] for link in metadata.get_all("Project-URL", [])} == labels
    classifiers = metadata.get_all("Classifier", [])
    assert all(f"Programming Language :: Python :: 3.{minor}" in classifiers for minor in (11, 12, 13, 14))
    assert metadata["License-Expression"] == "MIT"
    assert metadata["Author-Email"]
    assert metadata["Keywords"]


@pytest.mark.slow
def test_pyroma_finds_nothing_missing() -> None:
    if find_spec("pyroma") is None:
        pytest.skip("pyroma is not installed: make test installs it")
    done = subprocess.run([sys.executable, "-m", "pyroma", ROOT], capture_output=True, text=True, check=False)
    assert "Final rating: 10/10" in done.stdout + done.stderr, done.stdout + done.stderr


@pytest.fixture(scope="module")
def plain(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a virtual environment that has the wheel without any extra."""
    folder = tmp_path_factory.mktemp("plain")
    run(sys.executable, "-m", "venv", folder, cwd=folder)
    run(folder / "bin" / "pip", "install", "--quiet", wheel, cwd=folder, **finding(wheel.parent))
    return folder / "bin"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_plain_wheel_works_and_says_what_extras_add(plain: Path, tmp_path: Path) -> None:
    run(plain / "python", "-c", "import searchsvc.web", cwd=tmp_path)
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for name in ("a.md", "b.md", "c.warc", "d.pdf"):
        (corpus / name).write_text("x")
    (corpus / "story").write_bytes(b"WARC/1.0\r\n")
    (corpus / "tea.txt").write_text("Tea is ready.")
    report = run(plain / "searchsvc", "reindex", "--corpus", corpus, cwd=tmp_path, COLUMNS="300")
    assert "2 needs yaml: pip install 'searchsvc[markdown]' (.md 2)" in report
    assert "2 needs warcio: pip install 'searchsvc[crawls]' (" in report
    assert "1 needs pypdfium2: pip install 'searchsvc[documents]' (.pdf 1)" in report
    assert "Traceback" not in report
    assert "Tea" in run(plain / "searchsvc", "search", "tea", cwd=tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", ["whoosh", "opensearch"])
def test_the_plain_wheel_names_the_extra_of_an_engine(plain: Path, tmp_path: Path, engine: str) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "tea.txt").write_text("Tea is ready.")
    command = [str(plain / "searchsvc"), "reindex", "--engine", engine]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"pip install 'searchsvc[{engine}]'" in done.stderr
    assert "Traceback" not in done.stderr
