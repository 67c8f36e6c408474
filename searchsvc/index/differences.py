"""Which articles a manifest has that an earlier one has not, or has otherwise.

The rows of both are compared by their place in the corpus first, in the order in which SQLite keeps them. Only the few that
differ there are looked up by their ids. Everything is done in SQLite, so that two large manifests take little memory.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
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
# Texts of articles that have left their place, and have no row under their id any more.
_VANISHED = f"""
CREATE TEMP TABLE vanished AS
SELECT DISTINCT base.content AS content
FROM base.articles AS base LEFT JOIN live.articles AS live ON {_SAME_PLACE}
WHERE base.alias IS NOT NULL AND base.content > x'' AND (live.alias IS NULL OR {_LIVE} <> {_BASE})
AND NOT EXISTS (SELECT 1 FROM live.articles AS own
    WHERE own.id = {_BASE} AND own.alias = '' AND own.content = base.content)
AND NOT EXISTS (SELECT 1 FROM live.articles AS own
    WHERE own.alias = {_BASE} AND own.alias > '' AND own.content = base.content)
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


class Difference(NamedTuple):
    """An article that is new, or that is not the same as before. `has_moved` if it was in another file then."""

    id: str
    is_new: bool
    has_moved: bool


def differences(live: Path, base: Path) -> Iterator[Difference]:
    """Yield the articles of a manifest that an earlier one has not, or has otherwise, in the order of their ids.

    A file that was renamed has no new articles. Raise sqlite3.Error if a manifest cannot be read.
    """
    with closing(sqlite3.connect("file::memory:", uri=True)) as database:
        database.execute("PRAGMA temp_store = FILE")
        for name, file in (("live", live), ("base", base)):
            database.execute(f"ATTACH ? AS {name}", (f"{file.resolve().as_uri()}?mode=ro",))
        database.execute(_CANDIDATES)
        database.execute(_VANISHED)
        database.execute("CREATE INDEX temp.vanished_by_content ON vanished (content)")
        for article_id, former, path in database.execute(_DIFFERENCES):
            yield Difference(article_id, former is None, former not in (None, path))
