"""The versions of an article: their list, and the page that compares two articles word by word, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, render_template
from flask_babel import gettext
from markupsafe import Markup, escape

from searchsvc.api.addresses import article_path, versions_path
from searchsvc.api.links import Links
from searchsvc.api.parameters import parse_compared, parse_version_page
from searchsvc.model.article import Article, is_earlier
from searchsvc.model.results import Hit
from searchsvc.search.answer import Answer
from searchsvc.search.earliest import earliest_versions
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from searchsvc.search.service import SearchService
from searchsvc.web.bodies import address_pairs
from searchsvc.web.caching import request_searcher
from searchsvc.web.page_numbers import nearby_pages
from searchsvc.web.target import request_addresses

if TYPE_CHECKING:
    from searchsvc.analysis.differences import RunKind
    from searchsvc.analysis.side_by_side import Piece
    from searchsvc.search.versions import Versions

LISTED = 10
"""Versions on the page of an article. Others are on further pages."""
PER_PAGE = 50
"""Versions on each of those, and those that can be chosen to be compared."""
_PATH = "/compare"


class VersionRow(NamedTuple):
    """A version as it is listed: what it shares in percent, its address, and that of the comparison, "" for itself."""

    article: Article
    percent: int
    link: str
    comparison: str


class VersionList(NamedTuple):
    """Some of the versions of an article, the number of all of them, and the address where they are."""

    rows: list[VersionRow]
    total: int
    all: str


def blueprint(service: SearchService) -> Blueprint:
    """Return the routes of the pages about versions."""
    routes = Blueprint("versions", __name__)

    @routes.get("/versions/<anything:article_id>")
    def versions(article_id: str) -> str:
        page, notes = parse_version_page(address_pairs())
        searcher, addresses = request_searcher(service), request_addresses()
        found = searcher.story_reader.versions(searcher.article(article_id), page, PER_PAGE)
        path = versions_path(found.article.id)
        links = Links(addresses, path, Question())
        return render_template(
            "versions.html",
            versions=_listed(found, links),
            found=found,
            notes=notes,
            link=addresses.to(article_path(found.article.id)),
            links=links,
            pages=nearby_pages(page, found.pages),
            canonical=None,
        )

    @routes.get(_PATH)
    def compare() -> str:
        one, other, notes = parse_compared(address_pairs(), strict=False)
        return render_template("compare.html", notes=notes, **_comparison(request_searcher(service), one, other))

    return routes


@dataclass(frozen=True, slots=True)
class HitVersions:
    """The versions of a hit: how many there are, how many more match, and the first of those with their addresses.

    `earliest` is the earliest of all, unless it is the hit itself or has no date. `all` is the address of all of them.
    """

    total: int
    matching: int
    earliest: Article | None
    is_earliest: bool
    first: list[tuple[Article, str]]
    all: str


def versions_of_hits(searcher: Searcher, answer: Answer, links: Links) -> dict[str, HitVersions]:
    """Return the versions of those hits that have others, by the ids of the hits."""
    hits = [hit for hit in (*answer.results.hits, *answer.partial) if hit.versions > 1]
    earliest = earliest_versions(searcher.engine, hits)
    return {hit.article.id: _of_hit(hit, earliest.get(hit.story), links) for hit in hits}


def _of_hit(hit: Hit, earliest: Article | None, links: Links) -> HitVersions:
    return HitVersions(
        total=hit.versions,
        matching=hit.others.number,
        earliest=earliest if earliest is not None and is_earlier(earliest, hit.article) else None,
        is_earliest=hit.story == hit.article.id and hit.article.date is not None,
        first=[(article, links.first_at(article_path(article.id))) for article in hit.others.first],
        all=request_addresses().to(versions_path(hit.article.id)),
    )


class ExampleStory(NamedTuple):
    """The earliest article of a story, the number of its versions, and the address of their list."""

    article: Article
    versions: int
    link: str


def example_story(searcher: Searcher) -> ExampleStory | None:
    """Return a story of the archive. Return None if no article has other versions."""
    for versions in islice(searcher.stories, 1):
        for article in searcher.engine.get_all([versions[0].id]):
            return ExampleStory(article, len(versions), request_addresses().to(versions_path(article.id)))
    return None


def listed_versions(searcher: Searcher, article: Article, links: Links) -> VersionList | None:
    """Return the first versions of an article. Return None if it is the only one."""
    if searcher.stories.story_of(article.id)[1] == 1:
        return None
    return _listed(searcher.story_reader.versions(article, 1, LISTED), links)


def _listed(found: "Versions", links: Links) -> VersionList:
    rows = [
        VersionRow(
            each.article,
            in_percent(each.shared),
            links.first_at(article_path(each.article.id)),
            _address(found.article, each.article) if each.article.id != found.article.id else "",
        )
        for each in found.versions
    ]
    return VersionList(rows, found.total, request_addresses().to(versions_path(found.article.id)))


def in_percent(shared: float) -> int:
    """Return a part in percent, rounded. Only what is equal is 100."""
    return 100 if shared == 1 else min(round(shared * 100), 99)


def _address(one: Article, other: Article) -> str:
    """Return the address of the comparison of two articles."""
    return f"{request_addresses().to(_PATH)}?{urlencode({'a': one.id, 'b': other.id})}"


def _comparison(searcher: Searcher, one: str, other: str) -> dict[str, object]:
    from searchsvc.analysis.differences import find_differences  # noqa: PLC0415  few processes need it
    from searchsvc.analysis.side_by_side import rows  # noqa: PLC0415

    found, to_html = searcher.story_reader.compare(searcher.article(one), searcher.article(other)), _Words()
    both = found.one, found.other
    titles = (found.one.title, found.other.title)
    heads = next(rows(*titles, find_differences(*titles)))
    are_like = any(piece.kind == "equal" for piece in heads.first)  # if not, marks would hide them
    texts = rows(found.one.body, found.other.body, found.differences)
    story = searcher.story_reader.story(found.one, PER_PAGE)
    addresses = request_addresses()
    return {
        "sides": [
            (article, addresses.to(article_path(article.id)), to_html(head) if are_like else article.title)
            for article, head in zip(both, (heads.first, heads.second), strict=True)
        ],
        "rows": [_Row((to_html(row.first), to_html(row.second)), row.is_equal) for row in texts],
        "percent": in_percent(found.shared),
        "complete": found.differences.complete,
        "choices": list({each.id: each for each in (*story, *both)}.values()),
        "chosen": {"a": found.one.id, "b": found.other.id},
        "here": addresses.to(_PATH),
        "canonical": None,
    }


class _Row(NamedTuple):
    """Paragraphs of both articles as HTML, and whether they are equal."""

    sides: tuple[Markup, Markup]
    equal: bool


class _Words:
    """Makes HTML of the words of one side. Screen readers pass over marks: words tell them what differs."""

    def __init__(self) -> None:
        deleted, inserted, end = gettext("only in A:"), gettext("only in B:"), gettext("(end)")
        self._starts: dict[RunKind, str] = {"delete": _unseen(f"{deleted} "), "insert": _unseen(f"{inserted} ")}
        self._end = _unseen(f" {end}")

    def __call__(self, pieces: Sequence["Piece"]) -> Markup:
        """Return the words as escaped HTML."""
        return Markup("".join(map(self._piece, pieces)).strip())  # noqa: S704  `_piece` escapes the text

    def _piece(self, piece: "Piece") -> str:
        if piece.kind == "equal":
            return str(escape(piece.text))
        text = piece.text.lstrip()
        tag = "del" if piece.kind == "delete" else "ins"
        space = piece.text[: len(piece.text) - len(text)]
        return f"{space}<{tag}>{self._starts[piece.kind]}{escape(text)}{self._end}</{tag}>"


def _unseen(text: str) -> str:
    return f'<span class="hidden">{escape(text)}</span>'
