"""The files that a reindex skipped: those that discovery left out, and members of archives, as the manifest has them."""

from typing import Any

from searchsvc.index import Manifest
from searchsvc.model.skipped import SkipCounter

CORPUS = ""
"""The path of counts in the manifest that belong to the corpus itself, not to an archive in it."""


def record_skipped(skipped: SkipCounter, manifest: Manifest) -> None:
    """Replace the counts of the last discovery in a manifest by these."""
    manifest.delete_skipped(CORPUS)
    for each in skipped:
        manifest.add_skipped(CORPUS, each.reason, each.suffix, each.files)


def report_skipped(manifest: Manifest, skipped: SkipCounter | None = None) -> dict[str, Any]:
    """Return the fields of a ReindexReport that say which files were skipped.

    The counts of archives are those of the manifest. Those of the corpus are `skipped`, or the recorded ones.
    """
    counter = manifest.skipped_files(in_archives=skipped is not None)
    counter.add_all(skipped or ())
    return {"skipped": sum(each.files for each in counter), "skipped_files": tuple(counter)}
