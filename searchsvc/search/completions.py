"""Completions of a partly typed query: words of the archive, values of its fields, and titles.

What is likely comes first: words that stand together in the archive, then its frequent ones. The number behind a completion
is that of the search which it becomes, under the same filters. It is left out if counting would take too long.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from time import monotonic
from typing import TYPE_CHECKING

from searchsvc.model.results import Suggestions, TitleSuggestion, ValueSuggestion, WordSuggestion
from searchsvc.query.ast import TEXT_FIELDS, And, Field, MatchAll, Node, Phrase, Term, Wildcard, conjunction
from searchsvc.query.lexer import clean, within_quotes
from searchsvc.query.parser import parse
from searchsvc.query.request import MAX_QUERY
from searchsvc.search.company import Company
from searchsvc.search.facet_values import folded
from searchsvc.search.question import Question
from searchsvc.search.remembered import Scope, Value
from searchsvc.search.unfinished import Unfinished, unfinished

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

MIN_PREFIX = 2  # letters from which on titles and values are suggested
MAX_ENDINGS = 20  # words that complete the last one in titles, the most frequent: more take longer than typing allows
MAX_TRIES = 10  # completions that are counted besides those that are shown: some find nothing
MAX_POSTINGS = 200_000  # articles with a word that counting may look at, all completions together: a few milliseconds
MAX_SECONDS = 0.5  # after which nothing more is counted, whatever the query is
MAX_VALUE_WORDS = 4  # words typed of a value of a field that is not named
_COMMON = 4  # a word in more than one of so many articles tells little about the words beside it
_INTERSECTION = 8  # articles that are skipped in the time in which one is counted


def suggest(searcher: "Searcher", text: str, limit: int, question: Question) -> Suggestions:
    """Return up to `limit` completions of each kind, under the filters of a question."""
    end = unfinished(text[:MAX_QUERY], searcher.fields, searcher.analyzers.main)
    if end is None:
        return Suggestions()
    completer = _Completer(searcher, end, question)
    if end.field and end.field not in TEXT_FIELDS:
        return Suggestions(values=tuple(islice(completer.values_of_field(limit), limit)))
    words = tuple(islice(completer.words(limit), limit))
    values = tuple(islice(completer.values(limit), limit))
    return Suggestions(words, _titles(searcher, text, limit, Scope.of(question.request)), values)


class _Completer:
    """Completes the end of one query."""

    def __init__(self, searcher: "Searcher", end: Unfinished, question: Question) -> None:
        self._searcher = searcher
        self._end = end
        self._match = question.match
        self._scope = Scope.of(question.request)
        self._analyzer = searcher.analyzers.main
        self._postings_left = MAX_POSTINGS
        self._deadline = monotonic() + MAX_SECONDS

    def words(self, limit: int) -> Iterator[WordSuggestion]:
        """Yield the query with its last word completed, the likeliest words first."""
        end, company = self._end, self._company()
        closing = '"' if end.open else ""
        likely = self._distinct(chain(company.likely(end.prefix), self._frequent_words(company, limit)))
        for word in islice(likely, limit + MAX_TRIES):
            text = f"{end.text}{word}{closing}"
            total = self._total(text)
            # Words that are frequent, but were not seen together, are a guess. In a phrase, it is nearly always wrong.
            if total or (total is None and (word in company.following or not end.open)):
                yield WordSuggestion(text, total)

    def values_of_field(self, limit: int) -> Iterator[ValueSuggestion]:
        """Yield the query with a value of the field that is named in front of the last word."""
        end, remembered = self._end, self._searcher.remembered
        if end.field not in self._searcher.info.fields:
            return
        tree = self._searcher.parse(end.text[: end.clause]).tree if end.is_required else MatchAll()
        everything = tree == MatchAll() and self._scope == Scope()
        values = remembered.values(end.field) if everything else remembered.found_values(tree, self._scope, end.field)
        wanted = "".join(f" {word}" for word in (*end.inside, end.prefix) if word)
        yield from self._queries_for(end.clause, [(end.field, each) for each in values if wanted in each.words], limit)

    def values(self, limit: int) -> Iterator[ValueSuggestion]:
        """Yield the query with its last words replaced by a value that has them, first those that have more of them."""
        end = self._end
        if end.open or end.field:
            return
        for field, start, words in end.endings(MAX_VALUE_WORDS):
            wanted = folded(end.text[words:] + end.prefix)
            fields = (field,) if field in self._searcher.info.fields else () if field else self._named_fields()
            if len(wanted) > MIN_PREFIX:
                yield from self._queries_for(start, self._matching(wanted, fields), limit)

    def _named_fields(self) -> tuple[str, ...]:
        """Return the fields whose values people type without the name of the field: neither codes nor numbers."""
        return tuple(name for name in self._searcher.listed_facets if name != "language")

    def _matching(self, wanted: str, fields: tuple[str, ...]) -> list[tuple[str, Value]]:
        """Return the fields and values that have some adjacent words, of which the last may be unfinished."""
        found = [(name, each) for name in fields for each in self._searcher.remembered.values(name) if wanted in each.words]
        return sorted(found, key=lambda pair: -pair[1].articles)

    def _queries_for(self, start: int, found: list[tuple[str, Value]], limit: int) -> Iterator[ValueSuggestion]:
        """Yield the query with everything from an offset on replaced by a value."""
        for field, value in islice(found, limit + MAX_TRIES):
            clause = _clause(field, value.value, self._searcher.fields)
            text = f"{self._end.text[:start]}{clause}"
            if clause and (total := self._total(text, value.articles)) != 0:
                yield ValueSuggestion(text, field, value.value, total)

    def _company(self) -> Company:
        """Return the company of the words in front of the last one, under the filters."""
        end = self._end
        words = self._words_before()
        tree = self._told_by(end) if end.is_required else MatchAll()
        if not end.is_required or (tree == MatchAll() and self._scope == Scope() and not words):
            return Company({}, {}, whole=False)
        return self._searcher.remembered.company(tree, self._scope, tuple(words[-2:]))

    def _words_before(self) -> list[str]:
        """Return the words in front of the last one, as written and folded."""
        tokens = (self._analyzer.tokens(token.text) for token in self._end.before if token.kind == "word")
        return [*chain.from_iterable(tokens), *self._end.inside]

    def _told_by(self, end: Unfinished) -> Node:
        """Return a tree for the articles that tell the company of a word: those with the words before it.

        Common words are left out: to find them takes long, and they are in any articles.
        """
        head = self._searcher.parse(end.text[: end.clause]).tree
        nodes = head.nodes if isinstance(head, And) else (head,)
        return conjunction(node for node in (*nodes, *map(Term, end.inside)) if not self._is_common(node))

    def _is_common(self, node: Node) -> bool:
        count, words = self._searcher.dictionary.count, self._analyzer.tokens(node.text) if isinstance(node, Term) else []
        return max(map(count, words), default=0) > self._searcher.info.articles // _COMMON

    def _frequent_words(self, company: Company, limit: int) -> Iterator[str]:
        """Yield the most frequent words of the archive that complete the last one, unless the company has all there are."""
        if company.whole and self._match == "all":
            return
        prefix = self._end.prefix
        words = self._searcher.dictionary.complete(prefix, limit + MAX_TRIES)
        if len(words) < limit:  # the dictionary has frequent words only
            words = self._searcher.engine.terms(prefix, limit)
        yield from (word for word, _ in words)

    def _distinct(self, words: Iterable[str]) -> Iterator[str]:
        """Yield words of which each finds something else than the words before it and than each other.

        Outside of quotation marks, one form of a word finds all.
        """
        exact = self._end.open or self._end.text.endswith("=")
        known = set[str]() if exact else set(map(self._analyzer.stem_of, self._words_before()))
        for word in words:
            key = word if exact else self._analyzer.stem_of(word)
            if key not in known:
                known.add(key)
                yield word

    def _total(self, text: str, *more: int) -> int | None:
        """Return the number of articles that a query finds under the filters. Return None if counting would take too long.

        `more` are numbers of articles that parts of the query find besides its words.
        """
        counts = [*more, *map(self._searcher.dictionary.count, self._analyzer.tokens(text))]
        postings = sum(counts)
        if self._end.negated:  # goes through all articles
            postings += self._searcher.info.articles
        elif self._match == "all" and not self._end.alternative:  # goes through the articles with the rarest word
            postings = min(counts) + postings // _INTERSECTION
        if postings > self._postings_left or monotonic() > self._deadline:
            return None
        self._postings_left -= postings
        return self._searcher.remembered.total(self._searcher.parse(text, self._match).tree, self._scope)


def _clause(field: str, value: str, fields: frozenset[str]) -> str:
    """Return the clause of a query for a value. Return "" if it cannot be written so that it finds the value."""
    words = within_quotes(value)
    clause = f'{field}:"{words}"'
    return clause if parse(clause, fields).tree == Field(field, Phrase(words)) else ""


def _titles(searcher: "Searcher", text: str, limit: int, scope: Scope) -> tuple[TitleSuggestion, ...]:
    """Return titles that contain every word of a text, of which the last may be unfinished, the newest first."""
    *before, last = searcher.analyzers.main.tokens(clean(text[:MAX_QUERY])) or [""]
    if len(last) < MIN_PREFIX:
        return ()
    # A wildcard without * or ? matches the word as written.
    tree = Field("title", conjunction(map(Wildcard, [*before, f"{last}*"])))
    request = replace(scope.request(tree, limit), sort="newest", max_words=len(before) + MAX_ENDINGS)
    titles: dict[str, str] = {}
    for article, _ in searcher.engine.search(request).articles:
        titles.setdefault(article.title, article.id)
    return tuple(TitleSuggestion(title, article_id) for title, article_id in titles.items())
