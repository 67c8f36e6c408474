"""Files that are not read, counted by reason and suffix, so that no reindex leaves out anything without a word."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MAX_SUFFIXES = 100  # that are counted one by one
OTHER_SUFFIXES = "others"
"""The suffix under which all further ones are counted."""

UNKNOWN_FORMAT = "unknown format"
HIDDEN = "hidden"
LINK_OUT = "link out of the corpus"
LINK_TO_FOLDER = "link to a folder"
DEAD_LINK = "link to nothing"
SPECIAL = "not a regular file"
IS_SYNONYMS = "list of synonyms"

SYNONYMS = "synonyms.txt"
"""The name of the file in the corpus that is no article, but a list of synonyms."""


@dataclass(frozen=True, slots=True)
class SkippedFiles:
    """The number of files with one suffix that are not read for one reason. A hidden folder counts as one file.

    The suffix is "" if there is none, or if the suffix is not the reason.
    """

    reason: str
    suffix: str
    files: int


class SkipCounter:
    """Counts of skipped files. They need no more memory for a million files, or for a million suffixes, than for a few."""

    def __init__(self) -> None:
        self._files: Counter[tuple[str, str]] = Counter()

    def add(self, reason: str, suffix: str = "", files: int = 1) -> None:
        key = (reason, suffix)
        if key not in self._files and len(self._files) >= MAX_SUFFIXES:
            key = (reason, OTHER_SUFFIXES if suffix else "")
        self._files[key] += files

    def add_all(self, skipped: Iterable[SkippedFiles]) -> None:
        for each in skipped:
            self.add(each.reason, each.suffix, each.files)

    def __iter__(self) -> Iterator[SkippedFiles]:
        """Yield the counts, the highest first."""
        counts = sorted(self._files.items(), key=lambda count: (-count[1], count[0]))
        return (SkippedFiles(*key, files) for key, files in counts)
