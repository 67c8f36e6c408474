"""Searching and indexing while a real cluster loses nodes, disk space and trust."""

import json
import shutil
import ssl
import threading
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import trustme
from click.testing import CliRunner

from dev.cluster import Cluster
from searchsvc.cli.commands import main
from searchsvc.config import Settings, environment
from searchsvc.engines.opensearch import bulk, client, indices
from searchsvc.errors import EngineError, ServiceError, UserError
from searchsvc.indexer.reindex import reindex
from searchsvc.query.ast import Term
from searchsvc.query.request import SearchRequest
from searchsvc.search.service import SearchService
from searchsvc.verify.audit import audit
from searchsvc.web.app import create_app
from tests.clusters import clean, on_cluster, started
from tests.conftest import ROOT, Archive
from tests.serving import serving

pytestmark = pytest.mark.cluster


@pytest.fixture
def archive(nodes: Cluster, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Archive]:
    """An archive with one replica, on a cluster whose nodes all run. Nodes that a test kills are started again."""
    archive = Archive(tmp_path)
    own, name = archive.settings, f"t{abs(hash(request.node.name)) % 10**9}"
    settings = on_cluster(nodes.url, name)
    archive.settings = replace(settings, corpus=own.corpus, index=own.index, opensearch_replicas=1)
    yield archive
    for number in range(nodes.nodes):
        if number not in nodes.processes:
            nodes.start(number)
    nodes.wait("yellow")
    clean(archive.settings)


@pytest.fixture(scope="module")
def busy_node() -> Iterator[Cluster]:
    """A node that rejects documents while it has five megabytes to write."""
    yield from started(1, ["indexing_pressure.memory.limit=5mb"])


def articles(number: int, first: int = 0, sentences: int = 20) -> str:
    """Return articles as JSON Lines."""
    text = "Cup {} of tea. " * sentences
    rows = ({"id": f"a{n}", "title": f"Tea {n}", "text": text.replace("{}", str(n))} for n in range(first, first + number))
    return "".join(json.dumps(row) + "\n" for row in rows)


def get(address: str) -> tuple[int, Any, str | None]:
    """Return status, JSON and the Retry-After header."""
    try:
        with urllib.request.urlopen(address, timeout=40) as answer:
            return answer.status, json.loads(answer.read()), None
    except urllib.error.HTTPError as error:
        return error.code, None, error.headers["Retry-After"]


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Return whether a condition becomes true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def node_of(nodes: Cluster, index: str, *, primary: bool) -> int:
    """Return the number of the node that has the primary shard of an index, or its replica."""
    shards = nodes.ask(f"_cat/shards/{index}?format=json", min(nodes.processes))
    name = next(each["node"] for each in shards if each["prirep"] == ("p" if primary else "r") and each["node"])
    return int(name.split()[0].removeprefix("node-"))  # a shard that moves names two nodes


def is_being_written(nodes: Cluster, index: str) -> bool:
    """Return whether the cluster has received documents of an index."""
    written = nodes.ask(f"{index}*/_stats/indexing")["_all"]["primaries"].get("indexing", {})
    return bool(written.get("index_total"))


def live_index(archive: Archive) -> str:
    live = SearchService(archive.settings).acquire()
    return str(json.loads((live.generation.engine / "opensearch.json").read_bytes())["name"])


def test_searching_goes_on_when_a_node_is_killed(nodes: Cluster, archive: Archive) -> None:
    archive.write({"a.jsonl": articles(500)}).service()
    nodes.wait("green")
    with serving(create_app(archive.settings)) as root:
        seen: list[tuple[float, int, Any, str | None]] = []
        end = time.monotonic() + 12

        def search() -> None:
            while time.monotonic() < end:
                seen.append((time.monotonic(), *get(f"{root}/api/search?q=tea")))

        searching = [threading.Thread(target=search) for _ in range(4)]
        for each in searching:
            each.start()
        time.sleep(2)
        nodes.kill(node_of(nodes, live_index(archive), primary=True))
        for each in searching:
            each.join()
    statuses = [status for _, status, _, _ in seen]
    assert set(statuses) <= {200, 503}
    assert all(answer["total"] == 500 for _, status, answer, _ in seen if status == 200)
    assert all(retry for _, status, _, retry in seen if status == 503)
    assert statuses.count(503) < len(statuses) / 4
    assert [status for when, status, _, _ in seen if when > end - 3].count(503) == 0


