"""The words that explain a peak, from a fair sample of its articles and one of the rest."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from searchsvc.analysis.analyzer import Analyzer, Analyzers
from searchsvc.analysis.query_terms import extract_terms
from searchsvc.analysis.stop_words import without_stop_words
from searchsvc.analysis.term_matching import normalize, term_predicate
from searchsvc.engines.protocol import Engine
from searchsvc.model.article import Article
from searchsvc.query.ast import Node
from searchsvc.query.request import SearchRequest
from searchsvc.search.keyness import Counts, KeyItem, key_items

MAX_ARTICLES = 500
"""Articles of each side whose words are counted. Of more, a sample is read."""
MAX_TEXT = 10_000
"""Characters that are read of each of them."""
LEAST_ARTICLES = 3
"""Articles of the peak that have a word or a value. What fewer have explains no peak, however rare it is elsewhere."""
_SAMPLE = 0.9 * MAX_ARTICLES  # articles that a sample has on average, so that hardly any is cut
_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-]?[^\W_]+)*")


@dataclass(slots=True)
class Sample:
    """The words of some articles: how many of these have each stem and each word, and how often words are spelled how."""

    articles: int = 0
    stems: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)
    stem_of: dict[str, str] = field(default_factory=dict)
    spellings: Counter[str] = field(default_factory=Counter)

    def add(self, article: Article, analyzer: Analyzer) -> str:
        """Count the stems of an article, and return its text. Numbers, single letters and stop words are left out."""
        text = f"{article.title}\n{article.body[:MAX_TEXT]}"
        words = without_stop_words(filter(_says_something, set(analyzer.tokens(text))), analyzer.language)
        stems = analyzer.stems(list(words))
        self.articles += 1
        self.stems.update(set(stems))
        self.words.update(words)
        self.stem_of.update(zip(words, stems, strict=True))
        return text

    def forms(self) -> dict[str, str]:
        """Return the most frequent form of each stem."""
        return {self.stem_of[word]: word for word, _ in sorted(self.words.items(), key=lambda each: (each[1], each[0]))}


def sample(
    engine: Engine, analyzers: Analyzers, request: SearchRequest, articles: int, *, with_spellings: bool = False
) -> Sample:
    """Return the words of the articles of a request, or of a fair sample if there are more than `MAX_ARTICLES`."""
    found, share = Sample(), _SAMPLE / articles if articles > MAX_ARTICLES else 1.0
    for article in engine.scan(replace(request, share=share)):
        if found.articles == MAX_ARTICLES:
            break
        text = found.add(article, analyzers.of(article))
        if with_spellings:
            found.spellings.update(_WORD.findall(text))
    return found


def key_words(peak: Sample, rest: Sample, tree: Node, analyzers: Analyzers) -> list[KeyItem]:
    """Return the words that are over-represented in the peak, without the forms of those that were searched for."""
    own, is_own = _own_words(tree, analyzers)
    forms, found = peak.forms(), list[KeyItem]()
    for stem, word in forms.items():
        number = peak.stems[stem]
        if number >= LEAST_ARTICLES and stem not in own and not is_own(word):
            counts = Counts(number, rest.stems[stem], peak.articles, rest.articles)
            found.append(KeyItem("", word, word, counts))
    return key_items(found)


def spelled(found: Collection[KeyItem], peak: Sample, analyzer: Analyzer) -> Iterator[KeyItem]:
    """Yield words as they are written most often, with their capitals and accents."""
    written = _spellings(peak.spellings, {each.term for each in found}, analyzer)
    yield from (each._replace(text=written.get(each.term, each.term)) for each in found)


def _says_something(word: str) -> bool:
    return len(word) > 1 and not word.isdigit()


def _own_words(tree: Node, analyzers: Analyzers) -> tuple[frozenset[str], Callable[[str], bool]]:
    """Return the stems of the words of a query, and whether a word matches one of its patterns."""
    stems, patterns = set[str](), set[Callable[[str], bool]]()
    for analyzer in analyzers:
        for terms in extract_terms(tree, analyzer):
            stems.update(analyzer.stem_of(word) for each in terms.terms for word in each.terms)
            stems.update(word for each in terms.terms for word in each.terms)
            patterns.update(term_predicate(node, analyzer) for node in terms.patterns)
    return frozenset(stems), lambda word: any(matches(word) for matches in patterns)


def _spellings(counted: Mapping[str, int], words: Collection[str], analyzer: Analyzer) -> dict[str, str]:
    """Return the most frequent spelling of each of some words, given how often each spelling occurs."""
    best: dict[str, tuple[int, str]] = {}
    for text, number in counted.items():
        word = normalize(text, analyzer)
        if word in words:
            best[word] = max(best.get(word, (0, "")), (number, text))
    return {word: text for word, (_, text) in best.items()}
