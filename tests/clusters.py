"""OpenSearch clusters for tests."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from dev.cluster import VERSION, Cluster, free_port, missing
from searchsvc.config import Settings
from searchsvc.engines.opensearch.client import Cluster as Connection

TESTED_VERSION = os.environ.get("OPENSEARCH_VERSION", "") or VERSION
CLUSTER_FOLDER = Path(tempfile.gettempdir()) / "searchsvc-opensearch"
IN_MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""The folder of a cluster's data: its many small indexes wait for no disk there."""

SETTINGS = (
    "cluster.info.update.interval=10s",  # A cluster cannot check its disks more often.
    "search.concurrent.max_slice_count=4",  # as many as on a machine with eight cores, for what is searched concurrently
)


def three_nodes() -> Iterator[Cluster]:
    """Start three nodes and stop them afterwards."""
    yield from started(3, SETTINGS)


def started(nodes: int, settings: Sequence[str] = (), version: str = TESTED_VERSION) -> Iterator[Cluster]:
    """Start a cluster and stop it afterwards. Skip the test if there is no Java for it or no Maven."""
    if reason := missing(version):
        pytest.skip(f"there is no OpenSearch: {reason}")
    with Cluster(CLUSTER_FOLDER, nodes, free_port(nodes), settings, IN_MEMORY, version=version) as cluster:
        yield cluster


def on_cluster(urls: str, name: str) -> Settings:
    """Return the settings of an archive of this name on a cluster."""
    nodes = tuple(urls.split(","))
    return Settings(engine="opensearch", opensearch_url=nodes, opensearch_index=f"searchsvc-{name}", opensearch_replicas=0)


def clean(settings: Settings) -> None:
    """Delete every index whose name begins with that of the archive."""
    connection = Connection(settings)
    for index in connection.ask("GET", f"/{settings.opensearch_index}*/_settings"):
        connection.ask("DELETE", f"/{index}")