@pytest.mark.parametrize("primary", [True, False])
def test_nothing_is_lost_when_a_node_is_killed_while_it_is_fed(
    nodes: Cluster, archive: Archive, primary: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SHARD_SECONDS", 3)  # the killed node does not come back
    monkeypatch.setattr(bulk, "RETRIES", 2)
    archive.write({"a.jsonl": articles(50)}).service()
    before = live_index(archive)
    archive.write({"b.jsonl": articles(20_000, 50)})
    name, number = before.rsplit("-", 1)
    draft = f"{name}-{int(number) + 1:06d}"
    errors: list[ServiceError] = []

    def index() -> None:
        try:
            reindex(archive.settings)
        except ServiceError as error:
            errors.append(error)

    indexing = threading.Thread(target=index)
    indexing.start()
    assert until(lambda: is_being_written(nodes, draft), 60)
    node = node_of(nodes, draft, primary=True)
    nodes.kill(node if primary else (node + 1) % 3)
    indexing.join()
    if not primary:
        assert not errors
    if errors:
        assert until(lambda: _is_reindexed(archive), 60)  # the two nodes left first elect a manager
    ids = {article.id for article in SearchService(archive.settings).acquire().engine.scan(SearchRequest())}
    assert ids == {f"a{n}" for n in range(20_050)}


def test_nothing_is_lost_when_the_cluster_moves_an_index_while_it_is_fed(nodes: Cluster, archive: Archive) -> None:
    archive.write({"a.jsonl": articles(50)}).service()
    name, number = live_index(archive).rsplit("-", 1)
    draft = f"{name}-{int(number) + 1:06d}"
    archive.write({"b.jsonl": articles(20_000, 50)})
    indexing = threading.Thread(target=reindex, args=[archive.settings])
    indexing.start()
    assert until(lambda: is_being_written(nodes, draft), 60)
    moved = 0
    while indexing.is_alive() and moved < 3:
        node = node_of(nodes, draft, primary=True)
        move = {"index": draft, "shard": 0, "from_node": f"node-{node}", "to_node": f"node-{(node + 1) % 3}"}
        with suppress(urllib.error.HTTPError):  # the shard is moving already
            send(nodes, "POST", "_cluster/reroute", {"commands": [{"move": move}]})
            moved += 1
        time.sleep(0.5)
    indexing.join()
    assert moved
    engine = SearchService(archive.settings).acquire().engine
    assert engine.count(SearchRequest(Term("tea"))) == engine.count(SearchRequest()) == 20_050


def test_what_a_busy_cluster_refuses_is_sent_again_and_nothing_else(
    busy_node: Cluster, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "CHUNK_BYTES", 2_000_000)
    archive.settings = replace(archive.settings, opensearch_url=(busy_node.url,), opensearch_replicas=0)
    archive.write({"a.jsonl": articles(2_000, sentences=1_000)}).service()  # long ones, which are sent faster than indexed
    pressure = next(iter(busy_node.ask("_nodes/stats/indexing_pressure")["nodes"].values()))["indexing_pressure"]["memory"]
    assert pressure["total"]["coordinating_rejections"] + pressure["total"]["primary_rejections"] > 0
    written = busy_node.ask(f"{live_index(archive)}/_stats/indexing")["_all"]["primaries"]["indexing"]["index_total"]
    assert written == 2_000
    engine = SearchService(archive.settings).acquire().engine
    assert engine.count(SearchRequest(Term("tea"))) == 2_000


def test_an_index_of_another_version_is_rebuilt_and_never_misread(nodes: Cluster, archive: Archive) -> None:
    archive.write({"a.jsonl": articles(30)}).service()
    send(nodes, "PUT", f"{live_index(archive)}/_mapping", {"_meta": {"owner": "x", "schema": 0}})
    answer = create_app(archive.settings).test_client().get("/api/search?q=tea")
    assert (answer.status_code, "another version" in answer.get_json()["detail"]) == (503, True)
    archive.write({"b.jsonl": articles(3, 30)})
    report = reindex(archive.settings)
    assert "another version" in (report.full or "")
    assert create_app(archive.settings).test_client().get("/api/search?q=tea").get_json()["total"] == 33


def test_the_service_says_503_while_the_cluster_is_gone_and_recovers(nodes: Cluster, archive: Archive) -> None:
    archive.write({"a.jsonl": articles(30)}).service()
    with serving(create_app(archive.settings)) as root:
        assert get(f"{root}/api/search?q=tea")[0] == 200
        for number in list(nodes.processes):
            nodes.kill(number)
        for path in (
            "/api/search?q=tea",
            "/search?q=tea",
            "/",
            "/api/articles/a1",
            "/readyz",
            "/api/suggest?q=te",
            "/search.csv",
        ):
            status, _, retry = get(root + path)
            assert (status, retry) == (503, "10"), path
        assert get(f"{root}/healthz")[0] == 200
        with pytest.raises(ServiceError, match="OpenSearch does not answer"):
            archive.write({"b.jsonl": articles(5, 100)})
            reindex(archive.settings)
        for number in range(3):
            nodes.start(number)
        assert until(lambda: get(f"{root}/api/search?q=tea")[0] == 200, 90)
        assert get(f"{root}/api/search?q=tea")[1]["total"] == 30
        nodes.wait("yellow")
        reindex(archive.settings)
        assert get(f"{root}/api/search?q=tea")[1]["total"] == 35


def test_a_cluster_whose_disks_are_full_is_said_and_nothing_is_lost(
    nodes: Cluster, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indices, "START_SECONDS", 5)
    archive.write({"a.jsonl": articles(30)}).service()
    name = "cluster.routing.allocation.disk.watermark"
    full = {f"{name}.low": "900tb", f"{name}.high": "890tb", f"{name}.flood_stage": "880tb"}
    change_settings(nodes, full)
    try:
        archive.write({"b.jsonl": articles(30, 30)})
        with pytest.raises(ServiceError, match="disks are full"):
            reindex(archive.settings)
        assert SearchService(archive.settings).acquire().engine.count(SearchRequest()) == 30
    finally:
        # Disk checks stay off, or the cluster may forbid new indexes again long after this test.
        change_settings(nodes, {**dict.fromkeys(full), "cluster.routing.allocation.disk.threshold_enabled": False})
        time.sleep(11)  # the cluster checks its disks every ten seconds, and has forbidden new indexes
        change_settings(nodes, {"cluster.blocks.create_index": None})
    assert until(lambda: _is_reindexed(archive), 60)
    assert SearchService(archive.settings).acquire().engine.count(SearchRequest()) == 60


def _is_reindexed(archive: Archive) -> bool:
    assert archive.settings.index.joinpath("CURRENT").read_text() == "g000001\n"  # nothing has been published since
    try:
        return reindex(archive.settings).published
    except ServiceError:
        return False


def change_settings(nodes: Cluster, settings: dict[str, Any]) -> None:
    send(nodes, "PUT", "_cluster/settings", {"transient": settings, "persistent": dict.fromkeys(settings)})


def send(nodes: Cluster, method: str, path: str, body: dict[str, Any]) -> None:
    """Send a request to the cluster directly."""
    request = urllib.request.Request(f"http://127.0.0.1:{nodes.port}/{path}", json.dumps(body).encode(), method=method)
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request, timeout=20).close()


