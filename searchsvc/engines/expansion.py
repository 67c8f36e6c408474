"""What engines share: hits and suggestions put together, the words of patterns, a stopwatch."""

from collections.abc import Iterable, Iterator
from time import perf_counter

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.term_dictionary import TermCount
from searchsvc.highlight.highlighter import Highlighter
from searchsvc.model.article import Article
from searchsvc.model.results import Hit, Suggestion
from searchsvc.query.ast import Node

MAX_WORDS = 1_024
"""Words that the prefixes and wildcards of one query may stand for; the most frequent of each are kept."""


def hits(found: Iterable[tuple[Article, float | None]], tree: Node, analyzer: Analyzer) -> Iterator[Hit]:
    """Articles and their scores as hits of this query, with what matched."""
    highlighter = Highlighter(tree, analyzer)
    for article, score in found:
        yield Hit(article, score, highlighter.title(article.title), highlighter.fragments(article.body))


def suggestions(before: list[str], words: Iterable[TermCount], articles: Iterable[Article]) -> list[Suggestion]:
    """Words that complete the last one typed, after those before it, then the articles' titles, each once."""
    titles: dict[str, str] = {}
    for article in articles:
        titles.setdefault(article.title, article.id)
    completed = [Suggestion(" ".join([*before, word]), count) for word, count in words]
    return [*completed, *(Suggestion(title, 1, article_id) for title, article_id in titles.items())]


class Expansion:
    """How many words the patterns of one query may still stand for; `notes` is told where they are cut."""

    def __init__(self, notes: list[str]) -> None:
        self._notes = notes
        self._left = MAX_WORDS

    def kept(self, node: Node, words: list[str]) -> list[str]:
        """As many as are left of the words that a node stands for, which come with the most frequent first."""
        kept = words[: self._left]
        self._left -= len(kept)
        if len(kept) < len(words):
            self._notes.append(f"“{node}” stands for {len(words):,} words; the {len(kept):,} most frequent were looked for")
        return kept


class Stopwatch:
    """Measures one part of the work after the other."""

    def __init__(self) -> None:
        self._last = perf_counter()

    def lap(self) -> float:
        """Milliseconds since it was asked last, or made."""
        before, self._last = self._last, perf_counter()
        return (self._last - before) * 1000
