"""Files that a reindex cannot reach: they are in a folder that cannot be listed, or the system refuses to read them.

They count neither as deleted nor as empty. The index keeps their articles as they were, the report says why, and the next
reindex tries again.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from typing import Self

from searchsvc.config import Settings
from searchsvc.corpus import ReadFailure
from searchsvc.engines.protocol import Engine
from searchsvc.engines.registry import backend_for
from searchsvc.errors import UserError
from searchsvc.index import MANIFEST_VERSION, ArticleRow, Generation, Manifest
from searchsvc.indexer.ingest import Found
from searchsvc.model.article import Article

UNREACHABLE = ""
"""The path of failures in the manifest that belong to no file that was read."""
_CARRIED_OVER = 2**40  # added to the numbers of records, so that none is that of a record that was read


class Unreachable:
    """The folders and files that could not be reached. `add` is a callback of discovery."""

    def __init__(self, paths: Iterable[str] = ()) -> None:
        self.paths = set(paths)
        self.failures: list[ReadFailure] = []

    def add(self, failure: ReadFailure) -> None:
        self.failures.append(failure)
        self.paths.add(failure.path)

    def covers(self, path: str) -> bool:
        """Return whether a file is in a folder that could not be reached, or could not be reached itself."""
        return not self.paths.isdisjoint(accumulate(path.split("/"), "{}/{}".format))

    def require(self, paths: Iterable[str]) -> None:
        """Raise UserError if one of these files could not be reached."""
        for path in paths:
            if self.covers(path):
                reasons = "; ".join(f"{failure.path} {failure.reason}" for failure in self.failures[:3])
                raise UserError(f"{path} is in the index, but out of reach ({reasons}): make it readable", param="corpus")

    def record(self, manifest: Manifest) -> None:
        """Replace the failures of the last reindex in a manifest by these."""
        manifest.delete_failures(UNREACHABLE)
        for failure in self.failures:
            manifest.add_failure(UNREACHABLE, failure.path, failure.reason)


class FormerArticles:
    """The articles of the live generation, for files that cannot be read now. A context manager.

    There are none if another version wrote the generation or, unless it `is_sound` for certain, if it is damaged.
    """

    def __init__(self, live: Generation | None, settings: Settings, *, is_sound: bool) -> None:
        self._live = live
        self._settings = settings
        self._is_sound = is_sound
        self._manifests = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._manifests.close()

    def get(self, path: str, number: int) -> Article | None:
        """Return the article of a record, or None if it was not indexed."""
        if self._opened is None:
            return None
        manifest, engine = self._opened
        row = manifest.row(path, number) or manifest.row(path, number % _CARRIED_OVER)
        return _article(row, engine) if row is not None else None

    def carry_over(self, lost: Unreachable, draft: Manifest) -> Iterator[Found]:
        """Yield the articles and tombstones of these files, except for those that were read anew.

        Files that the draft does not know are recorded as unread.
        """
        if self._opened is None:
            return
        manifest, engine = self._opened
        for path, state in manifest.files().items():
            if lost.covers(path):
                if draft.file(path) is None:
                    draft.add_file(path, state._replace(hash=b""))
                for row in manifest.rows(path):
                    carried = row._replace(number=row.number % _CARRIED_OVER + _CARRIED_OVER, indexed_as=None)
                    article = _article(row, engine)
                    if (article is not None or row.is_tombstone) and draft.earlier_record(carried) is None:
                        yield Found(carried, article)

    @cached_property
    def _opened(self) -> tuple[Manifest, Engine] | None:
        live = self._live
        if live is None or not (self._is_sound or not any(live.verify_checksums())):
            return None
        info = live.info()
        backend = backend_for(info.engine, self._settings)
        if (info.schema, info.manifest) != (backend.schema_version, MANIFEST_VERSION):
            return None
        return self._manifests.enter_context(Manifest(live.manifest)), backend.open(live.engine, info.languages)


def _article(row: ArticleRow, engine: Engine) -> Article | None:
    """Return the article of a row under the id that its file gives it, or None if it is not indexed."""
    article = engine.get(row.indexed_as) if row.indexed_as is not None else None
    return replace(article, id=row.id) if article is not None else None
