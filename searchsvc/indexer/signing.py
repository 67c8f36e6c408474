"""Signatures of the articles that a reindex writes."""

from searchsvc.analysis.signature import Signature, sign_texts
from searchsvc.index.signatures import NewSignatures, SignatureTable
from searchsvc.index.stories import UNDATED
from searchsvc.model.article import Article, instant
from searchsvc.model.limits import SIGNATURE_SIZE

_NONE = Signature(0, bytes(4 * SIGNATURE_SIZE))


class Signer:
    """The signatures of articles that are added to the index or deleted from it. The last one of an article counts."""

    def __init__(self) -> None:
        self._new = NewSignatures()

    def add(self, article: Article, signature: Signature | None = None) -> None:
        """Add an article, whose text is signed now unless its signature is given."""
        signed = signature if signature is not None else sign_texts([article.body])[0]
        self._new.add(article.id, instant(article) if article.date is not None else UNDATED, *signed)

    def delete(self, article_id: str) -> None:
        self._new.add(article_id, UNDATED, *_NONE)

    def table(self) -> SignatureTable:
        """Return the signatures, and forget them. Articles that were deleted have the length 0."""
        found, self._new = self._new.table(), NewSignatures()
        return found
