"""Requests that Schemathesis makes from the OpenAPI document, with all of its checks."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, SOAK, Archive
from tests.serving import free_port, running, serve_command

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
TOKEN = "a-token-for-writers"
WRITING = ("--header", f"Authorization: Bearer {TOKEN}")


def cases(folder: Path, root: str, *options: str) -> int:
    """Return how many requests Schemathesis made of a service. Fail with what it found. Its files are left in a folder."""
    program = "from schemathesis.cli import schemathesis; schemathesis()"
    command = [sys.executable, "-c", program, "--config-file", str(CONFIGURATION), "run", f"{root}/api/openapi.json"]
    done = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True, timeout=3_000, check=False)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    (generated,) = re.findall(r"(\d+) generated", done.stdout)
    return int(generated)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_every_operation_conforms_to_the_document_with_all_checks(archive: Archive, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "corpus", archive.corpus, dirs_exist_ok=True)
    archive.service()
    port = free_port()
    with running(serve_command(port), archive.settings, port, SEARCHSVC_WRITE_TOKEN=TOKEN):
        made = cases(tmp_path, f"http://127.0.0.1:{port}", *WRITING, "--max-examples", "150" if SOAK else "15")
    assert made > (5_000 if SOAK else 2_000)
