"""The analyzer of a language: text to words, folded and in lower case, and to their stems."""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from threading import Lock

from Stemmer import Stemmer
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from searchsvc.analysis.beginnings import beginnings_of
from searchsvc.analysis.characters import encode
from searchsvc.analysis.joined_words import distinct_joined_words
from searchsvc.analysis.tokenizer import readings, searchable
from searchsvc.errors import UserError
from searchsvc.model.article import Article
from searchsvc.model.languages import DEFAULT_LANGUAGE, LANGUAGES, language_of

_FOLDED_NISBA = "يه"
_STEMS = 200_000  # that are remembered of each language


class Analyzer:
    """An analyzer of one language, which threads can share.

    `words` is Tantivy's own analyzer, of texts that `searchable` has prepared.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            known = ", ".join(LANGUAGES)
            raise UserError(f"unknown language “{language}”; choose from {known}", param="language", hint="english")
        self.language = language
        folded = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.ascii_fold())
        self.words = folded.filter(Filter.lowercase()).build()
        self._stemmer = None if language == "none" else Stemmer(language, 0)
        self._stemming = Lock()  # threads must not share a stemmer
        self.stem = lru_cache(maxsize=50_000)(self._stem)
        self.stem_of = lru_cache(maxsize=_STEMS)(self._stem_of)

    def terms(self, text: str) -> list[str]:
        """Return the stems of the words of a text, in order."""
        return list(map(self.stem_of, self.tokens(text)))

    def tokens(self, text: str) -> list[str]:
        """Return the words of a text as written, folded but not stemmed, in order."""
        return self.words.analyze(searchable(text))

    def analyze_both(self, text: str) -> tuple[list[str], list[str]]:
        """Return the `terms` and the `tokens` of a text."""
        written = self.tokens(text)
        return list(map(self.stem_of, written)), written

    def analyze_readings(self, text: str) -> list[tuple[list[str], list[str]]]:
        """Return the `terms` and the `tokens` of each of the readings of a text, and of each of its joined words.

        No phrase goes from one to the next.
        """
        texts = (*(reading for _, reading in readings(text)), *distinct_joined_words(encode(text)))
        return [self.analyze_both(each) for each in texts]

    def beginnings(self, stem: str) -> tuple[str, ...]:
        """Return beginnings of which each word with this stem has one. Return ("",) if they may begin in any way."""
        return beginnings_of(stem, self.language)

    def stems(self, words: Sequence[str]) -> list[str]:
        """Return the stem of each of many words, in less than half the time that asking for one after the other takes."""
        if self._stemmer is None:
            return list(words)
        with self._stemming:
            return list(self._stemmer.stemWords(list(map(self._unfolded, words)) if self.language == "arabic" else words))

    def _stem(self, word: str) -> str:
        return next(iter(self.terms(word)), "")  # a word that is too long is not indexed

    def _stem_of(self, word: str) -> str:
        if self._stemmer is None:
            return word
        with self._stemming:
            return str(self._stemmer.stemWord(self._unfolded(word)))

    def _unfolded(self, word: str) -> str:
        """Return a word with the Arabic ending -ية, which Snowball removes and folding has changed."""
        return f"{word[:-1]}ة" if self.language == "arabic" and word.endswith(_FOLDED_NISBA) else word


@cache
def analyzer_for(language: str) -> Analyzer:
    """Return the shared analyzer of a language, with its cache of stems. Raise UserError for an unknown language."""
    return Analyzer(language)


class Analyzers:
    """The analyzers of an archive, one for each of its languages, the most frequent first.

    An article is analyzed by the rules of its own language, or by those of the first if the archive hardly has it.
    """

    def __init__(self, languages: tuple[str, ...] = ()) -> None:
        self.languages = languages or (DEFAULT_LANGUAGE,)
        self._all = tuple(map(analyzer_for, self.languages))
        self.main = self._all[0]

    def __iter__(self) -> Iterator[Analyzer]:
        return iter(self._all)

    def of(self, article: Article) -> Analyzer:
        """Return the analyzer of an article."""
        return self.main if len(self._all) == 1 else analyzer_for(language_of(article.language, self.languages))
