"""A search as a feed and as files, and the description by which browsers search the archive."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

import orjson
from flask import Blueprint, Response, render_template, request

from searchsvc.api.links import Links
from searchsvc.api.parameters import LIST_LENGTH
from searchsvc.search.service import SearchService
from searchsvc.web.exports import atom_feed, csv_lines, json_lines

FEED_LENGTH = 50
"""Hits of a feed, the newest."""
_AT_ONCE = 65_536


def blueprint(service: SearchService) -> Blueprint:
    """The feeds' and files' addresses, answered by this service."""
    routes = Blueprint("feeds", __name__)

    @routes.get("/search.atom")
    def atom() -> Response:
        question = service.ask(request.args.items(multi=True))
        own = replace(question.request, sort="newest", page=1, after=None, per_page=FEED_LENGTH, facets=())
        answer = service.search(replace(question, request=own))
        title = f"{question.text} – {service.settings.title}" if question.text else service.settings.title
        root = request.url_root
        here = root.rstrip("/") + Links("/search.atom", question.on_page(1)).here()
        feed = atom_feed(title, answer.results.hits, root, here, answer.live.info.created)
        return Response(feed, content_type="application/atom+xml; charset=utf-8")

    @routes.get("/search.csv")
    def csv() -> Response:
        question = service.ask(request.args.items(multi=True))
        lines = csv_lines(service.every_hit(question), service.own_fields())
        return _file((line.encode() for line in lines), "text/csv; charset=utf-8", "search.csv")

    @routes.get("/search.jsonl")
    def jsonl() -> Response:
        question = service.ask(request.args.items(multi=True))
        return _file(json_lines(service.every_hit(question)), "application/x-ndjson", "search.jsonl")

    @routes.get("/opensearch.xml")
    def description() -> Response:
        page = render_template("opensearch.xml", root=request.url_root.rstrip("/"))
        return Response(page, content_type="application/opensearchdescription+xml; charset=utf-8")

    @routes.get("/opensearch/suggest")
    def suggest() -> Response:
        text = request.args.get("q", "")
        words = [each.text for each in service.suggest(text, LIST_LENGTH) if each.id is None]
        return Response(orjson.dumps([text, words]), content_type="application/x-suggestions+json")

    return routes


def _file(lines: Iterable[bytes], content_type: str, name: str) -> Response:
    pieces = merge_spans(lines)
    first = next(pieces)  # so that what fails at once is answered as an error
    answer = Response(chain([first], pieces), content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def merge_spans(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines in pieces of a size that is worth sending."""
    piece = bytearray()
    for line in lines:
        piece += line
        if len(piece) >= _AT_ONCE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)
