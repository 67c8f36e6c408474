"""OpenSearch nodes on this machine: for the tests, for benchmarks, and for trying searchsvc on a cluster.

    python -m dev.cluster [--nodes N] [--port PORT] [--folder FOLDER]     (or `make opensearch`)

They listen on 127.0.0.1 only, forget what they hold when they end, and stop with ctrl-C. OpenSearch itself is fetched by
Maven (its smallest distribution: searchsvc needs none of the modules that it leaves out) and wants Java 11 or later.
"""

import argparse
import json
import os
import pwd
import shutil
import signal
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

VERSION = "2.19.5"
"""The last that runs on Java 17, which Debian 12 has."""
HEAP = "512m"
PATIENCE_SECONDS = 180
_ARTIFACT = "org.opensearch.distribution.integ-test-zip:opensearch"
_UNPRIVILEGED = "nobody"
"""Who runs the nodes where we are root, whom OpenSearch refuses."""


def missing() -> str:
    """What a cluster lacks on this machine; "" where nothing does."""
    return next((f"{tool} is not installed" for tool in ("java", "mvn") if shutil.which(tool) is None), "")


def distribution(folder: Path) -> Path:
    """The unpacked distribution, fetched where it is not there yet."""
    target = folder / f"opensearch-{VERSION}"
    if not target.exists():
        fetch(f"{_ARTIFACT}:{VERSION}:zip", folder)
        with zipfile.ZipFile(folder / f"opensearch-{VERSION}.zip") as archive:
            archive.extractall(folder)
        for program in (target / "bin").iterdir():
            program.chmod(0o755)
    return target


def fetch(artifact: str, folder: Path) -> None:
    """Have Maven put an artifact, such as group:name:version:jar, into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    maven = ("mvn", "-q", "-B", "-Dstyle.color=never")
    get = [*maven, "dependency:get", f"-Dartifact={artifact}", "-Dtransitive=false"]
    copy = [
        *(*maven, "dependency:copy", f"-Dartifact={artifact}"),
        *(f"-DoutputDirectory={folder}", "-Dmdep.useBaseVersion=true"),
    ]
    for command in (get, copy):
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)


@dataclass
class Cluster:
    """Nodes that form one cluster; the first listens on `port`. What they hold lies in `work`, by itself in `folder`."""

    folder: Path
    nodes: int = 3
    port: int = 9200
    settings: Sequence[str] = ()
    work: Path | None = None
    heap: str = HEAP
    processes: dict[int, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def __enter__(self) -> "Cluster":
        self.home = distribution(self.folder)
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
        """The address of every node, as the setting wants them."""
        return ",".join(f"http://127.0.0.1:{self.port + number}" for number in range(self.nodes))

    def start(self, number: int) -> None:
        """Start one node, with what it held before."""
        node = self.place / f"node-{number}"
        (node / "tmp").mkdir(parents=True, exist_ok=True)
        if not (node / "config").exists():
            shutil.copytree(self.home / "config", node / "config")
            java = node / "config" / "jvm.options"  # its log of collections would be written beside the programs
            java.write_text("".join(line for line in java.read_text().splitlines(True) if "logs/" not in line))
        owner = pwd.getpwnam(_UNPRIVILEGED) if os.geteuid() == 0 else None
        if owner is not None:
            subprocess.run(["chown", "-R", _UNPRIVILEGED, self.place], check=True)
            self.place.chmod(0o755)
        environ = os.environ | {
            "OPENSEARCH_PATH_CONF": str(node / "config"),
            "OPENSEARCH_JAVA_OPTS": f"-Xms{self.heap} -Xmx{self.heap}",
            "OPENSEARCH_TMPDIR": str(node / "tmp"),
            "OPENSEARCH_JAVA_HOME": str(Path(shutil.which("java") or "java").resolve().parent.parent),
        }
        with (node / "out").open("ab") as out:
            self.processes[number] = subprocess.Popen(
                ["bash", str(self.home / "bin" / "opensearch"), *(f"-E{each}" for each in self._options(number, node))],
                env=environ,
                stdout=out,
                stderr=out,
                user=_UNPRIVILEGED if owner is not None else None,
                cwd=node,
            )

    def kill(self, number: int) -> None:
        """End one node as a power failure would."""
        process = self.processes.pop(number)
        process.kill()
        process.wait(30)

    def wait(self, status: str = "green") -> None:
        """Wait until all nodes that run have found each other, and their indexes are as they should be."""
        until = time.monotonic() + PATIENCE_SECONDS
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
        logs = [(self.place / f"node-{number}" / "out").read_text()[-2_000:] for number in self.processes]
        raise RuntimeError("the cluster did not come up:\n" + "\n".join(logs))

    def ask(self, path: str, number: int = 0) -> Any:
        """What a node answers to GET."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port + number}/{path}", timeout=20) as answer:
            return json.loads(answer.read())

    def _options(self, number: int, node: Path) -> list[str]:
        transport = [f"127.0.0.1:{self.port + 50 + each}" for each in range(self.nodes)]
        return [
            "cluster.name=searchsvc",
            f"node.name=node-{number}",
            f"path.data={node / 'data'}",
            f"path.logs={node / 'logs'}",
            "network.host=127.0.0.1",
            f"http.port={self.port + number}",
            f"transport.port={self.port + 50 + number}",
            f"discovery.seed_hosts={','.join(transport)}",
            f"cluster.initial_cluster_manager_nodes={','.join(f'node-{each}' for each in range(self.nodes))}",
            *self.settings,
        ]


def main() -> None:
    """Start the nodes, say where they are, and wait."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--nodes", type=int, default=3)
    options.add_argument("--port", type=int, default=9200)
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-opensearch")
    given = options.parse_args()
    if lacking := missing():
        sys.exit(f"{lacking}: a cluster needs Java 11 or later and Maven")
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    try:
        with Cluster(given.folder, given.nodes, given.port) as cluster:
            print(f"OpenSearch {VERSION}, {given.nodes} nodes; ctrl-C stops them. In another terminal:")
            print(f"  SEARCHSVC_OPENSEARCH_URL={cluster.url} searchsvc serve --reindex --engine opensearch", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()
