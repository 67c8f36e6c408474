"""What differs between versions of OpenSearch, on a real cluster: counts from several threads, warnings, upgrades."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from opensearchpy.exceptions import OpenSearchWarning

from dev.cluster import VERSION, VERSION_3, Cluster
from searchsvc.config import Settings
from searchsvc.engines.opensearch.client import Cluster as Connection
from searchsvc.errors import UnavailableError
from searchsvc.indexer.reindex import reindex
from searchsvc.query.ast import Term
from searchsvc.query.request import SearchRequest
from searchsvc.search.service import SearchService
from searchsvc.verify.audit import audit
from tests.clusters import SETTINGS, TESTED_VERSION, on_cluster, started
from tests.conftest import ROOT, Archive

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def old_nodes() -> Iterator[Cluster]:
    """Three nodes of version 2, which a test upgrades."""
    yield from started(3, SETTINGS, VERSION)


def test_words_are_counted_exactly_whatever_the_number_of_segments(cluster_archive: Archive) -> None:
    """OpenSearch 3 counts groups of segments concurrently, and takes only the most frequent words of each."""
    for letter in "ab":
        rare = " ".join(f"{letter}{number:02}" for number in range(20))
        rows = ({"id": f"{letter}{n}", "text": f"{rare} {'both' if n else ''}"} for n in range(5))
        cluster_archive.write({f"{letter}.jsonl": "".join(json.dumps(row) + "\n" for row in rows)})
        reindex(cluster_archive.settings)
    (found,) = SearchService(cluster_archive.settings).acquire().engine.terms("", 1)
    assert found == ("both", 8)


def test_a_warning_of_the_cluster_fails_a_test(cluster: Settings) -> None:
    """The client raises warnings about what a later version will refuse, and pytest makes errors of them."""
    with pytest.raises(OpenSearchWarning, match="deprecated"):
        Connection(cluster).ask("GET", "/_cat/master")


@pytest.mark.timeout(400)
@pytest.mark.skipif(TESTED_VERSION == VERSION, reason="`make test-opensearch-3` tests upgrades")
def test_a_cluster_is_upgraded_node_by_node_while_it_is_searched(old_nodes: Cluster, archive: Archive) -> None:
    on_old = on_cluster(old_nodes.url, "upgraded")
    archive.settings = replace(on_old, corpus=archive.settings.corpus, index=archive.settings.index, opensearch_replicas=1)
    shutil.copytree(ROOT / "corpus", archive.corpus, dirs_exist_ok=True)
    service = archive.service()
    before = service.acquire().engine.count(SearchRequest(Term("tide")))
    old_nodes.wait()
    old_nodes.version = VERSION_3
    for number in range(old_nodes.nodes):
        old_nodes.stop(number)
        assert _counted(service) == before
        old_nodes.start(number)
        old_nodes.wait()
    assert _version_of_correct_index(archive) == VERSION
    archive.write({"late.txt": "Title: A late tide\n\nThe tide came late."})
    reindex(archive.settings)  # a clone of the old index, in the form of the old version
    assert _version_of_correct_index(archive) == VERSION
    reindex(archive.settings, full=True)
    assert _version_of_correct_index(archive) == VERSION_3
    assert service.acquire().engine.count(SearchRequest(Term("tide"))) == before + 1


def _counted(service: SearchService) -> int:
    """Return the number of articles with a word. Ask again while a node is leaving the cluster."""
    until = time.monotonic() + 30
    while True:
        try:
            return service.acquire().engine.count(SearchRequest(Term("tide")))
        except UnavailableError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _version_of_correct_index(archive: Archive) -> str:
    """Return the version of OpenSearch that created the live index, after an audit of it."""
    live = SearchService(archive.settings).acquire()
    assert audit(live.engine, live.info, 100, seed=5).differences == ()
    alias = archive.settings.opensearch_index
    (described,) = Connection(archive.settings).ask("GET", f"/{alias}/_settings", human="true").values()
    return str(described["settings"]["index"]["version"]["created_string"])
