"""A search service as Whoosh's documentation shows the parts of one, in Flask."""

import datetime as dt
import os
import threading
from typing import Any

from flask import Flask, jsonify, request
from whoosh.highlight import ContextFragmenter
from whoosh.index import open_dir
from whoosh.qparser import FuzzyTermPlugin, MultifieldParser, OrGroup, QueryParser
from whoosh.query import And, DateRange, Term
from whoosh.sorting import FieldFacet

from bench.peers import FACETS, HITS

app = Flask(__name__)
_index = open_dir(os.environ["PEER_FOLDER"])
_of_thread = threading.local()
"""The searcher of each thread: they must not share one, and one that is kept knows the fields that it has sorted by."""


@app.get("/search")
def search() -> Any:
    """Hits with highlights, the total, and the counts of the facets."""
    given = request.args
    group = OrGroup if given.get("match") == "any" else None
    options = {"group": group} if group else {}
    parser = (
        QueryParser("title", _index.schema, **options)
        if given.get("field")
        else MultifieldParser(["title", "text"], _index.schema, **options)
    )
    parser.add_plugin(FuzzyTermPlugin())
    query = parser.parse(given["q"])
    filters: list[Any] = [Term(name, given[name]) for name in FACETS if name in given]
    if "from" in given:
        filters.append(DateRange("date", dt.datetime.fromisoformat(given["from"]), dt.datetime.fromisoformat(given["to"])))
    if not hasattr(_of_thread, "searcher"):
        _of_thread.searcher = _index.searcher()
    found = _of_thread.searcher.search_page(
        query,
        int(given.get("page", 1)),
        pagelen=HITS,
        filter=And(filters) if filters else None,
        groupedby={name: FieldFacet(name) for name in (*FACETS, "month")},
        sortedby=FieldFacet("date", reverse=True) if given.get("sort") else None,
    )
    results = found.results
    results.fragmenter = ContextFragmenter(maxchars=200, surround=40)
    hits = [{"id": hit["id"], "snippet": hit.highlights("text", top=1)} for hit in found]
    counts = {name: {value: len(of) for value, of in results.groups(name).items()} for name in (*FACETS, "month")}
    return jsonify(total=len(results), hits=hits, counts=counts)
