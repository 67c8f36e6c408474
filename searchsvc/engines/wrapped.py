"""An engine around another one, for those that answer some methods in their own way."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from searchsvc.engines.protocol import Engine, FieldStats
from searchsvc.model.article import Article
from searchsvc.model.results import FieldFacet, ResultPage, ScoredArticle, TermCount
from searchsvc.query.request import SearchRequest


class WrappedEngine(Engine):
    """Answers as another engine does. Subclasses change single answers. `engine` is the other one."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def search(self, request: SearchRequest) -> ResultPage:
        return self.engine.search(request)

    def count(self, request: SearchRequest) -> int:
        return self.engine.count(request)

    def facet(self, request: SearchRequest, field: str) -> FieldFacet:
        return self.engine.facet(request, field)

    def get(self, article_id: str) -> Article | None:
        return self.engine.get(article_id)

    def get_all(self, article_ids: Sequence[str]) -> list[Article]:
        return self.engine.get_all(article_ids)

    def numbers(self, request: SearchRequest) -> list[int]:
        return self.engine.numbers(request)

    def versions(self, request: SearchRequest) -> list[int]:
        return self.engine.versions(request)

    def more_like(self, article: Article, limit: int) -> list[ScoredArticle]:
        return self.engine.more_like(article, limit)

    def scan(self, request: SearchRequest) -> Iterator[Article]:
        return self.engine.scan(request)

    def terms(self, prefix: str, limit: int) -> list[TermCount]:
        return self.engine.terms(prefix, limit)

    def field_stats(self, fields: Iterable[str]) -> Mapping[str, FieldStats]:
        return self.engine.field_stats(fields)
