"""Values that the other packages exchange: articles, results, periods, cursors and languages.

They are frozen, do no input or output, and know no other package. Requests and trees are in `query`, JSON is in `api`.
"""

from searchsvc.model.article import FIELDS, METADATA, Article
from searchsvc.model.cursors import Cursor, InstantCursor, RankCursor, UndatedCursor
from searchsvc.model.languages import LANGUAGES
from searchsvc.model.periods import Period, Unit
from searchsvc.model.results import (
    DateFacet,
    Facets,
    FacetValue,
    FieldFacet,
    Hit,
    ResultPage,
    Results,
    ScoredArticle,
    Snippet,
    Suggestions,
    TermCount,
    Timings,
    TitleSuggestion,
)

__all__ = [
    "FIELDS",
    "LANGUAGES",
    "METADATA",
    "Article",
    "Cursor",
    "DateFacet",
    "FacetValue",
    "Facets",
    "FieldFacet",
    "Hit",
    "InstantCursor",
    "Period",
    "RankCursor",
    "ResultPage",
    "Results",
    "ScoredArticle",
    "Snippet",
    "Suggestions",
    "TermCount",
    "Timings",
    "TitleSuggestion",
    "UndatedCursor",
    "Unit",
]
