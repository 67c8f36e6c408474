"""Running services for tests: an application in a thread, and servers in processes of their own."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from dev.processes import die_with_parent
from searchsvc.config import Settings
from tests.conftest import ROOT


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application in a thread of this process, and yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def free_port() -> int:
    """Return an unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> Any:
    """Return the JSON that a service on this machine answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
        return json.loads(response.read())


def serve_command(port: int, *options: str) -> list[str]:
    """Return the command by which a user serves, with three workers."""
    return [sys.executable, "-m", "searchsvc", "serve", "--port", str(port), "--workers", "3", *options]


@contextmanager
def running(command: list[str], settings: Settings, port: int, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, wait for its first answer, and stop it as an operator would. It ends with this process anyway."""
    own = {"SEARCHSVC_CORPUS": str(settings.corpus), "SEARCHSVC_INDEX": str(settings.index)}
    process = subprocess.Popen(
        command,
        env=os.environ | own | environ,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_parent,  # noqa: PLW1509  it only makes a system call
    )
    try:
        for _ in range(150):
            try:
                get(port, "/healthz")
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        else:
            pytest.fail("the server did not answer within 15 s")
        yield process
    finally:
        process.terminate()
        assert process.wait(15) == 0
