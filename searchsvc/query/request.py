"""One search, as every engine takes it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from searchsvc.model.cursors import After
from searchsvc.query.ast import MatchAll, Node

MAX_QUERY = 1_000
"""Characters of a query."""
MAX_PER_PAGE = 100
MAX_DEPTH = 10_000
"""Hits that numbered pages reach; a cursor goes on from there."""
PER_PAGE = 10

Sort = Literal["relevance", "newest", "oldest"]
Match = Literal["all", "any"]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search, as every engine takes it.

    `filters` maps metadata fields to exact values (values of one field are alternatives, fields all hold). `dates` are
    the ticked values of the date facet: years, months or days. `start` and `end` are days, both included. `facets` are
    the metadata fields to count, in the order wanted; the date facet is `date`. With `after`, the page begins there, and
    `page` says nothing.
    """

    tree: Node = field(default_factory=MatchAll)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None
    sort: Sort = "relevance"
    page: int = 1
    after: After | None = None
    per_page: int = 10
    facets: tuple[str, ...] = ()
