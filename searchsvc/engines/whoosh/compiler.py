"""Compilation of requests into whoosh.query and into sets of documents. No text reaches the library's own parser."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property, lru_cache, partial, reduce
from itertools import islice
from math import log
from typing import Any

import orjson
from whoosh import query as whoosh
from whoosh.matching import IntersectionMatcher, ListMatcher
from whoosh.scoring import BM25F, bm25
from whoosh.searching import Searcher

from searchsvc.analysis.analyzer import Analyzers
from searchsvc.analysis.phrases import Positions, sloppy_matches
from searchsvc.analysis.term_matching import (
    is_exact,
    literal_prefix,
    slop_of,
    term_predicate,
    terms_by_language,
    terms_of,
    value_predicate,
)
from searchsvc.engines.compiler import TreeCompiler
from searchsvc.engines.expansion import Expansion
from searchsvc.engines.scoring import K1, B
from searchsvc.engines.whoosh.writer import BODY_START, meta_term
from searchsvc.model.article import Article, last_number, load, number_of
from searchsvc.model.languages import language_filter
from searchsvc.model.periods import Period
from searchsvc.query.ast import TEXT_FIELDS, Fuzzy, Phrase, Term, Wildcard
from searchsvc.query.request import SearchRequest

Documents = frozenset[int]  # Whoosh's numbers of articles that are not deleted
_FIELDS = {"title": "title", "body": "text"}  # whose lengths and averages score a phrase


class Postings:
    """The documents of one generation."""

    def __init__(self, searcher: Searcher, analyzers: Analyzers) -> None:
        self.searcher, self._reader, self._analyzer = searcher, searcher.reader(), analyzers.main
        self._languages = analyzers.languages
        self.everything: Documents = frozenset(self._reader.all_doc_ids())
        self.values, self.words = lru_cache(maxsize=64)(self._values), lru_cache(maxsize=2)(self._words)

    @cached_property
    def keys(self) -> Mapping[int, tuple[int | None, str, str | None]]:
        """The instant, the id and the day in ISO format of every document. Undated documents have no instant and day."""
        column = self._reader.column_reader("key") if self.everything else ()  # without documents, it has no columns
        return {document: tuple(orjson.loads(column[document])) for document in self.everything}

    def article(self, document: int) -> Article:
        return load(self._reader.stored_fields(document)["article"])

    def docs_with(self, field: str, *terms: str) -> Documents:
        return union(whoosh.Term(field, term).docs(self.searcher) for term in terms)

    def dated(self, start: date | None, end: date | None) -> Documents:
        """Return the documents dated within these days, both included, or all documents if both are None."""
        if start is None and end is None:
            return self.everything
        first, last = str(start or date.min), str(end or date.max)
        return frozenset(document for document, (_, _, day) in self.keys.items() if day and first <= day <= last)

    def among(self, share: float) -> Documents:
        """Return a share of the documents, chosen by their ids."""
        if share >= 1:
            return self.everything
        last = last_number(share)
        return frozenset(document for document, (_, article_id, _) in self.keys.items() if number_of(article_id) <= last)

    def numbered(self, numbers: Iterable[int]) -> Documents:
        """Return the documents with some numbers, which are made of their ids."""
        return frozenset(self._by_number[number] for number in numbers if number in self._by_number)

    @cached_property
    def _by_number(self) -> Mapping[int, int]:
        return {number_of(article_id): document for document, (_, article_id, _) in self.keys.items()}

    def in_languages(self, languages: Sequence[str]) -> Documents | None:
        """Return the documents of some languages. Return None if these are all."""
        kept, left_out = language_filter(languages, self._languages)
        if kept:
            return self.docs_with("language", *kept)
        return self.everything - self.docs_with("language", *left_out) if left_out else None

    def phrase(self, terms: Sequence[str], slop: int, scope: str | None) -> Mapping[int, float]:
        """Return the documents in which a phrase occurs with its BM25 scores. A sloppy one counts once in a text."""
        searcher, scores = self.searcher, Counter[int]()
        rarity = sum(searcher.idf("text", term) for term in terms)
        averages = {part: searcher.avg_field_length(_FIELDS[part]) for part in ((scope,) if scope else TEXT_FIELDS)}
        for document, positions in self._together("text", terms, None):
            for part, average in averages.items():
                in_title = part == "title"
                found = {term: [at for at in each if (at < BODY_START) == in_title] for term, each in positions.items()}
                if number := _occurrences(found, terms, slop):
                    length = searcher.doc_field_length(document, _FIELDS[part])
                    scores[document] += bm25(rarity, number, length, average, B, K1)
        return scores

    def written(self, words: Sequence[str], slop: int, scope: str | None, within: Documents | None) -> Mapping[int, float]:
        """Return the same for words as written."""
        searcher, scores = self.searcher, Counter[int]()
        for field in (f"{part}_words" for part in ((scope,) if scope else TEXT_FIELDS)):
            rarity = sum(searcher.idf(field, word) for word in words)
            average = searcher.avg_field_length(field)
            for document, positions in self._together(field, words, within):
                if number := _occurrences(positions, words, slop):
                    length = searcher.doc_field_length(document, field)
                    scores[document] += bm25(rarity, number, length, average, B, K1)
        return scores

    def _together(
        self, field: str, terms: Sequence[str], within: Documents | None
    ) -> Iterator[tuple[int, dict[str, list[int]]]]:
        """Yield the documents that have all terms, with the positions of each. Whoosh's own phrases count other steps."""
        postings = {term: whoosh.Term(field, term).matcher(self.searcher) for term in terms}
        together = reduce(IntersectionMatcher, postings.values())
        while together.is_active():
            document = together.id()
            if within is None or document in within:
                yield document, {term: each.value_as("positions") for term, each in postings.items()}
            together.next()

    def _words(self, field: str) -> Counter[str]:
        """Return the words as written of all titles or bodies, sorted, with the number of documents that contain each."""
        counts = Counter({term.decode(): info.doc_frequency() for term, info in self._reader.iter_field(f"{field}_words")})
        for document in filter(self._reader.is_deleted, range(self._reader.doc_count_all())):  # Whoosh still counts them
            readings = self._analyzer.analyze_readings(getattr(self.article(document), field))
            counts.subtract({word for _, words in readings for word in words})
        return +counts

    def _values(self, name: str) -> Mapping[str, Documents]:
        """Return the values of a metadata field, sorted, with the documents that have each."""
        prefix = meta_term(name, "")
        terms = [term.decode() for term in self._reader.expand_prefix("meta", prefix.encode())]
        return {term[len(prefix) :]: found for term in terms if (found := self.docs_with("meta", term))}


