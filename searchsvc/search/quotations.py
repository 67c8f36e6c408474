"""Whether a quotation was printed: the articles that have it word for word, or else the passages that are most like it.

Candidates are found by phrases of a few neighbouring words each. These are requests like any search, so that engines need
to know nothing of quotations. The texts of the candidates are then aligned with the quotation, word by word.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING

from searchsvc.analysis.alignment import Alignment, Block, Word, align, words_of
from searchsvc.analysis.query_terms import extract_terms
from searchsvc.highlight.matches import MatchFinder
from searchsvc.index.generation import GenerationInfo
from searchsvc.model.article import Article, order_key
from searchsvc.model.quotations import Difference, DifferenceKind, Printing, Span, TextField, text_of
from searchsvc.query.ast import Node, Phrase, disjunction
from searchsvc.query.request import SearchRequest
from searchsvc.search.passages import MAX_TEXT, MIN_WORDS, PHRASE_WORDS, QuotedPassage

if TYPE_CHECKING:
    from searchsvc.search.searcher import Searcher

MAX_CHARACTERS = 5_000  # of a quotation
MAX_CANDIDATES = 20  # articles that are compared with a quotation
MAX_CANDIDATES_TEXT = 4_000_000  # characters of them in all
LEAST_KEPT = 0.5  # part of the words of a quotation that a passage like it has
LONG_RUN = 8  # words in a row that both have, with which a passage is like a quotation whatever else differs
_PHRASE_WORDS = (PHRASE_WORDS, 2)  # of the phrases by which candidates are found, and of those that are tried next
_GOOD = 0.7  # similarity with which no shorter phrases are tried
_ENOUGH = 0.5  # part of the greatest weight of landmarks with which a text is compared word by word
_FIELDS: tuple[TextField, ...] = ("body", "title")


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation that is to be checked, with the filters of the request, and its number of results as `per_page`."""

    text: str
    request: SearchRequest


@dataclass(frozen=True, slots=True)
class QuotationCheck:
    """What the archive has of a quotation.

    `total` is the number of articles that have it word for word, and `printings` are the earliest of them, undated
    ones last. If there are none, `printings` are the passages most like it, the best first.
    """

    quotation: Quotation
    words: int
    total: int
    printings: tuple[Printing, ...]
    generation: str
    info: GenerationInfo
    took_ms: float = 0.0


def check_quotation(searcher: "Searcher", quotation: Quotation) -> QuotationCheck:
    """Return what the archive has of a quotation. Raise UserError if it has too few or too many words."""
    begun = perf_counter()
    passage = QuotedPassage(quotation.text, searcher)
    checker = _Checker(searcher, quotation, passage)
    total, printings = checker.verbatim()
    found = tuple(printings if total else checker.nearest())
    took_ms = (perf_counter() - begun) * 1000
    return QuotationCheck(quotation, len(passage.words), total, found, searcher.generation.name, searcher.info, took_ms)


