"""An interrupted test run leaves no server behind."""

import subprocess
import sys
import time
import urllib.error
from pathlib import Path

import pytest

from searchsvc.indexer.reindex import reindex
from tests.conftest import ROOT, Archive
from tests.serving import free_port, get

_RUN = """
import sys, time
from pathlib import Path
from searchsvc.config import Settings
from tests.serving import running, serve_command
settings, port = Settings(corpus=Path(sys.argv[1]), index=Path(sys.argv[2])), int(sys.argv[3])
with running(serve_command(port), settings, port):
    print("serving", flush=True)
    time.sleep(60)
"""


@pytest.mark.slow
def test_a_server_ends_with_the_run_that_started_it(archive: Archive, tmp_path: Path) -> None:
    reindex(archive.write({"a.txt": "tea"}).settings)
    script = tmp_path / "run.py"
    script.write_text(_RUN)
    port = free_port()
    arguments = [sys.executable, str(script), str(archive.corpus), str(archive.settings.index), str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, env={"PYTHONPATH": str(ROOT)}) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == b"serving\n"
        assert get(port, "/healthz") == {"status": "ok"}
        run.kill()
    deadline = time.monotonic() + 20
    with pytest.raises(urllib.error.URLError, match="refused"):
        while time.monotonic() < deadline:
            get(port, "/healthz")
            time.sleep(0.1)
