"""What engines inside this process share: hits with their snippets, and suggestions put together."""

from collections.abc import Iterable, Iterator
from time import perf_counter

from searchsvc.analysis import Analyzer
from searchsvc.highlight import Highlighter
from searchsvc.model import Article, Hit, Suggestion
from searchsvc.tree import Node
from searchsvc.vocabulary import Counted


def hits(found: Iterable[tuple[Article, float | None]], tree: Node, analyzer: Analyzer) -> Iterator[Hit]:
    """Articles and their scores as hits of this query, with what matched."""
    highlighter = Highlighter(tree, analyzer)
    for article, score in found:
        yield Hit(article, score, highlighter.title(article.title), highlighter.fragments(article.body))


def suggestions(before: list[str], words: Iterable[Counted], articles: Iterable[Article]) -> list[Suggestion]:
    """Words that complete the last one typed, after those before it, then the articles' titles, each once."""
    titles: dict[str, str] = {}
    for article in articles:
        titles.setdefault(article.title, article.id)
    completed = [Suggestion(" ".join([*before, word]), count) for word, count in words]
    return [*completed, *(Suggestion(title, 1, article_id) for title, article_id in titles.items())]


class Stopwatch:
    """Measures one part of the work after the other."""

    def __init__(self) -> None:
        self._last = perf_counter()

    def lap(self) -> float:
        """Milliseconds since it was asked last, or made."""
        before, self._last = self._last, perf_counter()
        return (self._last - before) * 1000
