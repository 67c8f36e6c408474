"""Routes for a search as a feed or a file, and the OpenSearch description with which browsers search the archive."""

import datetime as dt
import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from threading import BoundedSemaphore
from time import monotonic

import orjson
from flask import Blueprint, Response, request, url_for

from searchsvc.api.addresses import article_path
from searchsvc.api.exports import MEDIA_TYPES, export, file_name
from searchsvc.api.links import Links
from searchsvc.api.parameters import LIST_LENGTH, parse_csv, parse_question
from searchsvc.errors import OverloadError
from searchsvc.model.article import Article, ExportFormat
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.attachments import attach
from searchsvc.web.bodies import address_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.refusals import BoundedLog
from searchsvc.web.syndication import Feed, opensearch_description, search_path, tags_of
from searchsvc.web.target import request_addresses

_log = logging.getLogger(__name__)

_WITH_CHARSET = ("csv", "ris")
"""Forms whose media types have a charset. JSON is always UTF-8."""


def blueprint(service: SearchService, exports: "Exports") -> Blueprint:
    """Return the routes of feeds and files."""
    routes = Blueprint("feeds", __name__)

    def parse() -> tuple[Searcher, Question]:
        searcher = request_searcher(service)
        return searcher, parse_question(address_pairs(), searcher)

    @routes.get("/search.atom")
    def atom() -> Response:
        searcher, question = parse()
        newest = replace(question.request, sort="newest", versions="all", page=1, after=None, per_page=50)
        without_facets = replace(newest, facets=(), date_facet=False)
        answer = searcher.search(replace(question, request=without_facets), with_help=False)
        addresses, first = request_addresses(), question.on_page(1)
        here, page = (addresses.absolute(Links(addresses, path, first).here()) for path in ("/search.atom", "/search"))
        title = f"{question.text} – {service.settings.title}" if question.text else service.settings.title
        hits, indexed = answer.results.hits, dt.datetime.fromisoformat(answer.info.created)
        updates = searcher.updates(hit.article for hit in hits)
        ids = tags_of(service.settings), search_path(question)
        feed = Feed(title, *ids, addresses, here, page, hits, updates, indexed)
        return Response(feed.xml(), content_type="application/atom+xml; charset=utf-8")

    def file(form: ExportFormat) -> Response:
        searcher, bom = request_searcher(service), False
        if form == "csv":
            question, bom = parse_csv(address_pairs(), searcher)
        else:
            question = parse_question(address_pairs(), searcher)
        lines = export(searcher.scan(question), form, searcher.own_fields(), _page_addresses(), bom=bom)
        return exports.answer(lines, _content_type(form), file_name(question, service.settings.title, form))

    for form in MEDIA_TYPES:
        routes.add_url_rule(f"/search.{form}", form, file, defaults={"form": form})

    _add_opensearch(routes, service)
    return routes


def _page_addresses() -> Callable[[Article], str]:
    """Return a function that gives the address of an article's page, also when the request has been answered."""
    addresses = request_addresses()
    return lambda article: addresses.absolute(addresses.to(article_path(article.id)))


def _content_type(form: ExportFormat) -> str:
    return f"{MEDIA_TYPES[form]}; charset=utf-8" if form in _WITH_CHARSET else MEDIA_TYPES[form]


def _add_opensearch(routes: Blueprint, service: SearchService) -> None:
    @routes.get("/opensearch.xml")
    def description() -> Response:
        page = opensearch_description(service.settings.title, request_addresses(), url_for("static", filename="icon.svg"))
        return Response(page, content_type="application/opensearchdescription+xml; charset=utf-8")

    @routes.get("/opensearch/suggest")
    def suggest() -> Response:
        text = request.args.get("q", "")
        words = [word for word, _ in request_searcher(service).suggest(text, LIST_LENGTH).words]
        return Response(orjson.dumps([text, words]), content_type="application/x-suggestions+json")


class Exports:
    """The exports of a process. They hold at most half of its threads, because each lasts as long as its client reads."""

    def __init__(self, threads: int) -> None:
        self._limit = max(1, threads // 2)
        self._free = BoundedSemaphore(self._limit)
        self._refusals = BoundedLog(_log)

    def answer(self, lines: Iterable[bytes], content_type: str, name: str = "") -> Response:
        """Return lines that are sent while they are made, as a file if it has a name.

        Raise OverloadError if there are too many exports.
        """
        if not self._free.acquire(blocking=False):
            self._refusals.add("refused an export", f"{self._limit} are running", monotonic())
            raise OverloadError(f"no more than {self._limit} exports can run at the same time: try again later")
        chunks = self._release_after(_chunks(lines))
        first = next(chunks)  # an error here is still answered as an error
        answer = Response(chain([first], chunks), content_type=content_type)
        answer.call_on_close(chunks.close)
        return attach(answer, name) if name else answer

    def _release_after(self, chunks: Iterator[bytes]) -> Generator[bytes]:
        try:
            yield from chunks
        finally:
            self._free.release()


def _chunks(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Join lines to chunks of a size worth sending."""
    chunk = bytearray()
    for line in lines:
        chunk += line
        if len(chunk) >= 65_536:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)
