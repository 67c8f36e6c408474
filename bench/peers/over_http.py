"""What peers have in common that answer over HTTP."""

import http.client
import os
import signal
import socket
import subprocess
import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from bench.peers import Answer, Ask, Peer

_PATIENCE_SECONDS = 120


class Request(NamedTuple):
    """One request to a server."""

    path: str
    body: bytes | None = None


class HttpPeer(Peer):
    """Answers over HTTP, on a connection that is kept alive."""

    port: int
    server: "subprocess.Popen[bytes]"

    @abstractmethod
    def requests(self, ask: Ask) -> list[Request]:
        """What is requested, one after the other."""

    @abstractmethod
    def answer(self, bodies: list[Any]) -> Answer:
        """What the answers say."""

    def ask(self, ask: Ask) -> Answer:
        return self.answer(self.fetched(self._connection, self.requests(ask)))

    def fetched(self, connection: http.client.HTTPConnection, requests: list[Request]) -> list[Any]:
        """The answers, read whole and taken apart."""
        found = []
        for path, body in requests:
            connection.request("POST" if body else "GET", path, body, {"Content-Type": "application/json"} if body else {})
            response = connection.getresponse()
            content = response.read()
            assert response.status == 200, content[:500]
            found.append(orjson.loads(content))
        return found

    def rest(self) -> None:
        """Let go of the connection, which a server closes that is not asked for long; the next request makes it anew."""
        self._connection.close()

    def connect(self) -> http.client.HTTPConnection:
        """A connection of one's own."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def serve(self, command: Sequence[str | Path], environ: Mapping[str, str], path: str) -> None:
        """Start the server, and wait until it answers."""
        self.server = subprocess.Popen(
            command, env=os.environ | environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.wait(path)

    def wait(self, path: str) -> None:
        """Wait until a path is answered."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                self._connection = self.connect()
                self.fetched(self._connection, [Request(path)])
            except (OSError, AssertionError, http.client.HTTPException):
                self._connection.close()
                time.sleep(0.2)
            else:
                return
        raise TimeoutError(f"{self.label} did not come up")

    def processes(self) -> list[int]:
        children = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text().split()
        return [self.server.pid, *map(int, children)]

    def close(self) -> None:
        self._connection.close()
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(60)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
