"""The progress of a reindex, and the report at its end."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from searchsvc.corpus import Batch, ReadFailure, ReadNote, SourceFile, suffix
from searchsvc.model.article import Article
from searchsvc.model.skipped import SkippedFiles


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a reindex is. The bytes are those of the files that have to be read."""

    total_bytes: int = 0
    done_bytes: int = 0
    articles: int = 0
    failures: int = 0


OnProgress = Callable[[Progress], None]
"""A function that is called after every batch of articles."""


@dataclass(frozen=True, slots=True)
class FormatCounts:
    """The files of one format that were read: their number, their bytes, and the articles and failures in them."""

    files: int = 0
    bytes: int = 0
    articles: int = 0
    failures: int = 0


@dataclass(frozen=True, slots=True)
class ReindexReport:
    """The result of a reindex.

    `generation` is the live one afterwards, or None if parts of a distributed reindex are missing. `full` is the reason for
    reading every file, or None. `articles` and `files` count the whole archive, `failures` and `formats` what was read.
    `notes` says what a person should know about files that were read. `duplicates` says which articles are left out because
    others have their ids, and `aliases` which got other ids.
    `unindexed_fields` counts the metadata fields of the archive that are only kept with their articles. `skipped` counts
    the files of the whole corpus that are not read, and `skipped_files` says why.
    """

    generation: str | None = None
    full: str | None = None
    published: bool = False
    articles: int = 0
    files: int = 0
    read: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    failures: tuple[ReadFailure, ...] = ()
    notes: tuple[str, ...] = ()
    duplicates: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    unindexed_fields: int = 0
    skipped: int = 0
    skipped_files: tuple[SkippedFiles, ...] = ()
    formats: Mapping[str, FormatCounts] = field(default_factory=dict)
    seconds: float = 0.0

    def shortened(self, limit: int) -> "ReindexReport":
        """Return the report with at most `limit` lines of each kind."""
        return replace(
            self,
            failures=self.failures[:limit],
            notes=self.notes[:limit],
            duplicates=self.duplicates[:limit],
            aliases=self.aliases[:limit],
        )


class ReadCounts:
    """Counts of the batches that have been read so far."""

    def __init__(self, files: Iterable[SourceFile]) -> None:
        self.failures: list[ReadFailure] = []
        self.notes: list[str] = []
        self.refused: list[str] = []  # paths of files that the system refused to read
        self._total_bytes = sum(source.size for source in files)
        self._done_bytes = 0
        self._open_files: dict[str, int] = {}
        self._formats: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, batch: Batch) -> None:
        """Count a batch, and its file if this is the last batch of it."""
        counts = self._formats[suffix(batch.source.path)]
        failures = [item for item in batch.items if isinstance(item, ReadFailure)]
        self.failures += failures
        self.notes += (f"{item.path}: {item.text}" for item in batch.items if isinstance(item, ReadNote))
        counts.update(failures=len(failures), articles=sum(isinstance(item, Article) for item in batch.items))
        # Several files are read at the same time, so each has its own position.
        self._done_bytes += batch.bytes_read - self._open_files.pop(batch.source.path, 0)
        if batch.digest is None:
            self._open_files[batch.source.path] = batch.bytes_read
        else:
            counts.update(files=1, bytes=batch.source.size)
            self.refused += [] if batch.digest else [batch.source.path]

    def progress(self) -> Progress:
        """Return the progress of reading."""
        articles = sum(counts["articles"] for counts in self._formats.values())
        return Progress(self._total_bytes, self._done_bytes, articles, len(self.failures))

    def report_fields(self) -> dict[str, Any]:
        """Return the fields of a ReindexReport that count what was read."""
        formats = {kind: FormatCounts(**counts) for kind, counts in self._formats.items()}
        read = sum(counts.files for counts in formats.values())
        return {"read": read, "failures": tuple(self.failures), "notes": tuple(self.notes), "formats": formats}
