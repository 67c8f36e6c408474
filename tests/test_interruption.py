"""An interrupted test run leaves no server behind."""

import errno
import socket
import subprocess
import sys
import time
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
    while not is_refused(port):
        assert time.monotonic() < deadline, "the server has not ended"
        time.sleep(0.1)


def is_refused(port: int) -> bool:
    """Return whether nothing listens on a port. A server that is about to end may reset connections."""
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED
