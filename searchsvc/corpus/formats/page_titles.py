"""The title of a page: the heading that the declared titles confirm, else a declared title, without the site's name."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from lxml.html import HtmlElement

from searchsvc.corpus.formats.html_text import html_text
from searchsvc.corpus.formats.site_names import SiteNames, comparable, title_runs, words_of

MAX_HEADINGS = 50
MAX_TITLE = 500  # characters of a heading or a declared title that is compared
_FRONT_PAGE = re.compile(r"(?:(?:https?:)?//[^/?#\s]+)?/|(?:https?:)?//[^/?#\s]+")
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|br|cite|em|font|i|mark|p|q|small|span|strong|sub|sup|u|wbr)\b[^<>]*>", re.IGNORECASE
)
_LOGO_MARKS = ("logo", "brand", "site-title", "sitetitle", "site-name", "sitename", "masthead", "blog-title")


class Title(NamedTuple):
    """A title and where it was found."""

    text: str
    provenance: str


class Headings(NamedTuple):
    """The headings of a page: those of first and of second order, and the names of the site that are among them."""

    first: list[Title]
    second: list[Title]
    logos: list[str]


def find_title(declared: Iterable[Title], headings: Headings, named: Title | None, sites: SiteNames) -> Title | None:
    """Return the title of a page. Return None if there is none.

    `declared` are titles of JSON-LD and <meta>, the preferred ones first, and `named` that of <title>. A heading that one
    of them contains is what readers see, without additions. The site's name is a title only if there is nothing else.
    """
    declared = _without_site(declared, sites)
    named_only = _without_site([named] if named else [], sites)
    first = [title for title in headings.first if not sites.include(title.text)]
    confirming = declared or named_only
    return (
        _confirmed(first, confirming, named_only)
        or _only_similar(first, declared)
        or next(iter(declared), None)
        or _confirmed(headings.second, named_only, [])
        or next(iter([*first, *named_only]), named)
    )


def read_headings(root: HtmlElement) -> Headings:
    """Return the headings of a page with text. The heading of a logo is no title."""
    found: dict[str, list[Title]] = {"h1": [], "h2": []}
    logos = []
    for element in islice(root.iter("h1", "h2"), MAX_HEADINGS):
        if not (text := _text(element)):
            continue
        if _is_logo(element):
            logos.append(text)
        else:
            found[element.tag].append(Title(text, f"<{element.tag}>"))
    return Headings(found["h1"], found["h2"], logos)


def read_title_element(root: HtmlElement) -> Title | None:
    """Return what <title> says. Return None if there is none outside of drawings, which have titles of their own."""
    for element in root.iter("title"):
        text = plain(_text(element))
        if text and next(element.iterancestors("svg"), None) is None:
            return Title(text, "<title>")
    return None


def plain(text: str) -> str:
    """Return a declared title as one line, without tags that its markup should have hidden."""
    return " ".join((html_text(text) if _INLINE_TAG.search(text) else text).split())


def _text(element: HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def _without_site(titles: Iterable[Title], sites: SiteNames) -> list[Title]:
    shortened = (Title(sites.cut_from(title.text), title.provenance) for title in titles)
    return [title for title in shortened if title.text and not sites.include(title.text)]


def _confirmed(headings: list[Title], declared: list[Title], whole: list[Title]) -> Title | None:
    """Return the longest heading that is a part of a declared title between separators, or one of the `whole` titles."""
    runs = {run for title in declared for run in title_runs(title.text[:MAX_TITLE])}
    runs |= {comparable(title.text) for title in whole}
    confirmed = (title for title in headings if comparable(title.text) in runs)
    longest = max(confirmed, key=lambda title: len(title.text), default=None)
    return next((title for title in declared if longest and title.text == longest.text), longest)


def _only_similar(headings: list[Title], declared: list[Title]) -> Title | None:
    """Return the only heading of first order if it has half of its words in common with the preferred declared title.

    Return None if it is that title behind a rubric.
    """
    if len(headings) != 1 or not declared or comparable(headings[0].text).endswith(comparable(declared[0].text)):
        return None
    heading, preferred = (words_of(title.text[:MAX_TITLE]) for title in (headings[0], declared[0]))
    is_similar = 2 * len(heading & preferred) >= min(len(heading), len(preferred))
    return headings[0] if is_similar else None


def _is_logo(element: HtmlElement) -> bool:
    """Return whether a heading is the logo: it links to a front page, or its attributes or those around it say so."""
    around = [element, *islice(element.iterancestors(), 2), *islice(element.iter("a"), 2)]
    marks = " ".join(f"{each.get('class') or ''} {each.get('id') or ''}" for each in around).lower()
    return any(mark in marks for mark in _LOGO_MARKS) or any(map(links_to_front_page, around))


def links_to_front_page(element: HtmlElement) -> bool:
    """Return whether an element is a link to the front page of a site."""
    return element.tag == "a" and _FRONT_PAGE.fullmatch((element.get("href") or "").strip()) is not None
