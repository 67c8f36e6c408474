"""Articles into an index of a cluster, by one machine or by several at once."""

from pathlib import Path

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.opensearch.bulk import Bulk
from searchsvc.engines.opensearch.client import Cluster, noted, translating_errors
from searchsvc.engines.opensearch.indices import made, sealed
from searchsvc.engines.opensearch.mapping import document, document_id
from searchsvc.errors import NoIndexError
from searchsvc.model.article import Article


class _Fed:
    """An index of the cluster that is being fed, until nobody changes it any more."""

    def __init__(self, cluster: Cluster, index: str, language: str) -> None:
        self._cluster = cluster
        self._analyzer = Analyzer(language)
        self._index = index
        self._bulk = Bulk(cluster, index)

    def delete(self, article_id: str) -> None:
        """Remove the article with this id, if there is one."""
        self._bulk.delete(document_id(article_id))

    def commit(self) -> None:
        """Have the cluster keep all of it, make it searchable, and let nobody change it any more."""
        self._bulk.finish()
        with translating_errors("committing"):
            sealed(self._cluster, self._index)

    def close(self) -> None:
        """Let go of the connections; what was not committed is never searched, and goes with its draft."""
        self._bulk.close()


class OpenSearchWriter(_Fed):
    """Writes one new index, which nobody searches before it is committed."""

    def __init__(self, cluster: Cluster, folder: Path, language: str) -> None:
        super().__init__(cluster, made(cluster, folder).name, language)

    def add(self, article: Article, stored: bytes) -> None:
        """Add an article whose id is not in the index; `stored` is what `stored.dump` makes of it."""
        self._bulk.add(document_id(article.id), document(article, stored, self._analyzer))


class OpenSearchPartWriter(_Fed):
    """Writes into an index that was made for several machines, of which each writes a part."""

    def __init__(self, cluster: Cluster, folder: Path, language: str) -> None:
        index = noted(folder)
        if index is None:
            raise NoIndexError(f"{folder} does not say which index of the cluster it is")
        super().__init__(cluster, index.name, language)
        with translating_errors("joining the index"):  # whoever was about to publish it may have died
            cluster.ask("PUT", f"/{index.name}/_settings", {"index": {"blocks.write": None}})

    def add(self, article: Article, stored: bytes, rank: int) -> None:
        """Add an article, unless there is one of its id with a higher rank."""
        self._bulk.add(document_id(article.id), document(article, stored, self._analyzer), rank)

    def finish(self) -> None:
        """Wait until the cluster has all of it."""
        self._bulk.finish()
