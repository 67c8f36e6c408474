"""Text to terms."""

from functools import lru_cache

from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from searchsvc.analysis.tokenizer import _folding, separate_cjk
from searchsvc.errors import UserError
from searchsvc.model.languages import LANGUAGES

_LONG_STEM = 4
_KEPT = {"dutch": 0, "german": 1, "finnish": 1}
"""How many of the first letters that stems of four letters and more share with their words, where these are not three.

Dutch words lose `ge-`, Finnish ones a doubled letter, and in German ones `ae` is `ä`. A shorter stem shares all
but its last letter in every language, or only the first (`dying` becomes `die`).
"""


class Analyzer:
    """The terms of one language. Cheap to make, safe to share between threads."""

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise UserError(
                f"unknown language “{language}”: known are {', '.join(LANGUAGES)}", param="language", hint="english"
            )
        self.language = language
        self.words = _folding().build()
        self.stems = self.words if language == "none" else _folding().filter(Filter.stemmer(language)).build()
        self.stem = lru_cache(maxsize=50_000)(self._stem)
        stemming = TextAnalyzerBuilder(Tokenizer.raw())
        self._stemming = (stemming if language == "none" else stemming.filter(Filter.stemmer(language))).build()
        self._stem_of = lru_cache(maxsize=200_000)(self._stem_of_folded)

    def terms(self, text: str) -> list[str]:
        """The stems of the words of a text, in order."""
        return self.stems.analyze(separate_cjk(text))

    def tokens(self, text: str) -> list[str]:
        """The words of a text as written, folded but not stemmed, in order."""
        return self.words.analyze(separate_cjk(text))

    def analyze_both(self, text: str) -> tuple[list[str], list[str]]:
        """What `terms` gives and what `tokens` gives, in less time: most words are stemmed once for all texts."""
        written = self.tokens(text)
        return list(map(self._stem_of, written)), written

    def common_prefix(self, stem: str) -> str:
        """The first letters, up to three, of every word with this stem, folded; "" where they may be any."""
        shared = 3 if len(stem) >= _LONG_STEM else len(stem) - 1 - stem.endswith("ie")
        return stem[: min(_KEPT.get(self.language, 3), shared)]

    def _stem_of_folded(self, word: str) -> str:
        return self._stemming.analyze(word)[0]

    def _stem(self, word: str) -> str:
        """The stem of one word; "" where it is too long to be indexed."""
        terms = self.stems.analyze(word)
        return terms[0] if terms else ""
