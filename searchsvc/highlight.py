"""Why an article matched: the spans of its text that the query found, and the fragments that show them best.

Engines say which articles match; this module says where, in the same way for every engine. It looks at words whose
first letters could begin a wanted one, stems just those, and keeps words whose stem is wanted and phrases whose words
stand side by side. Spans count characters of the plain text; marking up and escaping happen at the edge.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from typing import NamedTuple, assert_never

from searchsvc.analysis import Analyzer, token_pattern
from searchsvc.candidates import Candidates, every_word
from searchsvc.forms import folded, lengths_of, literal_prefix, matcher, terms_of
from searchsvc.model import Snippet
from searchsvc.proximity import placements
from searchsvc.tree import And, Boost, Dates, Everything, Field, Fuzzy, Node, Not, Or, Pattern, Phrase, Word

MAX_TEXT = 200_000
"""Characters of a text that are looked at; matches further down are found, but not marked."""
MAX_FRAGMENTS = 3
MAX_PLACEMENTS = 1_000
"""Places of a sloppy phrase that are looked at in one text."""
MAX_MARKS = 20
"""Matches of each word or phrase, from the beginning of the text, among which fragments are chosen."""
FRAGMENT_WIDTH = 180
"""Characters that a fragment aims at; it may be a little longer to end with its sentence."""

_SENTENCE_END = re.compile(  # one class in front, which the regex engine looks for quickly
    r"[.!?…。！？।\n](?:(?<=[.!?…])['\"”’»)\]]*\s+|(?<=[。！？।])\s*|(?<=\n)\n*)"
)
_SPACE = re.compile(r"\s")
_OTHER_SPACE = re.compile(r"[^\S ]")

Terms = tuple[str, ...]
"""Stems that stand side by side: one for a word, several for a phrase."""


class Wanted(NamedTuple):
    """A word or a phrase that a query looks for, and how many steps may part a phrase's words from their places."""

    terms: Terms
    slop: int = 0


class Mark(NamedTuple):
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


class Highlighter:
    """Marks the words of one query in the articles that it found."""

    def __init__(self, tree: Node, analyzer: Analyzer) -> None:
        self._title = _Finder(wanted_terms(tree, "title", analyzer), wanted_forms(tree, "title"), analyzer)
        self._body = _Finder(wanted_terms(tree, "body", analyzer), wanted_forms(tree, "body"), analyzer)

    def title(self, text: str) -> Snippet:
        """The whole title with its matches; no spans where the query is not about titles."""
        return Snippet(text, _joined(self._title.marks(text)))

    def text(self, text: str) -> Snippet:
        """The whole body with its matches."""
        return Snippet(text, _joined(self._body.marks(text)))

    def is_near(self, title: str, body: str) -> bool:
        """Whether title or body have one of the sloppy phrases, which is found out sooner than where."""
        return self._title.is_near(title) or self._body.is_near(body)

    def fragments(self, text: str) -> tuple[Snippet, ...]:
        """Up to three fragments that show the most of the query, in order; the beginning where nothing matches."""
        marks = list(self._body.marks(text))
        return tuple(_cut(text, window) for window in _windows(marks)) if marks else _lead(text)


def wanted_terms(tree: Node, field: str, analyzer: Analyzer) -> list[Wanted]:
    """The words and phrases that the query looks for in a text field, each once, in the order in which it has them.

    What it excludes is not wanted.
    """
    nodes = (node for node in _wanted(tree, field, None) if isinstance(node, Word | Phrase))
    found = ((terms_of(node, analyzer), node.slop if isinstance(node, Phrase) else 0) for node in nodes)
    return list(dict.fromkeys(Wanted(terms, slop if len(terms) > 1 else 0) for terms, slop in found if terms))


def wanted_words(tree: Node, field: str, analyzer: Analyzer) -> list[str]:
    """The single words that the query looks for in a text field, as they were typed, folded."""
    texts = (node.text for node in _wanted(tree, field, None) if isinstance(node, Word))
    return list(dict.fromkeys(word for text in texts for word in analyzer.written(text)))


