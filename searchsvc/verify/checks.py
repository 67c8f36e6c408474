"""Checks of a generation: of a new one before it is published, and of the number of articles in a published one."""

from collections.abc import Collection, Iterable
from itertools import islice
from random import Random

from searchsvc.analysis.analyzer import Analyzer, Analyzers
from searchsvc.engines.protocol import Engine
from searchsvc.index.generation import Generation, GenerationInfo
from searchsvc.index.manifest import Manifest
from searchsvc.model.article import Article, dump, fingerprint
from searchsvc.query.ast import DateRange, Node, Term, conjunction
from searchsvc.query.request import MAX_PER_PAGE, SearchRequest
from searchsvc.verify.reference import split_words

SAMPLE_SIZE = 10
"""Articles of a new generation that are looked up before it is published, at random."""
SAMPLE_OF_CHANGED, SAMPLE_OF_ALL = 7, 3
"""Articles that are looked up if few have changed: of these, and of all at random."""
_MAX_TEXT = 20_000
"""Characters of an article from which words are taken."""


def check(engine: Engine, manifest: Manifest, languages: tuple[str, ...], changed: Collection[str] = ()) -> str:
    """Return what is wrong with a new generation, or "" if its engine has and finds the articles of the manifest.

    `changed` are the ids of the articles that differ from the generation before, if they are few.
    """
    expected, found = manifest.count(), engine.count(SearchRequest())
    if found != expected:
        return f"it has {found:,} articles instead of {expected:,}"
    rows = ((article_id, row.fingerprint) for article_id in changed if (row := manifest.indexed(article_id)) is not None)
    sample = list(islice(rows, SAMPLE_OF_CHANGED))
    sample += manifest.sample(SAMPLE_OF_ALL if sample else SAMPLE_SIZE, expected)
    return check_articles(engine, Analyzers(languages), sample)


def check_articles(engine: Engine, analyzers: Analyzers, sample: Iterable[tuple[str, bytes]]) -> str:
    """Return which article of a sample is missing, changed or not found by its words, or "" if none is.

    The sample consists of ids and fingerprints. A search for words of an article must not find articles without them.
    """
    rng = Random()  # noqa: S311  not for secrets
    for article_id, expected in sample:
        article = engine.get(article_id)
        if article is None or fingerprint(dump(article)) != expected:
            return f"article {article_id} is missing or differs from what was read"
        words = _rare_words(article, rng)
        request = _request_for(article, words)
        page = engine.search(request)
        found = [each.article for each in page.articles]
        if page.total == len(found) and article_id not in [each.id for each in found]:
            return f"article {article_id} is not found by “{request.tree}”"
        stray = next((each for each in found if not _has_words(each, words, analyzers.of(each))), None)
        if stray is not None:
            return f"article {stray.id} is found by “{request.tree}”, which it does not contain"
    return ""


def _has_words(article: Article, words: list[str], analyzer: Analyzer) -> bool:
    readings = (each for text in (article.title, article.body) for each in analyzer.analyze_readings(text))
    return {stem for stems, _ in readings for stem in stems}.issuperset(analyzer.terms(" ".join(words)))


def check_counts(engine: Engine, generation: Generation, info: GenerationInfo) -> str:
    """Return how the numbers of articles in a generation's records, manifest and engine differ, or "" if they agree."""
    with Manifest(generation.manifest) as manifest:
        listed = manifest.count()
    indexed = engine.count(SearchRequest())
    if info.articles == indexed == listed:
        return ""
    return f"{info.articles:,} articles were published; the index has {indexed:,}, the manifest {listed:,}"


def _rare_words(article: Article, rng: Random) -> list[str]:
    """Return three words. Long words are usually rare, so that few articles have all three and each can be examined."""
    words = split_words(article.body, _MAX_TEXT) or split_words(article.title)
    return sorted(rng.sample(words, min(12, len(words))), key=len)[-3:]


def _request_for(article: Article, words: list[str]) -> SearchRequest:
    days: list[Node] = [DateRange(article.date, article.date)] if article.date else []
    return SearchRequest(conjunction([*map(Term, words), *days]), sort="newest", per_page=MAX_PER_PAGE)
