"""What readers make of files, taken into a manifest and into an engine; and what there is to tell of it.

Whoever reads the corpus, or a part of it, says what becomes of an article and of a withdrawal: see searchsvc.reindex and
searchsvc.parts.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field

from searchsvc.config import Settings
from searchsvc.corpus import Batch, ReadFailure, SourceFile, Tombstone, read_files, suffix
from searchsvc.index.manifest import FileState, Manifest, RecordLocation
from searchsvc.model.article import Article


@dataclass(slots=True)
class Progress:
    """How far a reindex has come; bytes are those of the files that have to be read."""

    total_bytes: int = 0
    done_bytes: int = 0
    articles: int = 0
    failures: int = 0


@dataclass(slots=True)
class Counts:
    """What was read of one format: files, their bytes, their articles, and what in them could not be read."""

    files: int = 0
    bytes: int = 0
    articles: int = 0
    failures: int = 0


@dataclass(slots=True)
class Report:
    """What a reindex did. `generation` is the live one afterwards, None where the corpus was empty and nothing was live.

    `full` says why everything was read, "" where only changes were. `failures` are those of files that were read now;
    `formats` counts these files by their suffix.
    """

    generation: str | None = None
    full: str = ""
    published: bool = False
    articles: int = 0
    files: int = 0
    read: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    failures: list[ReadFailure] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    formats: dict[str, Counts] = field(default_factory=dict)
    seconds: float = 0.0


class Ingester(ABC):
    """Reads files into a manifest, tells how far it has come, and leaves to others what becomes of the articles."""

    def __init__(self, settings: Settings, files: Iterable[SourceFile], report: Report) -> None:
        self._settings = settings
        self._files = list(files)
        self._report = report
        self._progress = Progress(total_bytes=sum(source.size for source in self._files))
        self._under_way: dict[str, int] = {}

    @abstractmethod
    def article(self, article: Article, place: RecordLocation) -> None:
        """Take an article that was read."""

    @abstractmethod
    def withdrawal(self, article_id: str, place: RecordLocation) -> None:
        """Take it that the article with this id is withdrawn."""

    def read(self, manifest: Manifest, tell: Callable[[Progress], None]) -> None:
        """Read all the files; `tell` is called every few articles."""
        with closing(read_files(self._files, self._settings.mapping, self._settings.processes)) as parts:
            for part in parts:
                self._take(part, manifest)
                self._show(part, tell)

    def _take(self, part: Batch, manifest: Manifest) -> None:
        source = part.source
        counts = self._report.formats.setdefault(suffix(source.path), Counts())
        for number, item in enumerate(part.items, start=part.first):
            match item:
                case ReadFailure():
                    counts.failures += 1
                    self._report.failures.append(item)
                    manifest.add_failure(source.path, item.path, item.reason)
                case Tombstone():
                    self.withdrawal(item.id, RecordLocation(source.path, number))
                case Article():
                    counts.articles += 1
                    self._progress.articles += 1
                    self.article(item, RecordLocation(source.path, number))
        if part.digest is not None:
            manifest.add_file(source.path, FileState(source.size, source.mtime_ns, part.digest))
            self._report.read += 1
            counts.files += 1
            counts.bytes += source.size

    def _show(self, part: Batch, tell: Callable[[Progress], None]) -> None:
        """How far it has come; files that are read at once are all under way."""
        progress = self._progress
        progress.done_bytes += part.bytes_read - self._under_way.pop(part.source.path, 0)
        if part.digest is None:
            self._under_way[part.source.path] = part.bytes_read
        progress.failures = len(self._report.failures)
        tell(progress)
