"""What crawlers ask of a whole site: robots.txt (RFC 9309), and a sitemap of all articles (sitemaps.org)."""

import datetime as dt
from collections.abc import Iterator
from xml.sax.saxutils import escape

from flask import Blueprint, Response, url_for

from searchsvc.api.addresses import Addresses, article_path
from searchsvc.api.parameters import parse_nothing
from searchsvc.errors import NotFoundError
from searchsvc.search.catalogue import Catalogue, Entry
from searchsvc.search.service import SearchService
from searchsvc.web.bodies import address_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.feeds import Exports
from searchsvc.web.target import request_addresses

MAX_ADDRESS = 2_048  # characters, from which on crawlers refuse an address
_XML = "application/xml; charset=utf-8"
_HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_ALLOWED = ("/article/", "/api/docs", "/api/v1/docs")
_FORBIDDEN = (
    "/?",
    "/search",
    "/facets/",
    "/trends?",
    "/trends.csv",
    "/concordance?",
    "/concordance.csv",
    "/article/*?",
    "/quote?",
    "/versions/",
    "/compare",
    "/api/",
    "/opensearch/",
)
"""Searches are endless. Of the rules that fit an address, the longest counts."""


def blueprint(service: SearchService, exports: Exports) -> Blueprint:
    """Return the routes for crawlers. A private archive forbids everything, and has no sitemap."""
    routes = Blueprint("site", __name__)
    is_private = bool(service.settings.read_token)

    @routes.get("/robots.txt")
    def robots() -> Response:
        addresses = request_addresses()
        lines = ["User-agent: *", f"Disallow: {addresses.to('/')}"] if is_private else _rules(addresses)
        return Response("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")

    if not is_private:
        _add_sitemap(routes, service, exports)
    return routes


def _rules(addresses: Addresses) -> Iterator[str]:
    yield "User-agent: *"
    yield from (f"Allow: {addresses.to(path)}" for path in _ALLOWED)
    yield from (f"Disallow: {addresses.to(path)}" for path in _FORBIDDEN)
    yield ""
    yield f"Sitemap: {addresses.absolute(url_for('site.sitemap'))}"


def _add_sitemap(routes: Blueprint, service: SearchService, exports: Exports) -> None:
    @routes.get("/sitemap.xml")
    def sitemap() -> Response:
        parse_nothing(address_pairs())
        parts = request_searcher(service).catalogue.parts
        return Response("".join(_index(request_addresses(), len(parts))), content_type=_XML)

    @routes.get("/sitemap/<int:number>.xml")
    def sitemap_part(number: int) -> Response:
        parse_nothing(address_pairs())
        catalogue = request_searcher(service).catalogue
        if not 1 <= number <= len(catalogue.parts):
            raise NotFoundError(f"the sitemap has {len(catalogue.parts)} parts")
        lines = _part(request_addresses(), catalogue, number)
        return exports.answer((line.encode() for line in lines), _XML)


def _index(addresses: Addresses, parts: int) -> Iterator[str]:
    """Yield the lines of the index, which names the address of each part."""
    yield f"{_HEAD}<sitemapindex {_NAMESPACE}>\n"
    for number in range(1, parts + 1):
        address = addresses.absolute(url_for("site.sitemap_part", number=number))
        yield f"<sitemap><loc>{escape(address)}</loc></sitemap>\n"
    yield "</sitemapindex>\n"


def _part(addresses: Addresses, catalogue: Catalogue, number: int) -> Iterator[str]:
    """Yield the lines of a part. The first has the home page too."""
    yield f"{_HEAD}<urlset {_NAMESPACE}>\n"
    if number == 1:
        yield f"<url><loc>{escape(addresses.absolute(addresses.to('/')))}</loc></url>\n"
    today = dt.date.today()
    for entry in catalogue.entries(number - 1):
        address = escape(addresses.absolute(addresses.to(article_path(entry.id))))
        if len(address) < MAX_ADDRESS:
            yield f"<url><loc>{address}</loc>{_change(entry, today)}</url>\n"
    yield "</urlset>\n"


def _change(entry: Entry, today: dt.date) -> str:
    """Return the element for the last change of an article. Return "" if it is unknown, or in the future."""
    changed = entry.changed
    if changed is None or (changed.date() if isinstance(changed, dt.datetime) else changed) > today:
        return ""
    return f"<lastmod>{changed.isoformat()}</lastmod>"
