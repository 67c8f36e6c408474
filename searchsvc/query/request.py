"""The request that an engine answers, and the limits of requests."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from searchsvc.model.cursors import Cursor
from searchsvc.query.ast import MatchAll, Node

MAX_QUERY = 1_000  # characters of a query
MAX_PER_PAGE = 100
MAX_DEPTH = 10_000  # Hits that numbered pages reach. A cursor continues from there.
PER_PAGE = 10
FACET_VALUES = 50  # values of each facet that are counted
PAGE_FACET_VALUES = 8  # those that a page shows
MAX_WORDS = 1_024  # words that the wildcards of one query may expand to in all

Sort = Literal["relevance", "newest", "oldest"]
Match = Literal["all", "any"]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search, independent of the engine.

    `filters` maps metadata fields to exact values: values of one field are alternatives, and every field must match.
    `dates` are the selected periods of the date facet: years, months or days. `start` and `end` are days, both included.
    `facets` names the metadata fields to count, in order, and `facet_values` is the number of values of each; `date_facet`
    requests the date facet. If `after` is given, the page begins there and `page` is ignored. Of the words that the
    wildcards of `tree` match, the `max_words` most frequent are used by engines that expand them.
    """

    tree: Node = field(default_factory=MatchAll)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    dates: tuple[str, ...] = ()
    start: dt.date | None = None
    end: dt.date | None = None
    sort: Sort = "relevance"
    page: int = 1
    after: Cursor | None = None
    per_page: int = PER_PAGE
    max_words: int = MAX_WORDS
    facets: tuple[str, ...] = ()
    facet_values: int = FACET_VALUES
    date_facet: bool = False