class Weighting(BM25F):
    """Whoosh's BM25F with the inverse document frequency of Lucene and Tantivy."""

    def idf(self, searcher: Any, fieldname: str, text: str) -> float:
        frequency = searcher.doc_frequency(fieldname, text)
        return log(1 + (searcher.doc_count_all() - frequency + 0.5) / (frequency + 0.5))


class Scored(whoosh.Query):
    """Documents with scores, found without Whoosh's own queries."""

    def __init__(self, scores: Mapping[int, float], boost: float = 1.0) -> None:
        self._scores = sorted(scores.items())
        self.boost = boost

    def estimate_size(self, _: Any) -> int:
        return len(self._scores)

    def matcher(self, searcher: Any, context: Any = None) -> ListMatcher:
        return ListMatcher([each for each, _ in self._scores], [score * self.boost for _, score in self._scores])


class Compiler(TreeCompiler[whoosh.Query]):
    """Compiles one request and finds its documents. `notes` collects the parts of the query that were cut."""

    def __init__(self, postings: Postings, analyzers: Analyzers, request: SearchRequest) -> None:
        self._postings, self._analyzers, self._analyzer = postings, analyzers, analyzers.main
        self.notes: list[str] = []
        self._expansion = Expansion(self.notes, request.max_words)
        self.query = self.compile(request.tree) or self.date_range(None, None)
        found = self.query.docs(postings.searcher)
        self._left_out = postings.numbered(request.without)
        self._unfiltered = postings.dated(request.start, request.end).intersection(postings.among(request.share), found)
        self._filters: dict[str | None, Documents] = {}
        for name in request.filtered_fields:
            self._filters[name] = self._kept(name, request)
        if request.dates:
            self._filters[None] = union(postings.dated(*days) for days in map(Period.parse, request.dates) if days)

    def _kept(self, name: str, request: SearchRequest) -> Documents:
        """Return the documents that the filters of a metadata field keep."""
        docs_with, required = self._postings.docs_with, request.required_values(name)
        excluded = docs_with("meta", *(meta_term(name, value) for value in request.excluded_values(name)))
        if required is None:
            return self._postings.everything - excluded
        return docs_with("meta", *(meta_term(name, value) for value in required)) - excluded

    def hits(self) -> Documents:
        """Return the documents that are hits: all that match but those that the request leaves out."""
        return self.documents() - self._left_out

    def documents(self, *without: str | None) -> Documents:
        """Return the documents without the filters of these metadata fields. None stands for the date facet."""
        return self._unfiltered.intersection(*(found for name, found in self._filters.items() if name not in without))

    def text(self, node: Term | Phrase, scope: str | None) -> whoosh.Query | None:
        found = terms_by_language(node, self._analyzers).items()
        queries = [self._in_articles_of(languages, self._terms(terms, node, scope)) for terms, languages in found]
        return whoosh.Or(queries) if len(queries) > 1 else next(iter(queries), None)

    def _in_articles_of(self, languages: list[str], query: whoosh.Query) -> whoosh.Query:
        documents = self._postings.in_languages(languages)
        return query if documents is None else whoosh.And([query, Scored(dict.fromkeys(documents, 0.0))])

    def _terms(self, terms: tuple[str, ...], node: Term | Phrase, scope: str | None) -> whoosh.Query:
        if is_exact(node):
            return Scored(self._postings.written(terms, 0, scope, None))
        if len(terms) == 1 and scope != "body":
            return whoosh.Term(scope or "text", terms[0])
        return Scored(self._postings.phrase(terms, slop_of(node), scope))

    def metadata(self, node: Term | Phrase, name: str) -> whoosh.Query | None:
        return self.values(node, name) if terms_of(node, self._analyzer, stemmed=False) else None

    def values(self, node: Term | Phrase | Wildcard | Fuzzy, name: str) -> whoosh.Query:
        matches, found = value_predicate(node, self._analyzer), self._postings.values(name)
        return Scored(dict.fromkeys(union(found[value] for value in found if matches(self._analyzer.tokens(value))), 0.0))

    def exact_values(self, values: Iterable[str], name: str) -> whoosh.Query:
        documents = self._postings.docs_with("meta", *(meta_term(name, value) for value in values))
        return Scored(dict.fromkeys(documents, 0.0))

    def expanded(self, node: Wildcard | Fuzzy, scope: str | None) -> whoosh.Query:
        fields = (scope,) if scope else TEXT_FIELDS
        prefix = literal_prefix(node, self._analyzer) if isinstance(node, Wildcard) else ""
        matches, found = term_predicate(node, self._analyzer), Counter[str]()
        for counts in map(self._postings.words, fields):
            found.update({word: counts[word] for word in counts if word.startswith(prefix) and matches(word)})
        words = sorted(found, key=lambda word: (-found[word], word))
        kept = self._expansion.kept(node, words) if isinstance(node, Wildcard) else words
        return Scored(dict.fromkeys(union(self._postings.docs_with(f"{field}_words", *kept) for field in fields), 0.0))

    def date_range(self, start: date | None, end: date | None) -> whoosh.Query:
        return Scored(dict.fromkeys(self._postings.dated(start, end), 0.0))

    def boosted(self, query: whoosh.Query, weight: float) -> whoosh.Query:
        # Whoosh's own `with_boost` replaces the boosts inside, and loses that of an And or Or with one part.
        return (
            query.with_boost(query.boost * weight) if query.is_leaf() else query.apply(partial(self.boosted, weight=weight))
        )

    def boolean(self, must: list[whoosh.Query], must_not: list[whoosh.Query]) -> whoosh.Query:
        # Whoosh's AndNot keeps the first document of `must` if `must_not` begins before it.
        excluded = union(query.docs(self._postings.searcher) for query in must_not)
        rest = [Scored(dict.fromkeys(self._postings.everything - excluded, 0.0))] if excluded or not must else []
        return whoosh.And([*must, *rest])

    def disjunction(self, queries: list[whoosh.Query]) -> whoosh.Query:
        return whoosh.Or(queries)


def union(documents: Iterable[Iterable[int]]) -> Documents:
    """Return the documents that are in at least one of the sets."""
    return frozenset[int]().union(*documents)


def _occurrences(positions: Positions, terms: Sequence[str], slop: int) -> int:
    """Return how often a phrase occurs in a text. A sloppy one counts once."""
    return sum(1 for _ in islice(sloppy_matches(positions, terms, slop), 1 if slop else None))