class _Checker:
    """Looks for one quotation in one snapshot."""

    def __init__(self, searcher: "Searcher", quotation: Quotation, passage: QuotedPassage) -> None:
        self._engine = searcher.engine
        self._text = quotation.text
        self._request = replace(quotation.request, sort="oldest", facets=(), date_facet=False)
        self._passage = passage
        self._analyzer = passage.analyzer

    def verbatim(self) -> tuple[int, list[Printing]]:
        """Return the number of articles that have all of the words side by side, and the earliest of them."""
        # Of a hyphen at the end of a line, nobody can tell whether it belongs to the word.
        tree = disjunction(map(Phrase, dict.fromkeys((self._text, self._text.replace("\n", " ")))))
        page = self._engine.search(replace(self._request, tree=tree))
        return page.total, [self._verbatim_in(article, tree, page.total) for article, _ in page.articles]

    def nearest(self) -> list[Printing]:
        """Return the passages that are most like the quotation, each as the earliest article has it."""
        compared: set[str] = set()
        near: list[Printing] = []
        for size in _PHRASE_WORDS:
            others = [article for article in self._candidates(size) if article.id not in compared]
            near = sorted([*near, *self._near(others)], key=_by_likeness)
            if near and near[0].similarity >= _GOOD:
                break
            compared.update(article.id for article in others)
        distinct: dict[tuple[str, ...], Printing] = {}
        for each in near:
            distinct.setdefault(tuple(self._analyzer.tokens(each.passage)), each)
        return [self._earliest(each) for each in islice(distinct.values(), self._request.per_page)]

    def _candidates(self, size: int) -> Iterator[Article]:
        """Yield the articles that have most of the rare phrases of `size` words, as many as can be compared."""
        texts = dict.fromkeys(self._text[start:end] for start, end in self._passage.phrases(size))
        request = replace(self._request, tree=disjunction(map(Phrase, texts)), sort="relevance", per_page=MAX_CANDIDATES)
        left = MAX_CANDIDATES_TEXT
        for article, _ in self._engine.search(request).articles:
            left -= min(len(article.body), MAX_TEXT)
            if left >= 0:
                yield article

    def _near(self, articles: Iterable[Article]) -> Iterator[Printing]:
        """Yield the passages of articles that are like the quotation."""
        texts = ((article, field, text_of(article, field)) for article in articles for field in _FIELDS)
        parts = [(part, article, field) for article, field, text in texts if (part := self._passage.find_in(text))]
        enough = _ENOUGH * max((part.weight for part, _, _ in parts), default=0.0)
        for part, article, field in parts:
            if part.weight >= enough and (printing := self._compared(article, field, (part.start, part.end))):
                yield printing

    def _compared(self, article: Article, field: TextField, part: Span) -> Printing | None:
        """Return the passage in a part of a text that is most like the quotation. Return None if none is like it."""
        quoted, words = self._passage.words, words_of(text_of(article, field), self._analyzer, *part)
        found = align([word.term for word in quoted], [word.term for word in words])
        if found is None or not _is_like(found, len(quoted)):
            return None
        first, last = found.printed
        place = words[first].start, words[last - 1].end
        return Printing(article, field, place, found.kept, found.similarity, tuple(_differences(found, quoted, words)))

    def _earliest(self, printing: Printing) -> Printing:
        """Return a passage as the earliest article has it, with the number of articles that have its words."""
        tree = Phrase(printing.passage)
        page = self._engine.search(replace(self._request, tree=tree, per_page=1))
        for article, _ in page.articles:
            if article.id != printing.article.id and (place := self._place_of(article, tree)):
                printing = self._compared(article, *place) or printing
        return replace(printing, articles=max(1, page.total))

    def _verbatim_in(self, article: Article, tree: Node, total: int) -> Printing:
        words = len(self._passage.words)
        if place := self._place_of(article, tree):
            return Printing(article, *place, words, articles=total)
        # The highlighter does not read all of a very long text.
        found = next(self._near([article]), None) or Printing(article, "body", (0, 0), words)
        return replace(found, kept=words, similarity=1.0, differences=(), articles=total)

    def _place_of(self, article: Article, tree: Node) -> tuple[TextField, Span] | None:
        """Return the first place of a phrase that the engine has found in an article."""
        terms = extract_terms(tree, self._analyzer)
        for field in _FIELDS:
            wanted = terms.body if field == "body" else terms.title
            for start, end, _ in MatchFinder(wanted, self._analyzer).find(text_of(article, field)):
                return field, (start, end)
        return None


def _is_like(found: Alignment, words: int) -> bool:
    return found.kept >= max(MIN_WORDS, LEAST_KEPT * words) or found.longest >= LONG_RUN


def _by_likeness(printing: Printing) -> tuple[float, bool, str, str]:
    """Return a key that sorts the passages most like the quotation first, and of equal ones the earliest."""
    article = printing.article
    return -printing.similarity, article.date is None, order_key(article) if article.date else "", article.id


def _differences(found: Alignment, quoted: Sequence[Word], printed: Sequence[Word]) -> Iterator[Difference]:
    """Yield what differs, with its places in both texts."""
    start, _ = found.printed
    for block in found.blocks:
        if block.kind != "equal":
            yield Difference(_kind(block), _span(quoted, block.quoted, 0), _span(printed, block.printed, start))


def _kind(block: Block) -> DifferenceKind:
    if block.kind == "same":
        return "spacing"
    has_quoted, has_printed = (start < end for start, end in (block.quoted, block.printed))
    return "changed" if has_quoted and has_printed else "added" if has_quoted else "missing"


def _span(words: Sequence[Word], part: tuple[int, int], first: int) -> Span:
    """Return the characters of some words. Without words, return their place, which is behind the word before."""
    start, end = part
    if start < end:
        return words[start].start, words[end - 1].end
    at = words[start - 1].end if start > first else words[start].start
    return at, at
