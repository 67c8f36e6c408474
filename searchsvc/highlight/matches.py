"""Where a query matches."""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.phrases import sloppy_matches
from searchsvc.analysis.query_terms import Terms, Wanted
from searchsvc.analysis.term_matching import lengths_of, literal_prefix, normalize, term_predicate
from searchsvc.analysis.tokenizer import token_pattern
from searchsvc.highlight.scanner import TokenScanner, every_word
from searchsvc.query.ast import Fuzzy, Wildcard

MAX_TEXT = 200_000
"""Characters of a text that are looked at; matches further down are found, but not marked."""
MAX_PLACEMENTS = 1_000
"""Places of a sloppy phrase that are looked at in one text."""
MAX_MARKS = 20
"""Matches of each word or phrase, from the beginning of the text, among which fragments are chosen."""


class Match(NamedTuple):
    """A match: [start, end) in characters, and which of the wanted terms it is."""

    start: int
    end: int
    terms: Terms


class _Token(NamedTuple):
    """A token: [start, end) in characters, its stem, and the wanted forms that it has."""

    start: int
    end: int
    stem: str
    forms: tuple[Terms, ...]


class MatchFinder:
    """Finds the wanted terms, and words as written, in texts of one field."""

    def __init__(self, wanted: list[Wanted], forms: frozenset[Wildcard | Fuzzy], analyzer: Analyzer) -> None:
        self._words: set[str] = set()
        self._phrases: dict[str, list[Terms]] = {}
        for terms, slop in wanted:
            if len(terms) == 1:
                self._words.update(terms)
            elif not slop:
                self._phrases.setdefault(terms[0], []).append(terms)
        self._sloppy = [each for each in wanted if each.slop]
        self._stems = {stem for each in wanted for stem in each.terms}
        self._matchers = [((str(form),), term_predicate(form, analyzer)) for form in forms]
        self._known: dict[str, tuple[Terms, ...]] = {}
        self._fit: set[str] = set()
        self._analyzer = analyzer
        prefixes = {literal_prefix(form, analyzer) for form in forms if isinstance(form, Wildcard)} - {""}
        self._heads = frozenset({*map(analyzer.common_prefix, self._stems), *prefixes})
        lengths = [lengths_of(form, analyzer) for form in forms if isinstance(form, Fuzzy)]
        self._lengths = frozenset(chain.from_iterable(lengths))
        self._candidates = lru_cache(maxsize=8)(TokenScanner)

    def marks(self, text: str) -> Iterator[Match]:
        """Matches in the order in which they begin; a phrase and a word within it are both reported.

        Of a sloppy phrase, each word is a match: others may stand between them.
        """
        if not self._stems and not self._matchers:
            return
        text = text[:MAX_TEXT]
        tokens = self._tokens(text)
        exact = self._exact(text, tokens)
        yield from sorted([*exact, *self._near(text, tokens)]) if self._sloppy else exact

    def _exact(self, text: str, tokens: list[_Token]) -> Iterator[Match]:
        for index, (start, end, stem, forms) in enumerate(tokens):
            yield from (Match(start, end, form) for form in forms)
            if stem in self._words:
                yield Match(start, end, (stem,))
            for terms in self._phrases.get(stem, ()):
                last = _last_of_phrase(text, tokens, index, terms)
                if last is not None:
                    yield Match(start, tokens[last].end, terms)

    def _near(self, text: str, tokens: list[_Token]) -> Iterator[Match]:
        """The words of sloppy phrases, from the beginning of the text."""
        numbers = _numbers(text, tokens)
        token_at = dict(zip(numbers, tokens, strict=True))
        for terms, slop in self._sloppy:
            positions = _positions({at: token.stem for at, token in token_at.items()}, terms)
            found = islice(sloppy_matches(positions, terms, slop), MAX_PLACEMENTS)
            for at in sorted({at for placed in found for at in placed}):
                yield Match(token_at[at].start, token_at[at].end, terms)

    def is_near(self, text: str) -> bool:
        """Whether the text has one of the sloppy phrases."""
        if not self._sloppy:
            return False
        tokens = self._tokens(text)
        stems = dict(zip(_numbers(text, tokens), (token.stem for token in tokens), strict=True))
        return any(any(sloppy_matches(_positions(stems, terms), terms, slop)) for terms, slop in self._sloppy)

    def _tokens(self, text: str) -> list[_Token]:
        """The tokens that are wanted, as words or as parts of phrases."""
        found = []
        stems, stem_of, matchers = self._stems, self._analyzer.stem, self._matchers
        heads = self._heads | self._fitting(text) if self._lengths else self._heads
        for start, word in self._candidates(heads).within(text):
            stem = stem_of(word) if stems else ""
            forms = self._forms(word) if matchers else ()
            if forms or stem in stems:
                found.append(_Token(start, start + len(word), stem, forms))
        return found

    def _fitting(self, text: str) -> set[str]:
        """The words of a text, folded, that have a form; of those with mistakes, which may be in the first letter, all."""
        words = every_word(text)
        for word in words.difference(self._known):
            if len(word) in self._lengths or not word.isascii():
                self._forms(word)
        return {normalize(word, self._analyzer) for word in words & self._fit}

    def _forms(self, word: str) -> tuple[Terms, ...]:
        if word not in self._known:
            written = normalize(word, self._analyzer)
            self._known[word] = forms = tuple(form for form, matches in self._matchers if matches(written))
            if forms:
                self._fit.add(word)
        return self._known[word]


def _positions(stems: Mapping[int, str], terms: Terms) -> dict[str, list[int]]:
    """Where each term stands, of the stems by their places."""
    return {term: [at for at, stem in stems.items() if stem == term] for term in set(terms)}


def _last_of_phrase(text: str, tokens: list[_Token], first: int, terms: Terms) -> int | None:
    """The index of the token that ends the phrase which starts at `first`; None where its words do not follow."""
    last = first
    for stem in terms[1:]:
        following = last + 1
        if following == len(tokens) or tokens[following].stem != stem:
            return None
        if _has_word(text[tokens[last].end : tokens[following].start]):
            return None
        last = following
    return last


def _numbers(text: str, tokens: list[_Token]) -> list[int]:
    """Which token of the text each of these is, counted from 0."""
    pattern = token_pattern(text)
    numbers, number, end = [], 0, 0
    for token in tokens:
        number += sum(1 for _ in pattern.finditer(text, end, token.start))
        numbers.append(number)
        number, end = number + 1, token.end
    return numbers


def _has_word(gap: str) -> bool:
    return token_pattern(gap).search(gap) is not None


def merge_spans(marks: Iterable[Match]) -> tuple[tuple[int, int], ...]:
    """Spans in order and apart: what overlaps or touches becomes one."""
    spans: list[tuple[int, int]] = []
    for start, end, _ in marks:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)
