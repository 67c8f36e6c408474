"""The matches of a query in a text. Only words whose first letters may begin a term of it are stemmed and compared."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.phrases import sloppy_matches
from searchsvc.analysis.query_terms import FieldTerms, Terms
from searchsvc.analysis.term_matching import lengths_of, literal_prefix, normalize, term_predicate
from searchsvc.analysis.tokenizer import is_too_long, readings, token_pattern
from searchsvc.highlight.scanner import TokenScanner, distinct_words
from searchsvc.query.ast import Fuzzy, Wildcard

MAX_TEXT = 200_000  # Characters of a text that are highlighted. Matches beyond are found, but not highlighted.
MAX_SLOPPY_MATCHES = 1_000  # matches of a sloppy phrase in one text
MAX_MATCHES = 20  # first matches of each word or phrase, from which fragments are chosen


class Match(NamedTuple):
    """A match: [start, end) in characters, and the terms of the query that it matches."""

    start: int
    end: int
    terms: Terms


class _Token(NamedTuple):
    start: int
    end: int
    stem: str
    patterns: tuple[Terms, ...]


class MatchFinder:
    """A finder of the terms and patterns of a query in texts of one field."""

    def __init__(self, wanted: FieldTerms, analyzer: Analyzer) -> None:
        self._words: set[str] = set()
        self._phrases: dict[str, list[Terms]] = {}
        for terms, slop in wanted.terms:
            if len(terms) == 1:
                self._words.update(terms)
            elif not slop:
                self._phrases.setdefault(terms[0], []).append(terms)
        self._sloppy = [each for each in wanted.terms if each.slop]
        self._stems = {stem for each in wanted.terms for stem in each.terms}
        self._matchers = [((str(form),), term_predicate(form, analyzer)) for form in wanted.patterns]
        self._patterns_of: dict[str, tuple[Terms, ...]] = {}
        self._matching: set[str] = set()
        self._analyzer = analyzer
        prefixes = {literal_prefix(form, analyzer) for form in wanted.patterns if isinstance(form, Wildcard)} - {""}
        self._prefixes = frozenset(prefixes.union(map(analyzer.common_prefix, self._stems)))
        fuzzy = (form for form in wanted.patterns if isinstance(form, Fuzzy))
        self._lengths = {length for form in fuzzy for length in lengths_of(form, analyzer)}
        self._scanners = lru_cache(maxsize=8)(TokenScanner)

    def find(self, text: str) -> Iterator[Match]:
        """Yield matches in the order of their starts. Of a sloppy phrase, each word is a match of its own."""
        if not self._stems and not self._matchers:
            return
        (_, first), *others = readings(text[:MAX_TEXT])
        matches = self._find(first)
        yield from matches if not others else sorted({*matches, *self._shifted(others)})

    def _shifted(self, others: list[tuple[int, str]]) -> Iterator[Match]:
        """Yield the matches in further readings of a text, where they are in the text."""
        for shift, reading in others:
            yield from (Match(start + shift, end + shift, terms) for start, end, terms in self._find(reading))

    def _find(self, text: str) -> Iterator[Match]:
        tokens = self._tokens(text)
        exact = self._exact(text, tokens)
        yield from sorted([*exact, *self._sloppy_words(text, tokens)]) if self._sloppy else exact

    def _exact(self, text: str, tokens: list[_Token]) -> Iterator[Match]:
        for index, (start, end, stem, patterns) in enumerate(tokens):
            yield from (Match(start, end, pattern) for pattern in patterns)
            if stem in self._words:
                yield Match(start, end, (stem,))
            for terms in self._phrases.get(stem, ()):
                last = _last_of_phrase(text, tokens, index, terms)
                if last is not None:
                    yield Match(start, tokens[last].end, terms)

    def _sloppy_words(self, text: str, tokens: list[_Token]) -> Iterator[Match]:
        token_at = dict(zip(_numbers(text, tokens), tokens, strict=True))
        for terms, slop in self._sloppy:
            positions = _positions({at: token.stem for at, token in token_at.items()}, terms)
            found = islice(sloppy_matches(positions, terms, slop), MAX_SLOPPY_MATCHES)
            for at in sorted({at for match in found for at in match}):
                yield Match(token_at[at].start, token_at[at].end, terms)

    def is_near(self, text: str) -> bool:
        """Return whether the text matches one of the sloppy phrases."""
        return bool(self._sloppy) and any(map(self._has_sloppy, self._analyzer.analyze_readings(text)))

    def _has_sloppy(self, analyzed: tuple[list[str], list[str]]) -> bool:
        stems = {at: stem for at, stem in enumerate(analyzed[0]) if stem in self._stems}
        return any(any(sloppy_matches(_positions(stems, terms), terms, slop)) for terms, slop in self._sloppy)

    def _tokens(self, text: str) -> list[_Token]:
        """Return the tokens that match a word, a word of a phrase, or a pattern."""
        found = []
        stems, stem_of, matchers = self._stems, self._analyzer.stem, self._matchers
        prefixes = self._prefixes | self._fuzzy_words(text) if self._lengths else self._prefixes
        for start, word in self._scanners(prefixes).scan(text):
            stem = stem_of(word) if stems else ""
            patterns = self._patterns(word) if matchers else ()
            if patterns or stem in stems:
                found.append(_Token(start, start + len(word), stem, patterns))
        return found

    def _fuzzy_words(self, text: str) -> set[str]:
        """Return the normalized words of a text that match a pattern. Fuzzy words have no prefix to scan for."""
        words = distinct_words(text)
        for word in words.difference(self._patterns_of):
            if len(word) in self._lengths or not (word.isascii() and word.isalnum()):
                self._patterns(word)
        return {normalize(word, self._analyzer) for word in words & self._matching}

    def _patterns(self, word: str) -> tuple[Terms, ...]:
        if word not in self._patterns_of:
            normalized = normalize(word, self._analyzer)
            self._patterns_of[word] = found = tuple(terms for terms, matches in self._matchers if matches(normalized))
            if found:
                self._matching.add(word)
        return self._patterns_of[word]


def _positions(stems: Mapping[int, str], terms: Terms) -> dict[str, list[int]]:
    return {term: [at for at, stem in stems.items() if stem == term] for term in set(terms)}


def _last_of_phrase(text: str, tokens: list[_Token], first: int, terms: Terms) -> int | None:
    """Return the index of the last token of the phrase that starts at `first`, or None if its words do not follow."""
    last = first
    for stem in terms[1:]:
        following = last + 1
        if following == len(tokens) or tokens[following].stem != stem:
            return None
        gap = text[tokens[last].end : tokens[following].start]
        if any(not is_too_long(word[0]) for word in token_pattern(gap).finditer(gap)):
            return None
        last = following
    return last


def _numbers(text: str, tokens: list[_Token]) -> list[int]:
    """Return the positions of tokens among all tokens of the text, from 0."""
    pattern = token_pattern(text)
    numbers, number, end = [], 0, 0
    for token in tokens:
        number += sum(not is_too_long(word) for word in pattern.findall(text, end, token.start))
        numbers.append(number)
        number, end = number + 1, token.end
    return numbers


def merge_spans(matches: Iterable[Match]) -> tuple[tuple[int, int], ...]:
    """Return sorted spans. Matches that overlap or touch share one."""
    spans: list[tuple[int, int]] = []
    for start, end, _ in matches:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)