def wanted_forms(tree: Node, field: str) -> frozenset[Pattern | Fuzzy]:
    """The words as written that the query looks for in a text field."""
    return frozenset(node for node in _wanted(tree, field, None) if isinstance(node, Pattern | Fuzzy))


def _wanted(node: Node, field: str, scope: str | None) -> Iterator[Word | Phrase | Pattern | Fuzzy]:
    match node:
        case Word() | Phrase() | Pattern() | Fuzzy():
            if scope in (None, field):
                yield node
        case Boost(inner):
            yield from _wanted(inner, field, scope)
        case Field(name, inner):
            yield from _wanted(inner, field, name)
        case And(nodes) | Or(nodes):
            for inner in nodes:
                yield from _wanted(inner, field, scope)
        case Everything() | Dates() | Not():
            return
        case _:
            assert_never(node)


class _Finder:
    """Finds the wanted terms, and words as written, in texts of one field."""

    def __init__(self, wanted: list[Wanted], forms: frozenset[Pattern | Fuzzy], analyzer: Analyzer) -> None:
        self._words: set[str] = set()
        self._phrases: dict[str, list[Terms]] = {}
        for terms, slop in wanted:
            if len(terms) == 1:
                self._words.update(terms)
            elif not slop:
                self._phrases.setdefault(terms[0], []).append(terms)
        self._sloppy = [each for each in wanted if each.slop]
        self._stems = {stem for each in wanted for stem in each.terms}
        self._matchers = [((str(form),), matcher(form, analyzer)) for form in forms]
        self._known: dict[str, tuple[Terms, ...]] = {}
        self._fit: set[str] = set()
        self._analyzer = analyzer
        prefixes = {literal_prefix(form, analyzer) for form in forms if isinstance(form, Pattern)} - {""}
        self._heads = frozenset({*map(analyzer.head, self._stems), *prefixes})
        lengths = [lengths_of(form, analyzer) for form in forms if isinstance(form, Fuzzy)]
        self._lengths = frozenset(chain.from_iterable(lengths))
        self._candidates = lru_cache(maxsize=8)(Candidates)

    def marks(self, text: str) -> Iterator[Mark]:
        """Matches in the order in which they begin; a phrase and a word within it are both reported.

        Of a sloppy phrase, each word is a match: others may stand between them.
        """
        if not self._stems and not self._matchers:
            return
        text = text[:MAX_TEXT]
        tokens = self._tokens(text)
        exact = self._exact(text, tokens)
        yield from sorted([*exact, *self._near(text, tokens)]) if self._sloppy else exact

    def _exact(self, text: str, tokens: list[_Token]) -> Iterator[Mark]:
        for index, (start, end, stem, forms) in enumerate(tokens):
            yield from (Mark(start, end, form) for form in forms)
            if stem in self._words:
                yield Mark(start, end, (stem,))
            for terms in self._phrases.get(stem, ()):
                last = _last_of_phrase(text, tokens, index, terms)
                if last is not None:
                    yield Mark(start, tokens[last].end, terms)

    def _near(self, text: str, tokens: list[_Token]) -> Iterator[Mark]:
        """The words of sloppy phrases, from the beginning of the text."""
        numbers = _numbers(text, tokens)
        token_at = dict(zip(numbers, tokens, strict=True))
        for terms, slop in self._sloppy:
            positions = _positions({at: token.stem for at, token in token_at.items()}, terms)
            found = islice(placements(positions, terms, slop), MAX_PLACEMENTS)
            for at in sorted({at for placed in found for at in placed}):
                yield Mark(token_at[at].start, token_at[at].end, terms)

    def is_near(self, text: str) -> bool:
        """Whether the text has one of the sloppy phrases."""
        if not self._sloppy:
            return False
        tokens = self._tokens(text)
        stems = dict(zip(_numbers(text, tokens), (token.stem for token in tokens), strict=True))
        return any(any(placements(_positions(stems, terms), terms, slop)) for terms, slop in self._sloppy)

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
        return {folded(word, self._analyzer) for word in words & self._fit}

    def _forms(self, word: str) -> tuple[Terms, ...]:
        if word not in self._known:
            written = folded(word, self._analyzer)
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


