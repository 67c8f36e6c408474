"""The values that pass through the corpus: records and articles with their provenance, read failures and tombstones."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from searchsvc.model.article import Article
from searchsvc.model.skipped import SkippedFiles


@dataclass(frozen=True, slots=True)
class Record:
    """The fields of one record under the file's own names, and the provenance of those that were found elsewhere.

    `is_decoded` says that the reader of the format has decoded character references. In other records, `&amp;` in a title
    or a name stands for `&`.
    """

    fields: Mapping[str, Any]
    provenance: Mapping[str, str] = field(default_factory=dict)
    is_decoded: bool = False

    @classmethod
    def of(cls, found: Mapping[str, tuple[Any, str]]) -> "Record":
        """Return a record of fields that are given as pairs of value and provenance."""
        return cls(
            {name: value for name, (value, _) in found.items()},
            {name: provenance for name, (_, provenance) in found.items()},
        )

    @classmethod
    def decoded(cls, found: Mapping[str, tuple[Any, str]]) -> "Record":
        """Return a decoded record of pairs of value and provenance, without the empty values."""
        return replace(cls.of({name: pair for name, pair in found.items() if pair[0]}), is_decoded=True)

    def __or__(self, other: "Record") -> "Record":
        is_decoded = self.is_decoded or other.is_decoded
        return Record({**self.fields, **other.fields}, {**self.provenance, **other.provenance}, is_decoded)


class ExtractedArticle(NamedTuple):
    """An article, and the provenance of each of its fields that has a value."""

    article: Article
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """A file or record that could not be read, and the reason.

    The file reader fills in `path`, with `#n` for the n-th record. A `transient` failure is the fault of the system.
    """

    reason: str
    path: str = ""
    transient: bool = False


@dataclass(frozen=True, slots=True)
class ReadNote:
    """Something about the reading of a file that a person should know, although nothing is missing that should be there.

    The file reader fills in `path`.
    """

    text: str
    path: str = ""


class Tombstone(NamedTuple):
    """The deletion of the article with this id, as recorded in a file of the corpus."""

    id: str


Item = Article | ReadFailure | ReadNote | Tombstone | SkippedFiles  # one of the things that a file holds
ExtractedItem = ExtractedArticle | ReadFailure | ReadNote | Tombstone | SkippedFiles  # the same, articles with provenance
