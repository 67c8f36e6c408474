"""Random requests answered by an engine and by the reference: `searchsvc check --verify`."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from random import Random

from searchsvc.engines.protocol import Engine
from searchsvc.index.generation import GenerationInfo
from searchsvc.model.article import Article
from searchsvc.model.languages import language_of
from searchsvc.model.results import FacetValue, ResultPage
from searchsvc.query.request import SearchRequest
from searchsvc.search.number_values import read_numbers, with_all_values
from searchsvc.verify.reference import AnalyzedArticle, facet_period, facet_values, matches
from searchsvc.verify.sample_queries import RequestSampler

SAMPLE_SIZE = 200
"""Articles from which requests are made."""
MAX_COMPARED_HITS = 1_000
"""Requests with more hits have only their first page compared with the reference, besides totals and facets."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The requests that were compared, those of them with hits, those that the engine cut, and the differences."""

    compared: int = 0
    with_hits: int = 0
    cut: int = 0
    differences: tuple[str, ...] = ()

    @property
    def share_with_hits(self) -> float:
        """Return the share of the compared requests that have hits."""
        return self.with_hits / max(1, self.compared)


@dataclass(frozen=True, slots=True)
class Expectation:
    """The reference's answer to one request: the ids of the hits, and the counts of each facet."""

    request: SearchRequest
    ids: list[str] = field(default_factory=list)
    values: dict[str, Counter[str]] = field(default_factory=dict)
    periods: Counter[str] = field(default_factory=Counter)

    def add(self, analyzed: AnalyzedArticle) -> None:
        """Count one more article of the archive."""
        request, found = self.request, matches(self.request, analyzed)
        if found:
            self.ids.append(analyzed.article.id)
        # A facet ignores its own filter. Without one, it counts only hits.
        for name in request.facets:
            if found or name in request.filtered_fields:
                self.values.setdefault(name, Counter()).update(facet_values(request, analyzed, name))
        if (found or request.dates) and (period := facet_period(request, analyzed)):
            self.periods[period] += 1


def audit(
    engine: Engine, info: GenerationInfo, number: int, seed: int, progress: Callable[[int], None] = lambda _: None
) -> Audit:
    """Compare the engine's answers to `number` random requests with the reference. Raise EngineError.

    Requests are made from indexed articles, and are the same for the same seed. `progress` receives the number of articles
    that were scanned. Nothing is compared if the archive is empty.
    """
    fields = info.fields if info.unindexed_fields else None
    expected = _scan(engine, info.languages, random_requests(engine, number, seed, fields), progress)
    compared = with_hits = 0
    differences: list[str] = []
    for each in expected:
        page = engine.search(each.request)
        if not page.notes:
            compared += 1
            with_hits += bool(each.ids)
            differences += (f"{_describe(each.request)}: {text}" for text in compare(engine, each, page))
    return Audit(compared, with_hits, len(expected) - compared, tuple(differences))


def random_requests(engine: Engine, number: int, seed: int, fields: Collection[str] | None = None) -> list[SearchRequest]:
    """Return random requests made from articles of the archive, or [] if it is empty.

    `fields` are the metadata fields that are indexed, unless all of them are.
    """
    rng = Random(seed)  # noqa: S311  not for secrets
    sample = _sample(engine, rng)
    if fields is not None:
        sample = [replace(each, extra={name: each.extra[name] for name in each.extra if name in fields}) for each in sample]
    numbers = cache(partial(read_numbers, engine))
    return [with_all_values(request, numbers) for request in RequestSampler(sample, rng).requests(number)]


def _sample(engine: Engine, rng: Random) -> list[Article]:
    """Return articles drawn evenly from the archive (reservoir sampling, Vitter's algorithm R)."""
    sample: list[Article] = []
    for number, article in enumerate(engine.scan(SearchRequest())):
        if number < SAMPLE_SIZE:
            sample.append(article)
        elif (place := rng.randrange(number + 1)) < SAMPLE_SIZE:
            sample[place] = article
    return sample


def _scan(
    engine: Engine, languages: tuple[str, ...], requests: Sequence[SearchRequest], progress: Callable[[int], None]
) -> list[Expectation]:
    expected = [Expectation(request) for request in requests]
    for number, article in enumerate(engine.scan(SearchRequest()) if requests else (), start=1):
        analyzed = AnalyzedArticle(article, language_of(article.language, languages))
        for each in expected:
            each.add(analyzed)
        progress(number)
    return expected


def compare(engine: Engine, expected: Expectation, page: ResultPage) -> Iterator[str]:
    """Yield each difference between the expectation and the engine's answer, of which `page` is the first page."""
    if page.total != len(expected.ids):
        yield f"{page.total:,} hits instead of {len(expected.ids):,}"
    complete = page.total <= MAX_COMPARED_HITS
    found = Counter(_all_ids(engine, expected.request, page) if complete else (each.article.id for each in page.articles))
    if wrong := found.keys() - set(expected.ids):
        yield f"{len(wrong):,} wrong hits, such as {min(wrong)}"
    if complete and (missing := set(expected.ids) - found.keys()):
        yield f"{len(missing):,} missing hits, such as {min(missing)}"
    if repeated := [article_id for article_id, times in found.items() if times > 1]:
        yield f"{len(repeated):,} repeated hits, such as {repeated[0]}"
    facets = page.facets()
    for facet in facets.fields:
        yield from _compare_counts(facet.field, facet.values, facet.other, expected.values.get(facet.field, {}))
    if facets.dates is not None:
        yield from _compare_counts("date", facets.dates.values, 0, expected.periods)


def _all_ids(engine: Engine, request: SearchRequest, page: ResultPage) -> Iterator[str]:
    yield from (each.article.id for each in page.articles)
    while page.next is not None:
        page = engine.search(replace(request, after=page.next, facets=(), date_facet=False))
        yield from (each.article.id for each in page.articles)


def _compare_counts(name: str, values: Sequence[FacetValue], other: int, expected: Mapping[str, int]) -> Iterator[str]:
    for value in values:
        if value.count != expected.get(value.value, 0):
            yield f"{value.count:,} hits with {name} “{value.value}” instead of {expected.get(value.value, 0):,}"
    counted = sum(value.count for value in values) + other
    if counted != sum(expected.values()):
        yield f"{counted:,} values of {name} instead of {sum(expected.values()):,}"


def _describe(request: SearchRequest) -> str:
    """Return the request as text: the query, the filters and the days."""
    kept = [f"{name}={value}" for given in (request.filters, request.ranges) for name, of in given.items() for value in of]
    excluded = [f"-{name}={value}" for name, values in request.excluded.items() for value in values]
    dates = [f"date={period}" for period in request.dates]
    days = [f"{request.start or ''}..{request.end or ''}"] if request.start or request.end else []
    return " ".join([f"“{request.tree}”", *kept, *excluded, *dates, *days])
