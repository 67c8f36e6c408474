"""OpenSearch clusters for tests."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.cluster import Cluster, free_port, missing
from searchsvc.config import Settings
from searchsvc.engines.opensearch.client import Cluster as Connection

CLUSTER_FOLDER = Path(tempfile.gettempdir()) / "searchsvc-opensearch"
IN_MEMORY = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
"""The folder of a cluster's data: its many small indexes wait for no disk there."""


def three_nodes() -> Iterator[Cluster]:
    """Start three nodes and stop them afterwards. Skip the test if there is no Java or no Maven."""
    if reason := missing():
        pytest.skip(f"there is no OpenSearch: {reason}")
    # A cluster cannot check its disks more often than every ten seconds.
    settings = ["cluster.info.update.interval=10s"]
    with Cluster(CLUSTER_FOLDER, 3, free_port(3), settings, IN_MEMORY) as cluster:
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
