"""The words of a draft, for suggestions and corrections.

To read all of them takes a quarter of a second for a million articles. If few of many words may have changed, those of the
generation before are taken, and only the changed ones are counted anew.
"""

from collections.abc import Iterator
from heapq import nlargest
from operator import itemgetter

from searchsvc.analysis.analyzer import Analyzer, analyzer_for
from searchsvc.analysis.term_dictionary import MAX_WORDS
from searchsvc.config import EMBEDDED, Settings
from searchsvc.engines.protocol import Backend, Engine
from searchsvc.index import Generation, read_words, write_words
from searchsvc.query.ast import Field, Phrase
from searchsvc.query.request import SearchRequest

MAX_CHANGES = 20  # articles that are added and deleted
WORDS_PER_COUNT = 50  # words that the engine reads in the time in which it counts one


class TextChanges:
    """The texts that a reindex adds to the index, and the ids of the articles that it deletes, as long as they are few."""

    def __init__(self) -> None:
        self.added: list[str] = []
        self.deleted: list[str] = []

    @property
    def are_few(self) -> bool:
        return len(self.added) + len(self.deleted) <= MAX_CHANGES

    def add(self, text: str) -> None:
        if self.are_few:
            self.added.append(text)

    def delete(self, article_id: str) -> None:
        if self.are_few:
            self.deleted.append(article_id)


def record_words(
    draft: Generation, base: Generation | None, backend: Backend, settings: Settings, changes: TextChanges
) -> None:
    """Write the words of a draft on `base`, from which it has these changes.

    Do nothing for an engine on a cluster, whose words each process asks for.
    """
    if settings.engine not in EMBEDDED:
        return
    engine = backend.open(draft.engine, settings.language)
    words = None
    if base is not None and changes.are_few and (before := read_words(base)) is not None:
        former = backend.open(base.engine, settings.language)
        analyzer = analyzer_for("none")
        changed = {word for text in _texts(former, changes) for word in _words(analyzer, text)}
        words = _updated(engine, before, changed)
    write_words(draft, words if words is not None else dict(engine.terms("", MAX_WORDS)))


def _texts(former: Engine, changes: TextChanges) -> Iterator[str]:
    """Yield the texts that were added and those that were deleted."""
    yield from changes.added
    yield from (article.body for each in changes.deleted if (article := former.get(each)) is not None)


def _words(analyzer: Analyzer, text: str) -> set[str]:
    return {word for _, written in analyzer.analyze_readings(text) for word in written}


def _updated(engine: Engine, before: dict[str, int], changed: set[str]) -> dict[str, int] | None:
    """Return the words with new counts of those that were in changed texts. Return None if these are too many."""
    if len(changed) * WORDS_PER_COUNT > len(before):
        return None
    counted = {word: engine.count(SearchRequest(Field("body", Phrase(word)))) for word in changed}
    words = {word: articles for word, articles in (before | counted).items() if articles}
    if len(words) <= MAX_WORDS * 1.1:
        return words
    return dict(nlargest(MAX_WORDS, words.items(), key=itemgetter(1)))
