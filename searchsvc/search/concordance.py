"""A concordance: every match of a search in its line, with the words to its left and right.

Linguists call it keyword in context (KWIC). A search with very many matches is sampled: a pilot of a few hundred articles
tells how much there is to read, then a share of all articles is read, chosen by their ids as if at random. It is the same
each time.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from random import Random
from typing import Any, Literal, NamedTuple

from searchsvc.analysis.analyzer import Analyzers, analyzer_for
from searchsvc.engines.protocol import Engine
from searchsvc.errors import UserError
from searchsvc.highlight.highlighter import Highlighters
from searchsvc.highlight.matches import MAX_TEXT
from searchsvc.messages import Message
from searchsvc.model.article import Article
from searchsvc.query.ast import Node, looks_for_text
from searchsvc.query.request import SearchRequest
from searchsvc.search.question import Question
from searchsvc.search.remembered import Scope
from searchsvc.search.turns import taking_turns

MAX_LINES = 10_000
"""Lines of a concordance. Of more matches, a sample is taken."""
LINES = 100  # on a page
CONTEXT = 90
"""Characters of the text on each side of a match."""
NEIGHBOURS = 12  # most frequent neighbouring words that are named on each side
NO_WORDS = Message("a concordance needs a word or a phrase to show in its lines: add one to the search")
Order = Literal["right", "right2", "right3", "left", "left2", "left3", "newest", "oldest", "source"]
"""By what lines are sorted: the first, second or third word beside the match, or its article."""
MAX_EXPORTED = 1_000_000
"""Lines that `all_lines` yields. Spreadsheets hold few more."""

_MAX_CHARACTERS = 24_000_000  # that are read for one concordance, which takes a second or two
_PILOT = 100  # articles
_REMEMBERED = 2  # concordances, so that their pages and orders are not read again
_SORTED_WORDS = 5  # on each side by which lines are sorted
_SPACE = re.compile(r"\s+")
_POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)  # is no word of its own, though a match ends in front of it


class Line(NamedTuple):
    """A match with the text around it, in one line.

    `article` has neither body nor own fields. `number` is that of the match among those of the title or the body, from 1,
    as they are marked on its page.
    `left` and `right` are the folded words beside it, the nearest first.
    """

    article: Article
    field: Literal["title", "body"]
    number: int
    before: str
    match: str
    after: str
    left: tuple[str, ...]
    right: tuple[str, ...]


class Neighbour(NamedTuple):
    """A word beside the matches, folded, and the number of lines in which it stands there."""

    word: str
    lines: int


class View(NamedTuple):
    """The order of the lines, and the folded words that have to stand beside the match. "" allows any."""

    order: Order = "right"
    left: str = ""
    right: str = ""


ANY_LINE = View()


class Lines(NamedTuple):
    """The lines that were read for a search, the newest first, of `matches` in `share` of its articles."""

    lines: tuple[Line, ...]
    matches: int
    articles: int
    share: float

    @property
    def is_sample(self) -> bool:
        return self.share < 1 or len(self.lines) < self.matches

    @property
    def is_estimate(self) -> bool:
        """Whether the number of matches in all articles is not known, because some of them were not read."""
        return self.share < 1

    @property
    def expected(self) -> int:
        """The number of matches in all articles, estimated with three digits unless all of them were read."""
        return self.matches if not self.is_estimate else int(float(f"{self.matches / self.share:.2e}"))


@dataclass(frozen=True, slots=True)
class Concordance:
    """A page of the lines of a search. `total` of those that were read fit the view; `left` and `right` count those."""

    question: Question
    view: View
    read: Lines
    lines: tuple[Line, ...]
    total: int
    left: tuple[Neighbour, ...]
    right: tuple[Neighbour, ...]

    @property
    def pages(self) -> int:
        return -(-self.total // LINES)


class ConcordanceReader:
    """Reads concordances from one generation, and remembers the last ones. Thread-safe."""

    def __init__(self, engine: Engine, analyzers: Analyzers) -> None:
        self._engine = engine
        self._analyzers = analyzers
        self._read = lru_cache(maxsize=_REMEMBERED)(partial(_read, engine, analyzers))

    def read(self, question: Question, view: View) -> Concordance:
        """Return a page of the concordance of a question.

        Raise UserError if there is no word that could stand in a line, and OverloadError if others take too long.
        """
        request = _checked(question.request)
        found = self._read(request.tree, Scope.of(request))
        kept = sorted((line for line in found.lines if _fits(line, view)), key=_KEYS[view.order])
        shown = kept[(request.page - 1) * LINES : request.page * LINES]
        left, right = _neighbours(line.left for line in kept), _neighbours(line.right for line in kept)
        return Concordance(question, view, found, tuple(shown), len(kept), left, right)

    def all_lines(self, question: Question, view: View = ANY_LINE) -> Iterator[Line]:
        """Yield the lines of the matches in all articles that fit a view, up to a million.

        They are in the order of the articles: the newest first, unless the view begins with the oldest. Raise UserError if
        there is no word that could stand in a line.
        """
        request = _checked(question.request)
        request = replace(request, sort="oldest" if view.order == "oldest" else "newest")
        lines = map(_line, _matches(self._engine.scan(request), Highlighters(request.tree, self._analyzers)))
        return islice((line for line in lines if _fits(line, view)), MAX_EXPORTED)


def _checked(request: SearchRequest) -> SearchRequest:
    if not looks_for_text(request.tree):
        raise UserError(NO_WORDS, param="q")
    return request


class _Match(NamedTuple):
    article: Article
    field: Literal["title", "body"]
    number: int
    start: int
    end: int


def _read(engine: Engine, analyzers: Analyzers, tree: Node, scope: Scope) -> Lines:
    with taking_turns():
        return _sample(engine, Highlighters(tree, analyzers), replace(scope.request(tree), sort="newest"))


def _sample(engine: Engine, highlighters: Highlighters, request: SearchRequest) -> Lines:
    """Return the lines of a search, or a fair sample of them."""
    articles = engine.count(request)
    share = _affordable_share(engine, request, articles)
    rng, sample, number = Random(0), list[tuple[int, _Match]](), 0  # noqa: S311  the same sample each time
    for number, match in enumerate(_matches(engine.scan(replace(request, share=share)), highlighters), 1):
        if number <= MAX_LINES:
            sample.append((number, match))
        elif (place := rng.randrange(number)) < MAX_LINES:
            sample[place] = number, match
    lines = tuple(_line(match) for _, match in sorted(sample, key=lambda each: each[0]))
    return Lines(lines, number, articles, share)


def _affordable_share(engine: Engine, request: SearchRequest, articles: int) -> float:
    """Return the share of the articles whose texts can be read in the time that a page may take."""
    if articles <= _PILOT:
        return 1.0
    pilot = [
        len(article.title) + _read_length(article) for article in engine.scan(replace(request, share=_PILOT / articles))
    ]
    expected = sum(pilot) / (len(pilot) or 1) * articles
    return min(1.0, _MAX_CHARACTERS / (expected or 1))


def _read_length(article: Article) -> int:
    return min(len(article.body), MAX_TEXT)


def _matches(articles: Iterable[Article], highlighters: Highlighters) -> Iterator[_Match]:
    for article in articles:
        highlighter = highlighters.of(article)
        title, body = highlighter.title(article.title).spans, highlighter.text(article.body).spans
        yield from (_Match(article, "title", number, *span) for number, span in enumerate(title, 1))
        number = 1
        for span in body:
            yield _Match(article, "body", number, *span)
            number += _paragraphs(article.body[slice(*span)])


def _paragraphs(text: str) -> int:
    """Return the number of paragraphs in which a match is marked, each of them by itself."""
    return 1 if "\n\n" not in text else sum(bool(part.strip()) for part in text.split("\n\n"))


def _line(match: _Match) -> Line:
    text = match.article.title if match.field == "title" else match.article.body
    first, last = max(0, match.start - CONTEXT), match.end + CONTEXT
    before, after = _SPACE.sub(" ", text[first : match.start]), _SPACE.sub(" ", text[match.end : last])
    if first:  # without a word that is cut
        before = before.partition(" ")[2] or before
    if last < len(text):
        after = after.rpartition(" ")[0] or after
    words = analyzer_for("none").tokens
    possessive = _POSSESSIVE.match(after)
    following = words(after[possessive.end() :] if possessive else after)
    left, right = tuple(words(before)[: -_SORTED_WORDS - 1 : -1]), tuple(following[:_SORTED_WORDS])
    found = _SPACE.sub(" ", text[match.start : match.end])
    return Line(replace(match.article, body="", extra={}), match.field, match.number, before, found, after, left, right)


def _fits(line: Line, view: View) -> bool:
    sides = ((view.left, line.left), (view.right, line.right))
    return all(not word or words[:1] == (word,) for word, words in sides)


def _neighbours(sides: Iterable[tuple[str, ...]]) -> tuple[Neighbour, ...]:
    """Return the most frequent words that stand next to the matches on one side."""
    return tuple(Neighbour(*each) for each in Counter(words[0] for words in sides if words).most_common(NEIGHBOURS))


def _by_right(place: int) -> Callable[[Line], Any]:
    """Return the key of the order by a word to the right, and then by those around it."""
    return lambda line: (len(line.right) <= place, line.right[place:], line.right, line.left)


def _by_left(place: int) -> Callable[[Line], Any]:
    return lambda line: (len(line.left) <= place, line.left[place:], line.left, line.right)


def _by_day(line: Line) -> Any:
    """Return the key of the order by date, in which articles without a date come last."""
    article, at = line.article, line.article.published
    if at is None and article.date is not None:
        at = dt.datetime.combine(article.date, dt.time(), dt.UTC)
    return at is None, at.timestamp() if at is not None else 0


_KEYS: Mapping[Order, Callable[[Line], Any]] = {
    "right": _by_right(0),
    "right2": _by_right(1),
    "right3": _by_right(2),
    "left": _by_left(0),
    "left2": _by_left(1),
    "left3": _by_left(2),
    "newest": lambda line: (),
    "oldest": _by_day,
    "source": lambda line: (not line.article.source, line.article.source.casefold()),
}
"""By what lines are sorted that are read the newest first. Those without words on that side come last."""
