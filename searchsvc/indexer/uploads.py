"""Articles added and deleted over HTTP. The corpus changes first, then the index follows."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import NoReturn

from searchsvc.corpus import ReaderProcesses
from searchsvc.corpus.upload_tasks import is_tombstone, prepare_upload, read_id
from searchsvc.corpus.uploads import Draft, delete_leftovers, dump_record, put_path, remove, tombstone_record
from searchsvc.errors import NoIndexError, NotFoundError, SearchsvcError, ServiceError, UserError
from searchsvc.index import Manifest
from searchsvc.indexer.jobs import ReindexJobs
from searchsvc.model.article import Article
from searchsvc.search.service import SearchService

MAX_LINES = 1_000
"""Articles that one request may put. Each takes some milliseconds, since its file is synced to the disk."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change to the corpus: an article, its file, and the time of the file. The time is None if it was deleted."""

    id: str
    path: str
    mtime_ns: int | None
    new: bool = False


class Uploads:
    """Changes the corpus, and requests a reindex after each change."""

    def __init__(self, service: SearchService, jobs: ReindexJobs) -> None:
        self._service = service
        self._corpus = service.settings.corpus
        self._readers = ReaderProcesses()
        self._jobs = jobs

    def put(self, article_id: str, data: bytes) -> Change:
        """Add an article to the corpus, or replace it. Raise UserError if the data is not the JSON of one article."""
        delete_leftovers(self._corpus)
        change = self._save(article_id, data)
        self._jobs.request()
        return change

    def _save(self, article_id: str, data: bytes) -> Change:
        path, new = put_path(article_id), self._find(article_id) is None
        try:
            with Draft(self._corpus, path, data) as draft:
                self._readers.run(prepare_upload, draft.file, path, article_id, self._service.settings.mapping)
                change = Change(article_id, path, draft.file.stat().st_mtime_ns, new)
                draft.publish()
        except OSError as error:
            raise self._not_writable(error) from error
        return change

    def put_lines(self, data: bytes) -> list[Change | SearchsvcError]:
        """Add or replace the article of each line of JSON, and return the changes, or the errors of lines that are refused.

        Each line is saved on its own. Raise UserError if there is no line, if there are too many, or if all are refused. If
        none is saved because of the service, raise its error.
        """
        lines = [line for line in data.split(b"\n") if line.strip()]
        if not 0 < len(lines) <= MAX_LINES:
            raise UserError(f"the body has {len(lines):,} lines; it must have 1 to {MAX_LINES:,} lines of JSON")
        delete_leftovers(self._corpus)  # once, since it lists all uploads
        outcomes = list(map(self._put_line, lines))
        errors = [each for each in outcomes if isinstance(each, SearchsvcError)]
        if len(errors) == len(lines):
            _refuse(errors)
        self._jobs.request()
        return outcomes

    def _put_line(self, line: bytes) -> Change | SearchsvcError:
        try:
            (article_id,) = self._readers.run(read_id, line)
            return self._save(article_id, line)
        except SearchsvcError as error:
            return error

    def delete(self, article_id: str) -> Change:
        """Delete an article from the archive. Raise NotFoundError if there is none with this id.

        An article of another file gets a tombstone, since only uploaded files are ever changed.
        """
        path = put_path(article_id)
        if self._find(article_id) is None and not self._is_uploaded(path):
            raise NotFoundError(f"there is no article with the id “{article_id[:200]}”")
        try:
            if self._is_in_other_file(article_id):
                with Draft(self._corpus, path, dump_record(tombstone_record(article_id))) as draft:
                    change = Change(article_id, path, draft.file.stat().st_mtime_ns)
                    draft.publish()
            else:
                remove(self._corpus, path)
                change = Change(article_id, path, None)
        except OSError as error:
            raise self._not_writable(error) from error
        self._jobs.request()
        return change

    def wait(self, changes: Sequence[Change], timeout: float) -> str | None:
        """Wait until changes are live, and return the generation. Return None if that takes longer than `timeout` seconds.

        Raise ServiceError if reindexing fails. The changes stay in the corpus, and the next reindex tries again.
        """
        until = monotonic() + timeout
        while monotonic() < until:
            requested, status = self._jobs.is_requested, self._jobs.status()
            if name := self._live_with(changes):
                return name
            if requested:
                self._jobs.ensure_running()
            elif status.state != "running":
                raise ServiceError(f"{changes[0].path} is in the corpus, but indexing it failed: {status.error}")
            sleep(0.02)
        return None

    def _find(self, article_id: str) -> Article | None:
        try:
            return self._service.acquire().engine.get(article_id)
        except NoIndexError:
            return None

    def _is_uploaded(self, path: str) -> bool:
        """Return whether the corpus has an uploaded article at this path, even if it is not indexed yet."""
        file = self._corpus / path
        return file.exists() and self._readers.run(is_tombstone, file, path) == [False]

    def _is_in_other_file(self, article_id: str) -> bool:
        with self._service.acquire().generation.open_manifest() as manifest:
            return manifest.is_in_file(article_id)

    def _live_with(self, changes: Sequence[Change]) -> str | None:
        try:
            generation = self._service.acquire().generation
            with generation.open_manifest() as manifest:
                is_live = all(_is_in(manifest, change) for change in changes)
        except (SearchsvcError, sqlite3.OperationalError):
            return None  # there is no index yet, or the generation was deleted at this moment
        return generation.name if is_live else None

    def _not_writable(self, error: OSError) -> ServiceError:
        return ServiceError(f"the corpus {self._corpus} cannot be written ({error.strerror}): nothing was changed")


def _refuse(errors: Sequence[SearchsvcError]) -> NoReturn:
    for error in errors:
        if not isinstance(error, UserError):
            raise error
    raise UserError(f"no line was accepted; the first: {errors[0].public}") from errors[0]


def _is_in(manifest: Manifest, change: Change) -> bool:
    """Return whether a generation has a change."""
    state = manifest.file(change.path)
    return state is None if change.mtime_ns is None else state is not None and state.mtime_ns >= change.mtime_ns