def test_an_index_that_somebody_has_deleted_is_said_and_built_anew(nodes: Cluster, archive: Archive) -> None:
    service = archive.write({"a.jsonl": articles(30)}).service()
    clean(archive.settings)
    client = create_app(archive.settings).test_client()
    assert client.get("/api/search").status_code == 503
    assert "searchsvc reindex --full" in client.get("/api/search").get_json()["detail"]
    archive.write({"b.jsonl": articles(3, 30)})
    report = reindex(archive.settings)
    assert "gone from the cluster" in (report.full or "")
    assert service.acquire().engine.count(SearchRequest()) == 33


def test_an_index_of_another_archive_is_never_touched(nodes: Cluster, archive: Archive, tmp_path: Path) -> None:
    service = archive.write({"a.jsonl": articles(3)}).service()
    other = replace(archive.settings, index=tmp_path / "elsewhere")
    with pytest.raises(UserError, match="belongs to another archive"):
        reindex(other)
    assert service.acquire().engine.count(SearchRequest()) == 3


class _PasswordProxy(BaseHTTPRequestHandler):
    """A proxy that forwards requests with the right password to a node."""

    node: ClassVar[int]
    password: ClassVar[str] = "Basic " + b64encode(b"reader:secret of the cluster").decode()

    def _forward(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, answer = 401, b"{}"
        if self.headers.get("Authorization") == self.password:
            own = {"Content-Type": self.headers.get("Content-Type", "application/json")}
            request = urllib.request.Request(
                f"http://127.0.0.1:{self.node}{self.path}", body or None, own, method=self.command
            )
            try:
                with urllib.request.urlopen(request, timeout=60) as found:
                    status, answer = found.status, found.read()
            except urllib.error.HTTPError as error:
                status, answer = error.code, error.read()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(b"" if self.command == "HEAD" else answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _forward  # noqa: N815  names that the library calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the library's name
        """Log nothing."""


@contextmanager
def tls_proxy(node: int, authority: trustme.CA) -> Iterator[str]:
    """Run a proxy with TLS and a password in front of a node, and yield its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Proxy", (_PasswordProxy,), {"node": node}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}"
    finally:
        for prewarming in threading.enumerate():
            if isinstance(prewarming, threading.Timer):
                prewarming.join()  # CPython does not close a socket that is reset before its TLS handshake
        server.shutdown()
        thread.join()
        server.server_close()


def test_tls_with_a_private_ca_and_a_password(nodes: Cluster, archive: Archive, tmp_path: Path) -> None:
    authority, ca = trustme.CA(), tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    archive.write({"a.jsonl": articles(30)})
    with tls_proxy(nodes.port, authority) as url:
        settings = replace(
            archive.settings, opensearch_url=(url,), opensearch_user="reader", opensearch_password="secret of the cluster"
        )
        trusted = replace(settings, opensearch_ca=ca)
        reindex(trusted)
        assert SearchService(trusted).acquire().engine.count(SearchRequest()) == 30
        for wrong, message in (
            (replace(trusted, opensearch_password="wrong"), "rejects the user"),
            (settings, "is not trusted"),
        ):
            with pytest.raises(EngineError, match=message) as raised:
                SearchService(wrong).acquire().engine.count(SearchRequest())
            assert "secret of the cluster" not in str(raised.value)
            answer = create_app(wrong).test_client().get("/api/search")
            assert (answer.status_code, b"secret" in answer.data) == (500, False)


def test_the_sample_archive_can_be_searched_and_passes_a_random_audit(nodes: Cluster, archive: Archive) -> None:
    shutil.copytree(ROOT / "corpus", archive.corpus, dirs_exist_ok=True)
    environ = environment(archive.settings)
    assert CliRunner().invoke(main, ["reindex", "--json"], env=environ).exit_code == 0
    found = json.loads(CliRunner().invoke(main, ["search", "tide place:Saltmarsh", "--json"], env=environ).stdout)
    assert (found["total"] > 0, found["index"]["engine"]) == (True, "opensearch")
    live = SearchService(archive.settings).acquire()
    assert audit(live.engine, live.info, 200, seed=5).differences == ()


def test_cluster_settings_are_validated() -> None:
    for name, value in (("URL", "ftp://x"), ("URL", "https://a:b@c"), ("INDEX", "Upper"), ("CA", "/none"), ("SHARDS", "0")):
        result = CliRunner().invoke(main, ["stats"], env={f"SEARCHSVC_OPENSEARCH_{name}": value})
        assert (result.exit_code, f"SEARCHSVC_OPENSEARCH_{name}" in result.stderr) == (2, True), (name, value)
    assert "hidden" not in repr(Settings(opensearch_password="hidden"))
