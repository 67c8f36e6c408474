"""Whether a generation is what it says: its numbers of articles, and its answers beside those of a plain scan."""

import random
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.analysis.tokenizer import token_pattern
from searchsvc.engines.protocol import Engine
from searchsvc.engines.stored import dump, fingerprint, metadata
from searchsvc.index.generation import Generation, GenerationInfo
from searchsvc.index.manifest import Manifest
from searchsvc.model.article import Article
from searchsvc.model.results import Facet, Results
from searchsvc.query.ast import DateRange, Field, Node, Not, Or, Phrase, Term, conjunction
from searchsvc.query.parser import parse
from searchsvc.query.request import SearchRequest
from searchsvc.verify import reference

CHECKED = 10
"""Articles of a new generation that are looked for before it is published."""
SAMPLE = 200
"""Articles from whose words queries are made."""
ALL_HITS = 1_000
"""Hits up to which every one is compared; of more, the first page."""
FACETS = 3
"""Fields that each query counts, beside the date."""
_AT_ONCE = 100


def count_mismatch(generation: Generation, info: GenerationInfo, engine: Engine) -> str:
    """In what the numbers of articles differ that a generation, its engine and its manifest give; "" where they agree."""
    with Manifest(generation.manifest) as manifest:
        listed = manifest.count()
    if info.articles == engine.count() == listed:
        return ""
    return f"{info.articles:,} articles were published; the index has {engine.count():,}, the manifest {listed:,}"


@dataclass(frozen=True, slots=True)
class Audit:
    """How many random queries were compared, how many the engine had cut and said so, and what differed."""

    compared: int
    cut: int
    differences: tuple[str, ...]


def spot_check(engine: Engine, analyzer: Analyzer, sample: Iterable[tuple[str, bytes]]) -> str:
    """In what an engine lacks or garbles articles of a sample, given by id and fingerprint; "" where it does not.

    Each has to be there as it was read, to be found by a few of its words, and to be found with nothing that lacks these.
    """
    chance = random.Random()  # noqa: S311  nothing is to be kept secret
    for article_id, mark in sample:
        article = engine.get(article_id)
        if article is None or fingerprint(dump(article)) != mark:
            return f"the article {article_id} is not in it as it was read"
        request = _of_its_words(article, chance)
        results = engine.search(request)
        found = [hit.article for hit in results.hits]
        if results.total == len(found) and article_id not in [each.id for each in found]:
            return f"the article {article_id} is not found by {_written(request)}"
        stray = next((each for each in found if not reference.fits(request, _scan_of(each, analyzer))), None)
        if stray is not None:
            return f"the article {stray.id} is found by {_written(request)}"
    return ""


def _of_its_words(article: Article, chance: random.Random) -> SearchRequest:
    """A request that finds an article, and few others."""
    words = _words(article.body) or _words(article.title)
    days: list[Node] = [DateRange(article.date, article.date)] if article.date else []
    # Long words are rare ones, as a rule: then few articles have all three, and each can be looked at.
    long = sorted(chance.sample(words, min(12, len(words))), key=len)[-3:]
    some = [Term(word) for word in long]
    return SearchRequest(conjunction([*some, *days]), sort="newest", per_page=_AT_ONCE)


def _scan_of(article: Article, analyzer: Analyzer) -> reference.Scanned:
    return reference.Scanned(article, metadata(article), analyzer)


def audit(
    engine: Engine, info: GenerationInfo, number: int, seed: int, progress: Callable[[int], None] = lambda _: None
) -> Audit:
    """Compare what the engine answers to random queries with what a plain scan of all its articles finds.

    The queries are made from the archive's own words, the same ones for the same seed. `progress` is told how many articles
    were scanned.
    """
    requests = random_requests(engine, info, number, seed)
    if not requests:
        return Audit(0, 0, ())
    scans = _scanned(engine, Analyzer(info.language), requests, progress)
    differences: list[str] = []
    cut = 0
    for request, scan in zip(requests, scans, strict=True):
        results = engine.search(request)
        cut += bool(results.notes)
        if not results.notes:
            differences += (f"{_written(request)}: {text}" for text in _differences(engine, request, results, scan))
    return Audit(number - cut, cut, tuple(differences))


def random_requests(engine: Engine, info: GenerationInfo, number: int, seed: int) -> list[SearchRequest]:
    """Requests made of the archive's own words, the same ones for the same seed; none for an empty archive."""
    chance = random.Random(seed)  # noqa: S311  nothing is to be kept secret
    sample = _sample(engine, chance)
    maker = _Maker(sample, sorted(info.fields), chance)
    return [maker.request() for _ in range(number)] if sample else []


def _sample(engine: Engine, chance: random.Random) -> list[Article]:
    """Articles drawn evenly (reservoir sampling, Vitter's algorithm R)."""
    sample: list[Article] = []
    for number, article in enumerate(engine.scan(SearchRequest())):
        if number < SAMPLE:
            sample.append(article)
        elif (place := chance.randrange(number + 1)) < SAMPLE:
            sample[place] = article
    return sample


