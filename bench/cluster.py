"""OpenSearch against the embedded engine, and our layer against bare OpenSearch, on one machine and in one run.

    python -m bench.cluster [--work FOLDER] [--nodes N] [PART ...]     (or `make bench-cluster`)

The parts: `agreement` (1,000 random queries on Reuters' items: the same totals, the same best ten?); `feeding` (against
opensearch-py's own parallel bulk of the same documents); `layer` (what a search costs beside the request that it sends);
`engines` (the same queries over HTTP on both engines: milliseconds, requests a second with 16 clients, memory).
"""

import argparse
import http.client
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson
from opensearchpy import OpenSearch
from opensearchpy.helpers import parallel_bulk

from bench.real import unpack
from bench.speed import FACETS, private_memory, queries_of, row, served_by, table_head, timed
from dev.cluster import Cluster, missing
from searchsvc.api.parameters import parse_search
from searchsvc.config import Settings
from searchsvc.corpus import read_file
from searchsvc.engines.opensearch.mapping import document, index_mapping
from searchsvc.indexer.reindex import reindex
from searchsvc.model.article import Article, dump
from searchsvc.search.service import SearchService
from searchsvc.verify.audit import random_requests

QUERIES = 1_000
ROUNDS = 4
CLIENTS = 16
SECONDS = 15.0


def main() -> None:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "searchsvc-bench")
    options.add_argument("--nodes", type=int, default=1)
    options.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", default=[])
    given = options.parse_args()
    if reason := missing():
        sys.exit(reason)
    table_head()
    with Cluster(Path(tempfile.gettempdir()) / "searchsvc-opensearch", given.nodes, 19_600, heap="2g") as cluster:
        for part in given.parts or PARTS:
            PARTS[part](given.work, cluster)


def _settings(work: Path, name: str, cluster: Cluster) -> tuple[Settings, Settings]:
    """An archive on the embedded engine, and the same on the cluster, both up to date."""
    corpus = work / f"of-{name}"
    if not corpus.exists():
        corpus.mkdir(parents=True)
        (corpus / f"{name}.jsonl").hardlink_to(unpack(f"{name}.jsonl", work / "corpus"))
    own = Settings(corpus=corpus, index=work / f"of-{name}-index")
    there = replace(
        own,
        engine="opensearch",
        index=work / f"of-{name}-cluster-{cluster.place.name}",
        opensearch_url=tuple(cluster.url.split(",")),
        opensearch_index=f"bench-{name}",
        opensearch_replicas=0,
    )
    for each in (own, there):
        reindex(each)
    return own, there


def _bench_agreement(work: Path, cluster: Cluster) -> None:
    ours, theirs = (SearchService(each).acquire() for each in _settings(work, "reuters", cluster))
    requests = [
        replace(each, facets=(), date_facet=False, per_page=10) for each in random_requests(ours.engine, QUERIES, seed=11)
    ]
    totals, overlaps, odd = 0, [], []
    for request in requests:
        one, other = ours.engine.search(request), theirs.engine.search(request)
        totals += one.total == other.total
        if one.total != other.total:
            odd.append(f"{request.tree}: {one.total} and {other.total} {one.notes or other.notes}")
        best, their_best = ({hit.article.id for hit in each.articles} for each in (one, other))
        overlaps.append(len(best & their_best) / len(best) if best else 1.0)
    row(f"{QUERIES:,} random queries on {ours.info.articles:,} items: the same total", f"{totals / QUERIES:.1%}", "99 %")
    row("articles that the best ten share, on average", f"{sum(overlaps) / len(overlaps):.3f}", "0.8")
    for line in odd[:20]:
        print("  ", line[:200])


def _bench_feeding(work: Path, cluster: Cluster) -> None:
    """In turns: all of a reindex from the file, and bare bulks of documents that lie ready in memory."""
    _, there = _settings(work, "articles", cluster)
    articles = there.corpus / "articles.jsonl"
    read = (each for each in read_file(articles, articles.name) if isinstance(each, Article))
    ready = [json.loads(document(each, dump(each), ())) for each in read]
    ours, bare = [], []
    for turn in range(2):
        bare.append(_bare(cluster, ready, f"bare-{turn}"))
        report = reindex(there, full=True)
        ours.append(report.articles / report.seconds)
    row("feeding, articles a second, whole reindexes from JSON Lines", f"{max(ours):,.0f}", "")
    row("opensearch-py's parallel_bulk of the same, from memory", f"{max(bare):,.0f}", "")
    row("ratio", f"{max(ours) / max(bare):.2f}", "at least 0.8")
    stats = cluster.ask(f"{there.opensearch_index}/_stats/store,segments")["_all"]["primaries"]
    row("index on disk, segments", f"{stats['store']['size_in_bytes'] / 1e6:,.0f} MB; {stats['segments']['count']}", "")


def _bare(cluster: Cluster, ready: list[dict[str, Any]], index: str) -> float:
    client = OpenSearch(cluster.url.split(","), timeout=120)
    shape = {"number_of_replicas": 0, "refresh_interval": "-1"}
    client.indices.create(index=index, body={"settings": {"index": shape}, "mappings": index_mapping("bench")})
    begun = time.perf_counter()
    actions = ({"_index": index, "_id": str(number), "_source": each} for number, each in enumerate(ready))
    for fine, answer in parallel_bulk(client, actions, thread_count=3, chunk_size=500):
        assert fine, answer
    client.indices.refresh(index=index)
    client.indices.flush(index=index)
    rate = len(ready) / (time.perf_counter() - begun)
    client.indices.delete(index=index)
    client.close()
    return rate


