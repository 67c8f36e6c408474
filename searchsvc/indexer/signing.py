"""Signatures of the articles that a reindex writes."""

from searchsvc.analysis.signature import sign_texts
from searchsvc.index.signatures import NewSignatures, SignatureTable
from searchsvc.index.stories import UNDATED
from searchsvc.model.article import Article, instant

_WAITING = 32_000  # characters of texts that are signed at once: the arrays of more leave the caches of a processor
_MAX_WAITING = 64  # articles


class Signer:
    """Signs the articles that are written to the index, and notes those that are deleted. It signs several at once."""

    def __init__(self) -> None:
        self._new = NewSignatures()
        self._ids: list[str] = []
        self._instants: list[int] = []
        self._texts: list[str] = []
        self._size = 0

    def add(self, article: Article) -> None:
        """Sign an article that is written. The last text of an article counts."""
        self._put(article.id, instant(article) if article.date is not None else UNDATED, article.body)

    def delete(self, article_id: str) -> None:
        self._put(article_id, 0, "")  # no text has no signature

    def table(self) -> SignatureTable:
        """Return the signatures of all articles so far. Those that were deleted have the length 0."""
        self._sign()
        return self._new.table()

    def _put(self, article_id: str, instant: int, text: str) -> None:
        self._ids.append(article_id)
        self._instants.append(instant)
        self._texts.append(text)
        self._size += len(text)
        if self._size >= _WAITING or len(self._ids) >= _MAX_WAITING:
            self._sign()

    def _sign(self) -> None:
        self._new.add_all(self._ids, self._instants, *sign_texts(self._texts))
        self._ids.clear()
        self._instants.clear()
        self._texts.clear()
        self._size = 0