def _joined(marks: Iterable[Mark]) -> tuple[tuple[int, int], ...]:
    """Spans in order and apart: what overlaps or touches becomes one."""
    spans: list[tuple[int, int]] = []
    for start, end, _ in marks:
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((start, end))
    return tuple(spans)


def _windows(marks: list[Mark]) -> list[list[Mark]]:
    """Up to three runs of marks, each short enough for a fragment, that together show most of the query."""
    runs = list(_runs(_first_of_each(marks)))
    chosen: list[list[Mark]] = []
    seen: set[Terms] = set()
    while runs and len(chosen) < MAX_FRAGMENTS:
        first_with: dict[frozenset[Terms], list[Mark]] = {}
        for kinds, run in runs:
            first_with.setdefault(kinds, run)
        # Of those that show as much, max takes the first: they are in the order of the text.
        shown = max(first_with, key=lambda kinds: (sum(map(len, kinds - seen)), len(kinds)))
        best = first_with[shown]
        chosen.append(best)
        seen |= shown
        before, after = best[0].start - FRAGMENT_WIDTH, best[-1].end + FRAGMENT_WIDTH
        runs = [(kinds, run) for kinds, run in runs if run[-1].end <= before or run[0].start >= after]
    return sorted(chosen)


def _first_of_each(marks: list[Mark]) -> list[Mark]:
    """The first matches of each word or phrase."""
    number: Counter[Terms] = Counter()
    kept = []
    for mark in marks:
        if number[mark.terms] < MAX_MARKS:
            number[mark.terms] += 1
            kept.append(mark)
    return kept


def _runs(marks: list[Mark]) -> Iterator[tuple[frozenset[Terms], list[Mark]]]:
    """From each mark on, those that fit into one fragment, and what is among them."""
    ends = [mark.end for mark in marks]
    kinds = frozenset(mark.terms for mark in marks)
    for first, mark in enumerate(marks):
        run = marks[first : max(first + 1, bisect_left(ends, mark.start + FRAGMENT_WIDTH, lo=first))]
        yield kinds if len(kinds) == 1 else frozenset(each.terms for each in run), run


def _cut(text: str, marks: list[Mark]) -> Snippet:
    """A fragment around the marks, from and to the nearest sentence or word boundaries."""
    first, last = marks[0].start, min(marks[-1].end, marks[0].start + 2 * FRAGMENT_WIDTH)
    start = _start_of_fragment(text, max(0, first - max(30, (FRAGMENT_WIDTH - (last - first)) // 2)), first)
    end = _end_of_fragment(text, last, max(last + 30, start + FRAGMENT_WIDTH))
    spans = tuple((max(a, start) - start, min(b, end) - start) for a, b in _joined(marks) if a < end)
    return Snippet(_one_line(text[start:end]), spans)


def _lead(text: str) -> tuple[Snippet, ...]:
    beginning = _one_line(text[: _end_of_fragment(text, min(len(text), FRAGMENT_WIDTH // 2), FRAGMENT_WIDTH)])
    return (Snippet(beginning),) if beginning else ()


def _start_of_fragment(text: str, earliest: int, first: int) -> int:
    """Where a sentence, else a word, begins between `earliest` and the first mark."""
    if earliest == 0:
        return 0
    sentence = _SENTENCE_END.search(text, earliest, first)
    if sentence is not None:
        return sentence.end()
    space = _SPACE.search(text, earliest, first)
    return space.end() if space is not None else earliest


def _end_of_fragment(text: str, last: int, latest: int) -> int:
    """Where a sentence, else a word, ends between the last mark and `latest`."""
    if latest >= len(text):
        return len(text.rstrip())
    ends = [found.start() + len(found.group().rstrip()) for found in _SENTENCE_END.finditer(text, last, latest + 1)]
    if ends and ends[-1] - last >= 20:
        return ends[-1]
    spaces = [found.start() for found in _SPACE.finditer(text, last, latest + 1)]
    return spaces[-1] if spaces else latest


def _one_line(text: str) -> str:
    return _OTHER_SPACE.sub(" ", text)
