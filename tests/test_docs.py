"""What the documentation says is there, is there, and the other way round."""

import ast
import re
from functools import cache
from pathlib import Path

import click
import pytest

from searchsvc.api.parameter_reader import CHART, CONCORDANCE, LISTING, PARAMETERS, QUOTATION, TRENDS
from searchsvc.api.parameters import CSV, SHAPE
from searchsvc.cli.commands import main
from searchsvc.config import ENGINES, SETTINGS, Settings, environment
from searchsvc.corpus import FIELD_ALIASES, SUFFIXES
from searchsvc.query.parser import parse
from tests.conftest import ROOT

DOCS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
PAGES = [
    *(ROOT / "docs").glob("*.md"),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
]


def test_every_setting_is_documented_with_its_default_and_help() -> None:
    for setting in SETTINGS:
        default = environment(Settings()).get(f"SEARCHSVC_{setting.name.upper()}")
        shown = f"`{default}`" if default else "none"
        # The help of an option shows the choices by itself.
        told = f"Search engine: {', '.join(ENGINES)}." if setting.name == "engine" else setting.help
        row = f"| `{setting.name}` | `SEARCHSVC_{setting.name.upper()}` | {shown} | {told} |"
        assert row in DOCS["configuration.md"], row
        assert getattr(Settings(), setting.name) == setting.default


def test_every_command_and_option_is_documented() -> None:
    assert isinstance(main, click.Group)
    for name, command in main.commands.items():
        section = DOCS["guide.md"].partition(f"### searchsvc {name}\n")[2].partition("\n### ")[0]
        assert section, name
        for option in command.params:
            if isinstance(option, click.Option):
                assert f"`{option.opts[0]}" in section, (name, option.opts)


def test_every_parameter_is_documented() -> None:
    for name in (*PARAMETERS, *LISTING, *QUOTATION, *SHAPE, *CSV, *CHART, *TRENDS, *CONCORDANCE):
        assert f"`{name}`" in DOCS["api.md"], name


def test_every_format_and_usual_name_is_documented() -> None:
    for suffix in SUFFIXES:
        assert f"`{suffix}`" in DOCS["guide.md"], suffix
    for field, names in FIELD_ALIASES.items():
        assert f"| `{field}` | {', '.join(names)}" in DOCS["guide.md"], field


def test_every_example_of_the_query_language_is_read_without_a_note() -> None:
    rows = re.findall(r"^\| (`.*?) \|", DOCS["query-language.md"], re.MULTILINE)
    examples = [example for row in rows for example in re.findall(r"`(.*?)`", row)]
    assert len(examples) == 32
    for example in examples:
        assert parse(example, ("place", "author", "topics", "pages")).notes == (), example


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", ["docs/limits.md", "SECURITY.md"])
def test_tests_that_the_promises_name_exist(page: str) -> None:
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", (ROOT / page).read_text(encoding="utf-8"))
    assert len(named) > 20
    for name in named:
        assert f"def {name}(" in tests, name


def test_every_promise_of_security_has_a_test() -> None:
    promised = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## What is promised")[2].partition("\n## ")[0]
    rows = [line for line in promised.splitlines() if line.startswith("| ") and not line.startswith("| promise")]
    assert len(rows) > 15
    assert [row for row in rows if "`test_" not in row] == []


def _modules() -> dict[str, Path]:
    return {str(path.relative_to(ROOT / "searchsvc")): path for path in sorted((ROOT / "searchsvc").rglob("*.py"))}


@pytest.mark.parametrize("module", _modules())
def test_public_names_have_docstrings_and_functions_are_small(module: str) -> None:
    tree = ast.parse(_modules()[module].read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), module
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            length = (node.end_lineno or 0) - node.lineno
            assert isinstance(node, ast.ClassDef) or length <= 50, f"{module}: {node.name} has {length} lines"
    public = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    assert all(ast.get_docstring(node) for node in public), [node.name for node in public if not ast.get_docstring(node)]


def _changes() -> list[tuple[str, str]]:
    """Return the rows of "Where do I change …?": the change, and the places to make it."""
    section = DOCS["architecture.md"].partition("## Where do I change")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ", 1) for line in section.splitlines() if line.startswith("| ")]
    return [(change, places) for change, places in rows[1:] if not change.startswith("---")]


@cache
def _files() -> list[Path]:
    """Return the files of the project, without those that tools keep here."""
    tops = [path for path in ROOT.iterdir() if not path.name.startswith(".")]
    return [*tops, *(path for top in tops if top.is_dir() for path in top.rglob("*"))]


@pytest.mark.parametrize(("change", "places"), _changes(), ids=lambda text: text[:40])
def test_the_architecture_names_files_and_functions_that_exist(change: str, places: str) -> None:
    quoted = re.findall(r"`([^`]+)`", places)
    files = [name for name in quoted if name.endswith((".py", ".md"))]
    assert files, change
    found = [path for name in files for path in _files() if str(path).endswith(f"/{name}")]
    for name in files:
        assert any(str(path).endswith(name) for path in found), name
    text = "".join(path.read_text(encoding="utf-8") for path in found)
    for name in quoted:
        if re.fullmatch(r"_?[A-Za-z_]\w*", name):
            assert re.search(rf"\b{name}\b", text), name


def test_the_architecture_answers_many_changes() -> None:
    assert len(_changes()) >= 15
