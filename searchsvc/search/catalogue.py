"""All articles of an archive, in parts of bounded size: their ids, and when each last changed."""

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import NamedTuple

from searchsvc.engines.protocol import Engine
from searchsvc.errors import UnavailableError
from searchsvc.index.generation import Generation
from searchsvc.index.manifest import Manifest
from searchsvc.messages import Message

PART = 5_000
"""Records of a part. It has fewer articles if some of them are not indexed."""
MAX_ENTRIES = 50_000
"""The most articles of a part, even if very many share one id."""


class Entry(NamedTuple):
    """An article, and when it last changed: an instant, a day, or None if that is not known."""

    id: str
    changed: dt.datetime | dt.date | None


class Catalogue:
    """The articles of one generation. Changes are those that it has recorded, or else the dates of the articles.

    Without an engine, these dates are left out: on a cluster, each would be a request.
    """

    def __init__(self, generation: Generation, engine: Engine | None, part: int = PART) -> None:
        self._generation = generation
        self._engine = engine
        self._part = part

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The last id of each part. Looking them up takes a tenth of a second for ten million articles."""
        with self._manifest() as manifest:
            return tuple(manifest.id_bounds(self._part))

    def entries(self, part: int) -> Iterator[Entry]:
        """Yield the articles of a part, the first of which is 0."""
        after = self.parts[part - 1] if part else ""
        with self._manifest() as manifest:
            listed = manifest.indexed_between(after, self.parts[part], MAX_ENTRIES)
        for article_id, time in listed:
            yield Entry(article_id, self._date(article_id) if time is None else dt.datetime.fromtimestamp(time, dt.UTC))

    def _date(self, article_id: str) -> dt.datetime | dt.date | None:
        article = self._engine.get(article_id) if self._engine is not None else None
        return (article.published or article.date) if article else None

    @contextmanager
    def _manifest(self) -> Iterator[Manifest]:
        """Open the manifest. Raise UnavailableError if the generation has been deleted meanwhile."""
        try:
            with self._generation.open_manifest() as manifest:
                yield manifest
        except sqlite3.Error as error:
            detail = Message("the list of articles cannot be read at the moment")
            raise UnavailableError(f"{detail} ({error})", public=detail) from error
