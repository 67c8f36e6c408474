"""Corrections of misspelt words, judged by the company of each word: “Condoleeza Rice” is no “condoleezza race”."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log, log1p
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple

from rapidfuzz.distance import OSA

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.term_dictionary import TermDictionary
from searchsvc.analysis.term_matching import normalize
from searchsvc.analysis.tokenizer import token_pattern
from searchsvc.query.ast import TEXT_FIELDS, Node, Phrase, Term, conjunction, leaves
from searchsvc.query.request import MAX_QUERY, SearchRequest
from searchsvc.search.question import Question

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

CLEARLY_MORE = 5  # factor by which a suggested word must be more frequent, and a suggested query must find more
MAX_SECONDS = 0.02  # after which no more pairs of words are counted
_MAX_WORDS = 20  # words of a query that are looked at
_MAX_FOUND = 6  # words of a query that finds something: a headline that is found is spelled as its article is
_MAX_CANDIDATES = 4  # for each of them, the most frequent
_EVERYWHERE = 2 / 3  # part of the articles from which on a word is no company: it stands beside every other
# In units of the logarithm of the articles in which two words are next to each other.
_KNOWN = log(CLEARLY_MORE)  # weight of a word as typed that the archive has
_NAME = 0.5  # of one with a capital letter, which is rather a name: others must be next to its neighbour somewhere
_RARE = 0.5  # of one that the archive has, but so rarely that it may be misspelt there too
_SAME_ARTICLE = 0.1  # of two words that are somewhere in the same article
_FREQUENT = 0.01  # of the word's own frequency, which decides where company does not


@dataclass(frozen=True, slots=True)
class Correction:
    """The query with its misspelt words corrected, and the number of articles that it finds."""

    question: Question
    total: int


class _Word(NamedTuple):
    """A word of a query as typed and normalized, the number of articles with it, and what may be meant."""

    typed: str
    word: str
    articles: int
    candidates: tuple[str, ...]

    @property
    def options(self) -> tuple[str, ...]:
        return (self.word, *self.candidates)

    @property
    def is_name(self) -> bool:
        return self.typed[:1].isupper()


def correct(searcher: "Searcher", question: Question, total: int) -> Correction | None:
    """Return the query with misspelt words corrected.

    Return None unless that finds clearly more than `total`, or something of what the archive does not have at all.
    """
    deadline = monotonic() + MAX_SECONDS
    words = _words(searcher, question.request.tree, deadline)
    if len(words) == 1 and words[0].is_name:
        words = [_without_far_candidates(words[0], total)]
    if not any(each.candidates for each in words) or (total and len(words) > _MAX_FOUND):
        return None
    chosen = _choose(words, _Company(searcher, deadline))
    changed = [(each, meant) for each, meant in zip(words, chosen, strict=True) if meant != each.word]
    corrected = {each.word: meant for each, meant in changed}
    if not corrected:
        return None
    other = _replace_words(searcher, question, corrected)
    if len(other.text) > MAX_QUERY:
        return None
    found = searcher.count(other.request)
    is_unknown = not total and not any(each.articles for each, _ in changed)
    return Correction(other, found) if found >= max(1, CLEARLY_MORE * total) or is_unknown else None


def _words(searcher: "Searcher", tree: Node, deadline: float) -> list[_Word]:
    """Return the words of title and body in order, without those that are in nearly every article."""
    dictionary, analyzer = searcher.dictionary, searcher.analyzers.main
    known: dict[str, _Word] = {}
    found: list[_Word] = []
    for typed in _typed_words(tree):
        word = normalize(typed, analyzer)
        if word and word not in known:
            articles = dictionary.count(word)
            if not articles and monotonic() < deadline:  # it may be too rare for the dictionary
                articles = searcher.count(SearchRequest(Phrase(word)))
            known[word] = _Word(typed, word, articles, _candidates(dictionary, word, articles))
        if word and known[word].articles <= _EVERYWHERE * searcher.info.articles:
            found.append(known[word]._replace(typed=typed))
        if len(found) == _MAX_WORDS:
            break
    return found


def _candidates(dictionary: TermDictionary, word: str, articles: int) -> tuple[str, ...]:
    """Return the words that may be meant by one that so many articles have.

    The beginning of a word is rather typed half than with another first letter.
    """
    near = dictionary.similar(word, max(1, CLEARLY_MORE * articles), _MAX_CANDIDATES)
    is_beginning = any(each.term != word for each in dictionary.complete(word, 2))
    return tuple(each for each in near if each[0] == word[0] or not is_beginning)


def _without_far_candidates(name: _Word, total: int) -> _Word:
    """Return a name that is alone without candidates that differ in two letters, and without any if it is found."""
    near = (each for each in name.candidates if OSA.distance(each, name.word) == 1 and not total)
    return name._replace(candidates=tuple(near))


def _typed_words(tree: Node) -> Iterator[str]:
    for node, fields in leaves(tree):
        if isinstance(node, Term) and (not fields or fields[-1] in TEXT_FIELDS):
            yield from token_pattern(node.text).findall(node.text)


class _Company:
    """Tells how often words of an archive stand together, as long as time allows."""

    def __init__(self, searcher: "Searcher", deadline: float) -> None:
        self._searcher = searcher
        self._deadline = deadline
        self._known: dict[tuple[str, str], float] = {}

    def alone(self, each: _Word, option: str, *, is_single: bool) -> float:
        """Return the weight of an option without any company."""
        articles = self._searcher.dictionary.count(option)
        weight = _FREQUENT * log1p(articles)
        if option == each.word and not is_single:
            weight += _KNOWN if articles else _RARE if each.articles else _NAME if each.is_name else 0.0
        return weight

    def together(self, one: str, other: str) -> float:
        """Return the weight of two words next to each other."""
        if (one, other) not in self._known:
            self._known[one, other] = self._count(one, other) if monotonic() < self._deadline else 0.0
        return self._known[one, other]

    def _count(self, one: str, other: str) -> float:
        count = self._searcher.count
        for pair in (f"{one} {other}", f"{other} {one}"):
            if adjacent := count(SearchRequest(Phrase(pair))):
                return log1p(adjacent)
        return _SAME_ARTICLE * log1p(count(SearchRequest(conjunction([Phrase(one), Phrase(other)]))))


def _choose(words: Sequence[_Word], company: _Company) -> list[str]:
    """Return the option of each word such that neighbours stand together most (Viterbi, 1967)."""
    first, is_single = words[0], len(words) == 1
    paths = {option: (company.alone(first, option, is_single=is_single), [option]) for option in first.options}
    for before, each in pairwise(words):
        is_fixed = not (before.candidates or each.candidates)
        steps = {}
        for option in each.options:
            ways = (
                (weight + (0.0 if is_fixed else company.together(last, option)), path)
                for last, (weight, path) in paths.items()
            )
            weight, path = max(ways, key=lambda way: way[0])
            steps[option] = (weight + company.alone(each, option, is_single=False), [*path, option])
        paths = steps
    return max(paths.values(), key=lambda way: way[0])[1]


def _replace_words(searcher: "Searcher", question: Question, corrected: dict[str, str]) -> Question:
    """Return the question with some of its words replaced, in capitals where they were."""
    analyzer: Analyzer = searcher.analyzers.main

    def replacement(found: re.Match[str]) -> str:
        better = corrected.get(normalize(found[0], analyzer))
        return found[0] if better is None else in_capitals_of(found[0], better)

    text = token_pattern(question.text).sub(replacement, question.text)
    parsed = searcher.parse(text, question.match)
    request = replace(question.request, tree=parsed.tree, page=1, after=None)
    return replace(question, text=text, notes=parsed.notes, request=request, by_cursor=False)


def in_capitals_of(typed: str, better: str) -> str:
    """Return a word in capital letters if the typed one is, and with a capital letter if that has one."""
    if typed.isupper() and len(typed) > 1:
        return better.upper()
    return better.capitalize() if typed[:1].isupper() else better
