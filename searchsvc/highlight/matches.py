"""The matches of a query in a text. Only words whose first letters may begin a term of it are stemmed and compared."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.joined_words import joined_words
from searchsvc.analysis.phrases import sloppy_matches
from searchsvc.analysis.query_terms import FieldTerms, QueryTerm, Terms
from searchsvc.analysis.term_matching import lengths_of, literal_prefix, normalize, term_predicate
from searchsvc.analysis.tokenizer import is_too_long, readings, token_pattern
from searchsvc.highlight.scanner import TokenScanner, distinct_words
from searchsvc.query.ast import Fuzzy, Wildcard

MAX_TEXT = 200_000  # Characters of a text that are highlighted. Matches beyond are found, but not highlighted.
MAX_SLOPPY_MATCHES = 1_000  # matches of a sloppy phrase in one text
MAX_MATCHES = 20  # first matches of each word or phrase, from which fragments are chosen
_SIGN = "="  # in front of words as written


class Match(NamedTuple):
    """A match: [start, end) in characters, and the terms of the query that it matches."""

    start: int
    end: int
    terms: Terms


class _Word(NamedTuple):
    """What of a word the query is about."""

    matches: tuple[Terms, ...]  # words and patterns of the query that it matches by itself
    terms: Terms  # its stem and the word as written behind a sign, each if it may be part of a phrase


class _Token(NamedTuple):
    start: int
    end: int
    word: _Word


class MatchFinder:
    """A finder of the terms and patterns of a query in texts of one field."""

    def __init__(self, wanted: FieldTerms, analyzer: Analyzer) -> None:
        signed = [_signed(each) for each in wanted.terms]
        self._words = {terms[0] for terms, _ in signed if len(terms) == 1}
        self._phrases: dict[str, list[Terms]] = {}
        for terms, slop in signed:
            if len(terms) > 1 and not slop:
                self._phrases.setdefault(terms[0], []).append(terms)
        self._sloppy = [(terms, slop) for terms, slop in wanted.terms if slop]
        self._in_phrases = {term for terms, _ in signed if len(terms) > 1 for term in terms}
        self._stems = {stem for each in wanted.terms if each.slop is not None for stem in each.terms}
        self._written = {word for each in wanted.terms if each.slop is None for word in each.terms}
        self._matchers = [((str(form),), term_predicate(form, analyzer)) for form in wanted.patterns]
        self._known: dict[str, _Word | None] = {}
        self._analyzer = analyzer
        prefixes = {literal_prefix(form, analyzer) for form in wanted.patterns if isinstance(form, Wildcard)} - {""}
        self._prefixes = frozenset(prefixes.union(self._written, *map(analyzer.beginnings, self._stems)))
        fuzzy = (form for form in wanted.patterns if isinstance(form, Fuzzy))
        self._lengths = {length for form in fuzzy for length in lengths_of(form, analyzer)}
        self._scanners = lru_cache(maxsize=8)(TokenScanner)

    def find(self, text: str) -> Iterator[Match]:
        """Yield matches in the order of their starts. Of a sloppy phrase, each word is a match of its own."""
        if not self._prefixes and not self._lengths:
            return
        text = text[:MAX_TEXT]
        (_, first), *others = readings(text)
        further = [*self._shifted(others), *self._joined(text)]
        matches = self._find(first)
        yield from matches if not further else sorted({*matches, *further})

    def _shifted(self, others: list[tuple[int, str]]) -> Iterator[Match]:
        """Yield the matches in further readings of a text, where they are in the text."""
        for shift, reading in others:
            yield from (Match(start + shift, end + shift, terms) for start, end, terms in self._find(reading))

    def _joined(self, text: str) -> Iterator[Match]:
        """Yield the matches of words in two parts that the query has in one piece."""
        if not self._words and not self._matchers:
            return
        for start, end, joined in joined_words(text):
            word = self._known[joined] if joined in self._known else self._look_at(joined)
            yield from (Match(start, end, terms) for terms in (word.matches if word is not None else ()))

    def _find(self, text: str) -> Iterator[Match]:
        tokens = self._tokens(text)
        exact = self._exact(text, tokens)
        yield from sorted([*exact, *self._sloppy_words(text, tokens)]) if self._sloppy else exact

    def _exact(self, text: str, tokens: list[_Token]) -> Iterator[Match]:
        for index, (start, end, word) in enumerate(tokens):
            for terms in word.matches:
                yield Match(start, end, terms)
            for term in word.terms:
                for terms in self._phrases.get(term, ()):
                    last = _last_of_phrase(text, tokens, index, terms)
                    if last is not None:
                        yield Match(start, tokens[last].end, terms)

    def _sloppy_words(self, text: str, tokens: list[_Token]) -> Iterator[Match]:
        token_at = dict(zip(_numbers(text, tokens), tokens, strict=True))
        for terms, slop in self._sloppy:
            positions = {term: [at for at, token in token_at.items() if term in token.word.terms] for term in terms}
            found = islice(sloppy_matches(positions, terms, slop), MAX_SLOPPY_MATCHES)
            for at in sorted({at for match in found for at in match}):
                yield Match(token_at[at].start, token_at[at].end, terms)

    def is_near(self, text: str) -> bool:
        """Return whether the text matches one of the sloppy phrases."""
        return bool(self._sloppy) and any(map(self._has_sloppy, self._analyzer.analyze_readings(text)))

    def _has_sloppy(self, analyzed: tuple[list[str], list[str]]) -> bool:
        positions: dict[str, list[int]] = {stem: [] for stem in self._stems}
        for at, stem in enumerate(analyzed[0]):
            if stem in positions:
                positions[stem].append(at)
        return any(any(sloppy_matches(positions, terms, slop)) for terms, slop in self._sloppy)

    def _tokens(self, text: str) -> list[_Token]:
        """Return the tokens that match a word, a word of a phrase, or a pattern."""
        prefixes = self._prefixes | self._fuzzy_words(text) if self._lengths else self._prefixes
        found, known = [], self._known
        for start, text_word in self._scanners(prefixes).scan(text):
            word = known[text_word] if text_word in known else self._look_at(text_word)
            if word is not None:
                found.append(_Token(start, start + len(text_word), word))
        return found

    def _look_at(self, text_word: str) -> _Word | None:
        """Return what of a word the query is about, or None for nothing, and remember it."""
        normalized = normalize(text_word, self._analyzer) if self._written or self._matchers else ""
        own = (self._analyzer.stem(text_word) if self._stems else "", _SIGN + normalized)
        patterns = [terms for terms, fits in self._matchers if fits(normalized)]
        alone = (*patterns, *((term,) for term in own if term in self._words))
        in_phrases = tuple(term for term in own if term in self._in_phrases)
        found = self._known[text_word] = _Word(alone, in_phrases) if alone or in_phrases else None
        return found

    def _fuzzy_words(self, text: str) -> set[str]:
        """Return the normalized words of a text that match a pattern. Fuzzy words have no prefix to scan for."""
        words = distinct_words(text)
        for word in words.difference(self._known):
            if len(word) in self._lengths or not (word.isascii() and word.isalnum()):
                self._look_at(word)
        return {normalize(word, self._analyzer) for word in words if self._known.get(word) is not None}


def _signed(wanted: QueryTerm) -> QueryTerm:
    """Return words as written with a sign, so that they are no stems."""
    terms, slop = wanted
    return wanted if slop is not None else QueryTerm(tuple(_SIGN + word for word in terms), slop)


def _last_of_phrase(text: str, tokens: list[_Token], first: int, terms: Terms) -> int | None:
    """Return the index of the last token of the phrase that starts at `first`, or None if its words do not follow."""
    last = first
    for term in terms[1:]:
        following = last + 1
        if following == len(tokens) or term not in tokens[following].word.terms:
            return None
        gap = text[tokens[last].end : tokens[following].start]
        if gap != " " and any(not is_too_long(word[0]) for word in token_pattern(gap).finditer(gap)):
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
