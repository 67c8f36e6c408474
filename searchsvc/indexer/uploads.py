"""Articles put into the archive and taken out of it over HTTP: a file in the corpus first, then the index follows."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

from searchsvc.corpus.metadata.field_mapping import FieldMapper
from searchsvc.corpus.reader import FileReader, ReadFailure
from searchsvc.corpus.uploads import Draft, Tombstone, is_put, put_path, remove, tombstone_record
from searchsvc.errors import NoIndexError, NotFoundError, SearchsvcError, ServiceError, UserError
from searchsvc.index.manifest import FileState, Manifest
from searchsvc.indexer.jobs import ReindexJobs
from searchsvc.model.article import Article
from searchsvc.search.service import SearchService

_EACH_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed in the corpus: the article's id, its file, and that file's time, None where it is gone.

    `new` tells whether there was no such article before.
    """

    id: str
    path: str
    mtime_ns: int | None
    new: bool = False


class Changes:
    """Changes the corpus, and has the index follow."""

    def __init__(self, service: SearchService, background: ReindexJobs) -> None:
        self._service = service
        self._corpus = service.settings.corpus
        self._names = FieldMapper(service.settings.mapping)
        self._background = background

    def put(self, article_id: str, record: Mapping[str, Any]) -> Change:
        """Put an article into the corpus, for good; raises UserError for a record that is none."""
        path, new = put_path(article_id), self._found(article_id) is None
        try:
            with Draft(self._corpus, path, {"id": article_id, **record}) as draft:
                self._check(draft, path, article_id)
                change = Change(article_id, path, draft.file.stat().st_mtime_ns, new)
                draft.publish()
        except OSError as error:
            raise _unwritable(self._corpus, error) from error
        self._background.want()
        return change

    def delete(self, article_id: str) -> Change:
        """Take an article out of the archive, for good; raises NotFoundError where there is none."""
        path = put_path(article_id)
        if self._found(article_id) is None and not self._is_put(path):
            raise NotFoundError(f"there is no article with the id “{article_id[:200]}”")
        try:
            change = self._withdraw(article_id, path) if self._is_elsewhere(article_id) else self._remove(article_id, path)
        except OSError as error:
            raise _unwritable(self._corpus, error) from error
        self._background.want()
        return change

    def generation(self, change: Change, seconds: float) -> str | None:
        """The generation from which on a change can be seen; None where that took longer than so many seconds.

        Raises ServiceError where reindexing failed; what was changed in the corpus is kept, and the next one tries again.
        """
        until = monotonic() + seconds
        while monotonic() < until:
            wanted, status = self._background.is_wanted, self._background.status()
            if name := self._seen(change):
                return name
            if wanted:
                self._background.ensure_running()
            elif status.state != "running":
                raise ServiceError(f"{change.path} is in the corpus, but indexing it failed: {status.error}")
            sleep(_EACH_SECONDS)
        return None

    def _check(self, draft: Draft, path: str, article_id: str) -> None:
        """Read what was written as a reindex will."""
        items = list(FileReader(draft.file, path, self._names))
        match items:
            case [Article(id=found)] if found == article_id:
                return
            case [Article(id=found)]:
                raise UserError(f"the article's own id is “{found[:200]}”, another than that of the address", param="id")
            case [ReadFailure(reason=reason)]:
                raise UserError(f"the article {reason}")
            case _:
                raise UserError("one JSON object is wanted, with the fields of one article")

    def _withdraw(self, article_id: str, path: str) -> Change:
        with Draft(self._corpus, path, tombstone_record(article_id)) as draft:
            change = Change(article_id, path, draft.file.stat().st_mtime_ns)
            draft.publish()
        return change

    def _remove(self, article_id: str, path: str) -> Change:
        remove(self._corpus, path)
        return Change(article_id, path, None)

    def _found(self, article_id: str) -> Article | None:
        try:
            return self._service.live().engine.get(article_id)
        except NoIndexError:
            return None

    def _is_put(self, path: str) -> bool:
        """Whether an article lies there that may not be indexed yet."""
        file = self._corpus / path
        return file.exists() and not any(isinstance(item, Tombstone) for item in FileReader(file, path, self._names))

    def _is_elsewhere(self, article_id: str) -> bool:
        with Manifest(self._service.live().generation.manifest) as manifest:
            return any(not is_put(place.path) for place in manifest.places(article_id))

    def _seen(self, change: Change) -> str | None:
        try:
            generation = self._service.live().generation
            with Manifest(generation.manifest) as manifest:
                known = manifest.file(change.path)
        except (SearchsvcError, sqlite3.OperationalError):
            return None  # there is none yet, or it was replaced at this moment
        return generation.name if _is_as_new(known, change) else None


def _is_as_new(known: FileState | None, change: Change) -> bool:
    if known is None or change.mtime_ns is None:
        return known is None and change.mtime_ns is None
    return known.mtime_ns >= change.mtime_ns


def _unwritable(corpus: object, error: OSError) -> ServiceError:
    return ServiceError(f"the corpus {corpus} cannot be written ({error.strerror}): nothing was changed")
