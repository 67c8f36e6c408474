"""Signatures of the articles that a reindex writes."""

import numpy as np

from searchsvc.analysis.signature import sign_texts
from searchsvc.index.signatures import NewSignatures, SignatureTable
from searchsvc.index.stories import UNDATED
from searchsvc.model.article import Article, instant

_BATCH_CHARACTERS = 32_000  # that are signed at once: the arrays of longer texts leave the caches of a processor
_BATCH_ARTICLES = 64


class Signer:
    """The signatures of articles that are added to the index or deleted from it. Several are computed at once."""

    def __init__(self) -> None:
        self._new = NewSignatures()
        self._ids: list[str] = []
        self._instants: list[int] = []
        self._texts: list[str] = []
        self._characters = 0

    def add(self, article: Article) -> None:
        """Sign an article. If one with its id was added or deleted before, the later call counts."""
        self._enqueue(article.id, instant(article) if article.date is not None else UNDATED, article.body)

    def delete(self, article_id: str) -> None:
        self._enqueue(article_id, 0, "")  # an empty text has no signature

    def table(self) -> SignatureTable:
        """Return the signatures so far. Articles that were deleted have the length 0."""
        self._flush()
        return self._new.table()

    def _enqueue(self, article_id: str, instant: int, text: str) -> None:
        self._ids.append(article_id)
        self._instants.append(instant)
        self._texts.append(text)
        self._characters += len(text)
        if self._characters >= _BATCH_CHARACTERS or len(self._ids) >= _BATCH_ARTICLES:
            self._flush()

    def _flush(self) -> None:
        self._new.add_all(SignatureTable(self._ids, np.array(self._instants, np.int64), *sign_texts(self._texts)))
        self._ids.clear()
        self._instants.clear()
        self._texts.clear()
        self._characters = 0
