"""Stop words: words such as “the”, which occur in all texts of a language whatever these are about."""

from collections.abc import Iterable
from functools import cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

_LANGUAGES = (
    *("danish", "dutch", "english", "finnish", "french", "german", "hungarian"),
    *("italian", "norwegian", "portuguese", "russian", "spanish", "swedish"),
)
"""Languages of which Tantivy has a list. That of English has only 33 words."""


def without_stop_words(words: Iterable[str], language: str) -> frozenset[str]:
    """Return the words, in lower case, that are no stop words of a language. Return all if it has no list."""
    analyzer = _analyzer(language) if language in _LANGUAGES else None
    return frozenset(words if analyzer is None else analyzer.analyze(" ".join(words)))


@cache
def _analyzer(language: str) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.stopword(language))
    return builder.filter(Filter.ascii_fold()).build()
