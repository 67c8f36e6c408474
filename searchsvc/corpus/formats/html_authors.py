"""Authors of pages: persons in JSON-LD, then the byline that readers see, then <meta> elements, and organisations last."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from searchsvc.corpus.formats.json_ld import LinkedData
from searchsvc.corpus.formats.site_names import SiteNames
from searchsvc.corpus.metadata.authors import MAX_BYLINE, clean_byline

MAX_ELEMENTS = 20_000  # of a page, among which its byline is looked for
MAX_CANDIDATES = 200  # elements that may hold it
MAX_ANCESTORS = 30
MAX_AUTHORS = 20  # of one byline
MAX_PARTS = 300  # elements within an element that may hold it
MAX_TEXT = 5 * MAX_BYLINE  # characters of such an element
MAX_PIECE = 100 * MAX_TEXT  # characters of a text without elements, with its spaces

_META_NAMES = ("author", "article:author", "dc.creator", "parsely-author", "byl")  # are preferred to other such names
_META_AUTHOR = re.compile(r"(?:^|[:._-])(?:authors?|creator|byl)(?:[:._-]?name)?$")
_META_LABEL = re.compile(
    r"author|autor|auteur|\b(?:written|by|verfasst|geschrieben|écrit|escrito|scritto)\b", re.IGNORECASE
)
_COMPANY = re.compile(r"\b(?:GmbH|AG|e\. ?V\.|Inc|Ltd|LLC|Verlag)\b")
_NO_AUTHORS = ("twitter:creator", "dcterms.publisher")

_IN_ASIDE = 10  # added to the rank of an element beside the article

_HINT = re.compile("uthor|UTHOR|utor|uteur|yline|ontributor|sername|ournalist|eporter|vcard")
"""What an attribute of each element that may hold the byline contains. It rules out most elements, and is fast."""
_OTHER_TAGS = frozenset(("script", "style", "img", "svg", "input", "form", "link", "body", "html", "iframe"))
_MARK = re.compile(
    r"(?:^|[\s_-]|[a-z](?=[A-Z]))"
    r"(?:authors?|autor(?:en|in|es|e|i)?|auteurs?|byline|byl|contributors?|username|journalist|reporter|vcard)"
    r"(?:[\s_-]|$|(?=[A-Z])|names?\b|\d)",
    re.IGNORECASE,
)
_PROFILE = re.compile(r"/(?:authors?|autor(?:en|in|es|e|i)?|auteurs?)/[^/?#]", re.IGNORECASE)
_NAME_INSIDE = re.compile(r"(?:^|[\s_-])(?:fn|name|author-?name)(?:\s|$)", re.IGNORECASE)
_OF_OTHERS = re.compile(r"comment|respond|reply|pingback|citation|reference", re.IGNORECASE)
_ASIDE = re.compile(
    r"related|recommend|sidebar|footer|popular|latest|recent|teaser|more-|next|prev|promo|about|bio|desc|profil|social|follow"
    r"|share|newsletter|menu|nav\b|copyright|caption|avatar|image|photo|zitat|quote|media-box",
    re.IGNORECASE,
)
_TEXT_TAGS = ("p", "span", "div", "em", "i", "strong", "b", "small", "h2", "h3", "h4", "li", "td", "address")
_NAME = r"[^\W\d_a-zß-öø-ÿ][\w.'’-]{0,30}"
_FULL_NAME = rf"{_NAME}(?:\s(?:(?:von|van|de|der|la|del|di|da|bin|al)\s)*{_NAME}){{1,3}}?"
_BY_NAME = re.compile(
    rf"""[-–— ]*+
    (?: (?i:by|par|por|von
          |(?:text|words|story|\w{{1,20}}\sby|(?:eine?\s)?[\w-]{{0,30}}(?:kolumne|beitrag|kommentar|essay))\s(?:von|by)
          |(?:text|words|story|autor(?:in|en)?|authors?|auteure?s?|redaktion)\s?:)
      | .{{0,30}}\d(?:\s(?i:uhr))?\s?[-–|,]?\s(?:by|par|por|von) )
    \s(?P<names>{_FULL_NAME}(?:(?:,|\s(?:and|und|et|y|&))\s{_FULL_NAME}){{0,5}})
    \s*(?:$|[,(|/•·–-]|(?i:fotos?|photos?|bilder|illustration)\b)""",
    re.VERBOSE,
)


class Authors(NamedTuple):
    """The authors of a page, and where they were found."""

    names: tuple[str, ...]
    provenance: str


class _Candidate(NamedTuple):
    """An element that may hold the byline. The lowest rank is preferred."""

    rank: int
    element: HtmlElement
    names: list[str]


def find_authors(root: HtmlElement, meta: Mapping[str, list[str]], linked: LinkedData, sites: SiteNames) -> Authors | None:
    """Return the authors of a page. Return None if none are found."""
    organisations: Authors | None = None
    for found in _iter_found(root, meta, linked):
        persons = tuple(name for name in found.names if not _is_organisation(name, sites))
        if persons:
            return found._replace(names=persons[:MAX_AUTHORS])
        organisations = organisations or found
    return organisations


def _is_organisation(name: str, sites: SiteNames) -> bool:
    return sites.include(name) or _COMPANY.search(name) is not None


def _iter_found(root: HtmlElement, meta: Mapping[str, list[str]], linked: LinkedData) -> Iterator[Authors]:
    """Yield the authors by each of the ways to find them that finds any."""
    if persons := _clean(linked.persons):
        yield Authors(persons, "JSON-LD author")
    if byline := _find_byline(root):
        yield byline
    if by_text := _find_by_text(root):
        yield by_text
    for name, values in _author_elements(meta):
        if names := _clean(values):
            yield Authors(names, f"<meta {name}>")
    if linked.organisations:
        yield Authors(linked.organisations, "JSON-LD author, an organisation")


def _clean(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for text in texts for name in clean_byline(text)))


def _author_elements(meta: Mapping[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    others = [name for name in meta if _META_AUTHOR.search(name) and name not in (*_META_NAMES, *_NO_AUTHORS)]
    for name in (*_META_NAMES, *others):
        values = [value for value in meta.get(name, []) if not value.startswith("http")]  # that is the URL of a profile
        if values:
            yield name, values
    for number in "12":
        label = meta.get(f"twitter:label{number}", [""])[0]
        if _META_LABEL.search(label):
            yield f"twitter:data{number}", meta.get(f"twitter:data{number}", [])


def _find_byline(root: HtmlElement) -> Authors | None:
    """Return the names in the element that is best marked as the byline, and beside it. Return None if there is none."""
    candidates = [*_iter_candidates(root)]
    if not candidates:
        return None
    best = min(candidates, key=lambda candidate: candidate.rank)
    beside = [each for each in candidates if each.rank == best.rank and _are_beside(each.element, best.element)]
    alike = {name for each in candidates if each.rank == best.rank for name in each.names}
    if best.rank >= _IN_ASIDE and len(alike) > 2:
        return None  # a list of other articles
    return Authors(tuple(dict.fromkeys(name for each in beside for name in each.names)), _describe(best.element))


def _iter_candidates(root: HtmlElement) -> Iterator[_Candidate]:
    marked = (
        element
        for element in islice(root.iter(), MAX_ELEMENTS)
        if element.attrib and element.tag not in _OTHER_TAGS and _HINT.search(" ".join(element.attrib.values()))
    )
    for element in islice(marked, MAX_CANDIDATES):
        rank = _rank(element)
        if rank is not None and (names := _names_in(element)):
            yield _Candidate(rank, element, names)


def _rank(element: HtmlElement) -> int | None:
    """Return how well an element is marked as the byline: 0 by a relation, 1 by a name, 2 by a link, more in an aside."""
    if "author" in (element.get("rel") or "").split() or "author" in (element.get("itemprop") or ""):
        rank = 0
    elif _MARK.search(_marks(element)):
        rank = 1
    elif element.tag == "a" and _PROFILE.search(element.get("href") or ""):
        rank = 2
    else:
        return None
    around = [element, *_ancestors_in_article(element)]
    if any(_OF_OTHERS.search(_marks(each)) for each in around):
        return None
    is_aside = any(each.tag in ("aside", "footer", "nav") or _ASIDE.search(_marks(each)) for each in around)
    return rank + _IN_ASIDE * is_aside


def _marks(element: HtmlElement) -> str:
    return " ".join(filter(None, map(element.get, ("class", "id", "data-testid", "itemprop"))))


def _ancestors_in_article(element: HtmlElement) -> Iterator[HtmlElement]:
    for ancestor in islice(element.iterancestors(), MAX_ANCESTORS):
        if ancestor.tag in ("body", "html", "article", "main"):
            return
        yield ancestor


def _names_in(element: HtmlElement) -> list[str]:
    """Return the names in an element: those of its parts that are marked as names, else those of its text."""
    text = _short_text(element)
    if text is None:
        return []
    named = (part for part in element.iterdescendants("*") if _is_name(part))
    texts = [*filter(None, map(_short_text, islice(named, MAX_AUTHORS)))] or [text or element.get("content") or ""]
    return [name for each in texts for name in clean_byline(each)]


def _is_name(element: HtmlElement) -> bool:
    """Return whether an element is marked as a name."""
    is_marked = element.get("itemprop") == "name" or "author" in (element.get("rel") or "").split()
    named = is_marked or _NAME_INSIDE.search(element.get("class") or "") or _PROFILE.search(element.get("href") or "")
    return bool(named)


def _short_text(element: HtmlElement) -> str | None:
    """Return the text of an element. Return None if it has more of it, or more elements, than a byline can have.

    Elements that may hold the byline may be within each other, so that reading all their text would take minutes.
    """
    text = ""
    for number, (event, each) in enumerate(iterwalk(element, events=("start", "end"))):
        piece = (each.text if event == "start" else "" if each is element else each.tail) or ""
        if number > 2 * MAX_PARTS or len(piece) > MAX_PIECE:
            return None
        text = f"{text} {' '.join(piece.split())}".strip()
        if len(text) > MAX_TEXT:
            return None
    return text


def _are_beside(one: HtmlElement, other: HtmlElement) -> bool:
    """Return whether two elements have a parent or a grandparent in common."""
    return not {*islice(one.iterancestors(), 2)}.isdisjoint(islice(other.iterancestors(), 2))


def _describe(element: HtmlElement) -> str:
    name = next((name for name in ("rel", "itemprop", "class", "id") if element.get(name)), None)
    return f"<{element.tag} {name}={' '.join(element.get(name).split())[:60]}>" if name else f"<{element.tag}>"


def _find_by_text(root: HtmlElement) -> Authors | None:
    """Return the names in the first short text that begins with “by”. Return None if there is none."""
    for element in islice(root.iter(*_TEXT_TAGS), MAX_ELEMENTS):
        if element.text is None or not 4 < len(element.text.strip()) <= MAX_BYLINE:
            continue
        match = _BY_NAME.match(" ".join(element.text.split()))
        if match is not None and (names := [name for name in clean_byline(match["names"]) if " " in name]):
            return Authors(tuple(names), f"“{match[0].strip()}” in the text")
    return None
