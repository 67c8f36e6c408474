"""Distributions of the project, and virtual environments into which they are installed."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT


def run(*command: str | Path, cwd: Path, **environ: str) -> str:
    """Run a command outside the project, and return what it prints. Fail with all that it printed if it fails."""
    ours = ("PYTHONPATH", "SEARCHSVC_")
    outside = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environ = outside | environ
    done = subprocess.run(command, cwd=cwd, env=environ, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = done.stdout.decode()
    assert done.returncode == 0, said
    return said


def build_wheel(folder: Path) -> Path:
    """Build the wheel in a folder, by way of the source distribution, as it is published."""
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def finding(folder: Path) -> dict[str, str]:
    """Return the environment in which pip also finds the distributions in a folder."""
    others = os.environ.get("PIP_FIND_LINKS", "")
    return {"PIP_FIND_LINKS": f"{folder} {others}".strip(), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
