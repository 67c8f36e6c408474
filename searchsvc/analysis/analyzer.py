"""The analyzer of a language: text to words, folded and in lower case, and to their stems."""

from functools import cache, lru_cache

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from searchsvc.analysis.beginnings import beginnings_of
from searchsvc.analysis.tokenizer import GAP_WORD, readings, searchable
from searchsvc.errors import UserError
from searchsvc.model.languages import LANGUAGES


def _folding() -> TextAnalyzerBuilder:  # a builder can be used only once
    tokens = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.custom_stopword([GAP_WORD]))
    return tokens.filter(Filter.ascii_fold()).filter(Filter.lowercase())


class Analyzer:
    """An analyzer of one language, which threads can share.

    `words` and `stems` are Tantivy's own analyzers, of texts that `searchable` has prepared.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise UserError(f"unknown language “{language}”; choose from {known}", param="language", hint="english")
        self.language = language
        self.words = _folding().build()
        self.stems = self.words if language == "none" else _folding().filter(Filter.stemmer(language)).build()
        self.stem = lru_cache(maxsize=50_000)(self._stem)
        raw = TextAnalyzerBuilder(Tokenizer.raw())
        stemmer = (raw if language == "none" else raw.filter(Filter.stemmer(language))).build()
        self.stem_of = lru_cache(maxsize=200_000)(lambda word: stemmer.analyze(word)[0])

    def terms(self, text: str) -> list[str]:
        """Return the stems of the words of a text, in order."""
        return self.stems.analyze(searchable(text))

    def tokens(self, text: str) -> list[str]:
        """Return the words of a text as written, folded but not stemmed, in order."""
        return self.words.analyze(searchable(text))

    def analyze_both(self, text: str) -> tuple[list[str], list[str]]:
        """Return the `terms` and the `tokens` of a text. Faster than both calls, because stems of words are cached."""
        written = self.tokens(text)
        return list(map(self.stem_of, written)), written

    def analyze_readings(self, text: str) -> list[tuple[list[str], list[str]]]:
        """Return the `terms` and the `tokens` of each of the readings of a text. No phrase goes from one to the next."""
        return [self.analyze_both(reading) for _, reading in readings(text)]

    def beginnings(self, stem: str) -> tuple[str, ...]:
        """Return beginnings of which each word with this stem has one. Return ("",) if they may begin in any way."""
        return beginnings_of(stem, self.language)

    def _stem(self, word: str) -> str:
        return next(iter(self.terms(word)), "")  # a word that is too long is not indexed


@cache
def analyzer_for(language: str) -> Analyzer:
    """Return the shared analyzer of a language, with its cache of stems. Raise UserError for an unknown language."""
    return Analyzer(language)