class _Maker:
    """Makes random requests of words that are there."""

    def __init__(self, sample: Sequence[Article], fields: Sequence[str], chance: random.Random) -> None:
        self._sample = sample
        self._fields = fields
        self._chance = chance

    def request(self) -> SearchRequest:
        """A query of one to three clauses, perhaps narrowed by a filter or by days."""
        chance = self._chance
        nodes = [self._clause() for _ in range(chance.choice((1, 1, 2, 2, 3)))]
        tree: Node = Or(tuple(nodes)) if len(nodes) > 1 and chance.random() < 0.3 else conjunction(nodes)
        facets = tuple(chance.sample(self._fields, min(FACETS, len(self._fields))))
        request = SearchRequest(tree, sort=chance.choice(("relevance", "newest", "oldest")), facets=(*facets, "date"))
        request = replace(request, per_page=_AT_ONCE)
        values = metadata(chance.choice(self._sample))
        if values and chance.random() < 0.3:
            name = chance.choice(sorted(values))
            request = replace(request, filters={name: values[name][:2]})
        days = sorted(article.date for article in chance.sample(self._sample, min(2, len(self._sample))) if article.date)
        if days and chance.random() < 0.2:
            request = replace(request, start=days[0], end=days[-1])
        return request

    def _clause(self) -> Node:
        article = self._chance.choice(self._sample)
        title, body = _words(article.title), _words(article.body)
        words = body if body and self._chance.random() < 0.8 else title
        if not words:
            return Term(article.title)
        at = self._chance.randrange(len(words))
        word, following = words[at], words[at : at + self._chance.randint(2, 4)]
        kinds: list[Callable[[], Node]] = [
            lambda: Term(word),
            lambda: Term(word),
            lambda: Phrase(" ".join(following)),
            lambda: Phrase(" ".join(self._chance.sample(following, len(following))), self._chance.randint(1, 10)),
            lambda: parse(f"{word[:4]}*").tree,
            lambda: parse(f"{word}~{self._chance.randint(1, 2)}").tree,
            lambda: Field("title", Term(self._chance.choice(title or [word]))),
            lambda: Field("body", Phrase(" ".join(following))),
            lambda: Not(Term(word)),
            lambda: DateRange(article.date, article.date) if article.date else DateRange(None, date.max),
            lambda: self._metadata(article) or Term(word),
        ]
        return self._chance.choice(kinds)()

    def _metadata(self, article: Article) -> Node | None:
        values = metadata(article)
        if not values:
            return None
        name = self._chance.choice(sorted(values))
        words = _words(values[name][0])
        return Field(name, Term(self._chance.choice(words))) if words else None


@dataclass(slots=True)
class _Scan:
    """What a plain scan finds: the numbers of the articles in the order of the scan, and counts by field and value."""

    found: "array[int]" = field(default_factory=lambda: array("Q"))
    counts: dict[str, Counter[str]] = field(default_factory=dict)


def _scanned(
    engine: Engine, analyzer: Analyzer, requests: Sequence[SearchRequest], progress: Callable[[int], None]
) -> list[_Scan]:
    scans = [_Scan(counts={name: Counter() for name in request.facets}) for request in requests]
    for number, article in enumerate(engine.scan(SearchRequest()), start=1):
        scanned = _scan_of(article, analyzer)
        for request, scan in zip(requests, scans, strict=True):
            _scan_one(request, scanned, scan)
        progress(number)
    return scans


def _scan_one(request: SearchRequest, scanned: reference.Scanned, scan: _Scan) -> None:
    fits = reference.fits(request, scanned)
    if fits:
        scan.found.append(_number(scanned.article.id))
    for name, counts in scan.counts.items():
        if fits or (name in request.filters and reference.fits(request, scanned, ignoring=name)):
            day = scanned.article.date
            counts.update(scanned.metadata.get(name, ()) if name != "date" else [str(day.year).zfill(4)] if day else [])


def _differences(engine: Engine, request: SearchRequest, results: Results, scan: _Scan) -> Iterator[str]:
    if results.total != len(scan.found):
        yield f"{results.total:,} hits instead of {len(scan.found):,}"
    expected = set(scan.found)
    hits = _all_hits(engine, request, results) if results.total <= ALL_HITS else [hit.article.id for hit in results.hits]
    wrong = [article_id for article_id in hits if _number(article_id) not in expected]
    if wrong:
        yield f"{len(wrong):,} hits that are none, such as {wrong[0]}"
    if len(hits) != len(set(hits)):
        yield "hits come twice"
    if results.total <= ALL_HITS and len(expected) > len(set(hits)) - len(wrong):
        yield f"{len(expected) - len(set(hits)) + len(wrong):,} hits are missing"
    for facet in results.facets:
        yield from _facet_differences(facet, scan.counts[facet.field])


def _all_hits(engine: Engine, request: SearchRequest, results: Results) -> list[str]:
    hits = [hit.article.id for hit in results.hits]
    while results.next is not None:
        results = engine.search(replace(request, after=results.next, facets=()))
        hits += (hit.article.id for hit in results.hits)
    return hits


def _facet_differences(facet: Facet, expected: Counter[str]) -> Iterator[str]:
    for value in facet.values:
        if value.count != expected[value.value]:
            yield f"{value.count:,} hits with {facet.field} “{value.value}” instead of {expected[value.value]:,}"
    listed = sum(value.count for value in facet.values) + facet.other
    if listed != sum(expected.values()):
        yield f"{listed:,} values of {facet.field} instead of {sum(expected.values()):,}"


def _written(request: SearchRequest) -> str:
    """The request as people write it."""
    filters = [f"{name}={value}" for name, values in request.filters.items() for value in values]
    days = [f"{request.start}..{request.end}"] if request.start else []
    return " ".join([f"“{request.tree}”", *filters, *days])


def _words(text: str) -> list[str]:
    return [found[0] for found in token_pattern(text).finditer(text[:20_000])]


def _number(article_id: str) -> int:
    return hash(article_id) % 2**64
