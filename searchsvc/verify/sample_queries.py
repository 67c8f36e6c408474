"""Random requests made from indexed articles, so that most of them find something.

The contract tests and `searchsvc check --verify` send them to an engine and to the reference.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from random import Random

from searchsvc.model.article import METADATA, Article
from searchsvc.model.number_ranges import NumberRange, number_of
from searchsvc.query.ast import (
    TEXT_FIELDS,
    Boost,
    DateRange,
    Field,
    Fuzzy,
    Node,
    Not,
    Phrase,
    Term,
    Wildcard,
    conjunction,
    disjunction,
)
from searchsvc.query.request import MAX_PER_PAGE, SearchRequest, Sort
from searchsvc.verify.reference import AnalyzedArticle, readings, split_words

MAX_FACETS = 3
"""Metadata fields that each request counts, besides the date facet."""
_MAX_TEXT = 20_000
"""Characters of a text from which words are taken."""
_SORTS: tuple[Sort, ...] = ("relevance", "newest", "oldest")


class RequestSampler:
    """Draws random requests, each made from one article. The same state of `rng` gives the same requests."""

    def __init__(self, articles: Sequence[Article], rng: Random) -> None:
        self._articles = articles
        self._fields = sorted({field for article in articles for field in _metadata(article)})
        self._rng = rng

    def requests(self, number: int) -> list[SearchRequest]:
        """Return random requests, or [] if there are no articles."""
        return [self.request() for _ in range(number)] if self._articles else []

    def request(self) -> SearchRequest:
        """Return a request of one to three clauses, sometimes with a filter or days. It usually finds its article."""
        rng = self._rng
        article = rng.choice(self._articles)
        day = article.date
        start, end = self._days_around(day) if day and rng.random() < 0.15 else (None, None)
        return SearchRequest(
            tree=self._tree(article),
            filters=self._filters(article) if rng.random() < 0.25 else {},
            ranges=self._ranges(article) if rng.random() < 0.1 else {},
            excluded=self._filters(self._other()) if rng.random() < 0.1 else {},
            dates=(str(day)[: rng.choice((4, 7, 10))],) if day and rng.random() < 0.15 else (),
            start=start,
            end=end,
            share=rng.choice((0.2, 0.8)) if rng.random() < 0.05 else 1.0,
            sort=rng.choice(_SORTS),
            per_page=MAX_PER_PAGE,
            facets=tuple(rng.sample(self._fields, min(MAX_FACETS, len(self._fields)))),
            date_facet=True,
        )

    def _filters(self, article: Article) -> Mapping[str, tuple[str, ...]]:
        values = _metadata(article)
        if not values:
            return {}
        field = self._rng.choice(sorted(values))
        chosen = [self._rng.choice(_metadata(each).get(field, values[field])) for each in (article, self._other())]
        return {field: tuple(dict.fromkeys(chosen))}

    def _ranges(self, article: Article) -> Mapping[str, tuple[NumberRange, ...]]:
        """Return a range around a number of the article, without its values. Return {} if it has no number."""
        numbers = [(field, found) for field, of in _metadata(article).items() if (found := number_of(of[0])) is not None]
        if not numbers:
            return {}
        field, number = self._rng.choice(numbers)
        ends = (number - self._rng.choice((0, 1, 100)), number + self._rng.choice((0, 0.5, 100)))
        return {field: (NumberRange(*self._rng.choice((ends, (ends[0], None), (None, ends[1])))),)}

    def _tree(self, article: Article) -> Node:
        nodes = [self._clause(article) for _ in range(self._rng.choice((1, 1, 1, 2, 3)))]
        if self._rng.random() < 0.15:
            nodes.append(Not(self._clause(self._other())))
        if self._rng.random() < 0.15:
            nodes.append(disjunction([self._clause(article), self._clause(self._other())]))
        return disjunction(nodes) if self._rng.random() < 0.15 else conjunction(nodes)

    def _clause(self, article: Article) -> Node:
        kind = self._rng.random()
        if kind < 0.1 and article.date:
            return DateRange(*self._days_around(article.date))
        values = _metadata(article)
        if kind < 0.13 and (ranges := self._ranges(article)):
            return next(Field(name, numbers) for name, (numbers,) in ranges.items())
        if kind < 0.3 and values:
            field = self._rng.choice(sorted(values))
            return Field(field, self._words_of(self._rng.choice(values[field])))
        field = self._rng.choice(TEXT_FIELDS)
        node = self._words_of(article.body if field == "body" and article.body else article.title)
        if kind < 0.4:
            return Boost(node, 2.0)
        return Field(field, node) if kind < 0.6 else node

    def _words_of(self, text: str) -> Node:
        """Return a node that finds words of the text."""
        words = split_words(self._rng.choice(readings(text)), _MAX_TEXT)
        if not words:
            return Term(text[:100])
        at = self._rng.randrange(len(words))
        word, phrase = words[at], words[at : at + self._rng.randint(2, 4)]
        makers = (
            partial(self._inflected, word),
            partial(Phrase, word),
            partial(Phrase, " ".join(phrase)),
            partial(Phrase, " ".join(phrase), 0),
            partial(Phrase, " ".join(self._rng.sample(phrase, len(phrase))), self._rng.randint(1, 10)),
            partial(self._prefix, word),
            partial(self._masked, word),
            partial(self._misspelt, word),
        )
        return self._rng.choice(makers)()

    def _inflected(self, word: str) -> Node:
        return Term(self._rng.choice((word, word, f"{word}'s", f"{word}’s", word.removesuffix("s"), f"{word}s")))

    def _prefix(self, word: str) -> Node:
        if len(word) < 3:
            return Term(word)
        at = self._rng.randint(max(2, len(word) // 2), len(word) - 1)
        return Wildcard(f"{word[:at]}*{self._rng.choice(('', word[-1]))}")

    def _masked(self, word: str) -> Node:
        """Return the word with a question mark instead of one letter, usually the last one."""
        if len(word) < 3:
            return Term(word)
        at = max(2, self._rng.choice((len(word) // 2, len(word) - 1, len(word) - 1)))
        return Wildcard(f"{word[:at]}?{word[at + 1 :]}")

    def _misspelt(self, word: str) -> Node:
        """Return a word with one letter too many, missing or wrong, or with two neighbours swapped."""
        if len(word) < 4:
            return Term(word)
        at = self._rng.randrange(len(word))
        before, after = word[:at], word[at:]
        wrong = (f"{before}e{after}", before + after[1:], f"{before}e{after[1:]}", before + after[1::-1] + after[2:])
        return Fuzzy(self._rng.choice(wrong), self._rng.randint(1, 2))

    def _days_around(self, day: date) -> tuple[date, date]:
        margin = timedelta(self._rng.choice((0, self._rng.randint(1, 40))))
        return day - min(margin, day - date.min), day + min(margin, date.max - day)

    def _other(self) -> Article:
        return self._rng.choice(self._articles)


def _metadata(article: Article) -> Mapping[str, tuple[str, ...]]:
    analyzed = AnalyzedArticle(article, "none")
    return {field: values for field in (*METADATA, *article.extra) if (values := analyzed.values(field))}
