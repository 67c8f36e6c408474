"""The words of a draft, for suggestions and corrections.

To read all of them takes a quarter of a second for a million articles. If few are added to a large archive, the words of
the generation before are taken, and only those of the added articles are counted anew.
"""

from collections.abc import Sequence
from heapq import nlargest
from operator import itemgetter

from searchsvc.analysis.analyzer import analyzer_for
from searchsvc.analysis.term_dictionary import MAX_WORDS
from searchsvc.config import EMBEDDED, Settings
from searchsvc.engines.protocol import Backend, Engine
from searchsvc.index import Generation, read_words, write_words
from searchsvc.query.ast import Field, Phrase
from searchsvc.query.request import SearchRequest

MIN_ARTICLES = 20_000  # of an archive whose words are not read anew after each change
MAX_COUNTED = 1_000  # different words that are counted one by one; then all words are read


def record_words(
    draft: Generation, base: Generation | None, backend: Backend, settings: Settings, added: Sequence[str] | None
) -> None:
    """Write the words of a draft on `base`. `added` are the bodies of the articles that are new in it, if they are few.

    Do nothing for an engine on a cluster, whose words each process asks for.
    """
    if settings.engine not in EMBEDDED:
        return
    engine = backend.open(draft.engine, settings.language)
    is_small = engine.count(SearchRequest()) < MIN_ARTICLES
    before = None if base is None or added is None or is_small else read_words(base)
    words = _updated(engine, before, _words(added or (), settings.language)) if before is not None else None
    write_words(draft, words if words is not None else dict(engine.terms("", MAX_WORDS)))


def _words(texts: Sequence[str], language: str) -> set[str]:
    return {word for text in texts for word in analyzer_for(language).tokens(text)}


def _updated(engine: Engine, before: dict[str, int], added: set[str]) -> dict[str, int] | None:
    """Return the words with new counts of those that were added. Return None if these are too many."""
    if len(added) > MAX_COUNTED:
        return None
    words = before | {word: engine.count(SearchRequest(Field("body", Phrase(word)))) for word in added}
    if len(words) <= MAX_WORDS + MAX_COUNTED:
        return words
    return dict(nlargest(MAX_WORDS, words.items(), key=itemgetter(1)))
