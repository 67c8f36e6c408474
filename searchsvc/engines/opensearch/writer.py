"""Writers of an index: one machine alone, or several at once."""

from pathlib import Path

from searchsvc.engines.opensearch.bulk import Bulk
from searchsvc.engines.opensearch.client import Cluster, translating_errors
from searchsvc.engines.opensearch.indices import create, finalize, read_pointer
from searchsvc.engines.opensearch.mapping import document, document_id
from searchsvc.model.article import Article


class _Writer:
    """A connection that writes to one index until it is finalized."""

    def __init__(self, cluster: Cluster, index: str, languages: tuple[str, ...]) -> None:
        self._cluster = cluster
        self._languages = languages
        self._index = index
        self._bulk = Bulk(cluster, index)

    def delete(self, article_id: str) -> None:
        self._bulk.delete(document_id(article_id))

    def commit(self) -> None:
        self._bulk.finish()
        with translating_errors("committing"):
            finalize(self._cluster, self._index)

    def close(self) -> None:
        self._bulk.close()


class OpenSearchWriter(_Writer):
    """Writer of a new index, which is not searched before it is committed. See IndexWriter."""

    def __init__(self, cluster: Cluster, folder: Path, languages: tuple[str, ...]) -> None:
        super().__init__(cluster, create(cluster, folder).name, languages)

    def add(self, article: Article, stored: bytes, *, versioned: bool = False) -> None:
        self._bulk.add(document_id(article.id), document(article, stored, self._languages, versioned=versioned))


class OpenSearchReopenedWriter(OpenSearchWriter):
    """Writer of an index that was committed, but is not searched yet. See IndexWriter."""

    def __init__(self, cluster: Cluster, folder: Path, languages: tuple[str, ...]) -> None:
        _Writer.__init__(self, cluster, _unblocked(cluster, folder), languages)


class OpenSearchSharedWriter(_Writer):
    """Writer of part of an index, while other machines write the rest. See SharedWriter."""

    def __init__(self, cluster: Cluster, folder: Path, languages: tuple[str, ...]) -> None:
        super().__init__(cluster, _unblocked(cluster, folder), languages)

    def add(self, article: Article, stored: bytes, rank: int) -> None:
        self._bulk.add(document_id(article.id), document(article, stored, self._languages), rank)

    def finish(self) -> None:
        self._bulk.finish()


def _unblocked(cluster: Cluster, folder: Path) -> str:
    """Return the name of an index that can be written again. A machine may have died after it made it read-only."""
    index = read_pointer(folder).name
    with translating_errors("joining the index"):
        cluster.ask("PUT", f"/{index}/_settings", {"index": {"blocks.write": None}})
    return index
