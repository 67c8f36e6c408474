"""Which of some articles the alerts find.

The articles are indexed by themselves, by the rules of the live generation, and each alert searches that small index. It
is one of Tantivy's, whatever the engine of the archive: all engines find the same, and this one indexes 10,000 articles in
two seconds without a request to a cluster.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from searchsvc.alerts.questions import AlertQuestion, parse_alert
from searchsvc.config import Settings
from searchsvc.engines.tantivy.engine import TantivyEngine
from searchsvc.engines.tantivy.writer import TantivyWriter
from searchsvc.model.alerts import Alert
from searchsvc.model.article import Article, dump, number_of, order_key
from searchsvc.model.results import Hit, ScoredArticle
from searchsvc.search.question import Question
from searchsvc.search.searcher import Searcher
from searchsvc.search.synonym_file import SynonymFile

MAX_HITS = 100
"""Hits of an alert among the articles of one batch that its message lists. All of them count as reported."""
_MAX_SNIPPETS = 10  # hits with a fragment of their text, which takes most of the time of a message


class Batch:
    """Some articles, and a small index of them."""

    def __init__(self, articles: Iterable[Article], engine: TantivyEngine, searcher: Searcher) -> None:
        newest_first = sorted(articles, key=lambda each: (order_key(each) if each.date else "", each.id), reverse=True)
        self.articles = {article.id: article for article in newest_first}
        self.searcher = searcher
        self._engine = engine
        self._ids = {number_of(article_id): article_id for article_id in self.articles}

    def find(self, alert: Alert) -> "AlertHits":
        """Return what an alert finds among the articles. An alert whose search is wrong finds nothing."""
        found = parse_alert(alert, self.searcher)
        if found.question is None:
            return AlertHits(found, frozenset())
        return AlertHits(found, frozenset(self._ids[number] for number in self._engine.all_numbers(found.question.request)))

    def hits(self, question: Question, ids: Collection[str]) -> Iterator[Hit]:
        """Yield articles as hits of a search, the newest first, up to the number that a message lists."""
        newest = [
            ScoredArticle(self.articles[each], None) for each in islice(filter(ids.__contains__, self.articles), MAX_HITS)
        ]
        tree = question.request.tree
        yield from self.searcher.hits(newest[:_MAX_SNIPPETS], tree, 1)
        yield from self.searcher.hits(newest[_MAX_SNIPPETS:], tree, 0)


@dataclass(frozen=True, slots=True)
class AlertHits:
    """The search of an alert, and the ids of the articles that it finds."""

    found: AlertQuestion
    ids: frozenset[str]


@contextmanager
def indexed(articles: Sequence[Article], live: Searcher, settings: Settings) -> Iterator[Batch]:
    """Index some articles in a temporary folder by the rules of the live generation while the block runs."""
    folder = Path(mkdtemp(prefix="searchsvc-alerts-"))
    try:
        with closing(TantivyWriter(folder / "engine", settings.language, 0)) as writer:
            for article in articles:
                extra = {name: values for name, values in article.extra.items() if name in live.info.fields}
                writer.add(replace(article, extra=extra), dump(article))
            writer.commit()
        engine = TantivyEngine(folder / "engine", live.info.languages)
        searcher = Searcher(live.generation, live.info, engine, synonyms=SynonymFile(settings.synonyms_file))
        yield Batch(articles, engine, searcher)
    finally:
        # Tantivy looks at an index again soon after it was opened, and may create its lock while the folder is deleted.
        for _ in range(2):
            rmtree(folder, ignore_errors=True)
