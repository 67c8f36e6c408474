"""A citation as text: APA (7th edition), and Chicago (17th edition, the entry of a bibliography). Both are in English."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from searchsvc.api.citations.fields import address_of, line
from searchsvc.api.citations.names import Name, names_of
from searchsvc.model.article import Article

_APA_NAMES = 20  # that are all listed; of more, the first 19 and the last are
_CHICAGO_NAMES, _CHICAGO_SHOWN = 10, 7
_ENDS = (".", "!", "?", "…", "。", "！", "？", "؟", "।")
_OUTER_QUOTES = str.maketrans({"“": "‘", "”": "’"})
_STRAIGHT_QUOTES = re.compile(r'"([^"]*)"')


class Run(NamedTuple):
    """A part of a citation, such as its title, in italics or not. Together, the parts are its text."""

    text: str
    italic: bool = False


def apa(article: Article, address: str = "") -> tuple[Run, ...]:
    """Return the citation of an article in the style of the American Psychological Association."""
    date = article.date
    day = f"({date.year}, {date:%B} {date.day})." if date else "(n.d.)."
    authors, title = _apa_authors(names_of(article)), _closed(line(article.title))
    opening = (authors, day, title) if authors else (title, day)
    return tuple(_joined(*map(Run, opening), *_source(article, ".", address)))


def chicago(article: Article, address: str = "") -> tuple[Run, ...]:
    """Return the citation of an article as the Chicago Manual of Style has it in a bibliography."""
    date = article.date
    day = f"{date:%B} {date.day}, {date.year}." if date else ""
    opening = Run(_chicago_authors(names_of(article))), Run(f"“{_closed(_inner(article.title))}”")
    if not article.source:
        return tuple(_joined(*opening, Run(day), Run(_closed(address_of(article, address)))))
    source, *rest = _source(article, "," if date else ".", address)
    return tuple(_joined(*opening, source, Run(day), *(Run(_closed(each.text)) for each in rest)))


STYLES: Mapping[str, Callable[[Article, str], tuple[Run, ...]]] = {"APA": apa, "Chicago": chicago}
"""The styles, by their names."""


def _source(article: Article, end: str, address: str) -> Iterator[Run]:
    if article.source:
        yield Run(line(article.source) + end, italic=True)
    yield Run(address_of(article, address))


def _joined(*runs: Run) -> Iterator[Run]:
    """Yield the parts that have a text, with spaces between them."""
    kept = [run for run in runs if run.text]
    for run in kept[:-1]:
        yield Run(f"{run.text} ", run.italic)
    yield from kept[-1:]


def _closed(text: str) -> str:
    """Return a text with a full stop, unless it ends with a mark of its own."""
    return text if not text or text.rstrip("”’\"'»)").endswith(_ENDS) else f"{text}."


def _inner(title: str) -> str:
    """Return a title with single quotation marks, as it has them within double ones."""
    return _STRAIGHT_QUOTES.sub(r"‘\1’", line(title)).translate(_OUTER_QUOTES)


def _apa_authors(names: list[Name]) -> str:
    shown = [_initialled(name) for name in names]
    if len(shown) > _APA_NAMES:
        return _closed(f"{', '.join(shown[: _APA_NAMES - 1])}, . . . {shown[-1]}")
    return _closed(", ".join((*shown[:-2], ", & ".join(shown[-2:]))))


def _initialled(name: Name) -> str:
    words = (re.split(r"(?<=-)", word) for word in name.given.replace(".", ". ").split())
    initials = " ".join(
        "".join(f"{part[0]}." + ("-" if part.endswith("-") else "") for part in word if part) for word in words
    )
    return ", ".join(filter(None, (name.last, initials, name.suffix)))


def _chicago_authors(names: list[Name]) -> str:
    shown = [name.natural() if at else name.inverted() for at, name in enumerate(names)]
    if len(shown) > _CHICAGO_NAMES:
        return f"{', '.join(shown[:_CHICAGO_SHOWN])}, et al."
    if len(shown) < 2:
        return _closed("".join(shown))
    return _closed(f"{', '.join(shown[:-1])}, and {shown[-1]}")
