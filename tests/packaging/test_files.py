"""The files that people and their tools look for: workflow, issue forms, hooks, citation, container, unit, docs."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from searchsvc import __version__
from searchsvc.config import Settings
from tests.conftest import ROOT
from tests.packaging.building import run
from tests.serving import free_port, get, serve_command

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REPOSITORY = PROJECT["urls"]["Source"]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
SCHEMAS = {
    ".github/workflows/ci.yml": "vendor.github-workflows",
    ".github/ISSUE_TEMPLATE/bug.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/idea.yml": "vendor.github-issue-forms",
    ".github/ISSUE_TEMPLATE/config.yml": "vendor.github-issue-config",
    "CITATION.cff": "vendor.citation-file-format",
    "compose.yaml": "vendor.compose-spec",
}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("file", SCHEMAS)
def test_files_obey_the_schema_of_their_kind(file: str) -> None:
    if find_spec("check_jsonschema") is None:
        pytest.skip("check-jsonschema is not installed: make test installs it")
    run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[file], file, cwd=ROOT)


def test_the_citation_is_of_this_version_and_place() -> None:
    citation = yaml.safe_load(text_of("CITATION.cff"))
    assert str(citation["version"]) == __version__
    assert citation["repository-code"] == REPOSITORY
    assert citation["license"] == PROJECT["license"]


def test_the_workflow_runs_what_developers_run_on_every_python_that_is_promised() -> None:
    jobs = yaml.safe_load(text_of(".github/workflows/ci.yml"))["jobs"]
    commands = {step["run"] for job in jobs.values() for step in job["steps"] if "run" in step}
    assert {".ci/run", "make quick", "make test-lowest"} <= commands
    promised = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", each)]
    assert jobs["pythons"]["strategy"]["matrix"]["python"] == promised
    assert all(job["timeout-minutes"] for job in jobs.values())


def test_the_hooks_before_a_commit_are_those_of_make_lint() -> None:
    (recipe,) = re.findall(r"^lint: .*\n((?:\t.*\n)+)", text_of("Makefile"), re.MULTILINE)
    lint = [line.strip().replace("$(BIN)", ".venv/bin") for line in recipe.splitlines()]
    (repository,) = yaml.safe_load(text_of(".pre-commit-config.yaml"))["repos"]
    assert repository["repo"] == "local"
    assert [hook["entry"] for hook in repository["hooks"]] == lint


def test_the_image_runs_without_privileges_and_tells_its_health() -> None:
    dockerfile = text_of("Dockerfile")
    assert re.search(r"^USER searchsvc$", dockerfile, re.MULTILINE)
    assert re.search(r"^HEALTHCHECK ", dockerfile, re.MULTILINE)
    services = yaml.safe_load(text_of("compose.yaml"))["services"]
    assert services["search"]["read_only"] is True
    assert services["search"]["cap_drop"] == ["ALL"]
    assert "profiles" not in services["search"]
    assert services["opensearch"]["profiles"] == ["opensearch"]
    assert all(port.startswith("127.0.0.1:") for port in services["search"]["ports"])


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_to_our_own_repository_lead_to_files(page: Path) -> None:
    for path in re.findall(rf"{REPOSITORY}/(?:blob|raw|tree)/main/([^)#\s]+)", page.read_text(encoding="utf-8")):
        assert (ROOT / path).exists(), path


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit, with the program and the user of this test, so that systemd finds both."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    file = tmp_path / "searchsvc.service"
    text = text_of("deploy/searchsvc.service").replace("/opt/searchsvc/bin/searchsvc", sys.executable)
    file.write_text(re.sub("^(User|Group)=searchsvc$", r"\1=root", text, flags=re.MULTILINE))
    return file


def test_the_unit_is_valid_and_confined(unit: Path) -> None:
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    assert unit.name not in done.stderr
    confined = run("systemd-analyze", "security", "--offline=true", ROOT / "deploy" / unit.name, cwd=unit.parent)
    (exposure,) = re.findall(r"exposure level for searchsvc.service: ([\d.]+)", confined)
    assert float(exposure) < 2, confined


@pytest.mark.slow
def test_the_unit_permits_the_system_calls_of_the_service(unit: Path, tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    report, port = tmp_path / "calls", free_port()
    traced = ["strace", "--follow-forks", "--summary-only", f"--output={report}"]
    settings = Settings(corpus=ROOT / "corpus", index=tmp_path / "index")
    with tracing([*traced, *serve_command(port), "--reindex"], settings, port):
        assert get(port, "/api/search?q=tide")["total"] > 0
    called = set(re.findall(r"(\w+)$", report.read_text().partition("\n--")[2].partition("\n--")[0], re.MULTILINE))
    assert {"openat", "prlimit64", "accept4"} <= called
    assert called <= _group("@system-service") - _group("@privileged"), "see SystemCallFilter in the unit"


@contextmanager
def tracing(command: list[str], settings: Settings, port: int) -> Iterator[None]:
    """Run a service and whatever traces it. Stop both in the end by a signal to their group."""
    own = {"SEARCHSVC_CORPUS": str(settings.corpus), "SEARCHSVC_INDEX": str(settings.index)}
    process = subprocess.Popen(command, env=os.environ | own, cwd=ROOT, start_new_session=True)
    try:
        for _ in range(600):
            with suppress(OSError):
                get(port, "/readyz")
                break
            time.sleep(0.1)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(60)


def _group(name: str) -> set[str]:
    """Return the system calls of a group of systemd's, and of those within it."""
    listed = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True).stdout
    members = [line.strip() for line in listed.splitlines()[1:] if line.strip() and not line.strip().startswith("#")]
    return {call for each in members for call in (_group(each) if each.startswith("@") else {each})}


@pytest.mark.slow
def test_the_documentation_is_a_site_without_a_warning_that_loads_nothing_from_elsewhere(tmp_path: Path) -> None:
    if find_spec("zensical") is None:
        pytest.skip("zensical is not installed: make test installs it")
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    assert "arning" not in run(sys.executable, "-m", "zensical", "build", "--strict", cwd=tmp_path)
    built = {path.parent.name for path in (tmp_path / "site").glob("*/index.html")}
    assert built == {path.stem for path in (ROOT / "docs").glob("*.md")} - {"index"}
    pages = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*.html"))
    assert re.findall(r'<(?:script|img|iframe)[^>]* src="?(?:https?:)?//[^ >"]+', pages) == []
    assert re.findall(r'<link[^>]* rel="?(?:stylesheet|preconnect)"?[^>]* href="?(?:https?:)?//[^ >"]+', pages) == []