def _bench_layer(work: Path, cluster: Cluster) -> None:
    """Each search by our service in process, and right before or after it its request, by a plain connection."""
    _, there = _settings(work, "articles", cluster)
    service = SearchService(there)
    queries = list(queries_of(there.corpus / "articles.jsonl"))
    facets = [*FACETS, "date"]
    host = urlsplit(there.opensearch_url[0])
    connection = http.client.HTTPConnection(host.hostname or "", host.port)
    ours: dict[str, list[float]] = {}
    bare: dict[str, list[float]] = {}
    requests: dict[str, tuple[str, bytes]] = {}
    with _overheard(service) as sent:
        for turn in range(ROUNDS + 1):
            for query in queries:
                pairs = [("q", query["q"]), ("match", query.get("match", "all")), *(("facet", name) for name in facets)]
                request = requests.get(query["q"])
                if request is not None and turn % 2:  # whoever comes second finds everything warm
                    bare.setdefault(query["kind"], []).append(_milliseconds(connection, *request))
                sent.clear()
                begun = time.perf_counter()
                searcher = service.acquire()
                searcher.search(parse_search(pairs, searcher)[0])
                spent = time.perf_counter() - begun
                if request is not None:
                    ours.setdefault(query["kind"], []).append(spent * 1000)
                elif len(sent) == 1:  # where little was found, others follow
                    requests[query["q"]] = sent[0]
                if request is not None and not turn % 2:
                    bare.setdefault(query["kind"], []).append(_milliseconds(connection, *request))
    connection.close()
    pairs_of = {kind: (median(ours[kind]), median(bare[kind])) for kind in ours}
    pairs_of["median of the kinds"] = tuple(map(median, zip(*pairs_of.values(), strict=True)))
    for kind, (own, plain) in pairs_of.items():
        goal = f"{max(plain * 1.2, plain + 2):.1f} ms"
        row(f"search in process; its bare request: {kind}", f"{own:.1f}; {plain:.1f} ms", goal)


@contextmanager
def _overheard(service: SearchService) -> Iterator[list[tuple[str, bytes]]]:
    """What the service sends to the cluster: path and body of each search."""
    cluster = service.acquire().engine.engine._searcher._cluster  # type: ignore[attr-defined]  # to listen
    transport, sent = cluster.client.transport, []
    perform = transport.perform_request

    def listen(method: str, path: str, params: Mapping[str, Any] | None = None, **rest: Any) -> Any:
        if path.endswith("/_search"):
            sent.append((f"{path}?{urlencode(params or {})}", rest["body"]))
        return perform(method, path, params=params, **rest)

    transport.perform_request = listen
    try:
        yield sent
    finally:
        transport.perform_request = perform


def _milliseconds(connection: http.client.HTTPConnection, path: str, body: bytes) -> float:
    begun = time.perf_counter()
    connection.request("POST", path, body, {"Content-Type": "application/json"})
    orjson.loads(connection.getresponse().read())
    return (time.perf_counter() - begun) * 1000


def _bench_engines(work: Path, cluster: Cluster) -> None:
    queries = list(queries_of(unpack("articles.jsonl", work / "corpus")))
    found = {}
    for settings in _settings(work, "articles", cluster):
        with _served(settings) as (port, leader):
            timed(port, queries)
            times: dict[str, list[float]] = {}
            for _ in range(ROUNDS):
                for kind, each in timed(port, queries).items():
                    times.setdefault(kind, []).extend(each)
            rate = _throughput(port, queries)
            memory = sum(map(private_memory, _children(leader)))
        found[settings.engine] = ({kind: median(each) for kind, each in times.items()}, rate, memory)
    (embedded, rate, memory), (there, their_rate, their_memory) = found["tantivy"], found["opensearch"]
    for kind, milliseconds in embedded.items():
        row(f"/api/search, Tantivy; OpenSearch: {kind}", f"{milliseconds:.1f}; {there[kind]:.1f} ms", "")
    row(f"requests a second, {CLIENTS} clients, Tantivy; OpenSearch", f"{rate:.0f}; {their_rate:.0f}", "")
    nodes = sum(private_memory(process) for process in _java(cluster))
    row("private memory of two workers; of two and the nodes", f"{memory:.0f}; {their_memory:.0f} + {nodes:,.0f} MB", "")


@contextmanager
def _served(settings: Settings) -> Iterator[tuple[int, int]]:
    own = {"SEARCHSVC_ENGINE": settings.engine, "SEARCHSVC_OPENSEARCH_URL": ",".join(settings.opensearch_url)}
    own |= {"SEARCHSVC_OPENSEARCH_INDEX": settings.opensearch_index}
    before = dict(os.environ)
    os.environ.update(own)
    try:
        with served_by(settings.corpus, settings.index, workers=2) as service:
            yield service
    finally:
        os.environ.clear()
        os.environ.update(before)


def _throughput(port: int, queries: list[dict[str, str]]) -> float:
    counts: list[int] = []
    over = time.monotonic() + SECONDS

    def ask(number: int) -> None:
        answered = 0
        while time.monotonic() < over:
            timed(port, [queries[(number + answered) % len(queries)]])
            answered += 1
        counts.append(answered)

    clients = [threading.Thread(target=ask, args=(number * 5,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return sum(counts) / SECONDS


def _children(leader: int) -> list[int]:
    return list(map(int, Path(f"/proc/{leader}/task/{leader}/children").read_text().split()))


def _java(cluster: Cluster) -> list[int]:
    """The processes of the nodes, which a shell has started or become."""
    return [child for process in cluster.processes.values() for child in ([process.pid, *_children(process.pid)])]


PARTS: Mapping[str, Callable[[Path, Cluster], None]] = {
    "agreement": _bench_agreement,
    "feeding": _bench_feeding,
    "layer": _bench_layer,
    "engines": _bench_engines,
}

if __name__ == "__main__":
    main()
