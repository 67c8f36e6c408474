"""Files that a reindex cannot reach: they are in a folder that cannot be listed, or the system refuses to read them.

They count neither as deleted nor as empty. The index keeps their articles as they were, the report says why, and the next
reindex tries again.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate

from searchsvc.config import Settings
from searchsvc.corpus import ReadFailure, Tombstone
from searchsvc.engines.protocol import Engine
from searchsvc.engines.registry import backend_for
from searchsvc.errors import UserError
from searchsvc.index import MANIFEST_VERSION, TOMBSTONE, Generation, Manifest, RecordLocation
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


def carry_over(
    lost: Unreachable, live: Generation, draft: Manifest, settings: Settings
) -> Iterator[tuple[RecordLocation, Article | Tombstone]]:
    """Yield the articles and tombstones that a generation has of these files, except for those that were read anew.

    Files that the draft does not know are recorded as unread. Yield nothing if the generation is of another version.
    """
    if (engine := _open(live, settings)) is None:
        return
    with live.open_manifest() as manifest:
        for path, state in manifest.files().items():
            if lost.covers(path):
                if draft.file(path) is None:
                    draft.add_file(path, state._replace(hash=b""))
                yield from _indexed_items(path, manifest, draft, engine)


def _indexed_items(
    path: str, manifest: Manifest, draft: Manifest, engine: Engine
) -> Iterator[tuple[RecordLocation, Article | Tombstone]]:
    for location, article_id, fingerprint in manifest.indexed(path):
        current = draft.indexed_location(article_id)
        if current is not None and current.path == path:
            continue
        carried = location._replace(number=location.number % _CARRIED_OVER + _CARRIED_OVER)
        if fingerprint == TOMBSTONE:
            yield carried, Tombstone(article_id)
        elif (article := engine.get(article_id)) is not None:
            yield carried, article


def _open(generation: Generation, settings: Settings) -> Engine | None:
    """Return the engine of a generation, or None if another version wrote it."""
    info = generation.info()
    backend = backend_for(info.engine, settings)
    if (info.schema, info.manifest) != (backend.schema_version, MANIFEST_VERSION):
        return None
    return backend.open(generation.engine, info.language)
