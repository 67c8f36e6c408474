"""OpenSearch over HTTP, as its documentation has it: the English analyzer, multi_match, highlight, terms, date histogram.

Its smallest distribution, which our tests run on, has no stemmers: here it gets the module that has them in all others.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

import orjson
from opensearchpy import OpenSearch as Client
from opensearchpy.helpers import parallel_bulk

from bench.peers import FACETS, HITS, Answer, Ask, read
from bench.peers.over_http import HttpPeer, Request
from dev.cluster import VERSION, Cluster, distribution, fetch

_PORT = 19_800
_BULK = 500
_MODULE = "analysis-common"
_DESCRIPTION = {
    "description": "Adds the analyzers of languages",
    "version": VERSION,
    "name": _MODULE,
    "classname": "org.opensearch.analysis.common.CommonAnalysisPlugin",
    "java.version": "11",
    "opensearch.version": VERSION,
    "extended.plugins": "lang-painless;optional=true",
}
"""What OpenSearch wants to know of a module; the jar alone is published."""


class OpenSearch(HttpPeer):
    """One node, whose memory counts; it forgets its index when it ends, so that it is built and asked in one go."""

    label = "OpenSearch over HTTP"
    port = _PORT

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        where = Path(tempfile.gettempdir()) / "searchsvc-opensearch-with-stemmers"
        _add_stemmers(distribution(where))
        self._node = Cluster(where, 1, _PORT, heap="2g", work=folder)
        self._node.__enter__()
        self._connection = self.connect()

    def build(self, articles: Path) -> None:
        text = {"type": "text", "analyzer": "english"}
        properties: dict[str, Any] = {"id": {"type": "keyword"}, "title": text, "text": text, "date": {"type": "date"}}
        properties |= {name: {"type": "keyword"} for name in FACETS}
        shape = {"number_of_shards": 1, "number_of_replicas": 0, "refresh_interval": -1}
        self._told("DELETE", "/articles?ignore_unavailable=true", {})
        self._told("PUT", "/articles", {"settings": {"index": shape}, "mappings": {"properties": properties}})
        client = Client(f"http://127.0.0.1:{self.port}", timeout=120)
        actions = ({"_index": "articles", "_source": each} for each in read(articles))
        for fine, answer in parallel_bulk(client, actions, thread_count=3, chunk_size=_BULK):
            assert fine, answer
        client.close()
        self._told("POST", "/articles/_refresh", {})
        self._told("POST", "/articles/_flush", {})

    def open(self) -> None:
        """Nothing: the node runs since it was fed."""

    def requests(self, ask: Ask) -> list[Request]:
        filters: list[Any] = [{"term": {name: value}} for name, value in (ask.filters or {}).items()]
        filters += [{"range": {"date": dict(zip(("gte", "lte"), ask.days, strict=True))}}] if ask.days else []
        body = {
            "query": {"bool": {"must": [_query(ask)], "filter": filters}},
            "from": (ask.page - 1) * HITS,
            "size": HITS,
            "track_total_hits": True,
            "_source": ["id", "title"],
            "highlight": {"fields": {"text": {"number_of_fragments": 1, "fragment_size": 200}}},
            "aggs": {
                **{name: {"terms": {"field": name, "size": 50}} for name in FACETS},
                "month": {"date_histogram": {"field": "date", "calendar_interval": "month", "min_doc_count": 1}},
            },
            **({"sort": [{"date": {"order": "desc", "missing": "_last"}}]} if ask.newest else {}),
        }
        return [Request("/articles/_search?request_cache=false", orjson.dumps(body))]

    def answer(self, bodies: list[Any]) -> Answer:
        (found,) = bodies
        hits = [(hit["_source"]["id"], hit.get("highlight", {}).get("text", [""])[0]) for hit in found["hits"]["hits"]]
        return Answer(found["hits"]["total"]["value"], hits, found["aggregations"])

    def processes(self) -> list[int]:
        return [process.pid for process in self._node.processes.values()]

    def indexing_servers(self) -> list[int]:
        return self.processes()

    def close(self) -> None:
        self._connection.close()
        self._node.__exit__(*sys.exc_info())

    def _told(self, method: str, path: str, body: Any) -> None:
        content = orjson.dumps(body) if body else None
        self._connection.request(method, path, content, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        found = answer.read()
        assert answer.status == 200, found


def _add_stemmers(home: Path) -> None:
    target = home / "modules" / _MODULE
    described = target / "plugin-descriptor.properties"
    if not described.exists():
        fetch(f"org.opensearch.plugin:{_MODULE}:{VERSION}:jar", target)
        described.write_text("".join(f"{name}={value}\n" for name, value in _DESCRIPTION.items()))


def _query(ask: Ask) -> dict[str, Any]:
    text = " ".join(ask.words)
    if ask.how == "prefix":
        return {"multi_match": {"query": text, "fields": ["title", "text"], "type": "bool_prefix"}}
    fields = [ask.field] if ask.field else ["title", "text"]
    if ask.how == "phrase":
        return {"multi_match": {"query": text, "fields": fields, "type": "phrase"}}
    options = {"fuzziness": 1} if ask.how == "fuzzy" else {"type": "cross_fields"}
    operator = "or" if ask.how == "any" else "and"
    return {"multi_match": {"query": text, "fields": fields, "operator": operator, **options}}


PEER = OpenSearch
