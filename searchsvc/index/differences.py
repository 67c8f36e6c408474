"""Which articles are new in a manifest, or have changed since an earlier one, and which have other ids.

The rows of both are compared by their place in the corpus first, in the order in which SQLite keeps them. Only the few that
differ there are looked up by their ids. Everything is done in SQLite, so that two large manifests take little memory.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

_ID = "iif({0}.alias = '', {0}.id, {0}.alias)"
_LIVE, _BASE = _ID.format("live"), _ID.format("base")
_SAME_PLACE = "live.path = base.path AND live.number = base.number"
_CANDIDATES = f"""
CREATE TEMP TABLE candidates AS
SELECT {_LIVE} AS id, live.path AS path, live.content AS content, live.fingerprint AS fingerprint
FROM live.articles AS live LEFT JOIN base.articles AS base ON {_SAME_PLACE}
WHERE live.alias IS NOT NULL AND (live.fingerprint, live.id, live.alias) IS NOT (base.fingerprint, base.id, base.alias)
"""  # noqa: S608  constants
# Articles that have left their place, and have no row under their id any more: one for each text.
_VANISHED = f"""
CREATE TEMP TABLE vanished AS
SELECT base.content AS content, min({_BASE}) AS id
FROM base.articles AS base LEFT JOIN live.articles AS live ON {_SAME_PLACE}
WHERE base.alias IS NOT NULL AND base.content > x'' AND (live.alias IS NULL OR {_LIVE} <> {_BASE})
AND NOT EXISTS (SELECT 1 FROM live.articles AS own
    WHERE own.id = {_BASE} AND own.alias = '' AND own.content = base.content)
AND NOT EXISTS (SELECT 1 FROM live.articles AS own
    WHERE own.alias = {_BASE} AND own.alias > '' AND own.content = base.content)
GROUP BY base.content
"""  # noqa: S608
_DIFFERENCES = """
SELECT each.id, coalesce(own.path, alias.path) AS former, each.path
FROM candidates AS each
LEFT JOIN base.articles AS own ON own.id = each.id AND own.alias = ''
LEFT JOIN base.articles AS alias ON alias.alias = each.id AND alias.alias > ''
WHERE coalesce(own.fingerprint, alias.fingerprint) IS NOT each.fingerprint
AND (former IS NOT NULL OR each.content NOT IN (SELECT content FROM vanished))
ORDER BY each.id
"""
_RENAMED = """
SELECT vanished.id, min(each.id)
FROM candidates AS each JOIN vanished USING (content)
WHERE NOT EXISTS (SELECT 1 FROM base.articles AS own WHERE own.id = each.id AND own.alias = '')
AND NOT EXISTS (SELECT 1 FROM base.articles AS own WHERE own.alias = each.id AND own.alias > '')
GROUP BY vanished.id
"""


class Difference(NamedTuple):
    """An article that is new, or that is not the same as before. `has_moved` if it was in another file then."""

    id: str
    is_new: bool
    has_moved: bool


class Comparison:
    """A manifest beside an earlier one. Its methods raise sqlite3.Error if one of them cannot be read."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def differences(self) -> Iterator[Difference]:
        """Yield the articles that are new or have changed, in the order of their ids. A renamed file has none."""
        for article_id, former, path in self._database.execute(_DIFFERENCES):
            yield Difference(article_id, former is None, former not in (None, path))

    def renamed(self) -> Iterator[tuple[str, str]]:
        """Yield the former id and the id of articles that have another one since their file was renamed."""
        yield from self._database.execute(_RENAMED)


@contextmanager
def compared(live: Path, base: Path) -> Iterator[Comparison]:
    """Compare a manifest with an earlier one. Raise sqlite3.Error if one of them cannot be read."""
    with closing(sqlite3.connect("file::memory:", uri=True)) as database:
        database.execute("PRAGMA temp_store = FILE")
        for name, file in (("live", live), ("base", base)):
            database.execute(f"ATTACH ? AS {name}", (f"{file.resolve().as_uri()}?mode=ro",))
        database.execute(_CANDIDATES)
        database.execute(_VANISHED)
        database.execute("CREATE INDEX temp.vanished_by_content ON vanished (content)")
        yield Comparison(database)
