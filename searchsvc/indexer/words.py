"""The words of a draft, for suggestions and corrections.

To read all of them takes a quarter of a second for a million articles. If few articles have changed, those of the
generation before are taken, and only the words of the changed articles are counted anew.
"""

from collections import Counter
from collections.abc import Collection
from heapq import nlargest
from operator import itemgetter

from searchsvc.analysis.analyzer import Analyzer, analyzer_for
from searchsvc.analysis.term_dictionary import MAX_WORDS
from searchsvc.config import EMBEDDED, Settings
from searchsvc.engines.protocol import Backend, Engine
from searchsvc.index import Generation, read_words, write_words
from searchsvc.query.ast import Field, Phrase
from searchsvc.query.request import SearchRequest

MAX_CHANGES = 20  # articles that are added, changed and deleted
_MAX_COUNTED = 500  # words by a search for each: for more, all words are read in less time


class TextChanges:
    """The articles that a reindex adds, changes and deletes, as long as they are few: their ids and texts."""

    def __init__(self) -> None:
        self.texts: dict[str, str | None] = {}

    @property
    def are_few(self) -> bool:
        return len(self.texts) <= MAX_CHANGES

    @property
    def ids(self) -> Collection[str]:
        """The ids of the articles, or none if they are not few."""
        return self.texts if self.are_few else ()

    def add(self, article_id: str, text: str) -> None:
        if self.are_few:
            self.texts[article_id] = text

    def delete(self, article_id: str) -> None:
        if self.are_few:
            self.texts[article_id] = None


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
        words = _updated(before, _differences(backend.open(base.engine, settings.language), changes), engine)
    write_words(draft, words if words is not None else dict(engine.terms("", MAX_WORDS)))


def _differences(former: Engine, changes: TextChanges) -> Counter[str]:
    """Return how many more or fewer articles have each word of those that were changed."""
    analyzer = analyzer_for("none")
    found = Counter[str]()
    for article_id, text in changes.texts.items():
        before = former.get(article_id)
        found.subtract(_words(analyzer, before.body) if before is not None else ())
        found.update(_words(analyzer, text) if text is not None else ())
    return found


def _words(analyzer: Analyzer, text: str) -> set[str]:
    return {word for _, written in analyzer.analyze_readings(text) for word in written}


def _updated(before: dict[str, int], differences: Counter[str], engine: Engine) -> dict[str, int] | None:
    """Return the words of a draft, or None if the engine has to read them.

    A large archive has more words than are kept. Of the others, the engine counts those that have changed.
    """
    are_all = len(before) < MAX_WORDS
    unknown = [word for word, more in differences.items() if more and word not in before] if not are_all else []
    if len(unknown) > _MAX_COUNTED:
        return None
    counted = {word: before.get(word, 0) + more for word, more in differences.items()}
    counted |= {word: engine.count(SearchRequest(Field("body", Phrase(word)))) for word in unknown}
    words = {word: articles for word, articles in (before | counted).items() if articles > 0}
    if not are_all and len(words) < MAX_WORDS:
        return None  # or the words would pass for all that there are
    return words if len(words) <= MAX_WORDS * 1.1 else dict(nlargest(MAX_WORDS, words.items(), key=itemgetter(1)))
