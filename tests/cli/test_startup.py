"""Shell completion, and the cost of starting the command line, which shells do on every Tab."""

import os
import re
import subprocess
import sys
import sysconfig

import pytest

from searchsvc.config import Settings
from tests.conftest import ROOT

HEAVY = ("tantivy", "whoosh", "trafilatura", "lxml", "flask", "pydantic", "watchfiles", "opensearchpy", "rich", "numpy")
SCRIPTS = sysconfig.get_path("scripts")


def output(*command: str, **environ: str) -> str:
    return subprocess.run(command, env=os.environ | environ, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def test_importing_the_commands_loads_nothing_heavy() -> None:
    code = "import sys, searchsvc.cli; print(*sys.modules)"
    loaded = output(sys.executable, "-c", code).split()
    assert "searchsvc.cli.commands" in loaded
    assert set(HEAVY) & set(loaded) == set()
    assert [name for name in loaded if name.startswith("searchsvc.query")] == []


@pytest.mark.parametrize("command", [("search", "tea"), ("stats",)])
def test_commands_that_read_no_files_load_neither_the_readers_nor_numpy(sample: Settings, command: tuple[str, ...]) -> None:
    code = "import sys; from searchsvc.cli import main; main(standalone_mode=False); print(*sys.modules)"
    loaded = output(sys.executable, "-c", code, *command, "--index", str(sample.index)).splitlines()[-1].split()
    assert "searchsvc.search.service" in loaded
    assert not {"searchsvc.corpus", "numpy"} & set(loaded)


MODULE = (sys.executable, "-m", "searchsvc")
SCRIPT = (f"{SCRIPTS}/searchsvc",)


@pytest.mark.slow
@pytest.mark.parametrize("command", [MODULE, SCRIPT], ids=["module", "script"])
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("searchsvc re", ["reindex", "report"]),
        ("searchsvc search --per", ["--per-page"]),
        ("searchsvc reindex --engine w", ["whoosh"]),
        ("searchsvc export --format r", ["ris"]),
        ("searchsvc search --sort n", ["newest"]),
        ("searchsvc --v", ["--version"]),
        ("searchsvc x", []),
    ],
)
def test_commands_and_options_are_completed(command: tuple[str, ...], words: str, expected: list[str]) -> None:
    last = str(len(words.split()) - 1)
    shown = output(*command, _SEARCHSVC_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=last)
    assert [line.partition(",")[2] for line in shown.split()] == expected


GUIDE = (ROOT / "docs" / "guide.md").read_text()


def test_the_documented_line_enables_completion_in_bash() -> None:
    (line,) = re.findall(r"^    (eval .*bash_source.*?\))\"", GUIDE, re.MULTILINE)
    script = f'{line}"; COMP_WORDS=(searchsvc re); COMP_CWORD=1; _searchsvc_completion searchsvc; echo "${{COMPREPLY[@]}}"'
    path = os.pathsep.join((SCRIPTS, os.environ["PATH"]))
    assert output("bash", "-c", script, PATH=path) == "reindex report\n"


@pytest.mark.parametrize("command", [MODULE, SCRIPT], ids=["module", "script"])
def test_every_documented_shell_is_supported(command: tuple[str, ...]) -> None:
    shells = re.findall(r"_SEARCHSVC_COMPLETE=(\w+)", GUIDE)
    assert shells == ["bash_source", "zsh_source", "fish_source"]
    for shell in shells:
        assert "_searchsvc_completion" in output(*command, _SEARCHSVC_COMPLETE=shell)


def test_usage_names_the_program_in_the_same_way() -> None:
    usages = {output(*command, "search", "--help").splitlines()[0] for command in (MODULE, SCRIPT)}
    assert usages == {"Usage: searchsvc search [OPTIONS] [WORDS]..."}
