"""The versions of an article, and what differs between two articles."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from searchsvc.analysis.differences import Differences, find_differences
from searchsvc.analysis.signature import Passages, compare, passages
from searchsvc.engines.protocol import Engine
from searchsvc.index.stories import Stories
from searchsvc.model.article import Article

MAX_SHARED = 0.99  # of texts that differ: hashes of words leave out capitals, punctuation and the ends of long words


class ArticleVersion(NamedTuple):
    """An article of a story, and the part of its text and that of another version that both have: see `shared_part`."""

    article: Article
    shared: float


@dataclass(frozen=True, slots=True)
class Versions:
    """Some of the versions of an article in the order of time, itself included, and the number of all of them.

    `story` is the id of the earliest one.
    """

    article: Article
    story: str
    total: int
    page: int
    per_page: int
    versions: tuple[ArticleVersion, ...]

    @property
    def pages(self) -> int:
        return -(-self.total // self.per_page)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two articles, the part of their texts that both have (see `shared_part`), and what differs in their texts."""

    one: Article
    other: Article
    shared: float
    differences: Differences


class LargeStory(NamedTuple):
    """A story: its earliest version, and the number of all of them."""

    earliest: Article
    versions: int


def versions_of(engine: Engine, stories: Stories, article: Article, page: int, per_page: int) -> Versions:
    """Return a page of the versions of an article, which may be the only one."""
    ids = [version.id for version in stories.versions_of(article.id)] or [article.id]
    own = passages(article.body)
    chosen = ids[(page - 1) * per_page : page * per_page]
    found = (article if each == article.id else engine.get(each) for each in chosen)
    versions = tuple(ArticleVersion(each, shared_part(article, each, own)) for each in found if each is not None)
    return Versions(article, ids[0], len(ids), page, per_page, versions)


def compare_articles(one: Article, other: Article) -> Comparison:
    """Return what differs between the texts of two articles, which need not be versions of one text."""
    shared = shared_part(one, other, passages(one.body))
    return Comparison(one, other, shared, find_differences(one.body, other.body))


def shared_part(one: Article, other: Article, own: Passages) -> float:
    """Return the part of all passages of two texts that both have, given those of the first.

    It is 1 only if the texts are equal, word by word, as `find_differences` compares them.
    """
    if one.body == other.body or one.body.split() == other.body.split():  # they may be too short to have passages
        return 1.0
    return min(compare(own, passages(other.body)).shared, MAX_SHARED)


def largest_stories(engine: Engine, stories: Stories, number: int) -> Iterator[LargeStory]:
    """Yield the stories of most versions."""
    for versions in stories.largest(number):
        if (earliest := engine.get(versions[0].id)) is not None:
            yield LargeStory(earliest, len(versions))
