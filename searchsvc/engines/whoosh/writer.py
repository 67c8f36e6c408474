"""Articles into an index."""

from collections import Counter
from pathlib import Path

from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex, exists_in

from searchsvc.analysis.analyzer import Analyzer
from searchsvc.engines.stored import instant, metadata
from searchsvc.engines.whoosh.schema import UNDATED, build_schema, meta_term, translating_errors
from searchsvc.model.article import Article

_MEMORY_MB = 128


class WhooshWriter:
    """The one writer of an index; the library locks the folder against a second."""

    def __init__(self, folder: Path, language: str, expected_bytes: int) -> None:
        self._analyzer = Analyzer(language)
        folder.mkdir(exist_ok=True)
        with translating_errors("opening the index for writing"):
            storage = FileStorage(str(folder))
            self._index: FileIndex = (
                storage.open_index() if exists_in(str(folder)) else storage.create_index(build_schema())
            )
            self._writer = self._index.writer(limitmb=_MEMORY_MB)
        self._added: Counter[str] = Counter()
        self._outdated: Counter[str] = Counter()
        self._open = True

    def add(self, article: Article, stored: bytes) -> None:
        """Add an article whose id is not in the index; `stored` is what `stored.dump` makes of it."""
        title, title_words = self._analyzer.analyze_both(article.title)
        body, body_words = self._analyzer.analyze_both(article.body)
        with translating_errors(f"adding the article {article.id}"):
            self._writer.add_document(
                id=[article.id],
                key=_key(article),
                title=title,
                body=body,
                title_words=title_words,
                body_words=body_words,
                meta=list({meta_term(name, value) for name, values in metadata(article).items() for value in values}),
                article=stored,
            )
        self._added[article.id] += 1

    def delete(self, article_id: str) -> None:
        """Remove the article with this id, if there is one."""
        with translating_errors(f"deleting the article {article_id}"):
            self._writer.delete_by_term("id", article_id)
        # Whoosh does not find what it has not committed yet: that goes afterwards.
        self._outdated[article_id] = self._added[article_id]

    def commit(self) -> None:
        """Write all that is new; the caller makes the files durable, which Whoosh never does."""
        with translating_errors("committing"):
            self._writer.commit()
            outdated = {article_id: number for article_id, number in self._outdated.items() if number}
            if outdated:
                self._remove(outdated)
        self._open = False

    def close(self) -> None:
        """Give up the folder; what was not committed is lost."""
        if self._open:
            self._open = False
            with translating_errors("giving up"):
                self._writer.cancel()

    def _remove(self, outdated: dict[str, int]) -> None:
        """Remove as many of the first documents with these ids."""
        with self._index.reader() as reader:
            postings = {article_id: reader.postings("id", article_id).all_ids() for article_id in outdated}
            gone = [doc for article_id, number in outdated.items() for doc in sorted(postings[article_id])[:number]]
        writer = self._index.writer()
        for doc in gone:
            writer.delete_document(doc)
        writer.commit(merge=False)


def _key(article: Article) -> bytes:
    """Day, instant and id."""
    if article.date is None:
        return f"{UNDATED}|{UNDATED}|{article.id}".encode()
    return f"{article.date.toordinal()}|{instant(article)}|{article.id}".encode()
