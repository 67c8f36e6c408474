"""The stories of one generation: versions of articles, comparisons, and pages with one hit of each story."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from searchsvc.engines.protocol import Engine
from searchsvc.errors import NotFoundError
from searchsvc.index.stories import Stories
from searchsvc.messages import Message
from searchsvc.model.article import Article
from searchsvc.model.results import OtherVersions
from searchsvc.query.ast import Node
from searchsvc.query.request import SearchRequest
from searchsvc.search.folding import SHOWN_VERSIONS, FoldedPage, fold
from searchsvc.search.remembered import Scope

if TYPE_CHECKING:
    from searchsvc.search.found_versions import FoundVersions, VersionTable
    from searchsvc.search.versions import Comparison, LargeStory, Versions

REMEMBERED = 4  # searches whose versions are remembered: those of 400,000 articles that have some take 20 MB


class StoryReader:
    """Reads the stories of one generation, and remembers the versions among the hits of the last searches. Thread-safe.

    Like the searcher that has it, it has no references to itself. What it calls loads NumPy, which takes a tenth of a
    second, so it is imported only then.
    """

    def __init__(self, engine: Engine, stories: Stories) -> None:
        self._engine = engine
        self._stories = stories
        table = lru_cache(maxsize=1)(partial(_table, stories))
        self._found = lru_cache(maxsize=REMEMBERED)(partial(_found_versions, engine, table))

    def versions(self, article: Article, page: int, per_page: int) -> "Versions":
        """Return a page of the versions of an article, the earliest first. Raise NotFoundError if there is no such page."""
        from searchsvc.search.versions import versions_of  # noqa: PLC0415

        found = versions_of(self._engine, self._stories, article, page, per_page)
        if page > found.pages:
            detail = Message(
                "there is no page %(page)s of its versions; the last is page %(last)s", page=page, last=found.pages
            )
            raise NotFoundError(detail, param="page")
        return found

    def story(self, article: Article, number: int) -> list[Article]:
        """Return up to `number` versions of an article in the order of time. Return [] if it is the only one."""
        versions = self._stories.versions_of(article.id)[:number]
        return [each for each in map(self._engine.get, (version.id for version in versions)) if each is not None]

    def ids(self, article: Article) -> Iterator[str]:
        """Yield the ids of the versions of an article in the order of time. Yield nothing if it is the only one."""
        return (version.id for version in self._stories.versions_of(article.id))

    def compare(self, one: Article, other: Article) -> "Comparison":
        """Compare the texts of two articles."""
        from searchsvc.search.versions import compare_articles  # noqa: PLC0415

        return compare_articles(one, other)

    def largest(self, number: int) -> "list[LargeStory]":
        """Return up to `number` stories, those of most versions first."""
        from searchsvc.search.versions import largest_stories  # noqa: PLC0415

        return list(largest_stories(self._engine, self._stories, number))

    def folded(self, request: SearchRequest) -> FoldedPage:
        """Return a page with one hit of each story, if the request wants that, or else one with every article."""
        if request.versions == "all":
            return FoldedPage(self._engine.search(request))
        found = self._found(request.tree, Scope.of(request), request.max_words) if len(self._stories) else None
        if found is None:
            page = self._engine.search(request)
            return FoldedPage(page, page.total)
        return fold(self._engine, found, request)

    def others(self, hits: Sequence[Article], found: "FoundVersions") -> Iterator[OtherVersions]:
        """Yield the versions that stand under each hit."""
        for ids in found.others(hits):
            yield OtherVersions(len(ids), tuple(self._engine.get_all(ids[:SHOWN_VERSIONS])))


def _table(stories: Stories) -> "VersionTable":
    from searchsvc.search.found_versions import VersionTable  # noqa: PLC0415

    return VersionTable(stories)


def _found_versions(
    engine: Engine, table: "Callable[[], VersionTable]", tree: Node, scope: Scope, max_words: int
) -> "FoundVersions | None":
    """Return the versions among the hits of a search. Return None if no story has two of them there."""
    numbers = engine.versions(replace(scope.request(tree), max_words=max_words))
    if len(numbers) < 2:
        return None
    from searchsvc.search.found_versions import FoundVersions  # noqa: PLC0415

    found = FoundVersions(table(), numbers)
    return found if found.left_out else None
