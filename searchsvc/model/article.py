"""The nouns: what flows between the parts. Frozen values without behaviour; dicts, JSON and HTML are made at the edge."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

METADATA = ("section", "source", "place", "author", "tag", "language")
"""Metadata fields that an article may have beside those in `extra`, in the order in which facets are offered."""
FIELDS = ("id", "title", "body", "date", "author", "source", "section", "place", "tag", "language", "url")
"""Fields of an article that records may name."""
FieldMapping = tuple[tuple[str, str], ...]
"""Names in records and the fields that they mean, beside the usual ones and before them."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article of the archive.

    `date` is the calendar day as the publisher wrote it, `published` the instant where one is known (always with a time
    zone). `extra` holds every other metadata field under its own name. Unknown text is "", unknown values are ().
    """

    id: str
    title: str
    body: str
    path: str
    date: dt.date | None = None
    published: dt.datetime | None = None
    author: tuple[str, ...] = ()
    source: str = ""
    section: str = ""
    place: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    language: str = ""
    url: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
